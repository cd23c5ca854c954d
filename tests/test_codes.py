"""Codes of the second factor: each good once, within half a minute of its time, and kept so that nobody reads them."""

import base64

import pytest
from flask import Flask

from booking import create_app
from booking.database import db
from booking.models import StaffMember
from booking.signing_in import codes
from tests import make
from tests.support.app import settings
from tests.support.codes import code_of, with_app
from tests.support.letters import four_at_once

pytestmark = pytest.mark.usefixtures("noon")


def somebody(*, has_app: bool = True) -> StaffMember:
    return with_app(make.staff()) if has_app else make.staff()


@pytest.mark.parametrize(("seconds", "fits"), [(-40, False), (0, True), (30, True), (60, False)], ids=str)
def test_code_fits_within_one_step_of_its_time(app: Flask, seconds: int, fits: bool) -> None:
    member = somebody()

    assert codes.use_up(member.id, code_of(member.totp_secret, seconds)) is fits


def test_code_is_good_once_and_so_are_all_before_it(engine_app: Flask) -> None:
    member = somebody()
    shown = [code_of(member.totp_secret, seconds) for seconds in (-30, 0, 0, -30, 30)]

    assert [codes.use_up(member.id, code) for code in shown] == [False, True, False, False, True]


def test_code_is_good_once_also_for_several_at_a_time(engine_app: Flask) -> None:
    member = somebody()
    member_id, code = member.id, code_of(member.totp_secret)
    db.session.remove()

    assert four_at_once(engine_app, codes.use_up, member_id, code) == [False, False, False, True]


@pytest.mark.parametrize("code", ["", "12345", "1234567", "１２３４５６", "abcdef", "0" * 12, "1" * 10_000, "\x00"])
def test_anything_else_lets_nobody_in(app: Flask, code: str) -> None:
    member = somebody()
    codes.new_recovery_codes(member.id)

    assert codes.use_up(member.id, code) is False


def test_nobody_without_an_app_has_codes(app: Flask) -> None:
    member = somebody(has_app=False)

    assert codes.use_up(member.id, "000000") is False


def test_switching_on_wants_a_code_and_ends_sessions(app: Flask) -> None:
    member = make.staff()
    before = member.fs_uniquifier
    secret = codes.new_secret()

    assert codes.switch_on(member.id, secret, code_of(codes.new_secret())) is False
    assert (member.totp_secret, member.totp_counter, member.fs_uniquifier) == (None, None, before)

    code = code_of(secret)
    assert codes.switch_on(member.id, secret, code) is True
    assert (member.totp_secret, member.has_second_factor) == (secret, True)
    assert member.fs_uniquifier != before
    assert codes.use_up(member.id, code) is False, "the code of the set-up is used"


def test_recovery_codes_are_good_once_and_end_with_the_last_factor(engine_app: Flask) -> None:
    member = somebody()
    first, second, *others = codes.new_recovery_codes(member.id)

    assert len({first, second, *others}) == codes.RECOVERY_CODES
    assert [codes.use_up(member.id, code) for code in (first, first, second)] == [True, False, True]
    assert codes.recovery_codes_left(member) == 8

    anew = codes.new_recovery_codes(member.id)
    assert [codes.use_up(member.id, code) for code in (others[0], anew[0])] == [False, True]

    codes.switch_off(member.id)
    assert (member.has_second_factor, member.totp_secret, member.mf_recovery_codes) == (False, None, [])
    assert codes.use_up(member.id, anew[1]) is False


def test_what_is_stored_shows_neither_secret_nor_codes(app: Flask) -> None:
    member = somebody()
    shown = codes.new_recovery_codes(member.id)
    key = codes.key_to_type(member.totp_secret).replace(" ", "")

    stored = repr(db.session.execute(db.text("SELECT * FROM staff_member")).all())

    assert member.email in stored
    for secret in (key, base64.b32decode(key).hex(), *shown):
        assert secret not in stored


def test_another_secret_key_makes_codes_worthless_and_nothing_worse(app: Flask, sqlite_url: str) -> None:
    member = somebody()
    recovery = codes.new_recovery_codes(member.id)[0]
    code = code_of(member.totp_secret)
    other = create_app({**settings(sqlite_url), "SECRET_KEY": "another one, as the first was lost"})

    with other.app_context():
        answers = [codes.use_up(member.id, each) for each in (code, recovery)]
        db.engine.dispose()

    assert answers == [False, False]


def test_address_for_the_app_names_house_and_account(app: Flask) -> None:
    secret = codes.new_secret()

    address = codes.address_of(secret, "zoe+team@example.org", "Räume & mehr: Haus")

    assert address == (
        "otpauth://totp/R%C3%A4ume%20%26%20mehr%3A%20Haus:zoe%2Bteam%40example.org"
        f"?secret={codes.key_to_type(secret).replace(' ', '')}&issuer=R%C3%A4ume%20%26%20mehr%3A%20Haus"
    )
