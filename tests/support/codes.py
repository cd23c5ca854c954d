"""What an authenticator app shows. Codes are of the real time, which a test stops so that none runs out meanwhile."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from passlib.totp import TOTP

from booking.models import StaffMember
from booking.signing_in import codes

NOON = datetime(2026, 11, 30, 12, 0, 10, tzinfo=UTC)  # ten seconds into a code


@pytest.fixture
def noon() -> Iterator[None]:
    with time_machine.travel(NOON, tick=False):
        yield


def code_of(secret: str, seconds: int = 0) -> str:
    """What the app shows some seconds after noon; ``secret`` as it is stored, or as it is typed into an app."""
    key = codes.key_to_type(secret) if secret.startswith("{") else secret
    return str(TOTP(key.replace(" ", "")).generate((NOON + timedelta(seconds=seconds)).timestamp()).token)


def with_app(member: StaffMember) -> StaffMember:
    """The same person, asked for a code from now on. The code of noon is good still."""
    secret = codes.new_secret()
    assert codes.switch_on(member.id, secret, code_of(secret, -30))
    return member
