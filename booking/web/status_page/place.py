"""Day, times and room for one date, read as the first page of a request reads them."""

from collections.abc import Collection
from dataclasses import replace
from datetime import date, datetime

from flask_babel import gettext, lazy_gettext
from wtforms import BooleanField, TextAreaField

from booking import changing, wording
from booking.domain.slot import Slot
from booking.house import house, house_rules
from booking.models import Booking, Room
from booking.web import locale
from booking.web.forms.texts import tidy
from booking.web.forms.typed import as_typed
from booking.web.forms.when import AskedDates, WhenForm


class PlaceForm(WhenForm):
    """When and where a date should be, and a few words about it. ``words``: those, once they are read."""

    note = TextAreaField(lazy_gettext("Anything else you'd like to tell us?"))
    following = BooleanField()

    words: str = ""

    def show(self, slot: Slot, room: Room) -> None:
        """Begin with this place."""
        start, end = (instant.astimezone(house().zone) for instant in (slot.start, slot.end))
        self.date.data = as_typed(start.date().isoformat())
        self.start.data, self.end.data = f"{start:%H:%M}", f"{end:%H:%M}"
        self.room.data = room.slug

    def wanted(self, booking: Booking, now: datetime, moving: Collection[int] = ()) -> AskedDates | None:
        """What is wished for a date of this booking; None where it cannot be: then the fields say why.

        ``moving``: ids of the dates that are to move, and are not in their own way.
        """
        self.rhythm.data = "once"
        self.people.data = str(max(booking.people, 1))
        asked = self.asked(now)
        self.words = tidy(self.note.data)
        self._look_at_text(self.note, self.words)
        if asked is None or self.mistakes:
            return None
        times = replace(asked.times, before=booking.before_minutes, after=booking.after_minutes)
        slot = times.occupied(times.slot(asked.rule.start, house_rules()))
        met = changing.own_date_at(booking, asked.room, slot, moving)
        if met:
            self.refuse(self.date, own(met))
            return None
        return replace(asked, times=times)

    def keep_day(self) -> None:
        """Say that dates of a series stay on their days."""
        self.refuse(
            self.following,
            gettext("For all that follow we can change time and room only. Leave the day as it is."),
        )

    @property
    def mistakes(self) -> list[tuple[str, str]]:
        return [("room" if control == "room-any" else control, sentence) for control, sentence in super().mistakes]


def own(day: date) -> str:
    """That a group is in its own way."""
    return gettext(
        "You have this time already, for %(day)s. Choose something else.",
        day=wording.long_day(day, locale.selected()).rsplit(" ", 1)[0],
    )
