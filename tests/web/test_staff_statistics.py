"""The page of the year's figures, its files, and the lines of the annual report."""

import csv
import io
from datetime import timedelta

import pytest
import yaml
from flask import Flask

from booking.domain.status import Status
from tests import make
from tests.support.app import CheckedClient, Clock
from tests.support.pages import parse, text

#: It begins like a formula.
PLUS = "+plus e.V."
FORM = "/team/statistik?jahr=2027"


@pytest.fixture
def a_year(app: Flask, clock: Clock) -> None:
    clock.set("2027-11-15T12:00")
    make.house()
    hall, workshop, _ = make.rooms()
    make.initiative("Amt für Träume", kind="department")
    days = [f"2027-{month:02}-14T18:00" for month in range(1, 11)]
    make.booking(hall, *days, status=Status.APPROVED, group=PLUS, people=9, minutes=75)
    make.booking(workshop, *days[:4], status=Status.APPROVED, group="Amt für Träume", people=4, is_open=False)
    make.booking(workshop, days[9], status=Status.APPROVED, group="Einmal", people=7)


def rows(answer: bytes, encoding: str, delimiter: str) -> list[list[str]]:
    return list(csv.reader(io.StringIO(answer.decode(encoding), newline=""), delimiter=delimiter))


def test_statistics_say_the_goals_first_and_keep_figures(staff_client: CheckedClient, a_year: None) -> None:
    page = staff_client.get("/team/statistik")
    assert [text(h) for h in parse(page.text)[0].iter("h2")][:2] == [
        "Nutzung durch externe Akteure",
        "Nutzung durch andere Fachämter",
    ]
    assert "Für 2026 gibt es keine Zahl." in page.text

    figures = {"planned_initiative": "24", "planned_department": "4", "counted_initiative": "9"}
    page = staff_client.submit("/team/statistik", {**figures, "counted_own": ""}, form=FORM)
    words = text(parse(page.text)[0])
    assert "Die Zahlen sind gespeichert." in words
    assert "11 Ziel 24: noch 13 bis dahin2026 waren es 9, jetzt 2 mehr." in words
    assert "4 Ziel 4: erreichtFür 2026 gibt es keine Zahl." in words


def test_statistics_refuse_what_is_no_number_and_keep_it(staff_client: CheckedClient, a_year: None) -> None:
    answer = staff_client.submit("/team/statistik", {"planned_initiative": "viele", "counted_own": "5"}, form=FORM)

    assert answer.status_code == 422
    assert "Bitte schreib eine ganze Zahl, zum Beispiel 24." in answer.text
    assert 'value="viele"' in answer.text
    assert 'value="5"' in answer.text


def test_statistics_of_a_year_without_dates_are_not_there(staff_client: CheckedClient, a_year: None) -> None:
    assert staff_client.get("/team/statistik?jahr=2025").status_code == 404


def test_statistics_of_an_empty_house_say_so(staff_client: CheckedClient) -> None:
    make.house()
    make.room()

    assert "2026 hat noch kein Termin stattgefunden." in staff_client.get("/team/statistik").text


def test_statistics_files_sum_to_what_the_page_says(staff_client: CheckedClient, a_year: None) -> None:
    excel = staff_client.get("/team/statistik/nutzungen.csv?jahr=2027")
    plain = staff_client.get("/team/statistik/nutzungen.csv?jahr=2027&form=rfc4180")

    assert excel.data.startswith(b"\xef\xbb\xbf")
    head, *lines = rows(excel.data, "utf-8-sig", ";")
    assert head[-4:] == ["Nutzungen", "Stunden", "Raumstunden", "Personen (geschätzt)"]
    assert lines == [
        ["1", "Andere Fachämter", "Amt für Träume", "Werkstatt", "3", "6", "6", "12"],
        ["1", "Externe Akteure", f"'{PLUS}", "Große Fläche", "3", "3,75", "3,75", "27"],
        ["2", "Andere Fachämter", "Amt für Träume", "Werkstatt", "1", "2", "2", "4"],
        ["2", "Externe Akteure", f"'{PLUS}", "Große Fläche", "3", "3,75", "3,75", "27"],
        ["3", "Externe Akteure", f"'{PLUS}", "Große Fläche", "3", "3,75", "3,75", "27"],
        ["4", "Externe Akteure", f"'{PLUS}", "Große Fläche", "1", "1,25", "1,25", "9"],
        ["4", "Externe Akteure", "Einmal", "Werkstatt", "1", "2", "2", "7"],
    ]
    assert [
        [cell.replace(".", ",") if cell[:1].isdigit() else cell for cell in line]
        for line in rows(plain.data, "utf-8", ",")[1:]
    ] == lines


def test_statistics_to_publish_name_no_closed_and_no_rare_group(staff_client: CheckedClient, a_year: None) -> None:
    answer = staff_client.get("/team/statistik/nutzungen.csv?jahr=2027&oeffentlich=1")

    assert rows(answer.data, "utf-8-sig", ";")[1:] == [
        ["Andere Fachämter", "geschlossene Treffen und Gruppen mit weniger als drei Nutzungen", "4", "8", "8", "16"],
        ["Externe Akteure", "geschlossene Treffen und Gruppen mit weniger als drei Nutzungen", "1", "2", "2", "7"],
        ["Externe Akteure", f"'{PLUS}", "10", "12,5", "12,5", "90"],
    ]


def test_statistics_lines_of_the_report_are_yaml(staff_client: CheckedClient, a_year: None) -> None:
    staff_client.submit("/team/statistik", {"planned_initiative": "24"}, form=FORM)
    (area,) = parse(staff_client.get("/team/statistik").text)[0].iter("textarea")

    assert yaml.safe_load(area.text) == [
        {"title": "Nutzung durch externe Akteure", "planned": 24, "achieved": 11, "unit": "Nutzungen", "comment": ""},
        {"title": "Nutzung durch andere Fachämter", "planned": None, "achieved": 4, "unit": "Nutzungen", "comment": ""},
    ]


def test_statistics_take_as_many_statements_for_a_large_house(staff_client: CheckedClient, clock: Clock) -> None:
    clock.set("2027-11-15T12:00")
    make.house()
    rooms = [make.room(f"Raum {number}") for number in range(30)]
    for room in rooms:
        days = [(make.instant("2027-02-01T10:00") + timedelta(days=n)).strftime("%Y-%m-%dT%H:%M") for n in range(5)]
        make.booking(room, *days, status=Status.APPROVED, group=f"Gruppe {room.id}")

    assert "150" in staff_client.get("/team/statistik").text
