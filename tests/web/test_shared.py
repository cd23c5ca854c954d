"""Answers that everybody gets alike: kept until what the public sees changes."""

import gzip
import re
from concurrent.futures import ThreadPoolExecutor

import pytest
from flask import template_rendered
from sqlalchemy import inspect

from booking.database import db, transaction
from booking.domain.status import Status
from booking.house import house, public_changed, shown_at, shown_version
from booking.models import Closure, Room
from booking.web.shared import ROOM, Kept
from tests import make
from tests.support.request_form import ONCE
from tests.support.statements import statements

PACKED = {"Accept-Encoding": "gzip"}

BY_MINUTE = [
    "/",
    "/kalender",
    "/kalender?von=2026-12-07",
    "/kalender/tag/2026-12-02",
    "/kalender/woche/2026-W49",
    "/heute",
    "/raeume",
]
BY_VERSION = ["/hilfe", "/impressum", "/datenschutz", "/barrierefreiheit", "/hausordnung"]


NOW = make.instant("2026-11-30T10:00")


@pytest.fixture
def werkstatt(app):
    make.house()
    room = make.room("Werkstatt")
    make.booking(room, "2026-12-02T16:00", status=Status.APPROVED, title="Offene Werkstatt")
    return room


def asked(client, address, answer):
    return client.get(address, headers={"If-None-Match": answer.headers["ETag"]})


@pytest.mark.parametrize("address", [*BY_MINUTE, *BY_VERSION])
def test_shared_answer_is_not_sent_again_until_something_changes(werkstatt, client, clock, address):
    first = client.get(address)

    with statements() as said:
        unchanged = asked(client, address, first)
    english = client.get(f"/en{address}")
    with transaction():
        house().version += 1
    changed = asked(client, address, first)

    assert (first.status_code, unchanged.status_code, unchanged.data, changed.status_code) == (200, 304, b"", 200)
    assert len([one for one in said if one.startswith("SELECT")]) == 1, said
    assert english.headers["ETag"] != first.headers["ETag"]
    assert first.headers["Cache-Control"] == unchanged.headers["Cache-Control"] == "no-cache"


@pytest.mark.parametrize(
    ("address", "is_sent_again"), [*((each, True) for each in BY_MINUTE), *((each, False) for each in BY_VERSION)]
)
def test_shared_answer_that_tells_of_the_time_is_of_its_minute(werkstatt, client, clock, address, is_sent_again):
    clock.set("2026-11-30T10:00")
    first = client.get(address)

    clock.set("2026-11-30T10:01")

    assert (asked(client, address, first).status_code == 200) is is_sent_again


def test_shared_answer_shows_what_has_changed_at_once(werkstatt, client):
    before = client.get("/kalender").text
    make.booking(werkstatt, "2026-12-03T16:00", status=Status.APPROVED, title="Lesekreis")
    with transaction():
        house().version += 1

    after = client.get("/kalender").text

    assert ["Lesekreis" in text for text in (before, after)] == [False, True]


def of_the_house(said):
    """Statements that read who the house is, its rooms and closures."""
    return [each for each in said if re.search(r"FROM (house LEFT|room|closure)", each)]


def test_shared_answers_read_the_house_once_for_all_of_a_minute(werkstatt, client, clock):
    asked_of_it = []
    for moment, address in (("10:00", "/kalender"), ("10:00", "/kalender/tag/2026-12-02"), ("10:01", "/kalender")):
        clock.set(f"2026-11-30T{moment}")
        with statements() as said:
            assert "Offene Werkstatt" in client.get(address).text
        asked_of_it.append(len(of_the_house(said)))

    assert asked_of_it == [3, 0, 3]


def test_shared_answers_show_another_house_as_soon_as_it_is_changed(werkstatt, client):
    slug = werkstatt.slug
    client.get("/kalender")
    with transaction():
        house().name = "Haus am Fluss"
        db.session.scalars(db.select(Room)).one().name = "Atelier"
        db.session.add(
            Closure(
                start=make.instant("2026-12-02T00:00"),
                end=make.instant("2026-12-03T00:00"),
                reason="Umbau",
                reason_en="Works",
            )
        )
        public_changed()

    day = client.get("/kalender/tag/2026-12-02").text

    assert [word in day for word in ("Haus am Fluss", "Atelier", "Umbau")] == [True] * 3
    assert "Atelier" in client.get(f"/raeume/{slug}").text


def test_end_of_a_shared_answer_is_that_of_no_others_page(asking):
    first = asking.client.get("/kalender").text
    own = asking.when(ONCE).text

    drafts = [asking.draft != "" and f"draft={asking.draft}" in page[page.index("<footer") :] for page in (first, own)]

    assert drafts == [False, True]
    assert "draft=" not in asking.client.get("/raeume").text


def test_house_of_a_shared_answer_is_what_was_read_after_its_version(werkstatt, app):
    old = house().name
    with app.app_context(), transaction():
        house().name = "Haus am Fluss"
        public_changed()

    with shown_at(shown_version(), NOW):
        assert house().name == old  # by what this session knew before
    db.session.rollback()
    with shown_at(shown_version(), NOW):
        assert house().name == "Haus am Fluss"


def test_transaction_reads_the_house_itself(werkstatt):
    with shown_at(1, NOW):
        house()
    db.session.rollback()

    with shown_at(1, NOW):
        kept = inspect(house()).transient
        with transaction():
            own = inspect(house()).persistent

    assert (kept, own) == (True, True)


@pytest.mark.parametrize("address", ["/", "/kalender"])
def test_shared_answer_is_the_same_packed_and_not(werkstatt, client, address):
    plain, packed = client.get(address), client.get(address, headers=PACKED)

    assert gzip.decompress(packed.data) == plain.data
    assert (packed.headers["Content-Encoding"], plain.headers.get("Content-Encoding")) == ("gzip", None)
    assert all("Accept-Encoding" in answer.headers["Vary"] for answer in (packed, plain))


def test_shared_answer_is_rendered_once_for_all_who_ask(werkstatt, app, new_client):
    rendered = []
    with (
        template_rendered.connected_to(lambda _app, template, **_: rendered.append(template.name), app),
        ThreadPoolExecutor(8) as many,
    ):
        answers = list(many.map(lambda _: new_client().get("/raeume").data, range(24)))

    assert (rendered, len(set(answers))) == (["public/rooms.html"], 1)


def test_shared_answer_repeats_to_nobody_what_another_ones_link_brought_along(werkstatt, client):
    first = client.get("/kalender/woche/2026-W49?von=2026-12-07").text

    assert 'name="von"' not in first
    assert 'name="von"' in client.get("/kalender?von=2026-12-07").text


def test_shared_answer_heeds_nothing_that_links_bring_along(werkstatt, app, client):
    rendered = []
    with template_rendered.connected_to(lambda _app, template, **_: rendered.append(template.name), app):
        texts = {client.get(f"/kalender{query}").text for query in ("", "?fbclid=1", "?utm_source=x&y", "?a=1&a=2")}

    assert (rendered, len(texts)) == (["public/calendar.html"], 1)


@pytest.mark.parametrize(
    ("address", "others"),
    [
        ("/kalender?von=2026-12-07", ["/kalender?von=2026-12-07&von=2026-12-08", "/kalender?von=2026-12-07&offen="]),
        ("/kalender.ics?offen=ja", ["/kalender.ics?offen=1", "/kalender.ics?offen=2&offen=3"]),
    ],
)
def test_shared_answer_is_rendered_once_however_its_address_is_written(werkstatt, client, address, others):
    tags = {client.get(each).headers["ETag"] for each in (address, *others)}

    assert len(tags) == 1


@pytest.mark.parametrize("address", ["/raeume/gibtsnicht", "/kalender/tag/2026-13-01", "/kalender?von="])
def test_shared_answer_of_another_page_says_nothing_about_one_that_is_not_there(werkstatt, client, address):
    held = client.get("/").headers["ETag"]

    assert [client.get(address, headers={"If-None-Match": tag}).status_code for tag in (held, "*")] == [404, 404]


@pytest.mark.parametrize("address", ["/", "/raeume", "/lobby"])
def test_shared_answer_carries_nobodys_session(werkstatt, staff_client, address):
    answer = staff_client.get(address)

    assert "Set-Cookie" not in answer.headers
    assert staff_client.get("/team").status_code == 200


def test_kept_answers_take_no_more_than_their_room():
    kept = Kept()
    body = "".join(map(chr, range(33, 0xD7FF)))  # hardly to be packed

    for n in range(200):
        assert gzip.decompress(kept.body((str(n),), lambda: body)).decode() == body

    held = [key for key in (("0",), ("199",)) if kept._find(key)]
    assert (held, kept._size <= ROOM, kept._size) == ([("199",)], True, sum(map(len, kept._bodies.values())))


def test_shared_answer_is_another_one_at_another_address(werkstatt, app, client):
    first = client.get("/raeume")
    app.config["PUBLIC_URL"] = "https://raeume.example.org"

    assert asked(client, "/raeume", first).status_code == 200


def test_lobby_is_rendered_once_a_minute_and_tells_each_screen_the_time(werkstatt, app, client, clock):
    rendered, minutes, times = [], [], []
    with template_rendered.connected_to(lambda _app, template, **_: rendered.append(template.name), app):
        for second, query in ((1, ""), (2, "?x=1"), (40, "")):
            clock.set(f"2026-11-30T10:00:{second:02}")
            page = client.get(f"/lobby{query}")
            minutes.append(int(re.search(r'data-time="(\d+)"', page.text)[1]))
            times.append(int(page.headers["House-Time"]))

    assert (rendered, times) == (["lobby/lobby.html"], sorted(set(times)))
    assert minutes == [int(make.instant("2026-11-30T10:00").timestamp()) * 1000] * 3
