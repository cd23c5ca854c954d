"""What each role of the team may open. What it gets at each address stands in ``test_matrix``."""

import pytest
from flask import Flask

from booking.web.access import OPEN_TO
from tests import make
from tests.support.app import CheckedClient
from tests.web.test_methods import rules


@pytest.fixture
def client(app: Flask) -> CheckedClient:
    make.house()
    return CheckedClient(app)


def test_table_of_roles_names_pages_that_there_are(app: Flask) -> None:
    assert set(OPEN_TO) - {rule.endpoint for rule in rules(app)} == set()


def test_whoever_may_not_open_a_page_is_told_so_among_those_they_may(client: CheckedClient) -> None:
    client.sign_in(make.staff("Kim", role="reception"))

    for path, words in (("/team", "Das darf nur das Team"), ("/en/team/ausgang", "Only the team may do this")):
        page = client.get(path)
        assert (page.status_code, words in page.text) == (403, True)
        assert 'href="/team/ausgang"' not in page.text.replace("/en/", "/")
        assert ">Kim</a>" in page.text


def test_sign_in_leads_to_the_first_page_of_the_role(client: CheckedClient) -> None:
    for role, path in (("reception", "/team/heute"), ("admin", "/team")):
        member = make.staff(role=role, password=make.PASSWORD)
        page = client.submit("/team/anmelden", {"email": member.email, "password": make.PASSWORD})
        assert (page.status_code, page.request.path) == (200, path)
        client.submit(path, form="/team/abmelden")
