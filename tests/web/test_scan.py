"""Whatever is typed anywhere: every address answers, with no fault of ours, and holds nobody up."""

import time

import pytest
from flask import Flask

from tests.support.app import Client, Clock
from tests.support.hostile import ALL, Sent, addresses, requests, requests_to_all
from tests.support.whole_house import FORMS, lived_in

#: Seconds of the processor; an ordinary answer takes a twentieth. ``make drill`` looks closer.
MUCH = 0.5

#: Where anybody types: in the variants each field gets each text there, elsewhere each address one of the rounds.
FOR_ALL = ("request_form.", "links.", "public.calendar")


@pytest.fixture
def signed_in(engine_app: Flask) -> Client:
    return Client(engine_app, use_cookies=True)


@pytest.mark.parametrize(
    ("engine_app", "rounds_for_all"),
    [
        pytest.param("sqlite", 1, id="sqlite"),
        pytest.param("sqlite", len(ALL), id="each text in each field", marks=pytest.mark.variant),
        pytest.param("postgresql", 1, id="postgresql", marks=[pytest.mark.postgresql, pytest.mark.variant]),
    ],
    indirect=["engine_app"],
)
def test_no_text_in_any_field_of_any_address_breaks_it_or_takes_long(
    engine_app: Flask, clock: Clock, signed_in: Client, rounds_for_all: int
) -> None:
    house = lived_in(engine_app, clock)
    token = signed_in.get("/link").text.partition('name="csrf_token" value="')[2].partition('"')[0]
    signed_in.post("/team/anmelden", data={"csrf_token": token, **FORMS["auth.send_sign_in"](house)})
    token = signed_in.get("/link").text.partition('name="csrf_token" value="')[2].partition('"')[0]
    assert signed_in.get("/team").status_code == 200

    stranger = Client(engine_app, use_cookies=False)
    bad = [each.path for each in requests_to_all(engine_app) if _is_bad(each, stranger)]
    for number, address in enumerate(addresses(engine_app, house, signed_in, token)):
        count = rounds_for_all if address.rule.endpoint.startswith(FOR_ALL) else 1
        rounds = [(number + more) % len(ALL) for more in range(count)]
        for each in requests(address, token, house.version, rounds):
            if _is_bad(each, signed_in):
                bad.append(f"{each.method} {address.path}, {each.what}")

    assert bad == []


def _is_bad(sent: Sent, client: Client) -> bool:
    begun = time.thread_time()
    with sent.to(client) as answer:
        return answer.status_code >= 500 or time.thread_time() - begun > MUCH
