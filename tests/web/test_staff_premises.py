"""The page from which the office finds all pages about the house."""

from tests import make
from tests.support.app import CheckedClient
from tests.support.pages import parse, text


def test_premises_lead_to_pages_that_are_there(staff_client: CheckedClient) -> None:
    make.house()

    root = parse(staff_client.get("/team/haus").text)[0]

    addresses = [link.get("href", "") for link in root.find(".//main").iter("a")]
    assert len(addresses) > 2
    assert [staff_client.get(address).status_code for address in addresses] == [200] * len(addresses)
    assert [text(link) for link in root.find(".//nav").iter("a") if link.get("aria-current")] == ["Haus"]
