"""The office's pages in a house of thirty rooms, on a full day, with three hundred requests waiting.

``CheckedClient`` counts what each page asks the database.
"""

from datetime import timedelta
from random import Random
from uuid import uuid4

import pytest
import sqlalchemy as sa
from flask import Flask

from booking.database import db, transaction
from booking.domain.slot import Slot
from booking.domain.status import Status
from booking.models import Booking, Occurrence
from booking.web.staff import week
from booking.web.staff.requests import named_dates
from tests import make
from tests.support.app import CheckedClient
from tests.support.pages import parse, text

ROOMS, REQUESTS = 30, 300


def copied(booking: Booking, number: int) -> None:
    """Store so many more requests like this one, each a day later than the one before."""
    like = {table: db.session.execute(sa.select(table)).mappings().all()[-1] for table in TABLES}
    day = timedelta(days=1)
    for n in range(1, number + 1):
        its = {"id": booking.id + n, "reference": f"IO-27-{n:04}", "form_id": str(uuid4())}
        date = like[TABLES[1]]
        at = {name: date[name] + (n % 90) * day for name in ("start", "end", "original_start")}
        db.session.execute(sa.insert(TABLES[0]).values({**like[TABLES[0]], **its}))
        its = {"id": date["id"] + n, "uid": str(uuid4()), "booking_id": booking.id + n}
        db.session.execute(sa.insert(TABLES[1]).values({**date, **at, **its}))


TABLES = (Booking.__table__, Occurrence.__table__)


@pytest.fixture
def large(app: Flask) -> None:
    make.house()
    rooms = [make.room(f"Raum {n}", 10 + n) for n in range(1, ROOMS + 1)]
    for n, room in enumerate(rooms):
        starts = [f"2026-11-30T{hour:02}:00" for hour in range(9, 19, 3)]
        make.booking(room, *starts, status=Status.APPROVED, group=f"Gruppe {n % 10}", way_in="need")
    wish = make.booking(rooms[0], "2027-01-04T16:00", reference="IO-27-0000", title="Chorprobe")
    with transaction():
        copied(wish, REQUESTS - 1)


#: Pages, and what stands there.
PAGES = {
    "/team": "300 neue Anfragen",
    "/team?tab=all": "Chorprobe",
    "/team/anfragen/IO-27-0200": "Chorprobe",
    "/team/heute": "Raum 30",
    "/team/kalender/2026-W49": "Raum 1",
    "/team/wochenplan/2026-W49?fuer=team": "Raum 30",
    "/team/schluessel": "Schlüssel",
    "/kalender/tag/2026-11-30": "Raum 30",
    "/lobby": "Raum 1",
}


def test_pages_of_a_large_house_ask_no_more_than_any(staff_client: CheckedClient, large: None) -> None:
    for address, said in PAGES.items():
        answer = staff_client.get(address)

        assert answer.status_code == 200
        assert said in text(parse(answer.text)[0]), address


@pytest.mark.parametrize("seed", [1, 2, 3, pytest.param(4, marks=pytest.mark.variant)])
def test_week_around_a_date_needs_no_dates_but_those_it_reads(app: Flask, seed: int) -> None:
    random = Random(seed)  # noqa: S311 - the same house every time
    make.house()
    rooms = []
    for n in range(ROOMS):
        parts = [f"Teil {n // 2}"] if random.random() < 0.6 else [f"Teil {n // 2}", f"Teil {random.randrange(20)}"]
        offered = random.random() < 0.95
        rooms.append(make.room(f"Raum {n}", random.randrange(5, 60), parts=[*dict.fromkeys(parts)], is_active=offered))
    for _ in range(30):
        day, hour = random.randrange(4, 9), random.randrange(9, 19)
        make.booking(random.choice(rooms), f"2027-01-{day:02}T{hour:02}:00", people=random.randrange(5, 60), minutes=60)
    read, whole = [], Slot(make.instant("2027-01-04T00:00"), make.instant("2027-01-11T00:00"))
    every = sa.and_(Occurrence.start >= whole.start, Occurrence.start < whole.end)
    with app.test_request_context("/team"):
        for focus in db.session.scalars(sa.select(Occurrence)).all():
            found = named_dates([], week.of_the_week(focus))
            assert week.week_around(focus, found) == week.week_around(focus, named_dates([], every))
            read.append(len(found))

    assert min(read) < 27


def test_week_reads_the_dates_of_rooms_that_move_up_for_pieces_of_a_hall_not_offered(app: Flask) -> None:
    make.house()
    rooms = [make.room(f"Raum {n}", 10 * n) for n in range(1, 9)]
    hall = make.room("Saal", 200, parts=["Raum 1", "Raum 2"], is_active=False)
    focus, _, last = (
        make.booking(room, "2027-01-05T16:00", people=5).occurrences[0] for room in (rooms[2], hall, rooms[7])
    )
    with app.test_request_context("/team"):
        found = named_dates([], week.of_the_week(focus))
        shown = week.week_around(focus, found).rooms

    assert [room.name for room in shown] == [f"Raum {n}" for n in range(3, 9)]
    assert last.id in [each.date.id for each in found]
