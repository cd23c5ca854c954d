"""Passkeys: what a browser answers is believed when all of it fits, and never otherwise."""

import json
from collections.abc import Callable

import pytest
from flask import Flask

from booking import clock
from booking.database import db, transaction
from booking.models import Passkey, StaffMember
from booking.signing_in import codes, passkeys
from booking.signing_in.passkeys import Site
from tests import make
from tests.support.app import Clock
from tests.support.authenticator import PRESENT, Authenticator
from tests.support.codes import with_app

SITE = Site("localhost", "http://localhost")


@pytest.mark.parametrize(
    ("address", "site"),
    [
        ("https://raeume.example.org", Site("raeume.example.org", "https://raeume.example.org")),
        ("https://raeume.example.org:443", Site("raeume.example.org", "https://raeume.example.org")),
        ("https://Raeume.Example.org:8443", Site("raeume.example.org", "https://raeume.example.org:8443")),
        ("http://localhost:5000", Site("localhost", "http://localhost:5000")),
        ("http://raeume.example.org", None),
        ("http://127.0.0.1:5000", None),
        ("https://192.0.2.7", None),
        ("https://[2001:db8::1]", None),
    ],
)
def test_site_is_where_browsers_have_passkeys(address: str, site: Site | None) -> None:
    assert passkeys.site_of(address) == site


def registered(member: StaffMember, authenticator: Authenticator | None = None) -> Authenticator:
    authenticator = authenticator or Authenticator()
    question = passkeys.question_to_register(member.id, SITE, "Räume")
    assert passkeys.register(member.id, SITE, question["challenge"], authenticator.create(question), "Telefon")
    return authenticator


def answered(challenge: str, answer: str) -> StaffMember | None:
    """Who signs in with an answer to a question of now."""
    return passkeys.member_of(SITE, challenge, clock.now(), answer)


def test_passkey_signs_its_owner_in(engine_app: Flask) -> None:
    henrike, jonas = make.staff("Henrike"), make.staff("Jonas")
    before = henrike.fs_uniquifier
    own, other = registered(henrike), registered(jonas)
    assert henrike.fs_uniquifier != before, "a change ends all sessions"
    challenge = passkeys.question(SITE)["challenge"]

    found = [answered(challenge, each.sign(challenge)) for each in (own, other)]

    assert found == [henrike, jonas]
    (kept,) = henrike.passkeys
    assert (kept.name, kept.credential_id, kept.used_at is not None) == ("Telefon", own.id, True)


def test_question_for_a_new_passkey_asks_for_any_kind_that_knows_its_owner(app: Flask) -> None:
    member = make.staff("Zoë", "zoe@bielefeld.de")
    known = registered(member)

    question = passkeys.question_to_register(member.id, SITE, "Räume & mehr")

    assert question["rp"] == {"name": "Räume & mehr", "id": "localhost"}
    assert (question["user"]["name"], question["user"]["displayName"]) == ("zoe@bielefeld.de", "Zoë")
    selection = question["authenticatorSelection"]
    assert (selection["residentKey"], selection["userVerification"]) == ("required", "required")
    assert "authenticatorAttachment" not in selection
    assert len(question["excludeCredentials"]) == 1
    again = Authenticator()
    again.create(question)
    assert again.handle == known.handle, "all keys of one person know it by the same name"


def test_question_at_the_sign_in_tells_nothing(app: Flask) -> None:
    registered(make.staff())

    question = passkeys.question(SITE)

    assert question["allowCredentials"] == []
    assert question["challenge"] != passkeys.question(SITE)["challenge"]


def elsewhere(key: Authenticator) -> None:
    key.domain = "evil.example"


def from_elsewhere(key: Authenticator) -> None:
    key.origin = "http://evil.example"


def without_a_finger(key: Authenticator) -> None:
    key.flags = PRESENT


def unknown(key: Authenticator) -> None:
    key.id = b"x" * 32


def other_key(key: Authenticator) -> None:
    key._key = Authenticator()._key


def of_somebody_else(key: Authenticator) -> None:
    key.handle = b"somebody else"


WRONGS = [elsewhere, from_elsewhere, without_a_finger, unknown, other_key, of_somebody_else]


@pytest.mark.parametrize("wrong", WRONGS, ids=lambda each: each.__name__)
def test_what_does_not_fit_signs_nobody_in(app: Flask, wrong: Callable[[Authenticator], None]) -> None:
    key = registered(make.staff())
    challenge = passkeys.question(SITE)["challenge"]
    wrong(key)

    assert answered(challenge, key.sign(challenge)) is None


@pytest.mark.parametrize("wrong", WRONGS[:3], ids=lambda each: each.__name__)
def test_what_does_not_fit_is_not_kept(app: Flask, wrong: Callable[[Authenticator], None]) -> None:
    member, key = make.staff(), Authenticator()
    question = passkeys.question_to_register(member.id, SITE, "Räume")
    wrong(key)

    assert passkeys.register(member.id, SITE, question["challenge"], key.create(question), "Telefon") is False
    assert not member.has_second_factor


def test_answer_to_another_question_signs_nobody_in(app: Flask) -> None:
    key = registered(make.staff())
    first, second = (passkeys.question(SITE)["challenge"] for _ in range(2))

    for challenge in (second, ""):
        assert answered(challenge, key.sign(first)) is None


def test_answer_is_good_once_and_for_some_minutes(app: Flask, clock: Clock) -> None:
    member = make.staff()
    key = registered(member)
    challenge = passkeys.question(SITE)["challenge"]
    answer, asked_at = key.sign(challenge), clock.now

    def sent(at: str) -> StaffMember | None:
        clock.set(at)
        return passkeys.member_of(SITE, challenge, asked_at, answer)

    times = ("10:07", "09:53", "10:03", "10:03", "10:04")
    assert [sent(f"2026-11-30T{time}") for time in times] == [None, None, member, None, None]


def test_passkey_works_at_once_after_the_clock_was_set_back(app: Flask, clock: Clock) -> None:
    member = make.staff()
    key = registered(member)
    found = []
    for time in ("10:30", "09:30", "09:31"):
        clock.set(f"2026-11-30T{time}")
        challenge = passkeys.question(SITE)["challenge"]
        found.append(answered(challenge, key.sign(challenge)))

    assert found == [member] * 3


def test_copy_of_a_key_is_noticed_by_its_count(app: Flask, clock: Clock) -> None:
    member = make.staff()
    key = registered(member)
    found = []
    for minute, count in enumerate((5, 5, 4, 6)):
        clock.set(f"2026-11-30T10:0{minute}")
        key.count = count
        challenge = passkeys.question(SITE)["challenge"]
        found.append(answered(challenge, key.sign(challenge)))

    assert found == [member, None, None, member]


def test_passkey_is_kept_once_and_so_many_of_them(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    henrike, jonas = make.staff("Henrike"), make.staff("Jonas")
    key = registered(henrike)
    question = passkeys.question_to_register(jonas.id, SITE, "Räume")
    assert passkeys.register(jonas.id, SITE, question["challenge"], key.create(question), "Telefon") is False

    monkeypatch.setattr(passkeys, "MOST", 1)
    question = passkeys.question_to_register(henrike.id, SITE, "Räume")
    answer = Authenticator().create(question)
    assert passkeys.register(henrike.id, SITE, question["challenge"], answer, "Telefon") is False


def test_removed_passkey_and_left_colleague_sign_nobody_in(engine_app: Flask) -> None:
    member = with_one = make.staff()
    key = registered(member)
    codes.new_recovery_codes(member.id)
    before = member.fs_uniquifier
    challenge = passkeys.question(SITE)["challenge"]
    with transaction():
        db.session.get_one(StaffMember, member.id).active = False
    assert answered(challenge, key.sign(challenge)) is None
    with transaction():
        db.session.get_one(StaffMember, member.id).active = True
    (passkey,) = with_one.passkeys

    assert passkeys.forget_passkey(make.staff("Jonas").id, passkey.id) is False
    assert passkeys.forget_passkey(member.id, passkey.id) is True

    assert answered(challenge, key.sign(challenge)) is None
    assert (member.has_second_factor, member.mf_recovery_codes) == (False, [])
    assert member.fs_uniquifier != before
    assert db.session.scalars(db.select(Passkey)).all() == []


def test_recovery_codes_stay_while_another_factor_does(app: Flask, noon: None) -> None:
    member = with_app(make.staff())
    registered(member)
    codes.new_recovery_codes(member.id)

    passkeys.forget_passkey(member.id, member.passkeys[0].id)

    assert codes.recovery_codes_left(member) == codes.RECOVERY_CODES


def test_whatever_else_is_sent_signs_nobody_in(app: Flask) -> None:
    key = registered(make.staff())
    challenge = passkeys.question(SITE)["challenge"]
    good = key.sign(challenge)
    answer = json.loads(good)
    spoilt = [
        "",
        "null",
        "[]",
        "{}",
        '"x"',
        "\x00",
        "[" * 20_000,
        good + " " * 20_000,
        good[:-2],
        good.replace('"', "'"),
    ]
    for name in answer["response"]:
        for value in ("", "AAAA", "ä", None, 7, [], {}, "A" * 20_000):
            spoilt.append(json.dumps({**answer, "response": {**answer["response"], name: value}}))
    for name in answer:
        spoilt += [json.dumps({**answer, name: value}) for value in ("", "AAAA", None, 7, [], {})]

    assert [text for text in spoilt if answered(challenge, text)] == []
    member_id = db.session.scalars(db.select(StaffMember.id)).one()
    assert [text for text in spoilt if passkeys.register(member_id, SITE, challenge, text, "x")] == []
    assert answered(challenge, good) is not None
