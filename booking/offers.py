"""What would be free instead of dates that cannot be: looked for when their letter leaves, so that it is true."""

from collections.abc import Iterator
from functools import partial
from urllib.parse import urlencode

import sqlalchemy as sa

from booking import catalogues, clock, wording
from booking.availability.ways_out import Alternative, Clash, ways_out
from booking.database import db
from booking.domain.status import Status
from booking.house import house
from booking.languages import LANGUAGES
from booking.letters import message
from booking.models import Letter, Occurrence
from booking.reasons import curable

#: For so many dates something is looked for.
MOST_DATES = 3


def _free(letter: Letter, language: str) -> str:
    """A paragraph of a letter; empty where nothing is free, or the reason holds for all times and rooms."""
    ways = {wording.date_line(way, house().zone, language): way for way in _ways(letter)}
    if not ways:
        return ""
    text = catalogues.words(language)
    told = [text.gettext("This would be free instead:")]
    for line, way in ways.items():
        # A longer sentence than stands on a button, for that is the one to see everything.
        ask = text.gettext("Ask for it at once, all is filled in already: %(address)s")
        told += [line, ask % {"address": _filled_in(letter, way)}]
    return "\n".join([*told, text.gettext("Or just reply to this e-mail.")])


def _filled_in(letter: Letter, way: Alternative) -> str:
    """Where the group asks for a further date there; nothing is asked before it sends that."""
    start, end = (each.astimezone(house().zone) for each in (way.slot.start, way.slot.end))
    place = {"date": f"{start:%d.%m.%Y}", "start": f"{start:%H:%M}", "end": f"{end:%H:%M}", "room": way.room.slug}
    return f"{message.MARKS['link'](letter)}/weiterer-termin?{urlencode(place, safe=':')}"


def _ways(letter: Letter) -> Iterator[Alternative]:
    """The nearest way out for each of the first dates that the letter says no to."""
    dates = db.session.scalars(
        sa.select(Occurrence)
        .where(Occurrence.letter_id == letter.id, Occurrence.status.in_((Status.DECLINED, Status.CANCELLED)))
        .where(Occurrence.reason.in_(curable()), Occurrence.start > clock.now())
        .order_by(Occurrence.start)
        .limit(MOST_DATES)
    )
    clashes = {each.id: Clash.of_date(each, house().zone) for each in dates}
    for ways in ways_out(clashes, clock.now()).values() if clashes else ():
        yield from ways[:1]


#: What stands in a letter as ⟦freede⟧ in its German half, and so on.
MARKS = {f"free{language}": partial(_free, language=language) for language in LANGUAGES}
