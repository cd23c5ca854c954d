"""Letters that are owed, and what became of them."""

import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from pathlib import Path
from threading import Barrier
from typing import Any

import pytest
from flask import Flask

from booking import log
from booking.database import db, transaction
from booking.domain.slot import Slot
from booking.letters import outbox
from booking.letters.html import LINE, NEXT
from booking.models import Booking, Contact, Letter
from booking.news import WRITERS
from booking.notices.frame import to_group, to_office
from booking.notices.people import new_link
from tests import make
from tests.support.mail import MailServer

NOW = make.instant("2026-11-30T10:00")

#: Whole letters, each as it shall be read.
FOLDER = Path(__file__).parent.parent / "letters"

#: Where each of them comes from.
TEMPLATES = FOLDER.parent.parent / "templates" / "mail"


def set_up(app: Flask, server: MailServer) -> Flask:
    """A house whose letters go to this mail server, which may be as slow as a busy machine makes it."""
    app.config.update(SMTP_URL=server.url, SMTP_TIMEOUT=60)
    make.house()
    return app


@pytest.fixture
def sending(app: Flask, smtp: MailServer) -> Flask:
    """The application on SQLite, with a mail server set."""
    return set_up(app, smtp)


@pytest.fixture
def sending_on_each(engine_app: Flask, smtp: MailServer) -> Flask:
    """The application with a mail server set, once on SQLite and once on PostgreSQL."""
    return set_up(engine_app, smtp)


@pytest.fixture
def sending_on_either(either_app: Flask, smtp: MailServer) -> Flask:
    """The application with a mail server set, on SQLite, and on PostgreSQL as a variant."""
    return set_up(either_app, smtp)


def put(
    email: str = "zoe@example.org",
    *,
    to_office: bool = False,
    subject: str = "Hallo",
    body: str = "Text",
    now: datetime = NOW,
    **changes: Any,
) -> Letter:
    """A letter to a new contact, unless ``contact`` or ``to_office`` says otherwise."""
    contact = None if to_office else changes.pop("contact", None) or Contact(name="Zoë Müller", email=email)
    with transaction():
        if contact:
            db.session.add(contact)
        return outbox.put("approved", subject=subject, body=body, language="de", contact=contact, now=now, **changes)


def put_raw(**values: Any) -> Letter:
    """A row as no code of ours would write it."""
    letter = put()
    with transaction():
        db.session.execute(db.update(Letter).where(Letter.id == letter.id).values(**values))
    return letter


@pytest.fixture(params=["de", "en"])
def language(request: pytest.FixtureRequest) -> str:
    """The language in which a group has asked."""
    return str(request.param)


def first_half(letter: Letter) -> str:
    """Subject and text in the language of the group, without the German that follows English."""
    return f"{letter.subject}\n\n{letter.body.replace(NEXT, '')}".partition(f"\n\n{LINE}\n\n")[0]


def expected(name: str, language: str) -> str:
    """What a letter shall say."""
    return (FOLDER / language / f"{name}.txt").read_text(encoding="utf-8").rstrip("\n")


def states() -> list[tuple[str, int, str]]:
    """State, attempts and error of all letters."""
    db.session.rollback()
    return [
        (each.state, each.attempts, each.error) for each in db.session.scalars(db.select(Letter).order_by(Letter.id))
    ]


def counts() -> dict[str, int]:
    """How many letters there are in each state."""
    return dict(Counter(state for state, _, _ in states()))


def subjects(server: MailServer) -> list[str]:
    """In the order of arrival."""
    return [message["Subject"] for message in server.messages]


def in_context(app: Flask, act: Callable[..., Any], *arguments: Any) -> Any:
    """What a thread runs: act in a context of its own."""
    with app.app_context():
        return act(*arguments)


def four_at_once(app: Flask, act: Callable[..., Any], *arguments: Any) -> list[Any]:
    """What four threads get that act at the same moment, the least first."""
    together = Barrier(4)

    def one(_number: int) -> Any:
        together.wait()
        return in_context(app, act, *arguments)

    with ThreadPoolExecutor(4) as threads:
        return sorted(threads.map(one, range(4)))


def wait_until(holds: Callable[[], bool], seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.02)


#: Every letter there is, by the name of its template.
KINDS = sorted(path.stem for path in (TEMPLATES / "de").glob("[a-z]*.txt"))


def put_each(booking: Booking) -> dict[str, Letter]:
    """Every letter there is, about all dates of a booking: to the office where there is none in English.

    What a single template needs beside the dates stands here.
    """
    date = booking.occurrences[0]
    values: dict[str, Any] = {
        "undecided": booking.occurrences[1:],
        "counts": {"all": 3, "approved": 1, "declined": 1},
        "declined": booking.occurrences[1:],
        "answer_by": date.start,
        "back_by": date.end,
        "question": "Braucht ihr den Beamer?",
        "message": "Wir freuen uns sehr.",
        "free": 1,
        "requested": 1,
        "outside_hours": 1,
    }
    make.change(date, date.room, Slot(date.start - timedelta(hours=1), date.end), note="Es wird sonst zu spät.")
    letters = {}
    with transaction():
        for kind in KINDS:
            if kind in WRITERS:
                continue
            to = to_group if (TEMPLATES / "en" / f"{kind}.txt").exists() else to_office
            letter = (
                new_link(booking.contact, booking.language, NOW)
                if kind == "new_link"
                else to(kind, booking, booking.occurrences, now=NOW, **values)
            )
            assert letter is not None
            letters[kind] = letter
        second = Contact(name="Ali", email="ali@example.org")
        db.session.add(second)
        db.session.flush()
        log.record("answer", booking, actor="group", person=second, now=NOW)
        for letter in db.session.scalars(db.select(Letter).where(Letter.kind.in_(WRITERS))):
            letter.send_at = NOW
            letters[letter.kind] = letter
    return letters
