"""A year of the house as the office keeps it, page by page; then what it says of the year, against a count by hand."""

import csv
import io
import itertools
import re
from collections import Counter
from datetime import datetime, timedelta
from typing import Any

import icalendar
import yaml
from flask import Flask

from booking.database import db
from booking.domain.status import PUBLIC, Status
from booking.models import Booking, Closure, Initiative, Letter, Occurrence
from tests import make
from tests.support.app import CheckedClient, Clock
from tests.support.pages import find_form, parse

ENTER, CLOSURES, TODAY = "/team/eintragen", "/team/haus/sperrzeiten", "/team/heute"
CONTACT = {"name": "Zoë Müller", "phone": "0521 123456"}


class Office:
    """Somebody of the team at their desk."""

    def __init__(self, client: CheckedClient, clock: Clock) -> None:
        self.client, self.clock = client, clock

    def enter(self, group: str, day: str, start: str, end: str, **values: Any) -> Booking:
        """What came by telephone, with the address of who called."""
        filled = {"group": group, "date": day, "start": start, "end": end, "people": "10", "is_open": "yes", **CONTACT}
        filled["email"] = f"{group.split()[0].lower()}@example.org"
        answer = self.client.submit(ENTER, {**filled, **values}, button="Eintragen", form=ENTER)
        if "Welcher Rhythmus ist gemeint?" in answer.text:  # both readings are shown; the chosen one is meant
            again = find_form(answer.text, ENTER).filled({}, "Eintragen")
            answer = self.client.post(ENTER, data=again.data, follow_redirects=True)
        assert answer.status_code == 200
        return db.session.scalars(db.select(Booking).order_by(Booking.id.desc())).first()

    def approve(self, booking: Booking, *numbers: int) -> None:
        """These dates of a request, from the list of its open ones."""
        self._decide(booking, "selection", numbers)

    def decline(self, booking: Booking, *numbers: int) -> None:
        self._decide(booking, "decline", numbers)

    def _decide(self, booking: Booking, button: str, numbers: tuple[int, ...]) -> None:
        here = f"/team/anfragen/{booking.reference}"
        ids = [str(each.id) for each in booking.dates(Status.REQUESTED)]
        shown = self.client.submit(here, {"date": [ids[n] for n in numbers]}, button=button, form="decision")
        names = [control.get("name", "") for control in find_form(shown.text, "panel").controls]
        self._send(shown.text, {name: "own_need" for name in names if name.endswith("-reason")})

    def cancel(self, date: Occurrence) -> None:
        path = f"/team/anfragen/{date.booking.reference}/faellt-aus?date={date.id}"
        self._send(self.client.get(path).text, {"reason": "own_need"})

    def move(self, date: Occurrence, day: str, start: str, end: str) -> None:
        path = f"/team/anfragen/{date.booking.reference}/verlegen/{date.id}"
        place = {"place": "own", "day": day, "start": start, "end": end}
        own = {f"date-{date.id}-{name}": value for name, value in place.items()}
        self._send(self.client.get(path).text, {**own, "reason": "own_need"})

    def close(self, reason: str, first: str, last: str) -> None:
        """The whole house for some days; every date that this hits is called off."""
        values = {"reason": reason, "first": first, "last": last}
        page = self.client.submit(f"{CLOSURES}/neu", values, form="closure").text
        names = {str(each.get("name")) for each in find_form(page, "closure").controls}
        page = self._press(page, "Weiter zu den Mails", {name: "cancel" for name in names if name.startswith("fate-")})
        (button,) = re.findall(r"Sperre eintragen und \d+ Mails? senden", page)
        assert f"Gespeichert: {reason}." in self._press(page, button)

    def note_absence(self, date: Occurrence) -> None:
        path = f"/team/anfragen/{date.booking.reference}/nicht-gekommen/{date.id}"
        day = date.start.astimezone(make.ZONE).date()
        assert self.client.submit(f"{TODAY}?tag={day}", form=path).status_code == 200

    def merge(self, slug: str, other: str) -> None:
        path = f"/team/gruppen/{slug}"
        page = self.client.submit(path, {"mit": other}, form=f"{path}/zusammenlegen")
        assert self.client.submit(page.request.full_path, form=f"{path}/zusammenlegen").status_code == 200

    def post(self, path: str, **values: str) -> None:
        leave = find_form(self.client.get("/team").text, "/team/abmelden").filled({}, "")
        answer = self.client.post(path, data={"csrf_token": leave.data["csrf_token"], **values})
        assert answer.status_code == 303

    def _press(self, page: str, button: str, values: dict[str, Any] | None = None) -> str:
        filled = find_form(page, "closure").filled(values or {}, button)
        return self.client.post(filled.target, data=filled.data, follow_redirects=True).text

    def _send(self, page: str, values: dict[str, Any]) -> None:
        filled = find_form(page, "panel").filled(values, "send")
        answer = self.client.post(filled.target, data=filled.data, follow_redirects=True)
        assert answer.status_code == 200, answer.text


def weeks(first: str, number: int, step: int = 7) -> list[str]:
    start = datetime.fromisoformat(first)
    return [(start + timedelta(days=step * n)).isoformat(timespec="minutes") for n in range(number)]


def calendars_of_all_letters() -> dict[str, tuple[datetime, datetime, str]]:
    """What a calendar program holds that has read every letter in its order: by UID the latest it was told."""
    known: dict[str, tuple[int, datetime, datetime, str]] = {}
    for text in db.session.scalars(db.select(Letter.calendar).where(Letter.calendar.is_not(None)).order_by(Letter.id)):
        for calendar in icalendar.Calendar.from_ical(text, multiple=True):
            for event in calendar.events:
                uid, sequence = str(event["uid"]), int(event["sequence"])
                if uid not in known or sequence >= known[uid][0]:
                    known[uid] = sequence, event.start, event.end, str(event["status"])
    return {uid: (start, end, status) for uid, (_, start, end, status) in known.items()}


def test_year_of_the_house_is_counted_as_it_was(app: Flask, staff_client: CheckedClient, clock: Clock) -> None:
    clock.set("2027-01-04T09:00")
    make.house()
    hall, workshop, small = make.rooms()
    office = Office(staff_client, clock)

    # Three known series, and 20 requests, of which five want the same two evenings.
    for group, day, start, end, rhythm, last in (
        ("Netzwerk Gesunde Stadt", "6.1.2027", "16", "18", "week", "31.3.2027"),
        ("Schreibwerkstatt", "12.1.2027", "19", "21", "month", "30.6.2027"),
        ("Code Bielefeld", "7.1.2027", "18:30", "20:30", "week", "25.3.2027"),
    ):
        office.enter(
            group,
            day,
            start,
            end,
            rhythm=rhythm,
            until_kind="date",
            until=last,
            room=hall.slug,
            email="series@example.org",
        )
    series = list(db.session.scalars(db.select(Booking).order_by(Booking.id)))
    assert [len(each.dates(Status.APPROVED)) for each in series] == [13, 6, 12]
    rooms = itertools.cycle([workshop, small])
    requests = [
        make.booking(
            next(rooms), *weeks(f"2027-02-{1 + n:02}T09:00", 2), group=f"Gruppe {n}", email=f"g{n}@example.org"
        )
        for n in range(15)
    ]
    rivals = [
        make.booking(
            workshop, "2027-05-10T18:00", "2027-05-11T18:00", group=f"Wettbewerb {n}", email=f"w{n}@example.org"
        )
        for n in range(5)
    ]
    office.approve(requests[0], 0)
    office.decline(requests[0], 0)
    for request in requests[1:]:
        office.approve(request, 0, 1)
    office.approve(rivals[3], 0, 1)
    assert Counter(each.status for each in db.session.scalars(db.select(Occurrence))) == {
        Status.APPROVED: 31 + 29 + 2,
        Status.DECLINED: 1,
        Status.REQUESTED: 8,
    }

    # One office is to become two: a colleague comes.
    colleague = make.staff("Mara", "mara@bielefeld.de", role="team")

    # Six moves, six cancellations, and two closures over dates that were promised.
    for n in range(6):
        office.move(requests[n + 1].occurrences[1], f"{20 + n}.4.2027", "10", "12")
    for n in range(6):
        office.cancel(requests[n + 7].occurrences[1])
    office.close("Umbau", "1.3.2027", "7.3.2027")  # a Wednesday and a Thursday of two series
    office.close("Inventur", "8.6.2027", "8.6.2027")  # the Tuesday of the third
    db.session.rollback()
    assert db.session.scalar(db.select(db.func.count()).select_from(Closure)) == 2
    assert len(series[0].dates(Status.CANCELLED)) == 1
    assert len(series[1].dates(Status.CANCELLED)) == 1
    assert len(series[2].dates(Status.CANCELLED)) == 1

    # The year goes by. Four times nobody comes; three keys go out, and two come back.
    clock.set("2027-07-01T09:00")
    absent = [
        series[0].occurrences[0],
        series[2].occurrences[3],
        requests[13].occurrences[0],
        requests[14].occurrences[1],
    ]
    for date in absent:
        office.note_absence(date)
    for number, booking in enumerate(series, 1):
        office.post(f"/team/anfragen/{booking.reference}/schluessel", key=str(number))
    for booking in series[:2]:
        office.post(f"/team/anfragen/{booking.reference}/schluessel/{booking.key_loans[0].id}/zurueck")
    db.session.rollback()
    assert [[bool(loan.returned_at) for loan in booking.key_loans] for booking in series] == [[True], [True], [False]]

    # Two groups were written in two ways; the colleague leaves.
    office.merge("gruppe-1", "Gruppe 2")
    office.merge("gruppe-3", "Gruppe 4")
    assert app.test_cli_runner().invoke(args=["staff", "disable", colleague.email]).exit_code == 0

    # What the year was: by hand.
    held = [
        date
        for date in db.session.scalars(db.select(Occurrence))
        if date.status is Status.APPROVED and date.end <= clock.now and date not in absent
    ]
    by_hand = (31 - 3 - 2) + (29 - 6 - 2) + 2
    assert len(held) == by_hand
    page = staff_client.get("/team/statistik").text
    (lines,) = parse(page)[0].iter("textarea")
    assert [each["achieved"] for each in yaml.safe_load(lines.text or "")] == [by_hand, 0]
    table = list(
        csv.reader(
            io.StringIO(staff_client.get("/team/statistik/nutzungen.csv").data.decode("utf-8-sig")), delimiter=";"
        )
    )
    assert sum(int(row[4]) for row in table[1:]) == by_hand
    groups = Counter({row[2]: 0 for row in table[1:]})
    for row in table[1:]:
        groups[row[2]] += int(row[4])
    assert groups == Counter(date.booking.initiative.name for date in held)
    assert (groups["Gruppe 1"], groups["Gruppe 3"], "Gruppe 2" in groups) == (4, 4, False)
    assert db.session.scalar(db.select(db.func.count()).where(Initiative.name == "Gruppe 4")) == 0

    # Whoever has put every letter into their calendar has what is true.
    told = {
        f"{date.uid}@localhost": (
            date.start,
            date.end,
            "CONFIRMED" if date.status is Status.APPROVED else "CANCELLED",
        )
        for date in db.session.scalars(db.select(Occurrence).where(Occurrence.status.in_(PUBLIC)))
    }
    assert calendars_of_all_letters() == told
