"""The page on which the team lengthens a series."""

from datetime import date

import pytest
from flask import Flask

from booking.database import db
from booking.domain.recurrence import Frequency, RecurrenceRule
from booking.domain.status import Status
from booking.models import Booking, Letter, Room
from tests import make
from tests.support.app import CheckedClient
from tests.support.pages import find_form
from tests.web.test_decision import page_text

DECEMBER = ("2026-12-02T16:00", "2026-12-09T16:00", "2026-12-16T16:00")


@pytest.fixture
def hall(app: Flask) -> Room:
    make.house()
    return make.rooms()[0]


@pytest.fixture
def page(hall: Room) -> str:
    """That of a series on Wednesdays until 16 December."""
    rule = RecurrenceRule(start=date(2026, 12, 2), freq=Frequency.WEEKLY, until=date(2026, 12, 16))
    booking = make.booking(hall, *DECEMBER, rule=rule, status=Status.APPROVED, email="zoe@example.org")
    return f"/team/anfragen/{booking.reference}/verlaengern"


def test_page_proposes_more_of_a_series_that_is_as_long_as_groups_may_ask(
    staff_client: CheckedClient, hall: Room
) -> None:
    rule = RecurrenceRule(start=date(2026, 12, 2), freq=Frequency.WEEKLY, until=date(2027, 12, 1))
    booking = make.booking(hall, "2026-12-02T16:00", "2027-12-01T16:00", rule=rule, status=Status.APPROVED)

    opened = page_text(staff_client.get(f"/team/anfragen/{booking.reference}/verlaengern"))

    assert "Bis zu diesem Tag gibt es keinen weiteren Termin" not in opened


def stored() -> list[tuple[str, str, str]]:
    db.session.rollback()
    (booking,) = db.session.scalars(db.select(Booking).order_by(Booking.id).limit(1))
    later = booking.occurrences[3:]
    return [(f"{each.start.astimezone(make.ZONE):%d.%m. %H:%M}", each.room.name, each.status.value) for each in later]


def test_series_is_lengthened_with_the_letter_that_was_read(staff_client: CheckedClient, page: str) -> None:
    values = {"until": "20.1.2027", "message": "Bis im neuen Jahr!"}
    shown = staff_client.submit(page, values, button="Vorschau erneuern", form=page)

    assert "Bisher: Jeden Mittwoch, 16:00 bis 18:00 Uhr, vom 2. Dezember bis 16. Dezember 2026" in page_text(shown)
    assert stored() == []
    form = find_form(shown.text, page).filled({}, "Zusagen und Mail senden")
    done, again = (staff_client.post(page, data=form.data, follow_redirects=True) for _ in range(2))

    days = ("23.12. 16:00", "30.12. 16:00", "06.01. 16:00", "13.01. 16:00", "20.01. 16:00")
    assert stored() == [(day, "Große Fläche", "approved") for day in days]
    assert "5 weitere Termine eingetragen. 5 Termine zugesagt." in page_text(done)
    assert again.status_code == 200
    (letter,) = db.session.scalars(db.select(Letter))
    lines = [line for line in letter.body.splitlines() if ":00 bis 18:00 Uhr" in line]
    assert (letter.kind, len(lines)) == ("approved", 5)
    assert all(line.replace("⟦next⟧", "") in page_text(shown) for line in [*lines, "Bis im neuen Jahr!"])


def test_dates_that_are_taken_are_decided_on_as_in_entering(staff_client: CheckedClient, hall: Room, page: str) -> None:
    make.booking(hall, "2027-01-13T17:00", status=Status.APPROVED, group="Andere", title="Klausur")
    values = {"until": "13.1.2027", "skip_holidays": None}

    refused = staff_client.submit(page, values, button="Zusagen und Mail senden", form=page)

    assert refused.status_code == 422
    assert "Entscheidet noch, was am Mittwoch, 13. Januar passieren soll." in page_text(refused)
    form = find_form(refused.text, page).filled({"d-2027-01-13": "skip", "approve": "no"}, "Zusagen und Mail senden")
    staff_client.post(page, data=form.data)
    assert [(day, status) for day, _, status in stored()] == [
        (day, "requested") for day in ("23.12. 16:00", "30.12. 16:00", "06.01. 16:00")
    ]
    assert db.session.scalars(db.select(Letter)).all() == []


def test_page_that_was_overtaken_enters_nothing_and_keeps_the_words(staff_client: CheckedClient, page: str) -> None:
    form = find_form(staff_client.get(page).text, page).filled({"message": "Bis bald!"}, "Zusagen und Mail senden")

    overtaken = staff_client.post(page, data={**dict(form.data), "version": "0"})

    assert (overtaken.status_code, stored()) == (409, [])
    assert "Bis bald!" in page_text(overtaken)


@pytest.mark.parametrize(
    ("until", "sentence"),
    [
        ("1.12.2026", "Bis zu diesem Tag gibt es keinen weiteren Termin. Wähl einen späteren."),
        ("bald", "„bald“ können wir nicht als Datum lesen."),
    ],
)
def test_day_that_cannot_be_is_told_beside_its_field(
    staff_client: CheckedClient, page: str, until: str, sentence: str
) -> None:
    answer = staff_client.submit(page, {"until": until}, button="Zusagen und Mail senden", form=page)

    assert answer.status_code == 422
    assert sentence in page_text(answer)


def test_single_dates_are_no_series_to_lengthen(staff_client: CheckedClient, hall: Room) -> None:
    booking = make.booking(hall, DECEMBER[0])
    answer = staff_client.get(f"/team/anfragen/{booking.reference}/verlaengern")
    assert (answer.status_code, answer.location) == (303, f"/team/anfragen/{booking.reference}")
