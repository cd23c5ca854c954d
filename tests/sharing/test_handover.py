"""Somebody else is to speak for a booking, once both have said yes."""

from datetime import timedelta

import pytest
import sqlalchemy as sa

from booking import links, retention
from booking.database import db, transaction
from booking.domain.policy import HANDOVER_WAITS
from booking.letters import outbox
from booking.models import Draft, Handover, Letter
from booking.sharing import people
from booking.sharing.handover import agree, call_off, hand_over, open_handover
from booking.sharing.people import KnownAlready
from tests.support.people import ALI, both_links, everything, letters, link_of, live


@pytest.fixture
def handover(booking, clock):
    hand_over(booking, "Ali", ALI, clock.now)
    return open_handover(booking, clock.now)


def test_handover_asks_at_both_addresses(handover, booking):
    assert letters() == [("handover_give", "zoe@example.org", "waiting"), ("handover_take", ALI, "waiting")]
    assert (live("handover"), live()) == (["zoe@example.org", ALI], ["zoe@example.org"])
    assert booking.contact.email == "zoe@example.org"


@pytest.mark.parametrize("order", [(0, 1), (1, 0)], ids=["giver first", "taker first"])
def test_handover_is_done_when_both_have_said_yes(handover, booking, clock, order):
    both = both_links(handover)
    old = link_of(booking.contact, booking)

    assert agree(both[order[0]], clock.now)
    between = booking.contact.email
    assert agree(both[order[1]], clock.now)

    assert (between, booking.contact.email, live()) == ("zoe@example.org", ALI, [ALI])
    assert links.is_over(old, clock.now)
    assert open_handover(booking, clock.now) is None
    assert [(kind, to) for kind, to, _ in letters()][2:] == [
        ("news", "office"),
        ("handed_over_former", "zoe@example.org"),
        ("handed_over", ALI),
    ]
    assert not agree(both[0], clock.now)


def test_former_person_is_forgotten_once_the_last_letter_has_left(handover, booking, clock):
    for link in both_links(handover):
        agree(link, clock.now)

    retention.forget_what_is_due(clock.now)
    before = "zoe@example.org" in everything()
    with transaction():
        db.session.execute(sa.update(Letter).values(state="sent"))
    retention.forget_what_is_due(clock.now)

    assert (before, "zoe@example.org" in everything(), ALI in everything()) == (True, False, True)


def test_one_who_says_yes_twice_counts_once(handover, booking, clock):
    taker = both_links(handover)[1]

    agree(taker, clock.now)
    agree(taker, clock.now)

    assert booking.contact.email == "zoe@example.org"


def test_letters_that_wait_go_to_the_successor(handover, booking, clock):
    with transaction():
        outbox.put(
            "approved",
            subject="Ja",
            body="⟦link⟧",
            language="de",
            now=clock.now,
            booking=booking,
            contact=booking.contact,
        )

    for link in both_links(handover):
        agree(link, clock.now)

    assert ("approved", ALI, "waiting") in letters()


def test_whoever_is_responsible_on_the_evening_stays_so_unless_it_is_the_former_person(handover, booking, clock):
    with transaction():
        booking.contact.onsite_name, booking.contact.onsite_phone = "Kim", "0170 1234567"

    for link in both_links(handover):
        agree(link, clock.now)

    former = handover.former_contact
    assert (booking.contact.onsite_name, booking.contact.onsite_phone) == ("Kim", "0170 1234567")
    assert (former.phone, former.onsite_name, former.onsite_phone) == (None, None, None)


def test_last_page_of_the_form_does_not_lead_the_former_person_back(handover, booking, clock):
    with transaction():
        db.session.add(
            Draft(token_hash="x", form_id=booking.form_id, data={}, created_at=clock.now, changed_at=clock.now)
        )

    for link in both_links(handover):
        agree(link, clock.now)

    assert db.session.scalars(db.select(Draft)).all() == []


def test_handover_that_is_called_off_leaves_nothing_of_the_successor(handover, booking, clock):
    both = both_links(handover)

    assert call_off(booking, clock.now)

    assert [links.is_over(link, clock.now) for link in both] == [True, True]
    assert (agree(both[0], clock.now), ALI in everything()) == (False, False)
    assert call_off(booking, clock.now) is False


def test_handover_waits_for_two_weeks(handover, booking, clock):
    both = both_links(handover)
    later = clock.now + HANDOVER_WAITS + timedelta(minutes=1)

    assert open_handover(booking, later) is None
    assert agree(both[0], later) is False
    retention.forget_what_is_due(later)
    db.session.expire_all()
    assert db.session.get(Handover, handover.id).contact.email == ALI  # a letter to them still waits
    with transaction():
        db.session.execute(sa.update(Letter).values(state="sent"))
    retention.forget_what_is_due(later)
    assert ALI not in everything()


def test_second_handover_ends_the_first(handover, booking, clock):
    first = both_links(handover)

    hand_over(booking, "Kim", "kim@example.org", clock.now + timedelta(minutes=1))

    assert [links.is_over(link, clock.now) for link in first] == [True, True]
    assert (ALI in everything(), live("handover")) == (False, ["zoe@example.org", "kim@example.org"])


def test_booking_is_not_handed_over_to_its_own_address(booking, clock):
    with pytest.raises(KnownAlready):
        hand_over(booking, "Zoë", "zoe@EXAMPLE.org", clock.now)


def test_second_person_who_takes_over_has_one_link(booking, clock):
    people.share(booking, "Ali", ALI, clock.now)
    hand_over(booking, "Ali", ALI, clock.now)

    for link in both_links(open_handover(booking, clock.now)):
        agree(link, clock.now)

    assert (live(), people.seconds(booking)) == ([ALI], [])
