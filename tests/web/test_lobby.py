"""The lobby screen and the plan on the phone, as the server sends them."""

import json
import re
from xml.etree.ElementTree import Element

import pytest
import segno

from booking.database import db, transaction
from booking.domain.status import Status
from booking.models import House, Occurrence, Room
from booking.web.lobby.pages import qr_code
from tests import make
from tests.support.app import fill_once
from tests.support.pages import parse, text

APPROVED = Status.APPROVED


def has_class(element: Element, name: str) -> bool:
    return name in element.get("class", "").split()


def find(root: Element, name: str) -> list[Element]:
    return [element for element in root.iter() if has_class(element, name)]


def screen(client, path="/lobby") -> Element:
    """What is on the screen at first, without the days that it holds in store."""
    answer = client.get(path)
    assert answer.status_code == 200
    return find(parse(answer.text)[0], "frame")[0]


def held(client, path="/lobby"):
    """What the script makes rows from."""
    (template,) = find(parse(client.get(path).text)[0], "held")
    return json.loads(template.get("data-held"))


def shown(element: Element, name: str) -> list[str]:
    """Texts of the elements of a class that are not hidden, in order."""

    def walk(one):
        if one.get("hidden") is not None:
            return
        if has_class(one, name):
            yield text(one)
        for child in one:
            yield from walk(child)

    return list(walk(element))


def rows(frame: Element) -> list[tuple[str, str, str, str]]:
    """State, words of the moment, title and where to go of each row."""
    found = []
    for row in find(frame, "row"):
        words, title = (text(find(row, name)[0]) for name in ("words", "title"))
        place = [text(part) for name in ("verdict", "room", "way") for part in find(row, name)]
        found.append((row.get("data-state"), words, title, ", ".join(place)))
    return found


def approved(room, *starts, **values):
    return make.booking(room, *starts, status=APPROVED, **values)


def change(occurrence, **values):
    with transaction():
        row = db.session.get(Occurrence, occurrence.id)
        for name, value in values.items():
            setattr(row, name, value)


def _rooms():
    make.house()
    return (
        make.room("Große Fläche", 60),
        make.room("Werkstatt", 20, way="1. OG", way_en="first floor", direction="up", step_free=False),
        make.room("Besprechung", 8, way="1. OG", way_en="first floor", direction="right", step_free=False),
    )


@pytest.fixture
def house_with_rooms(app):
    fill_once("house with a lobby", _rooms)
    return db.session.scalars(db.select(Room).order_by(Room.id)).all()


@pytest.fixture
def evening(app):
    """The evening of the acceptance walk, and the days after."""
    fill_once("evening of the lobby", _evening)
    return db.session.get_one(Room, 1)


def _evening():
    large, workshop, small = _rooms()
    approved(large, "2026-12-08T17:30", group="Ernährungsrat", title="Arbeitstreffen")
    approved(workshop, "2026-12-08T19:00", group="Schreibwerkstatt", title="Utopische Schreibwerkstatt")
    approved(small, "2026-12-08T19:30", group="Selbsthilfe", title="Mut zur Lücke", is_open=False)
    approved(large, "2026-12-10T18:30", group="Code for Bielefeld", title="Code for Bielefeld", open_end=True)


def test_lobby_shows_now_and_later_with_room_way_and_state(evening, checked_client, clock):
    clock.set("2026-12-08T18:42")

    frame = screen(checked_client)

    assert rows(frame) == [
        ("running", "läuft bis 19:30", "Arbeitstreffen", "Große Fläche, EG, links"),
        ("later", "", "Utopische Schreibwerkstatt", "Werkstatt, 1. OG"),
        ("later", "", "Geschlossenes Treffen", "Besprechung, 1. OG"),
    ]
    assert shown(frame, "label") == ["Jetzt", "Später heute", "Am Donnerstag", "Plan aufs Handy"]
    assert shown(frame, "date") == ["Dienstag, 8. Dezember"]
    assert shown(frame, "clock") == ["18:42"]
    assert shown(frame, "greeting") == ["Schön, dass du da bist!"]
    assert shown(frame, "hint") == ["Haus offen bis 17:00. Danach: bitte klingeln."]
    assert shown(frame, "fresh") == ["Stand 18:42 Uhr"]
    assert shown(frame, "tomorrow") == ["Am Donnerstag 18:30 Code for Bielefeld"]
    assert shown(frame, "address") == ["localhost/heute"]


@pytest.mark.parametrize(
    ("at", "seen"),
    [
        pytest.param("2026-12-08T18:45", ("soon", "in 15 Minuten"), id="soon"),
        pytest.param("2026-12-08T19:00", ("running", "läuft bis 21:00"), id="running"),
        pytest.param("2026-12-08T20:50", ("ending", "noch 10 Minuten"), id="ending"),
        pytest.param("2026-12-08T21:00", ("over", "gerade zu Ende"), id="over"),
    ],
)
def test_lobby_says_how_far_a_meeting_is(evening, checked_client, clock, at, seen):
    clock.set(at)

    states = {title: (state, words) for state, words, title, _ in rows(screen(checked_client))}

    assert states["Utopische Schreibwerkstatt"] == seen


@pytest.mark.parametrize(
    ("at", "shows", "words"),
    [
        pytest.param("2026-12-08T12:00", "rows", "Gerade ist es ruhig hier.", id="nothing now, something later"),
        pytest.param("2026-12-08T21:35", "over", "Für heute sind alle Treffen vorbei.", id="all is over"),
        pytest.param("2026-12-09T12:00", "empty", "Heute ist hier noch Platz für eure Idee.", id="an empty day"),
        pytest.param(
            "2026-12-11T12:00", "nothing", "In den nächsten Tagen ist noch alles frei.", id="nothing for days"
        ),
    ],
)
def test_lobby_has_a_sentence_for_every_quiet(evening, checked_client, clock, at, shows, words):
    clock.set(at)

    frame = screen(checked_client)

    assert frame.get("data-shows") == shows
    assert shown(frame, "calm") + shown(frame, "headline") == [words]


def test_lobby_leads_over_to_the_next_day_with_a_meeting(evening, checked_client, clock):
    clock.set("2026-12-08T21:35")

    frame = screen(checked_client)

    assert shown(frame, "label") == ["Am Donnerstag geht es weiter:", "Plan aufs Handy"]
    assert rows(frame) == [("later", "", "Code for Bielefeld", "Große Fläche, EG, links")]
    assert shown(frame, "times") == ["ab 18:30 18:30"]  # one of the two is shown, by the list that the row stands in


def test_lobby_of_a_closed_house_says_when_it_opens(evening, checked_client, clock):
    make.closure("2026-12-24T00:00", "2027-01-01T00:00", reason="Winterpause")
    clock.set("2026-12-28T17:40")

    frame = screen(checked_client)

    assert shown(frame, "headline") == ["Heute geschlossen: Winterpause."]
    assert shown(frame, "again") == ["Wieder offenMontag, 4. Januar, 9:00 Uhr"]  # after New Year's Day and a weekend
    assert shown(frame, "hint") == []
    assert shown(frame, "address") == ["localhost/anfrage"]


def test_lobby_is_closed_on_the_holidays_of_the_calendar(evening, checked_client, clock):
    clock.set("2027-05-06T11:00")  # Ascension Day, a Thursday

    frame = screen(checked_client)

    assert shown(frame, "headline") == ["Heute geschlossen: Christi Himmelfahrt."]
    assert shown(frame, "again") == ["Wieder offenFreitag, 7. Mai, 9:00 Uhr"]


def test_lobby_shows_what_takes_place_in_a_closed_house(evening, checked_client, clock):
    make.closure("2026-12-08T00:00", "2026-12-09T00:00", reason="Inventur")
    clock.set("2026-12-08T18:42")

    frame = screen(checked_client)

    assert [title for _, _, title, _ in rows(frame)][0] == "Arbeitstreffen"
    assert shown(frame, "hint") == ["Heute geschlossen: Inventur."]


@pytest.mark.parametrize(
    ("at", "hint"),
    [
        pytest.param("11:30", "Heute von 12:00 bis 16:00 Uhr geschlossen: Inventur.", id="before"),
        pytest.param("15:59", "Heute von 12:00 bis 16:00 Uhr geschlossen: Inventur.", id="during"),
        pytest.param("16:00", "Haus offen bis 17:00. Danach: bitte klingeln.", id="afterwards"),
    ],
)
@pytest.mark.parametrize("path", ["/lobby", "/heute"])
def test_lobby_tells_of_a_closure_until_it_is_over(evening, checked_client, clock, path, at, hint):
    make.closure("2026-12-08T12:00", "2026-12-08T16:00", reason="Inventur")
    clock.set(f"2026-12-08T{at}")

    page = checked_client.get(path).text

    hints = ("Heute von 12:00 bis 16:00 Uhr geschlossen: Inventur.", "Haus offen bis 17:00. Danach: bitte klingeln.")
    assert [each for each in hints if f">{each}<" in page] == [hint]


def test_lobby_says_what_is_cancelled_or_moved(house_with_rooms, checked_client, clock):
    large, workshop, small = house_with_rooms
    cancelled = approved(large, "2026-12-08T18:00", title="Ernährungsrat").occurrences[0]
    change(cancelled, status=Status.CANCELLED, reason="Wasserschaden bei Zoë", cancelled_by_group=True)
    elsewhere = approved(small, "2026-12-08T18:30", title="Code for Bielefeld").occurrences[0]
    change(elsewhere, original_room_id=large.id)
    delayed = approved(workshop, "2026-12-08T19:30", title="Lesekreis").occurrences[0]
    change(delayed, original_start=make.instant("2026-12-08T19:00"))
    other_day = approved(large, "2026-12-10T19:30", title="Freifunk").occurrences[0]
    change(other_day, original_start=make.instant("2026-12-08T20:00"))
    clock.set("2026-12-08T18:10")

    frame = screen(checked_client)

    assert rows(frame) == [
        ("cancelled", "", "Ernährungsrat", "Fällt heute aus"),
        ("later", "", "Code for Bielefeld", "Besprechung, 1. OG"),
        ("later", "", "Lesekreis", "Werkstatt, 1. OG"),
        ("moved", "", "Freifunk", "Verlegt"),
    ]
    assert shown(frame, "change") == [
        "Verlegt: jetzt Besprechung statt Große Fläche",
        "Verlegt: jetzt 19:30 statt 19:00",
        "jetzt Do, 10. Dezember, 19:30",
    ]
    assert "Wasserschaden" not in checked_client.get("/lobby").text


def test_lobby_keeps_the_old_row_of_a_date_moved_forward(house_with_rooms, checked_client, clock):
    early = approved(house_with_rooms[0], "2026-12-08T16:00", title="Lesekreis").occurrences[0]
    change(early, original_start=make.instant("2026-12-08T19:00"))
    clock.set("2026-12-08T18:50")

    assert rows(screen(checked_client)) == [("moved", "", "Lesekreis", "Verlegt")]


def test_lobby_brings_up_a_date_when_its_doors_open(house_with_rooms, checked_client, clock):
    talk = approved(house_with_rooms[0], "2026-12-08T16:30", title="KI und Wissenstransfer").occurrences[0]
    change(talk, doors=make.instant("2026-12-08T16:00"))
    clock.set("2026-12-08T16:05")

    assert rows(screen(checked_client)) == [
        ("doors", "Einlass ab 16:00", "KI und Wissenstransfer", "Große Fläche, EG, links")
    ]


def test_lobby_turns_pages_in_words_without_javascript(house_with_rooms, checked_client, clock):
    for hour in (16, 17, 18, 19, 20, 21):
        approved(house_with_rooms[0], f"2026-12-08T{hour}:00", minutes=60, title=f"Treffen um {hour}")
    pages = []

    for minute in (30, 31):
        clock.set(f"2026-12-08T15:{minute}")
        frame = screen(checked_client)
        pages.append((shown(frame, "page"), [title for _, _, title, _ in rows(frame)]))

    assert sorted(pages) == [
        (["Seite 1 von 2"], ["Treffen um 16", "Treffen um 17", "Treffen um 18"]),
        (["Seite 2 von 2"], ["Treffen um 19", "Treffen um 20", "Treffen um 21"]),
    ]


@pytest.mark.parametrize("path", ["/lobby", "/en/lobby", "/heute", "/en/heute"])
def test_plan_tells_nothing_that_is_not_public(house_with_rooms, checked_client, clock, path):
    large, workshop, _ = house_with_rooms
    approved(
        large,
        "2026-12-08T18:00",
        group="Trauergruppe",
        title="Abschied nehmen",
        email="zoe@example.org",
        is_open=False,
        people=4711,
        purpose="Gespräch",
        note="Schlüssel bei Zoë",
    )
    make.booking(workshop, "2026-12-08T18:00", group="Noch nicht", title="Nur angefragt")
    clock.set("2026-12-08T18:42")

    page = checked_client.get(path).text

    assert "losed meeting" in page or "Geschlossenes Treffen" in page
    secrets = (
        "Trauer",
        "Abschied",
        "zoe@",
        "Zoë",
        "0521 123456",
        "4711",
        "Gespräch",
        "Schlüssel",
        "Nur angefragt",
        "Noch nicht",
    )
    assert [secret for secret in secrets if secret in page] == []


def test_lobby_answers_not_modified_until_something_changes(evening, checked_client, clock):
    clock.set("2026-12-08T18:42")
    first = checked_client.get("/lobby")
    asks = {"If-None-Match": first.headers["ETag"]}

    clock.set("2026-12-08T18:59")
    unchanged = checked_client.get("/lobby", headers=asks)
    with transaction():
        db.session.get(House, 1).version += 1
    changed = checked_client.get("/lobby", headers=asks)

    assert (first.status_code, unchanged.status_code, changed.status_code) == (200, 304, 200)
    assert unchanged.data == b""
    assert int(unchanged.headers["House-Time"]) // 60_000 == clock.now.timestamp() // 60
    assert first.headers["Cache-Control"] == unchanged.headers["Cache-Control"] == "no-store"


def test_lobby_sends_new_days_after_midnight(evening, checked_client, clock):
    clock.set("2026-12-08T23:59")
    asks = {"If-None-Match": checked_client.get("/lobby").headers["ETag"]}

    clock.set("2026-12-09T00:00")

    assert checked_client.get("/lobby", headers=asks).status_code == 200


def test_lobby_holds_seven_days_that_meet_at_midnight(evening, checked_client, clock):
    clock.set("2027-03-26T12:00")  # summer time begins on the 28th

    days = [(day["begins"], day["ends"]) for day in held(checked_client)["days"] if "quiet" in day]

    assert days[0][0] == make.instant("2027-03-26T00:00").timestamp()
    assert [(ends - begins) // 3600 for begins, ends in days] == [24, 24, 23, 24, 24, 24, 24]
    assert [ends for _, ends in days[:-1]] == [begins for begins, _ in days[1:]]


@pytest.mark.parametrize(
    ("at", "theme", "greeting"),
    [
        ("2026-12-08T07:59", "dark", "Guten Morgen!"),
        ("2026-12-08T08:00", "light", "Guten Morgen!"),
        ("2026-12-08T11:00", "light", "Schön, dass du da bist!"),
        ("2026-12-08T17:00", "dark", "Schön, dass du da bist!"),
        ("2026-12-08T19:00", "dark", "Guten Abend!"),
    ],
)
def test_lobby_is_light_while_the_office_is(evening, checked_client, clock, at, theme, greeting):
    clock.set(at)

    root, _ = parse(checked_client.get("/lobby").text)

    assert root.get("data-theme") == theme
    assert shown(find(root, "frame")[0], "greeting") == [greeting]


def test_lobby_reloads_itself_without_javascript(evening, checked_client):
    assert '<noscript><meta http-equiv="refresh" content="60"></noscript>' in checked_client.get("/lobby").text


def test_plan_on_the_phone_names_the_whole_way(evening, checked_client, clock):
    clock.set("2026-12-08T18:42")

    page = screen(checked_client, "/heute")

    assert shown(page, "label") == ["Jetzt", "Später heute", "Donnerstag, 10. Dezember", "So kommst du rein"]
    assert [place for *_, place in rows(page)] == [
        "Große Fläche, EG, links, stufenlos",
        "Werkstatt, 1. OG, nur über die Treppe",
        "Besprechung, 1. OG, nur über die Treppe",
        "Große Fläche, EG, links, stufenlos",
    ]


def test_plan_on_the_phone_speaks_english(evening, checked_client, clock):
    clock.set("2026-12-08T18:42")

    page = screen(checked_client, "/en/heute")

    assert rows(page)[:2] == [
        ("running", "on until 19:30", "Arbeitstreffen", "Große Fläche, ground floor, left, step-free"),
        ("later", "", "Utopische Schreibwerkstatt", "Werkstatt, first floor, stairs only"),
    ]


@pytest.mark.parametrize("at", ["2026-12-08T21:35", "2026-12-09T12:00", "2026-12-11T12:00", "2026-12-28T12:00"])
def test_plan_on_the_phone_is_whole_on_quiet_days(evening, checked_client, clock, at):
    make.closure("2026-12-24T00:00", "2027-01-01T00:00")
    clock.set(at)

    assert len(shown(screen(checked_client, "/heute"), "alone")) == 1


def test_qr_code_draws_every_dark_module():
    code = qr_code("https://raeume.example.org", "heute")

    dark = sum(map(int, re.findall(r"h(\d+)", code.path)))

    expected = segno.make_qr("https://raeume.example.org/heute", error="m").matrix
    assert (code.size, dark) == (len(expected), sum(map(sum, expected)))
    assert code.address == "raeume.example.org/heute"


@pytest.fixture
def large_house(app):
    """Forty meetings of an hour in each of eight halves of halls on one day, and some on the days after."""
    make.house()

    def fill(title):
        for number in range(8):
            room = make.room(f"Saal {number}")
            today = [f"2026-12-08T{hour:02}:{minute:02}" for hour in range(9, 22) for minute in (0, 20, 40)]
            ahead = [f"2026-12-{day:02}T{hour}:00" for day in range(9, 22) for hour in (16, 18)]
            approved(room, *today, *ahead, minutes=20, title=title, group=f"{title[:70]} {number}")

    return fill


@pytest.mark.parametrize(
    ("title", "most"), [("Treffen der Gruppe", 30_000), ("Grüße " * 13, 60_000)], ids=["ordinary", "longest"]
)
def test_lobby_stays_small_however_much_there_is(large_house, client, clock, title, most):
    large_house(title)
    clock.set("2026-12-08T18:10")

    page = client.get("/lobby")

    assert len(page.data) < most
    assert len(json.dumps(held(client), ensure_ascii=False).encode()) < 30_000
    assert held(client)["days"][0]["left"]


def test_lobby_says_how_many_more_meetings_there_are_and_where(large_house, checked_client, clock):
    large_house("Treffen")
    clock.set("2026-12-08T18:10")

    frame = screen(checked_client)

    # 96 that are not over, and 24 that are held
    assert shown(frame, "left") == ["+ 72 weitere Treffen: localhost/heute"]
    assert {title for _, _, title, _ in rows(frame)} == {"Treffen"}
    assert shown(screen(checked_client, "/heute"), "left") == ["+ 6 weitere Treffen"]
    assert len(rows(screen(checked_client, "/heute"))) == 96 + 10


def test_lobby_leaves_the_turn_to_others_where_more_meetings_run_than_fit(large_house, client, clock):
    large_house("Treffen")
    seen = set()

    for minute in range(10, 20):
        clock.set(f"2026-12-08T18:{minute}")
        frame = screen(client)
        found = rows(frame)
        assert len(found) <= 4
        seen.update((state, place) for state, _, _, place in found)

    assert {place for state, place in seen if state in ("running", "ending")} == {
        f"Saal {n}, EG, links" for n in range(8)
    }


@pytest.mark.parametrize(
    ("at", "shows", "headline", "again"),
    [
        pytest.param(
            "2026-12-13T11:00",
            "shut",
            "Heute ist das Haus nicht geöffnet.",
            "Montag, 14. Dezember, 9:00 Uhr",
            id="Sunday",
        ),
        pytest.param(
            "2026-12-25T11:00",
            "closed",
            "Heute geschlossen: Erster Weihnachtstag.",
            "Montag, 28. Dezember, 9:00 Uhr",
            id="holiday",
        ),
        pytest.param(
            "2026-12-15T10:00",
            "closed",
            "Heute ab 14:00 Uhr geschlossen: Inventur.",
            "Mittwoch, 16. Dezember, 11:00 Uhr",
            id="later today",
        ),
        pytest.param(
            "2026-12-16T10:00",
            "closed",
            "Heute bis 11:00 Uhr geschlossen: Inventur.",
            "Mittwoch, 16. Dezember, 11:00 Uhr",
            id="until noon",
        ),
        pytest.param("2026-12-16T11:00", "empty", "Heute ist hier noch Platz für eure Idee.", "", id="after it"),
        pytest.param("2026-12-14T11:00", "empty", "Heute ist hier noch Platz für eure Idee.", "", id="the day before"),
    ],
)
def test_lobby_offers_room_on_no_day_on_which_the_house_is_closed(
    evening, checked_client, clock, at, shows, headline, again
):
    approved(evening, "2026-12-17T09:00", title="Später")
    make.closure("2026-12-15T14:00", "2026-12-16T11:00", reason="Inventur")
    clock.set(at)

    frame = screen(checked_client)

    assert (frame.get("data-shows"), shown(frame, "headline")) == (shows, [headline])
    soonest = "Nächstes Treffen: Do, 17. Dezember um 9:00 Uhr, Später" if at < "2026-12-17" else ""
    assert shown(frame, "again") == ([f"Wieder offen{again}{soonest}"] if again else [])
    assert bool(shown(frame, "hint")) == (not again)
    closed = [words for _, _, words, *_ in held(checked_client)["days"][0].get("closed", [])]
    assert (headline in closed) == (shows == "closed")
    assert headline in shown(screen(checked_client, "/heute"), "alone")


@pytest.mark.parametrize(
    ("at", "shows"),
    [
        pytest.param("2026-12-08T22:59", "over", id="the last minute of the evening"),
        pytest.param("2026-12-08T23:00", "night", id="night"),
        pytest.param("2026-12-10T05:59", "night", id="the last minute of the night, with something on later"),
        pytest.param("2026-12-10T06:00", "rows", id="morning"),
        pytest.param("2026-12-11T23:30", "rows", id="something goes on"),
        pytest.param("2026-12-12T00:16", "night", id="after midnight"),
    ],
)
def test_lobby_is_dark_at_night_while_nothing_is_on(evening, checked_client, clock, at, shows):
    approved(evening, "2026-12-11T21:00", minutes=160, title="Lange Nacht")
    clock.set(at)

    assert screen(checked_client).get("data-shows") == shows


def test_lobby_says_that_it_goes_on_where_something_takes_place(house_with_rooms, checked_client, clock):
    large, *_ = house_with_rooms
    approved(large, "2026-12-08T17:00", title="Heute")
    change(approved(large, "2026-12-09T17:00", title="Fällt weg").occurrences[0], status=Status.CANCELLED)
    approved(large, "2026-12-11T17:00", title="Freitag")
    clock.set("2026-12-08T21:00")

    frame = screen(checked_client)

    assert (shown(frame, "label")[0], [title for _, _, title, _ in rows(frame)]) == (
        "Am Freitag geht es weiter:",
        ["Freitag"],
    )


def test_lobby_says_that_all_is_over_where_nothing_else_takes_place(house_with_rooms, checked_client, clock):
    large, *_ = house_with_rooms
    approved(large, "2026-12-08T17:00", title="Heute")
    change(approved(large, "2026-12-09T17:00", title="Fällt weg").occurrences[0], status=Status.CANCELLED)
    clock.set("2026-12-08T21:00")

    assert shown(screen(checked_client), "headline") == ["Für heute sind alle Treffen vorbei."]


def test_lobby_keeps_what_runs_and_counts_what_has_no_room(house_with_rooms, checked_client, clock):
    rooms = [*house_with_rooms, make.room("Studio"), make.room("Küche")]
    for number, room in enumerate(rooms[:4]):
        approved(room, "2026-12-08T18:00", title=f"Läuft {number}")
    for hour in (19, 20):
        approved(rooms[4], f"2026-12-08T{hour}:00", minutes=45, title="Danach")

    for minute in (5, 6, 7):
        clock.set(f"2026-12-08T18:{minute:02}")
        frame = screen(checked_client)
        assert [title for _, _, title, _ in rows(frame)] == [f"Läuft {number}" for number in range(4)]
        assert shown(frame, "left") == ["+ 2 weitere Treffen: localhost/heute"]


def test_lobby_speaks_english_to_the_end(evening, checked_client, clock):
    make.closure("2026-12-14T00:00", "2026-12-15T00:00")
    clock.set("2026-12-08T18:52")

    frame = screen(checked_client, "/en/lobby")
    clock.set("2026-12-14T10:00")
    closed = screen(checked_client, "/en/lobby")

    assert shown(frame, "label") == ["Now", "Later today", "On Thursday", "Plan on your phone"]
    assert [words for _, words, *_ in rows(frame)] == ["on until 19:30", "in 8 minutes", ""]
    assert shown(frame, "hint") == ["The house is open until 17:00. After that, please ring."]
    assert shown(frame, "date") == ["Tuesday, 8 December"]
    assert shown(frame, "address") == ["localhost/en/heute"]
    assert [text(part) for part in find(frame, "address")[0].iter("span")] == ["localhost", "/en", "/heute"]
    assert shown(frame, "scan")[0].endswith("Also: Deutsch localhost/en/heute")
    assert shown(closed, "headline") == ["Closed today: Closed for holidays."]
    assert shown(closed, "again") == ["Open againTuesday 15 December, 9:00"]


@pytest.mark.parametrize(
    ("path", "english", "said"),
    [
        pytest.param("/lobby", "", ("de", "Haus offen bis 17:00. Danach: bitte klingeln."), id="German"),
        pytest.param("/en/lobby", "Please ring.", ("en", "Please ring."), id="English"),
        pytest.param("/en/lobby", "", ("de", "Haus offen bis 17:00. Danach: bitte klingeln."), id="English is missing"),
    ],
)
def test_lobby_says_in_which_language_the_house_speaks(app, checked_client, path, english, said):
    make.house(lobby_hint_en=english)

    (hint,) = find(screen(checked_client, path), "hint")

    assert (hint.find("span").get("lang"), text(hint)) == said
    assert held(checked_client, path)["hint"] == [said[1], said[0], ""]
