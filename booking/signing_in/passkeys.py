"""Passkeys: a key on a device that signs in by itself, as the device asks for a finger, a face or a PIN.

The library checks what browsers answer (Web Authentication, Level 2, 7.1 and 7.2). Each passkey can do both: take the
place of the password, and stand beside it.
"""

import importlib
import secrets
from datetime import datetime, timedelta
from ipaddress import ip_address
from typing import Any, NamedTuple
from urllib.parse import urlsplit
from uuid import uuid4

from booking import clock
from booking.database import db, transaction
from booking.models import Passkey, StaffMember
from booking.signing_in import codes

LONGEST_NAME = 40
MOST = 20

TIME_TO_ANSWER = timedelta(minutes=5)

#: Of what a browser answers, in characters. Real answers have some hundreds to some thousands.
LONGEST_ANSWER = 20_000


class Site(NamedTuple):
    """For whom the keys are good: browsers hold each back from every other site."""

    domain: str
    origin: str


def site_of(public_address: str) -> Site | None:
    """None where browsers have no passkeys: without https, but for this machine, and at a bare number."""
    parts = urlsplit(public_address)
    domain = parts.hostname or ""
    if domain != "localhost" and (parts.scheme != "https" or _is_number(domain)):
        return None
    port = f":{parts.port}" if parts.port not in (None, {"https": 443, "http": 80}[parts.scheme]) else ""
    return Site(domain, f"{parts.scheme}://{domain}{port}")


def _is_number(domain: str) -> bool:
    try:
        ip_address(domain)
    except ValueError:
        return False
    return True


def library() -> Any:
    """py_webauthn, loaded when the first passkey is made or shown: it takes 8 MB, with those below it."""
    return importlib.import_module("webauthn")


def question_to_register(member_id: int, site: Site, house: str) -> dict[str, Any]:
    """What the browser is asked for a new passkey; its challenge belongs to the answer."""
    member = _with_handle(member_id)
    webauthn = library()
    words = webauthn.helpers.structs
    options = webauthn.generate_registration_options(
        rp_id=site.domain,
        rp_name=house,
        user_name=member.email,
        user_display_name=member.name,
        user_id=str(member.passkey_handle).encode(),
        challenge=secrets.token_bytes(32),
        authenticator_selection=words.AuthenticatorSelectionCriteria(
            # No attachment is named: with one, keys built into a computer or phone, or those on a stick, are left out.
            resident_key=words.ResidentKeyRequirement.REQUIRED,
            user_verification=words.UserVerificationRequirement.REQUIRED,
        ),
        exclude_credentials=[words.PublicKeyCredentialDescriptor(id=each.credential_id) for each in member.passkeys],
    )
    return _as_json(options)


def register(member_id: int, site: Site, challenge: str, answer: str, name: str) -> bool:
    """Keep the passkey that a browser answered with, and end all sessions; False where it is none, or known already."""
    webauthn = library()
    try:
        checked = webauthn.verify_registration_response(
            credential=_short(answer),
            expected_challenge=webauthn.base64url_to_bytes(challenge),
            expected_rp_id=site.domain,
            expected_origin=site.origin,
            require_user_verification=True,
        )
    except Exception:  # whatever strange bytes cause inside the libraries, they are no passkey
        return False
    with transaction():
        member = db.session.get_one(StaffMember, member_id, with_for_update=True)
        if len(member.passkeys) >= MOST or _find(checked.credential_id):
            return False
        member.passkeys.append(
            Passkey(
                name=name,
                credential_id=checked.credential_id,
                public_key=checked.credential_public_key,
                sign_count=checked.sign_count,
                created_at=clock.now(),
            )
        )
        codes.end_sessions(member)
        return True


def forget_passkey(member_id: int, passkey_id: int) -> bool:
    """Forget a passkey of this person, and end all sessions; False where they have none of this number."""
    with transaction():
        member = db.session.get_one(StaffMember, member_id, with_for_update=True)
        kept = [passkey for passkey in member.passkeys if passkey.id != passkey_id]
        if is_known := len(kept) < len(member.passkeys):
            member.passkeys = kept
            codes.forget_recovery_codes_of_nothing(member)
            codes.end_sessions(member)
        return is_known


def question(site: Site) -> dict[str, Any]:
    """What the browser is asked at the sign-in. It names nobody and so tells nothing; the answer says who it is."""
    webauthn = library()
    options = webauthn.generate_authentication_options(
        rp_id=site.domain,
        challenge=secrets.token_bytes(32),
        user_verification=webauthn.helpers.structs.UserVerificationRequirement.REQUIRED,
    )
    return _as_json(options)


def member_of(site: Site, challenge: str, asked_at: datetime, answer: str) -> StaffMember | None:
    """Who has answered with a passkey of theirs; None for one that is unknown, removed, or signs something else.

    An answer is good for some minutes, and not once the passkey has been used since: whoever has copied a request
    cannot send it again.
    """
    webauthn, now = library(), clock.now()
    if abs(now - asked_at) > TIME_TO_ANSWER:
        return None
    try:
        credential = webauthn.helpers.parse_authentication_credential_json(_short(answer))
    except Exception:  # as above
        return None
    with transaction():
        passkey = _find(credential.raw_id)
        if passkey is None or not passkey.member.active:
            return None
        if passkey.used_at and asked_at.replace(microsecond=0) <= passkey.used_at <= now:  # else the clock was set back
            return None
        if credential.response.user_handle != str(passkey.member.passkey_handle).encode():
            return None
        try:
            checked = webauthn.verify_authentication_response(
                credential=credential,
                expected_challenge=webauthn.base64url_to_bytes(challenge),
                expected_rp_id=site.domain,
                expected_origin=site.origin,
                credential_public_key=passkey.public_key,
                credential_current_sign_count=passkey.sign_count,
                require_user_verification=True,
            )
        except Exception:  # as above
            return None
        passkey.sign_count = checked.new_sign_count
        passkey.used_at = now
        return passkey.member


def _as_json(options: Any) -> dict[str, Any]:
    found: dict[str, Any] = library().helpers.options_to_json_dict(options)
    return found


def _short(answer: str) -> str:
    if len(answer) > LONGEST_ANSWER:
        raise ValueError("no browser answers with as much")
    return answer


def _find(credential_id: bytes) -> Passkey | None:
    return db.session.scalars(
        db.select(Passkey).where(Passkey.credential_id == credential_id).with_for_update()
    ).one_or_none()


def _with_handle(member_id: int) -> StaffMember:
    with transaction():
        member = db.session.get_one(StaffMember, member_id, with_for_update=True)
        member.passkey_handle = member.passkey_handle or uuid4().hex
    return member
