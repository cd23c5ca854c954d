"""No page asks the database more than it should."""

from typing import Any

import pytest
from flask import Flask

from booking.domain.status import Status
from tests import make
from tests.support import statements
from tests.support.app import Client
from tests.support.request_form import OUTSIDE, WEEKLY, Asking
from tests.support.whole_house import FORMS, WholeHouse
from tests.web.test_methods import addresses, token_of
from tests.web.test_request_dates import choices


class Counting(Client):
    """A client that keeps the highest costs of each kind of answer."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.costs: dict[str, tuple[int, int]] = {}

    def run_wsgi_app(self, environ: dict[str, Any], buffered: bool = False) -> Any:
        with statements.of_this_answer() as heard:
            answer = super().run_wsgi_app(environ, buffered)
        endpoint = statements.endpoint_of(self.application, environ)
        number, alike = statements.cost(heard)
        before = self.costs.get(endpoint, (0, 0))
        number = number if statements.is_page(environ, answer) else 0
        self.costs[endpoint] = (max(before[0], number), max(before[1], alike))
        return answer


@pytest.fixture
def crowded(whole_house: WholeHouse) -> WholeHouse:
    """The house with more rooms, each of them with dates that want an answer, and a series beside these."""
    rooms = [make.room(name, 15, parts=[f"{name} {n}" for n in "AB"]) for name in ("Atelier", "Küche", "Studio")]
    for room in rooms:
        make.booking(room, "2026-12-09T16:00", "2026-12-16T16:00", "2027-01-06T16:00", group=f"Gruppe {room.name}")
        make.booking(room, "2026-11-30T16:00", "2026-12-09T09:00", status=Status.APPROVED, group=f"Kreis {room.name}")
    make.booking(make.room("Halle", 40), "2026-12-10T19:00", reference="IO-26-0190", way_in="need")
    whole_house.keep()
    return whole_house


@pytest.mark.variant  # of `make check`, which runs it
def test_no_answer_asks_too_much(app: Flask, crowded: WholeHouse) -> None:
    client = Counting(app)
    client.sign_in(make.staff(role="admin"))
    crowded.keep()
    token = token_of(client)
    for path, rule in addresses(crowded, app):
        if rule.endpoint == "auth.sign_out":
            continue  # the others need the session
        if rule.endpoint in FORMS:
            form = {"csrf_token": token, "version": crowded.version, **FORMS[rule.endpoint](crowded)}
            client.post(path, data=form)
            crowded.restore()
        else:
            client.get(path).close()
    form = {"csrf_token": token, "version": crowded.version}
    client.get(f"/team/anfragen/{crowded.reference}/faellt-aus?date={crowded.dates['approved']}")
    client.post(f"/uebergabe/{crowded.tokens['handover']}", data={**form, "answer": "no"})
    client.post("/team/anfragen/IO-26-0190/schluessel", data={**form, "key": "17"})
    ask_for_a_series(client)
    make.closure("2026-11-30T00:00", "2026-12-02T00:00")
    client.get("/lobby")

    over = {
        endpoint
        for endpoint, (number, alike) in client.costs.items()
        if number > statements.budget(app, endpoint) or alike > statements.MOST_ALIKE
    }
    assert {each: client.costs[each] for each in over} == {}


def ask_for_a_series(client: Client) -> None:
    asking = Asking(client)
    meets_another = asking.when(WEEKLY)
    asking.dates({"d-2027-01-06": next(iter(choices(meets_another, "2027-01-06").values()))})
    asking.about(**OUTSIDE)
    asking.when(WEEKLY, room="halle")
    asking.dates()
    asking.about(**OUTSIDE)
    asking.send()
    client.get("/anfrage/danke")
    client.get("/anfrage/adresse")
