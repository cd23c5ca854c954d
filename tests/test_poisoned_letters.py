"""Whatever one letter raises concerns that letter alone, and what strangers typed in its headers is read as typed."""

import smtplib
import unicodedata

import flask_migrate
import pytest
import sqlalchemy as sa

from booking.database import db, transaction
from booking.letters import dispatch, message
from booking.models import Contact, House
from tests.support.letters import NOW, counts, put, put_raw, states, subjects

#: What nothing at the edge lets through today, and what may stand in a database of yesterday.
POISON = ["a@ا٠..com", "a@\ud7ff.example", "jürgen@example.org", "a@example.org\r\nBcc: e@example.org"]


def test_poisoned_addresses_hold_up_no_healthy_letter(sending_on_each, smtp):
    for number in range(24):
        if number % 6 == 1:
            put(POISON[number // 6])
        put(f"{number}@example.org", subject=str(number))

    assert dispatch.deliver_due(NOW) == 24

    assert subjects(smtp) == [str(number) for number in range(24)]
    assert counts() == {"failed": 4, "sent": 24}
    assert {state[1:] for state in states() if state[0] == "failed"} == {(1, "the address cannot be read")}


@pytest.mark.parametrize(
    ("stored", "sent"),
    [
        ("zoe@bücher.example", "zoe@xn--bcher-kva.example"),
        ("zoe@BÜCHER.example", "zoe@xn--bcher-kva.example"),
        ("zoe@faß.example", "zoe@xn--fa-hia.example"),
        ("a@ا٠.com", "a@xn--mgb8i.com"),
    ],
)
def test_address_of_yesterday_is_written_to_by_the_rules_of_today(sending, smtp, stored, sent):
    put(stored)

    dispatch.deliver_due(NOW)

    assert [message["To"] for message in smtp.messages] == [sent]


#: Errors of every family that something could raise, the database's and the network's among them.
ERRORS = [
    ValueError("zoe@example.org"),
    UnicodeError("zoe@example.org"),
    KeyError("zoe@example.org"),
    RecursionError("zoe@example.org"),
    MemoryError("zoe@example.org"),
    AssertionError("zoe@example.org"),
    StopIteration("zoe@example.org"),
    FileNotFoundError("zoe@example.org"),
    TimeoutError("zoe@example.org"),
    smtplib.SMTPServerDisconnected("zoe@example.org"),
    sa.exc.InvalidRequestError("zoe@example.org"),
    sa.exc.DataError("zoe@example.org", {}, Exception()),
]


@pytest.mark.parametrize("error", ERRORS, ids=lambda error: type(error).__name__)
def test_whatever_a_mark_raises_ends_that_letter_alone(sending, smtp, monkeypatch, caplog, error):
    def fail(_letter):
        raise error

    monkeypatch.setitem(message.MARKS, "poison", fail)
    put(body="⟦poison⟧")
    put(subject="⟦poison⟧")
    put()

    assert dispatch.deliver_due(NOW) == 1

    name = type(error).__name__
    assert states() == [("failed", 1, f"cannot be put together: {name}")] * 2 + [("sent", 1, "")]
    assert "zoe@example.org" not in caplog.text


@pytest.mark.parametrize(
    "values",
    [
        {"calendar": "no calendar"},
        {"calendar": "BEGIN:VCALENDAR"},
        {"message_id": "<x>\r\nBcc: <e@example.org>"},
        {"message_id": "<ü@example.org>\n\n"},
        {"contact_id": None, "subject": ""},
    ],
    ids=str,
)
def test_row_that_no_code_of_ours_writes_ends_alone(sending, smtp, values):
    put_raw(**values)
    put(subject="healthy")

    assert dispatch.deliver_due(NOW) == 1

    assert subjects(smtp) == ["healthy"]
    assert [state[0] for state in states()] == ["failed", "sent"]


@pytest.mark.parametrize(
    "error",
    [error for error in ERRORS if not isinstance(error, OSError)] + [smtplib.SMTPNotSupportedError("8BITMIME")],
    ids=lambda error: type(error).__name__,
)
def test_whatever_handing_over_raises_ends_that_letter_alone(sending, smtp, monkeypatch, caplog, error):
    """The error comes in the middle of the letter, so that the server still waits for the rest."""
    rcpt = smtplib.SMTP.rcpt

    def fail(self, recipient, options=()):
        if recipient == "poison@example.org":
            raise error
        return rcpt(self, recipient, options)

    monkeypatch.setattr(smtplib.SMTP, "rcpt", fail)
    put("poison@example.org")
    put(subject="healthy")

    assert dispatch.deliver_due(NOW) == 1

    assert subjects(smtp) == ["healthy"]
    [state, *_] = states()
    assert state[0] == "failed"
    assert "zoe@example.org" not in state[2] + caplog.text


def test_answer_with_unreadable_characters_is_kept_readably(sending_on_each, smtp):
    smtp.refusals["zoe@example.org"] = "550 no\x00such\x1b[31m mailbox"
    put()

    dispatch.deliver_due(NOW)

    assert states() == [("failed", 1, "550 no such [31m mailbox")]


TYPED = [
    "=?utf-8?q?Zugesagt=3A_alles?=",
    "Anfrage: =?utf-8?b?WnVnZXNhZ3Q=?= und mehr",
    "Grüße =?iso-8859-1?q?=FC?= =?utf-8?q?x?=",
    "=?utf-8?q?" + "a" * 150 + "?=",
    "=? ?= =?x?y?z?=",
]


@pytest.mark.parametrize("typed", TYPED)
def test_encoded_word_that_was_typed_is_read_as_typed(sending, smtp, typed):
    with transaction():
        db.session.get_one(House, 1).name = "Haus =?utf-8?q?x?="
    put(subject=typed)

    dispatch.deliver_due(NOW)

    [message] = smtp.messages
    assert message["Subject"] == typed
    assert message["From"].addresses[0].display_name == "Haus =?utf-8?q?x?="


BIDI_CONTROLS = {"LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI"}


def test_marks_that_turn_the_direction_reach_no_header(sending, smtp):
    turning = [chr(code) for code in range(0x10000) if unicodedata.bidirectional(chr(code)) in BIDI_CONTROLS]
    turning += ["\u061c", "\u200e", "\u200f"]
    with transaction():
        db.session.get_one(House, 1).name = "Haus" + "".join(turning)
    put(subject=f"An{''.join(turning)}frage \x1b\x00\x07da")

    dispatch.deliver_due(NOW)

    [message] = smtp.messages
    assert message["Subject"] == "Anfrage da"
    assert message["From"].addresses[0].display_name == "Haus"


def test_stored_addresses_become_those_that_mail_travels_to(engine_app):
    with transaction():
        contacts = [Contact(name="Zoë", email=email) for email in ("a@faß.example", "a@Example.org", "a@..ü", None)]
        db.session.add_all(contacts)
    db.session.remove()

    flask_migrate.downgrade(revision="0005")
    flask_migrate.upgrade()

    found = db.session.scalars(db.select(Contact.email).order_by(Contact.id)).all()
    assert found == ["a@xn--fa-hia.example", "a@Example.org", "a@..ü", None]
