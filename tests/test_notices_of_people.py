"""What single people get, word for word: the letters stand in ``tests/letters``."""

import re

import pytest
from icalendar import Calendar

from booking import links
from booking.database import db, transaction
from booking.domain.recurrence import Frequency, RecurrenceRule
from booking.domain.status import Status
from booking.letters import dispatch
from booking.models import Contact, Letter
from booking.notices.frame import to_group
from booking.notices.people import handed_over, new_link
from booking.sharing.handover import hand_over, open_handover
from tests import make
from tests.support.letters import NOW, expected, first_half
from tests.support.mail import plain

WEDNESDAYS = ("2027-01-06T16:00", "2027-01-13T16:00")


@pytest.fixture
def booking(sending, language):
    """Two approved Wednesdays of which Zoë takes care; letters go to a real mail server."""
    rule = RecurrenceRule(start=make.instant(WEDNESDAYS[0]).date(), freq=Frequency.WEEKLY, count=2)
    return make.booking(
        make.room(),
        *WEDNESDAYS,
        rule=rule,
        status=Status.APPROVED,
        title="Offener Stammtisch",
        reference="IO-26-0142",
        language=language,
    )


@pytest.fixture
def ali(booking):
    with transaction():
        contact = Contact(name="Ali", email="ali@example.org")
        db.session.add(contact)
    return contact


def put(happened, *arguments, **more) -> Letter:
    with transaction():
        return happened(*arguments, **more)


def letters() -> dict[str, Letter]:
    db.session.rollback()
    return {letter.kind: letter for letter in db.session.scalars(db.select(Letter).order_by(Letter.id))}


def test_fresh_link_is_mailed(booking, language):
    letter = put(new_link, booking.contact, language, NOW)

    assert first_half(letter) == expected("new_link", language)


def test_second_person_gets_a_link_of_their_own(booking, ali, language):
    letter = put(to_group, "link_for_second", booking, contact=ali, now=NOW)

    assert (letter.contact, first_half(letter)) == (ali, expected("link_for_second", language))
    assert links.current(booking, ali) is not None


def test_handover_asks_both(booking, language):
    hand_over(booking, "Ali", "ali@example.org", NOW)

    give, take = letters()["handover_give"], letters()["handover_take"]
    assert (give.contact.email, first_half(give)) == ("zoe@example.org", expected("handover_give", language))
    assert (take.contact.email, first_half(take)) == ("ali@example.org", expected("handover_take", language))


def test_handover_is_told_to_both(booking, ali, language):
    former = booking.contact
    with transaction():
        booking.contact = ali

    put(handed_over, booking, former, ali, NOW)

    old, new = letters()["handed_over_former"], letters()["handed_over"]
    assert (old.contact, old.calendar, first_half(old)) == (former, None, expected("handed_over_former", language))
    assert (new.contact, first_half(new)) == (ali, expected("handed_over", language))
    assert len(Calendar.from_ical(new.calendar).walk("VEVENT")) == 2
    assert links.current(booking, former) is None


def test_letters_to_single_people_name_nobody_else(booking, ali):
    hand_over(booking, "Kim", "kim@example.org", NOW)
    put(to_group, "link_for_second", booking, contact=ali, now=NOW)
    put(handed_over, booking, booking.contact, ali, NOW)

    for letter in letters().values():
        said = f"{letter.subject} {letter.body}"
        assert [secret for secret in ("Zoë", "Müller", "Ali", "Kim", "example.org") if secret in said] == []


def test_handover_arrives_with_the_address_of_each_to_confirm(booking, smtp, language):
    hand_over(booking, "Ali", "ali@example.org", NOW)
    handover = open_handover(booking, NOW)

    assert dispatch.deliver_due(NOW) == 2

    prefix = "/en" if language == "en" else ""
    for contact in (handover.former_contact, handover.contact):
        [message] = smtp.to(contact.email)
        address = f"http://localhost{prefix}/uebergabe/{links.token(links.current(booking, contact, 'handover'))}"
        hello = "Hello" if language == "en" else "Hallo"
        assert plain(message).startswith(f"{hello} {contact.name},")
        assert set(re.findall(r"http\S+", plain(message))) == {address}
        assert f'<a href="{address}">{address}</a>' in message.get_body(("html",)).get_content()
