"""The public plan."""

from datetime import date
from functools import partial

import pytest
import sqlalchemy as sa

from booking.agenda import Look, agenda, agenda_rows, beginnings, number_of_lines
from booking.database import db, transaction
from booking.domain.board import is_gone
from booking.domain.status import Status
from booking.models import Occurrence
from tests import make
from tests.support.statements import statements


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


def test_agenda_names_the_public_holiday_on_which_the_house_is_closed(hall):
    make.closure("2027-05-05T00:00", "2027-05-07T00:00", reason="Inventur")

    closures = [each.closure for each in agenda(date(2027, 4, 30), 8)]

    assert [closure and (closure.reason, closure.reason_en) for closure in closures] == [
        *(None, ("Erster Mai", "Labor Day"), None, None, None),
        *(("Inventur", "Closed for holidays"), ("Inventur", "Closed for holidays"), None),
    ]


def test_agenda_counts_the_night_of_the_change_as_one_day(hall):
    make.booking(hall, "2027-03-28T23:00", minutes=30, status=Status.APPROVED, title="Spät")
    make.booking(hall, "2027-03-29T00:00", minutes=30, status=Status.APPROVED, title="Früh")

    assert [row[1] for row in rows(date(2027, 3, 28))] == ["Spät"]


@pytest.mark.parametrize("room_ids", [pytest.param((), id="all rooms"), pytest.param((1, 2), id="some rooms")])
def test_agenda_looks_at_the_dates_of_its_days_and_rooms_alone(hall, room_ids):
    heard = []
    listen = partial(sa.event.listen, db.engine, "before_cursor_execute")
    listen(lambda _conn, _cursor, statement, parameters, *_: heard.append((statement, parameters)))
    agenda(date(2027, 1, 6), 1, room_ids=room_ids)

    (asked,) = [each for each in heard if "FROM occurrence" in each[0]]
    plan = db.session.connection().exec_driver_sql(f"EXPLAIN QUERY PLAN {asked[0]}", asked[1])
    assert {row.detail for row in plan if " occurrence" in row.detail} == {
        "SEARCH occurrence USING INTEGER PRIMARY KEY (rowid=?)",
        "SEARCH occurrence USING COVERING INDEX ix_occurrence_status_start (status=? AND start>? AND start<?)",
        "SEARCH occurrence USING INDEX ix_occurrence_moved (status=? AND original_start>? AND original_start<?)",
    }


@pytest.mark.parametrize(
    ("most", "days"),
    [
        pytest.param(9, {6: (2, 2), 7: (0, 0), 8: (3, 3), 9: (0, 0)}, id="all of them"),
        pytest.param(5, {6: (2, 2), 7: (0, 0), 8: (3, 3), 9: (0, 0)}, id="just as many"),
        pytest.param(4, {6: (2, 2), 7: (0, 0)}, id="the day that would be too much is left out"),
        pytest.param(2, {6: (2, 2), 7: (0, 0)}, id="the first day fits"),
        pytest.param(1, {6: (1, 2)}, id="the first day begins, and all of it is counted"),
    ],
)
def test_agenda_ends_before_the_day_on_which_there_would_be_too_much(hall, most, days):
    for start in ("2027-01-06T10:00", "2027-01-06T16:00", "2027-01-08T09:00", "2027-01-08T12:00", "2027-01-08T18:00"):
        make.booking(hall, start, status=Status.APPROVED)

    found = agenda(date(2027, 1, 6), 4, most=most)

    assert {each.day.day: (len(each.rows), each.number) for each in found} == days


def test_agenda_after_empty_days_shows_the_first_day_with_anything(hall):
    for hour in (9, 12, 15):
        make.booking(hall, f"2027-01-08T{hour:02}:00", status=Status.APPROVED)

    found = agenda(date(2027, 1, 6), 28, most=2)

    assert [(len(each.rows), each.number) for each in found] == [(0, 0), (0, 0), (2, 3)]


def test_agenda_rows_are_the_first_of_the_plan_in_the_rooms_that_are_asked_for(hall, half):
    make.booking(hall, "2027-01-06T10:00", status=Status.APPROVED, title="A", is_open=False)
    make.booking(half, "2027-01-06T14:00", status=Status.CANCELLED, title="B")
    moved = make.booking(hall, "2027-01-05T12:00", status=Status.APPROVED, title="C").occurrences[0]
    change(moved, start=make.slot("2027-01-08T12:00").start, end=make.slot("2027-01-08T14:00").start, room_id=half.id)
    period = make.slot("2027-01-05T00:00").start, make.slot("2027-01-09T00:00").start

    def found(**wanted):
        (rows,) = agenda_rows(Look(*period, **wanted))
        return [(row.title, row.room.name, row.moved_away) for row in rows]

    everything = [
        ("C", "Große Fläche", True),
        ("", "Große Fläche", False),
        ("B", "Fläche vorn", False),
        ("C", "Fläche vorn", False),
    ]
    assert found() == everything
    assert found(open_only=True) == [row for row in everything if row[0]]
    assert found(room_ids=[half.id]) == everything[2:]
    assert [found(most=n) for n in range(1, 4)] == [everything[:n] for n in range(1, 4)]


@pytest.mark.parametrize("moment", ["09:59", "10:00", "12:00", "12:04", "12:05", "13:59", "14:00", "16:04", "16:05"])
def test_agenda_rows_of_now_leave_out_what_can_go_from_the_plan_of_the_day(either_app, moment):
    make.house()
    room = make.room()
    make.booking(room, "2027-01-06T08:00", status=Status.APPROVED, title="früh")
    make.booking(room, "2027-01-06T10:00", status=Status.APPROVED, title="vormittags")
    make.booking(room, "2027-01-06T12:00", status=Status.CANCELLED, title="fällt aus")
    moved = make.booking(room, "2027-01-06T08:00", status=Status.CANCELLED, title="verlegt").occurrences[0]
    later = make.slot("2027-01-06T13:00", minutes=240)
    change(moved, start=later.start, end=later.end, status=Status.APPROVED)
    now = make.instant(f"2027-01-06T{moment}")
    period = make.slot("2027-01-06T00:00").start, make.slot("2027-01-07T00:00").start

    everything, of_now = agenda_rows(Look(*period), Look(*period, now=now))

    assert of_now == [row for row in everything if not is_gone(row.slot, now, is_off=row.is_off)]
    assert number_of_lines(Look(*period, most=1, now=now)) == len(of_now)


def test_agenda_rows_of_several_looks_come_by_one_statement(hall):
    for day in (5, 6, 7):
        make.booking(hall, f"2027-01-0{day}T10:00", status=Status.APPROVED, title=f"Tag {day}")
    days = [make.slot(f"2027-01-0{day}T00:00").start for day in (5, 6, 8)]
    agenda(date(2027, 1, 5), 1)  # the rooms are known from here on

    with statements() as heard:
        found = agenda_rows(Look(days[0], days[1]), Look(days[1], days[2], most=1))

    assert ([[row.title for row in rows] for rows in found], len(heard)) == ([["Tag 5"], ["Tag 6"]], 1)


def test_first_agenda_rows_are_those_of_the_whole_plan_where_many_begin_together(hall, half):
    rooms = [make.room(f"Raum {name}") for name in "FEDCBA"]
    for room in rooms[::-1]:
        make.booking(room, "2027-01-06T10:00", status=Status.APPROVED, title=room.name)
    period = make.slot("2027-01-06T00:00").start, make.slot("2027-01-07T00:00").start

    everything, first = agenda_rows(Look(*period), Look(*period, most=3))

    assert first == everything[:3]
    assert [row.title for row in everything] == [room.name for room in rooms]


def test_beginnings_hold_what_people_come_for_and_count_the_others(hall):
    for hour in (8, 10, 12, 14, 16, 18):
        make.booking(hall, f"2027-01-06T{hour:02}:00", status=Status.APPROVED, title=f"{hour}")
    make.booking(make.room("Keller"), "2027-01-06T08:30", minutes=720, status=Status.APPROVED, title="den ganzen Tag")
    make.booking(hall, "2027-01-06T20:00", status=Status.CANCELLED, title="fällt aus")
    for hour in (9, 11, 13, 15):
        make.booking(hall, f"2027-01-08T{hour:02}:00", status=Status.APPROVED, title=f"{hour}")

    def found(at, most_today):
        plans = beginnings(date(2027, 1, 6), 3, make.instant(f"2027-01-06T{at}"), most_today=most_today, most=3)
        return [
            (
                [row.title for row in plan.rows],
                [(f"{end.astimezone(make.ZONE):%H}", n) for end, n in sorted(plan.left_out.items())],
            )
            for plan in plans
        ]

    others = [([], []), (["9", "11", "13"], [("00", 1)])]
    everything = ["8", "den ganzen Tag", "10", "12", "14", "16", "18", "fällt aus"]
    assert found("07:00", 2) == [(everything[:2], [("12", 1), ("14", 1), ("16", 1), ("18", 1), ("20", 1)]), *others]
    assert found("16:20", 3) == [
        (["16", "18", "fällt aus"], [("10", 1), ("12", 1), ("14", 1), ("16", 1), ("20", 1)]),
        *others,
    ]
    assert found("16:20", 4) == [
        (["den ganzen Tag", *everything[5:]], [("10", 1), ("12", 1), ("14", 1), ("16", 1)]),
        *others,
    ]
    assert found("23:00", 9) == [(everything, []), *others]
