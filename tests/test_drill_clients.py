"""The people of the drills: they reach what they ask for, and what is broken is counted."""

from datetime import date

from flask import Flask

from booking.database import db
from drills.clients import Acknowledged, Asker, Decider, broken_promises
from tests import make
from tests.support.raw import Raw
from tests.support.server import Server

KEPT = {
    "lost requests": 0,
    "lost approvals": 0,
    "half series": 0,
    "lost letters": 0,
    "overlaps": 0,
    "untrue occupancy": 0,
}


def promises(acknowledged: Acknowledged) -> dict[str, int]:
    db.session.rollback()
    return broken_promises(db.session.connection(), acknowledged)


def test_what_is_asked_and_approved_is_written_down_and_compared(app: Flask, server: Server) -> None:
    acknowledged = Acknowledged()
    asker = Asker(server.url, ["grosse-flaeche", "werkstatt", "besprechung"], date(2027, 1, 4), 7)
    decider = Decider(server.url, "henrike@bielefeld.de", make.PASSWORD, 1)

    asked = [asker.ask(acknowledged) for _ in range(4)]
    approved = [decider.decide(acknowledged) for _ in range(2)]

    assert asked == [True] * 4
    assert sum(approved) == len(acknowledged.approvals) > 0
    assert promises(acknowledged) == KEPT

    raw = Raw(app)
    cancelled = min(acknowledged.approvals)
    raw(f"UPDATE occurrence SET status = 'cancelled', letter_id = NULL WHERE id = {cancelled}")
    raw("DELETE FROM occurrence WHERE id = (SELECT max(id) FROM occurrence WHERE status = 'requested')")
    raw.connection.close()
    acknowledged.requests["IO-26-9999"] = 1

    assert promises(acknowledged) == KEPT | {
        "lost requests": 2,
        "half series": 1,
        "lost approvals": 1,
        "lost letters": 2,
    }
