"""The public plan."""

from datetime import date
from functools import partial

import pytest
import sqlalchemy as sa

from booking.agenda import agenda
from booking.database import db, transaction
from booking.domain.status import Status
from booking.models import Occurrence
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
        for each in agenda(day, days)
        for row in each.rows
    ]


def change(occurrence, **values):
    with transaction():
        db.session.execute(db.update(Occurrence).where(Occurrence.id == occurrence.id).values(**values))


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

    row = agenda(date(2027, 1, 6), 1)[0].rows[0]

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

    assert [each.closure is not None for each in agenda(date(2027, 1, 5), 3)] == [False, True, False]


def test_agenda_counts_the_night_of_the_change_as_one_day(hall):
    make.booking(hall, "2027-03-28T23:00", minutes=30, status=Status.APPROVED, title="Spät")
    make.booking(hall, "2027-03-29T00:00", minutes=30, status=Status.APPROVED, title="Früh")

    assert [row[1] for row in rows(date(2027, 3, 28))] == ["Spät"]


def test_agenda_looks_at_the_dates_of_its_days_alone(hall):
    heard = []
    listen = partial(sa.event.listen, db.engine, "before_cursor_execute")
    listen(lambda _conn, _cursor, statement, parameters, *_: heard.append((statement, parameters)))
    agenda(date(2027, 1, 6), 1)

    (asked,) = [each for each in heard if "FROM occurrence" in each[0]]
    plan = db.session.connection().exec_driver_sql(f"EXPLAIN QUERY PLAN {asked[0]}", asked[1])
    assert {row.detail for row in plan if " occurrence" in row.detail} == {
        "SEARCH occurrence USING INTEGER PRIMARY KEY (rowid=?)",
        "SEARCH occurrence USING COVERING INDEX ix_occurrence_status_start (status=? AND start>? AND start<?)",
        "SEARCH occurrence USING INDEX ix_occurrence_status_original_start"
        " (status=? AND original_start>? AND original_start<?)",
    }
