"""The group answers: yes or no to a proposal, and what the team wanted to know."""

import pytest

from booking import lifecycle, links
from booking.database import db, transaction
from booking.domain.status import Action
from booking.lifecycle import Place
from booking.models import Booking, Letter, Occurrence
from booking.news import write_news
from tests import make
from tests.support.pages import parse
from tests.support.request_form import beside, main_of, mistakes


@pytest.fixture
def booking(house_with_rooms, clock):
    """Two dates asked for at 19:00 in the workshop; the first is proposed at 18:00 in the hall until 7 December."""
    hall, workshop, _ = house_with_rooms
    booking = make.booking(workshop, "2027-01-12T19:00", "2027-01-19T19:00")
    first = booking.occurrences[0]
    with transaction():
        lifecycle.take(
            booking,
            {Action.PROPOSE: [first]},
            places={first.id: Place(hall.id, make.slot("2027-01-12T18:00"))},
            reasons={first.id: "Der Raum ist zu dieser Zeit schon vergeben."},
            answer_by=make.instant("2026-12-07T17:00"),
            now=clock.now,
        )
    return booking


@pytest.fixture
def address(booking):
    return f"/a/{links.token(make.link(booking))}"


def words(response):
    return main_of(response).replace("\u00a0", " ")


def statuses():
    return [each.status.value for each in db.session.scalars(db.select(Occurrence).order_by(Occurrence.start))]


def letters():
    return [letter.kind for letter in db.session.scalars(db.select(Letter).order_by(Letter.id))]


def test_proposal_stands_on_top_with_what_it_is_instead_of(checked_client, address):
    page = words(checked_client.get(address))

    assert (
        "Unser Vorschlag für den 12. Januar So wie angefragt klappt es leider nicht ganz, aber so ginge es:"
        " Der Raum ist zu dieser Zeit schon vergeben."
        " Di, 12. Januar 2027, 18:00 bis 20:00 Uhr, Große Fläche statt 19:00 bis 21:00 Uhr, Werkstatt"
        " Passt das für euch? Wir halten den Termin bis Mo, 7. Dezember 2026 für euch frei."
        " Vorschlag annehmen Passt leider nicht" in page
    )
    assert page.index("Unser Vorschlag") < page.index("Eure Termine")


def test_proposal_is_accepted_with_its_button(checked_client, address):
    response = checked_client.submit(address, button="Vorschlag annehmen", form=f"{address}/vorschlag")

    assert "Zugesagt: Dienstag, 12. Januar 2027. Wir freuen uns auf euch!" in words(response)
    assert statuses() == ["approved", "requested"]
    assert letters() == ["proposal", "news", "accepted"]


def test_proposal_is_refused_after_a_question_in_words_that_the_office_reads(checked_client, booking, address):
    where = f"{address}/vorschlag?date={booking.occurrences[0].id}"
    question = checked_client.get(where)

    response = checked_client.submit(where, {"note": "Ab 20 Uhr ginge es."}, form="question")

    assert "Passt euch unser Vorschlag nicht?" in words(question)
    assert "Danke fürs Bescheidsagen. Der Raum ist wieder frei für andere." in words(response)
    assert statuses() == ["declined", "requested"]
    office = db.session.scalars(db.select(Letter).where(Letter.kind == "news")).one()
    with transaction():
        write_news(office, office.created_at)
    assert "Ab 20 Uhr ginge es." in office.body


def test_words_that_are_too_many_are_kept_and_answered_with_a_sentence(checked_client, booking, address):
    where = f"{address}/vorschlag?date={booking.occurrences[0].id}"

    response = checked_client.submit(where, {"note": "x" * 601}, form="question")

    assert response.status_code == 422
    assert mistakes(response) == [("note", "Das sind 601 Zeichen. Bitte kürzt es auf höchstens 600.")]
    assert "x" * 601 in response.text
    assert statuses() == ["proposed", "requested"]


@pytest.mark.parametrize("do", ["accept", "refuse"])
def test_proposal_that_has_run_out_is_answered_with_a_sentence(checked_client, booking, address, clock, do):
    token = parse(checked_client.get(address).text)[0].find(".//input[@name='csrf_token']").get("value")
    clock.set("2026-12-07T17:01")

    response = checked_client.post(
        f"{address}/vorschlag",
        data={"csrf_token": token, "date": booking.occurrences[0].id, "do": do},
        follow_redirects=True,
    )

    assert "Dieser Vorschlag ist abgelaufen, der Raum ist wieder frei für andere." in words(response)
    assert "Vorschlag annehmen" not in words(response)
    assert statuses() == ["proposed", "requested"]


def test_proposal_that_was_answered_leads_back(checked_client, booking, address):
    where = f"{address}/vorschlag?date={booking.occurrences[0].id}"
    checked_client.submit(address, button="Vorschlag annehmen", form=f"{address}/vorschlag")

    assert checked_client.get(where).status_code == 303


@pytest.fixture
def asked(booking, clock):
    with transaction():
        booking.question, booking.asked_at = "Braucht ihr die Leinwand?", clock.now
    return booking


def test_question_of_the_team_is_answered_on_the_page(checked_client, asked, address):
    page = checked_client.get(address)

    response = checked_client.submit(address, {"answer": "Ja, bitte.\nUnd Strom."}, form=f"{address}/antworten")

    assert "Wir haben eine Frage Braucht ihr die Leinwand? Deine Antwort Antwort senden" in words(page)
    assert "Danke, deine Antwort ist da." in words(response)
    assert "Braucht ihr die Leinwand?" not in words(response)
    assert db.session.scalars(db.select(Booking.answer)).one() == "Ja, bitte.\nUnd Strom."
    assert letters() == ["proposal", "news"]


def test_empty_answer_is_asked_for_again(checked_client, asked, address):
    response = checked_client.submit(address, {"answer": "  "}, form=f"{address}/antworten")

    assert response.status_code == 422
    assert mistakes(response) == [("answer", "Schreib deine Antwort in das Feld.")]
    assert beside(response, "answer") == "Schreib deine Antwort in das Feld."


def test_answer_page_without_a_question_leads_back(checked_client, booking, address):
    assert checked_client.get(f"{address}/antworten").status_code == 303
    assert "Wir haben eine Frage" not in words(checked_client.get(address))


def test_english_group_reads_and_answers_in_english(checked_client, asked, address):
    page = checked_client.get(f"/en{address}")

    response = checked_client.submit(f"/en{address}", button="Accept suggestion", form=f"/en{address}/vorschlag")

    assert (
        "Our suggestion for 12 January It doesn’t quite work as you asked, but this would:"
        " The room is already taken at that time." in words(page)
    )
    assert "Confirmed: Tuesday 12 January 2027. We look forward to seeing you!" in words(response)
