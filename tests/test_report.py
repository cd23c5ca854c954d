"""What the house was used for in a year, against counts by hand."""

from collections import Counter
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st

from booking import clock as our_clock
from booking import log, report
from booking.database import db, transaction
from booking.domain.status import Status
from booking.models import Booking, Occurrence, Room, YearFigure
from booking.report import KindLine, Process, Use
from booking.sentences import reasons
from tests import make
from tests.support.app import Clock

GARDEN, COUNCIL = "Wurzelwerk Sennestadt", "Umweltamt"


def held(room: Room, *starts: str, **changes: Any) -> Booking:
    return make.booking(room, *starts, status=Status.APPROVED, **changes)


def set_on(date: Occurrence, **values: Any) -> None:
    with transaction():
        for name, value in values.items():
            setattr(date, name, value)


@pytest.fixture
def a_year(engine_app: Flask, clock: Clock) -> tuple[Room, Room]:
    """2027 until 1 July: nine uses, and much that is none."""
    clock.set("2027-07-01T12:00")
    make.house()
    hall, workshop, _ = make.rooms()
    make.initiative(COUNCIL, kind="department")
    make.initiative("Innovation Office", kind="own", is_public=False)
    garden = held(
        hall,
        *("2027-01-05T18:00", "2027-02-02T18:00", "2027-03-02T18:00", "2027-04-06T18:00", "2027-05-04T18:00"),
        group=GARDEN,
        people=12,
        before_minutes=30,
        after_minutes=15,
    )
    set_on(garden.occurrences[3], no_show=True)
    set_on(
        garden.occurrences[4],
        status=Status.CANCELLED,
        cancelled_by_group=True,
        changed_at=make.instant("2027-05-03T20:00"),
    )
    held(workshop, "2027-01-20T10:00", "2027-06-30T09:30", group=COUNCIL, is_open=False, people=5, minutes=90)
    held(workshop, "2027-04-09T09:00", group="Innovation Office", people=4, minutes=60)
    held(hall, "2027-05-22T11:00", group="Einmal im Jahr", people=30)
    held(hall, "2026-12-31T23:00", "2027-01-01T00:00", group="Silvester", minutes=30)
    held(hall, "2027-07-01T11:00", "2027-12-01T18:00", group="Läuft noch", minutes=120)
    make.booking(hall, "2027-03-03T18:00", group="Nur gefragt")
    return hall, workshop


def test_report_counts_what_took_place_by_kind_and_quarter(a_year: tuple[Room, Room]) -> None:
    with transaction():
        db.session.add_all(
            [
                YearFigure(year=2027, kind="initiative", planned=24),
                YearFigure(year=2026, kind="department", counted=33),
            ]
        )
    found = report.report_of(2027, our_clock.now())

    assert found.until == date(2027, 7, 1)
    assert found.kinds == [
        KindLine("initiative", [4, 1, 0, None], 5, 24, 1),
        KindLine("department", [1, 1, 0, None], 2, None, 33),
        KindLine("own", [0, 1, 0, None], 1, None, 0),
    ]


def test_report_counts_groups_rooms_and_hours(a_year: tuple[Room, Room]) -> None:
    found = report.report_of(2027, our_clock.now())

    assert [tuple(line) for line in found.groups] == [
        (GARDEN, "initiative", 3, 6.0, 36, 3),
        (COUNCIL, "department", 2, 3.0, 10, 0),
        ("Einmal im Jahr", "initiative", 1, 2.0, 30, 0),
        ("Innovation Office", "own", 1, 1.0, 4, 0),
        ("Silvester", "initiative", 1, 0.5, 15, 0),
    ]
    hours = found.open_hours + found.evening_hours
    assert [(line.room.name, line.uses, line.room_hours, line.share) for line in found.rooms] == [
        ("Große Fläche", 5, 10.75, 10.75 / hours),
        ("Werkstatt", 3, 4.0, 4.0 / hours),
        ("Besprechung", 0, 0.0, 0.0),
    ]
    assert (found.bands, found.hours) == (
        range(0, 21, 2),
        {
            0: [0] * 11,
            1: [*[0] * 9, 3, 0],
            2: [0, 0, 0, 0, 1, 1, *[0] * 5],
            3: [0] * 11,
            4: [1, 0, 0, 0, 1, *[0] * 6],
            5: [*[0] * 5, 1, *[0] * 5],
        },
    )


def test_report_knows_how_long_the_house_was_open(a_year: tuple[Room, Room]) -> None:
    found = report.report_of(2027, our_clock.now())

    weekdays = [date(2027, 1, 1) + timedelta(days=n) for n in range(182)]
    # New Year, Good Friday, Easter Monday, Ascension Day, Whit Monday, Corpus Christi; 1 May is a Saturday.
    days = sum(day.weekday() < 5 for day in weekdays) - 6
    assert (found.open_hours, found.evening_hours) == (days * 8, days * 5)


def test_report_follows_requests_to_their_answers(a_year: tuple[Room, Room], clock: Clock) -> None:
    hall, _ = a_year
    clock.set("2027-07-02T09:00")
    team = make.staff()
    full, short, silent = (
        make.booking(hall, "2027-08-03T18:00", "2027-08-10T18:00", group=name) for name in ("A", "B", "C")
    )
    with transaction():
        for booking in (full, short, silent):
            log.record("request", booking, actor="group", count=2, now=clock.now)
        for booking, hours in ((full, 4), (short, 10)):
            log.record("ask", booking, by=team, now=clock.now + timedelta(hours=hours))
            log.record("ask", booking, by=team, now=clock.now + timedelta(hours=hours + 30))
        full.occurrences[0].status = Status.APPROVED
        full.occurrences[1].status = Status.DECLINED
        full.occurrences[1].reason = reasons("en")["taken"]
        short.occurrences[0].status = Status.DECLINED
        short.occurrences[0].reason = "Da streichen wir die Wände."
    clock.set("2027-12-24T09:00")

    assert report.report_of(2027, clock.now).process == Process(
        requests=3,
        dates=6,
        confirmed=1,
        declined=Counter(taken=1, other=1),
        answer=timedelta(hours=7),
        late=1,
        unused=1,
    )


def test_years_go_back_to_the_first_date(a_year: tuple[Room, Room]) -> None:
    assert report.years(our_clock.now()) == [2027, 2026]


def use(group: str, *, is_open: bool) -> Use:
    start = datetime(2027, 3, 1, 12, tzinfo=UTC)
    return Use(start, start + timedelta(hours=1), 0, 0, 1, 10, is_open, group, "initiative")


@given(st.lists(st.tuples(st.sampled_from("ABC"), st.booleans()), max_size=20))
def test_published_names_only_groups_whose_open_meetings_are_many(made: list[tuple[str, bool]]) -> None:
    uses = [use(group, is_open=is_open) for group, is_open in made]

    found = report.published(uses)

    assert len(found) == len(uses)
    for group in "ABC":
        open_ones = made.count((group, True))
        assert sum(each.group == group for each in found) == (open_ones if open_ones >= report.FEW else 0)
