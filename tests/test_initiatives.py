"""Groups that are merged: nothing is lost, in whichever order, and whoever does something else at once."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import sqlalchemy as sa
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from booking import deciding, initiatives, requesting
from booking.database import db, transaction
from booking.domain.status import Status
from booking.initiatives import Belongings
from booking.lifecycle import Stale
from booking.models import Booking, Initiative, Occurrence, Room, StaffMember
from tests import make
from tests.support.app import Clock
from tests.test_entering import wish


def by() -> StaffMember:
    return db.session.get_one(StaffMember, 1)


def total(now: object) -> tuple[int, ...]:
    """What all groups have together."""
    db.session.rollback()
    of_each = initiatives.belongings(db.session.scalars(sa.select(Initiative)), now)  # type: ignore[arg-type]  # a clock's
    return tuple(map(sum, zip(*of_each.values(), strict=True)))


#: For each group the dates of its bookings; then which of those that are left is merged into which.
SOME_GROUPS = st.lists(st.lists(st.integers(1, 3), max_size=2), min_size=2, max_size=4)


@settings(
    max_examples=settings().max_examples // 8,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(SOME_GROUPS, st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3)), min_size=8, max_size=8))
def test_groups_merged_in_any_order_have_the_same_together(
    app: Flask, clock: Clock, sizes: list[list[int]], order: list[tuple[int, int]]
) -> None:
    hall = db.session.scalars(sa.select(Room)).first()
    if hall is None:
        make.house()
        hall = make.room()
        make.staff()
    number = db.session.scalar(sa.select(sa.func.count(Initiative.id))) or 0
    names = [f"Gruppe {number + n}" for n in range(len(sizes))]
    for name, bookings in zip(names, sizes, strict=True):
        group = make.initiative(name)
        with transaction():
            group.notes = f"Notiz zu {name}."
        for dates in bookings:
            make.link(make.booking(hall, *(f"2027-02-{day:02}T18:00" for day in range(1, dates + 1)), group=name))
    before = total(clock.now)
    groups = [db.session.scalars(sa.select(Initiative).filter_by(name=name)).one() for name in names]
    for keep, gone in order:
        if len(groups) > 1:
            one, other = groups[keep % len(groups)], groups[gone % len(groups)]
            if one is not other:
                groups.remove(other)
                seen = initiatives.belongings([other], clock.now)[other.id]
                initiatives.merge_groups(one, other, seen=seen, by=by(), now=clock.now)
                assert total(clock.now) == before
    notes = "\n\n".join(each.notes for each in groups)
    assert sorted(notes.split("\n\n")) == sorted(f"Notiz zu {name}." for name in names)


def at_once(app: Flask, acts: list[Callable[[], object]]) -> list[str]:
    """What comes of acts that begin together, each with a session of its own: the name of the error, or nothing."""
    db.session.rollback()

    def act(one: Callable[[], object]) -> str:
        with app.app_context():
            try:
                one()
            except Stale:
                return "stale"
            finally:
                db.session.remove()
        return ""

    with ThreadPoolExecutor(len(acts)) as threads:
        return list(threads.map(act, acts))


def test_groups_are_merged_while_others_ask_decide_and_merge_the_other_way(engine_app: Flask, clock: Clock) -> None:
    make.house()
    hall, shop = make.room(), make.room("Werkstatt")
    make.staff()
    bookings = [
        make.booking(hall, f"2027-02-{day:02}T18:00", group=group)
        for day, group in ((1, "Chor"), (2, "Chöre"), (3, "Chor"))
    ]
    ids = [each.id for each in bookings]
    now, shop_id = clock.now, shop.id

    def merge(keep: str, gone: str) -> None:
        found = {each.name: each for each in db.session.scalars(sa.select(Initiative))}
        if gone not in found:
            raise Stale
        seen = initiatives.belongings([found[gone]], now)[found[gone].id]
        initiatives.merge_groups(found[keep], found[gone], seen=seen, by=by(), now=now)

    def decide(booking_id: int) -> None:
        booking = db.session.get_one(Booking, booking_id)
        dates = [each.id for each in booking.occurrences]
        deciding.decide(booking, approve=dates, seen_version=1, by=by(), now=now)

    def ask(number: int) -> None:
        wished = wish(shop_id, f"form-{number}", group="Chöre", name="Zoë", email=f"zoe{number}@example.org")
        requesting.submit(wished, now)

    acts = [
        partial(merge, "Chor", "Chöre"),
        *(partial(decide, each) for each in ids),
        *(partial(ask, n) for n in (1, 2)),
    ]
    came = at_once(engine_app, [*acts, partial(merge, "Chor", "Chöre")])

    assert set(came) <= {"", "stale"}
    db.session.rollback()
    approved = sa.select(sa.func.count(Occurrence.id)).where(Occurrence.status == Status.APPROVED)
    assert db.session.scalar(approved) == 3
    assert db.session.scalar(sa.select(sa.func.count(Booking.id))) == 5
    assert total(now)[:2] == (5, 5)


def test_of_two_who_merge_the_same_groups_one_is_told(engine_app: Flask, clock: Clock) -> None:
    make.house()
    make.staff()
    one, other = (make.initiative(name).id for name in ("Chor", "Chöre"))
    nothing, now = Belongings(0, 0, 0, 0, 0, 0), clock.now

    def merge(keep: int, gone: int) -> None:
        groups = [db.session.get(Initiative, id_) for id_ in (keep, gone)]
        if None in groups:
            raise Stale
        initiatives.merge_groups(*groups, seen=nothing, by=by(), now=now)  # type: ignore[misc,arg-type]  # both are there

    came = at_once(engine_app, [partial(merge, one, other), partial(merge, other, one), partial(merge, one, other)])

    assert sorted(came) == ["", "stale", "stale"]
    assert db.session.scalar(sa.select(sa.func.count(Initiative.id))) == 1
