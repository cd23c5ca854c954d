"""Further people with a link of their own."""

import pytest

from booking import links, retention
from booking.sharing import people
from booking.sharing.people import KnownAlready, TooMany
from tests import make
from tests.support.people import ALI, actions, everything, letters, link_of, live


def test_second_person_gets_a_link_of_their_own(booking, clock):
    people.share(booking, "Ali", ALI, clock.now)

    assert [contact.email for contact in people.seconds(booking)] == [ALI]
    assert sorted(live()) == [ALI, "zoe@example.org"]
    assert letters() == [("link_for_second", ALI, "waiting")]
    assert actions() == [("share", "group")]


@pytest.mark.parametrize("email", ["ZOE@example.org", "Ali@Example.org"])
def test_link_is_not_given_twice(booking, clock, email):
    people.share(booking, "Ali", ALI, clock.now)

    with pytest.raises(KnownAlready):
        people.share(booking, "Wieder", email, clock.now)


def test_three_people_at_most_get_a_link(booking, clock):
    for number in range(3):
        people.share(booking, "Ali", f"ali{number}@example.org", clock.now)

    with pytest.raises(TooMany):
        people.share(booking, "Ali", ALI, clock.now)


def test_link_that_is_taken_back_is_over_and_its_person_forgotten(booking, clock):
    people.share(booking, "Ali", ALI, clock.now)
    (second,) = people.seconds(booking)
    link = link_of(second, booking)

    assert people.take_link_back(booking, second.id, clock.now)

    assert links.is_over(link, clock.now)
    assert (people.seconds(booking), live(), ALI in everything()) == ([], ["zoe@example.org"], False)
    assert letters() == [("link_for_second", None, "stopped")]


def test_link_of_the_one_who_speaks_and_of_others_cannot_be_taken_back(booking, house_with_rooms, clock):
    other = make.booking(house_with_rooms[1], "2027-02-03T16:00", email="other@example.org")
    people.share(other, "Ali", ALI, clock.now)

    taken = [people.take_link_back(booking, each.id, clock.now) for each in retention.contacts_of(other)]
    own = people.take_link_back(booking, booking.contact.id, clock.now)

    assert (taken, own, sorted(live())) == ([False, False], False, [ALI, "zoe@example.org"])
