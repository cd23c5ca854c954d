"""What a letter that says no offers instead: what is really free when it leaves."""

import re
from datetime import timedelta

import pytest

from booking import lifecycle
from booking.database import db, transaction
from booking.domain.status import Action, Status
from booking.letters import dispatch
from booking.models import Room
from tests import make
from tests.support.letters import NOW
from tests.support.mail import plain
from tests.support.request_form import main_of

TAKEN = "Der Raum ist zu dieser Zeit schon vergeben."
TAKEN_EN = "The room is already taken at that time."
TOO_SMALL = "Unsere Räume sind für eure Gruppe zu klein."
SENT = NOW + timedelta(minutes=2)


@pytest.fixture
def rooms(sending, clock) -> tuple[Room, ...]:
    return make.rooms()


def asked(rooms, *days, language="de"):
    """Dates for fifteen people in the large room, which others have at that time."""
    starts = [f"2027-02-{day:02}T10:00" for day in days]
    make.booking(rooms[0], *starts, status=Status.APPROVED, group="Chor", email="chor@example.org")
    return make.booking(rooms[0], *starts, title="Nähen", language=language)


def letter_about(booking, smtp, action, reason, meanwhile=lambda: None):
    """What the group reads when the team has taken a step for all dates, and something has happened meanwhile."""
    with transaction():
        lifecycle.take(
            booking, {action: booking.occurrences}, reasons={each.id: reason for each in booking.occurrences}, now=NOW
        )
    meanwhile()
    dispatch.deliver_due(SENT)
    return plain(smtp.to("zoe@example.org")[-1]).replace("\r", "")


def offered(text, intro="Das wäre stattdessen frei:"):
    """The places that are offered."""
    lines = text.partition(f"{intro}\n")[2].partition("\n\n")[0].splitlines()
    return [line for line in lines[:-1] if "http" not in line]


def test_refusal_offers_what_is_free_for_its_first_dates(rooms, smtp):
    booking = asked(rooms, 2, 4, 9, 11)

    text = letter_about(booking, smtp, Action.DECLINE, TAKEN)

    assert offered(text) == [
        f"{day}. Februar 2027, 10:00 bis 12:00 Uhr, Werkstatt" for day in ("Di, 2", "Do, 4", "Di, 9")
    ]


def test_offer_is_true_when_the_letter_leaves(rooms, smtp):
    booking = asked(rooms, 2)

    def workshop_is_taken():
        make.booking(rooms[1], "2027-02-02T10:00", status=Status.APPROVED, group="Band", email="band@example.org")

    text = letter_about(booking, smtp, Action.DECLINE, TAKEN, workshop_is_taken)

    [line] = offered(text)
    assert line.endswith("Große Fläche")
    assert "10:00 bis 12:00 Uhr" not in line or "2. Februar" not in line


@pytest.mark.parametrize("reason", [TOO_SMALL, "Das Wasser steht im Keller."])
def test_nothing_is_offered_where_the_reason_holds_for_all_places(rooms, smtp, reason):
    text = letter_about(asked(rooms, 2), smtp, Action.DECLINE, reason)

    assert "Das wäre" not in text
    assert "\n\n\n" not in text


def test_cancellation_by_the_team_offers_another_place_in_both_languages(rooms, smtp):
    booking = make.booking(rooms[0], "2027-02-02T10:00", status=Status.APPROVED, title="Nähen", language="en")

    text = letter_about(booking, smtp, Action.CANCEL, TAKEN_EN)

    assert offered(text, "This would be free instead:") == ["Tue 2 February 2027, 10:00 to 12:00, Werkstatt"]
    assert offered(text) == ["Di, 2. Februar 2027, 10:00 bis 12:00 Uhr, Werkstatt"]


def test_what_is_offered_is_asked_for_with_one_click_and_one_press(rooms, smtp, checked_client):
    booking = asked(rooms, 2)
    text = letter_about(booking, smtp, Action.DECLINE, TAKEN)
    [address] = re.findall(r"^Gleich anfragen, alles ist schon ausgefüllt: http://localhost(\S+)$", text, re.MULTILINE)

    looked = [each.status.value for each in booking.occurrences]
    page = checked_client.submit(address, button="Diesen Termin anfragen", form="form")

    assert looked == ["declined"]
    assert "Eure Anfrage für 1 weiteren Termin ist da." in main_of(page).replace("\u00a0", " ")
    db.session.rollback()
    new = booking.occurrences[-1]
    assert (new.status, new.room.name, new.slot) == (Status.REQUESTED, "Werkstatt", make.slot("2027-02-02T10:00"))
