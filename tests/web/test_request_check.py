"""Step 4 of a request, and what comes after it: check, send, thanks."""

from datetime import timedelta

import pytest

from booking import links
from booking.database import db, transaction
from booking.domain.status import Status
from booking.models import Booking, Draft, Letter, Link, StaffMember
from tests import make
from tests.support.app import CheckedClient
from tests.support.pages import find_form, parse, text
from tests.support.request_form import ONCE, OUTSIDE, WEEKLY, Asking, date_lines, main_of, mistakes


@pytest.fixture
def at_step_4(asking):
    """Somebody who has only to send what stands there."""
    asking.all_of(ONCE)
    return asking


def bookings():
    return db.session.scalars(db.select(Booking)).all()


def words(response):
    return main_of(response).replace("\u00a0", " ")


def test_page_shows_everything_once_more(at_step_4):
    response = at_step_4.client.get("/anfrage/pruefen")

    assert date_lines(response) == ["Mi, 9. Dezember 2026, 14:00 bis 16:00 Uhr, Werkstatt"]
    assert words(response).count("14:00") == 1
    for said in (
        "Einmal",
        *("Netzwerktreffen", "Gesundheitsladen", "Initiative, Verein oder freie Gruppe", "Wir bereiten Projekte vor."),
        *("Offen für alle", "etwa 8", "Zoë Müller", "zoe@example.org", "Was passiert mit meinen Angaben?"),
    ):
        assert said in words(response)


def test_page_names_the_rooms_of_the_dates_and_not_the_one_that_was_wished_for(asking, house_with_rooms):
    taken = ("2027-01-06T16:00", "2027-01-13T16:00", "2027-01-27T16:00")
    make.booking(house_with_rooms[0], *taken, status=Status.APPROVED, group="Andere")
    asking.when(WEEKLY, until="27.1.2027")
    asking.dates({"for_all": "room"}, button="bulk")
    asking.dates()

    response = asking.about(**OUTSIDE)

    root, _ = parse(response.text)
    (room,) = [text(row) for row in root.iter("div") if [text(term) for term in row.findall("dt")] == ["Raum"]]
    assert room == "RaumWerkstattGroße Fläche: 20. Januar Ändern Raum"


@pytest.mark.parametrize(
    ("typed", "ends"),
    [
        pytest.param({"end": "17:30", "open_end": "yes"}, "2026-12-09T17:30", id="until when the room is needed"),
        pytest.param({"end": "Offenes Ende"}, "2026-12-09T22:00", id="typed in place of a time"),
        pytest.param({"end": "open-end"}, "2026-12-09T22:00", id="typed in English"),
    ],
)
def test_open_end_is_asked_for_and_the_room_is_kept_until_then(asking, typed, ends):
    asking.when({**ONCE, **typed})
    asking.dates()
    page = asking.about(**OUTSIDE)
    asking.send()

    assert "Offenes EndeIm öffentlichen Plan steht nur, wann ihr beginnt." in words(page)
    (booking,) = bookings()
    assert (booking.open_end, booking.occurrences[0].end) == (True, make.instant(ends))


@pytest.mark.parametrize(
    ("typed", "doors", "said"),
    [
        pytest.param({"before": "30", "doors": "yes"}, "2026-12-09T13:30", "In der Zeit davor ist Einlass.", id="yes"),
        pytest.param({"before": "30"}, None, "", id="time before is for setting up"),
        pytest.param({"before": "0", "doors": "yes"}, None, "", id="no time before"),
    ],
)
def test_time_before_can_be_when_guests_come_in(asking, typed, doors, said):
    page = asking.when({**ONCE, **typed}) and asking.dates() and asking.about()
    assert ("In der Zeit davor ist Einlass." in words(page)) is bool(said)

    asking.send()

    booking = bookings()[0]
    opened = make.instant(doors) if doors else None
    assert (booking.doors_open, [date.doors for date in booking.occurrences]) == (bool(doors), [opened])


def test_every_answer_can_be_changed(at_step_4):
    root, _ = parse(at_step_4.client.get("/anfrage/pruefen").text)
    places = {link.get("href") for link in root.iter("a") if link.get("class") == "act"}

    for place in places - {"/hausordnung"}:
        path, _, anchor = place.partition("#")
        assert f'id="{anchor}"' in at_step_4.client.get(path).text


def test_sent_request_is_stored_with_its_letters(at_step_4):
    response = at_step_4.send()

    booking = bookings()[0]
    assert response.request.path == "/anfrage/danke"
    assert f"Eure Vorgangsnummer: {booking.reference}" in words(response)
    assert "Wir haben eine E-Mail an zoe@example.org geschickt." in words(response)
    assert [date.status for date in booking.occurrences] == [Status.REQUESTED]
    assert (booking.title, booking.people, booking.language) == ("Netzwerktreffen", 8, "de")
    assert [letter.kind for letter in db.session.scalars(db.select(Letter).order_by(Letter.id))] == [
        "requested",
        "new_request",
    ]


def test_new_request_is_mailed_to_those_of_the_team_who_want_it_too(at_step_4):
    wants, others = make.staff("Henrike"), [make.staff("Jonas"), make.staff("Gone")]
    with transaction():
        for member in (wants, others[1]):
            db.session.get_one(StaffMember, member.id).hears_of_requests = True
        db.session.get_one(StaffMember, others[1].id).active = False

    at_step_4.send()

    letters = db.session.scalars(db.select(Letter).where(Letter.kind == "new_request").order_by(Letter.id)).all()
    assert [letter.staff_member_id for letter in letters] == [wants.id, None]
    assert letters[0].body == letters[1].body


def test_request_is_stored_on_both_databases(engine_app):
    make.house()
    make.rooms()
    asking = Asking(CheckedClient(engine_app, use_cookies=True))
    title = "Größe zählt: Füße & Ökologie – „Über-Mut“ 🌱 <b>x</b>"

    asking.all_of(ONCE, title=f"{title}\0")
    asking.send()

    assert [booking.title for booking in bookings()] == [title]


def test_house_rules_must_be_agreed_to(at_step_4):
    response = at_step_4.client.submit("/anfrage/pruefen", {}, form="request")

    assert mistakes(response) == [("rules", "Bitte bestätigt, dass ihr die Hausordnung gelesen habt.")]
    assert bookings() == []


def test_request_is_stored_once_however_often_it_is_sent(at_step_4):
    page = at_step_4.client.get("/anfrage/pruefen")
    form = find_form(page.text, "request").filled({"rules": "yes"}, "")

    first = at_step_4.client.post("/anfrage/pruefen", data=form.data, follow_redirects=True)
    second = at_step_4.client.post("/anfrage/pruefen", data=form.data, follow_redirects=True)

    assert "Danke, eure Anfrage ist da!" in words(first)
    assert "Diese Anfrage haben wir schon bekommen. Hier ist der Stand:" in words(second)
    assert len(bookings()) == 1
    assert len(db.session.scalars(db.select(Letter)).all()) == 2


def test_thanks_can_be_reloaded_and_belong_to_one_browser(at_step_4, new_client):
    at_step_4.send()

    again = at_step_4.client.get("/anfrage/danke")
    elsewhere = new_client().get("/anfrage/danke", follow_redirects=True)

    assert bookings()[0].reference in again.text
    assert elsewhere.request.path == "/anfrage"


def test_thanks_show_the_state_and_lead_to_no_page_that_can_do_more(at_step_4):
    """Whoever has sent the form has not proved that the mailbox is theirs: the key stands in the letter alone."""
    at_step_4.send()
    again = at_step_4.open("/anfrage/pruefen")
    again = at_step_4.client.get(again.location)

    keys = [links.token(link) for link in db.session.scalars(db.select(Link))]
    assert len(keys) == 2
    assert [key for key in keys if key in again.text] == []
    assert {"/a/", "/k/"} & {link.get("href")[:3] for link in parse(again.text)[0].iter("a")} == set()
    assert "14:00 bis 16:00 Uhr, Werkstatt wird geprüft" in words(again)


def test_next_request_begins_empty_and_is_one_of_its_own(at_step_4):
    at_step_4.send()

    assert 'value="9.12.2026"' not in at_step_4.client.get("/anfrage").text
    at_step_4.draft = ""
    at_step_4.all_of({**ONCE, "date": "10.12.2026"}, title="Zweites Treffen")
    at_step_4.send()
    assert [booking.title for booking in bookings()] == ["Netzwerktreffen", "Zweites Treffen"]


@pytest.mark.parametrize("step", ["", "/termine", "/ueber-euch", "/pruefen"])
def test_step_of_a_sent_request_that_still_lies_open_changes_nothing_any_more(at_step_4, step):
    page = at_step_4.open(f"/anfrage{step}")
    form = find_form(page.text, "request").filled({}, "")
    form.data["title"] = "Ganz anders"
    at_step_4.send()

    response = at_step_4.client.post(form.target, data=form.data, follow_redirects=True)

    assert "Diese Anfrage haben wir schon bekommen." in words(response)
    assert [booking.title for booking in bookings()] == ["Netzwerktreffen"]


@pytest.mark.parametrize("step", ["", "/termine", "/ueber-euch", "/pruefen"])
def test_back_after_sending_says_that_all_was_sent_and_what_becomes_of_it(at_step_4, step):
    at_step_4.send()

    response = at_step_4.client.get(at_step_4.address(f"/anfrage{step}"), follow_redirects=True)

    assert response.request.path == "/anfrage/danke"
    assert "Das habt ihr schon geschickt. Hier ist der Stand:" in words(response)
    assert bookings()[0].reference in words(response)


def test_date_that_is_taken_before_the_last_look_is_named(asking, house_with_rooms):
    asking.all_of(ONCE)
    make.booking(house_with_rooms[1], "2026-12-09T14:00", status=Status.APPROVED)

    response = asking.client.get("/anfrage/pruefen", follow_redirects=True)

    assert response.request.path == "/anfrage/termine"
    assert "Während du geschrieben hast, ist dieser Termin vergeben worden: Mittwoch, 9. Dezember." in words(response)


def test_taken_date_leads_back_from_sending(asking, house_with_rooms):
    asking.all_of(WEEKLY, way_in="have", onsite_name="Zoë", onsite_phone="0170 1234567")
    page = asking.client.get("/anfrage/pruefen")
    form = find_form(page.text, "request").filled({"rules": "yes"}, "")
    make.booking(house_with_rooms[0], "2027-04-14T17:00", status=Status.APPROVED)

    response = asking.client.post("/anfrage/pruefen", data=form.data, follow_redirects=True)
    solved = asking.dates({"d-2027-04-14": "skip"})
    check = asking.client.get("/anfrage/pruefen")

    assert response.request.path == "/anfrage/termine"
    assert mistakes(response) == [
        (
            "d-2027-04-14-0",
            "Während du geschrieben hast, ist dieser Termin vergeben worden: Mittwoch, 14. April."
            " Deine anderen Angaben sind noch da.",
        )
    ]
    assert solved.request.path == "/anfrage/pruefen"
    assert len(date_lines(check)) == 25
    assert asking.send().request.path == "/anfrage/danke"


def test_change_in_another_window_is_shown_before_anything_is_sent(at_step_4):
    page = at_step_4.client.get("/anfrage/pruefen")
    form = find_form(page.text, "request").filled({"rules": "yes"}, "")
    at_step_4.about(title="Anderer Titel")

    response = at_step_4.client.post("/anfrage/pruefen", data=form.data, follow_redirects=True)

    assert mistakes(response) == [
        ("everything", "In einem anderen Fenster hat sich etwas geändert. Bitte schau alles noch einmal durch.")
    ]
    assert ("Anderer Titel" in response.text, bookings()) == (True, [])


def test_machine_that_fills_in_everything_is_asked_once_more_and_a_person_gets_through(at_step_4):
    response = at_step_4.send(leave_empty="https://spam.example")
    pushed = at_step_4.send(leave_empty="https://spam.example")
    stored = bookings()
    form = find_form(response.text, "request").filled({}, "")
    again = at_step_4.client.post("/anfrage/pruefen", data=form.data, follow_redirects=True)

    sentence = (
        "Das sieht aus, als hätte es ein Programm ausgefüllt. Bist du ein Mensch?"
        " Dann schick die Anfrage bitte noch einmal ab, sie wird von Hand geprüft."
    )
    assert (mistakes(response), mistakes(pushed), stored) == ([("send", sentence)], [("send", sentence)], [])
    assert (again.request.path, len(bookings())) == ("/anfrage/danke", 1)


def test_request_that_comes_too_quickly_is_sent_again(at_step_4, app, clock):
    page = at_step_4.client.get("/anfrage/pruefen")
    form = find_form(page.text, "request").filled({"rules": "yes"}, "")
    begun = db.session.scalars(db.select(Draft)).one().created_at.astimezone(make.ZONE)
    app.config["RATE_LIMITS"] = "on"

    clock.set(f"{begun:%Y-%m-%dT%H:%M:%S}")
    too_quick = at_step_4.client.post("/anfrage/pruefen", data=form.data, follow_redirects=True)
    clock.set(f"{begun + timedelta(seconds=3):%Y-%m-%dT%H:%M:%S}")
    later = at_step_4.client.post("/anfrage/pruefen", data=form.data, follow_redirects=True)

    assert mistakes(too_quick) == [("send", "Das ging sehr schnell. Bitte schick die Anfrage noch einmal ab.")]
    assert later.request.path == "/anfrage/danke"


def test_slip_in_a_mail_address_is_noticed_and_not_corrected(asking):
    response = asking.all_of(ONCE, email="zoe@gmial.com")

    assert "Meintest du zoe@gmail.com?" in words(response)


def test_address_that_was_probably_meant_is_taken_with_one_press(asking):
    asking.all_of(ONCE, email="zoe@gmial.com")

    page = asking.sent("/anfrage/pruefen", {"rules": "yes"}, "Diese Adresse nehmen")

    assert "zoe@gmail.com" in words(page)
    assert ("Meintest du" in words(page), bookings()) == (False, [])
    asking.send()
    assert bookings()[0].contact.email == "zoe@gmail.com"


def test_no_other_address_is_taken_by_that_press(at_step_4):
    form = find_form(at_step_4.open("/anfrage/pruefen").text, "request").filled({}, "")

    at_step_4.client.post(form.target, data={**form.data, "email": "mallory@example.org"})

    assert "zoe@example.org" in words(at_step_4.open("/anfrage/pruefen"))


def test_request_without_its_token_is_not_sent(at_step_4):
    response = at_step_4.client.post("/anfrage/pruefen", data={"rules": "yes"})

    assert (response.status_code, bookings()) == (400, [])
    assert "Du hast länger Pause gemacht. Deine Eingaben sind noch da, schau sie kurz durch." in words(response)


def test_english_request_is_answered_in_english(house_with_rooms, checked_client):
    checked_client.submit("/en/anfrage", ONCE, form="request")
    checked_client.submit("/en/anfrage/termine", form="request")
    about = {"title": "Meeting", "group": "Group", "kind": "other", "purpose": "Talk", "is_open": "no"}
    checked_client.submit(
        "/en/anfrage/ueber-euch", {**about, "name": "Zoë", "email": "zoe@example.org"}, form="request"
    )
    response = checked_client.submit("/en/anfrage/pruefen", {"rules": "yes"}, form="request")

    assert "Thank you, we’ve got your request!" in words(response)
    assert bookings()[0].language == "en"


@pytest.mark.parametrize("step", ["", "/termine", "/ueber-euch", "/pruefen"])
def test_nothing_goes_on_without_its_token_and_without_a_draft(asking, step):
    response = asking.client.post(f"/anfrage{step}", data=ONCE)

    assert response.status_code == 400
    assert db.session.scalars(db.select(Draft)).all() == []
