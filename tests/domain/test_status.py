from itertools import product

import pytest

from booking.domain.status import HOLDS_ROOM, TRANSITIONS, Action, NotPossible, Status, after

STEPS = [
    ("requested", "approve", "approved"),
    ("requested", "decline", "declined"),
    ("requested", "propose", "proposed"),
    ("requested", "withdraw", "withdrawn"),
    ("requested", "move", "requested"),
    ("proposed", "accept", "approved"),
    ("proposed", "refuse", "declined"),
    ("proposed", "expire", "declined"),
    ("proposed", "undo", "requested"),
    ("approved", "cancel", "cancelled"),
    ("approved", "move", "approved"),
    ("cancelled", "restore", "approved"),
    ("approved", "undo", "requested"),
    ("declined", "undo", "requested"),
]


@pytest.mark.parametrize(("status", "action", "follows"), STEPS)
def test_after_follows_the_diagram(status, action, follows):
    assert after(Status(status), Action(action)) is Status(follows)


def test_after_refuses_every_other_step():
    allowed = {(status, action) for status, action, _ in STEPS}

    refused = set()
    for status, action in product(Status, Action):
        try:
            after(status, action)
        except NotPossible as error:
            refused.add((error.status, error.action))

    assert refused == set(product(Status, Action)) - allowed
    assert len(TRANSITIONS) == len(STEPS)


def test_room_is_held_by_approved_and_proposed_dates_only():
    assert {"approved", "proposed"} == HOLDS_ROOM


def test_withdrawn_dates_stay_as_they_are():
    assert Status.WITHDRAWN not in {status for status, _ in TRANSITIONS}
