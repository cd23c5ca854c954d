"""Who is one of the team: invited by a mailed link, given a role, and let go.

The address of an invitation is made from the secret key and the value that each of the person's sessions names
(Flask-Security's ``fs_uniquifier``). So nothing that opens a door is stored, a further invitation ends the one
before, and accepting it ends its own.
"""

import hashlib
import hmac
from base64 import urlsafe_b64encode
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from flask import current_app
from flask_security.utils import hash_password

from booking import log
from booking.database import db, transaction
from booking.house import house
from booking.languages import LANGUAGES
from booking.letters import message, outbox
from booking.models import StaffMember, day_of
from booking.notices.frame import text_of
from booking.signing_in import codes
from booking.wording import day

ROLES = ("team", "admin", "reception")

#: How long an invitation can be accepted.
INVITATION_WAITS = timedelta(days=7)

#: Of a password. NIST SP 800-63B asks for 8 beside a second factor and for 15 without one; nothing beyond length.
SHORTEST = 12
LONGEST = 128
FEWEST_DIFFERENT = 5


class LastAdmin(Exception):
    """Nobody else could run the house and its team."""


def is_easily_guessed(password: str, email: str) -> bool:
    own_name = email.partition("@")[0].lower()
    return len(set(password)) < FEWEST_DIFFERENT or (len(own_name) > 2 and own_name in password.lower())


def invite(email: str, name: str, role: str, *, by: StaffMember, now: datetime) -> StaffMember | None:
    """Mail a new colleague a link by which they choose a password; ``None`` where somebody has this address."""
    with transaction():
        known = sa.select(StaffMember).where(sa.func.lower(StaffMember.email) == email.lower())
        if db.session.scalars(known).first():
            return None
        member = StaffMember(email=email.lower(), name=name, role=role, active=True)
        db.session.add(member)
        _invite(member, by, now)
        return member


def invite_again(member_id: int, *, by: StaffMember, now: datetime) -> None:
    """Mail a link once more, also to whoever had gone or has forgotten the password, which stays until then."""
    with transaction():
        member = _members_locked()[member_id]
        member.active = True
        _invite(member, by, now)


def _invite(member: StaffMember, by: StaffMember, now: datetime) -> None:
    codes.end_sessions(member)
    member.invited_at = now
    db.session.flush()
    text = text_of(
        "team/invitation",
        member.language,
        who=by.name,
        role=member.role,
        until=day(day_of(now + INVITATION_WAITS, house().zone), member.language),
    )
    outbox.put(
        "invitation", staff_member=member, language=member.language, subject=text.subject, body=text.body, now=now
    )
    log.record("invite", None, by=by, member=member.id, now=now)


def invitation_token(member: StaffMember) -> str:
    key = current_app.config["SECRET_KEY"].encode()
    digest = hmac.digest(key, f"invitation:{member.fs_uniquifier}".encode(), hashlib.sha256)
    return urlsafe_b64encode(digest).decode().rstrip("=")


def invited(token: str, now: datetime) -> StaffMember | None:
    """Who may accept an invitation with this token."""
    waiting = sa.select(StaffMember).where(StaffMember.active, StaffMember.invited_at > now - INVITATION_WAITS)
    for member in db.session.scalars(waiting):
        if hmac.compare_digest(invitation_token(member).encode(), token.encode("utf-8", "surrogatepass")):
            return member
    return None


def accept_invitation(token: str, name: str, password: str, now: datetime) -> StaffMember | None:
    """Set name and password, which ends the link; ``None`` where it has ended before."""
    with transaction():
        _members_locked()
        member = invited(token, now)
        if member:
            member.name, member.password, member.invited_at = name, hash_password(password), None
            codes.end_sessions(member)
            log.record("join", None, by=member, member=member.id, now=now)
        return member


def set_password(member_id: int, password: str) -> None:
    """And end all sessions."""
    with transaction():
        member = _members_locked()[member_id]
        member.password = hash_password(password)
        codes.end_sessions(member)


def save_account(member_id: int, **values: Any) -> None:
    """What somebody says of themselves: name, language, what is mailed to them, and whether keys are shortcuts."""
    with transaction():
        member = db.session.get_one(StaffMember, member_id)
        for name, value in values.items():
            setattr(member, name, value)


def change_member(member_id: int, role: str, needs_second_factor: bool, *, by: StaffMember, now: datetime) -> None:
    """Say what somebody may open, and what their sign-in needs. Raises ``LastAdmin``."""
    with transaction():
        members = _members_locked()
        member = members[member_id]
        if role != "admin":
            _keep_an_admin(member, members)
        if (member.role, member.needs_second_factor) != (role, needs_second_factor):
            member.role, member.needs_second_factor = role, needs_second_factor
            log.record("change_member", None, by=by, member=member.id, role=role, now=now)


def remove_member(member_id: int, *, by: StaffMember, now: datetime) -> None:
    """Keep somebody from signing in, and end their sessions at once; what they did stays theirs. Raises
    ``LastAdmin``."""
    with transaction():
        members = _members_locked()
        member = members[member_id]
        _keep_an_admin(member, members)
        if member.active:
            member.active, member.invited_at = False, None
            codes.forget_all(member)
            log.record("let_go", None, by=by, member=member.id, now=now)


def _members_locked() -> dict[int, StaffMember]:
    """All, for whoever changes one: so of two admins who take each other's role at once, one is refused."""
    rows = db.session.scalars(sa.select(StaffMember).order_by(StaffMember.id).with_for_update())
    return {member.id: member for member in rows}


def _keep_an_admin(member: StaffMember, members: dict[int, StaffMember]) -> None:
    others = [each for each in members.values() if each is not member]
    if member.role == "admin" and not any(each.role == "admin" and each.can_sign_in for each in others):
        raise LastAdmin


def everybody() -> Sequence[StaffMember]:
    """Of the team, those who have gone at last."""
    return db.session.scalars(
        sa.select(StaffMember)
        .options(sa.orm.selectinload(StaffMember.passkeys))
        .order_by(StaffMember.active.desc(), StaffMember.name, StaffMember.id)
    ).all()


def invitation_address(member: StaffMember) -> str:
    """Where an invitation is accepted."""
    prefix = LANGUAGES[member.language].prefix
    return f"{current_app.config['PUBLIC_URL']}{prefix}/team/einladung/{invitation_token(member)}"


message.MARKS["invitation"] = lambda letter: invitation_address(letter.staff_member) if letter.staff_member else ""
