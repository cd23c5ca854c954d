"""The letter to each of the team in the morning: what is on today, keys, screens that are silent, what was left lying.

It is owed once a day by whichever process looks first, and not at all where there is nothing to tell.
"""

from collections.abc import Sequence
from datetime import datetime, time, timedelta
from typing import NamedTuple

import sqlalchemy as sa
from sqlalchemy.orm import joinedload, lazyload

from booking import displays, hosting, wording
from booking.database import db, transaction
from booking.domain.slot import Slot
from booking.domain.status import Status
from booking.hosting import KeyWish, OutKey
from booking.house import house, working_days
from booking.languages import LANGUAGES
from booking.letters import outbox
from booking.models import Booking, Display, Occurrence, StaffMember, day_of
from booking.notices.frame import text_of

#: When it is written, in the house's zone; by a service that was away, later, but not after noon.
FROM, UNTIL = time(7, 30), time(12)

#: More requests that wait, or meetings, are counted.
MOST_NAMED = 20


class ToTell(NamedTuple):
    """What stands in the letter. ``silent``: displays of which nothing is heard; ``late``: requests that wait
    for an answer for longer than promised."""

    meetings: Sequence[Occurrence]
    key_wishes: Sequence[KeyWish]
    keys_late: Sequence[OutKey]
    silent: Sequence[Display]
    late: Sequence[Booking]
    failed: int

    def for_role(self, role: str) -> "ToTell":
        """The reception hands out keys; it decides nothing and writes no letters."""
        return self._replace(late=(), failed=0) if role == "reception" else self


def write_letters(now: datetime) -> int:
    """Owe the letters of this morning that are not owed yet; gives their number."""
    local = now.astimezone(house().zone)
    if not FROM <= local.time() < UNTIL:
        return 0
    waiting = sa.select(StaffMember).where(
        StaffMember.active,
        StaffMember.invited_at.is_(None),
        StaffMember.hears_daily,
        sa.or_(StaffMember.heard_on.is_(None), StaffMember.heard_on < local.date()),
    )
    ids = [member.id for member in db.session.scalars(waiting.order_by(StaffMember.id))]
    return sum(_write(waiting.where(StaffMember.id == id_), now) for id_ in ids)


def _write(waiting: sa.Select[StaffMember], now: datetime) -> bool:
    with transaction():
        member = db.session.scalars(waiting.with_for_update()).one_or_none()
        if member is None:  # another process was faster
            return False
        member.heard_on = day_of(now, house().zone)
        told = _to_tell(now).for_role(member.role)
        if not any(told):
            return False
        language, zone = member.language, house().zone
        text = text_of(
            "team/daily",
            language,
            **told._asdict(),
            most=MOST_NAMED,
            day=wording.day(day_of(now, zone), language),
            on=lambda day: wording.day(day, language),
            span=lambda date: wording.span(date.slot, zone, language),
            prefix=LANGUAGES[language].prefix,
            days=house().answer_working_days,
        )
        outbox.put("daily", staff_member=member, language=language, subject=text.subject, body=text.body, now=now)
        return True


def _to_tell(now: datetime) -> ToTell:
    place = house()
    today = day_of(now, place.zone)
    begin, end = (Slot.on(each, time(0), 1, place.zone).start for each in (today, today + timedelta(days=1)))
    meetings = db.session.scalars(
        sa.select(Occurrence)
        .where(
            Occurrence.status == Status.APPROVED,
            Occurrence.start >= begin,
            Occurrence.start < end,
        )
        .options(joinedload(Occurrence.booking).options(joinedload(Booking.initiative), lazyload(Booking.occurrences)))
        .order_by(Occurrence.start, Occurrence.id)
    )
    open_requests = db.session.scalars(
        sa.select(Booking)
        .where(Booking.occurrences.any(Occurrence.status == Status.REQUESTED))
        .options(joinedload(Booking.initiative), lazyload(Booking.occurrences))
        .order_by(Booking.created_at, Booking.id)
    )
    return ToTell(
        meetings=meetings.all(),
        key_wishes=hosting.keys_wished_for(begin, end),
        keys_late=[key for key in hosting.keys_out(now) if key.due <= today],
        silent=displays.missed(),
        late=[each for each in open_requests if working_days(each.created_at, now) > place.answer_working_days],
        failed=outbox.not_gone(now).failed,
    )
