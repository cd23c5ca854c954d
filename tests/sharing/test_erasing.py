"""Being forgotten: nothing of a person is left anywhere, and what the group did in the past stays."""

from datetime import timedelta

import pytest

from booking import log
from booking.database import db, transaction
from booking.domain.status import Status
from booking.letters import dispatch, outbox
from booking.models import Booking, Change, Contact, Draft, KeyLoan
from booking.sharing import erasing, fresh_links, handover
from booking.sharing.details import edit
from booking.sharing.erasing import HoldsKey
from booking.sharing.people import Forgotten, seconds, share
from tests import make
from tests.sharing.test_details import details
from tests.support.people import ALI, both_links, everything, letters, live


@pytest.fixture
def full_booking(booking, clock):
    """One about which all is known that can be."""
    share(booking, "Ali", ALI, clock.now)
    handover.hand_over(booking, "Kim", "kim@example.org", clock.now)
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

    erasing.erase(full_booking, clock.now)

    text = everything()
    assert [word for word in PERSONAL if word in text] == []
    assert [live(purpose) for purpose in ("page", "calendar", "handover")] == [[], [], []]


def test_erasing_cancels_what_is_to_come_and_keeps_what_was(booking, clock):
    now = clock.set("2027-01-07T10:00")

    erasing.erase(booking, now)

    assert [each.status for each in booking.occurrences] == [Status.APPROVED, Status.CANCELLED, Status.WITHDRAWN]
    assert (booking.initiative.name, booking.title) == ("Gesundes Städte-Netzwerk", "Netzwerktreffen")
    assert {state for kind, _, state in letters() if kind != "news"} <= {"stopped"}


def test_proposals_are_let_go_when_their_group_is_forgotten(booking, clock):
    with transaction():
        booking.occurrences[2].status = Status.PROPOSED

    erasing.erase(booking, clock.now)

    assert booking.occurrences[2].status is Status.DECLINED


def test_whoever_has_a_key_is_not_forgotten_before_it_is_back(booking, clock):
    with transaction():
        db.session.add(KeyLoan(booking=booking, number="3", handed_out_at=clock.now))

    with pytest.raises(HoldsKey):
        erasing.erase(booking, clock.now)
    with transaction():
        booking.key_loans[0].returned_at = clock.now
    erasing.erase(booking, clock.now)

    assert booking.contact.email is None


def test_erasing_does_not_touch_other_bookings(booking, house_with_rooms, clock):
    other = make.booking(house_with_rooms[1], "2027-02-03T16:00", status=Status.APPROVED)
    make.link(other)

    erasing.erase(booking, clock.now)

    assert (other.contact.email, other.purpose, live()) == ("zoe@example.org", "Austausch", ["zoe@example.org"])
    assert [each.status for each in other.occurrences] == [Status.APPROVED]


def test_second_person_erases_only_themselves(booking, clock):
    share(booking, "Ali", ALI, clock.now)
    (second,) = seconds(booking)

    erasing.leave(booking, second, clock.now)

    assert (ALI in everything(), live()) == (False, ["zoe@example.org"])
    assert [each.status for each in booking.occurrences] == [Status.APPROVED, Status.APPROVED, Status.REQUESTED]


def test_erasing_works_on_both_databases(engine_app, clock):
    make.house()
    booking = make.booking(make.room(), "2027-01-06T16:00", status=Status.APPROVED)
    make.link(booking)
    fresh_links.send_fresh_links("zoe@example.org", "de", clock.now)
    fresh_links.send_fresh_links("nobody@example.org", "de", clock.now)
    share(booking, "Ali", ALI, clock.now)
    dispatch.deliver_due(clock.now)

    erasing.erase(booking, clock.now)

    assert "@example.org" not in everything()


def test_nothing_personal_stands_in_the_record(full_booking, clock):
    for link in both_links(handover.open_handover(full_booking, clock.now)):
        handover.agree(link, clock.now)
    fresh_links.send_fresh_links("kim@example.org", "de", clock.now)
    dispatch.deliver_due(clock.now)

    record = str([(entry.action, entry.detail) for entry in log.history(db.session.get(Booking, full_booking.id))])

    assert [word for word in PERSONAL if word in record] == []


def test_who_was_forgotten_meanwhile_writes_nobody_down_again(booking, clock):
    erasing.erase(booking, clock.now)

    for act in (
        lambda: share(booking, "Ali", ALI, clock.now),
        lambda: handover.hand_over(booking, "Ali", ALI, clock.now),
        lambda: edit(booking, booking.contact, details(booking), clock.now),
    ):
        with pytest.raises(Forgotten):
            act()

    people = db.session.execute(db.select(Contact.name, Contact.email, Contact.phone)).all()
    assert (people, live(), live("handover")) == ([(None, None, None)], [], [])


def test_erasing_is_not_stopped_by_a_nul_in_anybodys_draft(engine_app, caplog):
    make.house()
    booking = make.booking(make.room(), "2027-01-06T16:00")
    poison = {"dates": {"choices": {"2026-12-09": "Geheimnis\0y"}}}
    drafts = {"own": {**poison, "again": booking.reference}, "other": {**poison, "note": booking.reference}}
    with transaction():
        for name, data in drafts.items():
            times = {"created_at": make.instant("2026-11-30T09:00"), "changed_at": make.instant("2026-11-30T09:00")}
            db.session.add(Draft(token_hash=name, form_id=name, data=data, **times))

    erasing.erase(booking, make.instant("2026-11-30T10:00"))

    assert db.session.scalars(db.select(Draft.form_id)).all() == ["other"]
    assert "Geheimnis" not in caplog.text
