"""What the team does while it hosts: keys, dates to which nobody came, and the notice in the lobby."""

from datetime import timedelta

import pytest

from booking import afterwards, deadlines, hosting
from booking.database import db
from booking.domain.status import Status
from booking.hosting import AskedAlready, KeyIsOut, NotBegun
from booking.house import house, notice
from booking.lifecycle import Place
from booking.models import Booking, KeyLoan, Letter, LogEntry, Notice, Occurrence, occupancy
from tests import make


@pytest.fixture
def hall(either_app):
    make.house()
    return make.room()


@pytest.fixture
def by(hall):
    return make.staff()


@pytest.fixture
def series(hall):
    return make.booking(hall, "2027-01-06T16:00", "2027-01-13T16:00", status=Status.APPROVED)


def logged():
    db.session.rollback()
    return [entry.action for entry in db.session.scalars(db.select(LogEntry).order_by(LogEntry.id))]


def asked():
    db.session.rollback()
    return db.session.scalars(db.select(Letter).where(Letter.kind == "key_back")).all()


# -- Keys


def test_key_goes_out_and_comes_back(series, by, clock):
    loan = hosting.hand_out_key(series, "3", by=by, now=clock.now)
    clock.set("2026-12-01T10:00")
    hosting.take_key_back(series, loan.id, by=by, now=clock.now)
    hosting.take_key_back(series, loan.id, by=by, now=clock.now + timedelta(days=1))

    found = db.session.scalars(db.select(KeyLoan)).one()
    assert (found.number, found.returned_at - found.handed_out_at > timedelta(hours=23)) == ("3", True)
    assert (logged(), series.version) == (["key_out", "key_back"], 1)


def test_key_that_is_out_cannot_go_out_again(series, hall, by, clock):
    other = make.booking(hall, "2027-02-01T19:00", group="OK Lab")
    loan = hosting.hand_out_key(series, "3", by=by, now=clock.now)

    with pytest.raises(KeyIsOut) as refused:
        hosting.hand_out_key(other, "3", by=by, now=clock.now)

    assert refused.value.loan.id == loan.id
    hosting.take_key_back(series, loan.id, by=by, now=clock.now)
    assert hosting.hand_out_key(other, "3", by=by, now=clock.now).booking_id == other.id


def test_group_is_asked_for_its_key_once_a_day_whoever_asks(series, by, clock):
    hosting.hand_out_key(series, "3", by=by, now=clock.now)
    clock.set("2027-01-14T18:30")
    deadlines.settle(clock.now)
    assert len(asked()) == 1

    with pytest.raises(AskedAlready):
        hosting.ask_for_key(series, by=by, now=clock.now)
    hosting.ask_for_key(series, by=by, now=clock.set("2027-01-15T08:00"))
    deadlines.settle(clock.now)

    assert len(asked()) == 2
    assert logged()[-2:] == ["ask_for_key"] * 2


# -- Nobody came


def rows_of_room():
    return [tuple(row) for row in db.session.execute(db.select(occupancy))]


def test_date_to_which_nobody_came_keeps_its_room_and_can_be_taken_back(series, by, clock):
    date, before, shown = series.occurrences[0].id, rows_of_room(), house().version
    now = clock.set("2027-01-06T16:00")

    hosting.note_no_show(series, date, no_show=True, by=by, now=now)
    hosting.note_no_show(series, date, no_show=True, by=by, now=now)

    row = db.session.get_one(Occurrence, date)
    assert (row.no_show, row.status, rows_of_room(), house().version) == (True, Status.APPROVED, before, shown)
    assert (logged(), series.version, db.session.scalars(db.select(Letter)).all()) == (["no_show"], 1, [])

    hosting.note_no_show(series, date, no_show=False, by=by, now=now)
    assert (db.session.get_one(Occurrence, date).no_show, logged()) == (False, ["no_show", "came"])


@pytest.mark.parametrize(
    ("status", "at"),
    [
        (Status.APPROVED, "2027-01-06T15:59"),
        (Status.CANCELLED, "2027-01-06T18:00"),
        (Status.REQUESTED, "2027-01-06T18:00"),
    ],
)
def test_nobody_can_be_missing_where_nothing_takes_place_yet(hall, by, clock, status, at):
    booking = make.booking(hall, "2027-01-06T16:00", status=status)

    with pytest.raises(NotBegun):
        hosting.note_no_show(booking, booking.occurrences[0].id, no_show=True, by=by, now=clock.set(at))

    assert (logged(), db.session.get_one(Booking, booking.id).occurrences[0].no_show) == ([], False)


def test_date_that_is_moved_after_nobody_came_is_a_new_chance(series, hall, by, clock):
    date, now = series.occurrences[0].id, clock.set("2027-01-06T16:30")
    hosting.note_no_show(series, date, no_show=True, by=by, now=now)

    place = Place(hall.id, make.slot("2027-01-07T16:00"))
    afterwards.move(series, {date: place}, reason="Stau.", seen_version=series.version, by=by, now=now)

    assert db.session.get_one(Occurrence, date).no_show is False


# -- The notice


def test_notice_takes_the_place_of_the_last_one_and_ends_by_itself(hall, by, clock):
    until, version = clock.now + timedelta(hours=3), house().version
    hosting.post_notice("Aufzug kaputt.", "", until, by=by, now=clock.now)
    hosting.post_notice("Aufzug geht wieder.", "The lift works again.", until, by=by, now=clock.now)

    assert [(row.text, row.text_en) for row in db.session.scalars(db.select(Notice))] == [
        ("Aufzug geht wieder.", "The lift works again.")
    ]
    assert (notice(until - timedelta(seconds=1)).until, notice(until)) == (until, None)
    assert (house().version, logged()) == (version + 2, ["post_notice", "post_notice"])


def test_notice_is_taken_away_once(hall, by, clock):
    version = house().version
    hosting.post_notice("Aufzug kaputt.", "", clock.now + timedelta(hours=3), by=by, now=clock.now)

    hosting.end_notice(by=by, now=clock.now)
    hosting.end_notice(by=by, now=clock.now)

    assert (notice(clock.now), house().version, logged()) == (None, version + 2, ["post_notice", "end_notice"])
