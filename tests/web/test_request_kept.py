"""Nothing that somebody types into a request is lost: whichever way they go, in several tabs, and after a day."""

import itertools
import secrets
from datetime import timedelta

import hypothesis
import pytest
from hypothesis import strategies as st

from booking.database import db, transaction
from booking.models import Booking, Draft
from tests import make
from tests.support.app import Client
from tests.support.pages import find_form, parse, text
from tests.support.request_form import ABOUT, ONCE, Asking, main_of, value_of

STEPS = ("/anfrage", "/anfrage/termine", "/anfrage/ueber-euch", "/anfrage/pruefen")
LATER = {**ONCE, "date": "12.5.2027"}  # to be asked for on any day of these tests


class Tab:
    """A tab with a page of the form, and what was typed into each page, or is in the draft that was forgotten."""

    def __init__(self, client):
        self.client = client
        self.typed = {}
        self.draft = ""
        self.is_old = False
        self.show(client.get("/anfrage"))

    def show(self, response):
        self.page = response
        self.draft = response.request.args.get("draft", self.draft)

    @property
    def step(self):
        return self.page.request.path.removeprefix("/en")

    def open(self, step, language):
        """Back, reload, another language, or a link without a button."""
        if self.is_old:
            self.typed, self.is_old = {}, False
        address = f"{step}?draft={self.draft}" if self.draft else "/anfrage"
        self.show(self.client.get(language + address, follow_redirects=True))

    def send(self, values, button):
        form = find_form(self.page.text, "request").filled(values, button)
        if values:
            self.typed[self.step] = {**self.typed.get(self.step, {}), **values}
        self.is_old = False
        self.show(self.client.post(form.target, data=form.data, follow_redirects=True))

    def check(self):
        typed = self.typed.get(self.step, {})
        fields = {"/anfrage": ("date", "people"), "/anfrage/ueber-euch": ("title", "name")}.get(self.step, ())
        assert {name: value_of(self.page, name) for name in fields} == {name: typed.get(name, "") for name in fields}


WORDS = st.text("aäß&<\"' ☕", min_size=1, max_size=8).map(lambda text: f"x{text}x")
SENDING = st.tuples(
    st.just("send"),
    st.fixed_dictionaries(
        {"people": st.sampled_from(["3", "etwa 7", "viele"]), "title": WORDS, "name": WORDS, "far": st.booleans()}
    ),
    st.sampled_from(["Weiter", "Zurück"]),
)
OPENING = st.tuples(st.just("open"), st.sampled_from(STEPS), st.sampled_from(["", "/en"]))
ACTIONS = st.one_of(SENDING, SENDING, OPENING, st.tuples(st.just("tab")), st.tuples(st.just("wait")))


@hypothesis.settings(
    max_examples=hypothesis.settings().max_examples // 5,
    phases=[hypothesis.Phase.generate],
    suppress_health_check=[hypothesis.HealthCheck.function_scoped_fixture],
)
@hypothesis.given(actions=st.lists(st.tuples(st.integers(0, 9), ACTIONS), min_size=3, max_size=12))
def test_what_was_typed_is_there_whichever_way_one_goes(house_with_rooms, app, clock, actions):
    client = Client(app, use_cookies=True)
    now = clock.set("2026-11-30T10:00")
    tabs = [Tab(client)]
    for number, (kind, *what) in actions:
        tab = tabs[number % len(tabs)]
        if kind == "tab":
            tabs.append(Tab(client))
        elif kind == "wait":
            now += timedelta(hours=25)
            clock.set(now.astimezone(make.ZONE).strftime("%Y-%m-%dT%H:%M"))
            client.delete_cookie("draft")
            for each in tabs:
                each.is_old = True
        elif kind == "open":
            tab.open(*what)
        elif tab.step != "/anfrage/pruefen":
            values, button = what
            pages = {
                "/anfrage": {**LATER, "date": "12.5.2027" if values["far"] else "13.5.", "people": values["people"]},
                "/anfrage/ueber-euch": {**ABOUT, "title": values["title"], "name": values["name"]},
            }
            button = "Weiter" if tab.step == "/anfrage" else button  # back from there leaves the form
            if tab.page.request.path.startswith("/en"):
                button = {"Weiter": "Continue", "Zurück": "Back"}[button]
            tab.send(pages.get(tab.step, {}), button)
        tab.check()


def test_coming_back_within_a_day_asks_whether_to_carry_on(asking, clock):
    asking.when(ONCE)
    asking.dates()
    asking.sent("/anfrage/ueber-euch", {"title": "Lesekreis", "name": "Ayşe"}, "Zurück")
    clock.set("2026-12-01T09:59")

    page = asking.client.get("/anfrage")
    link = next(each for each in parse(page.text)[0].iter("a") if text(each) == "Weitermachen")
    carried_on = asking.client.get(link.get("href"), follow_redirects=True)

    assert value_of(page, "date") == ""
    assert "Weitermachen, wo ihr wart? Eure Eingaben sind noch da: Lesekreis, 9.12.2026." in main_of(page)
    assert (carried_on.request.path, value_of(carried_on, "name")) == ("/anfrage/ueber-euch", "Ayşe")


def test_nobody_is_asked_to_carry_on_with_what_was_sent_or_by_another_browser(asking, new_client):
    asking.when(ONCE)
    assert "Weitermachen" not in main_of(new_client().get("/anfrage"))
    asking.dates()
    asking.about()
    asking.send()

    assert "Weitermachen" not in main_of(asking.client.get("/anfrage"))


@pytest.mark.parametrize("forgets", [("session",), ("draft",), ("session", "draft")], ids="-".join)
def test_page_that_was_filled_in_outlives_the_cookies_of_its_browser(asking, forgets):
    asking.when(ONCE)
    asking.dates()
    form = find_form(asking.open("/anfrage/ueber-euch").text, "request").filled(ABOUT, "Weiter")
    for cookie in forgets:
        asking.client.delete_cookie(cookie)

    page = asking.client.post(form.target, data=form.data, follow_redirects=True)
    if "session" in forgets:
        assert (page.status_code, value_of(page, "title")) == (400, ABOUT["title"])
        assert "Deine Eingaben sind noch da" in main_of(page)
        again = find_form(page.text, "request").filled({}, "Weiter")
        page = asking.client.post(again.target, data=again.data, follow_redirects=True)

    assert page.request.path == "/anfrage/pruefen"
    assert asking.send().request.path == "/anfrage/danke"
    assert [booking.title for booking in db.session.scalars(db.select(Booking))] == [ABOUT["title"]]


def test_request_that_is_sent_without_its_cookie_is_thanked_once_and_again(asking):
    asking.all_of(ONCE)
    form = find_form(asking.open("/anfrage/pruefen").text, "request").filled({"rules": "yes"}, "")
    pages = []
    for _ in range(2):
        asking.client.delete_cookie("draft")
        pages.append(asking.client.post(form.target, data=form.data, follow_redirects=True))

    assert [page.request.path for page in pages] == ["/anfrage/danke"] * 2
    said = ["Danke, eure Anfrage ist da!", "Diese Anfrage haben wir schon bekommen."]
    assert [main_of(page)[: len(words)] for page, words in zip(pages, said, strict=True)] == said
    assert len(db.session.scalars(db.select(Booking)).all()) == 1


def test_copy_of_a_page_that_somebody_has_changed_is_not_read(asking, new_client):
    asking.when(ONCE)
    asking.dates()
    form = find_form(asking.open("/anfrage/ueber-euch").text, "request").filled(ABOUT, "Weiter")
    other = new_client()
    token = find_form(other.get("/anfrage").text, "request").filled({}, "").data["csrf_token"]

    response = other.post(
        "/anfrage/ueber-euch", data={**form.data, "csrf_token": token, "draft_copy": "x" + form.data["draft_copy"]}
    )

    assert response.location.startswith("/anfrage?")
    drafts = db.session.scalars(db.select(Draft).order_by(Draft.id)).all()
    assert [sorted(each.data) for each in drafts] == [["dates", "when"], ["about"]]


def test_copy_that_would_be_too_long_to_come_back_is_left_out(asking):
    pasted = secrets.token_urlsafe(28_000)  # such as a picture, 37,334 characters
    asking.when(ONCE)
    asking.dates()
    asking.about(purpose=pasted[:19_000], note=pasted[19_000:])

    assert "draft_copy" not in asking.open("/anfrage/ueber-euch").text
    assert asking.about(note="").request.path == "/anfrage/pruefen"


def test_copy_opens_nothing_that_was_sent(asking, new_client):
    asking.all_of(ONCE)
    copy = value_of(asking.open("/anfrage/pruefen"), "draft_copy")
    asking.send()
    stranger = new_client()
    token = find_form(stranger.get("/anfrage").text, "request").filled({}, "").data["csrf_token"]

    for email in ("mallory@example.org", ""):
        sent = {"csrf_token": token, "draft_copy": copy, "email": email}
        page = stranger.post("/anfrage/adresse", data=sent, follow_redirects=True)
        assert (page.request.path, "zoe@example.org" in page.text) == ("/anfrage", False)

    db.session.rollback()
    assert [booking.contact.email for booking in db.session.scalars(db.select(Booking))] == ["zoe@example.org"]


BUTTONS = (
    *({}, {"back": "1"}, {"check": "1"}, {"calendar": "date"}, {"readings": "1"}, {"reading": "other"}),
    *({"instead": "room"}, {"holidays": "1"}, {"bulk": "1", "for_all": "room"}, {"email": "zoe@gmail.com"}),
    {"rules": "yes", "seen": "x", "mistakes": "x"},
)


@pytest.mark.parametrize("far", [0, pytest.param(1, marks=pytest.mark.variant), 2], ids=STEPS[1:])
def test_every_button_of_every_step_is_answered_however_far_one_is(asking, far):
    asking.when(ONCE, date="6.1.2027", rhythm="week", until_kind="count", count="2")
    for step in (asking.dates, lambda: asking.about(email="zoe@gmial.com"))[:far]:
        step()
    token = find_form(asking.open().text, "request").filled({}, "").data["csrf_token"]
    kept = db.session.scalar(db.select(Draft.data))

    found = set()
    for path, button in itertools.product(STEPS, BUTTONS):
        found.add(asking.client.post(asking.address(path), data={"csrf_token": token, **button}).status_code)
        with transaction():
            db.session.execute(db.update(Draft).values(data=kept))

    assert found == {303}


def test_two_tabs_are_two_requests(asking, checked_client):
    other = Asking(checked_client)
    asking.when(ONCE)
    other.when(ONCE, date="10.12.2026")
    asking.dates()
    other.dates()
    asking.about(title="Chorprobe")
    other.about(title="Lesekreis")
    asking.send()
    other.send()

    stored = [(booking.title, booking.occurrences[0].start) for booking in db.session.scalars(db.select(Booking))]
    assert stored == [
        ("Chorprobe", make.instant("2026-12-09T14:00")),
        ("Lesekreis", make.instant("2026-12-10T14:00")),
    ]
