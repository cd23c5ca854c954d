"""The record of who did what, for all of the house: filtered, page by page, and as a table for other programs."""

import re
from collections.abc import Iterator
from datetime import date, time, timedelta
from typing import Any

import sqlalchemy as sa
from flask import Response, render_template, request, url_for
from flask_babel import gettext, lazy_gettext
from sqlalchemy.orm import joinedload

from booking import clock, log
from booking.database import db
from booking.domain.slot import Slot
from booking.house import house
from booking.models import Booking, Initiative, LogEntry, StaffMember, day_of
from booking.web import locale
from booking.web.access import staff_only
from booking.web.forms.fields import DayField
from booking.web.forms.page import PageForm
from booking.web.staff import history
from booking.web.staff.forms import LineField
from booking.web.staff.frame import bp, page_of
from booking.web.tables import table_file

#: So many of the newest entries a table has.
MOST_ROWS = 50_000


class EntriesForm(PageForm):
    """Which entries."""

    who = LineField()
    what = LineField()
    group = LineField(lazy_gettext("Group or number"))
    since = DayField(lazy_gettext("From"), missing=None)
    until = DayField(lazy_gettext("Until"), missing=None)

    def __init__(self, today: date) -> None:
        self.today = today - timedelta(days=364)  # a day without its year is the last such day
        super().__init__(request.args)


@bp.get("/protokoll")
@staff_only
def entries() -> str:
    """Newest first."""
    form = EntriesForm(day_of(clock.now(), house().zone))
    wanted = [*_wanted(form)] if form.validate() else [sa.false()]
    colleagues = db.session.execute(sa.select(StaffMember.id, StaffMember.name).order_by(StaffMember.name))
    people = {str(id_): name for id_, name in colleagues}
    number = db.session.scalar(sa.select(sa.func.count(LogEntry.id)).where(*wanted)) or 0
    about = joinedload(LogEntry.booking)
    rows = (
        sa.select(LogEntry)
        .where(*wanted)
        .order_by(LogEntry.at.desc(), LogEntry.id.desc())
        .options(
            joinedload(LogEntry.staff_member), about.load_only(Booking.reference), about.joinedload(Booking.initiative)
        )
    )
    page = page_of(rows, number)
    asked: dict[str, Any] = {name: text for name, text in request.args.items() if name in form.names and text}
    return render_template(
        "staff/entries.html",
        form=form,
        page=page,
        who=history.who,
        what=lambda entry: history.what([entry]),
        lines=lambda entry: log.places_told(entry, locale.selected()),
        whom=lambda entry: people.get(str(entry.detail.get("member"))),
        everybody=[("group", gettext("Groups")), ("system", gettext("System")), *people.items()],
        kinds=sorted(_kinds().items(), key=lambda kind: kind[1].casefold()),
        asked=asked,
        page_url=lambda number: url_for(".entries", page=number, **asked),
    )


@bp.get("/protokoll.csv", endpoint="entries_table")
@staff_only
def table_of_entries() -> Response:
    """The same as a table for other programs, in the reader's language."""
    form = EntriesForm(day_of(clock.now(), house().zone))
    wanted = [*_wanted(form)] if form.validate() else [sa.false()]
    rows = db.session.execute(
        sa.select(LogEntry, StaffMember.name, Booking.reference, Initiative.name)
        .outerjoin(LogEntry.staff_member)
        .outerjoin(LogEntry.booking)
        .outerjoin(Booking.initiative)
        .where(*wanted)
        .order_by(LogEntry.at.desc(), LogEntry.id.desc())
        .limit(MOST_ROWS)
    )
    head = [gettext("Time"), gettext("Who"), gettext("What"), gettext("Dates"), gettext("Group"), gettext("Request")]
    zone = house().zone
    lines = (
        [
            f"{entry.at.astimezone(zone):%Y-%m-%d %H:%M:%S}",
            name or history.who(entry),
            history.what([entry]),
            entry.count or "",
            group or "",
            reference or "",
        ]
        for entry, name, reference, group in rows
    )
    return table_file("protokoll", head, lines, for_excel=True)


def _wanted(form: EntriesForm) -> Iterator[sa.ColumnElement[bool]]:
    who, group, zone = form.who.text, form.group.text.strip(), house().zone
    if who.isdecimal():
        yield LogEntry.staff_member_id == min(int(who), 2**31 - 1)
    elif who:
        yield LogEntry.actor == who
    if form.what.text:
        yield LogEntry.action == form.what.text
    if group:
        meant = sa.or_(
            Booking.reference.icontains(group, autoescape=True), Initiative.name.icontains(group, autoescape=True)
        )
        yield LogEntry.booking_id.in_(sa.select(Booking.id).join(Booking.initiative).where(meant))
    if form.since.meant:
        yield LogEntry.at >= Slot.on(form.since.meant, time(0), 1, zone).start
    if form.until.meant:
        yield LogEntry.at < Slot.on(form.until.meant + timedelta(days=1), time(0), 1, zone).start


def _kinds() -> dict[str, str]:
    """By action, its words without the number."""
    found: dict[str, str] = {}
    for (action, _actor), step in log.STEPS.items():
        found.setdefault(action, re.sub(r"\b2 ", "", step.team.of(2)))
    return found
