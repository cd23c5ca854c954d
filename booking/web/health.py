"""For operators: whether the process lives, and whether it can do its work."""

from datetime import datetime

from flask import Blueprint, Response, jsonify

from booking import checkup, clock
from booking.web import limits
from booking.web.access import public

bp = Blueprint("health", __name__)


@bp.get("/healthz")
@public
def healthz() -> Response:
    """The process answers."""
    return jsonify(status="ok")


@bp.get("/readyz")
@public
@limits.watch
def readyz() -> tuple[Response, int]:
    """The database can be written, its guard stands and is true, and letters leave. 503 where one does not hold."""
    states, mail = checkup.readiness(clock.now())
    ready = set(states.values()) == {"ok"}
    answer = jsonify(
        status="ok" if ready else "not ready",
        **states,
        oldest_waiting_letter_seconds=mail.oldest_waiting if mail else None,
        last_letter_sent_at=_iso(mail.last_sent_at if mail else None),
        mail_server_silent_since=_iso(mail.paused_since if mail else None),
    )
    return answer, 200 if ready else 503


def _iso(instant: datetime | None) -> str | None:
    """RFC 3339, in UTC."""
    return None if instant is None else f"{instant:%Y-%m-%dT%H:%M:%SZ}"
