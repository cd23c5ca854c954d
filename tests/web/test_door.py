"""The screen at the door of one room: whether somebody is in it, until when, and what comes next there."""

import json

import pytest
from flask import Flask
from playwright.sync_api import Browser, expect

from booking import hosting, links
from booking.domain.status import Status
from booking.models import Room
from booking.outside import following
from tests import make
from tests.support.app import CheckedClient, Clock
from tests.support.board import DOORS, faults_of
from tests.support.browser import check_axe, shoot
from tests.support.calendars import CalendarServer, calendar, event
from tests.support.fast_motion import ANSWERED, serving
from tests.support.pages import text
from tests.web.test_lobby import change, find, held, screen, shown


def approved(room: Room, start: str, title: str, **values: object) -> object:
    values = {"status": Status.APPROVED, "group": title, "title": title, **values}
    return make.booking(room, start, **values).occurrences[0]


SECOND, MINUTE = 1_000, 60_000
SAID = r"""() => ['.status', '.reason', '.then', '.tomorrow', '.hint'].map((name) =>
  [...document.querySelectorAll(`.frame ${name}`)].filter((one) => one.checkVisibility())
    .map((one) => one.innerText.replace(/\s+/g, ' ').trim()).join())"""
LONG = "Wie wir in Bielefeld gemeinsam wohnen, teilen und feiern wollen: Berichte aus sieben großen Häusern 🌱 ß/ä/ö"


@pytest.fixture
def workshop(app: Flask, clock: Clock) -> Room:
    """A hall of two halves; what is on in the hall and in its half is on at the door of the half, no other thing is."""
    clock.set("2026-12-07T09:00")
    make.house()
    hall = make.room("Große Fläche", 60, parts=["vorn", "hinten"])
    front = make.room("Werkstatt", 20, parts=["vorn"], way="1. OG", way_en="first floor")
    other = make.room("Besprechung", 8)
    approved(other, "2026-12-08T15:00", "Woanders")
    approved(hall, "2026-12-08T17:30", "Vollversammlung", minutes=60)
    approved(front, "2026-12-08T19:00", "Utopische Schreibwerkstatt")
    approved(front, "2026-12-09T18:00", "Mut zur Lücke", is_open=False)
    approved(front, "2026-12-09T20:00", "Ohne Ende", open_end=True)
    change(approved(front, "2026-12-10T16:00", "Probe"), status=Status.CANCELLED)
    approved(front, "2026-12-16T18:30", "Code for Bielefeld")
    make.closure("2026-12-10T09:00", "2026-12-10T12:00", room=front, reason="Heizung", reason_en="Heating")
    make.closure("2026-12-11T00:00", "2026-12-12T00:00", reason="Inventur", reason_en="Stocktaking")
    make.closure("2026-12-14T09:00", "2026-12-14T11:00", reason="Inventur", reason_en="Stocktaking")
    make.closure("2026-12-10T00:00", "2026-12-11T00:00", room=other)
    return front


def door(room: Room, **values: str) -> str:
    return f"/display/{links.token(make.display('Tür', room, **values))}"


WRITING, CLOSED_GROUP = "19:00 Utopische Schreibwerkstatt", "Morgen, 18:00 Geschlossenes Treffen"
OPEN_END, CODE = "Morgen, 20:00 Ohne Ende", "Mittwoch, 16. Dezember, 18:30 Code for Bielefeld"
MOMENTS = [
    ("2026-12-08T12:00", "free", "Frei bis 17:30", "Vollversammlung", [WRITING, CLOSED_GROUP]),
    ("2026-12-08T17:20", "free", "Frei bis 17:30", "in 10 Minuten", [WRITING, CLOSED_GROUP]),
    ("2026-12-08T17:30", "taken", "Belegt bis 18:30", "Vollversammlung", [WRITING, CLOSED_GROUP]),
    ("2026-12-08T18:32", "free", "Frei bis 19:00", "Utopische Schreibwerkstatt", [CLOSED_GROUP, OPEN_END]),
    ("2026-12-08T21:30", "free", "Heute frei", "", [CLOSED_GROUP, OPEN_END]),
    ("2026-12-09T18:30", "taken", "Belegt bis 20:00", "Geschlossenes Treffen", ["20:00 Ohne Ende", CODE]),
    ("2026-12-09T20:30", "taken", "Belegt", "Ohne Ende", [CODE]),
    ("2026-12-10T10:00", "closed", "Geschlossen bis 12:00", "Fällt heute aus", ["Mittwoch, 18:30 Code for Bielefeld"]),
    ("2026-12-10T13:00", "free", "Heute frei", "Fällt heute aus", ["Mittwoch, 18:30 Code for Bielefeld"]),
    ("2026-12-16T12:00", "free", "Frei bis 18:30", "Code for Bielefeld", []),
]


@pytest.mark.parametrize(("at", "kind", "status", "says", "after"), MOMENTS, ids=[moment[0] for moment in MOMENTS])
def test_door_says_until_when_the_room_is_free_and_what_comes_next(
    workshop: Room, checked_client: CheckedClient, clock: Clock, at: str, kind: str, status: str, says: str, after: list
) -> None:
    path = door(workshop)
    clock.set(at)

    frame = screen(checked_client, path)

    assert [each.get("data-kind") for each in find(frame, "door")] == [kind]
    assert shown(frame, "status") == [status]
    (then,) = shown(frame, "then") or [""]
    assert says in then
    assert bool(then) == bool(says)
    assert [text(item) for item in find(frame, "tomorrow")[0].iter("li")] == after
    for hidden in ("Mut zur Lücke", "Woanders"):
        assert hidden not in checked_client.get(path).text


def test_door_in_two_languages_says_why_it_is_closed_in_both(
    workshop: Room, checked_client: CheckedClient, clock: Clock
) -> None:
    clock.set("2026-12-10T10:00")

    both, german = (screen(checked_client, door(workshop, **more)) for more in ({"second_language": "en"}, {}))

    assert (shown(both, "reason"), shown(german, "reason")) == (["HeizungHeating"], ["Heizung"])


@pytest.mark.parametrize(
    ("at", "shows", "words"),
    [
        pytest.param("2026-12-11T12:00", "closed", "Heute geschlossen: Inventur.", id="the house is closed"),
        pytest.param(
            "2026-12-14T10:00", "closed", "Heute von 09:00 bis 11:00 Uhr geschlossen: Inventur.", id="for a while"
        ),
        pytest.param("2026-12-12T12:00", "shut", "Heute ist das Haus nicht geöffnet.", id="no hours on that weekday"),
        pytest.param("2026-12-08T23:30", "night", "", id="night"),
        pytest.param("2026-12-15T12:00", "door", "", id="an empty day"),
        pytest.param("2026-12-18T12:00", "door", "", id="an empty week"),
    ],
)
def test_door_is_quiet_as_the_lobby_is(
    workshop: Room, checked_client: CheckedClient, clock: Clock, at: str, shows: str, words: str
) -> None:
    path = door(workshop)
    clock.set(at)

    frame = screen(checked_client, path)

    assert frame.get("data-shows") == shows
    assert "".join(shown(frame, "headline")) == words
    assert shown(frame, "status") == (["Heute frei"] if shows == "door" else [])


def test_door_speaks_english_names_its_room_and_leads_to_its_page(
    workshop: Room, checked_client: CheckedClient, clock: Clock
) -> None:
    path = door(workshop, language="en")
    clock.set("2026-12-09T18:30")

    frame = screen(checked_client, path)

    assert (shown(frame, "house-name"), shown(frame, "place")) == (["Werkstatt"], ["Innovation Office, first floor"])
    assert shown(frame, "status") == ["In use until 20:00"]
    assert shown(frame, "title") == ["Closed meeting"]
    assert shown(frame, "hint") == ["Request this room: localhost/en/anfrage"]
    assert shown(frame, "address") == ["localhost/en/raeume/werkstatt"]
    assert checked_client.get("/en/raeume/werkstatt").status_code == 200
    assert held(checked_client, path)["says"]["door"]["free"] == "Free until {time}"


def test_door_is_closed_while_the_calendar_that_its_room_follows_is_busy(
    workshop: Room, checked_client: CheckedClient, clock: Clock, calendar_server: CalendarServer, app: Flask
) -> None:
    app.config["CALENDARS_INSIDE"] = calendar_server.origin
    calendar_server.text = calendar(event("20261208T130000", "20261208T150000"))
    following.follow_calendar(workshop, f"{calendar_server.origin}/room.ics", by=make.staff(), now=clock.now)
    following.refresh(clock.now)
    path = door(workshop)
    for at, status, reason in (
        ("2026-12-08T12:00", "Frei bis 13:00", []),
        ("2026-12-08T14:00", "Geschlossen bis 15:00", ["anderweitig belegt"]),
        ("2026-12-08T15:00", "Frei bis 17:30", []),
    ):
        clock.set(at)
        frame = screen(checked_client, path)
        assert (shown(frame, "status"), shown(frame, "reason")) == ([status], reason)
    assert json.dumps(held(checked_client, path)["door"]["blocks"], ensure_ascii=False).count("anderweitig") == 1


def test_screen_of_a_floor_is_no_door(workshop: Room, checked_client: CheckedClient, clock: Clock) -> None:
    clock.set("2026-12-08T12:00")
    other = make.room("Atelier", 8)
    path = f"/display/{links.token(make.display('Flur', workshop, other))}"

    assert find(screen(checked_client, path), "door") == []
    assert "door" not in held(checked_client, path)


@pytest.mark.browser
def test_door_is_right_by_itself_without_the_network_and_fits_on_every_panel(
    workshop: Room, app: Flask, chromium: Browser, clock: Clock
) -> None:
    approved(workshop, "2026-12-15T16:00", LONG, group="Rindfleischetikettierungsüberwachungsauf")
    until, words = make.instant("2026-12-10T12:00"), ("Der Aufzug ist kaputt.", "The lift is broken.")
    hosting.post_notice(*words, until, is_important=True, by=make.staff(), now=make.instant("2026-12-07T09:00"))
    german, english, both = door(workshop), door(workshop, language="en"), door(workshop, second_language="en")
    complaints: list[str] = []
    with serving(app) as url:
        # The script says of each moment what the server says of it.
        sent = {}
        plain = chromium.new_page(viewport=DOORS[1], java_script_enabled=False)
        for at, *_ in MOMENTS:
            clock.set(f"{at}:29")
            plain.goto(url + both)
            sent[at] = plain.evaluate(SAID)
        plain.context.close()
        page = chromium.new_page(viewport=DOORS[1])
        page.on("pageerror", lambda error: complaints.append(str(error)))
        for at, *_ in MOMENTS:
            clock.set(f"{at}:29")
            page.goto(url + both)
            page.wait_for_function(ANSWERED)
            assert page.evaluate(SAID) == sent[at], at

        # Nothing is too small, too pale, cut off or out of its place.
        for at, address in (("2026-12-08T19:20", german), ("2026-12-15T16:30", english), ("2026-12-10T10:00", both)):
            for panel in DOORS:
                clock.set(f"{at}:29")
                page.set_viewport_size(panel)
                page.goto(url + address)
                page.wait_for_function(ANSWERED)
                shoot(page, f"door-{at[8:13]}-{panel['width']}", full_page=False)
                assert faults_of(page) == [], (at, panel)
                cut = "all => all.filter((one) => one.scrollHeight > one.clientHeight + 4).length"
                assert page.locator(".door .title:visible").evaluate_all(cut) == 0, (at, panel)
            check_axe(page)
        page.context.close()

        # Without the network it goes on: over the day, over midnight, and never calls free what it does not know.
        clock.set("2026-12-08T18:40:29")
        page = chromium.new_page(viewport=DOORS[0])
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.clock.install()
        page.goto(url + german)
        page.wait_for_function(ANSWERED)
        page.context.set_offline(True)
        expect(page.locator(".status")).to_have_text("Frei bis 19:00")
        for minutes, said in ((30, "Belegt bis 21:00"), (24 * 60, "Belegt bis 20:00"), (5 * 24 * 60, None)):
            page.clock.fast_forward(minutes * MINUTE)
            page.clock.run_for(2 * SECOND)
            expect(page.locator(".warning")).to_contain_text("Dieser Plan ist vom Dienstag, 8. Dezember, 18:40 Uhr.")
            if said:
                expect(page.locator(".status")).to_have_text(said)
                assert faults_of(page) == []
        shoot(page, "door-unknown", full_page=False)
        expect(page.locator(".status")).to_have_count(0)
        expect(page.locator(".headline")).to_have_text("Wir können den Plan gerade nicht laden.")
        page.context.close()

    assert complaints == []
