"""Who speaks for a booking, who may open its page, and what they may do beside its dates."""

from booking.sharing.calendar import end_calendar, renew_calendar
from booking.sharing.details import PROMISED, Details, edit, may_open
from booking.sharing.erasing import HoldsKey, erase, erase_person, leave
from booking.sharing.fresh_links import can_correct, correct_address, note_use, send_fresh_links
from booking.sharing.handover import agree, call_off, hand_over, handover_of, open_handover
from booking.sharing.person import Forgotten
from booking.sharing.second_person import (
    MOST_SECONDS,
    KnownAlready,
    TooMany,
    seconds,
    share,
    speaks_for,
    take_link_back,
)

__all__ = [
    "MOST_SECONDS",
    "PROMISED",
    "Details",
    "Forgotten",
    "HoldsKey",
    "KnownAlready",
    "TooMany",
    "agree",
    "call_off",
    "can_correct",
    "correct_address",
    "edit",
    "end_calendar",
    "erase",
    "erase_person",
    "hand_over",
    "handover_of",
    "leave",
    "may_open",
    "open_handover",
    "renew_calendar",
    "seconds",
    "send_fresh_links",
    "share",
    "speaks_for",
    "take_link_back",
    "note_use",
]
