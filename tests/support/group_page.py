"""The group's own page for a test: its booking, its addresses, and what is sent to them."""

from typing import Any

import pytest
from werkzeug.test import TestResponse

from booking import links
from booking.database import db, transaction
from booking.domain.status import Status
from booking.models import Booking, Contact, Letter, Room
from booking.sharing import people
from tests import make
from tests.support.app import Clock
from tests.support.pages import parse
from tests.support.request_form import main_of

ALI = {"name": "Ali Yıldız", "email": "ali@example.org"}

#: What cannot be a name or an address, and the sentence beside its field.
BAD_PEOPLE = [
    pytest.param({"name": ""}, ("name", "Trag den Namen der Person ein."), id="no name"),
    pytest.param({"name": "Ali\nBcc: x"}, ("name", "Bitte schreib das in eine Zeile."), id="name of two lines"),
    pytest.param(
        {"name": "a" * 10_000}, ("name", "Das sind 10000 Zeichen. Bitte kürzt es auf höchstens 80."), id="long name"
    ),
    pytest.param(
        {"email": "a@x.example, b@x.example"}, ("email", "Bitte trag nur eine Adresse ein."), id="two addresses"
    ),
    pytest.param({"email": "ali@x.example\r\nCc: b"}, ("email", "Bitte schreib das in eine Zeile."), id="line break"),
    pytest.param(
        {"email": "b" * 10_000},
        ("email", "Das sind 10000 Zeichen. Bitte kürzt es auf höchstens 254."),
        id="long address",
    ),
    pytest.param(
        {"email": "ali"}, ("email", "Trag eine E-Mail-Adresse ein, zum Beispiel name@beispiel.de."), id="no address"
    ),
]


@pytest.fixture
def approved(house_with_rooms: tuple[Room, Room, Room]) -> Booking:
    """Two Wednesdays at the hall, approved; one under review."""
    booking = make.booking(
        house_with_rooms[0], "2027-01-06T16:00", "2027-01-13T16:00", "2027-01-20T16:00", title="Netzwerktreffen"
    )
    with transaction():
        booking.occurrences[0].status = booking.occurrences[1].status = Status.APPROVED
        booking.way_in = "have"
        assert booking.contact is not None
        booking.contact.onsite_name, booking.contact.onsite_phone = "Zoë Müller", "0170 1234567"
    return booking


@pytest.fixture
def address(approved: Booking) -> str:
    """Where who speaks for the booking sees it."""
    return f"/a/{links.token(make.link(approved))}"


@pytest.fixture
def second(approved: Booking, clock: Clock) -> str:
    """Where a second person does."""
    people.share(approved, ALI["name"], ALI["email"], clock.now)
    return address_of(approved, people.seconds(approved)[0])


def address_of(booking: Booking, contact: Contact | None, purpose: str = "page") -> str:
    """Where the newest link of a person leads to."""
    db.session.expire_all()
    link = links.current(booking, contact, purpose)
    assert link is not None
    return f"/{links.FOLDERS[purpose]}/{links.token(link)}{'.ics' if purpose == 'calendar' else ''}"


def words(response: TestResponse) -> str:
    return main_of(response).replace("\u00a0", " ")


def kinds() -> list[str]:
    """Which letters are owed, in the order in which they were put."""
    return [letter.kind for letter in db.session.scalars(db.select(Letter).order_by(Letter.id))]


def post(client: Any, path: str, page: str, **values: str) -> TestResponse:
    """Send what no form would, with the token of a page."""
    control = parse(client.get(page).text)[0].find(".//input[@name='csrf_token']")
    assert control is not None
    response: TestResponse = client.post(path, data={"csrf_token": control.get("value"), **values})
    return response
