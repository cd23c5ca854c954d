"""Letters are never lost: a real mail server that is slow, silent, rude or gone, and workers that die."""

import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections import Counter
from datetime import timedelta
from email import message_from_bytes, policy
from pathlib import Path

import pytest
import recurring_ical_events
from icalendar import Calendar

from booking import delivery, ical, links, outbox
from booking.database import db, transaction
from booking.models import Contact, House, Letter
from tests import make
from tests.support.mail import MailServer

NOW = make.instant("2026-11-30T10:00")
MINUTE = timedelta(minutes=1)


@pytest.fixture
def sending(app, smtp):
    """The application, with a mail server set."""
    return set_up(app, smtp)


@pytest.fixture
def sending_on_each(engine_app, smtp):
    return set_up(engine_app, smtp)


def set_up(app, smtp):
    app.config.update(SMTP_URL=smtp.url, SMTP_TIMEOUT=1)
    make.house()
    return app


def put(email="zoe@example.org", *, to_office=False, subject="Hallo", body="Text", now=NOW, **changes):
    contact = None if to_office else changes.pop("contact", None) or Contact(name="Zoë Müller", email=email)
    with transaction():
        if contact:
            db.session.add(contact)
        return outbox.put("approved", subject=subject, body=body, language="de", contact=contact, now=now, **changes)


def put_raw(**values):
    """A row as no code of ours would write it."""
    letter = put()
    with transaction():
        db.session.execute(db.update(Letter).where(Letter.id == letter.id).values(**values))
    return letter


def states():
    """State, attempts and error of all letters."""
    db.session.rollback()
    return [
        (each.state, each.attempts, each.error) for each in db.session.scalars(db.select(Letter).order_by(Letter.id))
    ]


def subjects(smtp):
    return [message["Subject"] for message in smtp.messages]


# -- What arrives


def test_letter_arrives_as_it_was_written(sending, smtp):
    booking = make.booking(make.room(), "2027-01-06T16:00", title="Bürgertreff „Größe“")
    calendar = ical.calendar(booking.occurrences, method="PUBLISH", language="de")
    subject = "Zugesagt: Bürgertreff „Größe“, am Mi, 6. Januar 2027 – schön, dass ihr alle zusammen dabei seid"
    letter = put(subject=subject, body="Schöne Grüße\n\n🎉", calendar=calendar, contact=booking.contact)

    assert outbox.deliver_due(NOW + MINUTE) == 1

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
    assert message.get_body().get_content().splitlines() == ["Schöne Grüße", "", "🎉"]
    [attachment] = message.iter_attachments()
    assert attachment["Content-Type"] == 'text/calendar; charset="utf-8"; method="PUBLISH"'
    assert attachment.get_filename() == "termine.ics"
    read = Calendar.from_ical(attachment.get_payload(decode=True))
    [event] = recurring_ical_events.of(read).between((2027, 1, 1), (2027, 12, 31))
    assert (event["SUMMARY"], event.start) == ("Bürgertreff „Größe“", make.instant("2027-01-06T16:00"))
    assert states() == [("sent", 1, "")]
    assert letter.sent_at == NOW + MINUTE


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

    outbox.deliver_due(NOW)

    [message] = smtp.messages
    assert message["Subject"] == "An Zoë ⟦link⟧ Bcc: x@example.org"
    assert message.get_content().strip() == (
        f"http://localhost/a/{links.token(link)} Zoë ⟦link⟧ Bcc: x@example.org ⟦config⟧ {{0.__class__}} {{{{ 7*7 }}}}"
    )


def test_letter_to_the_office_goes_to_the_house(sending, smtp):
    put(to_office=True)

    outbox.deliver_due(NOW)

    assert [message["To"] for message in smtp.messages] == ["innovationen@bielefeld.de"]


def test_sender_can_be_set(sending, smtp):
    sending.config["MAIL_FROM"] = "Räume Bielefeld <raeume@bielefeld.de>"
    put()

    outbox.deliver_due(NOW)

    assert [message["From"] for message in smtp.messages] == ["Räume Bielefeld <raeume@bielefeld.de>"]


@pytest.mark.parametrize("subject", ["x\r\nBcc: e@example.org", "x\ny", "x\ry", "x\u2028y", "x\x0by", ""])
def test_subject_of_several_lines_is_refused(sending, subject):
    with pytest.raises(ValueError, match="a subject is one line"):
        put(subject=subject)


@pytest.mark.parametrize("subject", ["x\r\nBcc: e@example.org", "x\ny", "x\u2028y"])
def test_subject_of_several_lines_is_never_sent(sending, smtp, subject):
    put_raw(subject=subject)

    outbox.deliver_due(NOW)

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

    outbox.deliver_due(NOW)

    assert [message["To"] for message in smtp.messages] == ["next@example.org"]
    assert states() == [("failed", 1, "the address cannot be read"), ("sent", 1, "")]


def test_address_with_umlauts_in_its_domain_is_written_to(sending, smtp):
    put("zoe@bücher.example")

    outbox.deliver_due(NOW)

    assert [message["To"] for message in smtp.messages] == ["zoe@xn--bcher-kva.example"]


def test_person_who_was_forgotten_gets_nothing(sending, smtp):
    letter = put()
    with transaction():
        letter.contact.email = letter.contact.name = None

    outbox.deliver_due(NOW)

    assert smtp.messages == []
    assert states() == [("stopped", 1, "")]


# -- Putting, stopping, waiting


def test_letter_is_put_with_what_causes_it_or_not_at_all(sending_on_each, smtp):
    def break_off():
        with transaction():
            db.session.add(Contact(name="Zoë", email="zoe@example.org"))
            outbox.put("approved", subject="Hallo", body="", language="de", now=NOW)
            raise RuntimeError

    with pytest.raises(RuntimeError):
        break_off()
    assert db.session.scalar(db.select(db.func.count()).select_from(Contact)) == 0
    assert outbox.counts() == {}
    assert outbox.deliver_due(NOW) == 0

    put()

    assert db.session.scalar(db.select(db.func.count()).select_from(Contact)) == 1
    assert outbox.counts() == {"waiting": 1}
    assert outbox.deliver_due(NOW) == 1


def test_letter_waits_for_its_time(sending, smtp):
    put(send_at=NOW + MINUTE)

    assert outbox.deliver_due(NOW + timedelta(seconds=59)) == 0
    assert outbox.deliver_due(NOW + MINUTE) == 1


def test_letter_can_be_stopped_while_it_waits(sending_on_each, smtp):
    letter = put(send_at=NOW + MINUTE)

    with transaction():
        assert outbox.stop(letter) is True

    assert outbox.deliver_due(NOW + 2 * MINUTE) == 0
    with transaction():
        assert outbox.stop(letter) is False
    assert states() == [("stopped", 0, "")]


def test_letter_on_its_way_cannot_be_stopped(sending, smtp):
    smtp.answer = "451 4.3.0 Try again later"
    letter = put()
    outbox.deliver_due(NOW)

    with transaction():
        assert outbox.stop(letter) is False


def test_letter_can_be_sent_at_once(sending, smtp):
    letter = put(send_at=NOW + MINUTE)

    with transaction():
        outbox.send_now(letter, NOW)

    assert outbox.deliver_due(NOW) == 1


def test_failed_letter_can_be_sent_again(sending, smtp):
    smtp.refusals["zoe@example.org"] = "550 5.1.1 No such mailbox"
    letter = put()
    outbox.deliver_due(NOW)
    smtp.refusals.clear()

    with transaction():
        outbox.send_now(letter, NOW)

    assert outbox.deliver_due(NOW) == 1
    assert states() == [("sent", 2, "")]


def test_letters_about_one_booking_leave_in_order(sending, smtp):
    booking = make.booking(make.room(), "2027-01-06T16:00")
    put(subject="zugesagt", booking=booking, contact=booking.contact, send_at=NOW + MINUTE)
    put(subject="abgesagt", booking=booking, contact=booking.contact)
    put(subject="another matter")

    outbox.deliver_due(NOW)
    outbox.deliver_due(NOW + MINUTE)

    assert subjects(smtp) == ["another matter", "zugesagt", "abgesagt"]


def test_age_of_the_oldest_letter_is_known(sending, smtp):
    assert outbox.oldest_waiting(NOW) is None
    put(send_at=NOW + MINUTE)
    assert outbox.oldest_waiting(NOW + timedelta(seconds=30)) is None
    assert outbox.oldest_waiting(NOW + 2 * MINUTE) == 120

    outbox.deliver_due(NOW + 2 * MINUTE)

    assert outbox.oldest_waiting(NOW + 3 * MINUTE) is None


# -- A mail server that says no


def test_refused_recipient_ends_one_letter_and_no_other(sending_on_each, smtp):
    smtp.refusals["zoe.mueller@example.org"] = "550 5.1.1 <zoe.mueller@example.org>: user Zoe.Mueller unknown"
    put("zoe.mueller@example.org")
    put("tom@example.org")

    assert outbox.deliver_due(NOW) == 1

    assert states() == [("failed", 1, "550 5.1.1 …: user … unknown"), ("sent", 1, "")]
    assert outbox.counts() == {"failed": 1, "sent": 1}


def test_refused_text_ends_the_letter(sending, smtp):
    smtp.answer = "554 5.7.1 Looks like spam"
    put()

    outbox.deliver_due(NOW)

    assert states() == [("failed", 1, "554 5.7.1 Looks like spam")]


@pytest.mark.parametrize(
    "answer", ["451 4.7.1 Greylisted", "452 4.2.2 Mailbox full", "530 5.7.0 Authentication required"]
)
def test_recipient_not_taken_now_is_tried_again(sending, smtp, answer):
    smtp.refusals["zoe@example.org"] = answer
    put()

    assert outbox.deliver_due(NOW) == 0
    assert states() == [("waiting", 1, answer)]

    smtp.refusals.clear()
    assert outbox.deliver_due(NOW + MINUTE / 2) == 0
    assert outbox.deliver_due(NOW + 2 * MINUTE) == 1


def test_recipient_who_is_never_taken_does_not_hold_up_the_others(sending, smtp):
    smtp.refusals["zoe@example.org"] = "452 4.2.2 Mailbox full"
    put()
    for number in range(5):
        put("tom@example.org", subject=str(number))

    for minute in range(120):
        outbox.deliver_due(NOW + minute * MINUTE)

    assert subjects(smtp) == ["0", "1", "2", "3", "4"]
    state, attempts, _ = states()[0]
    assert (state, attempts) == ("waiting", 5)  # after 1, 5, 15 and 60 minutes


# -- A mail server that is away


def test_server_that_is_away_costs_no_letter_an_attempt(sending_on_each, smtp):
    smtp.stop()
    put()
    put()

    assert outbox.deliver_due(NOW) == 0
    assert states() == [("waiting", 0, ""), ("waiting", 0, "")]

    smtp.start()
    assert outbox.deliver_due(NOW + timedelta(seconds=4)) == 0
    assert outbox.deliver_due(NOW + timedelta(seconds=6)) == 2


def test_outage_of_a_day_loses_nothing_and_tells_once(sending, smtp, caplog):
    smtp.stop()
    for number in range(3):
        put(subject=str(number))

    for second in range(0, 24 * 3600, 60):
        outbox.deliver_due(NOW + timedelta(seconds=second))

    assert states() == [("waiting", 0, "")] * 3
    assert [record.getMessage() for record in caplog.records if record.levelname == "ERROR"] == [
        "no letter has left since 2026-11-30 09:00 UTC: see BOOKING_SMTP_URL"
    ]
    smtp.start()
    assert outbox.deliver_due(NOW + timedelta(hours=24, minutes=6)) == 3
    assert subjects(smtp) == ["0", "1", "2"]


def test_pause_does_not_outlast_a_clock_that_was_set_back(sending, smtp):
    smtp.stop()
    put(now=NOW - timedelta(days=2))
    outbox.deliver_due(NOW)
    smtp.start()

    assert outbox.deliver_due(NOW - timedelta(days=1)) == 1


def test_server_that_hangs_is_left_after_the_time_out(sending, smtp):
    smtp.hanging = True
    put()
    started = time.monotonic()

    assert outbox.deliver_due(NOW) == 0

    assert time.monotonic() - started < 4
    assert [state[:2] for state in states()] == [("waiting", 1)]
    smtp.hanging = False
    assert outbox.deliver_due(NOW + 2 * MINUTE) == 1


def test_server_without_a_greeting_is_left_after_the_time_out(sending):
    put()
    with socket.create_server(("127.0.0.1", 0)) as silent:
        sending.config["SMTP_URL"] = f"smtp://127.0.0.1:{silent.getsockname()[1]}"
        started = time.monotonic()

        assert outbox.deliver_due(NOW) == 0

    assert time.monotonic() - started < 4
    assert states() == [("waiting", 0, "")]


def test_nothing_is_locked_while_a_server_hangs(sending_on_each, smtp):
    smtp.hanging = True
    sending_on_each.config["SMTP_TIMEOUT"] = 20
    put()
    worker = threading.Thread(target=in_context, args=(sending_on_each, outbox.deliver_due, NOW))
    worker.start()
    wait_until(lambda: states() == [("sending", 1, "")])

    with transaction():
        db.session.get_one(House, 1).lobby_hint = "changed"

    smtp.hanging = False
    worker.join()
    assert states() == [("sent", 1, "")]


# -- Workers


def in_context(app, act, *arguments):
    with app.app_context():
        return act(*arguments)


def wait_until(holds, seconds=15):
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_workers_at_once_send_every_letter_once(sending_on_each, smtp):
    for number in range(40):
        put(subject=str(number))

    workers = [threading.Thread(target=in_context, args=(sending_on_each, outbox.deliver_due, NOW)) for _ in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()

    assert sorted(subjects(smtp), key=int) == [str(number) for number in range(40)]
    assert states() == [("sent", 1, "")] * 40


def test_letter_of_a_dead_worker_is_taken_over_after_the_lease(sending, smtp):
    put_raw(state="sending", attempts=1, lease_until=NOW + 2 * MINUTE)

    assert outbox.deliver_due(NOW + MINUTE) == 0
    assert outbox.deliver_due(NOW + 2 * MINUTE) == 1
    assert states() == [("sent", 2, "")]


def test_worker_that_comes_back_late_changes_nothing(sending, smtp):
    """The first is slow, a second takes the letter over, is refused and ends it; then the first hears its 250."""
    smtp.hanging = True
    sending.config["SMTP_TIMEOUT"] = 20
    put()
    slow = threading.Thread(target=in_context, args=(sending, outbox.deliver_due, NOW))
    slow.start()
    wait_until(lambda: states() == [("sending", 1, "")])
    smtp.refusals["zoe@example.org"] = "550 5.1.1 No such mailbox"
    outbox.deliver_due(NOW + timedelta(hours=1))

    smtp.hanging = False
    slow.join()

    assert len(smtp.messages) == 1
    assert states() == [("failed", 2, "550 5.1.1 No such mailbox")]


def test_worker_sends_until_it_is_stopped(sending_on_each, smtp, clock):
    stop = threading.Event()
    worker = threading.Thread(target=outbox.run_worker, args=(sending_on_each, stop), kwargs={"wait": 0.02})
    worker.start()
    try:
        put(subject="first", now=clock.now)
        smtp.wait_for(1)
        put(subject="second", now=clock.now)
        smtp.wait_for(2)
    finally:
        stop.set()
        worker.join()

    assert subjects(smtp) == ["first", "second"]


def test_worker_outlives_every_error_and_tells_no_personal_data(sending, smtp, clock, caplog):
    put("zoe@example.org", now=clock.now)
    sending.config["SMTP_URL"] = "smtp://zoe@example.org:no-number"
    stop = threading.Event()
    worker = threading.Thread(target=outbox.run_worker, args=(sending, stop), kwargs={"wait": 0.02})
    worker.start()
    try:
        wait_until(lambda: len(caplog.records) > 1)
        sending.config["SMTP_URL"] = smtp.url
        smtp.wait_for(1)
    finally:
        stop.set()
        worker.join()

    assert {record.getMessage().split(", line")[0] for record in caplog.records} == {"letters: ValueError in parse.py"}


#: A worker whose clock runs 60 times as fast as ours, in a process of its own that can be killed.
WORKER = """
import sys, time
from datetime import datetime, timedelta
from booking import create_app, outbox
database, smtp, start, began = sys.argv[1:]
app = create_app({"DATABASE_URL": database, "SMTP_URL": smtp, "SMTP_TIMEOUT": 5, "PUBLIC_URL": "http://localhost"})
print("ready", flush=True)
while True:
    with app.app_context():
        outbox.deliver_due(datetime.fromisoformat(start) + 60 * timedelta(seconds=time.time() - float(began)))
    time.sleep(0.02)
"""


def start_worker(app, smtp, began):
    arguments = (app.config["DATABASE_URL"], smtp.url, NOW.isoformat(), str(began))
    worker = subprocess.Popen([sys.executable, "-c", WORKER, *arguments], stdout=subprocess.PIPE, text=True)
    if worker.stdout.readline() != "ready\n":
        end(worker)
        pytest.fail("the worker did not start")
    return worker


def end(worker):
    worker.kill()
    worker.wait()
    worker.stdout.close()


class DeadlyServer(MailServer):
    """Kills the worker after taking its first letter, before the worker hears of it."""

    victim = None

    async def handle_DATA(self, server, session, envelope):  # noqa: N802 - aiosmtpd's name
        answer = await super().handle_DATA(server, session, envelope)
        if len(self.messages) == 1:
            os.kill(self.victim, signal.SIGKILL)
        return answer


def test_letter_of_a_worker_killed_before_it_hears_the_answer_goes_twice_with_one_id(engine_app):
    server = DeadlyServer()
    server.start()
    set_up(engine_app, server)
    worker = start_worker(engine_app, server, time.time())
    server.victim = worker.pid
    try:
        letter = put()
        server.wait_for(1)
    finally:
        end(worker)
    assert states() == [("sending", 1, "")]

    assert outbox.deliver_due(NOW + timedelta(hours=1)) == 1

    server.stop()
    assert [message["Message-ID"] for message in server.messages] == [letter.message_id] * 2
    assert states() == [("sent", 2, "")]


class MoodyServer(MailServer):
    """Every ninth letter is not wanted now, every thirteenth taken without a word."""

    number = 0
    unheard = 0

    async def handle_DATA(self, server, session, envelope):  # noqa: N802 - aiosmtpd's name
        self.number += 1
        if self.number % 9 == 0:
            return "451 4.3.0 Try again later"
        answer = await super().handle_DATA(server, session, envelope)
        if self.number % 13 == 0:
            self.unheard += 1
            server.transport.abort()
        return answer


def test_chaos_loses_no_letter(engine_app):
    server = MoodyServer()
    server.refusals = dict.fromkeys(("gone-1@example.org", "gone-2@example.org"), "550 5.1.1 No such mailbox")
    set_up(engine_app, server)
    began = time.time()
    workers = [start_worker(engine_app, server, began) for _ in range(2)]
    try:
        letters = [put(f"{name}@example.org").message_id for name in [*range(20), "gone-1", *range(20), "gone-2"]]
        server.start()
        kills = 0
        while "waiting" in outbox.counts() or "sending" in outbox.counts():
            assert time.time() < began + 60, outbox.counts()
            time.sleep(0.4)
            if kills < 4:
                end(workers.pop(0))
                workers.append(start_worker(engine_app, server, began))
                kills += 1
            db.session.rollback()
    finally:
        for worker in workers:
            end(worker)
        server.stop()

    gone = {letters[20], letters[41]}
    arrived = Counter(message["Message-ID"] for message in server.messages)
    assert set(arrived) == set(letters) - gone
    assert outbox.counts() == {"sent": 40, "failed": 2}
    # A letter whose acceptance nobody heard goes again: that is what "never lost" costs.
    assert arrived.total() - len(arrived) <= server.unheard + kills


# -- Without a mail server


def test_letters_become_files_where_no_mail_server_is_set(app):
    make.house()
    first, second = put(subject="Schöne Grüße"), put(to_office=True, now=NOW + MINUTE)

    assert outbox.deliver_due(NOW + MINUTE) == 2

    files = sorted((Path(app.instance_path) / "mail").iterdir())
    assert [file.name for file in files] == [
        f"20261130T090000Z-{first.id:06}-approved.eml",
        f"20261130T090100Z-{second.id:06}-approved.eml",
    ]
    message = message_from_bytes(files[0].read_bytes(), policy=policy.default)
    assert (message["Subject"], message["To"]) == ("Schöne Grüße", "zoe@example.org")
    assert states() == [("sent", 1, "")] * 2


def test_letters_wait_while_files_cannot_be_written(app):
    make.house()
    folder = Path(app.instance_path) / "mail"
    folder.parent.mkdir(exist_ok=True)
    folder.write_text("not a folder")
    put()

    assert outbox.deliver_due(NOW) == 0

    assert [state[0] for state in states()] == ["waiting"]
    folder.unlink()
    assert outbox.deliver_due(NOW + 2 * MINUTE) == 1


# -- The address of the mail server


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("smtp://mail.example.org", ("mail.example.org", 25, "", "", "")),
        ("smtp://127.0.0.1:2525", ("127.0.0.1", 2525, "", "", "")),
        ("smtp://user:p%40ss@mail.example.org?starttls=1", ("mail.example.org", 587, "starttls", "user", "p@ss")),
        ("smtps://user:pass@mail.example.org", ("mail.example.org", 465, "tls", "user", "pass")),
        ("smtps://mail.example.org:4465", ("mail.example.org", 4465, "tls", "", "")),
    ],
)
def test_mail_server_is_read_from_its_address(url, expected):
    assert delivery.mail_server(url) == expected


@pytest.mark.parametrize("url", ["mail.example.org", "http://mail.example.org", "smtp://", "smtp://host:x"])
def test_address_that_is_no_mail_server_is_refused(url):
    with pytest.raises(ValueError):  # noqa: PT011 - the words are for the operator
        delivery.mail_server(url)
