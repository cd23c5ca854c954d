"""What becomes of a letter from the moment it is owed until it arrives."""

import threading
from datetime import timedelta

import pytest
import recurring_ical_events
from icalendar import Calendar

from booking import ical, links
from booking.database import db, sqlite_library, transaction, turns
from booking.letters import dispatch, outbox
from booking.models import Contact
from tests import make
from tests.support.letters import NOW, counts, put, put_raw, states, subjects
from tests.support.mail import plain

MINUTE = timedelta(minutes=1)


def test_letter_arrives_as_it_was_written(sending, smtp):
    booking = make.booking(make.room(), "2027-01-06T16:00", title="Bürgertreff „Größe“")
    (calendar,) = ical.objects(booking.occurrences, "de")
    subject = "Zugesagt: Bürgertreff „Größe“, am Mi, 6. Januar 2027 – schön, dass ihr alle zusammen dabei seid"
    letter = put(subject=subject, body="Schöne Grüße\n\n🎉", calendar=calendar, contact=booking.contact)

    assert dispatch.deliver_due(NOW + MINUTE) == 1

    [message] = smtp.messages
    headers = ("Subject", "From", "To", "Reply-To", "Message-ID", "Date", "Auto-Submitted", "Cc", "Bcc")
    assert {name: message[name] for name in headers} == {
        "Subject": subject,
        "From": "Innovation Office <innovationen@bielefeld.de>",
        "To": "zoe@example.org",
        "Reply-To": "innovationen@bielefeld.de",
        "Message-ID": letter.message_id,
        "Date": message["Date"],
        "Auto-Submitted": "auto-generated",
        "Cc": None,
        "Bcc": None,
    }
    assert message["Date"].datetime == NOW
    assert plain(message).splitlines() == ["Schöne Grüße", "", "🎉"]
    [attachment] = message.iter_attachments()
    assert attachment["Content-Type"] == 'text/calendar; charset="utf-8"; method="PUBLISH"'
    assert attachment.get_filename() == "termine.ics"
    read = Calendar.from_ical(attachment.get_payload(decode=True))
    [event] = recurring_ical_events.of(read).between((2027, 1, 1), (2027, 12, 31))
    assert (event["SUMMARY"], event.start) == ("Bürgertreff „Größe“", make.instant("2027-01-06T16:00"))
    assert states() == [("sent", 1, "")]
    assert letter.sent_at == NOW + MINUTE


def test_subject_keeps_every_space_wherever_it_is_folded(sending, smtp):
    wanted = [
        "x" * number + ": Füße, Straße & Ökologie – „Über-Mut“ 🌱 <b>x</b>, ab Di, 8. Dezember" for number in range(50)
    ]
    for subject in wanted:
        put(to_office=True, subject=subject)

    dispatch.deliver_due(NOW)

    assert subjects(smtp) == wanted


def test_name_and_link_are_filled_in_when_a_letter_is_sent(sending, smtp):
    booking = make.booking(make.room(), "2027-01-06T16:00")
    link = make.link(booking)
    with transaction():
        booking.contact.name = "Zoë ⟦link⟧\r\nBcc: x@example.org"
    put(
        subject="An ⟦name⟧",
        body="⟦link⟧ ⟦name⟧ ⟦config⟧ {0.__class__} {{ 7*7 }}",
        booking=booking,
        contact=booking.contact,
    )

    dispatch.deliver_due(NOW)

    [message] = smtp.messages
    assert message["Subject"] == "An Zoë ⟦link⟧ Bcc: x@example. org"
    assert plain(message).strip() == (
        f"http://localhost/a/{links.token(link)} Zoë ⟦link⟧ Bcc: x@example. org ⟦config⟧ {{0.__class__}} {{{{ 7*7 }}}}"
    )


def test_letter_to_the_office_goes_to_the_house(sending, smtp):
    put(to_office=True)

    dispatch.deliver_due(NOW)

    assert [message["To"] for message in smtp.messages] == ["innovationen@bielefeld.de"]


def test_sender_can_be_set(sending, smtp):
    sending.config["MAIL_FROM"] = "Räume Bielefeld <raeume@bielefeld.de>"
    put()

    dispatch.deliver_due(NOW)

    assert [message["From"] for message in smtp.messages] == ["Räume Bielefeld <raeume@bielefeld.de>"]


@pytest.mark.parametrize("subject", ["x\r\nBcc: e@example.org", "x\ny", "x\ry", "x\u2028y", "x\x0by", ""])
def test_subject_of_several_lines_is_refused(sending, subject):
    with pytest.raises(ValueError, match="a subject is one line"):
        put(subject=subject)


@pytest.mark.parametrize("subject", ["x\r\nBcc: e@example.org", "x\ny", "x\u2028y"])
def test_subject_of_several_lines_is_never_sent(sending, smtp, subject):
    put_raw(subject=subject)

    dispatch.deliver_due(NOW)

    assert smtp.messages == []
    assert states() == [("failed", 1, "a header would have several lines")]


@pytest.mark.parametrize(
    "address",
    [
        "a@example.org, victim@example.org",
        "a@example.org\r\nBcc: e@example.org",
        "<a@example.org>",
        "a",
        "",
        "a@",
        "jürgen@example.org",
    ],
)
def test_address_that_is_not_exactly_one_gets_nothing(sending, smtp, address):
    put(address)
    put("next@example.org")

    dispatch.deliver_due(NOW)

    assert [message["To"] for message in smtp.messages] == ["next@example.org"]
    assert states() == [("failed", 1, "the address cannot be read"), ("sent", 1, "")]


def test_address_with_umlauts_in_its_domain_is_written_to(sending, smtp):
    put("zoe@bücher.example")

    dispatch.deliver_due(NOW)

    assert [message["To"] for message in smtp.messages] == ["zoe@xn--bcher-kva.example"]


def test_person_who_was_forgotten_gets_nothing(sending, smtp):
    letter = put()
    with transaction():
        letter.contact.email = letter.contact.name = None

    dispatch.deliver_due(NOW)

    assert smtp.messages == []
    assert states() == [("stopped", 1, "")]


def test_letter_is_put_with_what_causes_it_or_not_at_all(sending_on_each, smtp):
    def break_off():
        with transaction():
            db.session.add(Contact(name="Zoë", email="zoe@example.org"))
            outbox.put("approved", subject="Hallo", body="", language="de", now=NOW)
            raise RuntimeError

    with pytest.raises(RuntimeError):
        break_off()
    assert db.session.scalar(db.select(db.func.count()).select_from(Contact)) == 0
    assert counts() == {}
    assert dispatch.deliver_due(NOW) == 0

    put()

    assert db.session.scalar(db.select(db.func.count()).select_from(Contact)) == 1
    assert counts() == {"waiting": 1}
    assert dispatch.deliver_due(NOW) == 1


def test_letter_waits_for_its_time(sending, smtp):
    put(send_at=NOW + MINUTE)

    assert dispatch.deliver_due(NOW + timedelta(seconds=59)) == 0
    assert dispatch.deliver_due(NOW + MINUTE) == 1


def test_letter_can_be_stopped_while_it_waits(sending_on_each, smtp):
    letter = put(send_at=NOW + MINUTE)

    with transaction():
        assert outbox.stop(letter) is True

    assert dispatch.deliver_due(NOW + 2 * MINUTE) == 0
    with transaction():
        assert outbox.stop(letter) is False
    assert states() == [("stopped", 0, "")]


def test_letter_on_its_way_cannot_be_stopped(sending, smtp):
    smtp.answer = "451 4.3.0 Try again later"
    letter = put()
    dispatch.deliver_due(NOW)

    with transaction():
        assert outbox.stop(letter) is False


def test_letter_can_be_sent_at_once(sending, smtp):
    letter = put(send_at=NOW + MINUTE)

    with transaction():
        outbox.release(letter, NOW)

    assert dispatch.deliver_due(NOW) == 1


def test_failed_letter_can_be_sent_again(sending, smtp):
    smtp.refusals["zoe@example.org"] = "550 5.1.1 No such mailbox"
    letter = put()
    dispatch.deliver_due(NOW)
    smtp.refusals.clear()

    with transaction():
        outbox.release(letter, NOW)

    assert dispatch.deliver_due(NOW) == 1
    assert states() == [("sent", 2, "")]


def test_letters_about_one_booking_leave_in_order(sending, smtp):
    booking = make.booking(make.room(), "2027-01-06T16:00")
    put(subject="zugesagt", booking=booking, contact=booking.contact, send_at=NOW + MINUTE)
    put(subject="abgesagt", booking=booking, contact=booking.contact)
    put(subject="another matter")

    dispatch.deliver_due(NOW)
    dispatch.deliver_due(NOW + MINUTE)

    assert subjects(smtp) == ["another matter", "zugesagt", "abgesagt"]


@pytest.mark.parametrize("hook", ["handle_RCPT", "handle_DATA"])
def test_letters_about_one_booking_keep_their_order_while_one_rests(sending_on_each, smtp, monkeypatch, hook):
    """The first is not wanted now, or meets a server that breaks off; the second would be taken at once."""
    booking = make.booking(make.room(), "2027-01-06T16:00")
    put(subject="zugesagt", booking=booking, contact=booking.contact)
    put(subject="abgesagt", booking=booking, contact=booking.contact)
    put(subject="to somebody else", booking=booking, to_office=True)
    answered, tries = getattr(smtp, hook), iter(["451 4.7.1 Greylisted" if hook == "handle_RCPT" else "421 Gone"])

    async def answer(*arguments):
        return next(tries, None) or await answered(*arguments)

    monkeypatch.setattr(smtp, hook, answer)
    dispatch.deliver_due(NOW)
    assert subjects(smtp) == ["to somebody else"]

    dispatch.deliver_due(NOW + MINUTE + timedelta(seconds=5))

    assert subjects(smtp) == ["to somebody else", "zugesagt", "abgesagt"]


def test_letter_that_left_while_nothing_could_be_stored_does_not_go_twice(sending, smtp, monkeypatch):
    monkeypatch.setattr(turns, "PATIENCE", 0.2)
    monkeypatch.setattr(dispatch, "NOTE_EVERY", 0.05)
    put()
    stuck = sqlite_library.connect(db.engine.url.database, isolation_level=None, check_same_thread=False)
    taken = smtp.handle_DATA

    async def take_and_block(*arguments):
        stuck.execute("BEGIN IMMEDIATE")
        threading.Timer(1, stuck.execute, ["ROLLBACK"]).start()
        return await taken(*arguments)

    monkeypatch.setattr(smtp, "handle_DATA", take_and_block)

    assert dispatch.deliver_due(NOW) == 1

    assert states() == [("sent", 1, "")]
    stuck.close()


def test_age_of_the_oldest_letter_is_known(sending, smtp):
    assert outbox.not_gone(NOW).oldest is None
    put(send_at=NOW + MINUTE)
    assert outbox.not_gone(NOW + timedelta(seconds=30)).oldest is None
    assert outbox.not_gone(NOW + 3 * MINUTE).oldest == 120

    dispatch.deliver_due(NOW + 2 * MINUTE)

    assert outbox.not_gone(NOW + 3 * MINUTE).oldest is None
