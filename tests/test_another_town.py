"""A town with nothing but a folder of its own: on none of its pages stands anything of the example."""

import re
from pathlib import Path

import pytest

from booking.facts import missing_facts
from booking.house import house, working_days
from booking.house_file import load_house
from tests import make
from tests.support.app import Client
from tests.test_house_folder import AGREED, EXAMPLE

TOWN = Path(__file__).parent / "houses" / "steinbrueck"

#: Who signs in and who asked, whatever the house is.
PEOPLE = ("henrike@bielefeld.de", "0521 123456", "0521123456")

#: Signs that are drawn by lot can read like any word.
CHANCE = re.compile(r'name="csrf_token"[^>]*>|(?<=/)[\w-]{43}(?=[/."?&#])')

#: A letter from before this town was loaded; what letters say today stands on the pages of texts.
OLDER = "/team/ausgang/"

#: Answers that say no, or where to go: they are looked at where they are made.
PAGE = 200


def test_no_page_of_another_town_says_anything_of_the_example(whole_house, app):
    load_house(TOWN)
    member = Client(app)
    member.sign_in(make.staff("Ana", "ana@steinbrueck.example", role="admin"))
    paths = {
        prefix + whole_house.address(rule, whole_house.tokens["page"])
        for rule in app.url_map.iter_rules()
        if "GET" in rule.methods and rule.endpoint != "static" and not rule.rule.startswith(OLDER)
        for prefix in ([""] if rule.rule.startswith("/team") else ["", "/en"])
    }

    seen, told = 0, []
    for path in sorted(paths):
        answer = member.get(path)
        assert answer.status_code < 500, path
        if answer.status_code == PAGE and answer.mimetype != "text/css":
            text = CHANCE.sub("", answer.get_data(as_text=True).replace(AGREED, ""))
            for known in PEOPLE:
                text = text.replace(known, "")
            seen += 1
            told += [f"{path}: {text[found.start() - 30 : found.end() + 30]}" for found in EXAMPLE.finditer(text)]
        answer.close()

    assert told == []
    assert seen > 90


@pytest.fixture
def client_of_town(app, client):
    load_house(TOWN)
    return client


@pytest.mark.parametrize(
    ("path", "said"),
    [
        (
            "/",
            ["Räume im Mühlenhof", "Dienstag bis Samstag, 10 bis 13\u00a0Uhr und 14 bis 20\u00a0Uhr", "06499 12-300"],
        ),
        ("/anfrage", ["In den Schulferien (Hessen) treffen wir uns nicht"]),
        ("/hausordnung", ["<h2>Miteinander</h2>", "Sie gelten im ganzen Mühlenhof."]),
        ("/datenschutz", ["Mina Beispiel", 'href="https://datenschutz.hessen.de"']),
        ("/en/barrierefreiheit", ["the Hessian act on equal opportunities", "1 December 2026"]),
        ("/hilfe", ["längstens bis 23:00"]),
        (
            "/datenschutz",
            [
                "24\u00a0Monate nach dem letzten Treffen löschen wir sie",
                "Bis 24\u00a0Monate nach Ihrem letzten Treffen; wenn daraus nichts wurde, bis 3\u00a0Monate nach der",
                "Bis 10\u00a0Tage nach dem letzten Treffen",
                "was wir Ihnen geschrieben haben. 60\u00a0Tage.",
            ],
        ),
        ("/en/datenschutz", ["24\u00a0months after the last meeting", "Until 10\u00a0days after the last meeting"]),
    ],
)
def test_pages_of_another_town_say_what_its_folder_says(client_of_town, path, said):
    page = client_of_town.get(path).text

    assert [words for words in said if words not in page] == []


def test_another_town_lacks_no_fact_and_works_from_tuesday_to_saturday(client_of_town):
    assert missing_facts(house()) == []
    assert working_days(make.instant("2026-12-11T12:00"), make.instant("2026-12-15T12:00")) == 2  # Saturday, Tuesday
