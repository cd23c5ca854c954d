"""A year of the house as calendar programs read it in its feeds: moved and cancelled dates, and odd titles."""

from datetime import date, timedelta

import pytest
import recurring_ical_events
from flask import Flask
from icalendar import Calendar

from booking.database import db, transaction
from booking.domain.slot import Slot
from booking.domain.status import PUBLIC, Status
from booking.models import Occurrence
from tests import make
from tests.support.app import Client, Clock
from tests.support.programs import with_icalendar

ODD = 'Nähen & "Tee" <b>fett</b>; bunt, laut\nund 🪡 bis es dunkel wird, mit allem was dazugehört'
PLAIN = " ".join(ODD.split())
WEEK = timedelta(weeks=1)


@pytest.mark.browser
def test_feeds_give_every_program_the_dates_of_the_database(app: Flask, clock: Clock, with_ical_js) -> None:
    clock.set("2027-01-04T09:00")
    make.house()
    hall, workshop, _ = make.rooms()
    days = [date(2027, 1, 6) + n * WEEK for n in range(52)]
    series = make.booking(hall, *(f"{day}T16:00" for day in days), status=Status.APPROVED, title=ODD)
    make.booking(workshop, *(f"{day}T18:30" for day in days[::4]), status=Status.APPROVED, title="Zu", is_open=False)
    make.booking(workshop, "2027-05-05T10:00", title="Nur gefragt")
    with transaction():
        for n, each in enumerate(series.occurrences):
            if n % 5 == 3:  # over the change of clocks too
                moved = Slot.on(days[n] + timedelta(days=1), make.instant("2027-01-01T18:15").time(), 90, make.ZONE)
                each.start, each.end, each.room_id, each.sequence = moved.start, moved.end, workshop.id, 1
            elif n % 7 == 2:
                each.status, each.sequence = Status.CANCELLED, 1

    truth = {
        (f"{each.uid}@localhost", each.sequence, STATUS[each.status], each.start, each.end, each.room.name, title)
        for each in db.session.scalars(db.select(Occurrence).where(Occurrence.status.in_(PUBLIC)))
        for title in [PLAIN if each.booking.is_open else "Geschlossenes Treffen"]
    }
    assert len(truth) == 65
    wanted = {
        "/kalender.ics": truth,
        "/offen.ics": {each for each in truth if each[6] == PLAIN},
        "/raeume/werkstatt.ics": {each for each in truth if each[5] == "Werkstatt"},
        "/gruppen/gesundes-staedte-netzwerk.ics": {each for each in truth if each[6] == PLAIN},
    }
    for path, dates in wanted.items():
        answer = Client(app).get(path)
        assert max(map(len, answer.data.split(b"\r\n"))) <= 75, path
        for read in (with_icalendar, with_ical_js):
            found = [entry._replace(stamp=None) for entry in read(answer.text)]
            told = {(e.uid, e.sequence, e.status, e.start, e.end, e.room, e.title) for e in found}
            assert (told, len(found)) == (dates, len(dates)), (path, read)
        shown = recurring_ical_events.of(Calendar.from_ical(answer.text)).between((2027, 1, 1), (2028, 1, 2))
        assert {(str(e["UID"]), e.start, e.end) for e in shown} == {(uid, *at) for uid, _, _, *at, _, _ in dates}, path


STATUS = {Status.APPROVED: "CONFIRMED", Status.CANCELLED: "CANCELLED"}
