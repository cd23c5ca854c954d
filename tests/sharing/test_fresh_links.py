"""A fresh link by mail, and the first one sent to the right address."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from email import message_from_bytes, policy
from pathlib import Path

import pytest
import sqlalchemy as sa
from flask import current_app

from booking import links, retention
from booking.database import db, transaction
from booking.letters import dispatch, outbox
from booking.models import Booking
from booking.sharing import erasing, fresh_links, handover, people
from tests import make
from tests.support.mail import plain
from tests.support.people import ALI, actions, everything, letters, link_of, live

UNKNOWN = "nobody@example.org"


def ask(email, now, language="de"):
    """Ask for links, and let the letter leave; the text that arrived, or nothing."""
    fresh_links.send_fresh_links(email, language, now)
    dispatch.deliver_due(now)
    db.session.expire_all()
    folder = Path(current_app.instance_path) / "mail"
    [*_, newest] = sorted(folder.glob("*-new_link.eml")) or [None]
    if newest is None:
        return ""
    message = message_from_bytes(newest.read_bytes(), policy=policy.default)
    newest.unlink()
    return f"To: {message['To']}\n{plain(message)}".replace("\r\n", "\n")


def test_fresh_link_is_mailed_and_the_old_one_goes_on(booking, clock):
    old = link_of(booking.contact, booking)

    told = ask("ZOE@example.org", clock.now)

    new = link_of(booking.contact, booking)
    assert f"\nNetzwerktreffen ({booking.reference})\nhttp://localhost/a/{links.token(new)}\n" in told
    assert told.startswith("To: zoe@example.org\n")
    assert (new is old, links.is_over(old, clock.now), links.is_over(new, clock.now)) == (False, False, False)
    assert letters() == [("new_link", "zoe@example.org", "sent")]
    assert actions() == [("fresh_link", "group")]


def test_first_step_with_the_fresh_link_ends_the_old_one(booking, clock):
    old = link_of(booking.contact, booking)
    ask("zoe@example.org", clock.now)
    new = link_of(booking.contact, booking)

    fresh_links.note_use(old, clock.now)
    after_old = [links.is_over(each, clock.now) for each in (old, new)]
    fresh_links.note_use(new, clock.now)
    after_new = [links.is_over(each, clock.now) for each in (old, new)]

    assert (after_old, after_new) == ([False, False], [True, False])


def test_fresh_link_that_nobody_has_used_is_sent_again(booking, clock):
    first, second, third = (ask("zoe@example.org", clock.now) for _ in range(3))

    assert first == second == third != ""
    assert live() == ["zoe@example.org"] * 2


def test_fresh_links_of_all_bookings_stand_in_one_letter(booking, house_with_rooms, clock):
    other = make.booking(house_with_rooms[1], "2027-02-03T16:00", title="Auf nach evil.example")
    someone = make.booking(house_with_rooms[1], "2027-02-04T16:00", email="noor@example.org")

    told = ask("zoe@example.org", clock.now, "en")

    addresses = [f"/en/a/{links.token(link_of(each.contact, each))}\n" in told for each in (booking, other)]
    assert ([*addresses, someone.reference in told], len(letters())) == ([True, True, False], 1)
    assert f"Auf nach evil. example ({other.reference})" in told
    assert told.index("view, change or cancel it here") < told.index("hier kannst du alles ansehen")


def test_second_person_gets_a_fresh_link_and_the_first_keeps_theirs(booking, clock):
    people.share(booking, "Ali", ALI, clock.now)
    (ali,) = people.seconds(booking)
    first, old = link_of(booking.contact, booking), link_of(ali, booking)

    told = ask(ALI, clock.now)
    fresh_links.note_use(link_of(ali, booking), clock.now)

    assert f"/a/{links.token(link_of(ali, booking))}" in told
    assert [links.is_over(each, clock.now) for each in (first, old)] == [False, True]


def test_nothing_goes_to_an_address_that_is_unknown_and_nothing_of_it_is_kept(booking, clock):
    before = live()

    told = ask(UNKNOWN, clock.now)

    assert (told, live(), letters(), actions()) == ("", before, [], [])
    assert UNKNOWN not in everything()


@pytest.mark.parametrize("typed", ["zoe+x@example.org", "z.oe@example.org"])
def test_address_that_is_only_nearly_the_same_gets_nothing(booking, clock, typed):
    assert ask(typed, clock.now) == ""


def test_asking_takes_the_same_work_for_one_booking_twenty_and_none(booking, house_with_rooms, clock):
    for number in range(20):
        make.link(make.booking(house_with_rooms[1], f"2027-02-{number + 1:02}T16:00", email="noor@example.org"))

    def statements(email):
        db.session.remove()  # as each request begins: nothing is known yet
        seen = []
        sa.event.listen(db.engine, "before_cursor_execute", note := lambda *given: seen.append(given[2]))
        fresh_links.send_fresh_links(email, "de", clock.now)
        sa.event.remove(db.engine, "before_cursor_execute", note)
        return [statement for statement in seen if not statement.startswith("PRAGMA")]  # they hold how long it waits

    one, twenty, none = (statements(email) for email in ("zoe@example.org", "noor@example.org", UNKNOWN))

    assert one == twenty == none
    assert {"INSERT"} <= {statement.split()[0] for statement in one}


def test_letter_names_no_more_than_the_twenty_newest_bookings(house_with_rooms, clock):
    bookings = [make.booking(house_with_rooms[1], f"2027-02-{number + 1:02}T16:00") for number in range(21)]

    told = ask("zoe@example.org", clock.now)

    assert [each.reference in told for each in bookings] == [False] + [True] * 20


def test_letter_that_goes_a_second_time_holds_the_same_links(booking, clock, smtp):
    current_app.config["SMTP_URL"] = smtp.url
    smtp.answer = "451 4.3.0 Try again later"
    fresh_links.send_fresh_links("zoe@example.org", "de", clock.now)
    dispatch.deliver_due(clock.now)
    number = len(live())
    smtp.answer = None
    dispatch.deliver_due(clock.now + timedelta(minutes=10))

    [letter] = smtp.messages
    assert f"/a/{links.token(link_of(booking.contact, booking))}" in plain(letter)
    assert (number, live()) == (2, ["zoe@example.org"] * 2)


def test_fresh_link_for_a_long_past_booking_works_for_two_weeks(booking, clock):
    now = clock.set("2027-06-01T10:00")
    assert links.is_over(link_of(booking.contact, booking), now)

    ask("zoe@example.org", now)
    ask("zoe@example.org", now + timedelta(days=20))
    link = link_of(booking.contact, booking)

    assert [links.is_over(link, now + timedelta(days=days)) for days in (20, 33, 35)] == [False, False, True]


def test_forgotten_address_is_unknown(booking, clock):
    with transaction():
        retention.forget_contact(booking.contact)

    assert ask("zoe@example.org", clock.now) == ""


def test_who_is_forgotten_before_the_letter_leaves_gets_none(booking, clock):
    fresh_links.send_fresh_links("zoe@example.org", "de", clock.now)
    erasing.erase(booking, clock.now)

    dispatch.deliver_due(clock.now)

    assert {state for kind, _, state in letters() if kind != "news"} <= {"stopped"}
    assert "zoe@example.org" not in everything()


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

    assert fresh_links.correct_address(booking, "zoe@example.com", clock.now)

    assert letters() == [("requested", "zoe@example.com", "stopped"), ("requested", "zoe@example.com", "waiting")]
    assert (live(), links.is_over(old, clock.now)) == (["zoe@example.com"], True)
    assert "zoe@example.org" not in everything()


def test_step_with_a_link_that_ended_meanwhile_proves_no_mailbox(booking, clock):
    """The step was looked at before the address was corrected, and noted afterwards."""
    link = links.current(booking)
    fresh_links.correct_address(booking, "stranger@example.com", clock.now)

    fresh_links.note_use(link, clock.now)

    assert (link.opened_at, links.current(booking).opened_at) == (None, None)


def test_address_is_corrected_once_and_within_half_an_hour(booking, clock):
    now = clock.now
    late = fresh_links.correct_address(booking, "late@example.com", now + timedelta(minutes=31))
    first = fresh_links.correct_address(booking, "first@example.com", now + timedelta(minutes=29))
    second = fresh_links.correct_address(booking, "second@example.com", now + timedelta(minutes=29))

    assert (late, first, second, live()) == (False, True, False, ["first@example.com"])


@pytest.mark.postgresql
def test_fresh_links_and_handovers_at_once_wait_for_each_other(app_pg, clock):
    make.house()
    hall, _, _ = make.rooms()
    now = clock.now
    ids = []
    for day in ("06", "13", "20", "27"):
        booking = make.booking(hall, f"2027-01-{day}T16:00", email=f"zoe{day}@example.org")
        make.link(booking)
        ids.append((booking.id, booking.contact.email))

    def at_once(act):
        with app_pg.app_context():
            together.wait()
            act()
            db.session.remove()

    for booking_id, email in ids:
        acts = (
            lambda booking_id=booking_id: handover.hand_over(db.session.get(Booking, booking_id), "Ali", ALI, now),
            lambda booking_id=booking_id: people.share(db.session.get(Booking, booking_id), "Kim", "kim@x.org", now),
            lambda email=email: (fresh_links.send_fresh_links(email, "de", now), dispatch.deliver_due(now)),
            lambda: (fresh_links.send_fresh_links(UNKNOWN, "de", now), dispatch.deliver_due(now)),
        )
        together = threading.Barrier(len(acts))
        with ThreadPoolExecutor(len(acts)) as threads:
            list(threads.map(at_once, acts))  # raises what one of them has met
