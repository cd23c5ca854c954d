"""For operators: whether the process lives, and whether it can do its work."""

from flask import Blueprint, Response, current_app, jsonify
from sqlalchemy.exc import SQLAlchemyError

from booking import clock, guard, outbox
from booking.database import db, transaction
from booking.models import House
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
    """The database can be written, its guard stands, and letters leave. 503 where one does not hold."""
    checks: dict[str, object] = {"database": "ok", "guard": "ok"}
    try:
        with transaction():
            db.session.execute(db.update(House).values(version=House.version))  # a real write that changes nothing
            guard.prove(db.session.connection())
        checks["oldest_waiting_letter_seconds"] = outbox.oldest_waiting(clock.now())
    except guard.Unguarded:
        checks["guard"] = "missing"
    except guard.Unproved as fault:  # says nothing against it
        current_app.logger.warning("readyz: %s", fault)
    except SQLAlchemyError as error:
        current_app.logger.error("readyz: the database cannot be written: %s", type(error).__name__)
        checks["database"] = "not writable"
    ready = checks["database"] == checks["guard"] == "ok"
    return jsonify(status="ok" if ready else "not ready", **checks), 200 if ready else 503
