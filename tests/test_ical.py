"""What a calendar program reads in our files."""

import io
import re
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import dateutil.tz
import pytest
import recurring_ical_events
from icalendar import Calendar

from booking import ical
from booking.database import db, transaction
from booking.domain.status import Status
from booking.models import House
from tests import make

NOW = make.instant("2026-11-30T10:00")

INJECTIONS = [
    pytest.param("x\r\nEND:VEVENT\r\nBEGIN:VEVENT", "x END:VEVENT BEGIN:VEVENT", id="line break"),
    pytest.param("x\rEND:VEVENT\rBEGIN:VEVENT", "x END:VEVENT BEGIN:VEVENT", id="carriage return alone"),
    pytest.param("x\u2028END:VEVENT\x85\x0bBEGIN:VEVENT", "x END:VEVENT BEGIN:VEVENT", id="other line ends"),
    pytest.param("a; b, c \\ d \\n e", "a; b, c \\ d \\n e", id="signs that are escaped"),
    pytest.param('"quoted": x', '"quoted": x', id="quotes and colon"),
    pytest.param("x\x00\x07y", "x y", id="control characters"),
    pytest.param(
        "Bürgertreff Sennestadt – „Größe“ 🎉" * 8, "Bürgertreff Sennestadt – „Größe“ 🎉" * 8, id="long, with umlauts"
    ),
]


@pytest.fixture
def booking(app):
    make.house()
    return make.booking(make.room(), "2027-03-24T18:30", "2027-03-31T18:30", title="Code for Bielefeld")


def read(text):
    return Calendar.from_ical(text)


def test_calendar_has_one_event_for_each_date(app, booking):
    with transaction():
        for occurrence, uid in zip(booking.occurrences, ("first", "second"), strict=True):
            occurrence.uid, occurrence.changed_at, occurrence.status = uid, NOW, Status.APPROVED
        booking.occurrences[1].sequence = 2

    text = "".join(ical.objects(booking.occurrences, "de")).replace("\r\n ", "")

    assert text[text.index("BEGIN:VEVENT") :].split("\r\n") == [
        "BEGIN:VEVENT",
        "SUMMARY:Code for Bielefeld",
        "DTSTART;TZID=Europe/Berlin:20270324T183000",
        "DTEND;TZID=Europe/Berlin:20270324T203000",
        "DTSTAMP:20261130T090000Z",
        "UID:first@localhost",
        "SEQUENCE:0",
        "LAST-MODIFIED:20261130T090000Z",
        "LOCATION:Große Fläche\\, Innovation Office\\, Alter Markt 13\\, 33602 Bielefeld",
        'ORGANIZER;CN="Innovation Office":mailto:innovationen@bielefeld.de',
        "STATUS:CONFIRMED",
        "URL:http://localhost/kalender/tag/2027-03-24",
        "END:VEVENT",
        "BEGIN:VEVENT",
        "SUMMARY:Code for Bielefeld",
        "DTSTART;TZID=Europe/Berlin:20270331T183000",
        "DTEND;TZID=Europe/Berlin:20270331T203000",
        "DTSTAMP:20261130T090000Z",
        "UID:second@localhost",
        "SEQUENCE:2",
        "LAST-MODIFIED:20261130T090000Z",
        "LOCATION:Große Fläche\\, Innovation Office\\, Alter Markt 13\\, 33602 Bielefeld",
        'ORGANIZER;CN="Innovation Office":mailto:innovationen@bielefeld.de',
        "STATUS:CONFIRMED",
        "URL:http://localhost/kalender/tag/2027-03-31",
        "END:VEVENT",
        "END:VCALENDAR",
        "",
    ]


def test_dates_keep_their_local_time_over_summer_time(app, booking):
    (text,) = ical.objects(booking.occurrences, "de")

    events = recurring_ical_events.of(read(text)).between((2027, 3, 1), (2027, 5, 1))

    assert [event.start.astimezone(UTC) for event in events] == [
        datetime(2027, 3, 24, 17, 30, tzinfo=UTC),
        datetime(2027, 3, 31, 16, 30, tzinfo=UTC),
    ]
    zone = read(text).walk("VTIMEZONE")[0]
    assert zone["TZID"] == "Europe/Berlin"
    assert [zone.to_tz().utcoffset(datetime(2027, 3, day)).total_seconds() for day in (24, 31)] == [3600, 7200]  # noqa: DTZ001 - wall time


@pytest.mark.parametrize(("title", "summary"), INJECTIONS)
def test_title_cannot_leave_its_line(app, booking, title, summary):
    with transaction():
        booking.title = title

    (text,) = ical.objects(booking.occurrences, "de")

    assert [str(event["SUMMARY"]) for event in read(text).walk("VEVENT")] == [summary, summary]
    lines = text.encode().split(b"\r\n")
    assert max(map(len, lines)) <= 75
    assert not any(b"\r" in line or b"\n" in line for line in lines)


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        (Status.REQUESTED, "TENTATIVE"),
        (Status.PROPOSED, "TENTATIVE"),
        (Status.APPROVED, "CONFIRMED"),
        (Status.DECLINED, "CANCELLED"),
        (Status.WITHDRAWN, "CANCELLED"),
        (Status.CANCELLED, "CANCELLED"),
    ],
)
def test_status_is_said_in_words_of_the_standard(app, booking, status, expected):
    with transaction():
        booking.occurrences[0].status = status

    (text,) = ical.objects(booking.occurrences[:1], "de")

    assert [event["STATUS"] for event in read(text).walk("VEVENT")] == [expected]


def test_every_cancelled_date_is_an_object_of_its_own(app, booking):
    dates = [*booking.occurrences, *(make.occurrence(booking, f"2027-04-0{day}T18:30") for day in (7, 8, 9))]
    with transaction():
        for number, each in enumerate(dates):
            each.status = Status.CANCELLED if number % 2 == 0 else Status.APPROVED

    files = [read(text) for text in ical.objects(dates, "de")]

    assert [(file["METHOD"], [str(event["STATUS"]) for event in file.events]) for file in files] == [
        ("PUBLISH", ["CONFIRMED", "CONFIRMED"]),
        *[("CANCEL", ["CANCELLED"])] * 3,
    ]
    assert {str(event.organizer) for file in files for event in file.events} == {"mailto:innovationen@bielefeld.de"}


def test_feed_says_its_name_and_how_often_to_ask(app, booking):
    with transaction():
        booking.title = "Chor; Stimmen\r\nX-EVIL:1, laut"
        for occurrence in booking.occurrences:
            occurrence.status = Status.APPROVED

    text = ical.feed(booking, "de").replace("\r\n ", "")

    assert text[text.index("CALSCALE") : text.index("BEGIN:VTIMEZONE")].split("\r\n") == [
        "CALSCALE:GREGORIAN",
        "NAME:Chor\\; Stimmen X-EVIL:1\\, laut\\, Innovation Office",
        "X-WR-CALNAME:Chor\\; Stimmen X-EVIL:1\\, laut\\, Innovation Office",
        "REFRESH-INTERVAL;VALUE=DURATION:PT1H",
        "X-PUBLISHED-TTL:PT1H",
        "",
    ]
    assert [event.organizer for event in read(text).events] == [None, None]


BERLIN = [
    ("STANDARD", "20251026T030000", "RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=10", "+0200", "+0100"),
    ("DAYLIGHT", "20250330T020000", "RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=3", "+0100", "+0200"),
]
CHICAGO = [
    ("STANDARD", "20251102T020000", "RRULE:FREQ=YEARLY;BYDAY=1SU;BYMONTH=11", "-0500", "-0600"),
    ("DAYLIGHT", "20250309T020000", "RRULE:FREQ=YEARLY;BYDAY=2SU;BYMONTH=3", "-0600", "-0500"),
]


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Europe/Berlin", BERLIN),
        ("America/Chicago", CHICAGO),
        ("Asia/Tokyo", [("STANDARD", "20250101T000000", "", "+0900", "+0900")]),
    ],
)
def test_zone_has_one_standard_and_one_summer_time_with_a_rule_each(app, booking, name, expected):
    with transaction():
        db.session.get(House, 1).zone_name = name
        for occurrence in booking.occurrences:
            occurrence.start -= timedelta(days=365)  # to 2026, so that it says what held before

    (text,) = ical.objects(booking.occurrences, "de")

    parts = re.findall(r"BEGIN:(STANDARD|DAYLIGHT)\r\n(.*?)END:", text, re.DOTALL)
    found = [(kind, dict(line.partition(":")[::2] for line in body.split("\r\n"))) for kind, body in parts]
    assert [
        (kind, of["DTSTART"], f"RRULE:{of['RRULE']}" if "RRULE" in of else "", of["TZOFFSETFROM"], of["TZOFFSETTO"])
        for kind, of in found
    ] == expected


@pytest.mark.parametrize(
    "name",
    [
        "Europe/Berlin",
        "Europe/Dublin",
        "America/Santiago",
        "Asia/Jerusalem",
        "Australia/Lord_Howe",
        "Africa/Casablanca",
    ],
)
def test_zone_tells_every_hour_as_it_is(name):
    """Also where no rule tells when clocks are set; read by a library that knows no zone but the file's."""
    text = ical._zone(ZoneInfo(name), 2027, 2028).to_ical().decode()
    read_zone = dateutil.tz.tzical(io.StringIO(f"BEGIN:VCALENDAR\r\n{text}END:VCALENDAR\r\n")).get(name)

    wall = [datetime(2027, 1, 1) + timedelta(hours=hour) for hour in range(0, 2 * 365 * 24, 5)]  # noqa: DTZ001 - wall time
    zone = ZoneInfo(name)

    offsets = {
        each: {each.replace(tzinfo=of).utcoffset() for of in (read_zone, zone)}
        for each in wall
        if each.replace(tzinfo=zone).utcoffset()
        == each.replace(tzinfo=zone, fold=1).utcoffset()  # neither twice nor never
    }

    assert [each for each, found in offsets.items() if len(found) > 1] == []


def test_english_file_leads_to_the_english_page(app, booking):
    calendar = read(ical.objects(booking.occurrences[:1], "en")[0])

    assert [event["URL"] for event in calendar.walk("VEVENT")] == ["http://localhost/en/kalender/tag/2027-03-24"]


def test_calendar_of_no_dates_can_be_read(app, booking):
    assert ical.objects([], "de") == []
    assert read(ical.feed(booking, "de")).walk("VEVENT") == []  # nothing is confirmed yet
