"""The reading side: what stands in the way, and the public plan."""

from datetime import date, timedelta
from functools import partial

import pytest
import sqlalchemy as sa

from booking import schedule
from booking.conflicts import Wanted
from booking.database import db, transaction
from booking.domain.status import Status
from booking.models import Occurrence
from booking.schedule import NoHouse, State
from tests import make


@pytest.fixture
def hall(app):
    make.house()
    return make.room("Große Fläche", parts=["vorn", "hinten"])


@pytest.fixture
def half(hall):
    return make.room("Fläche vorn", 30, parts=["vorn"])


def rows(day, days=1):
    return [
        (
            f"{row.slot.start.astimezone(make.ZONE):%d.%m. %H:%M}",
            row.title,
            row.room.name,
            row.cancelled,
            row.moved_away,
        )
        for each in schedule.agenda(day, days)
        for row in each.rows
    ]


def change(occurrence, **values):
    with transaction():
        db.session.execute(db.update(Occurrence).where(Occurrence.id == occurrence.id).values(**values))


def test_house_is_asked_for_before_there_is_one(app):
    with pytest.raises(NoHouse):
        schedule.house()


@pytest.mark.parametrize(
    ("start", "minutes", "state"),
    [
        pytest.param("2027-01-06T14:00", 120, State.FREE, id="touching before"),
        pytest.param("2027-01-06T18:00", 120, State.FREE, id="touching after"),
        pytest.param("2027-01-06T17:45", 120, State.TAKEN, id="a quarter of an hour too early"),
        pytest.param("2027-01-06T15:00", 300, State.TAKEN, id="all around it"),
        pytest.param("2027-01-06T16:30", 30, State.TAKEN, id="within it"),
        pytest.param("2026-11-30T09:00", 30, State.PAST, id="an hour ago"),
    ],
)
def test_check_finds_what_overlaps_and_nothing_else(hall, half, clock, start, minutes, state):
    make.booking(half, "2027-01-06T16:00", status=Status.APPROVED)

    found = schedule.check([Wanted(hall, make.slot(start, minutes))], clock.now)

    assert [each.state for each in found] == [state]


@pytest.mark.parametrize("status", [each for each in Status if each not in (Status.APPROVED, Status.PROPOSED)])
def test_check_lets_through_what_holds_no_room(hall, clock, status):
    make.booking(hall, "2027-01-06T16:00", status=status)

    found = schedule.check([Wanted(hall, make.slot("2027-01-06T16:00"))], clock.now)

    assert found[0].taken_by is None


def test_check_says_where_a_neighbour_is_close(hall, clock):
    make.booking(hall, "2027-01-06T16:00", status=Status.APPROVED)
    wanted = [Wanted(hall, make.slot(start)) for start in ("2027-01-06T18:15", "2027-01-06T18:30")]

    found = schedule.check(wanted, clock.now, timedelta(minutes=30))

    assert [(each.state, each.tight) for each in found] == [(State.FREE, True), (State.FREE, False)]


def test_check_names_the_closure_of_a_part_of_the_room(hall, half, clock):
    make.closure("2027-01-06T00:00", "2027-01-07T00:00", room=half, reason="Boden wird gewachst")

    found = schedule.check([Wanted(hall, make.slot("2027-01-06T16:00"))], clock.now)

    assert (found[0].state, found[0].closure.reason) == (State.CLOSED, "Boden wird gewachst")


def test_agenda_shows_what_is_approved_and_not_what_is_asked_for(hall):
    make.booking(hall, "2027-01-06T16:00", status=Status.APPROVED, title="Netzwerk")
    make.booking(hall, "2027-01-06T18:30", status=Status.REQUESTED, title="Nur gefragt")
    make.booking(hall, "2027-01-07T00:00", status=Status.APPROVED, title="Am nächsten Tag", minutes=30)

    assert rows(date(2027, 1, 6)) == [("06.01. 16:00", "Netzwerk", "Große Fläche", False, False)]


def test_agenda_keeps_a_cancelled_date_in_sight(hall):
    make.booking(hall, "2027-01-06T16:00", status=Status.CANCELLED, title="Netzwerk")

    assert rows(date(2027, 1, 6)) == [("06.01. 16:00", "Netzwerk", "Große Fläche", True, False)]


def test_agenda_hides_title_and_group_of_a_closed_group(hall):
    make.booking(hall, "2027-01-06T16:00", status=Status.APPROVED, title="Selbsthilfe Sucht", is_open=False)

    row = schedule.agenda(date(2027, 1, 6), 1)[0].rows[0]

    assert (row.title, row.group, row.is_open) == ("", "", False)


def test_agenda_shows_a_moved_date_in_both_places(hall):
    moved = make.booking(hall, "2027-01-06T16:00", status=Status.APPROVED, title="Netzwerk").occurrences[0]
    change(moved, start=make.instant("2027-01-07T17:00"), end=make.instant("2027-01-07T19:00"))

    assert rows(date(2027, 1, 6), 2) == [
        ("06.01. 16:00", "Netzwerk", "Große Fläche", False, True),
        ("07.01. 17:00", "Netzwerk", "Große Fläche", False, False),
    ]


def test_agenda_names_the_closure_of_a_whole_day_only(hall):
    make.closure("2027-01-05T12:00", "2027-01-07T00:00")

    assert [each.closure is not None for each in schedule.agenda(date(2027, 1, 5), 3)] == [False, True, False]


def test_agenda_counts_the_night_of_the_change_as_one_day(hall):
    make.booking(hall, "2027-03-28T23:00", minutes=30, status=Status.APPROVED, title="Spät")
    make.booking(hall, "2027-03-29T00:00", minutes=30, status=Status.APPROVED, title="Früh")

    assert [row[1] for row in rows(date(2027, 3, 28))] == ["Spät"]


def test_agenda_looks_at_the_dates_of_its_days_alone(hall):
    heard = []
    listen = partial(sa.event.listen, db.engine, "before_cursor_execute")
    listen(lambda _conn, _cursor, statement, parameters, *_: heard.append((statement, parameters)))
    schedule.agenda(date(2027, 1, 6), 1)

    (asked,) = [each for each in heard if "FROM occurrence" in each[0]]
    plan = db.session.connection().exec_driver_sql(f"EXPLAIN QUERY PLAN {asked[0]}", asked[1])
    assert {row.detail for row in plan if " occurrence" in row.detail} == {
        "SEARCH occurrence USING INTEGER PRIMARY KEY (rowid=?)",
        "SEARCH occurrence USING COVERING INDEX ix_occurrence_status_start (status=? AND start>? AND start<?)",
        "SEARCH occurrence USING COVERING INDEX ix_occurrence_status_original_start"
        " (status=? AND original_start>? AND original_start<?)",
    }
