"""A mailbox that has never shown that it wants letters gets three a day, whatever is done."""

from datetime import timedelta

import pytest

from booking import quota
from booking.database import db, transaction
from booking.letters import dispatch, outbox
from booking.models import Contact, Letter, Link
from booking.sharing import fresh_links, people
from tests import make
from tests.support.group_page import ALI
from tests.support.letters import NOW, put

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@pytest.fixture
def hall(app):
    make.house()
    return make.room()


@pytest.fixture
def booking(hall):
    booking = make.booking(hall, "2027-01-06T16:00")
    make.link(booking)
    return booking


def leaving(now):
    """In how many hours each letter leaves that is not stopped, in the order in which they were put."""
    db.session.expire_all()
    put_down = db.session.scalars(db.select(Letter).where(Letter.state != "stopped").order_by(Letter.id))
    return [round((letter.send_at - now) / HOUR) for letter in put_down]


def page_link(booking):
    return db.session.scalars(db.select(Link).where(Link.booking_id == booking.id, Link.purpose == "page")).first()


def test_fourth_letter_of_a_day_waits_however_the_address_is_written(hall, clock):
    for email in ("zoe@example.org", "Z.oe@example.org", "zoe+1@example.org", "zoe+2@EXAMPLE.org", "noor@example.org"):
        put(email, now=clock.now)
    for hours in (1, 2, 3):
        put("zoe@example.org", now=clock.now + hours * HOUR)

    assert leaving(clock.now) == [0, 0, 0, 24, 0, 24, 24, 48]


def test_letters_that_have_left_count_and_stopped_ones_do_not(hall, clock):
    letters = [put("zoe@example.org", now=clock.now) for _ in range(3)]
    with transaction():
        letters[0].state, letters[0].sent_at = "sent", clock.now + 2 * HOUR
        letters[1].state = "stopped"

    put("zoe@example.org", now=clock.now + HOUR)
    put("zoe@example.org", now=clock.now + HOUR)

    assert leaving(clock.now) == [0, 0, 1, 24]


def test_letters_go_on_a_day_later(hall, clock):
    for _ in range(4):
        put("zoe@example.org", now=clock.now)

    sent = [dispatch.deliver_due(clock.now + hours * HOUR) for hours in (0, 23, 25)]

    assert sent == [3, 0, 1]


def test_office_gets_all_letters(hall, clock):
    for _ in range(5):
        put(to_office=True, now=clock.now)

    assert leaving(clock.now) == [0] * 5


def test_first_use_of_a_link_lets_waiting_letters_go_and_ends_the_limit(booking, clock):
    for _ in range(5):
        put(contact=booking.contact, now=clock.now)
    before = leaving(clock.now)

    fresh_links.note_use(page_link(booking), clock.now)
    put("zoe+x@example.org", now=clock.now)

    assert (before, leaving(clock.now)) == ([0, 0, 0, 24, 24], [0] * 6)


def test_letter_of_a_decision_that_can_be_taken_back_goes_on_waiting(booking, clock):
    later = NOW + timedelta(seconds=60)
    put(contact=booking.contact, now=NOW, send_at=later)

    fresh_links.note_use(page_link(booking), NOW)

    assert db.session.scalars(db.select(Letter.send_at)).one() == later


def test_correcting_addresses_gives_a_mailbox_no_more_letters(hall, clock):
    """A sender types an address, corrects it to another one, and begins anew."""
    for number in range(5):
        booking = make.booking(hall, f"2027-01-{number + 1:02}T16:00", email="victim@example.org")
        with transaction():
            outbox.put(
                "requested",
                subject="Da",
                body="⟦link⟧",
                language="de",
                now=clock.now,
                booking=booking,
                contact=booking.contact,
            )
        dispatch.deliver_due(clock.now)
        fresh_links.correct_address(booking, f"{number}@example.com", clock.now)

    key = quota.key_of(Contact(email="victim@example.org"))
    to_victim = db.select(Letter).where(Letter.mailbox_key == key, Letter.state == "sent")
    assert len(db.session.scalars(to_victim).all()) == 3


def test_naming_and_dropping_a_second_person_gives_a_mailbox_no_more_letters(booking, clock):
    for _ in range(5):
        people.share(booking, ALI["name"], ALI["email"], clock.now)
        dispatch.deliver_due(clock.now)
        people.take_link_back(booking, people.seconds(booking)[0].id, clock.now)

    states = [each.state for each in db.session.scalars(db.select(Letter).order_by(Letter.id))]
    assert states == ["sent"] * 3 + ["stopped"] * 2


def test_fresh_links_that_wait_for_a_mailbox_become_one_letter(booking, clock):
    for _ in range(8):
        fresh_links.send_fresh_links("zoe@example.org", "de", clock.now)
        dispatch.deliver_due(clock.now)
    waiting = leaving(clock.now)

    sent = [dispatch.deliver_due(clock.now + days * DAY) for days in (1, 2, 3)]

    assert (waiting[:3], len(waiting), sent) == ([0, 0, 0], 8, [1, 0, 0])


def test_limit_holds_on_both_databases(engine_app, clock):
    make.house()
    for _ in range(4):
        put("zoe@example.org", now=clock.now)

    assert leaving(clock.now) == [0, 0, 0, 24]
