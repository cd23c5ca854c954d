"""A fresh link by mail, and the first one sent to the right address."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
import sqlalchemy as sa

from booking import links, outbox, retention, sharing
from booking.database import db, transaction
from booking.models import Booking, Letter
from tests import make
from tests.support.people import ALI, actions, everything, letters, link_of, live

UNKNOWN = "nobody@example.org"


def test_fresh_link_ends_the_old_one_and_is_mailed(booking, clock):
    old = link_of(booking.contact, booking)

    number = sharing.send_fresh_links("ZOE@example.org", clock.now)

    assert (number, live(), letters()) == (1, ["zoe@example.org"], [("new_link", "zoe@example.org", "waiting")])
    assert links.is_over(old, clock.now)
    assert actions() == [("fresh_link", "group")]


def test_fresh_links_are_mailed_for_every_booking_of_an_address(booking, house_with_rooms, clock):
    make.booking(house_with_rooms[1], "2027-02-03T16:00", title="Plenum")

    number = sharing.send_fresh_links("zoe@example.org", clock.now)

    subjects = [each.subject + each.body for each in db.session.scalars(db.select(Letter).order_by(Letter.id))]
    assert number == 2
    assert ["Netzwerktreffen" in subjects[0], "Plenum" in subjects[1]] == [True, True]


def test_second_person_gets_a_fresh_link_and_the_first_keeps_theirs(booking, clock):
    sharing.share(booking, "Ali", ALI, clock.now)
    first = link_of(booking.contact, booking)

    number = sharing.send_fresh_links(ALI, clock.now)

    assert (number, sorted(live())) == (1, [ALI, "zoe@example.org"])
    assert not links.is_over(first, clock.now)


def test_unknown_address_changes_nothing_but_the_record(booking, clock):
    before = live()

    number = sharing.send_fresh_links(UNKNOWN, clock.now)

    assert (number, live(), letters()) == (0, before, [])
    assert actions() == [("fresh_link", "group")]


def test_unknown_address_takes_as_much_work_as_a_known_one(booking, clock):
    def statements(email):
        seen = []
        sa.event.listen(db.engine, "before_cursor_execute", note := lambda *given: seen.append(given[2].split()[0]))
        sharing.send_fresh_links(email, clock.now)
        sa.event.remove(db.engine, "before_cursor_execute", note)
        return [word for word in seen if word in ("INSERT", "UPDATE")]

    known, unknown = statements("zoe@example.org"), statements(UNKNOWN)

    assert sorted(known) == sorted(unknown)


def test_fresh_link_for_a_long_past_booking_works_for_two_weeks(booking, clock):
    now = clock.set("2027-06-01T10:00")
    assert links.is_over(link_of(booking.contact, booking), now)

    sharing.send_fresh_links("zoe@example.org", now)
    link = link_of(booking.contact, booking)

    assert [links.is_over(link, now + timedelta(days=days)) for days in (0, 13, 15)] == [False, False, True]


def test_forgotten_address_is_unknown(booking, clock):
    with transaction():
        retention.forget_contact(booking.contact)

    assert sharing.send_fresh_links("zoe@example.org", clock.now) == 0


@pytest.fixture
def first_letter(booking, clock):
    """The one with the link, which still waits."""
    with transaction():
        return outbox.put(
            "requested",
            subject="Da",
            body="⟦link⟧",
            language="de",
            now=clock.now,
            booking=booking,
            contact=booking.contact,
        )


def test_corrected_address_gets_the_first_letter_and_a_new_link(booking, first_letter, clock):
    old = link_of(booking.contact, booking)

    assert sharing.correct_address(booking, "zoe@example.com", clock.now)

    assert letters() == [("requested", "zoe@example.com", "stopped"), ("requested", "zoe@example.com", "waiting")]
    assert (live(), links.is_over(old, clock.now)) == (["zoe@example.com"], True)
    assert "zoe@example.org" not in everything()


def test_address_is_corrected_once_and_within_half_an_hour(booking, clock):
    now = clock.now
    late = sharing.correct_address(booking, "late@example.com", now + timedelta(minutes=31))
    first = sharing.correct_address(booking, "first@example.com", now + timedelta(minutes=29))
    second = sharing.correct_address(booking, "second@example.com", now + timedelta(minutes=29))

    assert (late, first, second, live()) == (False, True, False, ["first@example.com"])


@pytest.mark.postgresql
def test_fresh_links_and_handovers_at_once_wait_for_each_other(app_pg, clock):
    make.house()
    hall, _, _ = make.rooms()
    now = clock.now
    ids = []
    for day in ("06", "13", "20", "27"):
        booking = make.booking(hall, f"2027-01-{day}T16:00", email=f"zoe{day}@example.org")
        make.link(booking)
        ids.append((booking.id, booking.contact.email))

    def at_once(act):
        with app_pg.app_context():
            together.wait()
            act()
            db.session.remove()

    for booking_id, email in ids:
        acts = (
            lambda booking_id=booking_id: sharing.hand_over(db.session.get(Booking, booking_id), "Ali", ALI, now),
            lambda booking_id=booking_id: sharing.share(db.session.get(Booking, booking_id), "Kim", "kim@x.org", now),
            lambda email=email: sharing.send_fresh_links(email, now),
            lambda: sharing.send_fresh_links(UNKNOWN, now),
        )
        together = threading.Barrier(len(acts))
        with ThreadPoolExecutor(len(acts)) as threads:
            list(threads.map(at_once, acts))  # raises what one of them has met
