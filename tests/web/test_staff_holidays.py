"""The holidays of the house's own place."""

import re

from booking.domain.status import Status
from tests import make
from tests.support.app import CheckedClient
from tests.support.pages import parse, text


def told(page: str) -> list[str]:
    return [text(each) for each in parse(page)[0].iterfind(".//ul[@class='days-off']/li")]


def test_holidays_of_two_years_with_what_takes_place_on_them(staff_client: CheckedClient) -> None:
    make.house()
    hall, *_ = make.rooms()
    make.booking(hall, "2027-05-01T10:00", status=Status.APPROVED)
    make.closure("2026-12-24T00:00", "2027-01-02T00:00", reason="Winterpause", repeats="yearly")

    page = staff_client.get("/team/haus/feiertage").text

    lines = told(page)
    assert "Deutschland, NW" in page
    assert "Sa, 1. Mai 2027 Erster Mai, 1 zugesagter Termin trotzdem" in lines
    assert "Sa, 25. Dezember 2027 Erster Weihnachtstag, Sperre: Winterpause" in lines
    assert any(re.fullmatch("Mi, 23. Dezember 2026 – Mi, 6. Januar 2027 Weihnachtsferien", line) for line in lines)


def test_holidays_that_nobody_knows_are_said_to_be_unknown(staff_client: CheckedClient) -> None:
    make.house(country="US", subdivision="CA")
    make.rooms()

    page = staff_client.get("/team/haus/feiertage").text

    assert "Schulferien kennen wir von diesem Ort nicht" in page
    assert len(told(page)) > 10
