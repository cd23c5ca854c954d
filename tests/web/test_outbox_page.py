"""The page of all letters: what needs somebody, what goes next, what is gone."""

import re

from flask import Flask

from booking import links
from booking.database import db, transaction
from booking.letters import dispatch, outbox
from booking.models import Booking, Letter
from booking.sharing import handover
from tests import make
from tests.support.app import CheckedClient, Clock
from tests.support.mail import MailServer
from tests.support.pages import parse, text


def put(booking: Booking | None, clock: Clock, subject: str = "Eure Anfrage ist da", **changes: object) -> Letter:
    with transaction():
        letter = outbox.put(
            "requested",
            booking=booking,
            contact=booking.contact if booking else None,
            language="de",
            subject=subject,
            body="Hallo ⟦name⟧,\n\nhier ist alles:\n⟦link⟧",
            now=clock.now,
        )
        for name, value in changes.items():
            setattr(letter, name, value)
    return letter


def tables(page: str) -> dict[str, list[list[str]]]:
    """The rows of each table, by its caption."""
    found = {}
    for table in parse(page)[0].iter("table"):
        rows = [[text(cell) for cell in row if isinstance(cell.tag, str)] for row in table.iter("tr")]
        found[text(next(table.iter("caption")))] = [row[1:] for row in rows[1:]]
    return found


def test_outbox_sorts_letters_by_what_they_need(staff_client: CheckedClient, app: Flask, clock: Clock) -> None:
    make.house()
    request = make.booking(make.room(), "2027-01-06T16:00")
    put(request, clock, state="failed", error="550 5.1.1 No such mailbox")
    put(request, clock, state="waiting", error="451 Try later", attempts=1, send_at=make.instant("2026-11-30T10:17"))
    put(request, clock, send_at=make.instant("2026-11-30T10:01"))
    put(None, clock, state="sent", sent_at=make.instant("2026-11-30T09:52"))
    put(request, clock, state="stopped")

    page = staff_client.get("/team/ausgang").text

    assert tables(page) == {
        "Braucht dich": [
            [
                "zoe@example.org",
                "nächster Versuch um 10:17 UhrDer Mailserver hat sie noch nicht angenommen. 451 Try later",
                "Jetzt senden",
            ],
            [
                "zoe@example.org",
                "nicht angekommenDiese Adresse gibt es nicht, sagt der Mailserver. 550 5.1.1 No such mailbox",
                "Noch einmal senden",
            ],
        ],
        "Geht gleich raus": [["zoe@example.org", "geht um 10:01 Uhr raus", "Jetzt senden"]],
        "Gesendet": [["zoe@example.org", "angehalten", ""], ["das Büro", "30. November, 09:52 Uhr", ""]],
    }
    assert "1 Mail kam nicht an." in page
    assert "Heute ist 1 Mail rausgegangen." in page


def test_outbox_tells_of_a_mail_server_that_is_away(staff_client: CheckedClient, app: Flask, clock: Clock) -> None:
    make.house()
    put(None, clock)
    assert "geht gleich raus" in staff_client.get("/team/ausgang").text

    clock.set("2026-11-30T10:03")

    said = "wartet seit 10:00 UhrDer Mailserver antwortet nicht. Die Mail geht raus, sobald er es tut."
    page = staff_client.get("/team/ausgang").text
    assert tables(page) == {"Geht gleich raus": [["das Büro", said, ""]]}
    assert "1 Mail geht gleich raus. Heute ist noch keine Mail rausgegangen." in text(parse(page)[0])


def test_outbox_shows_last_what_left_first_and_the_year_of_what_left_before_this_one(
    staff_client: CheckedClient, app: Flask, clock: Clock
) -> None:
    make.house()
    for left in ("2026-01-01T00:00", "2025-12-31T23:59", "2026-11-29T09:52"):
        put(None, clock, state="sent", sent_at=make.instant(left))

    sent = tables(staff_client.get("/team/ausgang").text)["Gesendet"]

    assert [state for _, state, _ in sent] == [
        "29. November, 09:52 Uhr",
        "1. Januar, 00:00 Uhr",
        "31. Dezember 2025, 23:59 Uhr",
    ]


def test_numbers_that_no_letter_or_page_has_are_not_there(staff_client: CheckedClient, app: Flask) -> None:
    make.house()
    endless = "9" * 30

    for path in (f"/team/ausgang/{endless}", f"/team/ausgang?page={endless}", f"/team?page={endless}"):
        assert staff_client.get(path).status_code == 404
    assert staff_client.get(f"/team?room={endless}").status_code == 200


def test_letter_to_another_person_is_shown_with_their_name(
    staff_client: CheckedClient, app: Flask, clock: Clock
) -> None:
    make.house()
    request = make.booking(make.room(), "2027-01-06T16:00")
    handover.hand_over(request, "Ali", "ali@example.org", clock.now)
    letter = db.session.scalars(db.select(Letter).where(Letter.kind == "handover_take")).one()

    page = staff_client.get(f"/team/ausgang/{letter.id}").text

    assert ("Hallo Ali," in page, "Zoë" in page, "uebergabe/" in page, "⟦" in page) == (True, False, False, False)


def test_letter_is_shown_without_the_secret_address(staff_client: CheckedClient, app: Flask, clock: Clock) -> None:
    make.house()
    request = make.booking(make.room(), "2027-01-06T16:00")
    secret = links.token(make.link(request))
    letter = put(request, clock)

    page = staff_client.get(f"/team/ausgang/{letter.id}").text

    body = next(each for each in parse(page)[0].iter("div") if each.get("class") == "letter__text")
    assert "".join(body.itertext()) == "Hallo Zoë Müller,\n\nhier ist alles:\n…"
    assert secret not in page
    assert staff_client.get("/team/ausgang/999").status_code == 404


def test_letter_shows_what_people_typed_as_text(staff_client: CheckedClient, app: Flask, clock: Clock) -> None:
    make.house()
    request = make.booking(make.room(), "2027-01-06T16:00")
    letter = put(request, clock, subject="Da: <b>Füße</b>")

    assert "Da: &lt;b&gt;Füße&lt;/b&gt;" in staff_client.get(f"/team/ausgang/{letter.id}").text


def test_failed_letter_goes_again(staff_client: CheckedClient, app: Flask, clock: Clock) -> None:
    make.house()
    letter = put(make.booking(make.room(), "2027-01-06T16:00"), clock, state="failed", error="550 No", attempts=1)

    page = staff_client.submit("/team/ausgang", form=f"/team/ausgang/{letter.id}/senden")
    assert "Die Mail ist unterwegs." in page.text
    dispatch.deliver_due(clock.now)

    db.session.rollback()
    assert (letter.state, letter.error) == ("sent", "")


def test_sent_letter_never_goes_again(staff_client: CheckedClient, app: Flask, clock: Clock) -> None:
    make.house()
    letter = put(make.booking(make.room(), "2027-01-06T16:00"), clock, state="sent", sent_at=clock.now)
    token = re.search('name="csrf_token" value="([^"]+)"', staff_client.get("/team").text)[1]

    staff_client.post(f"/team/ausgang/{letter.id}/senden", data={"csrf_token": token})

    db.session.rollback()
    assert letter.state == "sent"


def test_every_page_warns_of_letters_that_do_not_arrive(staff_client: CheckedClient, app: Flask, clock: Clock) -> None:
    make.house()
    request = make.booking(make.room(), "2027-01-06T16:00")
    assert "Zum Ausgang" not in staff_client.get("/team").text

    put(request, clock, state="failed", error="550 No")
    put(request, clock)
    clock.set("2026-11-30T11:05")

    page = text(parse(staff_client.get("/team").text)[0])
    assert "1 Mail kam nicht an. Mails warten seit mehr als einer Stunde. Zum Ausgang" in page
    assert "Ausgang (2)" in page


def test_outbox_has_pages(staff_client: CheckedClient, app: Flask, clock: Clock) -> None:
    make.house()
    for _ in range(31):
        put(None, clock, state="sent", sent_at=clock.now)

    first, second = (staff_client.get(f"/team/ausgang?page={number}").text for number in (1, 2))

    assert [len(tables(page)["Gesendet"]) for page in (first, second)] == [30, 1]
    assert "/team/ausgang?page=2" in first


def test_outbox_of_a_new_house_is_empty(staff_client: CheckedClient, app: Flask) -> None:
    make.house()

    assert "Noch keine Mail." in staff_client.get("/team/ausgang").text


def test_erased_contact_is_not_shown(staff_client: CheckedClient, app: Flask, clock: Clock) -> None:
    make.house()
    request = make.booking(make.room(), "2027-01-06T16:00", reference="IO-26-0142")
    letter = put(request, clock, state="sent", sent_at=clock.now)
    with transaction():
        contact = db.session.get_one(Booking, request.id).contact
        contact.name = contact.email = contact.phone = None

    for path in ("/team/ausgang", f"/team/ausgang/{letter.id}", "/team/anfragen/IO-26-0142"):
        page = staff_client.get(path).text
        assert "gelöscht" in page
        assert "None" not in page


def test_outbox_says_since_when_the_mail_server_takes_nothing(
    staff_client: CheckedClient, sending: Flask, smtp: MailServer, clock: Clock
) -> None:
    smtp.stop()
    put(None, clock)
    dispatch.deliver_due(clock.now)
    assert "Der Mailserver nimmt seit 30. November, 10:00 Uhr nichts an." in unbroken(staff_client)

    smtp.start()
    clock.set("2026-11-30T10:01")
    dispatch.deliver_due(clock.now)
    assert "Der Mailserver nimmt seit" not in unbroken(staff_client)


def unbroken(client: CheckedClient) -> str:
    return client.get("/team/ausgang").text.replace("\u00a0", " ")


def test_outbox_says_why_a_letter_cannot_leave(staff_client: CheckedClient, app: Flask, clock: Clock) -> None:
    make.house()
    put(None, clock, state="failed", error="452 4.2.2 Mailbox full", attempts=9)
    put(None, clock, state="failed", error="cannot be put together: ValueError")

    page = unbroken(staff_client)

    assert "Der Mailserver hat für dieses Postfach tagelang nichts angenommen. 452 4.2.2 Mailbox full" in page
    assert "Bitte gib der Gruppe auf anderem Weg Bescheid. (cannot be put together: ValueError)" in page


def test_letters_are_found_by_what_stands_on_them_and_by_their_state(engine_app: Flask, clock: Clock) -> None:
    make.house()
    staff_client = CheckedClient(engine_app, use_cookies=True)
    staff_client.sign_in(make.staff())
    room = make.room()
    choir = make.booking(room, "2027-01-06T16:00", group="Chor", reference="IO-26-0001", email="chor@example.org")
    chess = make.booking(room, "2027-01-07T16:00", group="Schach 100%", reference="IO-26-0002")
    sent = make.instant("2026-11-30T09:52")
    put(choir, clock, "Probe zugesagt", state="failed", error="550 5.1.1")
    put(chess, clock, "Turnier zugesagt", state="sent", sent_at=sent)
    put(chess, clock, "Turnier abgesagt", state="stopped")
    put(None, clock, "Neue Anfrage")

    def found(query: str) -> list[str]:
        page = staff_client.get(f"/team/ausgang?{query}").text
        return re.findall(r'href="/team/ausgang/\d+">([^<]+)<', page)

    assert {query: found(query) for query in QUERIES} == QUERIES
    assert "Keine Mail passt dazu." in staff_client.get("/team/ausgang?search=xyz").text


QUERIES = {
    "": ["Probe zugesagt", "Neue Anfrage", "Turnier abgesagt", "Turnier zugesagt"],
    "search=chor": ["Probe zugesagt"],
    "search=TURNIER": ["Turnier abgesagt", "Turnier zugesagt"],
    "search=0002": ["Turnier abgesagt", "Turnier zugesagt"],
    "search=100%25": ["Turnier abgesagt", "Turnier zugesagt"],
    "search=zo%C3%AB": ["Probe zugesagt", "Turnier abgesagt", "Turnier zugesagt"],
    "search=_": [],
    "state=waiting": ["Neue Anfrage"],
    "state=stopped": ["Turnier abgesagt"],
    "state=sent&search=turnier": ["Turnier zugesagt"],
    "state=x": ["Probe zugesagt", "Neue Anfrage", "Turnier abgesagt", "Turnier zugesagt"],
}


def test_letter_that_came_back_goes_to_another_address(
    staff_client: CheckedClient, app: Flask, clock: Clock, smtp: MailServer
) -> None:
    make.house()
    app.config["SMTP_URL"] = smtp.url
    request = make.booking(make.room(), "2027-01-06T16:00", reference="IO-26-0001")
    make.link(request)
    letter = put(request, clock)
    other = put(request, clock, "Erinnerung", send_at=make.instant("2026-12-30T10:00"))
    dispatch.deliver_due(clock.now)
    path = f"/team/ausgang/{letter.id}"

    page = staff_client.submit(path, form=f"{path}/zurueck")
    assert "Sie wurde gesendet und kam zurück" in page.text
    assert "1 Mail kam nicht an." in staff_client.get("/team").text
    page = staff_client.submit(path, {"email": "zoe"}, form=f"{path}/adresse")
    assert (page.status_code, "Trag eine E-Mail-Adresse ein" in page.text) == (422, True)
    page = staff_client.submit(path, {"email": "neu@example.org"}, form=f"{path}/adresse")
    assert "Die Mail geht an neu@example.org" in page.text
    dispatch.deliver_due(clock.now)

    assert [message["To"] for message in smtp.messages] == ["zoe@example.org", "neu@example.org"]
    db.session.expire_all()
    assert (letter.state, other.contact.email, other.state) == ("sent", "neu@example.org", "waiting")
    page = staff_client.get("/team/anfragen/IO-26-0001").text
    assert "E-Mail-Adresse korrigiert" in page
    assert "Mail kam zurück" in page


def test_letter_that_has_not_left_does_not_come_back(staff_client: CheckedClient, app: Flask, clock: Clock) -> None:
    make.house()
    waiting = put(make.booking(make.room(), "2027-01-06T16:00"), clock)
    token = re.search('name="csrf_token" value="([^"]+)"', staff_client.get("/team/konto").text)
    assert token

    staff_client.post(f"/team/ausgang/{waiting.id}/zurueck", data={"csrf_token": token[1]})

    db.session.expire_all()
    assert waiting.state == "waiting"
