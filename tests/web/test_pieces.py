"""Pieces of pages that are made once: a page put together from them is the page made anew."""

from datetime import date, timedelta
from pathlib import Path

import pytest
from jinja2 import nodes

from booking.database import db, transaction
from booking.domain.recurrence import Frequency, RecurrenceRule
from booking.domain.status import Status
from booking.house import house, public_changed
from booking.models import Closure, OpeningHours
from booking.web import look
from booking.web.dates import free_times
from tests import make

TEMPLATES = Path(__file__).parents[2] / "templates"
PIECES = sorted(str(path.relative_to(TEMPLATES)) for path in TEMPLATES.rglob("_pieces/*.html"))

#: Of what a template can use, what hangs on its arguments, the language, its form of address, and what stands before
#: all addresses.
MAY_CALL = {"_", "ngettext", "piece", "pieces_of", "seat_plan", "url_for"}
MAY_IMPORT = {f"_macros/{name}.html" for name in ("drawings", "forms", "icons", "plan", "rooms")}
#: Of what all templates of the team may use, what does not ask who is signed in.
OF_STAFF = {"kind_of_group", "state", "way_in"}
FILTERS = {
    *("breakable", "column_day", "day_names", "free_hours", "free_when", "group_link", "hours", "length", "long_day"),
    *("list", "nbsp", "request_on", "the", "until", "way"),
}
#: With the zone as their argument; or else they ask the house for it.
WITH_ZONE = {"free_hours", "free_when", "hours"}

DAY = timedelta(days=1)
DAY_1 = date(2026, 12, 2)
MONDAYS = RecurrenceRule(start=date(2026, 12, 7), freq=Frequency.WEEKLY, count=4)
PATHS = [
    *("/kalender/tag/2026-12-02", "/kalender/woche/2026-W49", "/en/kalender/woche/2026-W49", "/en/kalender?offen=ja"),
    *("/en/", "/raeume/werkstatt"),
]


def tree(app, template):
    return app.jinja_env.parse(app.jinja_env.loader.get_source(app.jinja_env, template)[0])


@pytest.mark.parametrize("template", PIECES)
def test_piece_asks_for_nothing_but_its_arguments_and_the_language(app, template):
    found = tree(app, template)
    imported = [name for each in found.find_all(nodes.FromImport) for name in each.names]
    known = {each.name for each in found.find_all(nodes.Name) if each.ctx in ("store", "param")}
    asked = {each.name for each in found.find_all(nodes.Name) if each.ctx == "load"} - known - {*imported}
    filters = {each.name for each in found.find_all(nodes.Filter)}
    without_zone = [each.name for each in found.find_all(nodes.Filter) if each.name in WITH_ZONE and not each.args]

    assert asked <= MAY_CALL | {"loop"}
    assert filters <= FILTERS
    assert without_zone == []
    named = {each.template.value: {*each.names} for each in found.find_all(nodes.FromImport)}
    assert named.pop("staff/_parts.html", set()) <= OF_STAFF
    assert named.keys() <= MAY_IMPORT
    # What stands outside of the macro is made once, in the language of whoever came first.
    outside = [each for each in found.body if not isinstance(each, nodes.FromImport | nodes.Macro)]
    assert [each for each in outside if not isinstance(each, nodes.Output) or each.find(nodes.Name)] == []


@pytest.fixture
def meetings(app, clock):
    clock.set("2026-12-02T10:00")
    make.house()
    workshop, hall = make.room("Werkstatt"), make.room("Große Fläche", step_free=False)
    some = {"status": Status.APPROVED, "group": "Lesekreis"}
    return [
        make.booking(workshop, "2026-12-02T16:00", title="Nähen & Flicken", **some),
        make.booking(hall, "2026-12-02T12:00", "2026-12-03T12:00", title="Große Ratsversammlung", **some),
        make.booking(hall, *(f"2026-12-{day:02}T18:00" for day in (7, 14, 21, 28)), title="Chor", rule=MONDAYS, **some),
    ]


def of_date(number=0, **changes):
    def change(bookings, clock):
        for name, value in changes.items():
            setattr(bookings[number].occurrences[0], name, value)

    return change


def of_booking(number=0, **changes):
    def change(bookings, clock):
        for name, value in changes.items():
            setattr(bookings[number], name, value)

    return change


def of_room(**changes):
    def change(bookings, clock):
        for name, value in changes.items():
            setattr(bookings[0].occurrences[0].room, name, value)

    return change


def of_group(**changes):
    def change(bookings, clock):
        for name, value in changes.items():
            setattr(bookings[0].initiative, name, value)

    return change


def of_house(**changes):
    def change(bookings, clock):
        for name, value in changes.items():
            setattr(house(), name, value)

    return change


def moved_by(delta):
    def change(bookings, clock):
        date = bookings[0].occurrences[0]
        date.start, date.end = date.start + delta, date.end + delta

    return change


def other_room(bookings, clock):
    bookings[0].occurrences[0].room_id = bookings[1].occurrences[0].room_id


def closed(bookings, clock):
    begin = make.instant("2026-12-03T00:00")
    db.session.add(Closure(start=begin, end=begin + DAY, reason="Umbau", reason_en="Works"))


def closed_for_another_reason(bookings, clock):
    closed(bookings, clock)
    db.session.flush()
    db.session.scalars(db.select(Closure)).one().reason = "Inventur"


def other_hours(bookings, clock):
    db.session.scalars(db.select(OpeningHours).where(OpeningHours.weekday == 3)).one().weekday = 6


def at(moment):
    return lambda bookings, clock: clock.set(moment)


CHANGES = {
    "title": of_booking(title="<b>Stricken</b>"),
    "title of a series": of_booking(2, title="Männerchor"),
    "series with a date less": of_date(2, status=Status.CANCELLED),
    "closed to others": of_booking(is_open=False),
    "open end": of_booking(open_end=True),
    "cancelled": of_date(status=Status.CANCELLED),
    "no more": of_date(status=Status.DECLINED),
    "doors": of_date(doors=make.instant("2026-12-02T15:30")),
    "later": moved_by(timedelta(hours=1)),
    "on another day": moved_by(DAY),
    "in another room": other_room,
    "longer": of_date(end=make.instant("2026-12-02T19:15")),
    "name of the group": of_group(name="Schreibkreis"),
    "address of the group": of_group(slug="schreibkreis"),
    "group without a page": of_group(is_public=False),
    "name of a room": of_room(name="Atelier"),
    "way to a room": of_room(way="2. OG", way_en="second floor"),
    "room with an article": of_room(article="der", inflected="Werkraum"),
    "address of a room": of_room(slug="atelier-2"),
    "seats": of_room(seats=7),
    "steps": of_room(step_free=False),
    "room not offered": of_room(is_active=False),
    "form of address": of_house(is_formal=True),
    "name of the house": of_house(site_name="Haus & Hof"),
    "who runs it": of_house(operator="Verein Nebenan – Haus"),
    "zone": of_house(zone_name="Europe/Helsinki"),
    "latest end": of_house(latest_end=make.HOURS[1].replace(hour=20)),
    "hours": other_hours,
    "closure": closed,
    "reason of a closure": closed_for_another_reason,
    "minute before": at("2026-12-02T15:50"),
    "while it runs": at("2026-12-02T16:30"),
    "at its end": at("2026-12-02T17:55"),
    "day before": at("2026-12-01T10:00"),
    "day after": at("2026-12-03T10:00"),
}


def forget():
    look.made_piece.cache_clear()
    free_times.days_of_room.cache_clear()


def read(app, client):
    app.extensions.pop("kept", None)
    return {path: client.get(path).text for path in PATHS}


@pytest.mark.parametrize("name", CHANGES)
def test_page_from_kept_pieces_is_the_page_made_anew(app, client, clock, meetings, name):
    forget()
    before = read(app, client)
    with transaction():
        CHANGES[name](meetings, clock)
        public_changed()

    kept = read(app, client)
    hits = look.made_piece.cache_info().hits
    forget()
    anew = read(app, client)

    assert kept == anew
    assert hits > 0
    assert kept != before


def test_piece_is_kept_by_the_path_of_the_house(app, client, meetings):
    here = client.get("/kalender/woche/2026-W49").text
    app.config["PUBLIC_URL"] = "http://localhost/stadt"
    there = client.get("/stadt/kalender/woche/2026-W49").text

    assert ['href="/raeume/werkstatt"' in page for page in (here, there)] == [True, False]
    assert 'href="/stadt/raeume/werkstatt"' in there


def test_pieces_are_kept_within_a_bound(app, client, meetings):
    look.made_piece.cache_clear()
    with app.test_request_context():
        for number in range(look.MOST_PIECES + 10):
            look.piece("public/_pieces/day.html", (DAY_1,), (), number, "", "h2", "", True, False, False)

    assert look.made_piece.cache_info().currsize == look.MOST_PIECES
