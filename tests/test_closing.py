"""Closing the house or rooms, and deciding on each date that this hits."""

from datetime import timedelta

import pytest
import sqlalchemy as sa

from booking import closing, deciding, house
from booking.closing import Fates
from booking.database import db
from booking.domain.status import Status
from booking.lifecycle import Place
from booking.models import Closure, Letter, LogEntry, Occurrence
from booking.notices.frame import for_the_team
from tests import make

ENTERED = (*closing.ENTERED, "undo")
#: What is decided about a date.
OF_A_DATE = ("status", "room_id", "start", "end", "reason", "cancelled_by_group", "original_start", "letter_id")


def planned(first: str = "2026-12-24", end: str = "2027-01-02", rooms: tuple[int, ...] = (), **changes) -> Closure:
    values = {"repeats": "", "until": None, "reason": "Zwischen den Jahren", "reason_en": "", **changes}
    start, over = (make.instant(at if "T" in at else f"{at}T00:00") for at in (first, end))
    return Closure(room_ids=list(rooms), start=start, end=over, **values)


@pytest.fixture
def office(either_app, clock):
    """Three approved dates of two groups and two that are asked for, between the years; and one a week later."""
    make.house()
    hall, workshop, _ = make.rooms()
    code = make.booking(
        hall,
        *("2026-12-24T18:30", "2026-12-31T18:30", "2027-01-07T18:30"),
        status=Status.APPROVED,
        group="Code for Bielefeld",
    )
    net = make.booking(hall, "2026-12-30T16:00", status=Status.APPROVED, email="net@example.org", language="en")
    asked = make.booking(workshop, "2026-12-28T19:00", "2026-12-29T19:00", group="Chor", email="chor@example.org")
    return {"code": code, "net": net, "asked": asked, "by": make.staff(), "hall": hall, "workshop": workshop}


def rows() -> dict[str, list[dict]]:
    """All that is decided about dates and closures, and the letters that will leave."""
    db.session.rollback()
    db.session.expire_all()
    dates = db.session.scalars(sa.select(Occurrence).order_by(Occurrence.id))
    closures = db.session.scalars(sa.select(Closure).order_by(Closure.id))
    letters = db.session.scalars(sa.select(Letter.id).where(Letter.state == "waiting").order_by(Letter.id))
    return {
        "dates": [{name: getattr(each, name) for name in OF_A_DATE} for each in dates],
        "closures": [{name: getattr(each, name) for name in ENTERED} for each in closures],
        "letters": [*letters],
    }


def decide(office, closure, fates, now, *, seen=None, act=closing.close):
    hit = closing.hit_by(closure, now)
    return act(closure, hit, fates, seen=seen or closing.as_seen(closure, hit), by=office["by"], now=now)


def one_of_each(office) -> Fates:
    """One approved date moved, one cancelled, one left; both that are asked for not possible."""
    first, _, _ = office["code"].occurrences
    (moved,) = office["net"].occurrences
    return Fates(
        move={moved.id: Place(office["hall"].id, make.slot("2026-12-22T16:00"))},
        cancel=[first.id],
        decline=[each.id for each in office["asked"].occurrences],
        message="Bis bald!",
    )


def test_closure_is_stored_with_all_that_was_decided_and_the_letters_that_were_read_before(office, clock):
    before, hit = rows(), closing.hit_by(planned(), clock.now)
    fates = one_of_each(office)

    read = decide(office, planned(), fates, clock.now, act=closing.rehearse)

    assert [each.start for each in hit] == sorted(make.instant(f"2026-12-{at}") for at in DAYS)
    assert rows() == before
    decide(office, planned(), fates, clock.now)

    letters = db.session.scalars(sa.select(Letter).order_by(Letter.id)).all()
    assert [(each.to, each.subject) for each in read] == [(each.contact.email, each.subject) for each in letters]
    assert [each.kind for each in letters] == ["cancelled_by_team", "moved", "declined"]
    assert [each.body for each in read] == [for_the_team(each.body, each.contact) for each in letters]
    for letter in letters:
        assert "Bis bald!" in letter.body
        assert letter.send_at == clock.now + timedelta(seconds=60)
    assert "Der Grund: Das Haus ist dann geschlossen (Zwischen den Jahren)." in letters[0].body
    assert "The house is closed then (Zwischen den Jahren)." in letters[1].body
    after = {each.start: each.status for each in db.session.scalars(sa.select(Occurrence))}
    assert after == {
        make.instant("2026-12-22T16:00"): "approved",
        make.instant("2026-12-24T18:30"): "cancelled",
        make.instant("2026-12-28T19:00"): "declined",
        make.instant("2026-12-29T19:00"): "declined",
        make.instant("2026-12-31T18:30"): "approved",
        make.instant("2027-01-07T18:30"): "approved",
    }


DAYS = ("24T18:30", "28T19:00", "29T19:00", "30T16:00", "31T18:30")


def test_undo_restores_every_row_and_stops_every_letter(office, clock):
    make.closure("2027-02-01T00:00", "2027-02-02T00:00", room=office["workshop"])
    before = rows()
    for changed in (planned(), planned(id=1)):
        closure_id = decide(office, changed, one_of_each(office), clock.now)
        assert rows() != before

        closing.take_back(db.session.get_one(Closure, closure_id), by=office["by"], now=clock.now)

        assert rows() == before
    actions = db.session.scalars(sa.select(LogEntry.action).where(LogEntry.booking_id.is_(None)).order_by(LogEntry.id))
    assert [*actions] == ["close", "undo_closure", "change_closure", "undo_closure"]


def test_nothing_is_taken_back_once_a_letter_has_left_or_a_group_has_done_something(office, clock):
    closure_id = decide(office, planned(), one_of_each(office), clock.now)
    closure = db.session.get_one(Closure, closure_id)
    deciding.ask(office["asked"], "Wann sonst?", seen_version=office["asked"].version, by=office["by"], now=clock.now)
    stored = rows()

    with pytest.raises(closing.Overtaken):
        closing.take_back(closure, by=office["by"], now=clock.now)
    assert rows() == stored
    deciding.send_now(office["code"], by=office["by"], now=clock.now)
    clock.set("2026-11-30T10:02")
    with pytest.raises(deciding.LetterHasLeft):
        closing.take_back(closure, by=office["by"], now=clock.now)
    assert rows() == stored


def test_nothing_is_stored_where_a_date_was_approved_meanwhile(office, clock):
    seen = closing.as_seen(planned(), closing.hit_by(planned(), clock.now))
    asked = office["asked"]
    first = asked.occurrences[0].id
    deciding.decide(asked, approve=[first], seen_version=asked.version, by=office["by"], now=clock.now)
    before = rows()

    with pytest.raises(closing.Overtaken):
        decide(office, planned(), one_of_each(office), clock.now, seen=seen)

    assert rows() == before


@pytest.mark.parametrize(
    "start",
    [
        pytest.param("2026-12-25T16:00", id="closed by the closure itself"),
        pytest.param("2027-01-07T17:00", id="taken by another booking"),
        pytest.param("2026-12-22T17:00", id="taken by another that goes there with it"),
    ],
)
def test_nothing_is_stored_where_a_date_cannot_go(office, clock, start):
    before = rows()
    moved, other = office["net"].occurrences[0], office["code"].occurrences[0]
    places = {
        moved.id: Place(office["hall"].id, make.slot(start)),
        other.id: Place(office["hall"].id, make.slot("2026-12-22T18:00")),
    }

    with pytest.raises(deciding.NotFree):
        decide(office, planned(), Fates(move=places), clock.now)

    assert rows() == before


def test_closure_hits_what_it_meets_with_set_up_and_parts_and_when_it_comes_back(office, clock):
    hall, workshop = office["hall"], office["workshop"]
    halves = make.room("Nordhälfte", parts=["Große Fläche"]), make.room("Lager")
    tidied = make.booking(workshop, "2026-12-01T10:00", minutes=60, after_minutes=30)

    def hit(closure: Closure) -> list[str]:
        return [f"{each.start.astimezone(make.ZONE):%d.%m. %H:%M}" for each in closing.hit_by(closure, clock.now)]

    assert hit(planned("2026-12-01T11:15", "2026-12-01T12:00")) == ["01.12. 10:00"]
    assert hit(planned("2026-12-01T11:30", "2026-12-01T12:00")) == []
    assert tidied.occurrences[0].after_minutes == 30
    assert hit(planned(rooms=(halves[0].id,))) == ["24.12. 18:30", "30.12. 16:00", "31.12. 18:30"]
    assert hit(planned(rooms=(halves[1].id,))) == []
    weekly = planned("2026-12-03T20:00", "2026-12-03T23:00", rooms=(hall.id, workshop.id), repeats="weekly")
    assert hit(weekly) == ["24.12. 18:30", "31.12. 18:30", "07.01. 18:30"]
    weekly.until = make.instant("2027-01-01T00:00")
    assert hit(weekly) == ["24.12. 18:30", "31.12. 18:30"]
    assert hit(planned("2024-12-31T00:00", "2025-01-01T00:00", repeats="yearly")) == ["31.12. 18:30"]


def test_change_asks_only_for_what_was_not_hit_before(office, clock):
    row = make.closure("2026-12-24T00:00", "2026-12-31T00:00")

    found = closing.hit_by(planned(id=row.id), clock.now)

    assert [each.start for each in found] == [make.instant("2026-12-31T18:30")]


def test_end_lets_a_closure_hold_no_more(office, clock):
    coming, going_on = (
        make.closure("2027-02-01T00:00", "2027-02-02T00:00"),
        make.closure("2026-11-29T00:00", "2026-12-02T00:00"),
    )
    ids = [coming.id, going_on.id]
    period = clock.now, make.instant("2027-03-01T00:00")

    for each in (coming, going_on):
        closing.end(each, by=office["by"], now=clock.now)

    told = {each.id: (each.until, house.closures(*period)) for each in db.session.scalars(sa.select(Closure))}
    assert told == {ids[0]: (make.instant("2027-02-01T00:00"), []), ids[1]: (clock.now, [])}
    with pytest.raises(closing.Overtaken):
        closing.end(going_on, by=office["by"], now=clock.now)

    for each in (coming, going_on):
        closing.take_back(each, by=office["by"], now=clock.now)

    assert [(each.id, each.until, each.undo) for each in db.session.scalars(sa.select(Closure))] == [
        (id_, None, None) for id_ in ids
    ]
    assert len(house.closures(*period)) == 2
    closing.end(coming, by=office["by"], now=clock.now)
    with pytest.raises(deciding.LetterHasLeft):
        closing.take_back(coming, by=office["by"], now=clock.now + timedelta(minutes=2))
