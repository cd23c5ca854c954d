"""Signing in by the account that the city gives its people: OpenID Connect, where BOOKING_OIDC_ISSUER names it.

Authlib speaks to it, with PKCE, state and nonce. It makes nobody one of the team: whoever is let in has an account
here with the address that the city has verified. The password stays for the day on which the city is away.
"""

import importlib
from typing import Any

from flask import current_app, redirect, session, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response as AnyResponse

from booking.extensions import security
from booking.models import StaffMember
from booking.web import auth, limits
from booking.web.access import public
from booking.web.auth import FAILED, bp

__all__ = ["bp"]

#: Where a session keeps what page was wanted, until somebody comes back.
TARGET = "sign-on-target"

#: Seconds for each question to the city.
PATIENCE = 10


def _client() -> Any:
    """Authlib's, loaded when somebody first signs in by it: 18 MB with requests below it."""
    if "sign-on" not in current_app.extensions:
        library = importlib.import_module("authlib.integrations.flask_client")
        settings = current_app.config
        current_app.extensions["sign-on"] = library.OAuth(current_app).register(
            "city",
            client_id=settings["OIDC_CLIENT_ID"],
            client_secret=settings["OIDC_CLIENT_SECRET"] or None,
            server_metadata_url=f"{settings['OIDC_ISSUER'].rstrip('/')}/.well-known/openid-configuration",
            client_kwargs={
                "scope": "openid email",
                "code_challenge_method": "S256",
                "default_timeout": PATIENCE,
            },
        )
    return current_app.extensions["sign-on"]


@bp.get("/anmelden/stadt")
@public
@limits.try_passkey
def sign_on() -> AnyResponse | tuple[str, int]:
    """To the city's own sign-in."""
    if not current_app.config["OIDC_ISSUER"]:
        return redirect(url_for("auth.sign_in"), 303)
    back = f"{current_app.config['PUBLIC_URL']}/team/anmelden/stadt/zurueck"  # as it is known there, in one language
    try:
        answer: AnyResponse = _client().authorize_redirect(back)
    except Exception as error:  # whatever the city, or the way to it, is like
        return _failed(error)
    session[TARGET] = auth.wanted() or ""
    return answer


@bp.get("/anmelden/stadt/zurueck")
@public
@limits.try_passkey
def sign_on_return() -> AnyResponse | tuple[str, int]:
    """Back from the city: sign in whoever of the team has the address it has verified."""
    if not current_app.config["OIDC_ISSUER"]:
        return redirect(url_for("auth.sign_in"), 303)
    target = auth.local_path(session.pop(TARGET, ""))
    try:
        claims = _claims()
    except Exception as error:  # as above, and whatever somebody sends here who does not come from there
        return _failed(error)
    member = security.datastore.find_user(case_insensitive=True, email=str(claims.get("email", "")))
    is_verified = claims.get("email_verified") is True
    if not is_verified or not isinstance(member, StaffMember) or not auth.may_sign_in(member):
        sentence = gettext("The city knows you, but nobody of the team has this address. An admin can invite you.")
        return auth.sign_in_page([("email", sentence)]), FAILED
    if member.has_second_factor:
        auth.wait_for_second_step(member)
        return redirect(url_for("auth.second_step", next=target or None), 303)
    auth.sign_in_as(member)
    return redirect(target or auth.way_on(), 303)


def _claims() -> dict[str, Any]:
    """What the city says of whoever comes back, as far as its signature, issuer, audience and nonce are right."""
    client = _client()
    token = client.authorize_access_token()
    claims: dict[str, Any] = dict(token["userinfo"])
    if "email" not in claims:  # some tell it on asking alone
        more = client.userinfo(token=token)
        if more.get("sub") == claims["sub"]:  # OpenID Connect Core 1.0, section 5.3.2
            claims = {**more, **claims}
    return claims


def _failed(error: Exception) -> tuple[str, int]:
    current_app.logger.warning("sign-in by the city: %s", type(error).__name__)
    sentence = gettext("Signing in by the city did not work. Try again, or use your password.")
    return auth.sign_in_page([("email", sentence)]), FAILED
