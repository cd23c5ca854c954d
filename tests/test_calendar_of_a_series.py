"""From the mails about a series, a group's calendar shows what is true, whatever program reads them."""

import itertools
from datetime import date, timedelta

import pytest
import recurring_ical_events
from icalendar import Calendar

from booking import changing, deciding
from booking.availability.wanted import WishedDate
from booking.database import db, transaction
from booking.domain.recurrence import Frequency, RecurrenceRule
from booking.domain.status import Status
from booking.letters import dispatch
from booking.lifecycle import Place
from booking.models import Booking
from booking.sharing import fresh_links
from tests import make

WEDNESDAYS = ("2026-12-09T16:00", "2026-12-16T16:00", "2026-12-23T16:00", "2026-12-30T16:00")


class Program:
    """A calendar program that takes files in as RFC 5546 says (sections 2.1.4 and 2.1.5).

    An event is known by its UID. A file counts for it if its SEQUENCE is
    higher, or the same with a later DTSTAMP; a ``strict`` program, like
    Outlook, takes a higher SEQUENCE only.
    """

    def __init__(self, *, strict=False):
        self.strict = strict
        self.events = {}

    def open(self, file):
        method = file["METHOD"]
        for event in file.walk("VEVENT"):
            known = self.events.get(event["UID"])
            age = (event["SEQUENCE"], event["DTSTAMP"].dt)
            if known:
                known_age = (known["SEQUENCE"], known["DTSTAMP"].dt)
                if age[0] <= known_age[0] if self.strict else age <= known_age:
                    continue
            assert (method == "CANCEL") <= (event["STATUS"] == "CANCELLED")
            self.events[event["UID"]] = event

    def shown(self):
        """What stands in the calendar: begin, end, room and title of each event that takes place."""
        calendar = Calendar()
        for event in self.events.values():
            if event["STATUS"] == "CONFIRMED":
                calendar.add_component(event)
        return [
            (event.start, event.end, str(event["LOCATION"]).partition(",")[0], str(event["SUMMARY"]))
            for event in sorted(
                recurring_ical_events.of(calendar).between((2026, 1, 1), (2028, 1, 1)), key=lambda event: event.start
            )
        ]


def truth(booking):
    db.session.rollback()
    return [
        (each.start, each.end, each.room.name, each.booking.title)
        for each in db.session.get(Booking, booking.id).dates(Status.APPROVED)
    ]


def local(shown):
    """Begin and room, easier to read."""
    return [(f"{begin.astimezone(make.ZONE):%m-%d %H:%M}", room) for begin, _, room, _ in shown]


@pytest.fixture
def series(sending_on_each, clock):
    rule = RecurrenceRule(start=date(2026, 12, 9), freq=Frequency.WEEKLY, count=len(WEDNESDAYS))
    booking = make.booking(make.room(), *WEDNESDAYS, rule=rule, title="Offener Stammtisch")
    fresh_links.note_use(make.link(booking), clock.now)  # a mailbox that is not proved gets few letters a day
    return booking


@pytest.fixture
def workshop(sending_on_each):
    return make.room("Werkstatt", 20)


@pytest.fixture
def staff(sending_on_each):
    return make.staff()


def files(smtp, clock):
    """The files of all mails that have arrived when all are sent, in their order."""
    dispatch.deliver_due(clock.now + timedelta(hours=1))
    parts = [part for message in smtp.messages for part in message.iter_attachments()]
    assert {part.get_content_type() for part in parts} <= {"text/calendar"}
    return [Calendar.from_ical(part.get_payload(decode=True)) for part in parts]


@pytest.fixture
def story(series, workshop, staff, smtp, clock):
    """A series is confirmed; then one date is moved, one cancelled by the team, one cancelled by the group and put
    back, one cancelled for good, one added and confirmed, and the whole gets another name."""
    first, second, third, fourth = [each.id for each in series.occurrences]
    by = {"by": staff}

    minutes = itertools.count(0, 5)

    def later():
        return clock.set(f"2026-11-30T10:{next(minutes):02}")

    def seen():
        db.session.rollback()
        return {"seen_version": db.session.get(Booking, series.id).version}

    deciding.decide(series, approve=[first, second, third, fourth], **seen(), **by, now=later())
    place = Place(workshop.id, make.slot("2026-12-10T17:00", 90))
    deciding.move(series, first, place, reason="", **seen(), **by, now=later())
    deciding.cancel(series, {second: "Das Wasser steht im Keller."}, **seen(), **by, now=later())
    changing.cancel_dates(series, [third, fourth], later())
    changing.restore_dates(series, [third], later())
    rule_day = date(2027, 1, 6)
    wished = [WishedDate(rule_day, series.begins, series.minutes, workshop.id)]
    [added] = changing.extend(series, wished, rule_day, {}, later())
    deciding.decide(series, approve=[added.id], **seen(), **by, now=later())
    return series


def test_mails_about_a_series_add_up_to_the_right_calendar(story, smtp, clock):
    sent = files(smtp, clock)
    programs = Program(), Program(strict=True)
    seen = []

    for file in sent:
        for program in programs:
            program.open(file)
        seen.append([str(file["METHOD"]), *local(programs[0].shown())])

    assert seen == [
        [
            "PUBLISH",
            ("12-09 16:00", "Große Fläche"),
            ("12-16 16:00", "Große Fläche"),
            ("12-23 16:00", "Große Fläche"),
            ("12-30 16:00", "Große Fläche"),
        ],
        [
            "PUBLISH",
            ("12-10 17:00", "Werkstatt"),
            ("12-16 16:00", "Große Fläche"),
            ("12-23 16:00", "Große Fläche"),
            ("12-30 16:00", "Große Fläche"),
        ],
        [
            "CANCEL",
            ("12-10 17:00", "Werkstatt"),
            ("12-23 16:00", "Große Fläche"),
            ("12-30 16:00", "Große Fläche"),
        ],
        ["PUBLISH", ("12-10 17:00", "Werkstatt")],
        ["PUBLISH", ("12-10 17:00", "Werkstatt"), ("12-23 16:00", "Große Fläche")],
        ["PUBLISH", ("12-10 17:00", "Werkstatt"), ("12-23 16:00", "Große Fläche"), ("01-06 16:00", "Werkstatt")],
    ]
    assert [program.shown() for program in programs] == [truth(story)] * 2
    assert len(programs[0].events) == 5  # nothing was doubled


def test_files_opened_twice_or_in_any_order_change_nothing(story, smtp, clock):
    sent = files(smtp, clock)

    for order in (sent * 2, sent[::-1], sent[3:] + sent[:3]):
        for program in (Program(), Program(strict=True)):
            for file in order:
                program.open(file)
            assert program.shown() == truth(story)


def test_new_title_renames_what_is_there(story, staff, smtp, clock):
    now = clock.set("2026-11-30T11:00")
    with transaction():
        story.title_wish = "Stammtisch für alle"
    deciding.settle_title(story, accept=True, seen_version=story.version, by=staff, now=now)

    for program in (Program(), Program(strict=True)):
        for file in files(smtp, clock):
            program.open(file)
        assert program.shown() == truth(story)
        assert {title for _, _, _, title in program.shown()} == {"Stammtisch für alle"}


def test_date_that_was_proposed_elsewhere_comes_once_it_is_accepted(series, workshop, staff, smtp, clock):
    now = clock.set("2026-11-30T10:00")
    first, *others = [each.id for each in series.occurrences]
    place = Place(workshop.id, make.slot("2026-12-09T18:00"))
    deciding.decide(series, approve=others, propose={first: place}, seen_version=series.version, by=staff, now=now)
    program = Program()
    for file in files(smtp, clock):
        program.open(file)
    before = local(program.shown())

    changing.accept(series, [first], clock.set("2026-12-01T10:00"))
    for file in files(smtp, clock):
        program.open(file)

    assert before == [(f"12-{day} 16:00", "Große Fläche") for day in (16, 23, 30)]
    assert local(program.shown()) == [("12-09 18:00", "Werkstatt"), *before]
