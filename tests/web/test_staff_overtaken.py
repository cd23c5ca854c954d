"""Forms about the house that two people fill in at once: the second one reads what the first has saved."""

import pytest
from flask import Flask

from tests import make
from tests.support.app import CheckedClient
from tests.support.pages import find_form, parse, text

TEXT = "/team/haus/texte/de/approved"


@pytest.fixture(autouse=True)
def house(app: Flask) -> None:
    make.house()
    make.rooms()


@pytest.mark.parametrize(
    ("address", "form", "button", "theirs", "mine", "told"),
    [
        (
            "/team/haus/oeffnungszeiten",
            "hours",
            "",
            {"monday": "10–12", "friday": None},
            {"monday": "8-11", "tuesday": "9–18"},
            {"Montag: 10–12 Uhr", "Freitag: –"},
        ),
        (
            "/team/haus/raeume/werkstatt",
            "room",
            "",
            {"seats": "25", "step_free": None},
            {"way": "Hof, links"},
            {"Plätze: 25", "Stufenlos erreichbar: nein"},
        ),
        (TEXT, TEXT, "Speichern", {"piece-3": "Hurra!"}, {"piece-4": "Bis bald!"}, {"Text 4: Hurra!"}),
    ],
    ids=["hours", "room", "text"],
)
def test_second_of_two_loses_nothing_and_reads_what_holds(
    staff_client: CheckedClient,
    address: str,
    form: str,
    button: str,
    theirs: dict[str, str | None],
    mine: dict[str, str],
    told: set[str],
) -> None:
    stale = find_form(staff_client.get(address).text, form).filled(dict(mine), button)
    staff_client.submit(address, dict(theirs), form=form, button=button)

    answer = staff_client.post(address, data=stale.data)

    assert answer.status_code == 409
    notice = parse(answer.text)[0].find(".//section[@aria-labelledby='overtaken']")
    assert "Von dir ist nichts gespeichert und nichts verloren" in text(notice)
    assert told <= {text(each) for each in notice.iter("li")}
    kept = find_form(answer.text, form).filled({}, button)
    assert [kept.data[name] for name in mine] == [*mine.values()]
    assert staff_client.post(address, data=kept.data, follow_redirects=True).status_code == 200
    stored = find_form(staff_client.get(address).text, form).filled({}, button).data
    assert [stored[name] for name in mine if name.startswith(("way", "piece"))] == [
        value for name, value in mine.items() if name.startswith(("way", "piece"))
    ]
