"""The page of all keys: who has which, until when, and who needs one."""

import pytest

from booking import hosting
from booking.database import db, transaction
from booking.domain.status import Status
from booking.models import Letter
from tests import make
from tests.support.pages import parse, text


@pytest.fixture
def hall(app, clock):
    make.house()
    clock.set("2026-12-08T15:20")
    return make.room()


@pytest.fixture
def by(hall):
    return make.staff()


def rows(page):
    return [text(row).replace("\u00a0", " ") for row in parse(page)[0].iter("tr")][1:]


def said(page):
    return [text(each) for each in parse(page)[0].iter("div") if "said" in (each.get("class") or "").split()]


def letters():
    db.session.rollback()
    return [each.kind for each in db.session.scalars(db.select(Letter))]


def test_keys_are_listed_those_that_are_overdue_first(staff_client, hall, by, clock):
    coming = make.booking(hall, "2026-12-16T18:30", status=Status.APPROVED, group="Chor", title="Probe")
    past = make.booking(hall, "2026-11-24T18:30", status=Status.APPROVED, group="OK Lab", title="Treff")
    back = make.booking(hall, "2026-11-25T18:30", status=Status.APPROVED, group="Zurück")
    make.booking(hall, "2026-12-15T18:30", status=Status.APPROVED, group="Lesekreis", title="Lesen", way_in="need")
    make.booking(hall, "2027-01-15T18:30", status=Status.APPROVED, group="Später", way_in="need")
    hosting.hand_out_key(past, "12", by=by, now=make.instant("2026-11-20T10:00"))
    for number, booking in (("3", coming), ("5", back)):
        hosting.hand_out_key(booking, number, by=by, now=clock.now)
    hosting.take_key_back(back, back.key_loans[0].id, by=by, now=clock.now)

    page = staff_client.get("/team/schluessel").text

    assert rows(page) == [
        "12 OK LabTreff, Zoë Müller, 0521 123456 seit Fr, 20. Novemberüberfällig seit Di, 1. Dezember"
        " zurückgegeben erinnern Quittung",
        "3 ChorProbe, Zoë Müller, 0521 123456 seit Di, 8. Dezemberzurück bis Mi, 23. Dezember zurückgegeben Quittung",
    ]
    assert "2 Schlüssel sind unterwegs, <b>davon 1 überfällig</b>." in page
    assert "Lesekreis" in page
    assert "Später" not in page


def test_house_with_all_its_keys_says_so(staff_client, hall):
    page = staff_client.get("/team/schluessel").text

    assert "Alle Schlüssel sind da." in page
    assert "Niemand hat einen Schlüssel" in page


def test_key_that_is_handed_out_after_the_last_date_is_not_overdue_at_once(staff_client, hall, by, clock):
    booking = make.booking(hall, "2026-11-24T18:30", status=Status.APPROVED, group="Chor")
    hosting.hand_out_key(booking, "3", by=by, now=clock.now)

    assert "zurück bis Di, 15. Dezember" in rows(staff_client.get("/team/schluessel").text)[0]


def test_key_is_handed_out_and_taken_back_there(staff_client, hall, clock):
    booking = make.booking(hall, "2026-12-15T18:30", status=Status.APPROVED, group="Lesekreis", way_in="need")
    path = f"/team/anfragen/{booking.reference}/schluessel"

    page = staff_client.submit("/team/schluessel", {"key": " 9 "}, form=path).text
    assert (said(page), len(rows(page))) == (["Schlüssel 9 ist ausgegeben."], 1)
    page = staff_client.submit("/team/schluessel", form=f"{path}/{booking.key_loans[0].id}/zurueck").text
    assert (said(page), rows(page)) == (["Schlüssel 9 ist zurück."], [])


def test_group_is_reminded_once_a_day(staff_client, hall, by, clock):
    booking = make.booking(hall, "2026-12-01T18:30", status=Status.APPROVED, group="Chor")
    hosting.hand_out_key(booking, "3", by=by, now=clock.now)
    path = f"/team/anfragen/{booking.reference}/schluessel/erinnern"

    page = staff_client.submit("/team/schluessel", form=path).text
    assert said(page) == ["Chor wird an den Schlüssel erinnert: Die Mail ist unterwegs."]
    assert "erinnert am Di, 8.\u00a0Dezember" in page
    page = staff_client.submit("/team/schluessel", form=path).text
    assert said(page) == ["Chor ist heute schon an den Schlüssel erinnert worden. Eine zweite Mail geht nicht raus."]
    assert letters() == ["key_back"]


def test_nobody_is_reminded_of_a_key_that_is_back_or_without_an_address(staff_client, hall, by, clock):
    booking = make.booking(hall, "2026-12-01T18:30", status=Status.APPROVED, group="Chor")
    loan = hosting.hand_out_key(booking, "3", by=by, now=clock.now).id
    form = f"/team/anfragen/{booking.reference}/schluessel/erinnern"
    seen = staff_client.get("/team/schluessel").text
    token = next(each.get("value") for each in parse(seen)[0].iter("input") if each.get("name") == "csrf_token")

    def send():
        return said(staff_client.post(form, data={"csrf_token": token, "page": "keys"}, follow_redirects=True).text)

    clock.set("2026-12-01T20:00")
    assert send() == ["Chor hat noch Termine und braucht den Schlüssel."]
    clock.set("2026-12-08T15:20")
    with transaction():
        booking.contact.email = None
    assert send() == ["Von Chor gibt es keine E-Mail-Adresse."]
    with transaction():
        booking.contact.email = "zoe@example.org"
    hosting.take_key_back(booking, loan, by=by, now=clock.now)
    assert send() == ["Chor hat keinen Schlüssel mehr von uns."]
    assert letters() == []


def test_receipt_has_what_is_signed_and_nothing_of_the_purpose(staff_client, hall, by, clock):
    booking = make.booking(hall, "2026-12-15T18:30", status=Status.APPROVED, group="Chor", purpose="Selbsthilfe")
    loan = hosting.hand_out_key(booking, "3", by=by, now=clock.now).id

    page = staff_client.get(f"/team/schluessel/{loan}/quittung").text

    facts = [text(each) for each in parse(page)[0].iter("dd")]
    assert facts == ["Chor", "Zoë Müller", "8. Dezember 2026", "22. Dezember 2026"]
    assert "Selbsthilfe" not in page
    assert staff_client.get(f"/team/schluessel/{loan + 1}/quittung").status_code == 404
