"""What makes and checks codes, loaded by ``extensions.Late`` when the first is asked for: 9 MB with cryptography."""

import secrets
from typing import Any

from flask_security.recovery_codes import MfRecoveryCodesUtil as RecoveryCodes
from flask_security.totp import Totp

__all__ = ["AppCodes", "RecoveryCodes"]


class AppCodes(Totp):
    """Codes from an app, each good once, and recovery codes for a keypad of digits."""

    def get_last_counter(self, user: Any) -> int | None:
        counter: int | None = user.totp_counter
        return counter

    def set_last_counter(self, user: Any, tmatch: Any) -> None:
        user.totp_counter = tmatch.counter

    def generate_recovery_codes(self, number: int) -> list[str]:
        return [f"{secrets.randbelow(10**12):012}" for _ in range(number)]
