"""Limits that several processes count together, in a real Redis."""

import http.client
import re
from urllib.parse import urlencode

import pytest
from flask import Flask

from booking import WrongSetting, create_app
from booking.database import db
from tests.support.app import Client, settings
from tests.support.pages import find_form
from tests.support.redis import RedisServer
from tests.support.server import Server

WRONG = {"email": "henrike@bielefeld.de", "password": "falsch"}


def guess(server: Server) -> int:
    """The status that a wrong password gets from another process."""
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=60)
    connection.request("GET", "/team/anmelden")
    page = connection.getresponse()
    cookie = (page.headers["Set-Cookie"] or "").partition(";")[0]
    form = find_form(page.read().decode()).filled(WRONG, "")
    headers = {"Cookie": cookie, "Content-Type": "application/x-www-form-urlencoded"}
    connection.request("POST", form.target, urlencode(list(form.data.items(multi=True))), headers)
    status = connection.getresponse().status
    connection.close()
    return status


def guess_here(app: Flask) -> int:
    return Client(app).submit("/team/anmelden", WRONG).status_code


def test_two_processes_share_one_limit_and_go_on_without_their_store(
    idle_server: Server, redis_server: RedisServer, sqlite_url: str, caplog: pytest.LogCaptureFixture
) -> None:
    idle_server.start(rate_limits="on", limits_url=redis_server.url)
    here = create_app({**settings(sqlite_url), "RATE_LIMITS": "on", "LIMITS_URL": redis_server.url})

    together = [guess(idle_server) if number % 2 else guess_here(here) for number in range(7)]
    keys = b" ".join(redis_server.client.keys())
    redis_server.stop()
    apart = [guess(idle_server), guess_here(here)]

    assert together == [422] * 5 + [429] * 2
    assert re.findall(rb"127\.0|henrike", keys) == []
    assert apart == [422, 422]
    assert "falling back to in-memory storage" in idle_server.log.read_text()
    assert "falling back to in-memory storage" in caplog.text
    with here.app_context():
        db.engine.dispose()


@pytest.mark.parametrize(
    ("url", "sentence"),
    [
        ("memcached://127.0.0.1", "BOOKING_LIMITS_URL must be like redis://:password@host:6379/0."),
        ("redis://127.0.0.1:1", "The store for limits that BOOKING_LIMITS_URL names cannot be reached."),
    ],
)
def test_a_store_that_cannot_be_used_ends_the_start(app: Flask, sqlite_url: str, url: str, sentence: str) -> None:
    with pytest.raises(WrongSetting) as end:
        create_app({**settings(sqlite_url), "RATE_LIMITS": "on", "LIMITS_URL": url})

    assert str(end.value).startswith(sentence)
