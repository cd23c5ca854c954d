"""Flask extensions, made without an app: ``create_app`` brings them together."""

import hashlib
import hmac
import importlib
import ipaddress
import sys
from collections.abc import Callable
from functools import partial
from importlib.util import find_spec
from types import SimpleNamespace
from typing import Any, TypeVar

from flask import current_app, request
from flask.logging import default_handler
from flask_babel import Babel
from flask_mail import Mail

T = TypeVar("T")


def _leave_as_it_is(*_about: Any, **_more: Any) -> Callable[[T], T]:
    return lambda decorated: decorated


# What libraries load wherever it is installed, though nobody here needs it: 17 MB for second factors and 18 for the
# first sign-in by the city, which signing_in and web.sign_on load when asked; 4 for databases that wait in another way,
# and for calendars of other faiths, which come with the first holiday; and 3 for tests, commands, notes on versions,
# other ways to pack and limits of another kind. So while they load it is not there.
_NOTES = SimpleNamespace(versionadded=_leave_as_it_is, versionchanged=_leave_as_it_is, deprecated=_leave_as_it_is)
_NO_CAPTCHA = dict.fromkeys(("Recaptcha", "RecaptchaField", "RecaptchaWidget"))
_NEVER = {name: type(name, (BaseException,), {}) for name in ("CancelledError", "TimeoutError")}
_CALENDARS = [f"{folder}/calendars" for folder in getattr(find_spec("holidays"), "submodule_search_locations", ())]
_STAND_INS = {
    "asyncio": SimpleNamespace(iscoroutine=lambda _: False, **_NEVER),
    "authlib": None,
    "backports.zstd": SimpleNamespace(),
    "brotli": SimpleNamespace(),
    "holidays.calendars": SimpleNamespace(__path__=_CALENDARS, __spec__=None),
    "sqlalchemy.dialects.sqlite.aiosqlite": SimpleNamespace(),
    "flask_wtf.recaptcha": SimpleNamespace(**_NO_CAPTCHA),
    "webauthn": None,
    "flask_security.totp": SimpleNamespace(Totp=object),
    "deprecated": SimpleNamespace(sphinx=_NOTES),
    "deprecated.sphinx": _NOTES,
    "flask_login.test_client": SimpleNamespace(FlaskLoginClient=object),
    "limits.aio": SimpleNamespace(),
    "yaml": None,
}
_loaded = {name: sys.modules[name] for name in _STAND_INS if name in sys.modules}
sys.modules.update(_STAND_INS)  # type: ignore[arg-type]  # what is there is only looked at

import flask_smorest  # noqa: E402, F401 - only now are the stand-ins there; web.api loads it later
import holidays  # noqa: E402, F401 - likewise
import sqlalchemy.dialects.sqlite  # noqa: E402, F401 - likewise, for asyncio
from flask_compress import Compress  # noqa: E402 - likewise, for what packs otherwise
from flask_limiter import Limiter  # noqa: E402 - likewise, for wrapt and what counts asynchronously
from flask_security.core import Security  # noqa: E402 - likewise, for all that second factors need
from flask_wtf import CSRFProtect  # noqa: E402 - likewise, for pictures with letters

for _name in _STAND_INS:
    del sys.modules[_name]
sys.modules.update(_loaded)


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


class Late:
    """Stands for what ``signing_in.libraries`` makes by this name, and has it loaded when it is first asked."""

    def __init__(self, name: str, *arguments: Any) -> None:
        self._name, self._arguments = name, arguments

    def __getattr__(self, name: str) -> Any:
        libraries = importlib.import_module("booking.signing_in.libraries")
        return getattr(getattr(libraries, self._name)(*self._arguments), name)


babel = Babel()
compress = Compress()
csrf = CSRFProtect()
limiter = Limiter(key_func=lambda: hidden(sender()))
limiter.logger.addHandler(default_handler)  # its own goes nowhere
mail = Mail()
_second_factor: dict[str, Any] = {
    "totp_cls": partial(Late, "AppCodes"),
    "mf_recovery_codes_util_cls": partial(Late, "RecoveryCodes"),
}
security = Security(**_second_factor)
