"""From the mails about a series, a group's calendar shows what is true, whatever program reads them."""

import itertools
from contextlib import suppress
from datetime import UTC, date, timedelta

import pytest
import vobject
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from icalendar import Calendar

from booking import afterwards, changing, continuing, deciding, ical
from booking.availability.wanted import WishedDate
from booking.database import db, transaction
from booking.domain.recurrence import Frequency, RecurrenceRule
from booking.domain.status import Status
from booking.letters import dispatch
from booking.lifecycle import Place
from booking.models import Booking
from booking.sharing import fresh_links
from tests import make
from tests.support.programs import Entry, with_icalendar

NUMBERS = itertools.count(1)
WEDNESDAYS = ("2026-12-09T16:00", "2026-12-16T16:00", "2026-12-23T16:00", "2026-12-30T16:00")


def with_vobject(text):
    """Strictly: a component that lacks something, or has it twice, is refused."""
    file = vobject.readOne(text)
    file.validate(raiseException=True)
    return [
        Entry(
            file.method.value, event.uid.value, int(event.sequence.value), event.dtstamp.value, event.status.value,
            event.dtstart.value.astimezone(UTC), event.dtend.value.astimezone(UTC),
            event.location.value.partition(",")[0], event.summary.value,
        )
        for event in file.vevent_list
    ]  # fmt: skip


class Program:
    """A calendar program that takes files in as RFC 5546 says (sections 2.1.4 and 2.1.5).

    An event is known by its UID. A file counts for it if its SEQUENCE is
    higher, or the same with a later DTSTAMP; a ``strict`` program, like
    Outlook, takes a higher SEQUENCE only. ``read`` is the library it has.
    """

    def __init__(self, read=with_icalendar, *, strict=False):
        self.read = read
        self.strict = strict
        self.events = {}

    def open(self, text):
        entries = self.read(text)
        assert entries[0].method == "PUBLISH" or len({entry.uid for entry in entries}) == 1  # RFC 5546, section 3.2.5
        for entry in entries:
            assert (entry.method == "CANCEL") == (entry.status == "CANCELLED")
            known = self.events.get(entry.uid)
            if known:
                is_newer = (entry.sequence, entry.stamp) > (known.sequence, known.stamp)
                if not (entry.sequence > known.sequence if self.strict else is_newer):
                    continue
            self.events[entry.uid] = entry

    def shown(self):
        """What stands in the calendar: begin, end, room and title of each event that takes place."""
        return sorted((e.start, e.end, e.room, e.title) for e in self.events.values() if e.status == "CONFIRMED")


def truth(booking):
    db.session.rollback()
    dates = db.session.get(Booking, booking.id).dates(Status.APPROVED)
    return sorted((each.start, each.end, each.room.name, each.booking.title) for each in dates)


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
    texts = [part.get_payload(decode=True).decode() for part in parts]
    types = [(part.get_content_type(), part.get_param("method")) for part in parts]
    assert types == [("text/calendar", with_icalendar(text)[0].method) for text in texts]
    return texts


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
    afterwards.move(series, {first: place}, reason="", **seen(), **by, now=later())
    afterwards.cancel(series, {second: "Das Wasser steht im Keller."}, **seen(), **by, now=later())
    changing.cancel_dates(series, [third, fourth], later())
    changing.restore_dates(series, [third], later())
    rule_day = date(2027, 1, 6)
    wished = [WishedDate(rule_day, series.begins, series.minutes, workshop.id)]
    [added] = continuing.extend(series, wished, rule_day, {}, later())
    deciding.decide(series, approve=[added.id], **seen(), **by, now=later())
    return series


def test_mails_about_a_series_add_up_to_the_right_calendar(story, smtp, clock):
    sent = files(smtp, clock)
    programs = Program(), Program(strict=True)
    seen = []

    for file in sent:
        for program in programs:
            program.open(file)
        seen.append([with_icalendar(file)[0].method, *local(programs[0].shown())])

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
        ["CANCEL", ("12-10 17:00", "Werkstatt"), ("12-30 16:00", "Große Fläche")],
        ["CANCEL", ("12-10 17:00", "Werkstatt")],
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


DAYS = ("2026-12-09T16:00", "2027-03-25T16:00", "2027-04-01T16:00", "2027-11-03T16:00")  # summer time between them

#: What happens to a date: by whom, and in how many minutes after what came before. The letters of a group's steps wait
#: for three minutes, those of the team's decisions for one, and a cancellation can be taken back for ten.
STEPS = st.lists(
    st.tuples(
        st.sampled_from(["approve", "undo", "move", "cancel", "cancel by the group", "restore"]),
        st.integers(0, len(DAYS) - 1),
        st.sampled_from([0, 1, 4, 11]),
    ),
    min_size=8,
    max_size=12,
)


class Life:
    """A series of which somebody decides again and again."""

    def __init__(self, staff, clock):
        self.by, self.clock = staff, clock
        self.at = clock.set("2026-11-30T10:00")
        number = next(NUMBERS)
        self.rooms = [make.room(f"Raum {number} {name}") for name in "AB"]
        self.booking = make.booking(self.rooms[0], *DAYS, email=f"zoe-{number}@example.org", title="Stammtisch")
        fresh_links.note_use(make.link(self.booking), self.at)

    def take(self, step, index, minutes):
        self.at = self.clock.set(
            (self.at + timedelta(minutes=minutes)).astimezone(make.ZONE).strftime("%Y-%m-%dT%H:%M")
        )
        dispatch.deliver_due(self.at)
        db.session.rollback()
        booking = db.session.get(Booking, self.booking.id)
        date = booking.occurrences[index]
        seen = {"seen_version": booking.version, "by": self.by, "now": self.at}
        if step == "approve" and date.status is Status.REQUESTED:
            deciding.decide(booking, approve=[date.id], **seen)
        elif step == "undo":
            with suppress(deciding.LetterHasLeft):
                deciding.undo(booking, **seen)
        elif step == "move" and date.status is Status.APPROVED:
            room = self.rooms[date.room_id == self.rooms[0].id]
            afterwards.move(booking, {date.id: Place(room.id, date.slot)}, reason="", **seen)
        elif step == "cancel" and date.status is Status.APPROVED:
            afterwards.cancel(booking, {date.id: "Das Wasser steht im Keller."}, **seen)
        elif step == "cancel by the group":
            changing.cancel_dates(booking, [each.id for each in booking.occurrences[index:]], self.at)
        elif step == "restore":
            with suppress(changing.TooLate):
                changing.restore_dates(booking, [each.id for each in booking.occurrences[index:]], self.at)


@pytest.mark.browser
@settings(max_examples=settings().max_examples // 10, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=STEPS)
def test_whatever_happens_to_a_series_every_program_shows_what_is_true(sending, smtp, clock, with_ical_js, steps):
    life = Life(make.staff(), clock)
    smtp.messages.clear()
    for index in range(len(DAYS)):
        life.take("approve", index, 0)
    for step in steps:
        life.take(*step)

    libraries = (with_icalendar, with_vobject, with_ical_js)
    programs = [Program(read, strict=strict) for read in libraries for strict in (False, True)]
    for file in files(smtp, clock):
        for program in programs:
            program.open(file)

    assert [program.shown() for program in programs] == [truth(life.booking)] * len(programs)
    feed = Calendar.from_ical(ical.feed(db.session.get(Booking, life.booking.id), "de"))
    assert [event.start for event in feed.events if event["STATUS"] == "CONFIRMED"] == [
        start for start, *_ in truth(life.booking)
    ]
