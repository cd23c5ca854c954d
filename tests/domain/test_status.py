from itertools import product

import pytest

from booking.domain.status import (
    CHANGE_TRANSITIONS,
    HOLDS_ROOM,
    TRANSITIONS,
    Action,
    ChangeState,
    NotPossible,
    Status,
    after,
    change_after,
)

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
    ("approved", "move_back", "approved"),
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


@pytest.mark.parametrize(
    ("action", "becomes"),
    [
        ("accept", "accepted"),
        ("move", "accepted"),
        ("refuse", "refused"),
        ("expire", "expired"),
        ("undo", "withdrawn"),
        ("cancel", "withdrawn"),
        ("withdraw", "withdrawn"),
    ],
)
def test_change_after_settles_an_open_change(action, becomes):
    assert change_after(ChangeState.OPEN, Action(action)) is ChangeState(becomes)


def test_change_after_refuses_every_other_step():
    refused = set()
    for state, action in product(ChangeState, Action):
        try:
            change_after(state, action)
        except NotPossible as error:
            refused.add((error.status, error.action))

    assert refused == set(product(ChangeState, Action)) - set(CHANGE_TRANSITIONS)
    assert {step for step in CHANGE_TRANSITIONS if step[0] is not ChangeState.OPEN} == {
        (ChangeState.ACCEPTED, Action.MOVE_BACK),  # taken back while the letter waits
        (ChangeState.ACCEPTED, Action.UNDO),
        (ChangeState.REFUSED, Action.UNDO),
        (ChangeState.EXPIRED, Action.UNDO),
    }


def test_room_is_held_by_approved_and_proposed_dates_only():
    assert {"approved", "proposed"} == HOLDS_ROOM


def test_withdrawn_dates_stay_as_they_are():
    assert Status.WITHDRAWN not in {status for status, _ in TRANSITIONS}
