"""Codes from an app (RFC 6238), and recovery codes for whoever has lost it. Each code is good once."""

import base64
import hashlib
import hmac
import re
from typing import Any
from urllib.parse import quote

from booking.database import db, transaction
from booking.extensions import security
from booking.models import StaffMember

#: How far the clock of a phone may be away from ours, in seconds: one code earlier or later.
SKEW = 30

CODE = re.compile(r"[0-9]{6}")
RECOVERY_CODES = 10


def settings(secret_key: str) -> dict[str, Any]:
    """Those of Flask-Security: what is stored is encrypted with keys made from the service's own."""

    def key(purpose: str) -> bytes:
        return hmac.digest(secret_key.encode(), purpose.encode(), hashlib.sha256)

    return {
        "SECURITY_MULTI_FACTOR_RECOVERY_CODES": True,
        "SECURITY_MULTI_FACTOR_RECOVERY_CODES_N": RECOVERY_CODES,
        "SECURITY_MULTI_FACTOR_RECOVERY_CODES_KEYS": [base64.urlsafe_b64encode(key("recovery codes"))],
        "SECURITY_TOTP_SECRETS": {"1": key("codes from an app").hex()},
        "SECURITY_TOTP_ISSUER": "booking",  # the house's name is data: see address_of()
    }


def new_secret() -> str:
    """Encrypted, for an app that is to be set up."""
    return security.totp_factory.generate_totp_secret()


def key_to_type(secret: str) -> str:
    """What is typed into an app that reads no picture, in groups of four."""
    key = security.totp_factory.get_totp_b32_key(secret)
    return " ".join(key[at : at + 4] for at in range(0, len(key), 4))


def address_of(secret: str, account: str, house: str) -> str:
    """What the picture says to an app (Google Authenticator's Key URI Format)."""
    key = security.totp_factory.get_totp_b32_key(secret)
    return f"otpauth://totp/{quote(house, safe='')}:{quote(account)}?secret={key}&issuer={quote(house, safe='')}"


def switch_on(member_id: int, secret: str, code: str) -> bool:
    """Ask for codes made with ``secret`` from now on, and end all sessions; False where ``code`` is none of them."""
    with transaction():
        member = _locked(member_id)
        member.totp_counter = None
        if not _fits(member, secret, code):
            return False
        member.totp_secret = secret
        end_sessions(member)
        return True


def switch_off(member_id: int) -> None:
    """Ask for codes from an app no more, and end all sessions."""
    with transaction():
        member = _locked(member_id)
        member.totp_secret = member.totp_counter = None
        forget_recovery_codes_of_nothing(member)
        end_sessions(member)


def use_up(member_id: int, code: str) -> bool:
    """Whether ``code``, from the app or a recovery code, lets this person in; it does so once."""
    with transaction():
        member = _locked(member_id)
        if CODE.fullmatch(code):
            return member.totp_secret is not None and _fits(member, member.totp_secret, code)
        util = security.mf_recovery_codes_util
        return util.check_recovery_code(member, code) and util.delete_recovery_code(member, code)


def recovery_codes_left(member: StaffMember) -> int:
    return len(security.mf_recovery_codes_util.get_recovery_codes(member)) if member.mf_recovery_codes else 0


def new_recovery_codes(member_id: int) -> list[str]:
    """In place of all earlier ones; they can be read now and never again."""
    with transaction():
        return security.mf_recovery_codes_util.create_recovery_codes(_locked(member_id))


def forget_all(member: StaffMember) -> None:
    """Leave the password alone, and end all sessions. In the transaction at hand."""
    member.totp_secret = member.totp_counter = None
    member.passkeys.clear()
    forget_recovery_codes_of_nothing(member)
    end_sessions(member)


def forget_recovery_codes_of_nothing(member: StaffMember) -> None:
    """They stand in for another factor and never alone. In the transaction at hand."""
    if not member.has_second_factor:
        member.mf_recovery_codes = []


def end_sessions(member: StaffMember) -> None:
    """In the transaction at hand. Each request of a session names the value that is changed here."""
    security.datastore.set_uniquifier(member)


def _locked(member_id: int) -> StaffMember:
    """So that of two requests with one code the second sees that it has been used."""
    return db.session.get_one(StaffMember, member_id, with_for_update=True)


def _fits(member: StaffMember, secret: str, code: str) -> bool:
    return security.totp_factory.verify_totp(code, secret, member, window=SKEW)
