"""The house rules in editions: written at the desk, held from a day on, readable for good."""

import re
import shutil
from pathlib import Path

import pytest
from flask import Flask

from booking import rulebook
from booking.cli.setting_up import EXAMPLE_HOUSE
from booking.database import db, transaction
from booking.house import house
from booking.house_file import load_house
from booking.house_folder import NotAHouse
from booking.models import LogEntry
from booking.web.staff.rules import as_markdown
from tests import make
from tests.support.app import CheckedClient, Client, Clock
from tests.support.pages import parse, text
from tests.web.test_decision import page_text

PAGE = "/team/haus/hausordnung"
FIRST = {"rules-de": "# Leise\n\nAb 22 Uhr ist **Ruhe**.\n\n- {name}", "rules-en": "# Quiet\n\nBe quiet after 10 pm."}
SECOND = {"rules-de": "# Laut", "rules-en": "# Loud"}


@pytest.fixture(autouse=True)
def _house(app: Flask) -> None:
    make.house(rules_version="2026-11")


def save(client: CheckedClient, values: dict[str, str]) -> str:
    answer = client.submit(PAGE, values, button="Ab heute gelten lassen", form=PAGE)
    assert "Diese Hausordnung gilt ab heute." in page_text(answer)
    return page_text(answer)


def read(client: Client, path: str) -> str:
    answer = client.get(path)
    assert answer.status_code == 200
    return " ".join(" ".join(parse(answer.text)[0].find("body/main").itertext()).split())


def test_form_begins_with_what_holds(staff_client: CheckedClient) -> None:
    page = staff_client.get(PAGE)

    (german, english) = [text(each) for each in parse(page.text)[0].iter("textarea")]
    assert german.startswith("{rules_adopted} # Das Wichtigste 1. Die Räume kosten nichts.")
    assert "- Im Haus wird nicht geraucht." in german
    assert "Stand:" not in german
    assert "[112](tel:112)" in english


def test_edition_holds_from_its_day_on_and_earlier_ones_can_be_read(
    staff_client: CheckedClient, checked_client: CheckedClient, clock: Clock
) -> None:
    before = read(checked_client, "/hausordnung")
    clock.set("2026-12-01T10:00")
    save(staff_client, FIRST)
    clock.set("2027-02-03T10:00")
    save(staff_client, SECOND)
    told = save(staff_client, FIRST)

    assert house().rules_version == "2027-02-03.2"
    assert "3. Februar 2027 (2) gilt seit 3. Februar 2027" in told
    assert "1. Dezember 2026 galt vom 1. Dezember 2026 bis 3. Februar 2027" in told
    assert "November 2026 galt bis 1. Dezember 2026" in told
    now = read(checked_client, "/hausordnung")
    assert "Diese Fassung gilt seit 3. Februar 2027. Leise Ab 22 Uhr ist Ruhe . Innovation Office" in now
    assert "Frühere Fassungen 3. Februar 2027 1. Dezember 2026 November 2026" in now
    assert "This edition held until 3 February 2027. What holds now Loud" in read(
        checked_client, "/en/hausordnung/2027-02-03"
    )
    oldest = read(checked_client, "/hausordnung/2026-11")
    assert oldest.replace(" Diese Fassung galt bis 1. Dezember 2026. Was jetzt gilt", "") == before
    assert checked_client.get("/hausordnung/2026-12").status_code == 404
    assert [each.action for each in db.session.scalars(db.select(LogEntry))] == ["edit_rules"] * 3


def test_request_says_which_edition_its_group_has_agreed_to(
    staff_client: CheckedClient, checked_client: CheckedClient
) -> None:
    booking = make.booking(make.room(), "2027-01-06T16:00")
    save(staff_client, FIRST)

    page = staff_client.get(f"/team/anfragen/{booking.reference}")

    (link,) = [each for each in parse(page.text)[0].iter("a") if "/hausordnung/" in each.get("href", "")]
    assert (text(link).replace("\u00a0", " "), link.get("href")) == (
        "Hausordnung Fassung November 2026",
        "/hausordnung/2026-11",
    )
    assert "Das Wichtigste" in read(checked_client, link.get("href"))
    with transaction():
        booking.rules_version = "2025-01"  # nobody has kept it
    page = staff_client.get(f"/team/anfragen/{booking.reference}")
    assert "Fassung Januar 2025" in page_text(page).replace("\u00a0", " ")
    assert "/hausordnung/2025-01" not in page.text


def test_rules_of_the_office_hold_on_when_the_house_is_loaded_again(
    staff_client: CheckedClient, checked_client: CheckedClient
) -> None:
    save(staff_client, FIRST)
    before = read(checked_client, "/hausordnung"), house().rules_version

    for path in (EXAMPLE_HOUSE, EXAMPLE_HOUSE / "house.toml"):
        load_house(path)

        assert (read(checked_client, "/hausordnung"), house().rules_version) == before


def test_rules_of_a_folder_end_those_of_the_office_and_need_a_version_of_their_own(
    staff_client: CheckedClient, checked_client: CheckedClient, clock: Clock, tmp_path: Path
) -> None:
    clock.set("2026-12-01T10:00")
    save(staff_client, FIRST)
    clock.set("2027-02-03T10:00")
    shutil.copytree(EXAMPLE_HOUSE, tmp_path, dirs_exist_ok=True)
    (tmp_path / "legal").mkdir()
    for code in ("de", "en"):
        (tmp_path / "legal" / f"house_rules.{code}.md").write_text("# Ordner")
    for version in ("2026-11", "2026-12-01"):
        renamed(tmp_path, version)
        with pytest.raises(NotAHouse, match=f"rules_version '{version}' is that of rules which the office wrote"):
            load_house(tmp_path)
        db.session.rollback()

    renamed(tmp_path, "Fassung 7")
    load_house(tmp_path)
    clock.set("2027-03-04T10:00")
    load_house(tmp_path)  # the same ones go on

    assert [(each.name, str(each.since), str(each.until)) for each in rulebook.editions()] == [
        ("Fassung 7", "2027-02-03", "None"),
        ("2026-12-01", "2026-12-01", "2027-02-03"),
        ("2026-11", "None", "2026-12-01"),
    ]
    assert "Ordner" in read(checked_client, "/hausordnung")
    assert "galt bis 3. Februar 2027" in read(checked_client, "/hausordnung/2026-12-01")


def renamed(folder: Path, version: str) -> None:
    file = folder / "house.toml"
    file.write_text(re.sub(r"(?m)^(rules_version = ).*$", rf'\1"{version}"', file.read_text()))


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({"rules-de": ""}, "Schreib die Hausordnung auch in dieser Sprache."),
        (
            {"rules-de": "Ja.\n\nHier ist {nichts}."},
            "In Zeile 3 steht {nichts}, das es hier nicht gibt. Nimm es heraus, oder nimm eins von diesen: name,",
        ),
        ({"rules-de": "Ja.\nBringt \\{alles\\} mit."}, "In Zeile 2 steht {alles}, das es hier nicht gibt."),
        ({"rules-de": "Bringt &#123;alles&#125; mit."}, "In Zeile 1 steht {alles}, das es hier nicht gibt."),
        (
            {"rules-de": "Ja.\n[hier]({supervision}javascript:alert(1))"},
            "In Zeile 2 führt ein Link zu „javascript:alert(1)“.",
        ),
        ({"rules-de": "[hier](java%7Bfoo%7Dscript:alert(1))"}, "In Zeile 1 steht {foo}, das es hier nicht gibt."),
        ({"rules-de": "[" * 501}, "Bitte höchstens 500 eckige Klammern: Jeder Link braucht ein Paar."),
    ],
)
def test_rules_that_cannot_hold_are_refused_and_kept(
    staff_client: CheckedClient, values: dict[str, str], sentence: str
) -> None:
    with transaction():
        house().facts = {}

    answer = staff_client.submit(PAGE, {**FIRST, **values}, button="Ab heute gelten lassen", form=PAGE)

    assert answer.status_code == 422
    assert sentence in page_text(answer)
    assert "Be quiet after 10 pm." in answer.text
    assert house().rules_version == "2026-11"


def test_rules_that_somebody_else_has_changed_meanwhile_are_not_overwritten(staff_client: CheckedClient) -> None:
    save(staff_client, FIRST)
    late = staff_client.post(PAGE, data={**SECOND, "step": "save", "seen": "2026-11", **token(staff_client)})

    assert late.status_code == 409
    assert "# Laut" in late.text
    assert "Leise" in str(staff_client.get("/hausordnung").text)


def test_page_as_markdown_keeps_the_blanks_between_words() -> None:
    page = "<ul>\n  <li>Steht <b>hier</b> <a href='/x'>da</a>.</li>\n  <li>Ja</li>\n</ul>\n<p>Gut</p>"

    assert as_markdown(page) == "- Steht **hier** [da](/x).\n- Ja\n\nGut"


def token(client: CheckedClient) -> dict[str, str]:
    fields = parse(client.get(PAGE).text)[0].iter("input")
    return {"csrf_token": next(each.get("value", "") for each in fields if each.get("name") == "csrf_token")}
