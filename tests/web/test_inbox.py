"""The inbox: what waits, how long, and how its dates stand."""

from datetime import date, timedelta

import pytest
from sqlalchemy import event

from booking import afterwards, changing, deciding, hosting, requesting
from booking.database import db
from booking.domain.policy import working_days_between
from booking.domain.status import Status
from booking.lifecycle import Place
from booking.models import Booking, Occurrence
from tests import make
from tests.support.app import CheckedClient, Clock
from tests.support.pages import find_form, parse, text


def entries(page: str) -> list[list[str]]:
    """Title, states and age of each request, in the order of the page."""
    root = parse(page)[0]
    lists = [element for element in root.iter("ol") if element.get("class") == "requests"]
    found = []
    for item in lists[0] if lists else []:
        states = [text(each) for each in item.iter("span") if each.get("class", "").startswith("state ")]
        found.append([text(next(item.iter("h2"))), *states])
    return found


def test_inbox_is_glad_when_nothing_waits(staff_client: CheckedClient) -> None:
    make.house()

    page = staff_client.get("/team").text

    assert "Alles beantwortet. Zeit für einen Kaffee." in page
    assert entries(page) == []


def test_inbox_shows_the_longest_wait_first(staff_client: CheckedClient) -> None:
    make.house()
    hall = make.room()
    make.booking(hall, "2027-01-13T16:00", title="Zweite", created_at=make.instant("2026-11-27T09:00"))
    make.booking(hall, "2027-01-06T16:00", title="Erste", created_at=make.instant("2026-11-26T09:00"))
    make.booking(hall, "2027-01-20T16:00", title="Fertig", status=Status.APPROVED)

    assert [entry[0] for entry in entries(staff_client.get("/team").text)] == ["Erste", "Zweite"]
    assert [entry[0] for entry in entries(staff_client.get("/team?tab=done").text)] == ["Fertig"]
    assert [entry[0] for entry in entries(staff_client.get("/team?tab=all").text)] == ["Fertig", "Zweite", "Erste"]


def test_inbox_tells_how_each_date_stands_now(staff_client: CheckedClient) -> None:
    make.house()
    hall = make.room()
    make.booking(hall, "2027-02-24T16:30", status=Status.APPROVED, title="KI-Meetup")
    make.booking(hall, "2027-03-17T16:30", group="Ernährungsrat", title="Runder Tisch")
    make.booking(hall, "2027-04-07T14:15", minutes=90, status=Status.APPROVED, title="Nachbarn")
    make.closure("2027-05-12T00:00", "2027-05-13T00:00")
    days = ["2027-01-06", "2027-02-24", "2027-03-17", "2027-04-07", "2027-05-12"]
    request = make.booking(hall, *[f"{day}T16:00" for day in days], title="Arbeitsgruppen")
    make.occurrence(request, "2027-06-02T16:00", status=Status.APPROVED)

    found = entries(staff_client.get("/team?search=Arbeitsgruppen").text)

    states = ["2 frei", "davon 1 knapp", "1 auch angefragt", "1 belegt", "1 geschlossen", "1 zugesagt"]
    assert found == [["Arbeitsgruppen", *states]]


def test_request_does_not_compete_with_itself(staff_client: CheckedClient) -> None:
    make.house()
    make.booking(make.room(), "2027-01-06T16:00", "2027-01-06T17:00", title="Doppelt")

    assert entries(staff_client.get("/team").text) == [["Doppelt", "2 frei"]]


@pytest.mark.parametrize(
    ("created", "said"),
    [
        pytest.param("2026-11-30T08:12", "heute, 08:12 Uhr", id="this morning"),
        pytest.param("2026-11-28T08:12", "seit 1 Arbeitstag", id="on Saturday"),
        pytest.param("2026-11-25T08:12", "seit 3 Arbeitstagen", id="three working days ago"),
        pytest.param("2026-11-24T08:12", "überfällig: 4 Arbeitstage", id="longer than promised"),
    ],
)
def test_inbox_counts_the_wait_in_working_days(staff_client: CheckedClient, created: str, said: str) -> None:
    make.house()
    make.booking(make.room(), "2027-01-06T16:00", created_at=make.instant(created))

    assert said in staff_client.get("/team").text


def test_inbox_tells_of_what_is_overdue(staff_client: CheckedClient, clock: Clock) -> None:
    make.house()
    make.booking(make.room(), "2027-01-06T16:00", created_at=make.instant("2026-11-24T08:12"))

    page = text(parse(staff_client.get("/team").text)[0])

    assert working_days_between(make.instant("2026-11-24T08:12").date(), clock.now.date(), {}, {}) == 4
    assert "1 neue Anfrage, davon 1 überfällig." in page


@pytest.mark.parametrize("now", ["2026-11-30T00:10", "2026-11-30T23:50", "2026-11-29T12:00", "2027-01-04T09:00"])
def test_inbox_counts_as_overdue_what_its_lines_call_so(staff_client: CheckedClient, clock: Clock, now: str) -> None:
    make.house()
    hall = make.room()
    clock.set(now)
    for number in range(14):
        day = clock.now.astimezone(make.ZONE).date() - timedelta(days=number)
        for hour in ("T00:05", "T23:55"):
            if (received := make.instant(f"{day}{hour}")) <= clock.now:
                make.booking(hall, f"2027-02-{number + 1:02}T{'09' if '00' in hour else '14'}:00", created_at=received)

    page = staff_client.get("/team").text

    late = page.count("überfällig: ")
    assert late > 5
    assert f"davon {late} überfällig." in text(parse(page)[0])


@pytest.mark.parametrize(
    ("query", "titles"),
    [
        pytest.param("search=schreib", ["Schreibwerkstatt"], id="part of the title"),
        pytest.param("search=netzwerk", ["Arbeitsgruppen"], id="part of the group"),
        pytest.param("search=IO-26-9", ["Schreibwerkstatt"], id="number"),
        pytest.param("search=%25", [], id="a wildcard is only a letter"),
        pytest.param("search=%00", ["Arbeitsgruppen", "Schreibwerkstatt"], id="control characters"),
        pytest.param("room=2", ["Schreibwerkstatt"], id="room"),
        pytest.param("room=2&search=netzwerk", [], id="both"),
        pytest.param("room=x", ["Arbeitsgruppen", "Schreibwerkstatt"], id="no room"),
    ],
)
def test_inbox_can_be_filtered(staff_client: CheckedClient, query: str, titles: list[str]) -> None:
    make.house()
    hall, workshop, _ = make.rooms()
    make.booking(hall, "2027-01-06T16:00", title="Arbeitsgruppen")
    make.booking(workshop, "2027-01-12T19:00", title="Schreibwerkstatt", group="Utopisches", reference="IO-26-9999")

    assert [entry[0] for entry in entries(staff_client.get(f"/team?{query}").text)] == titles


def test_inbox_has_pages(staff_client: CheckedClient) -> None:
    make.house()
    hall = make.room()
    for number in range(31):
        make.booking(hall, f"2027-01-{number % 28 + 1:02}T1{number // 28}:00", minutes=30, title=f"Treffen {number}")

    first = staff_client.get("/team")
    second = staff_client.get("/team?page=2")

    assert [len(entries(page.text)) for page in (first, second)] == [30, 1]
    assert "/team?page=2" in first.text
    assert "/team?page=2" in staff_client.get("/team?endpoint=x&_external=1&_scheme=javascript").text
    assert 'href="/team?tab=all&amp;search=Treffen&amp;room=1&amp;page=2"' in (
        staff_client.get("/team?tab=all&search=Treffen&room=1").text
    )
    assert staff_client.get("/team?page=3").status_code == 404
    assert staff_client.get("/team?tab=anders").status_code == 404


def test_inbox_of_many_dates_takes_no_more_statements_and_makes_no_object_for_a_line(
    staff_client: CheckedClient,
) -> None:
    make.house()
    hall = make.room()
    make.booking(hall, "2027-01-06T16:00", group="A")
    staff_client.get("/team")  # what all pages share is read by the first
    few = statements(staff_client, "/team")
    days = [(date(2027, 1, 4) + timedelta(weeks=n)).isoformat() for n in range(50)]
    for number in range(6):
        make.booking(hall, *[f"{day}T{9 + number:02}:00" for day in days], minutes=45, group=f"Gruppe {number}")
    made: list[Booking | Occurrence] = []
    keep = [event.listens_for(table, "load")(lambda row, _: made.append(row)) for table in (Booking, Occurrence)]

    many = statements(staff_client, "/team")

    for table, each in zip((Booking, Occurrence), keep, strict=True):
        event.remove(table, "load", each)
    assert (many, made) == (few, [])


def statements(client: CheckedClient, path: str) -> int:
    seen: list[str] = []
    listener = event.listens_for(db.engine, "before_cursor_execute")(lambda *call: seen.append(call[2]))
    client.get(path)
    event.remove(db.engine, "before_cursor_execute", listener)
    return len(seen)


def test_open_requests_are_counted_without_reading_their_dates(staff_client: CheckedClient) -> None:
    make.house()
    make.booking(make.room(), "2027-01-06T16:00")
    heard: list[tuple[str, object]] = []
    listen = event.listens_for(db.engine, "before_cursor_execute")
    listener = listen(lambda *call: heard.append((call[2], call[3])))
    page = staff_client.get("/team/protokoll").text
    event.remove(db.engine, "before_cursor_execute", listener)

    (asked,) = [each for each in heard if "count(DISTINCT occurrence.booking_id)" in each[0]]
    plan = db.session.connection().exec_driver_sql(f"EXPLAIN QUERY PLAN {asked[0]}", asked[1])
    assert [row.detail for row in plan if " occurrence" in row.detail] == [
        "SEARCH occurrence USING COVERING INDEX ix_occurrence_status_start (status=?)"
    ]
    assert "Anfragen (1)" in page


@pytest.fixture
def of_each_kind(staff_client: CheckedClient, clock: Clock) -> None:
    """Requests that are new, wait for the group, wish for something, or several of it."""
    make.house()
    hall = make.room()
    make.booking(hall, "2027-01-05T16:00", title="Neu")
    asked = make.booking(hall, "2027-01-06T16:00", title="Gefragt")
    deciding.ask(asked, "Wie viele?", seen_version=1, by=make.staff("Jonas"), now=clock.now)
    answered = make.booking(hall, "2027-01-07T16:00", title="Beantwortet", question="Wer?", answer="Wir")
    both = make.booking(hall, "2027-01-12T16:00", "2027-01-13T16:00", title="Vorschlag und offen")
    at = {both.occurrences[0].id: Place(hall.id, make.slot("2027-01-12T18:00"))}
    deciding.decide(both, propose=at, seen_version=1, by=make.staff("Henrike"), now=clock.now)
    wishes = make.booking(hall, "2027-01-19T16:00", title="Wunsch", status=Status.APPROVED)
    changing.ask_for_change(
        wishes, {wishes.occurrences[0].id: Place(hall.id, make.slot("2027-01-19T18:00"))}, "", clock.now
    )
    make.booking(hall, "2027-01-20T16:00", title="Titel", status=Status.APPROVED, title_wish="Besser")
    make.booking(hall, "2027-01-21T16:00", title="Fertig", status=Status.APPROVED, question="Wer?", answer="")
    assert answered.waits_for_answer is False


@pytest.mark.parametrize(
    ("tab", "found"),
    [
        pytest.param(
            "new",
            [
                ["Neu", "1 frei"],
                ["Gefragt", "1 frei", "Rückfrage offen"],
                ["Beantwortet", "1 frei", "Rückfrage beantwortet"],
                ["Vorschlag und offen", "1 frei", "1 Vorschlag"],
            ],
            id="new",
        ),
        pytest.param(
            "group",
            [["Gefragt", "1 frei", "Rückfrage offen"], ["Vorschlag und offen", "1 frei", "1 Vorschlag"]],
            id="waiting for the group",
        ),
        pytest.param(
            "wishes",
            [["Wunsch", "1 zugesagt", "1 Änderungswunsch"], ["Titel", "1 zugesagt", "neuer Titel"]],
            id="wishes",
        ),
        pytest.param("done", [["Fertig", "1 zugesagt"]], id="done"),
    ],
)
@pytest.mark.usefixtures("of_each_kind")
def test_inbox_sorts_by_who_has_to_answer(staff_client: CheckedClient, tab: str, found: list[list[str]]) -> None:
    assert entries(staff_client.get(f"/team?tab={tab}").text) == found


@pytest.mark.usefixtures("of_each_kind")
def test_inbox_says_in_words_what_waits(staff_client: CheckedClient) -> None:
    page = text(parse(staff_client.get("/team").text)[0])

    assert "4 neue Anfragen, 2 warten auf Antwort der Gruppe, 2 Änderungswünsche." in page
    tabs = "Neu 4 Wartet auf die Gruppe 2 Änderungswünsche 2 Erledigt 1 Alle 7"
    assert tabs in page


def test_inbox_forgets_a_wish_for_a_date_that_is_over(staff_client: CheckedClient, clock: Clock) -> None:
    make.house()
    hall = make.room()
    booking = make.booking(hall, "2027-01-19T16:00", title="Wunsch", status=Status.APPROVED)
    at = {booking.occurrences[0].id: Place(hall.id, make.slot("2027-01-19T18:00"))}
    changing.ask_for_change(booking, at, "", clock.now)
    clock.set("2027-01-20T10:00")

    assert entries(staff_client.get("/team?tab=wishes").text) == []
    assert "Alles beantwortet. Zeit für einen Kaffee." in text(parse(staff_client.get("/team").text)[0])


def test_inbox_can_be_read_in_english(staff_client: CheckedClient) -> None:
    make.house()
    make.booking(make.room(), "2027-01-06T16:00", title="Arbeitsgruppen")

    assert entries(staff_client.get("/en/team").text) == [["Arbeitsgruppen", "1 free"]]


# -- What groups have done


def news(page: str) -> list[str]:
    sections = [each for each in parse(page)[0].iter("section") if each.get("class") == "sheet news"]
    return [text(line) for section in sections for line in section.iter("li")]


def test_what_a_group_did_stands_in_the_inbox_until_it_is_seen(staff_client: CheckedClient, clock: Clock) -> None:
    make.house()
    hall = make.room()
    choir = make.booking(
        hall, "2027-01-06T16:00", "2027-01-13T16:00", "2027-01-20T16:00", title="Chor", status=Status.APPROVED
    )
    yoga = make.booking(hall, "2027-02-03T10:00", title="Yoga")
    first, second, third = (date.id for date in choir.occurrences)
    changing.cancel_dates(choir, [first, second], clock.now)
    clock.set("2026-11-30T10:05")
    requesting.withdraw(yoga, clock.now)
    changing.cancel_dates(choir, [third], clock.now)

    lines = news(staff_client.get("/team").text)

    assert [line.split(" 30.")[0] for line in lines] == [
        f"Chor Gesundes Städte-Netzwerk, {choir.reference} 2 Termine abgesagt, 1 Termin abgesagt",
        f"Yoga Gesundes Städte-Netzwerk, {yoga.reference} 1 Termin zurückgezogen",
    ]

    left = staff_client.submit("/team", form=f"/team/anfragen/{choir.reference}/gesehen", button="Gesehen")
    assert [line.split()[0] for line in news(left.text)] == ["Yoga"]
    changing.restore_dates(choir, [third], clock.now)
    assert [line.split()[0] for line in news(staff_client.get("/team").text)] == ["Chor", "Yoga"]


def test_what_a_group_did_meanwhile_is_not_seen(staff_client: CheckedClient, clock: Clock) -> None:
    make.house()
    choir = make.booking(make.room(), "2027-01-06T16:00", "2027-01-13T16:00", title="Chor", status=Status.APPROVED)
    first, second = (date.id for date in choir.occurrences)
    changing.cancel_dates(choir, [first], clock.now)
    path = f"/team/anfragen/{choir.reference}/gesehen"
    filled = find_form(staff_client.get("/team").text, path).filled({}, "Gesehen")
    changing.cancel_dates(choir, [second], clock.now)

    answer = staff_client.post(path, data=filled.data, follow_redirects=True)

    assert "Die Gruppe hat inzwischen noch etwas getan." in answer.text
    assert len(news(answer.text)) == 1


def test_what_the_team_has_acted_upon_is_seen(staff_client: CheckedClient, clock: Clock) -> None:
    make.house()
    choir = make.booking(make.room(), "2027-01-06T16:00", "2027-01-13T16:00", title="Chor", status=Status.APPROVED)
    first, second = (date.id for date in choir.occurrences)
    changing.cancel_dates(choir, [first], clock.now)

    afterwards.cancel(choir, {second: "Wasserschaden."}, seen_version=2, by=make.staff("Jonas"), now=clock.now)

    assert news(staff_client.get("/team").text) == []


# -- For later, and what is new


def test_request_noted_for_later_stays_in_sight(staff_client: CheckedClient, clock: Clock) -> None:
    make.house()
    hall = make.room()
    booking = make.booking(hall, "2027-01-06T16:00", reference="IO-26-0142", title="Stammtisch")
    make.booking(hall, "2027-01-07T16:00", reference="IO-26-0143", title="Chorprobe", group="Chor")

    done = staff_client.submit("/team/anfragen/IO-26-0142", form="decision", button="Für später merken")
    inbox = staff_client.get("/team")

    assert done.request.path == "/team/anfragen/IO-26-0143"
    assert "Für später gemerkt: Stammtisch." in " ".join(done.text.split())
    assert "für später (Henrike)" in inbox.text
    assert [each.status.value for each in booking.occurrences] == ["requested"]
    place = Place(hall.id, make.slot("2027-01-06T17:00"))
    changing.ask_for_change(booking, {booking.occurrences[0].id: place}, "", clock.now)
    assert "für später (Henrike)" not in staff_client.get("/team").text


def test_new_requests_are_told_and_not_put_into_the_list(staff_client: CheckedClient) -> None:
    make.house()
    hall = make.room()
    known = make.booking(hall, "2027-01-06T16:00")
    assert f"/team/neu?nach={known.id}" in staff_client.get("/team").text
    assert staff_client.get(f"/team/neu?nach={known.id}").text == ""

    make.booking(hall, "2027-01-07T16:00", group="Chor")

    assert staff_client.get(f"/team/neu?nach={known.id}").text == "1 neue Anfrage anzeigen"
    assert staff_client.get(f"/en/team/neu?nach={known.id}").text == "Show 1 new request"


def test_inbox_tells_of_keys_that_are_needed_today(staff_client: CheckedClient, clock: Clock) -> None:
    make.house()
    hall = make.room()
    for status in (Status.APPROVED, Status.CANCELLED):
        make.booking(hall, "2026-11-30T19:00", way_in="need", status=status, group=status.value)
    with_one = make.booking(
        make.room("Werkstatt", 20), "2026-11-30T19:00", way_in="need", status=Status.APPROVED, group="Chor"
    )
    hosting.hand_out_key(with_one, "17", by=make.staff("Jonas"), now=clock.now)

    assert "1 Schlüssel heute" in staff_client.get("/team").text
