"""How tests ask for a room: what is typed on each page, and what stands there afterwards."""

from typing import Any

import pytest
from werkzeug.test import TestResponse

from booking.database import db
from booking.models import Room
from tests import make
from tests.support.app import CheckedClient, Client, fill_once
from tests.support.pages import parse, text

WEEKLY = {
    "rhythm": "week",
    "date": "6.1.2027",
    "start": "16",
    "end": "18 Uhr",
    "until_kind": "date",
    "until": "30.6.2027",
    "people": "15",
    "room": "grosse-flaeche",
}
ONCE = {"rhythm": "once", "date": "9.12.2026", "start": "14", "end": "16", "people": "8", "room": "werkstatt"}
ABOUT = {
    "title": "Netzwerktreffen",
    "group": "Gesundheitsladen",
    "kind": "initiative",
    "purpose": "Wir bereiten Projekte vor.",
    "is_open": "yes",
    "name": "Zoë Müller",
    "email": "zoe@example.org",
}
#: What is asked in addition where a date is outside opening hours.
OUTSIDE = {"way_in": "need", "onsite_name": "Zoë Müller", "onsite_phone": "0170 1234567"}


class Asking:
    """Somebody who asks for a room, page by page, in one tab: ``draft`` is the id in its address."""

    def __init__(self, client: Client, page: TestResponse | None = None, prefix: str = "") -> None:
        self.client = client
        self.draft = page.request.args["draft"] if page else ""
        self.prefix = prefix  # of the language

    def address(self, path: str) -> str:
        """A page of the form as the links of this tab lead to it."""
        return f"{self.prefix}{path}?draft={self.draft}" if self.draft else f"{self.prefix}{path}"

    def open(self, path: str = "/anfrage") -> TestResponse:
        return self.client.get(self.address(path))

    def sent(
        self, path: str, values: dict[str, Any] | None = None, button: str = "", page: TestResponse | None = None
    ) -> TestResponse:
        """Where sending a page leads to, be it open or not; after a mistake the page itself, that says so."""
        response = self.client.submit(self.address(path), values, button=button, form="request", page=page)
        self.draft = response.request.args.get("draft", self.draft)
        return response

    def when(self, values: dict[str, Any], button: str = "", **more: Any) -> TestResponse:
        return self.sent("/anfrage", {**values, **more}, button)

    def dates(self, values: dict[str, Any] | None = None, button: str = "Weiter") -> TestResponse:
        return self.sent("/anfrage/termine", values, button)

    def about(self, **more: Any) -> TestResponse:
        return self.sent("/anfrage/ueber-euch", {**ABOUT, **more})

    def send(self, **more: Any) -> TestResponse:
        return self.sent("/anfrage/pruefen", {"rules": "yes", **more})

    def all_of(self, values: dict[str, Any], **about: Any) -> TestResponse:
        """Everything up to the page to check, where all dates are free."""
        dates = self.when(values)
        page = self.sent("/anfrage/termine", button="Weiter", page=dates)
        return self.sent("/anfrage/ueber-euch", {**ABOUT, **about}, page=page)


@pytest.fixture
def house_with_rooms(app: Any) -> tuple[Room, Room, Room]:
    """The house of the acceptance walks: Große Fläche (60), Werkstatt (20), Besprechung (8)."""
    fill_once("house with rooms", lambda: (make.house(), make.rooms()))
    hall, workshop, small = db.session.scalars(db.select(Room).order_by(Room.position))
    return hall, workshop, small


@pytest.fixture
def asking(house_with_rooms: tuple[Room, Room, Room], checked_client: CheckedClient) -> Asking:
    return Asking(checked_client)


def mistakes(response: TestResponse) -> list[tuple[str, str]]:
    """What the summary at the top lists: the control it leads to, and its sentence."""
    root, _ = parse(response.text)
    return [
        (link.get("href", "").removeprefix("#"), text(link))
        for section in root.iter("section")
        if "error-summary" in section.get("class", "")
        for link in section.iter("a")
    ]


def beside(response: TestResponse, control: str) -> str:
    """The sentence beside a control."""
    return by_id(response, f"{control}-error")


def by_id(response: TestResponse, name: str) -> str:
    """The words of the element with this id; empty without one."""
    root, _ = parse(response.text)
    return next((text(element) for element in root.iter() if element.get("id") == name), "")


def value_of(response: TestResponse, name: str) -> str | None:
    """What stands in a field."""
    root, _ = parse(response.text)
    for element in root.iter():
        if element.get("name") == name:
            return text(element) if element.tag == "textarea" else element.get("value")
    raise AssertionError(f"no field {name}")


def main_of(response: TestResponse) -> str:
    root, _ = parse(response.text)
    return next(text(main) for main in root.iter("main"))


def date_lines(response: TestResponse) -> list[str]:
    """The dates that are asked for, as the page to check lists them."""
    root, _ = parse(response.text)
    lists = [each for each in root.iter("ol") if each.get("class") == "date-lines"]
    return [text(line).replace("\u00a0", " ") for line in lists[0].iter("li")]
