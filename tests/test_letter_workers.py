"""Several workers at once, and workers that die in the middle of a letter."""

import asyncio
import os
import signal
import subprocess
import sys
import threading
from collections import Counter
from contextlib import contextmanager
from datetime import timedelta

import pytest

from booking.database import db
from booking.letters import dispatch
from tests.support.letters import NOW, counts, in_context, put, put_raw, set_up, states, subjects, wait_until
from tests.support.mail import MailServer

MINUTE = timedelta(minutes=1)


def test_workers_at_once_send_every_letter_once(sending_on_each, smtp):
    for number in range(40):
        put(f"{number}@example.org", subject=str(number))

    workers = [threading.Thread(target=in_context, args=(sending_on_each, dispatch.deliver_due, NOW)) for _ in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()

    assert sorted(subjects(smtp), key=int) == [str(number) for number in range(40)]
    assert states() == [("sent", 1, "")] * 40


def test_letter_of_a_dead_worker_is_taken_over_after_the_lease(sending, smtp):
    put_raw(state="sending", attempts=1, lease_until=NOW + 2 * MINUTE)

    assert dispatch.deliver_due(NOW + MINUTE) == 0
    assert dispatch.deliver_due(NOW + 2 * MINUTE) == 1
    assert states() == [("sent", 2, "")]


def test_letter_in_the_hand_of_a_worker_whose_clock_is_ahead_is_left_to_it(sending, smtp):
    smtp.hanging = True
    put()
    other = threading.Thread(target=in_context, args=(sending, dispatch.deliver_due, NOW + timedelta(seconds=3)))
    other.start()
    wait_until(lambda: smtp.held == 1)
    smtp.refusals["zoe@example.org"] = "550 5.1.1 No such mailbox"

    dispatch.deliver_due(NOW)

    smtp.hanging = False
    other.join()
    assert states() == [("sent", 1, "")]


def test_worker_that_comes_back_late_changes_nothing(sending, smtp):
    """The first is slow, a second takes the letter over, is refused and ends it; then the first hears its 250."""
    smtp.hanging = True
    put()
    slow = threading.Thread(target=in_context, args=(sending, dispatch.deliver_due, NOW))
    slow.start()
    wait_until(lambda: smtp.held == 1)
    assert states() == [("sending", 1, "")]
    smtp.refusals["zoe@example.org"] = "550 5.1.1 No such mailbox"
    dispatch.deliver_due(NOW + timedelta(hours=1))

    smtp.hanging = False
    slow.join()

    assert len(smtp.messages) == 1
    assert states() == [("failed", 2, "550 5.1.1 No such mailbox")]


def test_worker_sends_until_it_is_stopped(sending_on_each, smtp, clock):
    stop = threading.Event()
    worker = threading.Thread(target=dispatch.run_worker, args=(sending_on_each, stop), kwargs={"wait": 0.02})
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
    worker = threading.Thread(target=dispatch.run_worker, args=(sending, stop), kwargs={"wait": 0.02})
    worker.start()
    try:
        wait_until(lambda: len(caplog.records) > 1)
        sending.config["SMTP_URL"] = smtp.url
        smtp.wait_for(1)
    finally:
        stop.set()
        worker.join()

    assert {record.getMessage().split(", line")[0] for record in caplog.records} == {"letters: ValueError in parse.py"}


#: At each line, an instant, it lets two workers send what is due then, processes of their own that can be killed. What
#: it says are their ids and, once both have ended, "over". They are kept as zombies until the next line, so that
#: nobody else gets these ids meanwhile. By their clock no lease ends before the next instant, busy as they may be.
NURSERY = """
import os, sys
from datetime import datetime
from booking import create_app
from booking.letters import outbox, dispatch
database, smtp = sys.argv[1:]
app = create_app({"DATABASE_URL": database, "SMTP_URL": smtp, "SMTP_TIMEOUT": 60, "PUBLIC_URL": "http://localhost"})
workers = []
for line in sys.stdin:
    while workers:
        os.waitpid(workers.pop(), 0)
    for _ in range(2):
        workers.append(os.fork())
        if not workers[-1]:
            with app.app_context():
                dispatch.deliver_due(datetime.fromisoformat(line.strip()))
            os._exit(0)
    print(*workers, flush=True)
    for worker in workers:
        os.waitid(os.P_PID, worker, os.WEXITED | os.WNOWAIT)
    print("over", flush=True)
"""


class MoodyServer(MailServer):
    """At its first try a letter meets what its address says, such as ``unheard-2@example.org``. It may be

    * put off (``later``), or broken off in the middle (``broken``);
    * taken without a word (``unheard``);
    * the last that two workers see, who are killed before it is taken (``early``) or after that (``late``).

    ``unsure`` counts for each Message-ID how often the letter was taken without a sign that its worker has noted that:
    a next command in the same conversation.
    """

    def __init__(self) -> None:
        super().__init__()
        self.refusals["gone@example.org"] = "550 5.1.1 No such mailbox"
        self.workers: list[int] = []
        self.unsure: Counter[str] = Counter()
        self._tried: set[str] = set()

    async def handle_DATA(self, server, session, envelope):  # noqa: N802 - aiosmtpd's name
        [address] = envelope.rcpt_tos
        ill = "" if address in self._tried else address.partition("-")[0]
        self._tried.add(address)
        if ill == "later":
            return "451 4.7.1 Greylisted"
        if ill == "broken":
            server.transport.abort()
            return "421 Gone"
        if ill == "early":
            await self._kill()
        answer = await super().handle_DATA(server, session, envelope)
        session.taken = self.messages[-1]["Message-ID"]
        self.unsure[session.taken] += 1
        if ill == "unheard":
            server.transport.abort()
        if ill == "late":
            await self._kill()
        return answer

    async def handle_MAIL(self, _server, session, envelope, address, options):  # noqa: N802 - aiosmtpd's name
        self._hear(session)
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return "250 OK"

    async def handle_QUIT(self, _server, session, _envelope):  # noqa: N802 - aiosmtpd's name
        self._hear(session)
        return "221 Bye"

    def _hear(self, session):
        taken, session.taken = getattr(session, "taken", None), None
        if taken is not None:
            self.unsure[taken] -= 1

    async def _kill(self):
        while not self.workers:  # the test is about to learn who they are
            await asyncio.sleep(0.01)
        for worker in self.workers:
            os.kill(worker, signal.SIGKILL)
        await asyncio.Event().wait()  # until the connection breaks


@pytest.fixture
def moody():
    server = MoodyServer()
    yield server
    server.stop()


@contextmanager
def two_workers(app, server):
    """Gives what lets two workers send all that is due at an instant, as far as the server lets them."""
    command = [sys.executable, "-c", NURSERY, app.config["DATABASE_URL"], server.url]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as nursery:

        def send(now):
            server.workers = []
            print(now.isoformat(), file=nursery.stdin, flush=True)
            server.workers = [int(worker) for worker in nursery.stdout.readline().split()]
            assert nursery.stdout.readline() == "over\n"

        yield send


def test_letter_of_a_worker_killed_before_it_hears_the_answer_goes_twice_with_one_id(either_app, moody):
    set_up(either_app, moody)
    moody.start()
    letter = put("late-1@example.org")
    with two_workers(either_app, moody) as send:
        send(NOW)
        assert states() == [("sending", 1, "")]

        send(NOW + timedelta(hours=1))

    assert [message["Message-ID"] for message in moody.messages] == [letter.message_id] * 2
    assert states() == [("sent", 2, "")]


def test_worker_that_is_told_to_stop_finishes_the_letter_in_hand_and_no_other(either_app, smtp):
    set_up(either_app, smtp)
    smtp.hanging = True
    for number in range(3):
        put(subject=str(number))
    worker = start_command(either_app, smtp)
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


ILLS = ("later", "broken", "unheard", "early", "late")


def test_chaos_loses_no_letter(either_app, moody):
    set_up(either_app, moody)
    names = [name for number in range(2) for ill in ILLS for name in (f"{ill}-{number}", f"well-{ill}-{number}")]
    letters = {put(f"{name}@example.org").message_id for name in names}
    poisoned = [put(email) for email in ("gone@example.org", "a@ا٠..com")]
    with two_workers(either_app, moody) as send:
        send(NOW)  # while the server is away
        moody.start()
        hours = 0
        while counts().keys() & {"waiting", "sending"}:
            hours += 1
            assert hours < 24, states()
            send(NOW + timedelta(hours=hours))
            db.session.rollback()

    assert counts() == {"sent": len(letters), "failed": len(poisoned)}
    arrived = Counter(message["Message-ID"] for message in moody.messages)
    assert set(arrived) == letters
    # A letter goes again where nobody can know whether it was taken: that is what "never lost" costs.
    assert arrived - Counter(letters) <= moody.unsure
    assert moody.unsure.total() >= 4  # the unheard ones and those whose workers were killed
