"""The dates of a booking for calendar programs: an address that can do nothing else, renewed and ended on the page."""

import icalendar
import pytest

from booking import changing, clock, links
from booking.database import db
from booking.domain.status import Status
from booking.models import Link
from booking.sharing import erasing, fresh_links, people
from booking.sharing.handover import agree, hand_over, open_handover
from tests import make
from tests.support.group_page import address_of, post, words
from tests.support.pages import parse
from tests.support.people import everything


def feed_of(booking, contact=None):
    """Where the calendar program of a person finds the dates, as long as it does."""
    db.session.expire_all()
    link = links.current(booking, contact, "calendar")
    return f"/k/{links.token(link)}.ics" if link else None


def shown(response):
    """The addresses for calendar programs that a page offers, as paths."""
    root, _ = parse(response.text)
    found = {link.get("href").removeprefix("webcal://localhost") for link in root.iter("a")}
    return sorted(each for each in found if ".ics" in each and "?date=" not in each)


def test_feed_holds_the_confirmed_dates_and_nothing_of_a_person(client, approved, address):
    response = client.get(feed_of(approved))

    events = icalendar.Calendar.from_ical(response.text).walk("VEVENT")
    assert (response.status_code, response.mimetype) == (200, "text/calendar")
    assert [str(event["dtstart"].dt) for event in events] == [
        "2027-01-06 16:00:00+01:00",
        "2027-01-13 16:00:00+01:00",
    ]
    said = f"{response.text}{response.headers}"
    assert [word for word in ("Zoë", "zoe@", "0521", "0170", "Austausch", address) if word in said] == []
    assert (response.headers["X-Robots-Tag"], response.headers["Cache-Control"]) == ("noindex, nofollow", "no-store")


def test_feed_that_has_not_changed_is_said_to_be_the_same(client, approved, address):
    feed = feed_of(approved)
    held = {"If-None-Match": client.get(feed).headers["ETag"]}

    unchanged = client.get(feed, headers=held)
    changing.cancel_dates(approved, [approved.occurrences[0].id], clock.now())
    changed = client.get(feed, headers=held)

    assert (unchanged.status_code, unchanged.data, changed.status_code) == (304, b"", 200)
    assert changed.text.count("STATUS:CANCELLED") == 1


def test_feed_speaks_the_language_of_its_address(client, approved, address):
    assert "/en/kalender/tag/2027-01-06" in client.get(f"/en{feed_of(approved)}").text


def test_page_offers_the_feed_and_never_its_own_address_to_calendar_programs(checked_client, approved, address):
    assert shown(checked_client.get(address)) == [feed_of(approved)]
    assert shown(checked_client.get(f"{address}/kalender-abo")) == [feed_of(approved)]
    assert f"http://localhost{feed_of(approved)}" in words(checked_client.get(f"{address}/kalender-abo"))


def test_each_date_to_come_can_be_had_as_a_file(checked_client, approved, address):
    page = parse(checked_client.get(f"{address}/kalender-abo").text)[0]
    files = [link.get("href") for link in page.iter("a") if "/termin.ics?date=" in link.get("href")]

    answers = [checked_client.get(file) for file in files]

    assert [answer.headers["Content-Disposition"] for answer in answers] == [
        f'attachment; filename="termin-2027-01-{day}.ics"' for day in ("06", "13")
    ]
    read = [icalendar.Calendar.from_ical(answer.text) for answer in answers]
    assert [(str(file["METHOD"]), [f"{event.start:%d %H:%M}" for event in file.events]) for file in read] == [
        ("PUBLISH", ["06 16:00"]),
        ("PUBLISH", ["13 16:00"]),
    ]


def test_file_is_there_for_the_own_confirmed_dates_alone(checked_client, approved, address):
    other = make.booking(make.room("Küche"), "2027-01-06T18:00", status=Status.APPROVED)
    dates = [each.id for each in (*approved.occurrences, *other.occurrences)]
    expected = [200 if each.status is Status.APPROVED else 404 for each in approved.occurrences] + [404]

    answers = [checked_client.get(f"{address}/termin.ics?date={number}").status_code for number in dates]

    assert answers == expected
    assert {checked_client.get(f"{address}/termin.ics{asked}").status_code for asked in ("", "?date=x", "?date=")} == {
        404
    }


def test_key_of_the_feed_opens_nothing_else(checked_client, approved, address):
    key = feed_of(approved).removeprefix("/k/").removesuffix(".ics")
    places = ("", ".ics", "/absagen", "/angaben", "/kalender-abo", "/daten-loeschen")

    answers = {place: checked_client.get(f"/a/{key}{place}").status_code for place in places}
    acts = {place: post(checked_client, f"/a/{key}{place}", address).status_code for place in places[2:]}

    assert set((answers | acts).values()) == {404}
    assert checked_client.get(f"/uebergabe/{key}").status_code == 404
    assert post(checked_client, f"/k/{key}.ics", address).status_code == 405
    assert checked_client.get(address.replace("/a/", "/k/") + ".ics").status_code == 404


def test_feed_is_renewed(checked_client, approved, address):
    old = feed_of(approved)

    response = checked_client.submit(f"{address}/kalender-abo", form="form", button="Neue Adresse")

    new = feed_of(approved)
    assert "Das ist die neue Adresse." in words(response)
    assert (old != new, shown(response)) == (True, [new])
    assert [checked_client.get(path).status_code for path in (old, new, address)] == [410, 200, 200]
    assert "Diese Adresse gilt nicht mehr" in checked_client.get(old).text


def test_feed_is_ended_and_made_again(checked_client, approved, address):
    old = feed_of(approved)
    path = f"{address}/kalender-abo"

    ended = post(checked_client, f"{path}/beenden", path)
    page = checked_client.get(path)
    again = checked_client.submit(path, form="form", button="Adresse anlegen")

    assert (ended.status_code, checked_client.get(old).status_code) == (303, 410)
    assert "Das Abo ist beendet." in words(page)
    assert (shown(page), shown(again)) == ([], [feed_of(approved)])


def test_group_without_a_feed_is_led_to_one(checked_client, approved, address, clock):
    people.end_calendar(approved, approved.contact, clock.now)

    page = checked_client.get(address)

    assert shown(page) == []
    assert f"{address}/kalender-abo" in {link.get("href") for link in parse(page.text)[0].iter("a")}


def test_fresh_link_makes_no_feed_anew_that_was_ended(approved, address, clock):
    people.end_calendar(approved, approved.contact, clock.now)

    make.link(approved)

    assert feed_of(approved) is None


def test_each_person_has_a_feed_of_their_own(checked_client, approved, address, second):
    (ali,) = people.seconds(approved)
    first, theirs = feed_of(approved), feed_of(approved, ali)

    post(checked_client, f"{second}/kalender-abo", second)

    assert (first != theirs, feed_of(approved) == first) == (True, True)
    assert [checked_client.get(path).status_code for path in (first, theirs)] == [200, 410]


def test_feed_ends_with_the_right_to_the_page(checked_client, approved, address, second, clock):
    (ali,) = people.seconds(approved)
    theirs = feed_of(approved, ali)
    people.take_link_back(approved, ali.id, clock.now)

    mine = feed_of(approved)
    hand_over(approved, "Noor", "noor@example.org", clock.now)
    handover = open_handover(approved, clock.now)
    for contact in (handover.former_contact, handover.contact):
        agree(links.current(approved, contact, "handover"), clock.now)
    successor = feed_of(approved)
    erasing.erase(approved, clock.now)

    assert [checked_client.get(path).status_code for path in (theirs, mine, successor)] == [410, 410, 410]
    assert db.session.scalars(db.select(Link.id).where(Link.revoked_at.is_(None))).all() == []


def test_feed_at_the_wrong_address_ends_when_it_is_corrected(checked_client, approved, address, clock):
    wrong = feed_of(approved)

    fresh_links.correct_address(approved, "zoe@example.com", clock.now)

    assert [checked_client.get(path).status_code for path in (wrong, feed_of(approved))] == [410, 200]


@pytest.mark.parametrize(("now", "status"), [("2027-03-21T17:00", 200), ("2027-03-21T18:30", 410)])
def test_feed_ends_when_the_page_does(client, approved, address, clock, now, status):
    feed = feed_of(approved)
    clock.set(now)

    assert (client.get(feed).status_code, client.get(address).status_code) == (status, status)


def test_unknown_feed_is_not_found(client, approved):
    assert client.get(f"/k/{'A' * 43}.ics").status_code == 404


def test_looking_at_a_feed_changes_nothing(client, approved, address):
    before, feed = everything(), feed_of(approved)

    assert [client.get(feed).status_code, client.head(feed).status_code] == [200, 200]
    db.session.rollback()
    assert everything() == before


def test_renewing_and_ending_need_the_token_of_the_form(checked_client, approved, address):
    feed = feed_of(approved)

    answers = [checked_client.post(f"{address}/kalender-abo{place}").status_code for place in ("", "/beenden")]

    assert (answers, feed_of(approved)) == ([400, 400], feed)


def test_other_peoples_pages_renew_nothing(checked_client, approved, address):
    assert post(checked_client, f"/a/{'A' * 43}/kalender-abo", address).status_code == 404
    assert address_of(approved, approved.contact) == address
