"""The status of one date, and the steps from one to the next.

::

    requested ─ approve ──▶ approved ─ cancel ─▶ cancelled
        ├────── decline ──▶ declined
        ├────── propose ──▶ proposed ─ accept ─▶ approved
        │                      ├───── refuse ──▶ declined
        │                      └───── expire ──▶ declined
        └────── withdraw ─▶ withdrawn

    undo: approved, declined or proposed back to requested, while the letter
    that tells the group still waits.
    restore: cancelled back to approved, for a few minutes after a group's slip,
    or while the letter of the team still waits.
    move: a requested or approved date changes its room or time and stays what
    it is; move_back takes that back while its letter waits.

The status belongs to the date, not to the booking: fifty of 52 dates approved
and two declined is a normal answer.
"""

from datetime import datetime
from enum import StrEnum
from typing import Protocol


class Status(StrEnum):
    REQUESTED = "requested"
    APPROVED = "approved"
    PROPOSED = "proposed"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"
    CANCELLED = "cancelled"


class Action(StrEnum):
    APPROVE = "approve"
    DECLINE = "decline"
    PROPOSE = "propose"
    ACCEPT = "accept"
    REFUSE = "refuse"
    EXPIRE = "expire"
    WITHDRAW = "withdraw"
    CANCEL = "cancel"
    RESTORE = "restore"
    MOVE = "move"
    MOVE_BACK = "move_back"
    UNDO = "undo"


class ChangeState(StrEnum):
    """What became of another time or room for a date: a proposal of the team, or a wish of the group."""

    OPEN = "open"
    ACCEPTED = "accepted"
    REFUSED = "refused"
    EXPIRED = "expired"
    WITHDRAWN = "withdrawn"


class Dated(Protocol):
    """A date of a booking, as a row of the session or as plain values."""

    @property
    def status(self) -> Status: ...
    @property
    def start(self) -> datetime: ...
    @property
    def end(self) -> datetime: ...


class NotPossible(Exception):
    """A step that the status does not allow, such as approving a withdrawn date."""

    def __init__(self, status: Status | ChangeState, action: Action) -> None:
        super().__init__(f"{action} is not possible while it is {status}")
        self.status = status
        self.action = action


#: The statuses in which a date keeps its room from others. The database's triggers read the same two words.
HOLDS_ROOM = frozenset({Status.APPROVED, Status.PROPOSED})

#: What the public sees on screens, in calendars and feeds.
PUBLIC = frozenset({Status.APPROVED, Status.CANCELLED})

#: Dates that take place, or may.
GOING_ON = frozenset({Status.REQUESTED, Status.PROPOSED, Status.APPROVED})

TRANSITIONS = {
    (Status.REQUESTED, Action.APPROVE): Status.APPROVED,
    (Status.REQUESTED, Action.DECLINE): Status.DECLINED,
    (Status.REQUESTED, Action.PROPOSE): Status.PROPOSED,
    (Status.REQUESTED, Action.WITHDRAW): Status.WITHDRAWN,
    (Status.REQUESTED, Action.MOVE): Status.REQUESTED,
    (Status.PROPOSED, Action.ACCEPT): Status.APPROVED,
    (Status.PROPOSED, Action.REFUSE): Status.DECLINED,
    (Status.PROPOSED, Action.EXPIRE): Status.DECLINED,
    (Status.PROPOSED, Action.UNDO): Status.REQUESTED,
    (Status.APPROVED, Action.CANCEL): Status.CANCELLED,
    (Status.APPROVED, Action.MOVE): Status.APPROVED,
    (Status.APPROVED, Action.MOVE_BACK): Status.APPROVED,
    (Status.CANCELLED, Action.RESTORE): Status.APPROVED,
    (Status.APPROVED, Action.UNDO): Status.REQUESTED,
    (Status.DECLINED, Action.UNDO): Status.REQUESTED,
}


#: What a step of its date makes of a change, or the team's no and the group's own withdrawal of a wish.
CHANGE_TRANSITIONS = {
    (ChangeState.OPEN, Action.ACCEPT): ChangeState.ACCEPTED,
    (ChangeState.OPEN, Action.MOVE): ChangeState.ACCEPTED,
    (ChangeState.OPEN, Action.REFUSE): ChangeState.REFUSED,
    (ChangeState.OPEN, Action.EXPIRE): ChangeState.EXPIRED,
    (ChangeState.OPEN, Action.UNDO): ChangeState.WITHDRAWN,
    (ChangeState.OPEN, Action.CANCEL): ChangeState.WITHDRAWN,
    (ChangeState.OPEN, Action.WITHDRAW): ChangeState.WITHDRAWN,
    (ChangeState.ACCEPTED, Action.MOVE_BACK): ChangeState.WITHDRAWN,
    (ChangeState.ACCEPTED, Action.UNDO): ChangeState.OPEN,
    (ChangeState.REFUSED, Action.UNDO): ChangeState.OPEN,
    (ChangeState.EXPIRED, Action.UNDO): ChangeState.OPEN,
}


def after(status: Status, action: Action) -> Status:
    """The status that follows; ``NotPossible`` where there is no such step."""
    try:
        return TRANSITIONS[status, action]
    except KeyError:
        raise NotPossible(status, action) from None


def change_after(state: ChangeState, action: Action) -> ChangeState:
    """What becomes of a change; ``NotPossible`` where there is no such step."""
    try:
        return CHANGE_TRANSITIONS[state, action]
    except KeyError:
        raise NotPossible(state, action) from None
