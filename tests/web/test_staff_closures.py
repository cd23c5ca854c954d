"""The page on which the office closes the house or rooms: entering, what it hits, deciding, taking back."""

import re

import pytest
import sqlalchemy as sa

from booking import deciding
from booking.database import db
from booking.domain.status import Status
from booking.models import Booking, Closure, Letter, Occurrence, StaffMember
from tests import make
from tests.support.pages import find_form, parse, text

HERE = "/team/haus/sperrzeiten"
NEW = f"{HERE}/neu"
HOLIDAYS = {"reason": "Zwischen den Jahren", "first": "24.12.", "last": "1.1.2027"}
SEND = "Sperre eintragen und 3 Mails senden"


@pytest.fixture
def house(app):
    """Three dates that are approved, and two that are asked for."""
    make.house()
    hall, workshop, _ = make.rooms()
    code = make.booking(hall, "2026-12-24T18:30", "2026-12-31T18:30", status=Status.APPROVED, group="Code")
    net = make.booking(hall, "2026-12-30T16:00", status=Status.APPROVED, group="Netz")
    choir = make.booking(workshop, "2026-12-28T19:00", "2026-12-29T19:00", group="Chor", reference="IO-3")
    for each in (code, net, choir):
        make.link(each)


def head(page: str) -> str:
    return text(parse(page)[0].find(".//h1"))


def sentences(page: str) -> list[str]:
    return [text(each) for each in parse(page)[0].iterfind(".//ul[@class='kern-alert__body']/li")]


def stored() -> list[tuple]:
    db.session.rollback()
    columns = [getattr(Closure, name) for name in ("reason", "room_ids", "start", "end", "repeats")]
    return [tuple(row) for row in db.session.execute(sa.select(*columns).order_by(Closure.id))]


def statuses() -> list[str]:
    db.session.rollback()
    return [each.value for each in db.session.scalars(sa.select(Occurrence.status).order_by(Occurrence.id))]


def pressed(client, page, button, **values):
    """The answer to a button of the page that is there already, with these controls filled in."""
    filled = find_form(page.text, "closure").filled(values, button)
    return client.post(filled.target, data=filled.data, follow_redirects=True)


def test_nothing_changes_until_each_date_is_decided_and_undo_takes_all_back(staff_client, house):
    effect = staff_client.submit(NEW, HOLIDAYS, form="closure")
    assert head(effect.text) == "Diese Sperre trifft 3 zugesagte und 2 angefragte Termine"
    assert "Das Haus ist dann geschlossen" not in effect.text

    undecided = pressed(staff_client, effect, "Weiter zu den Mails", **{"fate-1": "cancel"})
    assert (undecided.status_code, len(sentences(undecided.text))) == (422, 4)
    assert (stored(), set(statuses())) == ([], {"approved", "requested"})

    page = pressed(staff_client, undecided, "approved:cancel")
    page = pressed(staff_client, page, "requested:decline")
    page = pressed(staff_client, page, "Wirkung neu prüfen", **{"fate-3": "move", "fate-2": "leave"})
    assert "1 verlegt, 1 abgesagt, 2 nicht möglich, 1 bleibt." in page.text
    assert page.text.count("Das Haus ist dann geschlossen (Zwischen den Jahren).") == 3
    changed = pressed(staff_client, page, SEND, message="Bis bald!")
    assert (changed.status_code, stored()) == (422, [])  # nobody has read these letters yet

    done = pressed(staff_client, changed, SEND)

    assert statuses() == ["cancelled", "approved", "approved", "declined", "declined"]
    assert [each[0] for each in stored()] == ["Zwischen den Jahren"]
    assert re.search("3 Mails. Bis sie rausgehen, kannst du alles auf einmal zurücknehmen", done.text)
    waiting = db.session.scalars(sa.select(Letter).where(Letter.state == "waiting")).all()
    assert ["Bis bald!" in letter.body for letter in waiting] == [True] * 3
    assert "Zwischen den Jahren" in staff_client.get("/kalender/tag/2026-12-28").text
    staff_client.submit(HERE, button="Rückgängig", form=f"{HERE}/1/zuruecknehmen")
    assert (stored(), statuses()) == ([], ["approved"] * 3 + ["requested"] * 2)
    assert "Zwischen den Jahren" not in staff_client.get("/kalender/tag/2026-12-28").text


def test_a_date_approved_meanwhile_is_said_and_what_was_chosen_stays(staff_client, house, clock):
    page = staff_client.submit(NEW, HOLIDAYS, form="closure")
    page = pressed(staff_client, page, "approved:cancel", message="Bis bald!")
    page = pressed(staff_client, page, "requested:decline")
    choir = db.session.scalars(sa.select(Booking).where(Booking.reference == "IO-3")).one()
    by = db.session.scalars(sa.select(StaffMember)).first()
    deciding.decide(choir, approve=[4], seen_version=choir.version, by=by, now=clock.now)

    late = pressed(staff_client, page, "Sperre eintragen und 3 Mails senden")

    assert (late.status_code, stored()) == (409, [])
    assert "Inzwischen hat sich geändert, was diese Sperre trifft." in late.text
    assert head(late.text) == "Diese Sperre trifft 4 zugesagte und 1 angefragten Termin"
    kept = find_form(late.text, "closure").filled({}, "check").data
    assert (kept["reason"], kept["message"], kept["fate-1"], kept["fate-5"]) == (
        *("Zwischen den Jahren", "Bis bald!", "cancel", "decline"),
    )
    assert "fate-4" not in kept
    assert statuses() == ["approved"] * 4 + ["requested"]


def test_closure_that_hits_nothing_is_entered_at_once_and_once(staff_client, house):
    values = {
        "reason": "Boden",
        "reason_en": "Floor",
        "what": "rooms",
        "room": "2",
        "repeats": "weekly",
        "first": "7.1.2027",
        "start": "8",
        "end": "10",
    }
    filled = find_form(staff_client.get(NEW).text, "closure").filled(values, "send").data

    answers = [staff_client.post(NEW, data=filled) for _ in range(2)]

    assert [each.status_code for each in answers] == [303, 303]
    span = make.instant("2027-01-07T08:00"), make.instant("2027-01-07T10:00")
    assert stored() == [("Boden", [2], *span, "weekly")]
    page = staff_client.get(HERE).text
    assert "jede Woche, Donnerstag, 08:00 bis 10:00 Uhr: Werkstatt" in page
    form = find_form(staff_client.get(f"{HERE}/1").text, "closure").filled({}, "send").data
    assert [form[name] for name in ("reason", "reason_en", "room", "first", "start", "end", "repeats")] == [
        *("Boden", "Floor", "2", "Do, 7. Januar 2027", "08:00", "10:00", "weekly"),
    ]
    staff_client.submit(f"{HERE}/1", {"until": "8.2.2027", "reason_en": ""}, form="closure")
    page = staff_client.get(HERE).text
    assert "jede Woche, Donnerstag, 08:00 bis 10:00 Uhr, zuletzt am Mo, 8. Februar 2027" in page
    assert "auf englischen Seiten steht der deutsche Grund" in page
    ended = staff_client.submit(HERE, button="Beenden", form=f"{HERE}/1/beenden").text
    assert "Beendet: Boden." in ended
    assert "jede Woche" not in ended
    staff_client.submit(HERE, button="Rückgängig", form=f"{HERE}/1/zuruecknehmen")
    assert "jede Woche, Donnerstag, 08:00 bis 10:00 Uhr, zuletzt am" in staff_client.get(HERE).text


NOT_MEANT = [
    ({"reason": ""}, "Schreib den Grund, den alle lesen."),
    ({"first": ""}, "Schreib den ersten Tag auf, zum Beispiel 24.12."),
    ({"first": "31.2."}, "Den 31. Februar gibt es nicht. Welcher Tag ist gemeint?"),
    ({"last": "23.12.2026"}, "Der letzte Tag liegt vor dem ersten. Schau bitte nach beiden."),
    ({"first": "1.11.2026"}, "Das ist schon vorbei. Wähl einen späteren Tag."),
    ({"last": "1.1.2400"}, "So weit voraus plant niemand. Wähl einen früheren Tag."),
    ({"start": "18", "end": "17"}, "Das Ende liegt vor dem Anfang. Schau bitte nach beiden."),
    ({"start": "viel"}, "„viel“ können wir nicht als Uhrzeit lesen. Schreib zum Beispiel 19:30."),
    ({"what": "rooms"}, "Wähl die Räume aus, die zu sind."),
    ({"room": "1"}, "Das ganze Haus oder nur diese Räume? Wähl eins von beiden."),
    (
        {"last": "2.1.2027", "repeats": "weekly"},
        "Die Sperre käme wieder, bevor sie vorbei ist. Wähl einen früheren letzten Tag.",
    ),
    ({"until": "1.1.2028"}, "Wähl, wie oft es sich wiederholt, oder lass dieses Feld leer."),
    ({"until": "1.12.2026", "repeats": "yearly"}, "Das ist vor dem ersten Tag. Schau bitte nach beiden."),
    ({"until": "1.1.2400", "repeats": "yearly"}, "So weit voraus plant niemand. Wähl einen früheren Tag."),
]


def test_what_cannot_be_meant_is_said_and_kept(staff_client, house):
    for values, said in NOT_MEANT:
        page = staff_client.submit(NEW, {"reason": "Inventur", "first": "24.12.2026", **values}, form="closure")

        assert (page.status_code, sentences(page.text), stored()) == (422, [said], [])
        kept = find_form(page.text, "closure").filled({}, "send").data
        assert {name: kept[name] for name in values} == values


def test_form_is_filled_in_by_its_address(staff_client, house):
    page = staff_client.get(f"{NEW}?tag=2026-12-10&von=18:00&bis=20:30&raum=werkstatt").text

    filled = find_form(page, "closure").filled({}, "send").data
    assert {name: filled[name] for name in ("first", "start", "end", "what", "room")} == {
        "first": "Do, 10. Dezember 2026",
        "start": "18:00",
        "end": "20:30",
        "what": "rooms",
        "room": "2",
    }
    assert staff_client.get(f"{NEW}?tag=x&raum=keiner").status_code == 200
