"""Calendars from outside that rooms follow: what they close, what is kept when they lie, where nobody gets by them."""

import json
import socket

import pytest
import sqlalchemy as sa
from flask import Flask

from booking.availability.check import check
from booking.availability.wanted import Wanted
from booking.database import Base, db
from booking.domain.status import Status
from booking.models import Occurrence, OutsideCalendar, Room
from booking.outside import fetching, following
from booking.outside.fetching import NotFetched, fetch, is_on_the_internet, target_of
from tests import make
from tests.support.app import CheckedClient, Clock
from tests.support.calendars import CalendarServer, calendar, event
from tests.support.pages import parse, text

HERE = "/team/haus/raeume/grosse-flaeche"


def refusal(address: str, *permitted: str) -> str:
    with pytest.raises(NotFetched) as fault:
        fetch(address, permitted)
    return str(fault.value)


@pytest.mark.parametrize(
    ("path", "code"),
    [
        ("/page", "other"),
        ("/large", "large"),
        ("/packed", "other"),
        ("/broken", "unreachable"),
        ("/fault", "status"),
        ("/drip", "slow"),
    ],
)
def test_what_is_no_calendar_is_refused(
    calendar_server: CalendarServer, monkeypatch: pytest.MonkeyPatch, path: str, code: str
) -> None:
    if path == "/drip":
        monkeypatch.setattr(fetching, "PATIENCE", 0.5)

    assert refusal(calendar_server.origin + path, calendar_server.origin) == code


def test_calendar_is_fetched_after_a_redirect_and_not_without_end(calendar_server: CalendarServer) -> None:
    origin = calendar_server.origin
    calendar_server.leads_to = "/room.ics"
    assert fetch(f"{origin}/elsewhere", [origin]) == calendar_server.text.encode()

    calendar_server.leads_to = "/elsewhere"
    assert refusal(f"{origin}/elsewhere", origin) == "redirects"
    calendar_server.leads_to = "http://[::1/room.ics"
    assert refusal(f"{origin}/elsewhere", origin) == "address"
    assert calendar_server.asked == ["/elsewhere", "/room.ics"] + ["/elsewhere"] * 5


@pytest.mark.parametrize(
    "host",
    [
        *("127.0.0.1", "localhost", "2130706433", "0x7f.1", "0.0.0.0", "10.1.2.3", "172.16.0.1", "192.168.0.1"),
        *("169.254.169.254", "100.64.0.1", "224.0.0.1", "255.255.255.255"),
        *("[::1]", "[::]", "[fe80::1]", "[fc00::1]", "[::ffff:127.0.0.1]", "[::ffff:10.0.0.1]", "[::127.0.0.1]"),
        *("[64:ff9b::7f00:1]", "[2002:7f00:1::]", "[2001:0:7f00:1::]", "[ff02::1]", "[fec0::1]"),
        "93.184.216.34:8080",  # public, but no place for a calendar
    ],
)
def test_no_address_of_our_own_network_is_asked(calendar_server: CalendarServer, host: str) -> None:
    assert refusal(f"http://{host}/room.ics") == "private"

    calendar_server.leads_to = f"http://{host}/room.ics"
    assert refusal(f"{calendar_server.origin}/elsewhere", calendar_server.origin) == "private", "by a redirect neither"


def test_what_is_permitted_is_one_origin_alone(calendar_server: CalendarServer) -> None:
    origin, port = calendar_server.origin, calendar_server.server_port

    for address in (f"{origin}/room.ics", f"http://localhost:{port}/", f"http://[::ffff:127.0.0.1]:{port}/"):
        assert refusal(address) == "private"
        assert refusal(address, "http://127.0.0.1", f"https://127.0.0.1:{port}") == "private"
    assert calendar_server.asked == []


def test_stranger_leads_nobody_into_the_network_that_is_permitted(
    calendar_server: CalendarServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    here, known, connect = ("127.0.0.1", calendar_server.server_port), socket.getaddrinfo, socket.create_connection
    public = [(socket.AF_INET, socket.SOCK_STREAM, 0, "", ("93.184.216.34", 80))]
    monkeypatch.setattr(
        socket, "getaddrinfo", lambda host, *a, **b: public if host == "stranger.example" else known(host, *a, **b)
    )
    monkeypatch.setattr(socket, "create_connection", lambda _address, timeout: connect(here, timeout))
    calendar_server.leads_to = f"{calendar_server.origin}/room.ics"

    assert refusal("http://stranger.example/elsewhere", calendar_server.origin) == "private"
    assert calendar_server.asked == ["/elsewhere"]


@pytest.mark.parametrize("ip", ["93.184.216.34", "2606:2800:220:1:248:1893:25c8:1946"])
def test_address_of_the_internet_is_public(ip: str) -> None:
    assert is_on_the_internet(ip)


@pytest.mark.parametrize(
    ("address", "meant"),
    [
        ("webcal://Example.org/a b.ics", None),
        ("webcal://Example.org/a.ics?x=1", ("https", "example.org", 443, "/a.ics?x=1")),
        (" http://müller.example:8080 ", ("http", "xn--mller-kva.example", 8080, "/")),
        ("https://[2606:2800::1]/", ("https", "2606:2800::1", 443, "/")),
        *(
            (each, None)
            for each in ("", "room.ics", "ftp://example.org/", "file:///etc/passwd", "https://", "https:///x")
        ),
        *(
            (each, None)
            for each in ("https://a:b@example.org/", "https://example.org:99999/", "https://exa\r\nmple.org/")
        ),
        ("https://example.org/a\r\nHost: x", None),
    ],
)
def test_address_is_read_as_people_write_it(address: str, meant: tuple[str, str, int, str] | None) -> None:
    if meant:
        assert target_of(address) == meant
    else:
        with pytest.raises(NotFetched, match="address"):
            target_of(address)


def test_busy_is_what_keeps_the_room_and_nothing_else_leaves_the_reader(clock: Clock) -> None:
    series = {"UID": "series", "RRULE": "FREQ=WEEKLY;COUNT=3", "EXDATE;TZID=Europe/Berlin": "20261208T160000"}
    moved = {"UID": "series", "RECURRENCE-ID;TZID=Europe/Berlin": "20261215T160000"}
    told = calendar(
        event("20261201T160000", "20261201T180000", **series),
        event("20261216T100000", "20261216T110000", **moved),
        event("20261216T110000", "20261216T120000"),  # which begins when the moved one ends
        event("20261224", "20261225"),
        event("20261202T100000Z", "20261202T110000Z"),
        event("20261203T100000", "20261203T110000", TRANSP="TRANSPARENT"),
        event("20261203T100000", "20261203T110000", STATUS="CANCELLED"),
        event("20261203T100000", "20261203T110000", X_MICROSOFT_CDO_BUSYSTATUS="FREE"),
        event("20261204T100000"),  # no length
        event("20251204T100000", "20251204T110000"),  # long ago
        "BEGIN:VFREEBUSY\r\nUID:x\r\nDTSTAMP:20261101T000000Z",
        "FREEBUSY:20261205T100000Z/20261205T110000Z,20261205T120000Z/PT1H",
        "FREEBUSY;FBTYPE=FREE:20261206T100000Z/PT1H\r\nEND:VFREEBUSY",
    )

    busy = following.busy_times(told.encode(), make.ZONE, clock.now)

    expected = [
        *(("2026-12-01T16:00", "2026-12-01T18:00"), ("2026-12-02T11:00", "2026-12-02T12:00")),
        *(("2026-12-05T11:00", "2026-12-05T12:00"), ("2026-12-05T13:00", "2026-12-05T14:00")),
        *(("2026-12-16T10:00", "2026-12-16T12:00"), ("2026-12-24T00:00", "2026-12-25T00:00")),
    ]
    assert json.loads(busy) == [[int(make.instant(at).timestamp()) for at in span] for span in expected]


@pytest.mark.parametrize(
    "told",
    [
        pytest.param(calendar(event("20261201T100000", "20261201T100001", RRULE="FREQ=SECONDLY")), id="every second"),
        pytest.param("BEGIN:VCALENDAR\r\nnonsense", id="cut off"),
        pytest.param(calendar(event("20261301T100000", "20261301T110000")), id="a thirteenth month"),
    ],
)
def test_calendar_that_cannot_be_read_or_only_without_end_is_refused(clock: Clock, told: str) -> None:
    with pytest.raises(NotFetched, match="unreadable"):
        following.busy_times(told.encode(), make.ZONE, clock.now, cpu_seconds=1)


@pytest.fixture
def hall(either_app: Flask, calendar_server: CalendarServer, clock: Clock) -> Room:
    """A hall that follows the server's calendar; its half and the workshop follow none."""
    make.house()
    hall = make.room("Große Fläche", 60, parts=["vorn", "hinten"])
    make.room("Fläche vorn", 30, parts=["vorn"])
    make.room("Werkstatt", 20)
    either_app.config["CALENDARS_INSIDE"] = calendar_server.origin
    calendar_server.text = calendar(event("20261208T160000", "20261208T180000"))
    following.follow_calendar(hall, f"{calendar_server.origin}/room.ics", by=make.staff("Jonas"), now=clock.now)
    return hall


def states(clock: Clock, at: str = "2026-12-08T17:00") -> list[str]:
    """What stands in the way in each room."""
    db.session.rollback()
    rooms = db.session.scalars(db.select(Room).order_by(Room.id)).all()
    return [found.state for found in check([Wanted(room, make.slot(at, 30)) for room in rooms], clock.now)]


def trouble() -> tuple[str, int | None]:
    """The error of the calendar, and when it was read for the last time."""
    db.session.rollback()
    row = db.session.scalars(db.select(OutsideCalendar)).one()
    return row.error, row.fetched_at and int(row.fetched_at.timestamp())


def test_room_is_closed_while_its_calendar_is_busy(hall: Room, calendar_server: CalendarServer, clock: Clock) -> None:
    assert states(clock) == ["free"] * 3
    assert following.refresh(clock.now) == 1
    assert states(clock) == ["closed", "closed", "free"]
    assert states(clock, "2026-12-08T18:00") == ["free"] * 3

    calendar_server.text = calendar(event("20261209T160000", "20261209T180000"))
    assert following.refresh(clock.set("2026-11-30T10:14")) == 0
    assert states(clock) == ["closed", "closed", "free"]
    assert following.refresh(clock.set("2026-11-30T10:15")) == 1
    assert states(clock) == ["free"] * 3
    assert states(clock, "2026-12-09T17:00") == ["closed", "closed", "free"]

    following.follow_calendar(hall, "", by=make.staff("Jonas"), now=clock.now)
    assert states(clock, "2026-12-09T17:00") == ["free"] * 3


def test_calendar_that_lies_changes_nothing_and_is_told_of(
    hall: Room, either_app: Flask, calendar_server: CalendarServer, clock: Clock
) -> None:
    following.refresh(clock.now)
    read_at = int(clock.now.timestamp())
    client = CheckedClient(either_app, use_cookies=True)
    client.sign_in(make.staff("Henrike"))
    assert "gelesen vor 0 Sekunden" in text(parse(client.get(HERE).text)[0])

    calendar_server.text = "<!doctype html><title>Anmelden</title>"
    following.refresh(clock.set("2026-11-30T10:15"))

    assert trouble() == ("other", read_at)
    assert states(clock) == ["closed", "closed", "free"]
    page = text(parse(client.get(HERE).text)[0])
    assert "Unter der Adresse ist kein Kalender, sondern zum Beispiel eine Webseite." in page
    assert "Geschlossen ist, was wir vor 15 Minuten gelesen haben." in page

    calendar_server.text = calendar()
    client.submit(f"{HERE}/kalender", form=f"{HERE}/kalender/nachsehen")
    following.refresh(clock.now)
    assert trouble() == ("", int(clock.now.timestamp()))
    assert states(clock) == ["free"] * 3


def test_approved_date_stays_and_is_shown_where_the_calendar_is_busy(
    hall: Room, either_app: Flask, clock: Clock
) -> None:
    half = db.session.scalars(db.select(Room).where(Room.slug == "flaeche-vorn")).one()
    booking = make.booking(half, "2026-12-08T17:00", "2026-12-09T17:00", status=Status.APPROVED, title="Probe")
    client = CheckedClient(either_app, use_cookies=True)
    client.sign_in(make.staff("Henrike"))

    following.refresh(clock.now)

    page = text(parse(client.get(HERE).text)[0])
    assert "1 zugesagter Termin, während er belegt ist" in page
    assert "Di, 8. Dezember, 17:00 – 19:00: Probe" in page
    db.session.rollback()
    dates = db.session.scalars(db.select(Occurrence).where(Occurrence.booking_id == booking.id))
    assert {date.status for date in dates} == {Status.APPROVED}


def test_nobody_reads_what_is_on_in_a_calendar_from_outside(
    app: Flask, calendar_server: CalendarServer, clock: Clock, checked_client: CheckedClient
) -> None:
    make.house()
    hall = make.room()
    app.config["CALENDARS_INSIDE"] = calendar_server.origin
    calendar_server.text = calendar(event("20261208T160000", "20261208T180000"))
    following.follow_calendar(hall, f"{calendar_server.origin}/room.ics?key=s3cr3t", by=make.staff(), now=clock.now)
    following.refresh(clock.now)

    pages = ["/raeume/grosse-flaeche", "/kalender/tag/2026-12-08", "/en/kalender/tag/2026-12-08", "/lobby"]
    pages += ["/api/v1/occupancy?from=2026-12-08&to=2026-12-08", "/api/v1/rooms", "/kalender.ics"]
    answers = [checked_client.get(path).text for path in pages]

    assert not any("Geheim" in answer or "s3cr3t" in answer for answer in answers)
    assert '"2026-12-08T16:00:00+01:00"' in answers[4]
    db.session.rollback()
    rows = {table.name: str(db.session.execute(sa.select(table)).all()) for table in Base.metadata.sorted_tables}
    assert [name for name, told in rows.items() if "Geheim" in told] == []
    assert [name for name, told in rows.items() if "s3cr3t" in told] == ["outside_calendar"]
    assert "follow_calendar" in rows["log_entry"]


def test_several_rooms_that_are_booked_as_one_follow_no_calendar(app: Flask, staff_client: CheckedClient) -> None:
    make.house()
    hall, workshop, _ = make.rooms()
    make.room("Beide", slug="beide", together=[hall.id, workshop.id], is_active=False)

    assert staff_client.get("/team/haus/raeume/beide/kalender").status_code == 404


def test_address_that_is_none_is_refused_and_kept_in_the_field(app: Flask, staff_client: CheckedClient) -> None:
    make.house()
    make.room()

    answer = staff_client.submit(f"{HERE}/kalender", {"address": "ftp://example.org/room.ics"}, form="calendar")

    assert answer.status_code == 422
    assert "Gib die ganze Adresse des Kalenders ein" in text(parse(answer.text)[0])
    assert 'value="ftp://example.org/room.ics"' in answer.text
