"""A registered display: what it shows from where it hangs, and how it tells that it is there."""

import json
from html import unescape

import pytest
from flask import Flask

from booking import displays, hosting, links, sentences
from booking.database import db, transaction
from booking.domain.status import Status
from booking.house import house as our_house
from booking.models import Display, LogEntry, Room
from tests import make
from tests.support.app import CheckedClient, Client, Clock
from tests.support.pages import parse, text
from tests.web.test_lobby import held, rows, screen, shown

HERE = "/team/haus/anzeigen"
UNKNOWN = "/display/" + "0" * 43


@pytest.fixture
def house(app: Flask, clock: Clock) -> tuple[Room, Room, Room]:
    make.house()
    large = make.room("Große Fläche", 60, parts=["vorn", "hinten"])
    front = make.room("Fläche vorn", 30, parts=["vorn"])
    workshop = make.room("Werkstatt", 20, way="1. OG", way_en="first floor", direction="up")
    for room, title in ((large, "Vollversammlung"), (workshop, "Löten")):
        make.booking(room, "2026-12-08T17:30", status=Status.APPROVED, group=title, title=title)
    clock.set("2026-12-08T18:42")
    return large, front, workshop


def path(display: Display) -> str:
    return f"/display/{links.token(display)}"


def reread(name: str = "Eingang") -> Display | None:
    db.session.rollback()
    return db.session.scalars(db.select(Display).where(Display.name == name)).one_or_none()


@pytest.mark.parametrize(
    ("number", "titles"),
    [
        pytest.param(None, {"Vollversammlung", "Löten"}, id="the house"),
        pytest.param(1, {"Vollversammlung"}, id="half of the hall, in which the whole is used"),
        pytest.param(2, {"Löten"}, id="another room"),
    ],
)
def test_display_shows_its_rooms(
    house: tuple[Room, ...], checked_client: CheckedClient, number: int | None, titles: set[str]
) -> None:
    display = make.display("Eingang", *([] if number is None else [house[number]]))

    assert {title for _, _, title, _ in rows(screen(checked_client, path(display)))} == titles
    assert {row[5] for row in held(checked_client, path(display))["days"][0]["rows"]} == titles


def test_display_shows_arrows_and_ways_as_seen_from_it(house: tuple[Room, ...], checked_client: CheckedClient) -> None:
    ways = {str(house[2].id): {"direction": "left", "way": "gleich hier", "way_en": "right here"}}
    german, english = make.display(ways=ways), make.display("Entrance", ways=ways, language="en")

    assert held(checked_client, path(german))["rooms"] == [
        ["Große Fläche", "EG, links", "left"],
        ["Werkstatt", "gleich hier", "left"],
    ]
    frame = screen(checked_client, path(english))
    assert shown(frame, "way") == ["ground floor, left", "right here"]
    assert shown(frame, "label")[0] == "Now"
    assert held(checked_client)["rooms"][1] == ["Werkstatt", "1. OG", "up"], "the lobby is as it was"


def test_display_in_two_languages_says_what_matters_in_both(
    house: tuple[Room, ...], checked_client: CheckedClient, clock: Clock
) -> None:
    make.booking(house[2], "2026-12-08T19:30", status=Status.APPROVED, group="Geheim", title="Geheim", is_open=False)
    make.closure("2026-12-11T00:00", "2026-12-12T00:00", reason="Inventur", reason_en="Stocktaking")
    words = ("Der Aufzug ist kaputt.", "The lift is broken.")
    hosting.post_notice(*words, make.instant("2026-12-10T18:00"), is_important=True, by=make.staff(), now=clock.now)
    display = path(make.display(second_language="en"))

    def in_english() -> list[str]:
        found = [one for one in screen(checked_client, display).iter() if one.get("class") == "also"]
        assert {one.get("lang") for one in found} == {"en"}
        return [text(one) for one in found if one.get("hidden") is None]

    assert in_english()[:4] == ["Later changes are not shown here.", "on until 19:30", "on until 19:30", "Later today"]
    assert in_english()[-1] == "The lift is broken."
    assert held(checked_client, display)["notice"][:3] == ["Der Aufzug ist kaputt.", "de", "The lift is broken."]
    assert "Geschlossenes Treffen · Closed meeting" in shown(screen(checked_client, display), "title")
    clock.set("2026-12-11T12:00")
    assert in_english() == ["Later changes are not shown here.", "Closed today: Stocktaking."]
    assert "Heute geschlossen: Inventur." in shown(screen(checked_client, display), "headline")[0]
    assert 'class="also"' not in checked_client.get("/lobby").text


def test_display_in_two_languages_says_what_the_office_says_in_both(
    house: tuple[Room, ...], checked_client: CheckedClient, clock: Clock
) -> None:
    originals = {
        code: [each.original for each in sentences.sentences_of("public", code) if each.where == "lobby"]
        for code in ("de", "en")
    }
    with transaction():
        our_house().own_words = {
            sentences.template("public", code): {
                original: f"Moin {code} {number}" for number, original in enumerate(said)
            }
            for code, said in originals.items()
        }
    display = path(make.display(second_language="en"))
    quiet = "Moin de 8"  # that of no row now

    for at in ("2026-12-08T18:42", "2026-12-08T23:30", "2026-12-09T12:00"):
        clock.set(at)
        page = unescape(checked_client.get(display).text)
        assert [said for code in originals for said in originals[code] if said in page] == []
        assert quiet in page


def test_display_waits_in_its_language(house: tuple[Room, ...], checked_client: CheckedClient) -> None:
    frame = screen(checked_client, path(make.display(language="en")))

    assert frame.get("data-waiting") == "/en/lobby/warten"
    assert frame.get("data-worker") == "/lobby-worker.js?warten=/en/lobby/warten"
    assert "The plan is being loaded" in checked_client.get("/en/lobby/warten").text
    assert screen(checked_client, "/en/lobby").get("data-waiting") == "/en/lobby/warten"


def test_display_that_holds_the_plan_is_told_so_until_something_changes(
    house: tuple[Room, ...], checked_client: CheckedClient, clock: Clock
) -> None:
    display = make.display()
    tag = checked_client.get(path(display)).headers["ETag"]

    assert checked_client.get(path(display), headers={"If-None-Match": tag}).status_code == 304

    displays.keep_display(display, {"room_ids": [house[2].id]}, by=make.staff(), now=clock.now)
    assert checked_client.get(path(display), headers={"If-None-Match": tag}).status_code == 200


def test_display_is_heard_of(house: tuple[Room, ...], app: Flask, clock: Clock) -> None:
    display, client = make.display(), Client(app)
    address = f"{path(display)}/puls"
    assert f'data-pulse="{address}"' in client.get(path(display)).text
    assert client.get(address).json == {"silent_seconds": None}

    report = {"build": "ab12", "viewport": "1080x1920", "shows": "rows", "age": 12, "drift": -3}
    answer = client.post(address, json={**report, "error": "TypeError:\n x", "ip": "::1"})

    assert (answer.status_code, answer.headers.getlist("Set-Cookie")) == (204, [])
    found = reread()
    assert found
    assert found.seen_at == clock.now
    assert found.report == {**report, "error": "TypeError: x"}
    clock.set("2026-12-08T18:42:20")
    assert client.get(address).json == {"silent_seconds": 20}


@pytest.mark.parametrize(
    "sent",
    [
        b"",
        b"{",
        b"[1]",
        b'"x"',
        b"[" * 100_000,
        b'{"age": NaN, "drift": 1e999, "viewport": "wide", "build": {}, "error": null}',
    ],
)
def test_report_that_cannot_be_read_is_a_sign_of_life_all_the_same(
    house: tuple[Room, ...], app: Flask, sent: bytes
) -> None:
    answer = Client(app).post(f"{path(make.display())}/puls", data=sent, content_type="application/json")

    found = reread()
    assert (answer.status_code, found and found.report) == (204, {})


def test_picture_on_the_team_s_page_gives_no_sign_of_life(house: tuple[Room, ...], app: Flask) -> None:
    answer = Client(app).get(f"{path(make.display())}?vorschau=1")

    assert answer.status_code == 200
    assert "data-pulse" not in answer.text
    assert "frame-ancestors 'self'" in answer.headers["Content-Security-Policy"]


def test_address_that_has_ended_shows_nothing_but_that(
    house: tuple[Room, ...], checked_client: CheckedClient, clock: Clock
) -> None:
    display, by = make.display(), make.staff()
    before = path(display)
    displays.renew_display(display, by=by, now=clock.now)
    after = path(display)

    assert checked_client.get(after).status_code == 200
    for ended in (before, UNKNOWN):
        answer = checked_client.get(ended)
        assert answer.status_code == 403
        assert "Diese Anzeige ist nicht mehr angemeldet." in answer.text
        assert "Löten" not in answer.text
        assert checked_client.post(f"{ended}/puls", json={}).status_code == 403

    displays.end_display(display, by=by, now=clock.now)
    assert checked_client.get(after).status_code == 403


def test_team_registers_changes_renews_and_ends_a_display(
    house: tuple[Room, ...], staff_client: CheckedClient, clock: Clock
) -> None:
    large, front, workshop = house
    staff_client.submit(
        f"{HERE}/neu",
        {
            "name": "1. Stock",
            "rooms": [str(front.id), str(workshop.id)],
            f"room-{workshop.id}-direction": "right",
            f"room-{workshop.id}-way": "am Ende des Gangs",
        },
        form="display",
    )

    display = reread("1. Stock")
    assert display
    assert (display.room_ids, display.language) == ([front.id, workshop.id], "de")
    assert display.ways == {str(workshop.id): {"direction": "right", "way": "am Ende des Gangs", "way_en": ""}}
    assert len(display.token_hash) == 64
    address = f"http://localhost{path(display)}"
    assert address in staff_client.get(f"{HERE}/{display.id}").text
    listed = text(parse(staff_client.get(HERE).text)[0])
    assert "1. Stock Fläche vorn und Werkstatt noch nicht gesehen" in listed

    displays.hear_of(links.token(display), {"viewport": "1080x1920"}, clock.now)
    clock.set("2026-12-08T18:42:20")
    answer = staff_client.get(HERE)
    assert "zuletzt gesehen vor 20 Sekunden" in text(parse(answer.text)[0])
    assert "screen--upright" in answer.text
    assert "frame-src 'self'" in answer.headers["Content-Security-Policy"]

    staff_client.submit(f"{HERE}/{display.id}", {"name": "Obergeschoss", "language": "de+en"}, form="display")
    staff_client.submit(f"{HERE}/{display.id}", form="display")
    changed = reread("Obergeschoss")
    assert changed
    assert (changed.language, changed.second_language) == ("de", "en")
    staff_client.submit(f"{HERE}/{display.id}", form=f"{HERE}/{display.id}/neue-adresse")
    renewed = reread("Obergeschoss")
    assert renewed
    assert (path(renewed) in address, renewed.seen_at) == (False, None)
    staff_client.submit(f"{HERE}/{display.id}", form=f"{HERE}/{display.id}/entfernen")
    assert reread("Obergeschoss") is None
    actions = [entry.action for entry in db.session.scalars(db.select(LogEntry).order_by(LogEntry.id))]
    assert actions == ["add_display", "edit_display", "edit_display", "edit_display", "end_display"]
    assert address[-43:] not in json.dumps(db.session.scalars(db.select(LogEntry.detail)).all())


def test_display_without_a_name_is_refused_and_keeps_what_was_typed(
    house: tuple[Room, ...], staff_client: CheckedClient
) -> None:
    answer = staff_client.submit(f"{HERE}/neu", {"name": "", f"room-{house[0].id}-way": "hier"}, form="display")

    assert answer.status_code == 422
    assert "Schreib, wie ihr diese Anzeige nennt." in text(parse(answer.text)[0])
    assert 'value="hier"' in answer.text
