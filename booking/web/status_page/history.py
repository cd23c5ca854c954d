"""What has happened to a booking, in plain words, for the group it is about."""

from datetime import datetime
from typing import NamedTuple

from flask_babel import gettext, ngettext

from booking import log
from booking.models import Booking, LogEntry


class Line(NamedTuple):
    """What happened, in plain words."""

    at: datetime
    text: str


def told(booking: Booking) -> list[Line]:
    """Newest first; what concerns the office alone is left out."""
    lines = [Line(entry.at, _dates(entry) or _group(entry) or _team(entry)) for entry in log.history(booking)]
    return [line for line in lines if line.text]


def _dates(entry: LogEntry) -> str:
    """Of the steps that dates take, whoever took them."""
    number, by_group = entry.count, entry.actor == "group"
    match entry.action:
        case "request":
            return ngettext("You asked for %(num)d date.", "You asked for %(num)d dates.", number)
        case "approve":
            return ngettext("The team confirmed %(num)d date.", "The team confirmed %(num)d dates.", number)
        case "decline":
            return ngettext("%(num)d date was not possible.", "%(num)d dates were not possible.", number)
        case "propose":
            return ngettext("The team made a suggestion.", "The team made %(num)d suggestions.", number)
        case "accept":
            return ngettext("You accepted a suggestion.", "You accepted %(num)d suggestions.", number)
        case "refuse":
            return ngettext("A suggestion didn't work for you.", "%(num)d suggestions didn't work for you.", number)
        case "expire":
            return ngettext("A suggestion has run out.", "%(num)d suggestions have run out.", number)
        case "undo":
            return ngettext(
                "The team is looking at %(num)d date once more.",
                "The team is looking at %(num)d dates once more.",
                number,
            )
        case "withdraw":
            return ngettext("You withdrew %(num)d date.", "You withdrew %(num)d dates.", number)
        case "cancel" if by_group:
            return ngettext("You cancelled %(num)d date.", "You cancelled %(num)d dates.", number)
        case "cancel":
            return ngettext("The team cancelled %(num)d date.", "The team cancelled %(num)d dates.", number)
        case "restore":
            return ngettext(
                "You took the cancellation of %(num)d date back.",
                "You took the cancellation of %(num)d dates back.",
                number,
            )
        case "move" if by_group:
            return ngettext("You changed %(num)d date.", "You changed %(num)d dates.", number)
        case "move":
            return ngettext("The team moved %(num)d date.", "The team moved %(num)d dates.", number)
        case "extend":
            return ngettext("You asked for %(num)d further date.", "You asked for %(num)d further dates.", number)
    return ""


def _group(entry: LogEntry) -> str:
    """Of what else the group did."""
    match entry.action:
        case "ask_for_change":
            return ngettext(
                "You asked for a change of %(num)d date.", "You asked for a change of %(num)d dates.", entry.count
            )
        case "take_back_change":
            return gettext("You took a change back that you had asked for.")
        case "answer":
            return gettext("You answered the team's question.")
        case "edit":
            return gettext("You changed your details.")
        case "ask_title":
            return gettext("You asked for a new title.")
        case "correct_address":
            return gettext("You corrected your e-mail address.")
        case "share":
            return gettext("A second person got a link of their own.")
        case "unshare" | "leave":
            return gettext("The link of a second person has ended.")
        case "hand_over":
            return gettext("You asked to hand this over to somebody else.")
        case "call_off":
            return gettext("The handover was called off.")
        case "handed_over":
            return gettext("The handover is done.")
        case "renew_calendar":
            return gettext("A new address for calendar programs was made.")
        case "end_calendar":
            return gettext("The address for calendar programs has ended.")
        case "fresh_link":
            return gettext("A new link was sent.")
        case "erase":
            return gettext("Personal details were deleted.")
    return ""


def _team(entry: LogEntry) -> str:
    """Of what else the team did."""
    match entry.action:
        case "ask":
            return gettext("The team asked you something.")
        case "refuse_change":
            return gettext("A change that you had asked for was not possible.")
        case "accept_title":
            return gettext("The team agreed to your new title.")
        case "refuse_title":
            return gettext("Your new title was not possible.")
        case "key_out":
            return gettext("You got a key.")
        case "key_back":
            return gettext("The key came back.")
    return ""
