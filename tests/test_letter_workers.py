"""Several workers at once, and workers that die in the middle of a letter."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from datetime import timedelta

import pytest

from booking import outbox
from booking.database import db
from tests.support.letters import NOW, in_context, put, put_raw, set_up, states, subjects, wait_until
from tests.support.mail import MailServer

MINUTE = timedelta(minutes=1)


def test_workers_at_once_send_every_letter_once(sending_on_each, smtp):
    for number in range(40):
        put(f"{number}@example.org", subject=str(number))

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
    put()
    slow = threading.Thread(target=in_context, args=(sending, outbox.deliver_due, NOW))
    slow.start()
    wait_until(lambda: smtp.held == 1)
    assert states() == [("sending", 1, "")]
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


#: A worker whose clock runs 60 times as fast as ours, in a process of its own that can be killed. A letter of a dead
#: one is taken over after twelve time-outs by that clock: four seconds, which no living one needs, busy as it may be.
WORKER = """
import sys, time
from datetime import datetime, timedelta
from booking import create_app, outbox
database, smtp, start, began = sys.argv[1:]
app = create_app({"DATABASE_URL": database, "SMTP_URL": smtp, "SMTP_TIMEOUT": 20, "PUBLIC_URL": "http://localhost"})
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


def test_worker_that_is_told_to_stop_finishes_the_letter_in_hand_and_no_other(engine_app, smtp):
    set_up(engine_app, smtp)
    smtp.hanging = True
    for number in range(3):
        put(subject=str(number))
    worker = start_command(engine_app, smtp)
    try:
        wait_until(lambda: smtp.held == 1)
        worker.terminate()
        smtp.hanging = False
        said, complaints = worker.communicate(timeout=60)
    finally:
        worker.kill()

    assert (worker.returncode, said, complaints) == (0, "", "")
    assert [state[:2] for state in states()] == [("sent", 1), ("waiting", 0), ("waiting", 0)]
    assert subjects(smtp) == ["0"]


def start_command(app, smtp):
    """``flask letters send`` as a supervisor starts it."""
    environment = {
        "PATH": os.environ["PATH"],
        "DATABASE_URL": app.config["DATABASE_URL"],
        "BOOKING_INSTANCE": app.instance_path,
        "BOOKING_PUBLIC_URL": "http://localhost",
        "BOOKING_SMTP_URL": smtp.url,
        "BOOKING_SMTP_TIMEOUT": "60",
    }
    command = [sys.executable, "-m", "flask", "--app", "app", "letters", "send"]
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    return subprocess.Popen(command, cwd=app.root_path, env=environment, text=True, **pipes)


def test_worker_gives_signs_of_life_until_it_ends(sending, smtp, clock):
    assert outbox.report(NOW).silent_for is None
    stop = threading.Event()
    worker = threading.Thread(target=outbox.run_worker, args=(sending, stop), kwargs={"wait": 0.02})
    worker.start()
    try:
        wait_until(lambda: outbox.report(NOW).silent_for is not None)
        smtp.hanging = True
        put(now=clock.now)
        wait_until(lambda: outbox.report(NOW).silent_for > 0.2)  # it hangs with the mail server
    finally:
        smtp.hanging = False
        stop.set()
        worker.join()
    assert outbox.report(NOW).silent_for is None


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
            assert time.time() < began + 240, outbox.counts()
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
