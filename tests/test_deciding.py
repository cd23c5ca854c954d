"""What the team does: decide per date, never on a stale page, and take it back while the letter waits."""

from datetime import timedelta

import pytest

from booking import changing, deciding
from booking.availability.check import Availability
from booking.database import db
from booking.deciding import LetterHasLeft
from booking.domain.status import NotPossible, Status
from booking.lifecycle import Place, Stale
from booking.models import House, Letter, LogEntry, occupancy
from tests import make
from tests.support.app import on_both

REASON = "Wir brauchen den Raum an diesem Tag selbst."


@pytest.fixture
def hall(either_app):
    make.house()
    return make.room()


@pytest.fixture
def by(either_app):
    return make.staff("Henrike")


@pytest.fixture
def request_of_three(hall):
    return make.booking(hall, "2027-01-06T16:00", "2027-01-13T16:00", "2027-01-20T16:00")


def ids(booking):
    return [each.id for each in booking.occurrences]


def statuses(booking):
    return [each.status for each in booking.occurrences]


def places(booking):
    """Room and local beginning of each date."""
    return [(each.room.name, f"{each.start.astimezone(make.ZONE):%m-%d %H:%M}") for each in booking.occurrences]


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


@on_both
def test_decide_knows_that_a_hall_and_its_half_are_one_room(either_app, by, clock):
    make.house()
    hall = make.room("Große Fläche", parts=["vorn", "hinten"])
    half = make.room("Fläche vorn", 30, parts=["vorn"])
    make.booking(half, "2027-01-06T16:00", status=Status.APPROVED)
    whole = make.booking(hall, "2027-01-06T17:00")

    decision = deciding.decide(whole, approve=ids(whole), seen_version=1, by=by, now=clock.now)

    assert len(decision.taken) == 1


def test_decide_approves_declines_and_proposes_in_one_letter(hall, request_of_three, by, clock):
    first, second, third = ids(request_of_three)
    instead = Place(make.room("Werkstatt", 20).id, make.slot("2027-01-20T18:00"))
    now = clock.now.replace(microsecond=0)

    decision = deciding.decide(
        request_of_three,
        approve=[first],
        decline={second: REASON},
        propose={third: instead},
        seen_version=1,
        by=by,
        now=now,
    )

    assert statuses(request_of_three) == [Status.APPROVED, Status.DECLINED, Status.PROPOSED]
    assert places(request_of_three)[2] == ("Werkstatt", "01-20 18:00")
    assert [letter.kind for letter in db.session.scalars(db.select(Letter))] == ["partly_approved"]
    assert [len(part) for part in (decision.approved, decision.declined, decision.proposed)] == [1, 1, 1]
    assert request_of_three.occurrences[2].open_change.answer_by == now + timedelta(days=7)


@pytest.mark.parametrize(
    ("answer_by", "held_until"),
    [
        pytest.param("2026-12-04T23:59", "2026-12-04T23:59", id="as the team says"),
        pytest.param("2027-01-20T09:00", "2027-01-06T00:00", id="not longer than until the day before"),
        pytest.param("2027-01-06T17:30", "2027-01-06T00:00", id="not on its own day"),
    ],
)
def test_decide_holds_a_proposal_until_the_answer_date(hall, request_of_three, by, clock, answer_by, held_until):
    first = ids(request_of_three)[0]

    deciding.decide(
        request_of_three,
        propose={first: Place(hall.id, make.slot("2027-01-06T18:00"))},
        answer_by=make.instant(answer_by),
        seen_version=1,
        by=by,
        now=clock.now,
    )

    assert request_of_three.occurrences[0].open_change.answer_by == make.instant(held_until)
    assert [letter.kind for letter in db.session.scalars(db.select(Letter))] == ["proposal"]


def test_proposal_for_today_is_held_until_it_begins(hall, clock):
    clock.set("2027-01-06T10:00")
    today, tomorrow = make.slot("2027-01-06T18:00"), make.slot("2027-01-07T08:00")

    assert deciding.latest_answer([tomorrow, today], clock.now) == today.start
    assert deciding.latest_answer([tomorrow], clock.now) == make.instant("2027-01-07T00:00")


def test_decide_names_a_proposed_place_that_is_not_free_and_decides_the_rest(hall, request_of_three, by, clock):
    first, second, third = ids(request_of_three)
    workshop = make.room("Werkstatt", 20)
    other = make.booking(workshop, "2027-01-06T17:00", status=Status.APPROVED, group="OK Lab")
    make.closure("2027-01-14T00:00", "2027-01-15T00:00", room=workshop)
    at = {
        first: Place(workshop.id, make.slot("2027-01-06T16:00")),
        second: Place(workshop.id, make.slot("2027-01-14T16:00")),
        third: Place(workshop.id, make.slot("2027-01-20T16:00")),
    }

    decision = deciding.decide(request_of_three, propose=at, seen_version=1, by=by, now=clock.now)

    assert statuses(request_of_three) == [Status.REQUESTED, Status.REQUESTED, Status.PROPOSED]
    found = {date.id: (each.state, each.taken_by) for date, each in decision.not_free.items()}
    assert found == {first: (Availability.TAKEN, other.occurrences[0].id), second: (Availability.CLOSED, None)}


def test_decide_proposes_no_place_that_the_same_decision_gives_away(hall, request_of_three, by, clock):
    first, second, third = ids(request_of_three)
    at = {
        second: Place(hall.id, make.slot("2027-01-06T17:00")),
        third: Place(hall.id, make.slot("2027-01-06T18:00")),
    }

    decision = deciding.decide(request_of_three, approve=[first], propose=at, seen_version=1, by=by, now=clock.now)

    assert {date.id: each.taken_by for date, each in decision.not_free.items()} == {second: first}
    assert [(date.id, date.status) for date in request_of_three.occurrences] == [
        (first, Status.APPROVED),
        (third, Status.PROPOSED),
        (second, Status.REQUESTED),
    ]


def test_decide_proposes_nothing_in_the_past(hall, request_of_three, by, clock):
    at = {ids(request_of_three)[0]: Place(hall.id, make.slot("2026-11-30T09:00"))}

    decision = deciding.decide(request_of_three, propose=at, seen_version=1, by=by, now=clock.now)

    assert [each.state for each in decision.not_free.values()] == [Availability.PAST]
    assert (decision.letter, statuses(request_of_three)) == (None, [Status.REQUESTED] * 3)


def test_undo_takes_a_proposal_back_to_where_it_was_asked_for(hall, request_of_three, by, clock):
    first, _, third = ids(request_of_three)
    before = places(request_of_three)
    at = {third: Place(make.room("Werkstatt", 20).id, make.slot("2027-01-04T18:00"))}
    deciding.decide(request_of_three, approve=[first], propose=at, seen_version=1, by=by, now=clock.now)

    assert deciding.undo(request_of_three, seen_version=request_of_three.version, by=by, now=clock.now) == 2

    db.session.expire_all()
    assert (statuses(request_of_three), places(request_of_three)) == ([Status.REQUESTED] * 3, before)
    assert [change.state for date in request_of_three.occurrences for change in date.changes] == ["withdrawn"]
    assert db.session.execute(occupancy.select()).all() == []


def test_redo_after_undo_sends_one_letter(hall, request_of_three, by, clock):
    at = {ids(request_of_three)[0]: Place(hall.id, make.slot("2027-01-06T18:00"))}
    for version in (1, 3):
        decision = deciding.decide(request_of_three, propose=at, seen_version=version, by=by, now=clock.now)
        if version == 1:
            deciding.undo(request_of_three, seen_version=request_of_three.version, by=by, now=clock.now)

    assert decision.proposed
    assert [letter.state for letter in db.session.scalars(db.select(Letter).order_by(Letter.id))] == [
        "stopped",
        "waiting",
    ]


def test_undo_opens_the_dates_again_and_stops_the_letter(request_of_three, by, clock):
    version = db.session.get(House, 1).version
    deciding.decide(request_of_three, approve=ids(request_of_three), seen_version=1, by=by, now=clock.now)

    assert deciding.undo(request_of_three, seen_version=request_of_three.version, by=by, now=clock.now) == 3

    assert statuses(request_of_three) == [Status.REQUESTED] * 3
    assert [letter.state for letter in db.session.scalars(db.select(Letter))] == ["stopped"]
    assert db.session.execute(occupancy.select()).all() == []
    assert db.session.get(House, 1).version > version
    assert [entry.action for entry in db.session.scalars(db.select(LogEntry))] == ["approve", "undo"]


def test_undo_takes_back_the_last_decision_only(request_of_three, by, clock):
    first, second, _ = ids(request_of_three)
    deciding.decide(request_of_three, approve=[first], seen_version=1, by=by, now=clock.now)
    deciding.decide(request_of_three, approve=[second], seen_version=2, by=by, now=clock.now)

    deciding.undo(request_of_three, seen_version=request_of_three.version, by=by, now=clock.now)

    assert statuses(request_of_three) == [Status.APPROVED, Status.REQUESTED, Status.REQUESTED]


def test_undo_is_too_late_once_the_letter_may_go(request_of_three, by, clock):
    deciding.decide(request_of_three, approve=ids(request_of_three), seen_version=1, by=by, now=clock.now)

    with pytest.raises(LetterHasLeft):
        deciding.undo(
            request_of_three, seen_version=request_of_three.version, by=by, now=clock.now + timedelta(seconds=61)
        )

    assert statuses(request_of_three) == [Status.APPROVED] * 3


def test_send_now_lets_the_letter_go_at_once(request_of_three, by, clock):
    decision = deciding.decide(request_of_three, approve=ids(request_of_three), seen_version=1, by=by, now=clock.now)

    deciding.send_now(request_of_three, by=by, now=clock.now)

    assert db.session.get(Letter, decision.letter.id).send_at <= clock.now
    with pytest.raises(LetterHasLeft):
        deciding.undo(request_of_three, seen_version=request_of_three.version, by=by, now=clock.now)


def test_a_group_that_cancels_after_the_approval_is_told_apart(request_of_three, by, clock):
    deciding.decide(request_of_three, approve=ids(request_of_three), seen_version=1, by=by, now=clock.now)

    changing.cancel_dates(request_of_three, ids(request_of_three)[:1], clock.now)

    assert [each.cancelled_by_group for each in request_of_three.occurrences] == [True, False, False]
