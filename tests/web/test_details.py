"""What a group told about itself and its meeting, changed by itself."""

from booking import links
from booking.database import db, transaction
from tests import make
from tests.support.group_page import post, words
from tests.support.request_form import mistakes, value_of


def change(client, address, **values):
    return client.submit(f"{address}/angaben", values, form="form")


def test_details_are_filled_in_and_saved(checked_client, address, approved):
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
    db.session.refresh(approved)
    assert (approved.people, approved.contact.name, approved.contact.phone) == (25, "Zoë Özdemir", "0521 99")


def test_more_people_than_seats_are_said_where_they_are_typed(checked_client, address, approved):
    response = change(checked_client, address, people="61")

    said = "Deine Angaben sind gespeichert. Große Fläche hat Platz für 60 Personen, ihr seid etwa 61."
    assert said in words(response)


def test_new_title_of_a_public_meeting_is_looked_at_first(checked_client, address, approved):
    response = change(checked_client, address, title="Großes Treffen")
    page = checked_client.get(f"{address}/angaben")

    assert "Den neuen Titel schauen wir uns erst an" in words(response)
    assert "Ihr wünscht euch den Titel „Großes Treffen“." in words(response)
    assert value_of(page, "title") == "Großes Treffen"
    db.session.refresh(approved)
    assert approved.title == "Netzwerktreffen"


REFUSED = [
    ({"title": ""}, ("title", "Gebt eurem Treffen einen Namen.")),
    ({"title": "a" * 81}, ("title", "Das sind 81 Zeichen. Bitte kürzt es auf höchstens 80.")),
    ({"title": "a\nb"}, ("title", "Bitte schreib das in eine Zeile.")),
    ({"people": "viele"}, ("people", "Trag eine Zahl ein, zum Beispiel 12.")),
    ({"people": "10000"}, ("people", "Trag eine Zahl ein, zum Beispiel 12.")),
    ({"is_open": "vielleicht"}, ("is_open-yes", "Wählt aus, wer kommen darf.")),
    ({"url": "javascript:alert(1)"}, ("url", "Gib eine Adresse an, die mit https:// beginnt.")),
    ({"name": " "}, ("name", "Schreib uns, wie du heißt.")),
    ({"phone": "ruf mich an"}, ("phone", "Trag eine Telefonnummer ein, zum Beispiel 0123 456789.")),
    ({"way_in": ""}, ("way_in-have", "Wählt aus, wie ihr ins Haus kommt.")),
    (
        {"onsite_phone": ""},
        ("onsite_phone", "Trag eine Handynummer ein, unter der wir an dem Abend jemanden erreichen."),
    ),
]


def test_details_that_cannot_be_are_asked_for_again(checked_client, address, approved):
    before = approved.version
    for typed, mistake in REFUSED:
        response = post_details(checked_client, address, typed)

        assert (response.status_code, [control for control, _ in mistakes(response)]) == (422, [mistake[0]])
    db.session.refresh(approved)
    assert approved.version == before


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


def test_closed_group_is_told_how_to_become_open(checked_client, address, approved):
    with transaction():
        approved.is_open = False

    page = checked_client.get(f"{address}/angaben")
    post_details(checked_client, address, {"is_open": "yes"})

    assert "Wenn ab jetzt alle kommen dürfen, schreib uns bitte." in words(page)
    db.session.refresh(approved)
    assert approved.is_open is False


def test_booking_of_the_office_has_details_but_nobody_to_forget(checked_client, approved):
    with transaction():
        approved.contact = None
    address = f"/a/{links.token(make.link(approved))}"

    assert "Meine Daten löschen" not in words(checked_client.get(address))
    assert change(checked_client, address, people="9").request.path == address
    assert checked_client.get(f"{address}/daten-loeschen").status_code == 404
