"""What the team does: decide per date, never on a stale page, and take it back while the letter waits."""

from datetime import timedelta

import pytest

from booking import changing, deciding
from booking.database import db
from booking.deciding import Stale, TooLate
from booking.domain.status import NotPossible, Status
from booking.models import House, Letter, LogEntry, occupancy
from tests import make

REASON = "Wir brauchen den Raum an diesem Tag selbst."


@pytest.fixture
def hall(app):
    make.house()
    return make.room()


@pytest.fixture
def by(app):
    return make.staff("Henrike")


@pytest.fixture
def request_of_three(hall):
    return make.booking(hall, "2027-01-06T16:00", "2027-01-13T16:00", "2027-01-20T16:00")


def ids(booking):
    return [each.id for each in booking.occurrences]


def statuses(booking):
    return [each.status for each in booking.occurrences]


def test_decide_approves_and_declines_in_one_letter(request_of_three, by, clock):
    first, second, third = ids(request_of_three)

    decision = deciding.decide(
        request_of_three, approve=[first, second], decline={third: REASON}, seen_version=1, by=by, now=clock.now
    )

    assert statuses(request_of_three) == [Status.APPROVED, Status.APPROVED, Status.DECLINED]
    assert [each.reason for each in request_of_three.occurrences] == ["", "", REASON]
    assert [letter.kind for letter in db.session.scalars(db.select(Letter))] == ["partly_approved"]
    assert decision.letter.send_at == decision.letter.created_at + timedelta(seconds=60)


def test_decide_leaves_the_other_dates_undecided(request_of_three, by, clock):
    deciding.decide(request_of_three, approve=ids(request_of_three)[:1], seen_version=1, by=by, now=clock.now)

    assert statuses(request_of_three) == [Status.APPROVED, Status.REQUESTED, Status.REQUESTED]


def test_decide_refuses_a_stale_page_and_saves_nothing(request_of_three, by, clock):
    deciding.decide(request_of_three, approve=ids(request_of_three)[:1], seen_version=1, by=by, now=clock.now)

    with pytest.raises(Stale):
        deciding.decide(
            request_of_three, decline=dict.fromkeys(ids(request_of_three), REASON), seen_version=1, by=by, now=clock.now
        )

    assert statuses(request_of_three) == [Status.APPROVED, Status.REQUESTED, Status.REQUESTED]
    assert db.session.scalar(db.select(db.func.count()).select_from(Letter)) == 1


def test_decide_refuses_a_date_that_is_decided_already(request_of_three, by, clock):
    deciding.decide(request_of_three, approve=ids(request_of_three)[:1], seen_version=1, by=by, now=clock.now)

    with pytest.raises(NotPossible):
        deciding.decide(request_of_three, approve=ids(request_of_three), seen_version=2, by=by, now=clock.now)

    assert statuses(request_of_three) == [Status.APPROVED, Status.REQUESTED, Status.REQUESTED]


def test_decide_names_a_date_that_was_taken_meanwhile_and_decides_the_rest(hall, request_of_three, by, clock):
    other = make.booking(hall, "2027-01-13T17:00", status=Status.APPROVED, group="OK Lab")

    decision = deciding.decide(request_of_three, approve=ids(request_of_three), seen_version=1, by=by, now=clock.now)

    assert statuses(request_of_three) == [Status.APPROVED, Status.REQUESTED, Status.APPROVED]
    assert {date.id: taken.id for date, taken in decision.taken.items()} == {
        ids(request_of_three)[1]: other.occurrences[0].id
    }


def test_decide_sends_nothing_where_every_date_was_taken(hall, by, clock):
    make.booking(hall, "2027-01-06T16:00", status=Status.APPROVED)
    late = make.booking(hall, "2027-01-06T17:00")

    decision = deciding.decide(late, approve=ids(late), seen_version=1, by=by, now=clock.now)

    assert (decision.letter, statuses(late), late.version) == (None, [Status.REQUESTED], 1)


def test_decide_knows_that_a_hall_and_its_half_are_one_room(app, by, clock):
    make.house()
    hall = make.room("Große Fläche", parts=["vorn", "hinten"])
    half = make.room("Fläche vorn", 30, parts=["vorn"])
    make.booking(half, "2027-01-06T16:00", status=Status.APPROVED)
    whole = make.booking(hall, "2027-01-06T17:00")

    decision = deciding.decide(whole, approve=ids(whole), seen_version=1, by=by, now=clock.now)

    assert len(decision.taken) == 1


def test_undo_opens_the_dates_again_and_stops_the_letter(request_of_three, by, clock):
    version = db.session.get(House, 1).version
    deciding.decide(request_of_three, approve=ids(request_of_three), seen_version=1, by=by, now=clock.now)

    assert deciding.undo(request_of_three, by=by, now=clock.now) == 3

    assert statuses(request_of_three) == [Status.REQUESTED] * 3
    assert [letter.state for letter in db.session.scalars(db.select(Letter))] == ["stopped"]
    assert db.session.execute(occupancy.select()).all() == []
    assert db.session.get(House, 1).version > version
    assert [entry.action for entry in db.session.scalars(db.select(LogEntry))] == ["approve", "undo"]


def test_undo_takes_back_the_last_decision_only(request_of_three, by, clock):
    first, second, _ = ids(request_of_three)
    deciding.decide(request_of_three, approve=[first], seen_version=1, by=by, now=clock.now)
    deciding.decide(request_of_three, approve=[second], seen_version=2, by=by, now=clock.now)

    deciding.undo(request_of_three, by=by, now=clock.now)

    assert statuses(request_of_three) == [Status.APPROVED, Status.REQUESTED, Status.REQUESTED]


def test_undo_is_too_late_once_the_letter_may_go(request_of_three, by, clock):
    deciding.decide(request_of_three, approve=ids(request_of_three), seen_version=1, by=by, now=clock.now)

    with pytest.raises(TooLate):
        deciding.undo(request_of_three, by=by, now=clock.now + timedelta(seconds=61))

    assert statuses(request_of_three) == [Status.APPROVED] * 3


def test_send_now_lets_the_letter_go_at_once(request_of_three, by, clock):
    decision = deciding.decide(request_of_three, approve=ids(request_of_three), seen_version=1, by=by, now=clock.now)

    deciding.send_now(request_of_three, by=by, now=clock.now)

    assert db.session.get(Letter, decision.letter.id).send_at <= clock.now
    with pytest.raises(TooLate):
        deciding.undo(request_of_three, by=by, now=clock.now)


def test_a_group_that_cancels_after_the_approval_is_told_apart(request_of_three, by, clock):
    deciding.decide(request_of_three, approve=ids(request_of_three), seen_version=1, by=by, now=clock.now)

    changing.cancel(request_of_three, ids(request_of_three)[:1], clock.now)

    assert [each.cancelled_by_group for each in request_of_three.occurrences] == [True, False, False]
