"""Whether a page is stale: the version of a booking for those who decide, that of the house for the public."""

from datetime import date, time

from booking import afterwards, changing, continuing, deadlines, deciding, hosting, requesting
from booking.availability.wanted import WishedDate
from booking.database import db
from booking.house import house
from booking.lifecycle import Place
from booking.models import Booking, Link, StaffMember
from booking.sharing import erasing, handover, people
from booking.sharing.details import edit
from tests import make
from tests.sharing.test_details import details
from tests.support.app import Client

REASON = "Wir brauchen den Raum an diesem Tag selbst."


class Act:
    """One booking with all that can hang on one, and what is done with it."""

    def __init__(self, whole_house, now):
        db.session.rollback()
        db.session.expire_all()
        self.now, self.dates = now, whole_house.dates
        self.booking = db.session.scalars(db.select(Booking).where(Booking.reference == whole_house.reference)).one()
        self.change, self.loan, self.second = whole_house.change, whole_house.loan, whole_house.second
        self.by = db.session.scalars(db.select(StaffMember)).first()

    def at(self, name, start, room=2):
        return {self.dates[name]: Place(room, make.slot(start))}

    def team(self, verb, *arguments, **more):
        return verb(self.booking, *arguments, seen_version=self.booking.version, by=self.by, now=self.now, **more)

    def decide(self, **decision):
        return self.team(deciding.decide, **decision)

    def group(self, verb, *arguments):
        return verb(self.booking, *arguments, self.now)

    def edit(self, **changes):
        return edit(self.booking, self.booking.contact, details(self.booking, **changes), self.now)

    def agree(self, *purposes):
        for link in db.session.scalars(db.select(Link).where(Link.purpose == "handover")).all():
            handover.agree(link, self.now)


# What changes the booking that somebody may be deciding on just now.
CHANGES = {
    "approve": lambda it: it.decide(approve=[it.dates["requested"]]),
    "decline": lambda it: it.decide(decline={it.dates["requested"]: REASON}),
    "propose": lambda it: it.decide(propose=it.at("requested", "2026-12-16T19:00")),
    "undo": lambda it: it.team(deciding.undo),
    "move": lambda it: it.team(afterwards.move, it.at("approved", "2026-12-09T19:00"), reason=REASON),
    "cancel by the team": lambda it: it.team(afterwards.cancel, {it.dates["approved"]: REASON}),
    "change accepted": lambda it: it.team(afterwards.settle_changes, [it.change], accept=True),
    "change refused": lambda it: it.team(afterwards.settle_changes, [it.change], accept=False, reason=REASON),
    "ask": lambda it: it.team(deciding.ask, "Wie viele?"),
    "title accepted": lambda it: it.team(deciding.settle_title, accept=True),
    "title refused": lambda it: it.team(deciding.settle_title, accept=False),
    "cancel": lambda it: it.group(changing.cancel_dates, [it.dates["approved"]]),
    "restore": lambda it: it.group(changing.restore_dates, [it.dates["cancelled"]]),
    "withdraw": lambda it: it.group(requesting.withdraw),
    "change asked for": lambda it: it.group(changing.ask_for_change, it.at("approved", "2026-12-09T19:00"), "Später?"),
    "change of an undecided date": lambda it: it.group(
        changing.ask_for_change, it.at("requested", "2026-12-16T19:00"), ""
    ),
    "change taken back": lambda it: it.group(changing.take_back_changes, [it.change]),
    "accept": lambda it: it.group(changing.accept, [it.dates["proposed"]]),
    "refuse": lambda it: it.group(changing.refuse, [it.dates["proposed"]], "Zu spät."),
    "answer": lambda it: it.group(changing.answer_question, "Mit Musik."),
    "extend": lambda it: it.group(continuing.extend, [WishedDate(date(2026, 12, 10), time(10), 60, 3)], None, {}),
    "details": lambda it: it.edit(people=20),
    "details: a link": lambda it: it.edit(url="https://example.org"),
    "details: a closed group": lambda it: it.edit(is_open=False),
    "handover done": lambda it: it.agree(),
    "erase": lambda it: (hosting.take_key_back(it.booking, it.loan, by=it.by, now=it.now), it.group(erasing.erase)),
    "proposal expired": lambda it: deadlines.settle(make.instant("2026-12-24T10:00")),
}

# What leaves it as it is, or comes too late to change anything.
KEEPS = {
    "letter sent at once": lambda it: deciding.send_now(it.booking, by=it.by, now=it.now),
    "seen": lambda it: it.team(deciding.note_seen),
    "letter held back": lambda it: deciding.hold(it.booking, by=it.by, now=it.now),
    "key handed out": lambda it: hosting.hand_out_key(it.booking, "18", by=it.by, now=it.now),
    "asked for the key": lambda it: hosting.ask_for_key(it.booking, by=it.by, now=it.now),
    "key back": lambda it: hosting.take_key_back(it.booking, it.loan, by=it.by, now=it.now),
    "nothing to cancel": lambda it: it.group(changing.cancel_dates, [it.dates["requested"]]),
    "nothing to restore": lambda it: it.group(changing.restore_dates, [it.dates["approved"]]),
    "nothing to withdraw": lambda it: requesting.withdraw(it.booking, it.now, [it.dates["approved"]]),
    "change asked for as before": lambda it: it.group(changing.ask_for_change, it.at("wished", "2027-01-06T18:00"), ""),
    "change taken back that is none": lambda it: it.group(changing.take_back_changes, [it.change + 1]),
    "nothing to accept": lambda it: it.group(changing.accept, [it.dates["approved"]]),
    "fresh address for a calendar": lambda it: it.group(people.renew_calendar, it.booking.contact),
    "end of one": lambda it: it.group(people.end_calendar, it.booking.contact),
    "second person": lambda it: it.group(people.share, "Mia", "mia@example.org"),
    "link taken back": lambda it: it.group(people.take_link_back, it.second),
    "handover": lambda it: it.group(handover.hand_over, "Mia", "mia@example.org"),
    "handover called off": lambda it: it.group(handover.call_off),
    "reminders": lambda it: deadlines.settle(make.instant("2026-12-07T10:00")),
}


def public_pages(client):
    """What the public would read if nothing were kept."""
    client.application.extensions.pop("kept", None)
    days = ("2026-12-09", "2026-12-16", "2026-12-23", "2026-12-30", "2027-01-06")
    paths = [f"/kalender/tag/{day}" for day in days]
    paths += ["/", "/raeume/grosse-flaeche", "/raeume/werkstatt"]
    return {path: client.get(path).text for path in paths}


def versions(whole_house):
    db.session.rollback()
    statement = db.select(Booking.version).where(Booking.reference == whole_house.reference)
    return db.session.scalar(statement), house().version


def test_versions_rise_with_what_they_stand_for(whole_house, clock):
    """That of the booking once with each act that changes it, that of the house where the public sees a difference."""
    visitor = Client(whole_house.app)
    seen, before = public_pages(visitor), versions(whole_house)
    assert public_pages(visitor) == seen
    raised, unnoticed = {}, {}
    for name, act in {**CHANGES, **KEEPS}.items():
        whole_house.restore()
        act(Act(whole_house, clock.now))
        after = versions(whole_house)
        raised[name] = after[0] - before[0]
        if after[1] == before[1]:
            pages = public_pages(visitor)
            unnoticed[name] = [path for path in pages if pages[path] != seen[path]]

    assert raised == dict.fromkeys(CHANGES, 1) | dict.fromkeys(KEEPS, 0)
    assert {name: paths for name, paths in unnoticed.items() if paths} == {}
