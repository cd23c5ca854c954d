"""What becomes of a series of 52 with exceptions when the team changes one of its dates, and how many go along."""

from collections import Counter
from datetime import datetime, timedelta

import pytest

from booking import afterwards, changing, continuing
from booking.availability.wanted import WishedDate
from booking.database import db
from booking.deciding import NotFree
from booking.domain.slot import Slot
from booking.domain.status import NotPossible, Status
from booking.lifecycle import Place
from booking.models import Booking, Letter, Room, StaffMember
from tests import make
from tests.support.app import fill_once

FIRST = datetime(2027, 1, 6, 16, tzinfo=make.ZONE)  # a Wednesday
REASON = "Wir brauchen den Raum an diesem Tag selbst."

#: What some dates have of their own, by their number in the series.
BY_GROUP, BY_TEAM, OWN_DAY, OWN_ROOM, OWN_TIME = 5, 11, 20, 30, 45
#: The date that is changed, and how many dates to come each scope reaches; two are cancelled.
ORIGIN = 10
REACHED = {"one": 1, "from": 41, "all": 50}


@pytest.fixture
def rooms(series):
    return db.session.scalars(db.select(Room).order_by(Room.id)).all()


@pytest.fixture
def by(series):
    return db.session.scalars(db.select(StaffMember)).one()


@pytest.fixture
def series(app, clock):
    fill_once("series of 52", lambda: _series(clock))
    return db.session.scalars(db.select(Booking)).one()


def _series(clock):
    make.house()
    hall, workshop, _ = make.rooms()
    by = make.staff("Henrike")
    days = [FIRST + timedelta(weeks=number) for number in range(52)]
    booking = make.booking(hall, *(f"{day:%Y-%m-%dT%H:%M}" for day in days), status=Status.APPROVED)
    dates = booking.occurrences
    ids = [each.id for each in dates]
    changing.cancel_dates(booking, [ids[BY_GROUP]], clock.now)
    known = {"by": by, "now": clock.now}
    afterwards.cancel(booking, {ids[BY_TEAM]: REASON}, seen_version=booking.version, **known)
    own = {
        ids[OWN_DAY]: Place(hall.id, _shifted(dates[OWN_DAY].slot, timedelta(days=1))),
        ids[OWN_ROOM]: Place(workshop.id, dates[OWN_ROOM].slot),
        ids[OWN_TIME]: Place(hall.id, _shifted(dates[OWN_TIME].slot, timedelta(hours=-6))),
    }
    afterwards.move(booking, own, reason=REASON, seen_version=booking.version, **known)


def _shifted(slot, by):
    return Slot(slot.start + by, slot.end + by)


def shapes(booking):
    """Each date as weekday, begin, end and room, with its status where it is not approved."""
    found = []
    for each in booking.occurrences:
        start, end = (at.astimezone(make.ZONE) for at in (each.start, each.end))
        state = "" if each.status is Status.APPROVED else f" {each.status}"
        found.append(f"{start:%a %H:%M}-{end:%H:%M} {each.room.name}{state}")
    return found


#: What is done to one date: the day by which it moves, its new begin and end, and its room; and what becomes of it, of
#: one that was moved to another day, of one in another room, and of one at another time.
USUAL = "Wed 16:00-18:00 Große Fläche"
STEPS = {
    "move to another day": ((1, "16:00", "18:00", 0), "Thu 16:00-18:00 Große Fläche"),
    "move to another time": ((0, "18:00", "20:00", 0), "Wed 18:00-20:00 Große Fläche"),
    "move to another room": ((0, "16:00", "18:00", 1), "Wed 16:00-18:00 Werkstatt"),
    "shorten": ((0, "16:00", "17:00", 0), "Wed 16:00-17:00 Große Fläche"),
    "extend": ((0, "15:00", "19:30", 0), "Wed 15:00-19:30 Große Fläche"),
}
OWN = {
    "move to another day": (
        "Thu 16:00-18:00 Große Fläche",
        "Thu 16:00-18:00 Werkstatt",
        "Thu 10:00-12:00 Große Fläche",
    ),
    "move to another time": (
        "Thu 18:00-20:00 Große Fläche",
        "Wed 18:00-20:00 Werkstatt",
        "Wed 10:00-12:00 Große Fläche",
    ),
    "move to another room": ("Thu 16:00-18:00 Werkstatt", "Wed 16:00-18:00 Werkstatt", "Wed 10:00-12:00 Werkstatt"),
    "shorten": ("Thu 16:00-17:00 Große Fläche", "Wed 16:00-17:00 Werkstatt", "Wed 10:00-12:00 Große Fläche"),
    "extend": ("Thu 15:00-19:30 Große Fläche", "Wed 15:00-19:30 Werkstatt", "Wed 10:00-12:00 Große Fläche"),
}


@pytest.mark.parametrize("scope", REACHED)
@pytest.mark.parametrize("step", STEPS)
def test_series_of_52_keeps_its_exceptions_however_far_a_change_reaches(series, rooms, by, clock, step, scope):
    (days, begins, ends, room), changed = STEPS[step]
    origin, before = series.occurrences[ORIGIN], shapes(series)
    day = f"{FIRST + timedelta(weeks=ORIGIN, days=days):%Y-%m-%d}"
    place = Place(rooms[room].id, Slot(make.instant(f"{day}T{begins}"), make.instant(f"{day}T{ends}")))

    places = afterwards.in_step(series, origin, place, scope, clock.now)
    to = {each.id: place for each, place in places.items()}
    afterwards.move(series, to, reason=REASON, seen_version=series.version, by=by, now=clock.now)

    reached = {"one": [ORIGIN], "from": range(ORIGIN, 52), "all": range(52)}[scope]
    wished = [changed if number in reached else shape for number, shape in enumerate(before)]
    for number, own in zip((OWN_DAY, OWN_ROOM, OWN_TIME), OWN[step], strict=True):
        wished[number] = own if number in reached else before[number]
    for number in (BY_GROUP, BY_TEAM):
        wished[number] = f"{USUAL} cancelled"
    assert shapes(series) == wished
    assert db.session.scalars(db.select(Letter.kind).order_by(Letter.id.desc())).first() == "moved"


@pytest.mark.parametrize("scope", REACHED)
def test_cancelling_a_series_of_52_reaches_what_is_in_scope(series, by, clock, scope):
    reasons = {each.id: REASON for each in afterwards.in_scope(series, series.occurrences[ORIGIN], scope, clock.now)}
    afterwards.cancel(series, reasons, seen_version=series.version, by=by, now=clock.now)

    assert len(reasons) == REACHED[scope]
    assert Counter(each.status.value for each in series.occurrences) == Counter(
        cancelled=2 + REACHED[scope], approved=50 - REACHED[scope]
    )
    assert series.occurrences[BY_GROUP].cancelled_by_group


# -- Putting back


def test_what_was_cancelled_is_put_back_with_a_letter_that_leaves_at_once(series, by, clock):
    gone = [series.occurrences[number] for number in (BY_GROUP, BY_TEAM)]
    clock.set("2026-12-02T10:00")

    letter = afterwards.put_back(
        series,
        [each.id for each in gone],
        message="Der Keller ist trocken.",
        seen_version=series.version,
        by=by,
        now=clock.now,
    )

    assert [(each.status, each.cancelled_by_group, each.reason) for each in gone] == [(Status.APPROVED, False, "")] * 2
    assert (letter.kind, letter.send_at) == ("put_back", clock.now)
    assert "Der Keller ist trocken." in letter.body


def test_put_back_is_refused_where_one_room_is_taken_and_then_none_is_put_back(series, rooms, by, clock):
    gone = [series.occurrences[number].id for number in (BY_GROUP, BY_TEAM)]
    day = FIRST + timedelta(weeks=BY_TEAM)
    make.booking(rooms[0], f"{day:%Y-%m-%d}T17:00", status=Status.APPROVED, group="Chor")

    with pytest.raises(NotFree):
        afterwards.put_back(series, gone, seen_version=series.version, by=by, now=clock.now)

    assert [each.status.value for each in series.occurrences if each.id in gone] == ["cancelled"] * 2


def test_put_back_is_refused_for_what_takes_place_or_is_over(series, by, clock):
    for id_, now in (
        (series.occurrences[0].id, clock.now),
        (series.occurrences[BY_TEAM].id, make.instant("2027-06-01T10:00")),
    ):
        with pytest.raises(NotPossible):
            afterwards.put_back(series, [id_], seen_version=series.version, by=by, now=now)


def test_series_of_52_is_lengthened_and_keeps_its_exceptions(series, rooms, by, clock):
    before = shapes(series)
    days = [(FIRST + timedelta(weeks=number)).date() for number in (52, 53)]
    wished = [WishedDate(day, FIRST.time(), 120, rooms[0].id) for day in days]

    known = {"approve": True, "seen_version": series.version, "by": by, "now": clock.now}
    letter = continuing.lengthen(series, wished, None, {}, **known)

    assert shapes(series) == [*before, USUAL, USUAL]
    assert [each.letter_id == letter.id for each in series.occurrences] == [False] * 52 + [True] * 2
