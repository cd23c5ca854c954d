"""Where a date stands after each step: its status, its room and time, and what holds the room in the database."""

from datetime import timedelta

import pytest

from booking import lifecycle
from booking.database import RoomTaken, db, transaction
from booking.domain.status import Action, NotPossible, Status
from booking.lifecycle import Place, updating
from booking.models import House, occupancy
from tests import make

WISHED, PROPOSED = "2027-01-06T16:00", "2027-01-06T18:30"


@pytest.fixture
def halls(either_app):
    make.house()
    return make.room(), make.room("Werkstatt", 20)


@pytest.fixture
def date(halls):
    return make.booking(halls[0], WISHED, before_minutes=15, after_minutes=30).occurrences[0]


@pytest.fixture
def place(halls):
    return Place(halls[1].id, make.slot(PROPOSED))


BY_THE_GROUP = {Action.ACCEPT, Action.REFUSE, Action.RESTORE}


def take(date, action, clock, *, actor="", **more):
    usual = "system" if action is Action.EXPIRE else "group" if action in BY_THE_GROUP else "team"
    with updating(date.booking):
        lifecycle.take(date.booking, {action: [date]}, actor=actor or usual, now=clock.now, **more)


def propose(date, place, clock):
    take(date, Action.PROPOSE, clock, places={date.id: place}, answer_by=clock.now + timedelta(days=7))


def where(date):
    db.session.refresh(date)
    return date.status.value, date.room.name, date.slot


def held():
    """Who holds a part of the house, and when."""
    rows = db.session.execute(db.select(occupancy.c.start, occupancy.c.end, occupancy.c.occurrence_id))
    return [(row.occurrence_id, row.start, row.end) for row in rows]


def changes(date):
    return [(change.proposed_by, change.state, change.room.name, change.slot) for change in date.changes]


def test_propose_moves_the_date_and_holds_the_proposed_room(date, place, clock):
    propose(date, place, clock)

    assert where(date) == ("proposed", "Werkstatt", make.slot(PROPOSED))
    assert changes(date) == [("team", "open", "Werkstatt", make.slot(PROPOSED))]
    assert (date.open_change.former_room.name, date.open_change.former_slot) == ("Große Fläche", make.slot(WISHED))
    occupied = make.slot(PROPOSED).widened(timedelta(minutes=15), timedelta(minutes=30))
    assert held() == [(date.id, int(occupied.start.timestamp()), int(occupied.end.timestamp()))]


def test_propose_needs_only_the_proposed_place_to_be_free(date, halls, place, clock):
    make.booking(halls[0], WISHED, status=Status.APPROVED)

    propose(date, place, clock)

    assert where(date) == ("proposed", "Werkstatt", make.slot(PROPOSED))


def test_propose_is_refused_by_the_database_where_somebody_sits(date, halls, place, clock):
    make.booking(halls[1], "2027-01-06T20:00", status=Status.APPROVED)

    with pytest.raises(RoomTaken):
        propose(date, place, clock)

    assert where(date) == ("requested", "Große Fläche", make.slot(WISHED))
    assert changes(date) == []


@pytest.mark.parametrize(
    ("action", "status", "state", "origin"),
    [
        pytest.param(
            Action.ACCEPT, "approved", "accepted", PROPOSED, id="accepted: there it is, and never was elsewhere"
        ),
        pytest.param(Action.REFUSE, "declined", "refused", WISHED, id="refused: back where it was"),
        pytest.param(Action.EXPIRE, "declined", "expired", WISHED, id="expired: back where it was"),
        pytest.param(Action.UNDO, "requested", "withdrawn", WISHED, id="undone: back where it was"),
    ],
)
def test_answer_to_a_proposal_settles_its_place(date, place, clock, action, status, state, origin):
    propose(date, place, clock)

    take(date, action, clock)

    stays = action is Action.ACCEPT
    assert where(date) == (status, "Werkstatt" if stays else "Große Fläche", make.slot(PROPOSED if stays else WISHED))
    assert (date.original_start, date.is_moved) == (make.instant(origin), False)
    assert [entry[1] for entry in changes(date)] == [state]
    assert len(held()) == stays


def test_move_keeps_an_approved_date_approved_and_says_where_it_was(date, place, clock):
    take(date, Action.APPROVE, clock)
    before = db.session.scalar(db.select(House.version)), date.sequence

    take(date, Action.MOVE, clock, places={date.id: place})

    assert where(date) == ("approved", "Werkstatt", make.slot(PROPOSED))
    assert (date.original_start, date.original_room.name, date.is_moved) == (make.instant(WISHED), "Große Fläche", True)
    assert changes(date) == [("team", "accepted", "Werkstatt", make.slot(PROPOSED))]
    assert (db.session.scalar(db.select(House.version)), date.sequence) == (before[0] + 1, before[1] + 1)


def test_move_of_an_undecided_date_leaves_no_trace_in_public(date, place, clock):
    take(date, Action.MOVE, clock, places={date.id: place}, actor="group")

    assert where(date) == ("requested", "Werkstatt", make.slot(PROPOSED))
    assert (date.is_moved, date.decided_at, held()) == (False, None, [])
    assert changes(date) == [("group", "accepted", "Werkstatt", make.slot(PROPOSED))]


def test_move_takes_the_hour_of_the_doors_along(date, place, clock):
    with transaction():
        date.doors = make.instant("2027-01-06T15:45")
    take(date, Action.APPROVE, clock)

    take(date, Action.MOVE, clock, places={date.id: place})

    assert date.doors == make.instant("2027-01-06T18:15")


def test_cancel_by_the_group_can_be_restored_while_the_room_is_free(date, clock):
    take(date, Action.APPROVE, clock)
    take(date, Action.CANCEL, clock, actor="group")
    assert (where(date)[0], date.cancelled_by_group, held()) == ("cancelled", True, [])

    take(date, Action.RESTORE, clock, actor="group")

    assert (where(date)[0], date.cancelled_by_group, len(held())) == ("approved", False, 1)


def test_restore_is_refused_by_the_database_where_somebody_else_sits(date, halls, clock):
    take(date, Action.APPROVE, clock)
    take(date, Action.CANCEL, clock, actor="group")
    make.booking(halls[0], "2027-01-06T17:00", status=Status.APPROVED)

    with pytest.raises(RoomTaken):
        take(date, Action.RESTORE, clock, actor="group")

    assert where(date)[0] == "cancelled"


@pytest.mark.parametrize("action", [Action.ACCEPT, Action.REFUSE, Action.EXPIRE, Action.CANCEL, Action.RESTORE])
def test_step_that_the_status_does_not_allow_changes_nothing(date, clock, action):
    with pytest.raises(NotPossible):
        take(date, action, clock)

    assert where(date) == ("requested", "Große Fläche", make.slot(WISHED))
