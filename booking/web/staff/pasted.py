"""A mail that came to the office, pasted whole: who wrote it, and what they wish, as proposals for a form."""

import re
from datetime import datetime

from flask_babel import gettext, ngettext

from booking.web.dates.chooser import SKIP, control
from booking.web.forms.line import asked_back, fits_form, read_line, values_of
from booking.web.forms.texts import is_phone

#: Characters of a mail that are looked at, and places of it that are named because nobody understands them.
LONGEST_MAIL = 10_000
MOST_UNKNOWN = 10

_SENDER = re.compile(
    r"(?:von|from|absender): ?\"?([^<>\"@]{0,80}?)\"? ?<?([^\s<>@,;]{1,64}@[^\s<>@,;]{1,190})>?", re.IGNORECASE
)
_HEADER = re.compile(
    r"(?:von|from|absender|an|to|cc|bcc|betreff|subject|datum|date|gesendet|sent|antwort an|reply-to):", re.I
)
_ADDRESS = re.compile(r"[\w.+-]{1,64}@[\w.-]{1,190}")
_PHONE = re.compile(r"(?:\+|\b0)[0-9][0-9 /()-]{5,20}[0-9]")


def proposals(mail: str, now: datetime) -> tuple[dict[str, list[str]], list[str]]:
    """What a mail says, as it would be typed into the form, and what has to be asked back. Nothing of it is stored.

    What it does not say is no proposal, and a date that it leaves out is one that is chosen to be left out.
    """
    lines = [line.strip() for line in mail[:LONGEST_MAIL].splitlines()]
    own: list[str] = []
    for line in lines:
        if line == "--" or line.startswith((">", "---")) or line.endswith(("schrieb:", "wrote:")):
            break
        own.append(line)
    sender = next((found for line in own if (found := _SENDER.match(line))), None)
    words = "\n".join(line for line in own if not _HEADER.match(line))
    everything = "\n".join(lines)
    address = sender[2] if sender else next(iter(_ADDRESS.findall(words)), "")
    phone = next((each for each in _PHONE.findall(everything) if is_phone(each)), "")
    told = {"name": sender[1].strip() if sender else "", "email": address.rstrip("."), "phone": phone}
    understood = read_line(_PHONE.sub(" ", _ADDRESS.sub(" ", words)), now)
    chosen = understood.readings[0] if len(understood.readings) == 1 else None
    asked = [asked_back(code) for code in dict.fromkeys(doubt.code for doubt, _ in understood.doubts)]
    if len(understood.readings) > 1:
        asked.insert(0, gettext("That can mean several things. Which one is right?"))
    if chosen and not fits_form(chosen):
        asked.append(asked_back("form"))
    if understood.unknown:
        lost = [understood.text[each.start : each.end] for each in understood.unknown]
        asked.append(gettext("We don’t understand: %(words)s.", words=" … ".join(lost[:MOST_UNKNOWN])))
        if (further := len(lost) - MOST_UNKNOWN) > 0:
            asked.append(ngettext("And %(num)d further place.", "And %(num)d further places.", further))
    left_out = chosen.rule.exception_dates if chosen else ()
    values = {name: [text] for name, text in told.items() if text} | {control(day): [SKIP] for day in left_out}
    return values | values_of(understood, chosen), asked
