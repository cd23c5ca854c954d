"""What happens by itself: on both sides of each moment, once, however many workers look."""

import threading
from datetime import timedelta

import pytest

from booking import changing, deadlines, lifecycle, links
from booking.database import db, transaction
from booking.deadlines import Settled, settle
from booking.domain.policy import HANDOVER_WAITS
from booking.domain.recurrence import Frequency, RecurrenceRule
from booking.domain.status import Action, Status
from booking.lifecycle import Place
from booking.models import KeyLoan, Letter, LogEntry, occupancy
from booking.sharing.handover import hand_over, open_handover
from tests import make
from tests.support.app import on_both
from tests.support.letters import four_at_once

NOTHING = Settled(0, 0, 0, 0)
REMINDED = Settled(0, 1, 0, 0)
ASKED = Settled(0, 0, 1, 0)


@pytest.fixture
def hall(either_app):
    make.house()
    return make.room()


@pytest.fixture
def lone(hall, clock):
    """A single date on Thursday, 10 December, approved on 30 November."""
    return make.booking(hall, "2026-12-10T19:00", status=Status.APPROVED)


def series(hall, *starts, rule=None, status=Status.APPROVED, **changes):
    first = make.instant(starts[0]).astimezone(make.ZONE).date()
    rule = rule or RecurrenceRule(start=first, freq=Frequency.WEEKLY, count=len(starts))
    return make.booking(hall, *starts, rule=rule, status=status, **changes)


def kinds():
    db.session.rollback()
    return [letter.kind for letter in db.session.scalars(db.select(Letter).order_by(Letter.id))]


# Proposals


@pytest.fixture
def proposal(hall, clock):
    """A date that was proposed elsewhere, with a week for the answer."""
    booking = make.booking(hall, "2027-01-06T16:00")
    date = booking.occurrences[0]
    place = Place(make.room("Werkstatt", 20).id, make.slot("2027-01-06T18:30"))
    with transaction():
        lifecycle.take(
            booking,
            {Action.PROPOSE: [date]},
            places={date.id: place},
            answer_by=clock.now + timedelta(days=7),
            now=clock.now,
        )
    return date


def test_proposal_holds_its_room_until_the_last_moment(proposal, clock):
    settled = settle(proposal.open_change.answer_by)

    assert (settled, proposal.status, kinds()) == (NOTHING, Status.PROPOSED, ["proposal"])


def test_proposal_that_nobody_answered_gives_its_room_back(proposal, clock):
    settled = settle(proposal.open_change.answer_by + timedelta(seconds=1))

    assert (settled, kinds()) == (Settled(1, 0, 0, 0), ["proposal", "proposal_expired"])
    db.session.refresh(proposal)
    assert (proposal.status, proposal.room.name, proposal.slot) == (
        Status.DECLINED,
        "Große Fläche",
        make.slot("2027-01-06T16:00"),
    )
    assert proposal.changes[-1].state == "expired"
    assert db.session.execute(db.select(occupancy)).all() == []
    last = db.session.scalars(db.select(LogEntry).order_by(LogEntry.id.desc())).first()
    assert (last.action, last.actor, last.count) == ("expire", "system", 1)


def test_answered_proposal_does_not_run_out(proposal, clock):
    changing.accept(proposal.booking, [proposal.id], clock.now)

    assert settle(clock.now + timedelta(days=8)) == NOTHING


# Reminders


@pytest.mark.parametrize(
    ("now", "settled"),
    [
        pytest.param("2026-12-08T07:59", NOTHING, id="before eight"),
        pytest.param("2026-12-08T08:00", REMINDED, id="at eight"),
        pytest.param("2026-12-08T23:59", REMINDED, id="until midnight"),
        pytest.param("2026-12-07T12:00", NOTHING, id="three days ahead"),
        pytest.param("2026-12-09T12:00", NOTHING, id="tomorrow"),
    ],
)
def test_single_date_is_reminded_of_on_the_day_before_the_day_before(lone, clock, now, settled):
    assert settle(clock.set(now)) == settled


def test_day_after_tomorrow_is_a_day_of_the_house(hall, clock):
    make.booking(hall, "2026-12-10T00:15", status=Status.APPROVED)
    make.booking(hall, "2026-12-11T00:15", status=Status.APPROVED)

    assert settle(clock.set("2026-12-08T08:00")) == REMINDED


@pytest.mark.parametrize("status", [status for status in Status if status is not Status.APPROVED])
def test_only_confirmed_dates_are_reminded_of(hall, clock, status):
    make.booking(hall, "2026-12-10T19:00", status=status)

    assert settle(clock.set("2026-12-08T12:00")) == NOTHING


@pytest.mark.parametrize(("decided", "settled"), [("2026-12-08T00:00", NOTHING), ("2026-12-07T23:59", REMINDED)])
def test_group_that_was_told_today_is_not_reminded(lone, clock, decided, settled):
    with transaction():
        lone.occurrences[0].decided_at = make.instant(decided)

    assert settle(clock.set("2026-12-08T12:00")) == settled


@pytest.mark.parametrize(
    ("wish", "reminded"),
    [
        pytest.param(False, ["2026-12-10"], id="first of a series"),
        pytest.param(True, ["2026-12-10", "2026-12-17", "2026-12-24"], id="every date"),
    ],
)
def test_series_is_reminded_of_its_first_date_or_of_all_if_it_wishes(hall, clock, wish, reminded):
    booking = series(hall, "2026-12-10T19:00", "2026-12-17T19:00", "2026-12-24T19:00", reminders=wish)

    for day in range(1, 30):
        settle(clock.set(f"2026-12-{day:02}T09:00"))

    db.session.rollback()
    assert [f"{each.start:%Y-%m-%d}" for each in booking.occurrences if each.reminded_at] == reminded
    assert kinds().count("reminder") == len(reminded)


def test_first_date_is_the_first_that_takes_place(hall, clock):
    booking = series(hall, "2026-12-03T19:00", "2026-12-10T19:00", "2026-12-17T19:00")
    with transaction():
        booking.occurrences[0].status = Status.CANCELLED

    assert settle(clock.set("2026-12-08T12:00")) == REMINDED


@on_both
def test_reminder_is_sent_once_however_many_look(either_app, lone, clock):
    now = clock.set("2026-12-08T08:00")

    four_at_once(either_app, settle, now)

    assert (kinds(), settle(now)) == (["reminder"], NOTHING)


# The end of a series


THURSDAYS = ("2026-11-19T19:00", "2026-12-03T19:00", "2027-01-14T19:00")


@pytest.mark.parametrize(
    ("now", "settled"),
    [
        pytest.param("2026-12-03T20:59", NOTHING, id="more than six weeks"),
        pytest.param("2026-12-03T21:00", ASKED, id="six weeks"),
        pytest.param("2026-12-04T07:59", NOTHING, id="at night"),
        pytest.param("2027-01-14T18:59", ASKED, id="just before the last date"),
        pytest.param("2027-01-14T19:00", NOTHING, id="past"),
    ],
)
def test_group_is_asked_whether_its_series_goes_on(hall, clock, now, settled):
    clock.set("2026-11-10T12:00")
    series(hall, *THURSDAYS)

    assert settle(clock.set(now)) == settled


@on_both
def test_group_is_asked_once_and_again_after_it_has_gone_on(either_app, hall, clock):
    clock.set("2026-11-10T12:00")
    booking = series(hall, *THURSDAYS)
    now = clock.set("2026-12-07T12:00")

    four_at_once(either_app, settle, now)

    assert (kinds(), settle(now)) == (["series_ends"], NOTHING)
    with transaction():
        booking.end_told_at = None  # as when it is extended
    assert settle(now) == ASKED


@pytest.mark.parametrize("status", [Status.REQUESTED, Status.PROPOSED, Status.APPROVED])
def test_group_that_has_asked_for_more_is_not_asked(hall, clock, status):
    clock.set("2026-11-10T12:00")
    make.occurrence(series(hall, *THURSDAYS), "2027-03-04T19:00", status=status)

    assert settle(clock.set("2026-12-07T12:00")) == NOTHING


def test_group_is_asked_where_its_last_dates_do_not_take_place(hall, clock):
    clock.set("2026-11-10T12:00")
    make.occurrence(series(hall, *THURSDAYS), "2027-03-04T19:00", status=Status.CANCELLED)

    assert settle(clock.set("2026-12-07T12:00")) == ASKED


def test_series_that_has_not_begun_is_not_asked_whether_it_goes_on(hall, clock):
    series(hall, "2026-12-17T19:00", "2026-12-24T19:00")

    assert settle(clock.now) == NOTHING
    assert settle(clock.set("2026-12-18T09:00")) == ASKED


def test_single_dates_are_no_series(hall, clock):
    clock.set("2026-11-10T12:00")
    make.booking(hall, *THURSDAYS, status=Status.APPROVED)

    assert settle(clock.set("2026-12-07T12:00")) == NOTHING


# Handovers


@pytest.fixture
def handover(lone, clock):
    hand_over(lone, "Ali", "ali@example.org", clock.now)
    return open_handover(lone, clock.now)


def test_handover_that_nobody_confirmed_ends_after_two_weeks(handover, lone, clock):
    ends = handover.created_at + HANDOVER_WAITS
    former, successor = lone.contact, handover.contact

    before, then = settle(ends - timedelta(seconds=1)), settle(ends)

    db.session.rollback()
    assert (before.handovers, then.handovers, settle(ends).handovers) == (0, 1, 0)
    assert (handover.ended_at, successor.email, lone.contact) == (ends, None, former)
    assert [links.current(lone, each, "handover") for each in (former, successor)] == [None, None]


# All of it


def test_bookings_of_the_office_get_no_letters(hall, clock):
    clock.set("2026-11-10T12:00")
    series(hall, *THURSDAYS, "2026-12-10T19:00", contact=None, reminders=True)

    assert settle(clock.set("2026-12-08T12:00")) == NOTHING
    assert kinds() == []


def test_people_who_were_forgotten_get_no_letters(hall, clock):
    clock.set("2026-11-10T12:00")
    booking = series(hall, *THURSDAYS, "2026-12-10T19:00", reminders=True)
    with transaction():
        booking.contact.name = booking.contact.email = None

    assert settle(clock.set("2026-12-08T12:00")) == NOTHING


def test_booking_that_cannot_be_settled_keeps_no_other_waiting(hall, lone, clock, caplog):
    broken = make.booking(hall, "2026-12-10T10:00", status=Status.APPROVED)
    with transaction():
        broken.rule = {**broken.rule, "freq": "never"}

    settled = settle(clock.set("2026-12-08T12:00"))

    assert (settled, kinds()) == (REMINDED, ["reminder"])
    assert [record.getMessage() for record in caplog.records] == [f"deadlines: RuleError with booking {broken.id}"]


def test_deadlines_are_kept_every_minute_until_stopped(either_app, lone, clock):
    clock.set("2026-12-08T08:00")
    stop = threading.Event()
    keeper = threading.Thread(target=deadlines.run_every_minute, args=(either_app, stop))
    keeper.start()
    stop.set()
    keeper.join()

    assert kinds() == ["reminder"]


def test_house_that_is_not_set_up_has_no_deadlines(app, caplog):
    stop = threading.Event()
    keeper = threading.Thread(target=deadlines.run_every_minute, args=(app, stop))
    keeper.start()
    stop.set()
    keeper.join()

    assert caplog.records == []


def test_deadlines_can_be_kept_by_a_command(app, clock):
    make.house()
    make.booking(make.room(), "2026-12-10T19:00", status=Status.APPROVED)
    clock.set("2026-12-08T12:00")

    result = app.test_cli_runner().invoke(args=["deadlines", "run"])

    assert result.output == "expired: 0\nreminders: 1\nseries_ends: 0\nhandovers: 0\nkeys: 0\n"


# Keys


@pytest.fixture
def needs_key(hall, clock):
    """Two evenings, on 10 and 17 December, for which a key is needed."""
    return series(hall, "2026-12-10T19:00", "2026-12-17T19:00", way_in="need")


def lend(booking, now):
    with transaction():
        loan = KeyLoan(booking=booking, number="7", handed_out_at=now)
        db.session.add(loan)
    return loan


@pytest.mark.parametrize(
    ("now", "told"),
    [("2026-12-03T12:00", 0), ("2026-12-03T19:00", 1), ("2026-12-04T07:59", 0), ("2026-12-04T08:00", 1)],
)
def test_group_is_told_of_its_key_in_the_morning_of_the_week_before(needs_key, clock, now, told):
    now = clock.set(now)

    assert (settle(now).keys, settle(now).keys, kinds()) == (told, 0, ["key_ready"] * told)


def test_letter_about_the_key_says_where_it_is_and_until_when(needs_key, clock):
    settle(clock.set("2026-12-04T08:00"))

    body = db.session.scalars(db.select(Letter.body)).one()
    assert "Dein Schlüssel liegt im Büro bereit, montags bis freitags zwischen 9 und 17 Uhr." in body
    assert "spätestens am Do, 24. Dezember 2026." in body
    assert "Do, 10. Dezember 2026, 19:00 bis 21:00 Uhr" in body


@pytest.mark.parametrize("why_not", ["has one", "has its own", "house is open", "forgotten"])
def test_nobody_is_told_of_a_key_without_need(hall, clock, why_not):
    hour = 10 if why_not == "house is open" else 19
    booking = series(hall, f"2026-12-10T{hour}:00", way_in="have" if why_not == "has its own" else "need")
    if why_not == "has one":
        lend(booking, clock.now)
    with transaction():
        booking.contact.email = None if why_not == "forgotten" else booking.contact.email

    settle(clock.set("2026-12-04T08:00"))

    assert "key_ready" not in kinds()


def test_nobody_is_told_of_a_key_before_the_letter_about_the_date_has_left(hall, clock):
    booking = series(hall, "2026-12-03T19:00", way_in="need", status=Status.REQUESTED)
    with transaction():
        letter = lifecycle.take(booking, {Action.APPROVE: booking.occurrences}, now=clock.now)
    told = settle(clock.now).keys

    with transaction():
        letter.state = "sent"

    assert (told, settle(clock.now).keys) == (0, 1)


def test_group_is_told_of_its_key_when_its_first_date_outside_opening_hours_comes_near(hall, clock):
    series(hall, "2026-12-10T10:00", "2026-12-11T10:00", "2026-12-17T19:00", way_in="need")
    told = [settle(clock.set(now)).keys for now in ("2026-12-04T08:00", "2026-12-09T08:00", "2026-12-11T08:00")]

    assert (told, kinds().count("key_ready")) == ([0, 0, 1], 1)
    body = db.session.scalars(db.select(Letter.body).where(Letter.kind == "key_ready")).one()
    assert ("10. Dezember" in body, "17. Dezember" in body) == (False, True)


@pytest.mark.parametrize("way", ["cancelled just now", "asked for more", "handed out just now"])
def test_key_is_not_asked_for_while_the_group_may_need_it(needs_key, clock, way):
    loan, now = lend(needs_key, clock.now), clock.set("2026-12-18T21:00")
    with transaction():
        if way == "cancelled just now":
            last = needs_key.occurrences[-1]
            last.start, last.end = make.instant("2027-01-07T19:00"), make.instant("2027-01-07T21:00")
            db.session.flush()
            lifecycle.take(needs_key, {Action.CANCEL: [last]}, now=now)
        elif way == "handed out just now":
            loan.handed_out_at = now
    if way == "asked for more":
        make.occurrence(needs_key, "2027-01-07T19:00")

    settle(now)

    assert "key_back" not in kinds()


def test_nobody_is_thanked_for_a_visit_that_did_not_take_place(needs_key, clock):
    lend(needs_key, clock.now)
    with transaction():
        lifecycle.take(needs_key, {Action.CANCEL: needs_key.occurrences}, actor="group", now=clock.now)

    settle(clock.set("2026-12-02T09:00"))

    body = db.session.scalars(db.select(Letter.body).where(Letter.kind == "key_back")).one()
    assert "ihr habt noch einen Schlüssel von uns." in body
    assert "schön" not in body


@pytest.mark.parametrize(("now", "asked"), [("2026-12-18T20:59", 0), ("2026-12-18T21:00", 1), ("2026-12-30T08:00", 1)])
def test_key_is_asked_for_once_the_day_after_the_last_date(needs_key, clock, now, asked):
    lend(needs_key, clock.now)
    now = clock.set(now)

    settle(now)
    settle(now + timedelta(days=3))

    assert kinds().count("key_back") == max(asked, 1)
    assert (db.session.scalars(db.select(Letter.created_at).where(Letter.kind == "key_back")).one() == now) is bool(
        asked
    )


def test_group_is_told_of_its_key_before_the_first_date_that_needs_it(hall, clock):
    series(hall, "2026-12-10T10:00", "2027-01-14T19:00", way_in="need")

    told = [settle(clock.set(now)).keys for now in ("2026-12-04T08:00", "2027-01-08T08:00", "2027-01-08T08:01")]

    assert (told, kinds().count("key_ready")) == ([0, 1, 0], 1)


def test_key_is_asked_for_again_at_the_end_of_what_was_added_since(needs_key, clock):
    lend(needs_key, clock.now)
    settle(clock.set("2026-12-19T08:00"))
    make.occurrence(needs_key, "2027-01-14T19:00", status=Status.APPROVED)

    asked = [settle(clock.set(now)).keys for now in ("2027-01-15T20:59", "2027-01-15T21:00", "2027-01-16T21:00")]

    assert (asked, kinds().count("key_back")) == ([0, 1, 0], 2)


def test_key_that_came_back_is_not_asked_for(needs_key, clock):
    loan = lend(needs_key, clock.now)
    with transaction():
        loan.returned_at = clock.now

    settle(clock.set("2026-12-30T08:00"))

    assert "key_back" not in kinds()
