"""What a calendar program reads in our files."""

from datetime import UTC, datetime

import pytest
import recurring_ical_events
from icalendar import Calendar

from booking import ical
from booking.database import transaction
from booking.domain.status import Status
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

    text = ical.of_dates(booking.occurrences, method="PUBLISH", language="de").replace("\r\n ", "")

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
    text = ical.of_dates(booking.occurrences, method=None, language="de")

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

    text = ical.of_dates(booking.occurrences, method="PUBLISH", language="de")

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

    text = ical.of_dates(booking.occurrences[:1], method=None, language="de")

    assert [event["STATUS"] for event in read(text).walk("VEVENT")] == [expected]


@pytest.mark.parametrize(("method", "organizers"), [("PUBLISH", 1), ("CANCEL", 1), (None, 0)])
def test_organizer_stands_only_where_the_method_needs_it(app, booking, method, organizers):
    calendar = read(ical.of_dates(booking.occurrences[:1], method=method, language="de"))

    assert calendar.get("METHOD") == method
    assert [len(event.organizer or "") > 0 for event in calendar.walk("VEVENT")] == [organizers == 1]


def test_english_file_leads_to_the_english_page(app, booking):
    calendar = read(ical.of_dates(booking.occurrences[:1], method=None, language="en"))

    assert [event["URL"] for event in calendar.walk("VEVENT")] == ["http://localhost/en/kalender/tag/2027-03-24"]


def test_calendar_of_no_dates_can_be_read(app, booking):
    assert read(ical.of_dates([], method=None, language="de")).walk("VEVENT") == []
