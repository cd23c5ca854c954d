"""What holds for every letter there is, a new one too: each is sent through a real mail server and read there."""

from typing import NamedTuple

import pytest

from booking.database import transaction
from booking.domain.status import Status
from booking.letters import dispatch, outbox
from booking.models import Booking, Letter
from booking.sharing import fresh_links
from tests import make
from tests.support.browser import shoot
from tests.support.letters import KINDS, NOW, put, put_each
from tests.support.mail import plain

GROUP, OFFICE = "zoe@example.org", "innovationen@bielefeld.de"


class Arrived(NamedTuple):
    """What came of every letter about one booking, by its kind, and what each side had got of it before."""

    letters: dict
    first_to: dict[str, str]  # Message-ID by address
    booking: Booking


@pytest.fixture
def arrived(sending, smtp, language):
    booking = make.booking(
        make.room(), "2027-01-06T16:00", "2027-01-13T16:00", title="Nähen", reference="IO-26-0815", language=language
    )
    fresh_links.note_use(make.link(booking), NOW)
    first_to = {
        GROUP: put(booking=booking, contact=booking.contact).message_id,
        OFFICE: put(booking=booking, to_office=True).message_id,
    }
    dispatch.deliver_due(NOW)
    kinds = {letter.message_id: kind for kind, letter in put_each(booking).items()}
    dispatch.deliver_due(NOW)
    return Arrived({kinds[each["Message-ID"]]: each for each in smtp.messages[2:]}, first_to, booking)


def test_every_letter_can_be_answered_found_again_and_read_in_its_thread(arrived):
    told = {
        kind: {
            "to whom the answer goes": (each["To"], each["Reply-To"]),
            "names the booking": "IO-26-0815" in each["Subject"] or (kind, "IO-26-0815" in plain(each)),
            "thread": (each["In-Reply-To"], each["References"]),
            "nobody typed it": (each["Auto-Submitted"], each["X-Auto-Response-Suppress"]),
        }
        for kind, each in arrived.letters.items()
    }

    assert sorted(told) == KINDS
    for kind, found in told.items():
        to = found["to whom the answer goes"][0]
        first = arrived.first_to[to] if kind != "new_link" else None  # which is about no booking, or several
        assert found == {
            "to whom the answer goes": (GROUP, OFFICE) if to == GROUP else (OFFICE, GROUP),
            "names the booking": True if kind != "new_link" else (kind, True),
            "thread": (first, first),
            "nobody typed it": ("auto-generated", "DR, RN, NRN, OOF, AutoReply"),
        }, kind


def test_first_letter_that_arrived_begins_the_thread_of_each_reader(sending, smtp):
    room = make.room()
    booking = make.booking(room, "2027-01-06T16:00")
    letter = put(booking=booking, contact=booking.contact, subject="never left")
    with transaction():
        outbox.stop(letter)
    first = put(booking=booking, contact=booking.contact, subject="first")
    put(booking=booking, contact=booking.contact, subject="second")
    put("ali@example.org", booking=booking, subject="to somebody else")
    another = make.booking(room, "2027-01-07T16:00")
    put(booking=another, contact=another.contact, subject="about another matter")

    dispatch.deliver_due(NOW)

    assert {each["Subject"]: each["References"] for each in smtp.messages} == {
        "first": None,
        "second": first.message_id,
        "to somebody else": None,
        "about another matter": None,
    }


@pytest.mark.parametrize("email", ["a@example.org, b@example.org", "a@example.org\r\nBcc: e@example.org", "zoe", None])
def test_letter_to_the_office_arrives_whatever_the_address_of_the_group(sending, smtp, email):
    booking = make.booking(make.room(), "2027-01-06T16:00")
    with transaction():
        booking.contact.email = email
    put(booking=booking, to_office=True)

    dispatch.deliver_due(NOW)

    assert [(each["To"], each["Reply-To"], each["Bcc"]) for each in smtp.messages] == [(OFFICE, OFFICE, None)]


def test_long_title_leaves_the_subject_its_reference(sending):
    booking = make.booking(
        make.room(), "2027-01-06T16:00", title="x" * 300, reference="IO-26-0815", status=Status.APPROVED
    )

    letters: dict[str, Letter] = put_each(booking)

    assert {kind for kind, each in letters.items() if "IO-26-0815" not in each.subject} == {"new_link"}
    assert max(len(each.subject) for each in letters.values()) <= 200


@pytest.mark.browser
def test_every_letter_fits_the_window_of_a_mail_program(arrived, chromium, language):
    page = chromium.new_page()
    too_wide = []
    for width in (600, 360):
        page.set_viewport_size({"width": width, "height": 800})
        for kind, message in arrived.letters.items():
            page.set_content(message.get_body(("html",)).get_content())
            shoot(page, f"letter-{kind}-{language}-{width}")
            if page.evaluate("document.documentElement.scrollWidth > innerWidth"):
                too_wide.append((kind, width))
    page.close()

    assert too_wide == []
