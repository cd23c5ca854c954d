"""For operators: whether the process lives, and whether it can do its work."""

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
    states, waiting = checkup.readiness(clock.now())
    ready = set(states.values()) == {"ok"}
    answer = jsonify(status="ok" if ready else "not ready", **states, oldest_waiting_letter_seconds=waiting)
    return answer, 200 if ready else 503
