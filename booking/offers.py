"""What would be free instead of dates that cannot be: looked for when their letter leaves, so that it is true."""

from collections.abc import Iterator
from functools import partial

import sqlalchemy as sa

from booking import clock, wording
from booking.availability.wanted import Times
from booking.availability.ways_out import Alternative, Clash, ways_out
from booking.database import db
from booking.domain.status import Status
from booking.house import house
from booking.languages import LANGUAGES
from booking.models import Letter, Occurrence
from booking.reasons import curable

#: For so many dates something is looked for.
MOST_DATES = 3


def _free(letter: Letter, language: str) -> str:
    """A paragraph of a letter; empty where nothing is free, or the reason holds for all times and rooms."""
    lines = [wording.date_line(way, house().zone, language) for way in _ways(letter)]
    if not lines:
        return ""
    text = wording.words(language)
    asked = text.gettext("Would you like that? Just reply to this e-mail, or ask for it on your page.")
    return "\n".join([text.gettext("This would be free instead:"), *dict.fromkeys(lines), asked])


def _ways(letter: Letter) -> Iterator[Alternative]:
    """The nearest way out for each of the first dates that the letter says no to."""
    dates = db.session.scalars(
        sa.select(Occurrence)
        .where(Occurrence.letter_id == letter.id, Occurrence.status.in_((Status.DECLINED, Status.CANCELLED)))
        .where(Occurrence.reason.in_(curable()), Occurrence.start > clock.now())
        .order_by(Occurrence.start)
        .limit(MOST_DATES)
    )
    clashes = {
        each.id: Clash(
            each.room,
            each.slot,
            Times.of_date(each, house().zone),
            each.booking.people,
            bool(each.booking.access_needs),
        )
        for each in dates
    }
    for ways in ways_out(clashes, clock.now()).values() if clashes else ():
        yield from ways[:1]


#: What stands in a letter as ⟦freede⟧ in its German half, and so on.
MARKS = {f"free{language}": partial(_free, language=language) for language in LANGUAGES}
