"""The pages of one date, of a group, and of the addresses for calendar programs."""

import json
from datetime import timedelta

import pytest
from flask import Flask

from booking.database import transaction
from booking.domain.status import Status
from booking.house import public_changed
from booking.models import Booking
from tests import make
from tests.support.app import CheckedClient, Clock
from tests.support.pages import parse, text


@pytest.fixture
def meeting(app: Flask, clock: Clock) -> Booking:
    clock.set("2027-01-04T09:00")
    make.house()
    return make.booking(
        make.room(),
        "2027-01-06T16:00",
        "2027-01-13T16:00",
        status=Status.APPROVED,
        title="Nähcafé </script>",
        url="https://example.org",
    )


def words(client: CheckedClient, path: str) -> str:
    return text(parse(client.get(path).text)[0])


def test_date_page_says_what_when_and_where(checked_client: CheckedClient, meeting: Booking) -> None:
    path = f"/termine/{meeting.occurrences[0].id}"

    said = words(checked_client, path)

    for each in (
        "Nähcafé </script>",
        "Mittwoch, 6. Januar 2027",
        "16:00 bis 18:00 Uhr",
        "Große Fläche",
        "Alter Markt 13",
    ):
        assert each in said.replace("\xa0", " "), each
    assert "Wednesday 6 January 2027" in words(checked_client, f"/en{path}").replace("\xa0", " ")


def test_date_page_tells_search_engines_of_open_dates_alone(checked_client: CheckedClient, meeting: Booking) -> None:
    first, second = meeting.occurrences
    with transaction():
        second.start += timedelta(days=1)
        second.end += timedelta(days=1)

    def facts(date_id: int) -> dict[str, object]:
        (element,) = [
            each
            for each in parse(checked_client.get(f"/termine/{date_id}").text)[0].iter("script")
            if each.get("type") == "application/ld+json"
        ]
        return json.loads(element.text or "")

    assert (facts(first.id)["name"], facts(first.id)["eventStatus"]) == (
        "Nähcafé </script>",
        "https://schema.org/EventScheduled",
    )
    told = facts(second.id)
    assert (told["startDate"], told["previousStartDate"], told["eventStatus"]) == (
        "2027-01-14T16:00:00+01:00",
        "2027-01-13T16:00:00+01:00",
        "https://schema.org/EventRescheduled",
    )
    with transaction():
        meeting.is_open = False
        public_changed()
    page = checked_client.get(f"/termine/{first.id}").text
    assert "ld+json" not in page
    assert 'content="noindex"' in page
    assert "Nähcafé" not in page


def test_date_page_says_that_it_is_off_or_was_moved(checked_client: CheckedClient, meeting: Booking) -> None:
    first, second = meeting.occurrences
    with transaction():
        first.status = Status.CANCELLED
        second.start += timedelta(days=1)
        second.end += timedelta(days=1)

    assert "Dieses Treffen fällt aus." in words(checked_client, f"/termine/{first.id}")
    assert "Verlegt: Geplant war es am Mittwoch, 13. Januar 2027." in words(
        checked_client, f"/termine/{second.id}"
    ).replace("\xa0", " ")


def test_group_page_lists_open_dates_to_come(checked_client: CheckedClient, meeting: Booking, clock: Clock) -> None:
    path = "/gruppen/gesundes-staedte-netzwerk"
    assert "16:00 bis 18:00Nähcafé </script>Große Fläche" in words(checked_client, path)
    assert words(checked_client, path).count("Nähcafé") == 2
    clock.set("2027-01-07T09:00")
    assert words(checked_client, path).count("Nähcafé") == 1
    clock.set("2027-02-07T09:00")
    assert "Zurzeit ist kein offenes Treffen geplant." in words(checked_client, path)


def test_subscribe_page_names_every_feed(checked_client: CheckedClient, meeting: Booking) -> None:
    said = checked_client.get("/kalender/abonnieren").text

    for feed in ("/offen.ics", "/kalender.ics", "/raeume/grosse-flaeche.ics"):
        assert f"http://localhost{feed}" in said
        assert f"webcal://localhost{feed}" in said
