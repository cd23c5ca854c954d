"""A second person, a successor, details, a new request with the same answers, and being forgotten, page by page."""

import pytest
import sqlalchemy as sa

from booking import links, sharing
from booking.database import db, transaction
from booking.domain.recurrence import Frequency, RecurrenceRule
from booking.domain.status import Status
from booking.models import Booking, Contact, Draft, KeyLoan, Letter
from tests import make
from tests.support.pages import parse
from tests.support.request_form import ONCE, Asking, beside, date_lines, main_of, mistakes, value_of

ALI = {"name": "Ali Yıldız", "email": "ali@example.org"}


@pytest.fixture
def booking(house_with_rooms):
    """Two Wednesdays at the hall, approved; one under review."""
    booking = make.booking(
        house_with_rooms[0], "2027-01-06T16:00", "2027-01-13T16:00", "2027-01-20T16:00", title="Netzwerktreffen"
    )
    with transaction():
        booking.occurrences[0].status = booking.occurrences[1].status = Status.APPROVED
        booking.way_in = "have"
        booking.contact.onsite_name, booking.contact.onsite_phone = "Zoë Müller", "0170 1234567"
    return booking


@pytest.fixture
def address(booking):
    return f"/a/{links.token(make.link(booking))}"


@pytest.fixture
def second(booking, clock):
    """The address of a second person."""
    sharing.share(booking, *ALI.values(), clock.now)
    return address_of(booking, sharing.seconds(booking)[0])


def address_of(booking, contact, purpose="page"):
    db.session.expire_all()
    folder = "a" if purpose == "page" else "uebergabe"
    return f"/{folder}/{links.token(links.current(booking, contact, purpose))}"


def words(response):
    return main_of(response).replace("\u00a0", " ")


def kinds():
    return [letter.kind for letter in db.session.scalars(db.select(Letter).order_by(Letter.id))]


def post(client, path, page, **data):
    """Send what no form would, with the token of a page."""
    token = parse(client.get(page).text)[0].find(".//input[@name='csrf_token']").get("value")
    return client.post(path, data={"csrf_token": token, **data})


#: What cannot be a name or an address, and the sentence beside its field.
BAD_PEOPLE = [
    pytest.param({"name": ""}, ("name", "Trag den Namen der Person ein."), id="no name"),
    pytest.param({"name": "Ali\nBcc: x"}, ("name", "Bitte schreib das in eine Zeile."), id="name of two lines"),
    pytest.param(
        {"name": "a" * 10_000}, ("name", "Das sind 10000 Zeichen. Bitte kürzt es auf höchstens 80."), id="long name"
    ),
    pytest.param(
        {"email": "a@x.example, b@x.example"}, ("email", "Bitte trag nur eine Adresse ein."), id="two addresses"
    ),
    pytest.param({"email": "ali@x.example\r\nCc: b"}, ("email", "Bitte schreib das in eine Zeile."), id="line break"),
    pytest.param(
        {"email": "b" * 10_000},
        ("email", "Das sind 10000 Zeichen. Bitte kürzt es auf höchstens 254."),
        id="long address",
    ),
    pytest.param(
        {"email": "ali"}, ("email", "Trag eine E-Mail-Adresse ein, zum Beispiel name@beispiel.de."), id="no address"
    ),
]


# ---- a second person


def test_second_person_gets_a_link_and_is_listed(checked_client, address):
    response = checked_client.submit(f"{address}/vertretung", ALI, form="form")

    assert "Wir haben Ali Yıldız einen Link geschickt." in words(response)
    assert "Wer einen Link hat Duzoe@example.org Ali Yıldızali@example.org" in words(response)
    assert kinds() == ["link_for_second"]


@pytest.mark.parametrize(("typed", "mistake"), BAD_PEOPLE)
@pytest.mark.parametrize("page", ["vertretung", "uebergeben"])
def test_who_cannot_be_written_to_gets_nothing(checked_client, address, page, typed, mistake):
    response = post(checked_client, f"{address}/{page}", f"{address}/{page}", **{**ALI, **typed})

    assert (response.status_code, mistakes(response)) == (422, [mistake])
    assert beside(response, mistake[0]) == mistake[1]
    assert kinds() == []


def test_own_address_has_a_link_already(checked_client, address):
    response = checked_client.submit(f"{address}/vertretung", {**ALI, "email": "Zoe@example.org"}, form="form")

    assert mistakes(response) == [("email", "Diese Adresse hat schon einen Link.")]


def test_three_people_are_enough(checked_client, booking, address, clock):
    for number in range(3):
        sharing.share(booking, "Ali", f"ali{number}@example.org", clock.now)

    response = checked_client.get(f"{address}/vertretung")
    pushed = post(checked_client, f"{address}/vertretung", f"{address}/vertretung", **ALI)

    assert "3 weitere Personen haben einen Link, mehr geht nicht." in words(response)
    assert mistakes(pushed) == [("others", "Drei weitere Personen haben schon einen Link. Nimm erst einen wieder weg.")]


def test_link_is_taken_away_again(checked_client, address, second, booking):
    response = checked_client.submit(f"{address}/vertretung", form="take-back-1")

    assert "Der Link gilt nicht mehr, Name und Adresse sind gelöscht." in words(response)
    assert "ali@example.org" not in response.text
    assert checked_client.get(second).status_code == 410


@pytest.mark.parametrize("person", ["x", "0", "9" * 30, "²", ""])
def test_nobody_is_no_person_to_take_a_link_from(checked_client, address, second, person):
    response = post(checked_client, f"{address}/vertretung/wegnehmen", f"{address}/vertretung", person=person)

    assert response.status_code == 303
    assert checked_client.get(second).status_code == 200


def test_second_person_sees_the_dates_but_neither_shares_nor_hands_over(checked_client, second):
    page = checked_client.get(second)
    places = ("vertretung", "uebergeben")

    assert "Link an Vertretung weitergeben" not in words(page)
    assert [checked_client.get(f"{second}/{place}").status_code for place in places] == [404, 404]
    assert [post(checked_client, f"{second}/{place}", second, **ALI).status_code for place in places] == [404, 404]
    assert post(checked_client, f"{second}/uebergeben/abbrechen", second).status_code == 404
    assert post(checked_client, f"{second}/vertretung/wegnehmen", second, person="1").status_code == 404


def test_second_person_cancels_a_date(checked_client, second, booking):
    checked_client.submit(f"{second}/absagen?date={booking.occurrences[0].id}", form="question")

    db.session.refresh(booking)
    assert booking.occurrences[0].status is Status.CANCELLED


# ---- a successor


def test_handover_is_begun_shown_and_called_off(checked_client, address, booking):
    begun = checked_client.submit(f"{address}/uebergeben", ALI, form="form")
    called_off = checked_client.submit(address, form="call-off")

    assert "Wir haben euch beiden geschrieben." in words(begun)
    assert "Du übergibst diese Anfrage an Ali Yıldız." in words(begun)
    assert "Die Übergabe ist abgebrochen." in words(called_off)
    assert "Du übergibst" not in words(called_off)
    assert kinds() == ["handover_give", "handover_take"]


def test_handover_to_the_same_address_is_none(checked_client, address):
    response = checked_client.submit(f"{address}/uebergeben", {**ALI, "email": "zoe@example.org"}, form="form")

    assert mistakes(response) == [("email", "Das ist die Adresse, die jetzt gilt.")]


@pytest.fixture
def both(booking, address, clock):
    """The pages on which the present and the new person are asked."""
    sharing.hand_over(booking, *ALI.values(), clock.now)
    handover = sharing.open_handover(booking, clock.now)
    return [address_of(booking, each, "handover") for each in (handover.former_contact, handover.contact)]


def test_both_are_asked_what_it_means(checked_client, both):
    giver, taker = [words(checked_client.get(place)) for place in both]

    assert "Möchtest du diese Anfrage übergeben?" in giver
    assert "Ali Yıldız kümmert sich dann darum und bekommt einen eigenen Link." in giver
    assert "Möchtest du diese Anfrage übernehmen?" in taker
    assert "Zoë Müller möchte dir diese Anfrage übergeben." in taker


def test_looking_says_yes_to_nothing(client, both, booking, clock):
    for place in (*both, *both):
        assert (client.get(place).status_code, client.head(place).status_code) == (200, 200)

    handover = sharing.open_handover(booking, clock.now)
    assert (handover.given_at, handover.taken_at) == (None, None)


def test_two_yes_hand_the_request_over(checked_client, both, booking, address):
    first = checked_client.submit(both[1], form="form", button="Ja, übernehmen")
    status = checked_client.get(address)
    second = checked_client.submit(both[0], form="form", button="Ja, übergeben")

    assert "Jetzt fehlt nur noch das Ja von Zoë Müller." in words(first)
    assert "Es fehlt nur noch dein Ja" in words(status)
    assert "Die Übergabe ist fertig" in words(second)
    assert "Die Übergabe ist fertig" in words(checked_client.get(both[1]))
    db.session.refresh(booking)
    assert booking.contact.email == "ali@example.org"
    assert checked_client.get(address).status_code == 410
    assert checked_client.get(address_of(booking, booking.contact)).status_code == 200


@pytest.mark.parametrize("who", [0, 1])
def test_one_no_ends_it(checked_client, both, booking, who):
    response = checked_client.submit(both[who], form="form", button="Nein, lieber nicht")

    assert (response.status_code, "Diese Übergabe ist nicht mehr offen" in words(response)) == (410, True)
    assert checked_client.get(both[1 - who]).status_code == 410
    db.session.refresh(booking)
    assert booking.contact.email == "zoe@example.org"


def test_handover_runs_out(checked_client, both, clock):
    clock.set("2026-12-15T10:00")

    assert [checked_client.get(place).status_code for place in both] == [410, 410]


def test_links_of_one_kind_open_nothing_of_the_other(checked_client, both, address):
    swapped = [both[0].replace("/uebergabe/", "/a/"), address.replace("/a/", "/uebergabe/")]

    assert [checked_client.get(place).status_code for place in swapped] == [404, 404]
    assert post(checked_client, swapped[1], address, answer="yes").status_code == 404


# ---- details


def change(client, address, **values):
    return client.submit(f"{address}/angaben", values, form="form")


def test_details_are_filled_in_and_saved(checked_client, address, booking):
    page = checked_client.get(f"{address}/angaben")
    response = change(checked_client, address, people="25", name="Zoë Özdemir", phone="0521 99")

    assert [value_of(page, name) for name in ("title", "people", "name", "phone", "onsite_phone")] == [
        "Netzwerktreffen",
        "15",
        "Zoë Müller",
        "0521 123456",
        "0170 1234567",
    ]
    assert "Deine Angaben sind gespeichert." in words(response)
    db.session.refresh(booking)
    assert (booking.people, booking.contact.name, booking.contact.phone) == (25, "Zoë Özdemir", "0521 99")


def test_new_title_of_a_public_meeting_is_looked_at_first(checked_client, address, booking):
    response = change(checked_client, address, title="Großes Treffen")
    page = checked_client.get(f"{address}/angaben")

    assert "Den neuen Titel schauen wir uns erst an" in words(response)
    assert "Ihr wünscht euch den Titel „Großes Treffen“." in words(response)
    assert value_of(page, "title") == "Großes Treffen"
    db.session.refresh(booking)
    assert booking.title == "Netzwerktreffen"


@pytest.mark.parametrize(
    ("typed", "mistake"),
    [
        ({"title": ""}, ("title", "Gebt eurem Treffen einen Namen.")),
        ({"title": "a" * 81}, ("title", "Das sind 81 Zeichen. Bitte kürzt es auf höchstens 80.")),
        ({"title": "a\nb"}, ("title", "Bitte schreib das in eine Zeile.")),
        ({"people": "viele"}, ("people", "Trag eine Zahl ein, zum Beispiel 12.")),
        ({"people": "10000"}, ("people", "Trag eine Zahl ein, zum Beispiel 12.")),
        ({"is_open": "vielleicht"}, ("is_open-yes", "Wählt aus, wer kommen darf.")),
        ({"url": "javascript:alert(1)"}, ("url", "Gib eine Adresse an, die mit https:// beginnt.")),
        ({"name": " "}, ("name", "Schreib uns, wie du heißt.")),
        ({"phone": "ruf mich an"}, ("phone", "Trag eine Telefonnummer ein, zum Beispiel 0521 123456.")),
        ({"way_in": ""}, ("way_in-have", "Wählt aus, wie ihr ins Haus kommt.")),
        (
            {"onsite_phone": ""},
            ("onsite_phone", "Trag eine Handynummer ein, unter der wir an dem Abend jemanden erreichen."),
        ),
    ],
)
def test_details_that_cannot_be_are_asked_for_again(checked_client, address, booking, typed, mistake):
    before = booking.version
    response = post_details(checked_client, address, typed)

    assert (response.status_code, [control for control, _ in mistakes(response)]) == (422, [mistake[0]])
    db.session.refresh(booking)
    assert booking.version == before


def post_details(client, address, typed):
    values = {
        "title": "Netzwerktreffen",
        "people": "15",
        "is_open": "yes",
        "way_in": "have",
        "onsite_name": "Zoë",
        "onsite_phone": "0170 1234567",
        "name": "Zoë",
    }
    return post(client, f"{address}/angaben", f"{address}/angaben", **{**values, **typed})


def test_way_in_is_not_asked_for_when_the_house_is_open(checked_client, house_with_rooms):
    booking = make.booking(house_with_rooms[0], "2027-01-06T10:00")
    address = f"/a/{links.token(make.link(booking))}"

    page = checked_client.get(f"{address}/angaben")

    assert "Wie kommt ihr ins Haus?" not in words(page)
    assert "Deine Angaben sind gespeichert." in words(change(checked_client, address, people="9"))


def test_closed_group_is_told_how_to_become_open(checked_client, address, booking):
    with transaction():
        booking.is_open = False

    page = checked_client.get(f"{address}/angaben")
    post_details(checked_client, address, {"is_open": "yes"})

    assert "Wenn ab jetzt alle kommen dürfen, schreib uns bitte." in words(page)
    db.session.refresh(booking)
    assert booking.is_open is False


def test_booking_of_the_office_has_details_but_nobody_to_forget(checked_client, booking):
    with transaction():
        booking.contact = None
    address = f"/a/{links.token(make.link(booking))}"

    assert "Meine Daten löschen" not in words(checked_client.get(address))
    assert change(checked_client, address, people="9").request.path == address
    assert checked_client.get(f"{address}/daten-loeschen").status_code == 404


# ---- being forgotten


def test_erasing_says_what_happens_and_wants_a_tick(checked_client, address, booking):
    page = checked_client.get(f"{address}/daten-loeschen")
    response = checked_client.submit(f"{address}/daten-loeschen", form="form")

    assert "Eure 2 zugesagten Termine fallen aus, weil wir niemanden mehr erreichen könnten." in words(page)
    assert "Der Termin, der noch geprüft wird, wird zurückgezogen." in words(page)
    assert "Es bleiben der Name eurer Gruppe und die vergangenen Termine" in words(page)
    assert mistakes(response) == [("sure", "Setz das Häkchen, wenn du deine Daten löschen möchtest.")]
    assert db.session.get(Booking, booking.id).contact.email == "zoe@example.org"


def test_erased_person_ends_on_a_page_without_link(checked_client, address, second, booking):
    response = checked_client.submit(f"{address}/daten-loeschen", {"sure": "yes"}, form="form")

    assert (response.request.path, response.status_code) == ("/daten-geloescht", 200)
    assert [checked_client.get(place).status_code for place in (address, second)] == [410, 410]
    assert "Er öffnet diese Anfrage nicht mehr." in words(checked_client.get(address))
    tables = db.metadata.sorted_tables
    rows = [str(tuple(row)) for table in tables for row in db.session.execute(sa.select(table))]
    assert [row for row in rows if "@example.org" in row] == []


def test_second_person_erases_only_themselves(checked_client, address, second, booking):
    page = checked_client.get(f"{second}/daten-loeschen")
    checked_client.submit(f"{second}/daten-loeschen", {"sure": "yes"}, form="form")

    assert "Die Termine eurer Gruppe bleiben, wie sie sind." in words(page)
    assert [checked_client.get(place).status_code for place in (address, second)] == [200, 410]
    assert {contact.email for contact in db.session.scalars(db.select(Contact))} == {"zoe@example.org", None}


def test_key_has_to_come_back_first(checked_client, address, booking, clock):
    with transaction():
        db.session.add(KeyLoan(booking=booking, number="3", handed_out_at=clock.now))

    page = checked_client.get(f"{address}/daten-loeschen")
    pushed = post(checked_client, f"{address}/daten-loeschen", f"{address}/vertretung", sure="yes")

    assert "Ihr habt noch einen Schlüssel von uns (3)." in words(page)
    assert pushed.location == f"{address}/daten-loeschen"
    assert db.session.get(Booking, booking.id).contact.email == "zoe@example.org"


# ---- a new request with the same answers


def test_new_request_begins_with_the_old_answers(checked_client, address, booking):
    step_1 = checked_client.submit(address, form="again")
    asked = checked_client.submit("/anfrage", {"date": "3.2.2027"}, form="request")
    check = checked_client.submit("/anfrage/termine", form="request")

    assert (step_1.request.path, value_of(step_1, "date"), value_of(step_1, "start")) == ("/anfrage", "", "16:00")
    assert asked.request.path == "/anfrage/termine"
    assert (check.request.path, check.status_code) == ("/anfrage/pruefen", 200)
    for said in ("Netzwerktreffen", "Gesundes Städte-Netzwerk", "zoe@example.org", "0170 1234567", "Große Fläche"):
        assert said in words(check)


@pytest.fixture
def second_tuesdays(house_with_rooms):
    rule = RecurrenceRule(
        start=make.instant("2027-01-12T12:00").date(), freq=Frequency.MONTHLY, ordinals=(2,), weekdays=(1,), count=3
    )
    days = ("2027-01-12T19:00", "2027-02-09T19:00", "2027-03-09T19:00")
    return make.booking(house_with_rooms[1], *days, rule=rule, before_minutes=30, equipment=["Screen", "Flipchart"])


def test_rhythm_comes_along(checked_client, second_tuesdays):
    address = f"/a/{links.token(make.link(second_tuesdays))}"

    checked_client.submit(address, form="again")

    stored = db.session.scalars(db.select(Draft)).one().data
    names = ("rhythm", "start", "end", "before", "until_kind", "count", "room", "people", "date")
    assert {name: stored["when"][name] for name in names} == {
        "rhythm": ["month"],
        "start": ["19:00"],
        "end": ["21:00"],
        "before": ["30"],
        "until_kind": ["count"],
        "count": ["3"],
        "room": ["werkstatt"],
        "people": ["15"],
        "date": [],
    }
    assert (stored["about"]["equipment"], stored["about"]["equipment_other"]) == (["Screen"], ["Flipchart"])


@pytest.mark.parametrize(
    ("rule", "rhythm"),
    [
        ({"freq": Frequency.WEEKLY}, "week"),
        ({"freq": Frequency.WEEKLY, "interval": 2}, "two_weeks"),
        ({"freq": Frequency.WEEKLY, "weekdays": (1, 3)}, "weekdays"),
        ({"freq": Frequency.MONTHLY, "ordinals": (1, 3), "weekdays": (1,)}, "ordinals"),
        ({"freq": Frequency.SINGLE}, "once"),
    ],
)
def test_each_rhythm_is_found_again(checked_client, house_with_rooms, rule, rhythm):
    start = make.instant("2027-01-05T12:00").date()
    booking = make.booking(house_with_rooms[0], "2027-01-05T10:00", rule=RecurrenceRule(start=start, count=3, **rule))

    page = checked_client.submit(f"/a/{links.token(make.link(booking))}", form="again")

    chosen = [
        each.get("value")
        for each in parse(page.text)[0].iter("input")
        if each.get("name") == "rhythm" and "checked" in each.attrib
    ]
    assert chosen == [rhythm]


def test_second_person_asks_again_under_their_own_name(checked_client, second):
    checked_client.submit(second, form="again")

    about = db.session.scalars(db.select(Draft)).one().data["about"]
    assert (about["name"], about["email"]) == ([ALI["name"]], [ALI["email"]])


def test_names_of_groups_bring_nothing_along(checked_client, booking):
    asking = Asking(checked_client)
    asking.when(ONCE)
    asking.dates()

    page = asking.about(group="Gesundes Städte-Netzwerk", title=None, name=None)

    assert "0170 1234567" not in page.text
    assert "Zoë" not in words(page)


@pytest.mark.parametrize(
    ("method", "place"),
    [
        ("get", "angaben"),
        ("post", "angaben"),
        ("get", "vertretung"),
        ("post", "vertretung"),
        ("post", "vertretung/wegnehmen"),
        ("get", "uebergeben"),
        ("post", "uebergeben"),
        ("post", "uebergeben/abbrechen"),
        ("get", "daten-loeschen"),
        ("post", "daten-loeschen"),
        ("post", "neue-anfrage"),
    ],
)
def test_pages_of_others_do_not_exist(checked_client, address, method, place):
    unknown = f"/a/{'A' * 43}/{place}"

    response = checked_client.get(unknown) if method == "get" else post(checked_client, unknown, address)

    assert response.status_code == 404


@pytest.mark.parametrize("place", ["angaben", "vertretung", "uebergeben", "daten-loeschen", "neue-anfrage"])
def test_nothing_happens_without_a_token_of_the_form(checked_client, address, booking, place):
    before = booking.version

    assert checked_client.post(f"{address}/{place}", data={**ALI, "sure": "yes"}).status_code == 400
    db.session.refresh(booking)
    assert (booking.version, kinds(), db.session.scalars(db.select(Draft)).all()) == (before, [], [])


def test_check_page_lists_the_new_dates(checked_client, second_tuesdays):
    checked_client.submit(f"/a/{links.token(make.link(second_tuesdays))}", form="again")
    checked_client.submit("/anfrage", {"date": "13.4.2027"}, form="request")
    checked_client.submit("/anfrage/termine", form="request", button="Weiter")
    outside = {"way_in": "have", "onsite_name": "Zoë", "onsite_phone": "0170 1234567"}

    check = checked_client.submit("/anfrage/ueber-euch", outside, form="request")

    assert date_lines(check) == [
        f"Di, {day} 2027, 19:00 bis 21:00 Uhr, Werkstatt" for day in ("13. April", "11. Mai", "8. Juni")
    ]
