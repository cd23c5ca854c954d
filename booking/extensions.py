"""Flask extensions, made without an app: ``create_app`` brings them together."""

import hashlib
import hmac
import ipaddress
import secrets
from typing import Any

from flask import current_app, request
from flask.logging import default_handler
from flask_babel import Babel
from flask_compress import Compress
from flask_limiter import Limiter
from flask_mail import Mail
from flask_migrate import Migrate
from flask_security.core import Security
from flask_security.totp import Totp
from flask_wtf import CSRFProtect


def hidden(text: str) -> str:
    """What stands for an address in the storage of limits, which is no place for personal data."""
    key = current_app.config["SECRET_KEY"].encode()
    return hmac.new(key, b"limit:" + text.encode("utf-8", "surrogatepass"), hashlib.sha256).hexdigest()[:32]


def sender() -> str:
    """Whom a limit counts: the address that asks, or its whole network with IPv6, where everybody has 2⁶⁴ addresses."""
    text = request.remote_addr or "127.0.0.1"
    try:
        address = ipaddress.ip_address(text.partition("%")[0])
    except ValueError:
        return text
    if isinstance(address, ipaddress.IPv4Address):
        return text
    return str(address.ipv4_mapped or ipaddress.IPv6Network((address, 64), strict=False))


class Codes(Totp):
    """Flask-Security's codes from an app, each good once, and recovery codes for a keypad of digits."""

    def get_last_counter(self, user: Any) -> int | None:
        counter: int | None = user.totp_counter
        return counter

    def set_last_counter(self, user: Any, tmatch: Any) -> None:
        user.totp_counter = tmatch.counter

    def generate_recovery_codes(self, number: int) -> list[str]:
        return [f"{secrets.randbelow(10**12):012}" for _ in range(number)]


babel = Babel()
compress = Compress()
csrf = CSRFProtect()
limiter = Limiter(key_func=lambda: hidden(sender()))
limiter.logger.addHandler(default_handler)  # its own goes nowhere
mail = Mail()
migrate = Migrate()
security = Security(totp_cls=Codes)
