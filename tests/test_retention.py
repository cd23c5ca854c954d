"""Forgetting: on both sides of each period, and twice."""

from datetime import timedelta

import pytest
import sqlalchemy as sa

from booking import links, retention
from booking.database import db, transaction, writing
from booking.domain.status import Status
from booking.house import house
from booking.models import Booking, Contact, Draft, Handover, House, Initiative, Letter, LogEntry, Occurrence
from booking.retention import WhatIsForgotten, forget_what_is_due
from booking.sharing import people
from tests import make

NOTHING = WhatIsForgotten(0, 0, 0, 0)


@pytest.fixture
def hall(app):
    make.house()
    return make.room()


def known(booking):
    """What is still known of who asked and what for."""
    db.session.expire_all()
    contact = db.session.get(Booking, booking.id).contact
    return (contact.name, contact.email, contact.onsite_phone, booking.purpose)


@pytest.fixture
def wednesday(hall, clock):
    clock.set("2027-01-01T10:00")
    booking = make.booking(hall, "2027-01-06T16:00", status=Status.APPROVED)
    with transaction():
        booking.contact.onsite_name, booking.contact.onsite_phone = "Ali", "0170 1234567"
    return booking


def letter(booking, at, state="sent"):
    return Letter(
        kind="requested",
        booking_id=booking.id,
        language="de",
        subject="Eure Anfrage ist da",
        body="Hallo",
        created_at=at,
        send_at=at,
        state=state,
        message_id=f"{at} {state}",
    )


@pytest.mark.parametrize(
    ("today", "left"),
    [
        pytest.param("2027-02-03T17:59", ("Zoë Müller", "zoe@example.org", "0170 1234567", "Austausch"), id="4 weeks"),
        pytest.param("2027-02-03T18:01", ("Zoë Müller", "zoe@example.org", None, "Austausch"), id="after 4 weeks"),
        pytest.param("2028-01-06T17:59", ("Zoë Müller", "zoe@example.org", None, "Austausch"), id="a year"),
        pytest.param("2028-01-06T18:01", (None, None, None, ""), id="after a year"),
    ],
)
def test_contact_is_forgotten_after_the_last_date(wednesday, clock, today, left):
    forget_what_is_due(clock.set(today))

    assert known(wednesday) == left


def test_forgetting_lets_no_reader_keep_a_page_with_what_is_gone(wednesday, clock):
    before = house().version

    forget_what_is_due(clock.set("2028-01-06T18:01"))

    assert house().version > before


@pytest.mark.parametrize("status", [Status.DECLINED, Status.WITHDRAWN])
def test_contact_is_forgotten_half_a_year_after_an_answer_in_vain(hall, clock, status):
    clock.set("2027-01-01T10:00")
    booking = make.booking(hall, "2027-06-02T16:00", status=status)

    forget_what_is_due(make.instant("2027-07-01T09:59"))
    before = known(booking)[0]
    forget_what_is_due(make.instant("2027-07-01T11:01"))

    assert (before, known(booking)[0]) == ("Zoë Müller", None)


#: As a house may have decided it: each is another one than usual, and each due on a day of its own.
SHORTER = {"contact_months": 7, "in_vain_months": 2, "onsite_days": 3, "letters_days": 40}


@pytest.mark.parametrize(
    ("today", "left"),
    [
        ("2027-01-09T17:59", ["Ali", "Zoë", "Zoë", "Hallo"]),
        ("2027-01-09T18:01", [None, "Zoë", "Zoë", "Hallo"]),
        ("2027-02-10T09:59", [None, "Zoë", "Zoë", "Hallo"]),
        ("2027-02-10T10:01", [None, "Zoë", "Zoë", ""]),
        ("2027-03-01T09:59", [None, "Zoë", "Zoë", ""]),
        ("2027-03-01T10:01", [None, "Zoë", None, ""]),
        ("2027-08-06T18:59", [None, "Zoë", None, ""]),  # in summer time
        ("2027-08-06T19:01", [None, None, None, ""]),
    ],
)
def test_house_decides_how_long_it_knows_people(wednesday, hall, clock, today, left):
    """Somebody in the evening, who asked, who asked in vain, and what a letter said."""
    in_vain = make.booking(hall, "2027-06-02T16:00", status=Status.DECLINED)
    with transaction():
        house().retention = SHORTER
        db.session.add(letter(wednesday, clock.now))

    clock.set(today)
    for _ in range(2):  # twice does no harm
        forget_what_is_due(clock.now)

    db.session.expire_all()
    names = [name and name.partition(" ")[0] for name in (wednesday.contact.name, in_vain.contact.name)]
    assert [wednesday.contact.onsite_name, *names, db.session.scalars(sa.select(Letter.body)).one()] == left


def test_what_was_typed_is_forgotten_where_there_is_no_house_yet(app, clock):
    assert forget_what_is_due(clock.now) == NOTHING


def test_statistics_keep_group_room_and_time(wednesday, clock):
    forget_what_is_due(clock.set("2029-01-01T10:00"))

    kept = db.session.get(Booking, wednesday.id)
    assert (kept.initiative.name, kept.occurrences[0].room.name, kept.occurrences[0].slot.minutes) == (
        "Gesundes Städte-Netzwerk",
        "Große Fläche",
        120,
    )


def test_drafts_are_forgotten_after_a_day(hall, clock):
    now = clock.now
    with transaction():
        for age, name in ((23, "young"), (25, "old")):
            at = now - timedelta(hours=age)
            db.session.add(Draft(token_hash=name, form_id=name, data={}, created_at=at, changed_at=at))

    forget_what_is_due(now)

    assert [draft.form_id for draft in db.session.scalars(db.select(Draft))] == ["young"]


def test_texts_of_letters_are_forgotten_after_ninety_days_unless_they_still_wait(hall, clock):
    now = clock.now
    booking = make.booking(hall, "2027-06-02T16:00")
    with transaction():
        for age, state in ((89, "sent"), (91, "sent"), (91, "waiting")):
            db.session.add(letter(booking, now - timedelta(days=age), state))

    forget_what_is_due(now)

    assert [letter.body for letter in db.session.scalars(db.select(Letter).order_by(Letter.id))] == [
        "Hallo",
        "",
        "Hallo",
    ]


def test_forgetting_again_finds_nothing_more(wednesday, clock):
    now = clock.set("2029-01-01T10:00")

    assert (forget_what_is_due(now), forget_what_is_due(now)) == (WhatIsForgotten(0, 1, 1, 0), NOTHING)


def test_everybody_with_a_link_is_forgotten_and_all_that_was_written(wednesday, clock):
    people.share(wednesday, "Kim", "kim@example.org", clock.now)
    (second,) = people.seconds(wednesday)
    with transaction():
        wednesday.question, wednesday.answer = "Wer kommt?", "Kim"
        db.session.execute(sa.update(Letter).values(state="sent"))

    forgotten = forget_what_is_due(clock.set("2028-01-07T10:00"))

    db.session.expire_all()
    assert (forgotten.contacts, second.name, second.email) == (2, None, None)
    assert (wednesday.question, wednesday.answer) == ("", "")


def test_everybody_and_all_words_are_forgotten_together(wednesday, clock):
    date = wednesday.occurrences[0]
    with transaction():
        second, former = Contact(name="Ali", email="ali@example.org"), Contact(name="Kim", email="kim@example.org")
        for contact in (second, former):
            links.issue(wednesday, clock.now, contact)
        db.session.flush()
        links.revoke(wednesday, former, clock.now)
        wednesday.title_wish = wednesday.question = wednesday.answer = "in eigenen Worten"
        wednesday.url, wednesday.equipment = "https://zoe.example", ["Beamer", "Zoës Klavier"]
        date.room.equipment = ["Beamer"]
    make.change(date, date.room, date.slot, note="in eigenen Worten", state="refused")

    found = forget_what_is_due(clock.set("2028-01-06T18:01"))

    db.session.expire_all()
    assert found.contacts == 3
    assert [(each.name, each.email) for each in db.session.scalars(db.select(Contact))] == [(None, None)] * 3
    assert (wednesday.title_wish, wednesday.question, wednesday.answer, date.changes[0].note) == ("", "", "", "")
    assert (wednesday.url, wednesday.equipment) == ("", ["Beamer"])


def test_successor_of_an_ended_handover_is_forgotten(wednesday, clock):
    with transaction():
        successor = Contact(name="Ali", email="ali@example.org")
        db.session.add(
            Handover(
                booking=wednesday,
                former_contact=wednesday.contact,
                contact=successor,
                created_at=clock.now,
                ended_at=clock.now,
            )
        )

    forget_what_is_due(clock.now)

    db.session.expire_all()
    assert (successor.email, wednesday.contact.email) == (None, "zoe@example.org")


def statements_of(now):
    """How many statements it takes to forget."""
    seen = []

    def note(*parts):
        seen.append(parts[2])

    sa.event.listen(db.engine, "before_cursor_execute", note)
    forget_what_is_due(now)
    sa.event.remove(db.engine, "before_cursor_execute", note)
    return len(seen)


def test_bookings_that_are_not_due_cost_nothing(hall, clock):
    now = clock.set("2027-01-01T10:00")
    make.booking(hall, "2027-01-06T16:00")
    few = statements_of(now)
    for number in range(10, 28):
        make.booking(hall, f"2027-01-{number}T16:00", status=Status.APPROVED)

    assert statements_of(now) == few


def copies(numbers):
    """Further bookings like the first, each of a person of their own."""
    booking = db.session.get_one(Booking, 1)

    def row(of, **changes):
        columns = sa.inspect(type(of)).columns
        return {column.key: getattr(of, column.key) for column in columns if column.key != "id"} | changes

    with transaction():
        original, contact, date = row(booking), row(booking.contact), row(booking.occurrences[0])
        for table, rows in {
            Contact: [contact | {"id": n} for n in numbers],
            Booking: [original | {"id": n, "contact_id": n, "reference": n, "form_id": n} for n in numbers],
            Occurrence: [date | {"id": n, "booking_id": n, "uid": n} for n in numbers],
        }.items():
            db.session.execute(sa.insert(table), rows)


def work_of(now):
    """How many hundreds of steps SQLite takes to find out that nothing is due."""
    steps = []
    db.session.remove()
    db.engine.dispose()
    with db.engine.connect() as connection:
        connection.connection.dbapi_connection.set_progress_handler(lambda: steps.append(1), 100)
    assert forget_what_is_due(now) == NOTHING
    db.session.remove()
    db.engine.dispose()
    return len(steps)


def test_looking_takes_as_long_as_there_are_bookings(hall, clock):
    now = clock.set("2027-01-01T10:00")
    make.booking(hall, "2027-01-06T16:00")
    copies(range(1000, 1500))
    few = work_of(now)
    copies(range(2000, 3500))

    assert work_of(now) < 5 * few  # four times the bookings


@pytest.fixture
def five(hall, clock, monkeypatch):
    """Bookings that are long past, two of them to be forgotten at a time."""
    monkeypatch.setattr(retention, "BATCH", 2)
    clock.set("2027-01-01T10:00")
    bookings = [make.booking(hall, f"2027-01-{number}T16:00", status=Status.APPROVED) for number in range(10, 15)]
    clock.set("2028-02-01T10:00")
    return bookings


def known_names():
    return [name for name in db.session.scalars(sa.select(Contact.name).order_by(Contact.id)) if name]


def test_others_write_between_the_batches(five, clock):
    left = []

    def write():
        with transaction():
            left.append(len(known_names()))
            db.session.get_one(House, 1).version += 1

    found = forget_what_is_due(clock.now, rest=write)

    assert left == [3, 1, 0]
    assert found == WhatIsForgotten(0, 0, 5, 0)
    entries = db.session.scalars(sa.select(LogEntry).where(LogEntry.action == "forget")).all()
    assert [entry.detail for entry in entries] == [{"drafts": 0, "onsite": 0, "contacts": 5, "letters": 0}]


def test_booking_that_goes_on_meanwhile_is_not_forgotten(five, clock):
    def go_on():
        if len(five[4].occurrences) == 1:
            make.occurrence(five[4], "2028-06-07T16:00")

    found = forget_what_is_due(clock.now, rest=go_on)

    assert (found.contacts, known(five[4])[0]) == (4, "Zoë Müller")


def test_forgetting_that_was_interrupted_is_taken_up_again(five, clock):
    def stop():
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        forget_what_is_due(clock.now, rest=stop)

    assert len(known_names()) == 3
    assert forget_what_is_due(clock.now) == WhatIsForgotten(0, 0, 3, 0)


@pytest.mark.postgresql
def test_booking_that_is_being_changed_is_left_for_the_next_day(app_pg, clock):
    make.house()
    clock.set("2027-01-01T10:00")
    hall = make.room()
    first, second = (make.booking(hall, f"2027-01-{day}T16:00", status=Status.APPROVED) for day in (10, 11))
    ids, now = [first.id, second.id], clock.set("2028-02-01T10:00")

    with db.engine.connect() as other:
        with writing():
            other.execute(sa.select(Booking).where(Booking.id == ids[0]).with_for_update())
        found = forget_what_is_due(now)

    assert (found.contacts, forget_what_is_due(now).contacts) == (1, 1)


def test_notes_of_the_office_go_with_the_last_known_contact_of_a_group(hall, clock):
    """Of two bookings of one group and one of another; the day of the first has come."""
    clock.set("2027-01-01T10:00")
    first = make.booking(hall, "2027-01-06T16:00", status=Status.APPROVED)
    make.booking(hall, "2027-06-06T16:00", status=Status.APPROVED)
    make.booking(hall, "2027-06-07T16:00", status=Status.APPROVED, group="Chor")
    with transaction():
        db.session.execute(sa.update(Initiative).values(notes="Frau Müller hat den Schlüssel."))

    def notes():
        db.session.rollback()
        return sorted(db.session.scalars(sa.select(Initiative.notes)), key=len)

    forget_what_is_due(clock.set("2028-01-07T10:00"))
    assert known(first)[0] is None
    assert [bool(each) for each in notes()] == [True, True]

    forget_what_is_due(clock.set("2028-06-06T18:01"))
    assert [bool(each) for each in notes()] == [False, True]
