"""What a group changes by itself of what it told."""

from booking import changing, deciding
from booking.database import transaction
from booking.domain.status import Status
from booking.house import house
from booking.lifecycle import Place
from booking.sharing import people
from booking.sharing.details import Details, edit
from tests import make
from tests.support.people import ALI, actions, letters


def details(booking, **changes):
    values = {
        "title": booking.title,
        "people": booking.people,
        "is_open": booking.is_open,
        "url": booking.url,
        "reminders": booking.reminders,
        "way_in": booking.way_in,
        "onsite_name": "",
        "onsite_phone": "",
        "name": "Zoë Müller",
        "phone": "0521 123456",
    }
    return Details(**{**values, **changes})


def test_details_hold_at_once(booking, clock):
    changes = {"people": 20, "name": "Zoë Özdemir", "phone": "", "onsite_name": "Ali", "onsite_phone": "0170 1234567"}

    edit(booking, booking.contact, details(booking, **changes, way_in="need", reminders=True), clock.now)

    contact = booking.contact
    assert (booking.people, booking.way_in, booking.reminders, booking.version) == (20, "need", True, 2)
    assert (contact.name, contact.phone, contact.onsite_name, contact.onsite_phone) == (
        "Zoë Özdemir",
        None,
        "Ali",
        "0170 1234567",
    )
    assert letters() == []


def test_new_title_of_a_public_booking_waits_for_the_team(booking, clock):
    version = house().version

    edit(booking, booking.contact, details(booking, title="Großes Treffen"), clock.now)

    assert (booking.title, booking.title_wish, house().version) == ("Netzwerktreffen", "Großes Treffen", version)
    assert actions() == [("edit", "group"), ("ask_title", "group")]


def test_wish_for_a_title_is_taken_back_with_the_old_one(booking, clock):
    edit(booking, booking.contact, details(booking, title="Großes Treffen"), clock.now)

    edit(booking, booking.contact, details(booking, title="Netzwerktreffen"), clock.now)

    assert (booking.title, booking.title_wish) == ("Netzwerktreffen", "")


def test_new_title_of_a_closed_group_holds_at_once_and_calendars_are_told(booking, clock):
    with transaction():
        booking.is_open = False
    version = house().version

    edit(booking, booking.contact, details(booking, title="Selbsthilfe"), clock.now)

    assert (booking.title, booking.title_wish, house().version) == ("Selbsthilfe", "", version + 1)
    assert [each.sequence for each in booking.occurrences] == [1, 1, 0]
    assert [kind for kind, _, _ in letters()] == ["details_changed"]


def test_new_title_before_anything_is_confirmed_holds_at_once(house_with_rooms, clock):
    booking = make.booking(house_with_rooms[0], "2027-01-06T16:00")

    edit(booking, booking.contact, details(booking, title="Anders"), clock.now)

    assert (booking.title, booking.title_wish, letters()) == ("Anders", "", [])


def test_title_that_the_team_has_not_read_does_not_become_public_by_accepting(house_with_rooms, clock):
    hall, workshop, _ = house_with_rooms
    booking = make.booking(hall, "2027-01-06T16:00", title="Netzwerktreffen")
    date = booking.occurrences[0]
    place = Place(workshop.id, date.slot)
    deciding.decide(booking, propose={date.id: place}, seen_version=1, by=make.staff(), now=clock.now)

    edit(booking, booking.contact, details(booking, title="Werbung"), clock.now)
    changing.accept(booking, [date.id], clock.now)

    assert (date.status, booking.title, booking.title_wish) == (Status.APPROVED, "Netzwerktreffen", "Werbung")


def test_link_that_the_public_would_see_waits_for_the_team(booking, clock):
    edit(booking, booking.contact, details(booking, url="https://elsewhere.example"), clock.now)

    assert (booking.url, booking.url_wish, booking.wishes_words) == ("", "https://elsewhere.example", True)


def test_link_is_taken_away_at_once(booking, clock):
    with transaction():
        booking.url, booking.url_wish = "https://old.example", "https://new.example"

    edit(booking, booking.contact, details(booking, url=""), clock.now)

    assert (booking.url, booking.url_wish) == ("", "")


def test_closed_group_does_not_become_public_by_accepting(house_with_rooms, clock):
    booking = make.booking(house_with_rooms[0], "2027-01-06T16:00", status=Status.PROPOSED, is_open=False)

    edit(booking, booking.contact, details(booking, is_open=True, title="Werbung"), clock.now)

    assert booking.is_open is False


def test_group_that_closes_vanishes_from_public_pages_at_once(booking, clock):
    with transaction():
        booking.url = "https://example.org/treff"
    version = house().version

    edit(booking, booking.contact, details(booking, is_open=False), clock.now)

    assert (booking.is_open, booking.url, house().version) == (False, "", version + 1)


def test_closed_group_with_confirmed_dates_does_not_become_public_by_itself(booking, clock):
    with transaction():
        booking.is_open = False

    edit(booking, booking.contact, details(booking, is_open=True, title="Werbung"), clock.now)

    assert booking.is_open is False


def test_second_person_changes_their_own_name(booking, clock):
    people.share(booking, "Ali", ALI, clock.now)
    (second,) = people.seconds(booking)

    edit(booking, second, details(booking, name="Ali Yıldız", phone="0521 9"), clock.now)

    assert (booking.contact.name, second.name, second.phone) == ("Zoë Müller", "Ali Yıldız", "0521 9")
