"""Letters and a mail server that is slow, silent, rude, gone or not there at all."""

import os
import socket
import threading
from datetime import timedelta
from email import message_from_bytes, policy
from pathlib import Path

import pytest

from booking.database import db, transaction
from booking.letters import delivery, dispatch, outbox
from booking.models import House
from tests import make
from tests.support.letters import NOW, counts, in_context, put, put_raw, states, subjects, wait_until

MINUTE = timedelta(minutes=1)


def test_refused_recipient_ends_one_letter_and_no_other(sending_on_either, smtp):
    smtp.refusals["zoe.mueller@example.org"] = "550 5.1.1 <zoe.mueller@example.org>: user Zoe.Mueller unknown"
    put("zoe.mueller@example.org")
    put("tom@example.org")

    assert dispatch.deliver_due(NOW) == 1

    assert states() == [("failed", 1, "550 5.1.1 …: user … unknown"), ("sent", 1, "")]
    assert counts() == {"failed": 1, "sent": 1}


def test_refused_text_ends_the_letter(sending, smtp):
    smtp.answer = "554 5.7.1 Looks like spam"
    put()

    dispatch.deliver_due(NOW)

    assert states() == [("failed", 1, "554 5.7.1 Looks like spam")]


@pytest.mark.parametrize("answer", ["451 4.7.1 Greylisted", "452 4.2.2 Mailbox full", "450 Not now"])
def test_recipient_not_taken_now_is_tried_again(sending, smtp, answer):
    smtp.refusals["zoe@example.org"] = answer
    put()

    assert dispatch.deliver_due(NOW) == 0
    assert states() == [("waiting", 1, answer)]

    smtp.refusals.clear()
    assert dispatch.deliver_due(NOW + MINUTE / 2) == 0
    assert dispatch.deliver_due(NOW + 2 * MINUTE) == 1


def test_recipient_who_is_never_taken_does_not_hold_up_the_others(sending, smtp):
    smtp.refusals["zoe@example.org"] = "452 4.2.2 Mailbox full"
    put()
    for number in range(5):
        put(f"tom{number}@example.org", subject=str(number))

    for minute in range(120):
        dispatch.deliver_due(NOW + minute * MINUTE)

    assert subjects(smtp) == ["0", "1", "2", "3", "4"]
    state, attempts, _ = states()[0]
    assert (state, attempts) == ("waiting", 5)  # after 1, 5, 15 and 60 minutes


def test_server_that_is_away_costs_no_letter_an_attempt(sending_on_either, smtp):
    smtp.stop()
    put()
    put()

    assert dispatch.deliver_due(NOW) == 0
    assert states() == [("waiting", 0, ""), ("waiting", 0, "")]

    smtp.start()
    assert dispatch.deliver_due(NOW + timedelta(seconds=1)) == 0
    assert dispatch.deliver_due(NOW + timedelta(seconds=4)) == 2


OUTAGES = {
    "away": lambda smtp: smtp.stop(),
    "busy": lambda smtp: setattr(smtp, "answer", "451 4.3.2 System not accepting messages"),
    "closing": lambda smtp: setattr(smtp, "answer", "421 4.3.2 Closing"),
    "full": lambda smtp: setattr(smtp, "answer", "452 Insufficient system storage"),
    "wants to know us": lambda smtp: smtp.refusals.update({f"{n}@example.org": "530 5.7.0 Sign in" for n in range(9)}),
}


@pytest.mark.parametrize("outage", OUTAGES)
def test_after_an_outage_all_that_is_due_is_out_within_a_minute(sending_on_either, smtp, outage):
    for number in range(9):
        put(f"{number}@example.org")
    OUTAGES[outage](smtp)
    for minute in range(0, 180, 12):
        assert dispatch.deliver_due(NOW + minute * MINUTE) == 0
    assert {state[0] for state in states()} == {"waiting"}

    smtp.stop()
    smtp.answer = None
    smtp.refusals.clear()
    smtp.start()
    back = NOW + timedelta(hours=3)
    for second in range(0, 61, 5):
        dispatch.deliver_due(back + timedelta(seconds=second))

    assert counts() == {"sent": 9}
    assert dispatch.report(back).paused_since is None


def test_first_letter_that_meets_a_broken_server_keeps_no_other_from_trying(sending, smtp):
    smtp.crashes = {"zoe@example.org"}
    put("zoe@example.org")
    put("tom@example.org")

    assert dispatch.deliver_due(NOW) == 1

    assert [message["To"] for message in smtp.messages] == ["tom@example.org"]
    assert counts() == {"waiting": 1, "sent": 1}


def test_server_that_breaks_off_with_one_mailbox_is_not_asked_for_each_of_its_letters(sending_on_either, smtp):
    smtp.crashes = {"zoe+1@example.org", "zoe@example.org"}
    for address in ("zoe+1@example.org", "zoe@example.org", "zoe+1@example.org"):
        put(address)
        put("tom@example.org")

    assert dispatch.deliver_due(NOW) == 3

    assert [state[:2] for state in states()] == [("waiting", 1), ("sent", 1)] + [("waiting", 0), ("sent", 1)] * 2


def test_letter_that_always_breaks_the_server_rests_longer_and_longer(sending, smtp):
    smtp.crashes = {"zoe@example.org"}
    put("zoe@example.org")

    for minute in range(60):
        put(f"{minute}@example.org", now=NOW + minute * MINUTE)
        dispatch.deliver_due(NOW + minute * MINUTE)

    state, attempts, _ = states()[0]
    assert (state, attempts) == ("waiting", 4)  # twice as if the server were at fault, then 15 and 60 minutes
    assert counts() == {"waiting": 1, "sent": 60}


def test_mailbox_that_takes_nothing_for_days_is_given_up(sending_on_either, smtp):
    smtp.refusals["zoe@example.org"] = "452 4.2.2 Mailbox full"
    letter = put()

    for hour in range(0, 5 * 24, 8):
        dispatch.deliver_due(NOW + timedelta(hours=hour))
        assert [state[0] for state in states()] == ["waiting"]
        assert dispatch.report(NOW + timedelta(hours=hour)).oldest_waiting is None
    dispatch.deliver_due(NOW + timedelta(days=5))

    assert [state[::2] for state in states()] == [("failed", "452 4.2.2 Mailbox full")]
    assert outbox.not_gone(NOW + timedelta(days=5)) == (1, 1, None)
    with transaction():
        outbox.release(letter, NOW + timedelta(days=5))
    dispatch.deliver_due(NOW + timedelta(days=5))
    assert [state[0] for state in states()] == ["waiting"]  # its days begin anew


def test_days_of_an_outage_do_not_count_against_a_mailbox(sending, smtp):
    smtp.stop()
    put()
    for hour in range(0, 6 * 24, 12):
        dispatch.deliver_due(NOW + timedelta(hours=hour))
    smtp.start()
    smtp.refusals["zoe@example.org"] = "452 4.2.2 Mailbox full"

    dispatch.deliver_due(NOW + timedelta(days=6))

    assert states() == [("waiting", 1, "452 4.2.2 Mailbox full")]


def test_message_that_is_too_large_ends_alone(sending, smtp):
    smtp.stop()
    smtp.largest = 100
    smtp.start()
    put()

    dispatch.deliver_due(NOW)

    assert [state[0] for state in states()] == ["failed"]
    assert states()[0][2].startswith("552")
    assert dispatch.report(NOW).paused_since is None


def test_sending_is_reported(sending_on_either, smtp):
    assert dispatch.report(NOW) == (None, None, None)
    put()
    dispatch.deliver_due(NOW)
    smtp.stop()
    put(now=NOW + MINUTE)
    dispatch.deliver_due(NOW + MINUTE)

    report = dispatch.report(NOW + 2 * MINUTE)

    assert report[:2] == (60, NOW)
    assert (report.paused_since - NOW).total_seconds() // 60 == 1


def test_outage_of_a_day_loses_nothing_and_tells_once(sending, smtp, caplog):
    smtp.stop()
    for number in range(3):
        put(subject=str(number))

    for second in range(0, 24 * 3600, 600):
        dispatch.deliver_due(NOW + timedelta(seconds=second))
    report = dispatch.report(NOW + timedelta(hours=24))
    assert (report.oldest_waiting, report.paused_since) == (
        24 * 3600,
        NOW.replace(microsecond=report.paused_since.microsecond),
    )

    assert states() == [("waiting", 0, "")] * 3
    assert [record.getMessage() for record in caplog.records if record.levelname == "ERROR"] == [
        "no letter has left since 2026-11-30 09:00 UTC: see BOOKING_SMTP_URL"
    ]
    smtp.start()
    assert dispatch.deliver_due(NOW + timedelta(hours=24, seconds=30)) == 3
    assert subjects(smtp) == ["0", "1", "2"]


def test_clock_that_is_set_back_holds_up_no_letter(sending_on_either, smtp):
    hour = timedelta(hours=1)
    put("not-now@example.org", subject="put off")
    smtp.refusals["not-now@example.org"] = "452 4.2.2 Mailbox full"
    dispatch.deliver_due(NOW)
    smtp.refusals.clear()
    put(subject="new", send_at=NOW + MINUTE)
    put(subject="of the other clock", now=NOW - hour)
    put_raw(subject="of a dead worker", state="sending", attempts=1, lease_until=NOW + 12 * MINUTE)

    assert dispatch.deliver_due(NOW - hour) == 4

    assert set(subjects(smtp)) == {"put off", "new", "of the other clock", "of a dead worker"}


def test_clocks_that_differ_by_seconds_send_nothing_early(sending, smtp):
    put(now=NOW + timedelta(seconds=30), send_at=NOW + timedelta(seconds=90))

    assert dispatch.deliver_due(NOW) == 0


def test_pause_does_not_outlast_a_clock_that_was_set_back(sending, smtp):
    smtp.stop()
    put(now=NOW - timedelta(days=2))
    dispatch.deliver_due(NOW)
    smtp.start()

    assert dispatch.deliver_due(NOW - timedelta(days=1)) == 1


def test_server_that_hangs_is_left_after_the_time_out(sending, smtp):
    smtp.hanging = True
    sending.config["SMTP_TIMEOUT"] = 1
    put()

    assert dispatch.deliver_due(NOW) == 0  # else it would hang for ever

    assert [state[:2] for state in states()] == [("waiting", 1)]
    smtp.hanging = False
    assert dispatch.deliver_due(NOW + 2 * MINUTE) == 1


def test_server_without_a_greeting_is_left_after_the_time_out(sending):
    put()
    with socket.create_server(("127.0.0.1", 0)) as silent:
        sending.config.update(SMTP_URL=f"smtp://127.0.0.1:{silent.getsockname()[1]}", SMTP_TIMEOUT=1)

        assert dispatch.deliver_due(NOW) == 0  # else it would wait for ever

    assert states() == [("waiting", 0, "")]


def test_nothing_is_locked_while_a_server_hangs(sending_on_each, smtp):
    smtp.hanging = True
    put()
    worker = threading.Thread(target=in_context, args=(sending_on_each, dispatch.deliver_due, NOW))
    worker.start()
    wait_until(lambda: states() == [("sending", 1, "")])

    with transaction():
        db.session.get_one(House, 1).lobby_hint = "changed"

    smtp.hanging = False
    worker.join()
    assert states() == [("sent", 1, "")]


def test_letters_become_files_where_no_mail_server_is_set(app):
    make.house()
    first, second = put(subject="Schöne Grüße"), put(to_office=True, now=NOW + MINUTE)

    assert dispatch.deliver_due(NOW + MINUTE) == 2

    files = sorted((Path(app.instance_path) / "mail").iterdir())
    assert files[0].parent.stat().st_mode & 0o777 == 0o700
    assert [file.name for file in files] == [
        f"20261130T090000Z-{first.id:06}-approved.eml",
        f"20261130T090100Z-{second.id:06}-approved.eml",
    ]
    message = message_from_bytes(files[0].read_bytes(), policy=policy.default)
    assert (message["Subject"], message["To"]) == ("Schöne Grüße", "zoe@example.org")
    assert states() == [("sent", 1, "")] * 2


def test_folder_of_a_letter_file_is_stored_too(app, monkeypatch):
    """Without it the new name may be gone after a power cut, though the letter counts as sent."""
    synced = []
    fsync = os.fsync
    monkeypatch.setattr(os, "fsync", lambda number: (synced.append(os.fstat(number).st_ino), fsync(number)))
    make.house()
    put()

    dispatch.deliver_due(NOW)

    folder = Path(app.instance_path) / "mail"
    [file] = folder.iterdir()
    assert synced[-2:] == [file.stat().st_ino, folder.stat().st_ino]


def test_letters_wait_while_files_cannot_be_written(app):
    make.house()
    folder = Path(app.instance_path) / "mail"
    folder.parent.mkdir(exist_ok=True)
    folder.write_text("not a folder")
    put()

    assert dispatch.deliver_due(NOW) == 0

    assert [state[0] for state in states()] == ["waiting"]
    folder.unlink()
    assert dispatch.deliver_due(NOW + 2 * MINUTE) == 1


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
