"""What programs fetch by themselves: calendars, news, and the public plan as JSON."""

import re
from datetime import timedelta
from xml.etree import ElementTree

import icalendar
import pytest
from flask import Flask

from booking import clock as our_clock
from booking import published
from booking.database import db, transaction
from booking.domain.status import Status
from booking.house import public_changed
from booking.models import Booking, Occurrence
from tests import make
from tests.support.app import Client, Clock

ODD = 'Tom & "Jerry" <b>fett</b>; Kommas, Zeilen\nund 🪡'
SECRETS = ("Zoë", "zoe@", "0521 123456", "Austausch", "Verschwiegen", "Nur gefragt")
FEEDS = ("/kalender.ics", "/offen.ics", "/raeume/grosse-flaeche.ics", "/gruppen/gesundes-staedte-netzwerk.ics")
DATA = ("/api/v1/rooms", "/api/v1/occurrences", "/api/v1/occupancy", "/api/v1/today")


@pytest.fixture
def plan(either_app: Flask, clock: Clock) -> Booking:
    """An open series of which one date is off and one moved, a closed meeting, and something only asked for."""
    clock.set("2027-01-04T09:00")
    make.house()
    hall, workshop, _ = make.rooms()
    series = make.booking(
        hall,
        *("2026-09-30T16:00", "2026-10-14T16:00", "2027-01-06T16:00", "2027-01-13T16:00", "2027-01-20T16:00"),
        status=Status.APPROVED,
        title=ODD,
        url="https://example.org/naehen",
        after_minutes=30,
    )
    closed = make.booking(
        workshop, "2027-01-06T18:00", status=Status.APPROVED, group="Selbsthilfe", title="Verschwiegen", is_open=False
    )
    make.booking(hall, "2027-01-07T16:00", title="Nur gefragt")
    with transaction():
        off, moved = series.occurrences[3:]
        off.status, off.sequence = Status.CANCELLED, 1
        moved.start, moved.end = (at + timedelta(days=1) for at in (moved.start, moved.end))
        moved.room_id, moved.sequence = workshop.id, 2
        closed.initiative.is_public = True
    return series


def events(client: Client, path: str) -> list[tuple[str, str, str, int]]:
    answer = client.get(path)
    assert (answer.status_code, answer.mimetype) == (200, "text/calendar"), path
    assert max(len(line) for line in answer.data.split(b"\r\n")) <= 75
    found = icalendar.Calendar.from_ical(answer.text).events
    return [(f"{e.start:%Y-%m-%d %H:%M}", str(e["summary"]), str(e["status"]), int(e["sequence"])) for e in found]


def test_feeds_hold_the_dates_of_the_plan(either_app: Flask, plan: Booking) -> None:
    client = Client(either_app)
    title = " ".join(ODD.split())
    first, *others = (
        ("2026-10-14 16:00", title, "CONFIRMED", 0),
        ("2027-01-06 16:00", title, "CONFIRMED", 0),
        ("2027-01-13 16:00", title, "CANCELLED", 1),
        ("2027-01-21 16:00", title, "CONFIRMED", 2),
    )
    closed = ("2027-01-06 18:00", "Geschlossenes Treffen", "CONFIRMED", 0)

    assert events(client, "/kalender.ics") == [first, others[0], closed, *others[1:]]
    assert events(client, "/offen.ics") == [first, *others]
    assert events(client, "/raeume/grosse-flaeche.ics") == [first, *others[:2]]
    assert events(client, "/raeume/werkstatt.ics") == [closed, others[2]]
    assert events(client, "/gruppen/gesundes-staedte-netzwerk.ics") == [first, *others]
    assert events(client, "/gruppen/selbsthilfe.ics") == []
    assert events(client, f"/termine/{plan.occurrences[2].id}.ics") == [others[0]]
    assert events(client, "/en/kalender.ics")[2] == ("2027-01-06 18:00", "Closed meeting", "CONFIRMED", 0)


def test_feeds_forget_what_is_off_after_sixty_days(either_app: Flask, plan: Booking, clock: Clock) -> None:
    clock.set("2027-03-04T09:00")
    assert [status for *_, status, _ in events(Client(either_app), "/offen.ics")].count("CANCELLED") == 1
    clock.set("2027-03-06T09:00")
    assert [status for *_, status, _ in events(Client(either_app), "/offen.ics")].count("CANCELLED") == 0


def test_feeds_are_not_there_for_what_is_not_public(either_app: Flask, plan: Booking) -> None:
    client = Client(either_app)
    with transaction():
        plan.initiative.is_public = False
    closed = db.session.scalars(db.select(Booking).where(Booking.title == "Verschwiegen")).one()
    asked = db.session.scalars(db.select(Booking).where(Booking.title == "Nur gefragt")).one()

    for path in (
        "/gruppen/gesundes-staedte-netzwerk.ics",
        "/gruppen/gesundes-staedte-netzwerk",
        "/raeume/keller.ics",
        f"/termine/{closed.occurrences[0].id}.ics",
        f"/termine/{asked.occurrences[0].id}",
        f"/termine/{asked.occurrences[0].id}.ics",
        "/termine/99999999999999999999",
    ):
        assert client.get(path).status_code == 404, path


@pytest.mark.parametrize("path", [*FEEDS, "/kalender.atom", *DATA])
def test_feed_that_has_not_changed_is_said_to_be_the_same(app: Flask, clock: Clock, path: str) -> None:
    clock.set("2027-01-06T09:00")
    make.house()
    booking = make.booking(make.room(), "2027-01-06T16:00", status=Status.APPROVED)
    client = Client(app)
    first = client.get(path)
    held = {"If-None-Match": first.headers["ETag"]}

    assert (first.status_code, first.headers["Access-Control-Allow-Origin"]) == (200, "*")
    assert client.get(path, headers=held).status_code == 304
    make.booking(booking.occurrences[0].room, "2027-01-06T19:00", status=Status.APPROVED)
    with transaction():
        public_changed()
    assert client.get(path, headers=held).status_code == 200


def test_public_answers_tell_nothing_that_is_not_public(either_app: Flask, plan: Booking) -> None:
    client = Client(either_app)
    closed = db.session.scalars(db.select(Booking).where(Booking.title == "Verschwiegen")).one()
    pages = [*FEEDS, "/kalender.atom", *DATA, f"/termine/{closed.occurrences[0].id}", "/gruppen/selbsthilfe"]
    pages.append("/api/v1/occurrences?from=2026-09-01&to=2027-08-30")

    for path in pages:
        told = client.get(path).text
        assert [word for word in SECRETS if word in told] == [], path


def test_news_tell_the_latest_change_first(either_app: Flask, plan: Booking) -> None:
    with transaction():
        plan.occurrences[3].changed_at = our_clock.now() + timedelta(minutes=1)
    root = ElementTree.fromstring(Client(either_app).get("/kalender.atom").text)  # noqa: S314 - our own
    name = "{http://www.w3.org/2005/Atom}"

    titles = [entry.findtext(f"{name}title") for entry in root.iter(f"{name}entry")]
    assert titles[0] == f"Fällt aus: {ODD}"
    assert sorted(titles[1:]) == sorted([ODD, ODD, "Geschlossenes Treffen"])
    assert all(
        re.fullmatch(r"http://localhost/termine/\d+#\d+", e.findtext(f"{name}id") or "")
        for e in root.iter(f"{name}entry")
    )


def test_occurrences_hold_the_plan_of_a_period(either_app: Flask, plan: Booking) -> None:
    client = Client(either_app)
    found = client.get("/api/v1/occurrences?from=2027-01-06&to=2027-01-13").json

    ids = [each.id for each in plan.occurrences]
    assert found["next"] is None
    first, closed, off = found["occurrences"]
    assert first == {
        "id": ids[2],
        "start": "2027-01-06T16:00:00+01:00",
        "end": "2027-01-06T18:00:00+01:00",
        "doors": None,
        "room": "grosse-flaeche",
        "status": "confirmed",
        "moved_from": None,
        "open": True,
        "open_end": False,
        "title": ODD,
        "group": "Gesundes Städte-Netzwerk",
        "link": "https://example.org/naehen",
        "url": f"http://localhost/termine/{ids[2]}",
        "updated": "2027-01-04T09:00:00+01:00",
    }
    assert (closed["title"], closed["group"], closed["link"], closed["room"]) == (None, None, None, "werkstatt")
    assert (off["id"], off["status"]) == (ids[3], "cancelled")
    (moved,) = client.get("/api/v1/occurrences?from=2027-01-14&room=werkstatt").json["occurrences"]
    assert (moved["start"], moved["moved_from"]) == ("2027-01-21T16:00:00+01:00", "2027-01-20T16:00:00+01:00")


def test_occurrences_go_on_where_a_page_ends(app: Flask, clock: Clock) -> None:
    clock.set("2027-01-01T09:00")
    make.house()
    start = make.instant("2027-01-01T08:00")
    days = [(start + timedelta(hours=7 * n)).strftime("%Y-%m-%dT%H:%M") for n in range(203)]
    made = make.booking(make.room(), *days, minutes=60, status=Status.APPROVED)
    client, address, found = Client(app), "/api/v1/occurrences?from=2027-01-01&to=2027-12-31", []

    while address:
        answer = client.get(address.removeprefix("http://localhost")).json
        found += [each["id"] for each in answer["occurrences"]]
        address = answer["next"]

    assert found == [each.id for each in sorted(made.occurrences, key=lambda each: each.start)]


def test_occupancy_tells_when_a_room_cannot_be_had(either_app: Flask, clock: Clock) -> None:
    clock.set("2027-01-04T09:00")
    make.house()
    hall = make.room("Saal", parts=["vorn", "hinten"])
    make.room("Vorn", parts=["vorn"])
    make.room("Küche")
    make.booking(hall, "2027-01-06T16:00", status=Status.APPROVED, before_minutes=15, after_minutes=45)
    make.closure("2027-01-06T08:00", "2027-01-06T12:00", room=hall)

    def told(query: str = "") -> list[tuple[str, str, str, str]]:
        found = Client(either_app).get(f"/api/v1/occupancy?from=2027-01-06&to=2027-01-06{query}").json["occupancy"]
        return [(each["room"], each["start"][11:16], each["end"][11:16], each["reason"]) for each in found]

    assert told("&room=vorn") == [("vorn", "15:45", "18:45", "taken")]
    assert told() == [
        ("saal", "08:00", "12:00", "closed"),
        ("saal", "15:45", "18:45", "taken"),
        ("vorn", "15:45", "18:45", "taken"),
    ]


def test_occupancy_of_all_rooms_is_for_two_months_and_of_one_for_a_year(app: Flask) -> None:
    make.house()
    make.room("Saal")
    address = "/api/v1/occupancy?from=2027-01-01&to=2027-12-31"

    assert (Client(app).get(address).status_code, Client(app).get(f"{address}&room=saal").status_code) == (422, 200)


def test_question_about_several_rooms_does_not_tell_whether_somebody_has_asked_for_them(app: Flask) -> None:
    make.house()
    hall, workshop, _ = make.rooms()
    make.room("Beide", slug="grosse-flaeche+werkstatt", together=[hall.id, workshop.id], is_active=False)

    said = {
        slug: Client(app).get(f"/api/v1/occurrences?room={slug}")
        for slug in ("grosse-flaeche%2Bwerkstatt", "werkstatt%2Bbesprechung", "keller")
    }

    assert [answer.status_code for answer in said.values()] == [200, 200, 422]
    sentence = "There is no such room. The rooms are: grosse-flaeche, werkstatt, besprechung."
    assert said["keller"].json["errors"][0]["en"] == sentence


def test_feed_that_is_too_long_leaves_out_the_past_first(app: Flask, clock: Clock) -> None:
    clock.set("2027-01-10T09:00")
    make.house()
    dates = make.booking(
        make.room(), "2027-01-09T10:00", "2027-01-11T10:00", "2027-01-12T10:00", status=Status.APPROVED
    )
    coming = Occurrence.end > clock.now

    found = published.public_dates(published.for_feeds(clock.now), first=coming, most=2)

    assert [each.id for each in found] == [each.id for each in dates.occurrences[1:]]


def test_today_tells_the_day_and_why_the_house_is_closed(app: Flask, clock: Clock) -> None:
    clock.set("2027-01-06T09:00")
    make.house()
    make.booking(make.room(), "2027-01-06T16:00", "2027-01-07T16:00", status=Status.APPROVED)
    make.closure("2027-01-06T00:00", "2027-01-07T00:00")

    found = Client(app).get("/api/v1/today").json

    assert (found["day"], found["closed"]) == ("2027-01-06", {"de": "Betriebsferien", "en": "Closed for holidays"})
    assert [each["start"] for each in found["occurrences"]] == ["2027-01-06T16:00:00+01:00"]


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("from=morgen", "from"),
        ("from=20270106", "from"),
        ("from=2027-02-30", "from"),
        ("from=0001-01-01", "from"),
        ("from=2027-01-02&to=2027-01-01", "to"),
        ("from=2027-01-01&to=2028-06-01", "to"),
        ("room=keller", "room"),
        ("after=-1", "after"),
        ("after=99999999999999999999", "after"),
    ],
)
def test_data_refuse_what_cannot_be_meant(app: Flask, query: str, field: str) -> None:
    make.house()
    make.room()
    answer = Client(app).get(f"/api/v1/occurrences?{query}")

    assert (answer.status_code, answer.mimetype) == (422, "application/problem+json")
    assert answer.json["field"] == field
    assert answer.json["errors"][0]["de"]


def test_document_of_the_interface_knows_all_addresses(app: Flask) -> None:
    make.house()

    paths = Client(app).get("/api/v1/openapi.json").json["paths"]

    assert sorted(paths) == sorted([*DATA, "/api/v1/preview", "/api/v1/read"])
