"""Who speaks for a booking: fresh links, details, a second person, a successor, being forgotten."""

from datetime import timedelta

import pytest
import sqlalchemy as sa

from booking import links, log, outbox, retention, sharing
from booking.database import db, transaction
from booking.domain.policy import HANDOVER_WAITS
from booking.domain.status import Status
from booking.models import Booking, Change, Draft, Handover, KeyLoan, Letter, Link, LogEntry
from booking.schedule import house
from booking.sharing import Details, KeyIsOut, KnownAlready, TooMany
from tests import make

ALI = "ali@example.org"
UNKNOWN = "nobody@example.org"


@pytest.fixture
def booking(house_with_rooms):
    """Three Wednesdays at the hall: two approved, one under review."""
    booking = make.booking(
        house_with_rooms[0], "2027-01-06T16:00", "2027-01-13T16:00", "2027-01-20T16:00", title="Netzwerktreffen"
    )
    with transaction():
        booking.occurrences[0].status = booking.occurrences[1].status = Status.APPROVED
    make.link(booking)
    return booking


def letters():
    """Kind, recipient and state of all letters, in the order in which they were put."""
    return [
        (each.kind, each.contact.email if each.contact else "office", each.state)
        for each in db.session.scalars(db.select(Letter).order_by(Letter.id))
    ]


def live(purpose="page"):
    """Whose links open something, by address, the newest last."""
    found = db.session.scalars(
        db.select(Link).where(Link.purpose == purpose, Link.revoked_at.is_(None)).order_by(Link.id)
    )
    return [link.contact.email for link in found]


def actions():
    return [(entry.action, entry.actor) for entry in db.session.scalars(db.select(LogEntry).order_by(LogEntry.id))]


def everything():
    """All that stands in the database, as one text."""
    tables = db.metadata.sorted_tables
    return "\n".join(str(tuple(row)) for table in tables for row in db.session.execute(sa.select(table)))


def link_of(contact, booking, purpose="page"):
    return links.current(booking, contact, purpose)


# ---- fresh links


def test_fresh_link_ends_the_old_one_and_is_mailed(booking, clock):
    old = link_of(booking.contact, booking)

    number = sharing.send_fresh_links("ZOE@example.org", clock.now)

    assert (number, live(), letters()) == (1, ["zoe@example.org"], [("new_link", "zoe@example.org", "waiting")])
    assert links.is_over(old, clock.now)
    assert actions() == [("fresh_link", "group")]


def test_fresh_links_are_mailed_for_every_booking_of_an_address(booking, house_with_rooms, clock):
    make.booking(house_with_rooms[1], "2027-02-03T16:00", title="Plenum")

    number = sharing.send_fresh_links("zoe@example.org", clock.now)

    subjects = [each.subject + each.body for each in db.session.scalars(db.select(Letter).order_by(Letter.id))]
    assert number == 2
    assert ["Netzwerktreffen" in subjects[0], "Plenum" in subjects[1]] == [True, True]


def test_second_person_gets_a_fresh_link_and_the_first_keeps_theirs(booking, clock):
    sharing.share(booking, "Ali", ALI, clock.now)
    first = link_of(booking.contact, booking)

    number = sharing.send_fresh_links(ALI, clock.now)

    assert (number, sorted(live())) == (1, [ALI, "zoe@example.org"])
    assert not links.is_over(first, clock.now)


def test_unknown_address_changes_nothing_but_the_record(booking, clock):
    before = live()

    number = sharing.send_fresh_links(UNKNOWN, clock.now)

    assert (number, live(), letters()) == (0, before, [])
    assert actions() == [("fresh_link", "group")]


def test_unknown_address_takes_as_much_work_as_a_known_one(booking, clock):
    def statements(email):
        seen = []
        sa.event.listen(db.engine, "before_cursor_execute", note := lambda *given: seen.append(given[2].split()[0]))
        sharing.send_fresh_links(email, clock.now)
        sa.event.remove(db.engine, "before_cursor_execute", note)
        return [word for word in seen if word in ("INSERT", "UPDATE")]

    known, unknown = statements("zoe@example.org"), statements(UNKNOWN)

    assert sorted(known) == sorted(unknown)


def test_fresh_link_for_a_long_past_booking_works_for_two_weeks(booking, clock):
    now = clock.set("2027-06-01T10:00")
    assert links.is_over(link_of(booking.contact, booking), now)

    sharing.send_fresh_links("zoe@example.org", now)
    link = link_of(booking.contact, booking)

    assert [links.is_over(link, now + timedelta(days=days)) for days in (0, 13, 15)] == [False, False, True]


def test_forgotten_address_is_unknown(booking, clock):
    with transaction():
        retention.forget_contact(booking.contact)

    assert sharing.send_fresh_links("zoe@example.org", clock.now) == 0


# ---- the address that was typed wrong


@pytest.fixture
def first_letter(booking, clock):
    """The one with the link, which still waits."""
    with transaction():
        return outbox.put(
            "requested",
            subject="Da",
            body="⟦link⟧",
            language="de",
            now=clock.now,
            booking=booking,
            contact=booking.contact,
        )


def test_corrected_address_gets_the_first_letter_and_a_new_link(booking, first_letter, clock):
    old = link_of(booking.contact, booking)

    assert sharing.correct_address(booking, "zoe@example.com", clock.now)

    assert letters() == [("requested", "zoe@example.com", "stopped"), ("requested", "zoe@example.com", "waiting")]
    assert (live(), links.is_over(old, clock.now)) == (["zoe@example.com"], True)
    assert "zoe@example.org" not in everything()


def test_address_is_corrected_once_and_within_half_an_hour(booking, clock):
    now = clock.now
    late = sharing.correct_address(booking, "late@example.com", now + timedelta(minutes=31))
    first = sharing.correct_address(booking, "first@example.com", now + timedelta(minutes=29))
    second = sharing.correct_address(booking, "second@example.com", now + timedelta(minutes=29))

    assert (late, first, second, live()) == (False, True, False, ["first@example.com"])


# ---- details


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

    sharing.edit(booking, booking.contact, details(booking, **changes, way_in="need", reminders=True), clock.now)

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

    sharing.edit(booking, booking.contact, details(booking, title="Großes Treffen"), clock.now)

    assert (booking.title, booking.title_wish, house().version) == ("Netzwerktreffen", "Großes Treffen", version)
    assert actions() == [("edit", "group"), ("ask_title", "group")]


def test_wish_for_a_title_is_taken_back_with_the_old_one(booking, clock):
    sharing.edit(booking, booking.contact, details(booking, title="Großes Treffen"), clock.now)

    sharing.edit(booking, booking.contact, details(booking, title="Netzwerktreffen"), clock.now)

    assert (booking.title, booking.title_wish) == ("Netzwerktreffen", "")


def test_new_title_of_a_closed_group_holds_at_once_and_calendars_are_told(booking, clock):
    with transaction():
        booking.is_open = False
    version = house().version

    sharing.edit(booking, booking.contact, details(booking, title="Selbsthilfe"), clock.now)

    assert (booking.title, booking.title_wish, house().version) == ("Selbsthilfe", "", version + 1)
    assert [each.sequence for each in booking.occurrences] == [1, 1, 0]
    assert [kind for kind, _, _ in letters()] == ["details_changed"]


def test_new_title_before_anything_is_confirmed_holds_at_once(house_with_rooms, clock):
    booking = make.booking(house_with_rooms[0], "2027-01-06T16:00")

    sharing.edit(booking, booking.contact, details(booking, title="Anders"), clock.now)

    assert (booking.title, booking.title_wish, letters()) == ("Anders", "", [])


def test_group_that_closes_vanishes_from_public_pages_at_once(booking, clock):
    with transaction():
        booking.url = "https://example.org/treff"
    version = house().version

    sharing.edit(booking, booking.contact, details(booking, is_open=False), clock.now)

    assert (booking.is_open, booking.url, house().version) == (False, "", version + 1)


def test_closed_group_with_confirmed_dates_does_not_become_public_by_itself(booking, clock):
    with transaction():
        booking.is_open = False

    sharing.edit(booking, booking.contact, details(booking, is_open=True, title="Werbung"), clock.now)

    assert booking.is_open is False


def test_second_person_changes_their_own_name(booking, clock):
    sharing.share(booking, "Ali", ALI, clock.now)
    (second,) = sharing.seconds(booking)

    sharing.edit(booking, second, details(booking, name="Ali Yıldız", phone="0521 9"), clock.now)

    assert (booking.contact.name, second.name, second.phone) == ("Zoë Müller", "Ali Yıldız", "0521 9")


# ---- a second person


def test_second_person_gets_a_link_of_their_own(booking, clock):
    sharing.share(booking, "Ali", ALI, clock.now)

    assert [contact.email for contact in sharing.seconds(booking)] == [ALI]
    assert sorted(live()) == [ALI, "zoe@example.org"]
    assert letters() == [("link_for_second", ALI, "waiting")]
    assert actions() == [("share", "group")]


@pytest.mark.parametrize("email", ["ZOE@example.org", "Ali@Example.org"])
def test_link_is_not_given_twice(booking, clock, email):
    sharing.share(booking, "Ali", ALI, clock.now)

    with pytest.raises(KnownAlready):
        sharing.share(booking, "Wieder", email, clock.now)


def test_three_people_at_most_get_a_link(booking, clock):
    for number in range(3):
        sharing.share(booking, "Ali", f"ali{number}@example.org", clock.now)

    with pytest.raises(TooMany):
        sharing.share(booking, "Ali", ALI, clock.now)


def test_link_that_is_taken_back_is_over_and_its_person_forgotten(booking, clock):
    sharing.share(booking, "Ali", ALI, clock.now)
    (second,) = sharing.seconds(booking)
    link = link_of(second, booking)

    assert sharing.take_link_back(booking, second.id, clock.now)

    assert links.is_over(link, clock.now)
    assert (sharing.seconds(booking), live(), ALI in everything()) == ([], ["zoe@example.org"], False)
    assert letters() == [("link_for_second", None, "stopped")]


def test_link_of_the_one_who_speaks_and_of_others_cannot_be_taken_back(booking, house_with_rooms, clock):
    other = make.booking(house_with_rooms[1], "2027-02-03T16:00", email="other@example.org")
    sharing.share(other, "Ali", ALI, clock.now)

    taken = [sharing.take_link_back(booking, each.id, clock.now) for each in retention.contacts_of(other)]
    own = sharing.take_link_back(booking, booking.contact.id, clock.now)

    assert (taken, own, sorted(live())) == ([False, False], False, [ALI, "zoe@example.org"])


# ---- a successor


@pytest.fixture
def handover(booking, clock):
    sharing.hand_over(booking, "Ali", ALI, clock.now)
    return sharing.open_handover(booking, clock.now)


def both_links(handover):
    return [
        links.current(handover.booking, contact, "handover") for contact in (handover.former_contact, handover.contact)
    ]


def test_handover_asks_at_both_addresses(handover, booking):
    assert letters() == [("handover_give", "zoe@example.org", "waiting"), ("handover_take", ALI, "waiting")]
    assert (live("handover"), live()) == (["zoe@example.org", ALI], ["zoe@example.org"])
    assert booking.contact.email == "zoe@example.org"


@pytest.mark.parametrize("order", [(0, 1), (1, 0)], ids=["giver first", "taker first"])
def test_handover_is_done_when_both_have_said_yes(handover, booking, clock, order):
    both = both_links(handover)
    old = link_of(booking.contact, booking)

    assert sharing.agree(both[order[0]], clock.now)
    between = booking.contact.email
    assert sharing.agree(both[order[1]], clock.now)

    assert (between, booking.contact.email, live()) == ("zoe@example.org", ALI, [ALI])
    assert links.is_over(old, clock.now)
    assert sharing.open_handover(booking, clock.now) is None
    assert [(kind, to) for kind, to, _ in letters()][2:] == [
        ("handed_over_former", "zoe@example.org"),
        ("handed_over", ALI),
    ]
    assert not sharing.agree(both[0], clock.now)


def test_former_person_is_forgotten_once_the_last_letter_has_left(handover, booking, clock):
    for link in both_links(handover):
        sharing.agree(link, clock.now)

    retention.forget(clock.now)
    before = "zoe@example.org" in everything()
    with transaction():
        db.session.execute(sa.update(Letter).values(state="sent"))
    retention.forget(clock.now)

    assert (before, "zoe@example.org" in everything(), ALI in everything()) == (True, False, True)


def test_one_who_says_yes_twice_counts_once(handover, booking, clock):
    taker = both_links(handover)[1]

    sharing.agree(taker, clock.now)
    sharing.agree(taker, clock.now)

    assert booking.contact.email == "zoe@example.org"


def test_letters_that_wait_go_to_the_successor(handover, booking, clock):
    with transaction():
        outbox.put(
            "approved",
            subject="Ja",
            body="⟦link⟧",
            language="de",
            now=clock.now,
            booking=booking,
            contact=booking.contact,
        )

    for link in both_links(handover):
        sharing.agree(link, clock.now)

    assert ("approved", ALI, "waiting") in letters()


def test_whoever_is_responsible_on_the_evening_stays_so_unless_it_is_the_former_person(handover, booking, clock):
    with transaction():
        booking.contact.onsite_name, booking.contact.onsite_phone = "Kim", "0170 1234567"

    for link in both_links(handover):
        sharing.agree(link, clock.now)

    former = handover.former_contact
    assert (booking.contact.onsite_name, booking.contact.onsite_phone) == ("Kim", "0170 1234567")
    assert (former.phone, former.onsite_name, former.onsite_phone) == (None, None, None)


def test_last_page_of_the_form_does_not_lead_the_former_person_back(handover, booking, clock):
    with transaction():
        db.session.add(
            Draft(token_hash="x", form_id=booking.form_id, data={}, created_at=clock.now, changed_at=clock.now)
        )

    for link in both_links(handover):
        sharing.agree(link, clock.now)

    assert db.session.scalars(db.select(Draft)).all() == []


def test_handover_that_is_called_off_leaves_nothing_of_the_successor(handover, booking, clock):
    both = both_links(handover)

    assert sharing.call_off(booking, clock.now)

    assert [links.is_over(link, clock.now) for link in both] == [True, True]
    assert (sharing.agree(both[0], clock.now), ALI in everything()) == (False, False)
    assert sharing.call_off(booking, clock.now) is False


def test_handover_waits_for_two_weeks(handover, booking, clock):
    both = both_links(handover)
    later = clock.now + HANDOVER_WAITS + timedelta(minutes=1)

    assert sharing.open_handover(booking, later) is None
    assert sharing.agree(both[0], later) is False
    retention.forget(later)
    db.session.expire_all()
    assert db.session.get(Handover, handover.id).contact.email == ALI  # a letter to them still waits
    with transaction():
        db.session.execute(sa.update(Letter).values(state="sent"))
    retention.forget(later)
    assert ALI not in everything()


def test_second_handover_ends_the_first(handover, booking, clock):
    first = both_links(handover)

    sharing.hand_over(booking, "Kim", "kim@example.org", clock.now + timedelta(minutes=1))

    assert [links.is_over(link, clock.now) for link in first] == [True, True]
    assert (ALI in everything(), live("handover")) == (False, ["zoe@example.org", "kim@example.org"])


def test_booking_is_not_handed_over_to_its_own_address(booking, clock):
    with pytest.raises(KnownAlready):
        sharing.hand_over(booking, "Zoë", "zoe@EXAMPLE.org", clock.now)


def test_second_person_who_takes_over_has_one_link(booking, clock):
    sharing.share(booking, "Ali", ALI, clock.now)
    sharing.hand_over(booking, "Ali", ALI, clock.now)

    for link in both_links(sharing.open_handover(booking, clock.now)):
        sharing.agree(link, clock.now)

    assert (live(), sharing.seconds(booking)) == ([ALI], [])


# ---- being forgotten


@pytest.fixture
def full_booking(booking, clock):
    """One about which all is known that can be."""
    sharing.share(booking, "Ali", ALI, clock.now)
    sharing.hand_over(booking, "Kim", "kim@example.org", clock.now)
    with transaction():
        booking.note, booking.access_needs, booking.question, booking.answer = "Notiz", "Stufenlos", "Wer?", "Geheimnis"
        date = booking.occurrences[0]
        date.changes.append(
            Change(
                proposed_by="group",
                room_id=date.room_id,
                start=date.start + timedelta(hours=1),
                end=date.end + timedelta(hours=1),
                former_room_id=date.room_id,
                former_start=date.start,
                former_end=date.end,
                note="Weil Ali später kommt",
                created_at=clock.now,
            )
        )
        outbox.put("new_request", subject="Neu", body="Austausch", language="de", now=clock.now, booking=booking)
        db.session.add(
            Draft(
                token_hash="x",
                form_id="another",
                data={"again": booking.reference, "about": {"email": ["zoe@example.org"]}},
                created_at=clock.now,
                changed_at=clock.now,
            )
        )
        db.session.add(
            Draft(
                token_hash="y",
                form_id=booking.form_id,
                data={"about": {"email": ["zoe@example.org"]}},
                created_at=clock.now,
                changed_at=clock.now,
            )
        )
    return booking


PERSONAL = ("@example.org", "Zoë", "Ali", "Kim", "0521 123456", "Austausch", "Notiz", "Stufenlos", "Wer?", "Geheimnis")


def test_erasing_leaves_nothing_of_a_person_anywhere(full_booking, clock):
    assert all(word in everything() for word in PERSONAL)

    sharing.erase(full_booking, clock.now)

    text = everything()
    assert [word for word in PERSONAL if word in text] == []
    assert (live(), live("handover")) == ([], [])


def test_erasing_cancels_what_is_to_come_and_keeps_what_was(booking, clock):
    now = clock.set("2027-01-07T10:00")

    sharing.erase(booking, now)

    assert [each.status for each in booking.occurrences] == [Status.APPROVED, Status.CANCELLED, Status.WITHDRAWN]
    assert (booking.initiative.name, booking.title) == ("Gesundes Städte-Netzwerk", "Netzwerktreffen")
    assert {state for _, _, state in letters()} <= {"stopped"}


def test_proposals_are_let_go_when_their_group_is_forgotten(booking, clock):
    with transaction():
        booking.occurrences[2].status = Status.PROPOSED

    sharing.erase(booking, clock.now)

    assert booking.occurrences[2].status is Status.DECLINED


def test_whoever_has_a_key_is_not_forgotten_before_it_is_back(booking, clock):
    with transaction():
        db.session.add(KeyLoan(booking=booking, number="3", handed_out_at=clock.now))

    with pytest.raises(KeyIsOut):
        sharing.erase(booking, clock.now)
    with transaction():
        booking.key_loans[0].returned_at = clock.now
    sharing.erase(booking, clock.now)

    assert booking.contact.email is None


def test_erasing_does_not_touch_other_bookings(booking, house_with_rooms, clock):
    other = make.booking(house_with_rooms[1], "2027-02-03T16:00", status=Status.APPROVED)
    make.link(other)

    sharing.erase(booking, clock.now)

    assert (other.contact.email, other.purpose, live()) == ("zoe@example.org", "Austausch", ["zoe@example.org"])
    assert [each.status for each in other.occurrences] == [Status.APPROVED]


def test_second_person_erases_only_themselves(booking, clock):
    sharing.share(booking, "Ali", ALI, clock.now)
    (second,) = sharing.seconds(booking)

    sharing.leave(booking, second, clock.now)

    assert (ALI in everything(), live()) == (False, ["zoe@example.org"])
    assert [each.status for each in booking.occurrences] == [Status.APPROVED, Status.APPROVED, Status.REQUESTED]


def test_erasing_works_on_both_databases(engine_app, clock):
    make.house()
    booking = make.booking(make.room(), "2027-01-06T16:00", status=Status.APPROVED)
    make.link(booking)
    sharing.send_fresh_links("zoe@example.org", clock.now)
    sharing.send_fresh_links(UNKNOWN, clock.now)
    sharing.share(booking, "Ali", ALI, clock.now)

    sharing.erase(booking, clock.now)

    assert "@example.org" not in everything()


def test_nothing_personal_stands_in_the_record(full_booking, clock):
    for link in both_links(sharing.open_handover(full_booking, clock.now)):
        sharing.agree(link, clock.now)
    sharing.send_fresh_links("kim@example.org", clock.now)

    record = str([(entry.action, entry.detail) for entry in log.history(db.session.get(Booking, full_booking.id))])

    assert [word for word in PERSONAL if word in record] == []
