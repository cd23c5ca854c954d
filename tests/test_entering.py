"""What the office enters without a request, on both databases: alone, twice, and against others at once."""

from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import time
from functools import partial
from typing import Any

import pytest
from flask import Flask

from booking import deciding, entering, guard
from booking.availability.wanted import Times, WishedDate
from booking.database import db
from booking.domain.recurrence import Frequency, RecurrenceRule
from booking.domain.status import Status
from booking.models import Booking, House, Initiative, Occurrence, Room, StaffMember
from booking.requesting import ChangedMeanwhile, Wish
from tests import make
from tests.support.app import Clock

DAY = make.instant("2027-01-13T18:00").date()
AT_ONCE = 6


def wish(room_id: int, form_id: str = "form", **changes: Any) -> Wish:
    values: dict[str, Any] = {
        "form_id": form_id,
        "language": "de",
        "rule": RecurrenceRule(DAY, Frequency.SINGLE),
        "times": Times(time(18), 120),
        "dates": [WishedDate(DAY, time(18), 120, room_id)],
        "people": 5,
        "title": "Probe",
        "group": "Chor",
        "kind": "initiative",
        "purpose": "",
        "is_open": True,
        "name": "",
        "email": "",
    }
    return Wish(**{**values, **changes})


@pytest.fixture
def hall_id(engine_app: Flask) -> int:
    make.house()
    make.staff()
    return make.room().id


def at_once(app: Flask, acts: list[Callable[[], str]]) -> Counter[str]:
    """What comes of acts that begin together, each with a session of its own."""
    db.session.rollback()

    def act(one: Callable[[], str]) -> str:
        with app.app_context():
            try:
                return one()
            except ChangedMeanwhile:
                return "taken"
            finally:
                db.session.remove()

    with ThreadPoolExecutor(len(acts)) as threads:
        return Counter(threads.map(act, acts))


def enter(wished: Wish, now: Any) -> str:
    by = db.session.get_one(StaffMember, 1)
    _, _, is_new = entering.enter(wished, approve=True, with_letter=True, by=by, now=now)
    return "entered" if is_new else "there already"


def on() -> int:
    db.session.rollback()
    assert guard.untruths(db.session.connection()) == []
    return db.session.scalars(
        db.select(db.func.count()).select_from(Occurrence).where(Occurrence.status == Status.APPROVED)
    ).one()


@pytest.mark.parametrize(
    ("form_ids", "expected"),
    [
        ([str(number) for number in range(AT_ONCE)], {"entered": 1, "taken": AT_ONCE - 1}),
        (["the same"] * AT_ONCE, {"entered": 1, "there already": AT_ONCE - 1}),
    ],
)
def test_many_at_once_enter_one(
    engine_app: Flask, hall_id: int, clock: Clock, form_ids: list[str], expected: dict[str, int]
) -> None:
    acts = [partial(enter, wish(hall_id, each), clock.now) for each in form_ids]

    assert at_once(engine_app, acts) == expected
    assert on() == 1
    assert len(db.session.scalars(db.select(Initiative)).all()) == 1


def test_entering_and_deciding_at_once_give_the_room_to_one(engine_app: Flask, hall_id: int, clock: Clock) -> None:
    asked = make.booking(db.session.get_one(Room, hall_id), "2027-01-13T19:00")
    booking_id, version = asked.id, asked.version

    def decide() -> str:
        booking = db.session.get_one(Booking, booking_id)
        ids = [each.id for each in booking.occurrences]
        by = db.session.get_one(StaffMember, 1)
        found = deciding.decide(booking, approve=ids, seen_version=version, by=by, now=clock.now)
        return "approved" if found.approved else "taken"

    came = at_once(engine_app, [decide, *(partial(enter, wish(hall_id, str(n)), clock.now) for n in range(4))])

    assert came["taken"] == 4
    assert on() == 1


def test_version_of_the_house_rises_for_what_is_confirmed_alone(engine_app: Flask, hall_id: int, clock: Clock) -> None:
    by = db.session.get_one(StaffMember, 1)
    before, versions = db.session.get_one(House, 1).version, []
    for form_id, approve, day in (("a", False, 13), ("b", True, 14)):
        wished = wish(hall_id, form_id, dates=[WishedDate(DAY.replace(day=day), time(18), 120, hall_id)])
        entering.enter(wished, approve=approve, with_letter=False, by=by, now=clock.now)
        versions.append(db.session.get_one(House, 1).version)

    assert versions == [before, before + 1]
