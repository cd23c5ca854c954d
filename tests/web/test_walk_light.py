"""How much somebody has to load to ask for a room: few pages, each of them light, and none waits for a script."""

import gzip

import pytest

from tests.support.visitor import Visitor

pytestmark = pytest.mark.browser

#: What a browser has from an earlier page, or asks for only while somebody types.
NOT_OF_THE_PAGE = ("stylesheet", "font", "fetch")


class Loads:
    """What the browser gets: how many pages, and how much each of them weighs as it travels."""

    def __init__(self, page):
        self.page = page
        self.pages = {}
        self._answers = []
        page.on("response", lambda answer: self._answers.append(answer))  # noqa: PLW0108 - it marks what it gets

    def weigh(self):
        """The page that has just been loaded. Scripts are weighed with every page, as if none were there yet."""
        answers, self._answers = self._answers, []
        parts = [each for each in answers if each.request.resource_type not in NOT_OF_THE_PAGE]
        documents = [each for each in parts if each.request.is_navigation_request() and each.status != 303]
        assert len(documents) == 1, [each.url for each in documents]
        others = {each.url for each in parts if not each.request.is_navigation_request()}
        bodies = [documents[0].body(), *(self.page.request.get(address).body() for address in sorted(others))]
        self.pages[f"{len(self.pages) + 1} {self.page.title()}"] = sum(len(gzip.compress(body)) for body in bodies)


def test_new_group_loads_few_and_light_pages(server, page):
    """A series, for its pages are the longest, with a mistake on the way."""
    group, loads = Visitor(page, looks=False), Loads(page)

    group.open("/")
    loads.weigh()
    group.follow("Raum anfragen")
    loads.weigh()
    group.tell_when("Jede Woche", "6.1.2027", "16", "18", "15", "Große Fläche")
    group.choose("Bis zu einem Datum")
    group.fill("Letzter möglicher Tag", "30.6.2027")
    group.press("Weiter")
    loads.weigh()
    group.press("Weiter")
    loads.weigh()
    group.tell_about_us({"Deine E-Mail-Adresse": "zoe"})
    group.press("Weiter")
    loads.weigh()
    group.fill("Deine E-Mail-Adresse", "zoe@example.org")
    group.press("Weiter")
    loads.weigh()
    group.send()
    loads.weigh()

    assert len(loads.pages) == 7  # six without the mistake
    assert {name: size for name, size in loads.pages.items() if size > 60_000} == {}


def test_request_is_sent_before_any_script_has_loaded(server, page, smtp):
    """On a line so slow that no script ever comes; pages are then never loaded, only there."""
    group = Visitor(page, looks=False)
    page.route("**/*.js*", lambda _route: None)
    page.goto("/", wait_until="commit")
    page.get_by_role("link", name="Raum anfragen").first.click()
    group.is_at("Wann trefft ihr euch?")
    group.choose("Einmal")
    group.fill("Wann ist das erste Treffen?", "10.12.2026")
    group.fill("Beginn", "19")
    group.fill("Ende", "21")
    group.fill("Wie viele seid ihr ungefähr?", "12")
    group.choose("Werkstatt")
    go_on(group, "Weiter", "Über euch und euer Treffen")
    group.tell_about_us()
    go_on(group, "Weiter", "Alles richtig?")
    group.agree()
    go_on(group, "Anfrage absenden", "Danke, eure Anfrage ist da!")

    assert len(smtp.wait_for(2)) == 2
    page.unroute_all(behavior="ignoreErrors")


def go_on(group, button, heading):
    group.page.get_by_role("button", name=button, exact=True).click()
    group.is_at(heading)
