"""The running order of a day: what it tells, what can be done there, and the notice for the lobby."""

import re

import pytest

from booking import hosting
from booking.database import db, transaction
from booking.domain.status import Status
from booking.house import notice
from booking.models import Notice, Occurrence
from booking.web import look
from tests import make
from tests.support.pages import parse, text
from tests.support.statements import statements


@pytest.fixture
def house(app, clock):
    make.house()
    clock.set("2026-12-08T15:20")
    return make.rooms()


@pytest.fixture
def by(house):
    return make.staff()


def lines(page):
    """The rows of the running order in words, without the line that says what time it is."""
    (order,) = [each for each in parse(page)[0].iter("ol") if each.get("class") == "order"]
    return [text(row).replace("\u00a0", " ") for row in order if row.get("class") != "order__now"]


def said(page):
    return [text(each) for each in parse(page)[0].iter("div") if "said" in (each.get("class") or "").split()]


def approved(room, start, **values):
    return make.booking(room, start, status=Status.APPROVED, **values)


def test_running_order_tells_who_is_where_and_how_to_reach_them(staff_client, house, by, clock):
    hall, workshop, small = house
    approved(workshop, "2026-12-08T09:00", group="Jugendamt", title="Teamtag", is_open=False)
    approved(small, "2026-12-08T15:00", minutes=60, group="Stadtteilmütter", title="Austauschrunde", people=8)
    evening = approved(
        hall, "2026-12-08T18:30", group="OK Lab", title="Code for Bielefeld", way_in="need", before_minutes=30
    )
    approved(hall, "2026-12-08T20:45", minutes=60, group="OK Lab", title="Ausklang")
    make.booking(hall, "2026-12-08T20:45", minutes=30, status=Status.CANCELLED, group="Chor", title="Probe")
    make.booking(hall, "2026-12-08T12:00", group="Wer fragt", title="Noch offen")
    approved(hall, "2026-12-09T18:30", group="OK Lab", title="Morgen")
    with transaction():
        contact = evening.contact
        contact.onsite_name, contact.onsite_phone = "Ali Yıldız", "0176 04069015"

    page = staff_client.get("/team/heute").text

    assert lines(page) == [
        "09:00 bis 11:00 Teamtag Jugendamt, geschlossene Gruppe Werkstatt, EG, links etwa 15"
        " Hat stattgefunden. niemand gekommen",
        "15:00 bis 16:00, läuft Austauschrunde Stadtteilmütter, offen für alle Besprechung, EG, links etwa 8"
        " Zoë Müller 0521 123456 niemand gekommen Fällt aus: Austauschrunde Verlegen: Austauschrunde",
        "18:30 bis 20:30 Code for Bielefeld OK Lab, offen für alle Große Fläche, EG, links etwa 15"
        " Aufbau ab 18:00 Uhr 15 Minuten vor Ausklang Außerhalb der Öffnungszeiten, die Gruppe braucht einen Schlüssel"
        " Ali Yıldız 0176 04069015 Fällt aus: Code for Bielefeld Verlegen: Code for Bielefeld",
        "20:45 bis 21:45 Ausklang OK Lab, offen für alle Große Fläche, EG, links etwa 15"
        " Außerhalb der Öffnungszeiten, und der Zugang ist nicht geklärt"
        " Zoë Müller 0521 123456 Fällt aus: Ausklang Verlegen: Ausklang",
        "20:45 bis 21:15 Probe fällt aus Chor, offen für alle von uns abgesagt",
    ]
    assert "braucht einen Schlüssel für 18:30 Uhr" in page
    assert "Austausch</" not in page  # what it is about is nobody's business at the door


def test_running_order_goes_to_other_days_and_says_what_is_closed(staff_client, house, clock):
    make.closure("2026-12-09T00:00", "2026-12-10T00:00", reason="Betriebsausflug")

    page = staff_client.get("/team/heute?tag=2026-12-09").text

    assert "Geschlossen: Betriebsausflug" in page
    assert "An diesem Tag findet nichts statt." in page
    assert re.findall(r'href="/team/heute\?tag=([^"]+)"', page) == ["2026-12-08", "2026-12-10"]
    assert "Erster Weihnachtstag" in staff_client.get("/team/heute?tag=2026-12-25").text
    for wrong in ("morgen", "2026-02-30", "1899-01-01"):
        assert staff_client.get(f"/team/heute?tag={wrong}").status_code == 404


def test_nobody_came_is_noted_and_taken_back(staff_client, house, clock):
    booking = approved(house[0], "2026-12-08T15:00", group="OK Lab")
    date = booking.occurrences[0].id

    page = staff_client.submit("/team/heute", form=f"/team/anfragen/{booking.reference}/nicht-gekommen/{date}").text
    assert said(page) == ["Notiert: Von OK Lab ist niemand gekommen."]
    assert db.session.get_one(Occurrence, date).no_show is True

    page = staff_client.submit("/team/heute", form=f"/team/anfragen/{booking.reference}/nicht-gekommen/{date}").text
    assert said(page) == ["Notiert: OK Lab ist doch gekommen."]
    db.session.rollback()
    assert db.session.get_one(Occurrence, date).no_show is False


def test_nobody_is_missing_before_it_begins(staff_client, house, clock):
    booking = approved(house[0], "2026-12-08T15:00")
    form = f"/team/anfragen/{booking.reference}/nicht-gekommen/{booking.occurrences[0].id}"
    token = re.search('name="csrf_token" value="([^"]+)"', staff_client.get("/team/heute").text)[1]
    clock.set("2026-12-08T14:00")

    page = staff_client.post(form, data={"csrf_token": token}, follow_redirects=True).text

    assert said(page) == ["Dieser Termin hat noch nicht angefangen oder fällt aus. Es wurde nichts gespeichert."]
    assert staff_client.post(f"{form}9", data={"csrf_token": token}).status_code == 404


def test_keys_go_out_and_come_back_on_the_page_of_the_day(staff_client, house, by, clock):
    booking = approved(house[0], "2026-12-08T18:30", group="OK Lab", way_in="need")
    old = approved(house[1], "2026-11-24T18:30", group="Chor", way_in="need")
    hosting.hand_out_key(old, "4", by=by, now=make.instant("2026-11-20T10:00"))
    path = f"/team/anfragen/{booking.reference}/schluessel"

    assert "überfällig seit Di, 1." in staff_client.get("/team/heute").text
    page = staff_client.submit("/team/heute", {"key": ""}, form=path).text
    assert said(page) == ["Trag die Nummer ein, die auf dem Schlüssel steht."]
    page = staff_client.submit("/team/heute", {"key": "4"}, form=path).text
    assert said(page) == [f"Schlüssel 4 ist noch ausgegeben: Chor, {old.reference}."]
    page = staff_client.submit("/team/heute", {"key": "7"}, form=path).text
    assert said(page) == ["Schlüssel 7 ist ausgegeben."]
    assert "Schlüssel 7, hat die Gruppe" in page
    loan = old.key_loans[0].id
    page = staff_client.submit("/team/heute", form=f"/team/anfragen/{old.reference}/schluessel/{loan}/zurueck").text
    assert said(page) == ["Schlüssel 4 ist zurück."]
    assert "Keiner geht raus, und keiner kommt zurück." in page


def test_notice_stands_in_the_lobby_until_it_ends(staff_client, client, house, clock):
    words = "Der Aufzug ist heute außer Betrieb. <b>Wir helfen gern</b>."
    page = staff_client.submit(
        "/team/heute", {"text": f"{words}\n", "day": "heute", "time": "18"}, form="/team/heute/hinweis"
    ).text
    assert said(page) == ["Der Hinweis steht in der Lobby."]
    assert "Steht in der Lobby bis Di, 8.\u00a0Dezember, 18:00 Uhr." in page

    def shown(path):
        return [
            text(each)
            for each in parse(client.get(path).text)[0].iter()
            if each.tag in ("span", "strong") and "Aufzug" in text(each)
        ]

    assert (shown("/lobby"), shown("/heute"), shown("/en/heute")) == ([words], [words], [words])
    assert 'lang="de">Der Aufzug' in client.get("/en/heute").text
    assert "is-important" not in client.get("/lobby").text
    important = {"day": "heute", "time": "18", "is_important": "yes"}
    staff_client.submit("/team/heute", important, form="/team/heute/hinweis")
    assert "has-notice is-important" in client.get("/lobby").text
    staff_client.submit("/team/heute", form="/team/heute/hinweis")
    assert "has-notice is-important" in client.get("/lobby").text  # what was ticked stays so
    assert "Danach: bitte klingeln." in client.get("/heute").text
    clock.set("2026-12-08T18:00")
    assert (shown("/lobby"), shown("/heute")) == ([], [])
    assert "Steht in der Lobby" not in staff_client.get("/team/heute").text


def test_notice_is_taken_away(staff_client, client, house, by, clock):
    hosting.post_notice("Aufzug kaputt.", "The lift is broken.", make.instant("2026-12-09T18:00"), by=by, now=clock.now)
    assert "The lift is broken." in client.get("/en/lobby").text
    assert "9. Dezember 2026" in staff_client.get("/team/heute").text

    page = staff_client.submit("/team/heute", form="/team/heute/hinweis/weg").text

    assert said(page) == ["Der Hinweis steht nicht mehr in der Lobby."]
    assert "The lift is broken." not in client.get("/en/lobby").text


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({"text": ""}, "Schreib, was in der Lobby stehen soll."),
        ({"text": "W" * 121}, "Das sind 121 Zeichen. Bitte kürzt es auf höchstens 120."),
        ({"text_en": "W" * 121}, "Das sind 121 Zeichen. Bitte kürzt es auf höchstens 120."),
        ({"time": "15"}, "Das ist schon vorbei. Gib eine Zeit an, die noch kommt."),
        ({"day": "gestern"}, None),
        ({"day": "9.1.2027"}, "Ein Hinweis bleibt höchstens einen Monat. Gib einen früheren Tag an."),
        ({"time": "halb"}, None),
        ({"day": "", "time": ""}, None),
    ],
)
def test_notice_says_what_is_missing_and_keeps_what_was_typed(staff_client, house, clock, values, sentence):
    typed = {"text": "Aufzug kaputt.", "text_en": "", "day": "heute", "time": "18", **values}

    answer = staff_client.submit("/team/heute", typed, form="/team/heute/hinweis")

    assert answer.status_code == 422
    errors = [text(each) for each in parse(answer.text)[0].iter("p") if each.get("class") == "kern-error"]
    assert len(errors) >= 1
    assert errors == ([sentence] if sentence else errors)
    kept = {each.get("name"): each.get("value") for each in parse(answer.text)[0].iter("input")}
    assert (kept["day"], kept["time"]) == (typed["day"], typed["time"])
    assert typed["text"] in answer.text
    assert db.session.scalars(db.select(Notice)).all() == []


def test_notice_can_end_with_the_day(staff_client, house, clock):
    staff_client.submit("/team/heute", {"text": "Da.", "day": "heute", "time": "24"}, form="/team/heute/hinweis")

    assert notice(clock.now).until == make.instant("2026-12-09T00:00")


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(lambda booking, clock, by: clock.set("2026-12-08T18:45"), id="it runs"),
        pytest.param(lambda booking, clock, by: clock.set("2026-12-08T23:00"), id="it is over"),
        pytest.param(lambda booking, clock, by: hosting.hand_out_key(booking, "18", by=by, now=clock.now), id="key"),
        pytest.param(lambda booking, clock, by: _change(booking, title="<b>Stricken</b>"), id="title"),
        pytest.param(lambda booking, clock, by: _change(booking, way_in="have"), id="way in"),
        pytest.param(lambda booking, clock, by: _change(booking.occurrences[0], status=Status.CANCELLED), id="off"),
        pytest.param(lambda booking, clock, by: _change(booking.contact, name="Mia", phone="0521 7"), id="person"),
    ],
)
def test_running_order_of_kept_lines_is_the_one_made_anew(staff_client, house, by, clock, change):
    booking = approved(house[0], "2026-12-08T18:30", way_in="need")
    approved(house[1], "2026-12-08T18:30", group="Lesekreis")
    before = without_token(staff_client.get("/team/heute").text)
    change(booking, clock, by)

    kept = without_token(staff_client.get("/team/heute").text)
    look.made_piece.cache_clear()
    anew = without_token(staff_client.get("/team/heute").text)

    assert kept == anew
    assert kept != before


def test_who_is_there_stands_in_no_kept_piece(staff_client, house, clock):
    booking = approved(house[0], "2026-12-08T18:30")
    staff_client.get("/team/heute")
    made = look.made_piece.cache_info().misses
    _change(booking.contact, name="Mia", phone="0521 7")

    page = staff_client.get("/team/heute").text

    assert "Mia" in lines(page)[0]
    assert look.made_piece.cache_info().misses == made


def without_token(page):
    return re.sub(r'name="csrf_token" value="[^"]*"', "", page)


def _change(row, **values):
    with transaction():
        for name, value in values.items():
            setattr(row, name, value)


def test_day_of_thirty_rooms_asks_no_more_than_one_of_three(staff_client, house, by, clock):
    approved(house[0], "2026-12-08T18:30", way_in="need")
    staff_client.get("/team/heute")  # what all pages share is read by the first
    with statements() as few:
        staff_client.get("/team/heute")
    for number in range(30):
        booking = approved(make.room(f"Raum {number}"), "2026-12-08T18:30", group=f"Gruppe {number}", way_in="need")
        hosting.hand_out_key(booking, str(number), by=by, now=clock.now)
    staff_client.get("/team/heute")

    with statements() as many:
        page = staff_client.get("/team/heute").text

    assert len(lines(page)) == 31
    assert (len(few) - len(many), len(many) <= 14) == (0, True)  # two of them begin and end


def test_all_lines_of_a_day_are_in_one_form(staff_client, house, clock):
    approved(house[0], "2026-12-08T09:00")
    alone = staff_client.get("/team/heute").text.count('name="csrf_token"')
    for hour in range(10, 15):
        approved(house[1], f"2026-12-08T{hour}:00", minutes=60)

    page = staff_client.get("/team/heute").text

    assert page.count("/nicht-gekommen/") == 6
    assert page.count('name="csrf_token"') == alone


def test_reception_reads_the_day_and_hands_out_keys(new_client, house, by, clock):
    booking = approved(house[0], "2026-12-08T15:00", group="OK Lab", way_in="need", purpose="Selbsthilfe")
    evening = approved(house[0], "2026-12-08T18:30", group="Chor", way_in="need")
    hosting.hand_out_key(booking, "4", by=by, now=clock.now)
    reception = new_client()
    reception.sign_in(make.staff("Kim", role="reception"))

    pages = [reception.get(path).text for path in ("/team/heute", "/team/schluessel")]

    assert "OK Lab" in pages[0]
    for page in pages:
        for lacking in ("faellt-aus", "verlegen", "nicht-gekommen", "hinweis", "erinnern", "Selbsthilfe"):
            assert lacking not in page
    path = f"/team/anfragen/{evening.reference}/schluessel"
    assert said(reception.submit("/team/heute", {"key": "7"}, form=path).text) == ["Schlüssel 7 ist ausgegeben."]
