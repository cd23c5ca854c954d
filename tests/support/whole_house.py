"""A house in which every address leads to something, and for every form something to send that acts.

``booking`` has a date in each state and all that can hang on a booking. Tests
that walk the URL map fill the places in addresses with ``address``, and send
``FORMS``; a new address or form without an entry fails them.
"""

from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import pytest
from flask import Flask
from werkzeug.routing import Rule

from booking import changing, deciding, hosting, links
from booking.database import db, sqlite_library, transaction
from booking.domain.recurrence import Frequency, RecurrenceRule
from booking.lifecycle import Place
from booking.models import Booking, Change, Contact, Letter, StaffMember
from booking.sharing import handover, people
from tests import make
from tests.support.app import Clock, fill_once

UNKNOWN = "0" * 43
ABOUT_A_BOOKING = ("occurrence", "letter", "link", "key_loan", "handover", "log_entry")
EMAIL = "zoe@example.org"
MEMBER = "henrike@bielefeld.de"

#: What is named in addresses, by their beginning.
NAMES = {"haus": "logo.svg", "hausordnung": "2026-11"}
#: How weeks and months stand in addresses; elsewhere it is a day.
TEXTS = {
    **dict.fromkeys(("public.week", "staff.calendar_week", "staff.week_plan_page"), "2026-W50"),
    "public.month": "2026-12",
}


@dataclass(frozen=True)
class WholeHouse:
    """Ids and secrets of the house, as plain values that outlive a session."""

    app: Flask
    version: int
    reference: str
    dates: dict[str, int]  # approved, requested, proposed, cancelled, wished: ids by what is special about them
    change: int
    letter: int
    loan: int
    second: int
    tokens: dict[str, str]  # page, second, handover, calendar: of the booking; other: of another group's; display
    copy: Any  # of the whole database

    def keep(self) -> None:
        """Let all be as it is now whenever it is restored."""
        connection = sqlite_library.connect(db.engine.url.database)
        connection.backup(self.copy)
        connection.close()

    def restore(self) -> None:
        """Make all be again as it was."""
        connection = sqlite_library.connect(db.engine.url.database)
        self.copy.backup(connection)
        connection.close()

    def address(self, rule: Rule, token: str) -> str:
        """A path of this rule that leads to the booking, or to what ``token`` opens."""
        values: dict[str, Any] = {
            "token": token,
            "reference": self.reference,
            "date_id": self.dates["approved"],
            "change_id": self.change,
            "letter_id": self.letter,
            "loan_id": self.loan,
            "closure_id": 1,
            "display_id": 1,
            "passkey_id": 1,
            "member_id": 1,
            "answer": "uebernehmen",
            "text": TEXTS.get(rule.endpoint, "2026-12-09"),
            "contact_id": self.second,
            "slug": "gesundes-staedte-netzwerk" if "/gruppen/" in rule.rule else "grosse-flaeche",
            "filename": "css/tokens.css",
            "language": "de",
            "name": NAMES.get(rule.rule.split("/")[1], "reminder"),
            "run": UNKNOWN[:8],
            "year": 2026,
        }
        with self.app.test_request_context():
            built = rule.build({name: values[name] for name in rule.arguments})
        assert built is not None
        path = built[1]
        asked = DATES_ASKED_FOR.get(rule.endpoint)
        return f"{path}?date={self.dates[asked]}" if asked else path

    def own_token(self, rule: Rule) -> str:
        """What opens the addresses of this rule, where a token does."""
        kinds = {"/uebergabe": "handover", "/display": "display"}
        return self.tokens[next((kind for start, kind in kinds.items() if rule.rule.startswith(start)), "page")]

    @contextmanager
    def watched(self) -> Iterator[Callable[[], bool]]:
        """Tells whether anything at all was stored since it was asked before."""
        with closing(sqlite_library.connect(db.engine.url.database)) as connection:
            seen = [connection.execute("PRAGMA data_version").fetchone()]

            def has_changed() -> bool:
                seen.append(connection.execute("PRAGMA data_version").fetchone())
                return seen[-1] != seen[-2]

            yield has_changed

    def rows(self, *, all_of_them: bool = False) -> list[str]:
        """What stands in the database about the booking, or everything; comparable before and after a request."""
        connection = sqlite_library.connect(db.engine.url.database)
        tables = [name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        own = "booking_id IN (SELECT id FROM booking WHERE reference = :it)"
        statements = (
            [f"SELECT * FROM {table}" for table in tables]
            if all_of_them
            else [
                "SELECT * FROM booking WHERE reference = :it",
                *(f"SELECT * FROM {table} WHERE {own}" for table in ABOUT_A_BOOKING),
                f"SELECT * FROM change WHERE occurrence_id IN (SELECT id FROM occurrence WHERE {own})",
                f"SELECT * FROM contact WHERE id IN (SELECT contact_id FROM link WHERE {own})",
            ]
        )
        try:
            return [repr(row) for each in statements for row in connection.execute(each, {"it": self.reference})]
        finally:
            connection.close()


Values = dict[str, Any]

#: Pages that name a date in their query, and what is special about it.
DATES_ASKED_FOR = {
    "status_page.cancel_dates": "approved",
    "status_page.change_dates": "approved",
    "status_page.date_file": "approved",
    "status_page.refuse": "proposed",
    "status_page.send_change_dates": "approved",
    "status_page.withdraw": "requested",
}

#: The day and the room stay as they are.
OWN_PLACE = {"place": "own", "start": "10", "end": "11"}

#: It hits a date, so that nothing is stored before somebody has decided on it.
CLOSURE = {"reason": "Inventur", "what": "house", "first": "9.12.2026", "repeats": "once"}
#: What the page showed of the group.
GROUP_SEEN = {"name_seen": "Gesundes Städte-Netzwerk", "kind_seen": "initiative", "is_public_seen": "yes"}

#: By endpoint, what to send so that it acts on ``booking``.
FORMS: dict[str, Callable[[WholeHouse], Values]] = {
    "auth.ask_for_passkey": lambda _: {},
    "auth.send_invitation": lambda _: {},
    "auth.send_passkey": lambda _: {},
    "auth.send_second_step": lambda _: {"code": "000000"},
    "auth.send_sign_in": lambda _: {"email": MEMBER, "password": make.PASSWORD},
    "auth.sign_out": lambda _: {},
    "links.send": lambda _: {"email": EMAIL},
    "request_form.send_request": lambda _: {"rules": "yes"},
    "request_form.send_about": lambda _: {"title": "Treffen"},
    "request_form.send_address": lambda _: {"email": "neu@example.org"},
    "request_form.send_dates": lambda _: {},
    "request_form.send_when": lambda _: {"rhythm": "once", "date": "9.12.2026", "start": "14", "end": "16"},
    "status_page.again": lambda _: {},
    "status_page.call_off": lambda _: {},
    "status_page.end_older_link": lambda _: {},
    "status_page.end_subscription": lambda _: {},
    "status_page.renew_subscription": lambda _: {},
    "status_page.restore_dates": lambda house: {"date": house.dates["cancelled"]},
    "status_page.send_answer": lambda house: {"date": house.dates["proposed"], "do": "accept"},
    "status_page.send_cancel_dates": lambda house: {"date": house.dates["approved"]},
    "status_page.send_change_dates": lambda _: {
        "date": "10.12.2026",
        "start": "10",
        "end": "11",
        "room": "besprechung",
    },
    "status_page.send_agree": lambda _: {"answer": "yes"},
    "status_page.send_details": lambda _: {
        "title": "Netzwerktreffen",
        "people": "12",
        "is_open": "yes",
        "name": "Zoë Müller",
        "way_in": "have",
        "onsite_name": "Zoë Müller",
        "onsite_phone": "0170 1234567",
    },
    "status_page.send_erase": lambda _: {"sure": "yes"},
    "status_page.send_extend": lambda _: {"until": "13.1.2027", "keep": "2027-01-13"},
    "status_page.send_further": lambda _: {"date": "10.12.2026", "start": "10", "end": "11", "room": "besprechung"},
    "status_page.send_hand_over": lambda _: {"name": "Mia", "email": "mia@example.org"},
    "status_page.send_second": lambda _: {"name": "Mia", "email": "mia@example.org"},
    "status_page.send_withdraw": lambda house: {"date": house.dates["requested"]},
    "status_page.send_words": lambda _: {"answer": "Mit Musik."},
    "status_page.take_link_back": lambda house: {"person": house.second},
    "status_page.take_back_change": lambda house: {"change": house.change},
    "staff.send_import": lambda _: {},
    "staff.send_undo_import": lambda _: {},
    "staff.send_hours": lambda _: {"monday": "9-17"},
    "staff.end_closure": lambda _: {},
    "staff.send_closure": lambda _: CLOSURE,
    "staff.send_new_closure": lambda _: CLOSURE,
    "staff.undo_closure": lambda _: {},
    "staff.add_passkey": lambda _: {},
    "staff.ask_for_new_passkey": lambda _: {},
    "staff.review": lambda house: {"date": house.dates["requested"], "step": "selection"},
    "staff.decide": lambda house: {
        "approve": house.dates["requested"],
        "seen": f"{house.dates['requested']}::",
    },
    "staff.ask_for_key": lambda _: {},
    "staff.end_notice": lambda _: {},
    "staff.hand_out_key": lambda _: {"key": "18"},
    "staff.note_no_show": lambda _: {},
    "staff.remove_passkey": lambda _: {},
    "staff.renew_recovery_codes": lambda _: {},
    "staff.seen": lambda _: {},
    "staff.came_back": lambda _: {},
    "staff.send_elsewhere": lambda _: {"email": "neu@example.org"},
    "staff.send_again": lambda _: {},
    "staff.send_ask": lambda _: {"question": "Mit wie vielen?", "step": "send"},
    "staff.send_cancel": lambda house: {
        "date": house.dates["approved"],
        "reason": "own_need",
        "step": "send",
    },
    "staff.send_change": lambda house: {"answer": "yes", "step": "send", "date": house.dates["wished"]},
    "staff.later": lambda _: {},
    "staff.look_too": lambda _: {},
    "staff.send_contest": lambda _: {},
    "staff.send_put_back": lambda house: {"date": house.dates["cancelled"], "step": "send"},
    "staff.send_confirm": lambda _: {"password": make.PASSWORD},
    "staff.send_figures": lambda _: {"planned_initiative": "24"},
    "staff.erase_contact": lambda _: {},
    "staff.send_group": lambda _: {"name": "Netzwerk", "kind": "other", **GROUP_SEEN},
    "staff.send_merge": lambda _: {"gone": "chor", "seen": "1-2-0-0-2-0"},
    "staff.send_lengthen": lambda _: {"until": "13.1.2027", "keep": "2027-01-13", "step": "send"},
    "staff.send_enter": lambda _: {"step": "send", "date": "10.12.2026", "start": "10", "end": "11"},
    "staff.send_display": lambda _: {"name": "Eingang"},
    "staff.send_new_display": lambda _: {"name": "Eingang"},
    "staff.renew_display": lambda _: {},
    "staff.end_display": lambda _: {},
    "staff.send_room_calendar": lambda _: {"address": "https://example.org/room.ics"},
    "staff.look_at_calendar": lambda _: {},
    "staff.send_rules": lambda _: {"step": "save"},
    "staff.send_room": lambda _: {},
    "staff.send_new_room": lambda _: {},
    "staff.raise_room": lambda _: {},
    "staff.send_room_parts": lambda _: {"day": "1.5.2027", "further": "Neue Wand"},
    "staff.send_photo": lambda _: {},
    "staff.send_own_text": lambda _: {"step": "save"},
    "staff.send_notice": lambda _: {"text": "Der Aufzug steht.", "day": "heute", "time": "18"},
    "staff.send_move": lambda house: {
        **{f"date-{house.dates['approved']}-{name}": value for name, value in OWN_PLACE.items()},
        "reason": "own_need",
        "step": "send",
    },
    "staff.hold": lambda _: {},
    "staff.send_now": lambda _: {},
    "staff.send_account": lambda _: {"name": "Henrike", "language": "de"},
    "staff.send_invite": lambda _: {"name": "Kim", "email": "kim@bielefeld.de", "role": "team"},
    "staff.send_invite_again": lambda _: {},
    "staff.send_let_go": lambda _: {},
    "staff.send_member": lambda _: {"role": "team"},
    "staff.send_password": lambda _: {"password": "Sparren-Senne-Linde-4"},
    "staff.switch_app_off": lambda _: {},
    "staff.switch_app_on": lambda _: {},
    "staff.take_key_back": lambda _: {},
    "staff.title": lambda _: {},
    "staff.undo": lambda _: {},
}


@pytest.fixture
def whole_house(app: Flask, clock: Clock) -> Iterator[WholeHouse]:
    name = f"whole house at {app.config['PUBLIC_URL']}"  # which stands in its letters
    house = replace(fill_once(name, lambda: lived_in(app, clock)), app=app, copy=sqlite_library.connect(":memory:"))
    house.keep()
    yield house
    house.copy.close()


def lived_in(app: Flask, clock: Clock) -> WholeHouse:
    """The house in an empty database, of either kind; one in PostgreSQL cannot be restored."""
    make.house(files={"logo.svg": "a1"})
    make.house_file("logo.svg", b"<svg/>")
    hall, workshop, small = make.rooms()
    make.closure("2027-03-08T00:00", "2027-03-09T00:00", room=small)
    member = make.staff("Henrike", MEMBER, password=make.PASSWORD)
    days = {
        "approved": "2026-12-09",
        "requested": "2026-12-16",
        "proposed": "2026-12-23",
        "cancelled": "2026-12-30",
        "wished": "2027-01-06",
    }
    rule = RecurrenceRule(
        start=date(2026, 12, 9), freq=Frequency.WEEKLY, weekdays=(2,), until=date.fromisoformat(days["wished"])
    )
    booking = make.booking(
        hall, *(f"{day}T16:00" for day in days.values()), rule=rule, email=EMAIL, title="Netzwerktreffen"
    )
    ids = dict(zip(days, (each.id for each in booking.occurrences), strict=True))
    make.link(booking)
    _live_through(booking, ids, workshop.id, member, clock)
    other = make.booking(workshop, "2026-12-09T09:00", "2026-12-16T09:00", group="Chor", email="chor@example.org")
    db.session.expire_all()
    contact = booking.contact
    (second,) = people.seconds(booking)
    tokens = {
        "page": _token(booking, contact),
        "second": _token(booking, second),
        "handover": _token(booking, contact, "handover"),
        "calendar": _token(booking, contact, "calendar"),
        "other": links.token(make.link(other)),
        "display": links.token(make.display(by=member)),
    }
    return WholeHouse(
        app=app,
        version=booking.version,
        reference=booking.reference,
        dates=ids,
        change=db.session.scalars(db.select(Change.id).where(Change.occurrence_id == ids["wished"])).one(),
        letter=db.session.scalars(db.select(Letter.id).order_by(Letter.id.desc())).first() or 0,
        loan=booking.key_loans[0].id,
        second=second.id,
        tokens=tokens,
        copy=sqlite_library.connect(":memory:"),
    )


def _live_through(booking: Booking, ids: dict[str, int], room_id: int, member: StaffMember, clock: Clock) -> None:
    """Let everything happen to a booking that can, the decision that can still be taken back at last."""
    now = clock.now
    elsewhere = {ids["proposed"]: Place(room_id, make.slot("2026-12-23T18:00"))}
    deciding.decide(
        booking,
        approve=[ids["cancelled"], ids["wished"]],
        decline={},
        propose=elsewhere,
        seen_version=booking.version,
        by=member,
        now=now,
    )
    changing.cancel_dates(booking, [ids["cancelled"]], now)
    changing.ask_for_change(booking, {ids["wished"]: Place(room_id, make.slot("2027-01-06T18:00"))}, "", now)
    deciding.ask(booking, "Mit Musik?", seen_version=booking.version, by=member, now=now)
    hosting.hand_out_key(booking, "17", by=member, now=now)
    people.share(booking, "Ali Yıldız", "ali@example.org", now)
    handover.hand_over(booking, "Kim Berg", "kim@example.org", now)
    with transaction():
        booking.title_wish = "Großes Treffen"
        booking.way_in = "have"
    deciding.decide(
        booking, approve=[ids["approved"]], decline={}, seen_version=booking.version, by=member, now=clock.now
    )


def _token(booking: Booking, contact: Contact | None, purpose: str = "page") -> str:
    link = links.current(booking, contact, purpose)
    assert link is not None
    return links.token(link)
