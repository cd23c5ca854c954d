"""The groups that meet in the house: what is known of each, and two that are one."""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date, datetime, time
from difflib import get_close_matches
from typing import Any, NamedTuple

import sqlalchemy as sa
from flask import abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext, lazy_gettext, ngettext
from sqlalchemy.orm import Bundle, contains_eager, lazyload
from werkzeug.wrappers import Response as AnyResponse
from wtforms import BooleanField, StringField
from wtforms.validators import AnyOf

from booking import clock, initiatives
from booking.database import db
from booking.domain.slot import Slot
from booking.domain.status import GOING_ON, Status
from booking.house import house, rooms
from booking.initiatives import AboutGroup, Belongings, NameTaken
from booking.lifecycle import Stale
from booking.models import Booking, Initiative, KeyLoan, Occurrence, day_of
from booking.requesting import known_group, slug_of
from booking.sharing.erasing import HoldsKey
from booking.web.access import MISTAKES, PageAnswer, staff_only
from booking.web.forms.fields import Paragraph, TextLine
from booking.web.forms.page import PageForm
from booking.web.forms.people import KINDS
from booking.web.staff.forms import LONGEST_SEARCH, LineField, tidied
from booking.web.staff.frame import bp, member, page_of

ALL_KINDS = (*KINDS, "own")

#: So many of its last dates a page names.
LAST_DATES = 10


class GroupSearchForm(PageForm):
    """What the list is filtered by."""

    search = LineField(filters=[lambda text: tidied(text)[:LONGEST_SEARCH]])
    kind = LineField()


class GroupForm(PageForm):
    """What the office says of a group. The fields whose names end in ``_seen`` carry what the page showed."""

    name = TextLine(lazy_gettext("Name"), lazy_gettext("Give the group a name."), 80)
    kind = StringField(lazy_gettext("Kind"), validators=[AnyOf(ALL_KINDS)])
    is_public = BooleanField(lazy_gettext("May be suggested by name to everybody who asks for a room"))
    other_names = Paragraph(lazy_gettext("Other names, one a line"), most=1000)
    notes = Paragraph(lazy_gettext("Notes, for the team alone"), most=2000)
    name_seen = LineField()
    kind_seen = LineField()
    is_public_seen = LineField()
    notes_seen = LineField()
    other_names_seen = LineField()

    def show(self, group: Initiative) -> None:
        self.name.data, self.kind.data, self.notes.data = group.name, group.kind, group.notes
        self.is_public.data, self.other_names.data = group.is_public, group.other_names

    @property
    def about(self) -> AboutGroup:
        names = _lines(self.other_names.meant)
        return AboutGroup(self.name.meant, str(self.kind.data), bool(self.is_public.data), self.notes.meant, names)

    @property
    def seen(self) -> AboutGroup:
        notes = self.notes_seen.text.replace("\r\n", "\n")
        names = _lines(self.other_names_seen.text)
        return AboutGroup(self.name_seen.text, self.kind_seen.text, self.is_public_seen.text == "yes", notes, names)


class MergeForm(PageForm):
    """Which group goes, by its slug, and what the page said of it."""

    gone = LineField()
    seen = LineField()

    @property
    def belongings(self) -> Belongings | None:
        """What the page said of the other; ``None`` where it cannot be read."""
        counted = re.findall(r"\d+", self.seen.text[:200])
        return Belongings(*map(int, counted)) if len(counted) == len(Belongings._fields) else None


class GroupNumbers(NamedTuple):
    """Plain facts about a group in a year."""

    uses: int
    no_shows: int
    cancelled: int
    cancelled_late: int


@bp.get("/gruppen")
@staff_only
def group_list() -> str:
    now = clock.now()
    form = GroupSearchForm(request.args)
    search, kind = form.search.text, form.kind.text if form.kind.text in ALL_KINDS else ""
    shown = sa.and_(*_wanted(search, kind))
    total = db.session.scalar(sa.select(sa.func.count()).select_from(Initiative).where(shown)) or 0
    page = page_of(_ordered(now).where(shown), total)
    return render_template(
        "staff/groups.html",
        lines=list(page.items),
        page=page,
        page_url=lambda number: url_for(".group_list", search=search or None, kind=kind or None, page=number),
        search=search,
        kind=kind,
        kinds=ALL_KINDS,
        year=_year(now),
    )


def _wanted(search: str, kind: str) -> Iterable[sa.ColumnElement[bool]]:
    yield sa.true()
    if search:
        is_named = Initiative.name.icontains(search, autoescape=True)
        plain = Initiative.slug.contains(slug_of(search), autoescape=True)  # however umlauts and capitals are written
        yield sa.or_(is_named, plain)
    if kind:
        yield Initiative.kind == kind


def _ordered(now: datetime) -> sa.Select[Any]:
    took_place = sa.and_(Occurrence.status == Status.APPROVED, Occurrence.end <= now, ~Occurrence.no_show)
    this_year = Occurrence.start >= _new_year(_year(now))
    is_coming = sa.and_(Occurrence.status == Status.APPROVED, Occurrence.end > now)
    line = Bundle[Any](  # one column for the pagination
        "line",
        *(Initiative.slug, Initiative.name, Initiative.kind, Initiative.is_public),
        sa.func.count(sa.case((sa.and_(took_place, this_year), 1))).label("uses"),
        sa.func.count(sa.case((is_coming, 1))).label("coming"),
        sa.func.max(sa.case((took_place, Occurrence.start))).label("last"),
    )
    return (
        sa.select(line)
        .select_from(Initiative)
        .outerjoin(Booking, Booking.initiative_id == Initiative.id)
        .outerjoin(Occurrence, Occurrence.booking_id == Booking.id)
        .group_by(Initiative.id)
        .order_by(Initiative.slug)
    )


@bp.get("/gruppen/<slug>")
@staff_only
def group_page(slug: str) -> str:
    group, form = _group_of(slug), GroupForm()
    form.show(group)
    return _page(group, form)


@bp.post("/gruppen/<slug>")
@staff_only
def send_group(slug: str) -> PageAnswer:
    """Write down what the office says of a group; what was typed stays where that is not possible."""
    group, form = _group_of(slug), GroupForm(request.form)
    if not form.validate():
        return _page(group, form), MISTAKES
    try:
        group = initiatives.edit_group(group, form.about, seen=form.seen, by=member(), now=clock.now())
    except NameTaken:
        sentence = gettext("Another group has this name. If they are one, merge them below.")
        form.refuse(form.name, sentence)
    except Stale:
        group = _group_of(slug)
        if not _is_as_typed(group, form.about):  # not by this very form, sent twice
            form.refuse(form.name, gettext("Somebody has changed this group meanwhile. Compare, and save once more."))
    if form.mistakes:
        return _page(group, form), MISTAKES
    flash(gettext("Saved."))
    return redirect(url_for(".group_page", slug=group.slug), 303)


@bp.get("/gruppen/<slug>/zusammenlegen")
@staff_only
def merge(slug: str) -> AnyResponse | str:
    """What moves if this group and another (``?mit=Chor``) are made one, whichever stays."""
    group = _group_of(slug)
    other = known_group(request.args.get("mit", "").strip())
    if other is None or other is group:
        flash(gettext("There is no other group of this name. Choose one of the list."), "error")
        return redirect(url_for(".group_page", slug=slug), 303)
    counted = initiatives.belongings([group, other], clock.now())
    ways = [(group, other, counted[other.id]), (other, group, counted[group.id])]
    return render_template("staff/merge.html", group=group, ways=ways)


@bp.post("/gruppen/<slug>/zusammenlegen")
@staff_only
def send_merge(slug: str) -> AnyResponse:
    """Make two groups one; this one stays."""
    keep, form = _group_of(slug), MergeForm(request.form)
    gone = db.session.scalars(db.select(Initiative).where(Initiative.slug == form.gone.text)).one_or_none()
    if gone is None:
        flash(gettext("These groups have been merged already."))
        return redirect(url_for(".group_page", slug=slug), 303)
    name, former = keep.name, gone.name
    try:
        initiatives.merge_groups(keep, gone, seen=form.belongings, by=member(), now=clock.now())
    except Stale:
        flash(gettext("Something has changed meanwhile. Have a look at what moves now."), "error")
        return redirect(url_for(".merge", slug=slug, mit=former), 303)
    flash(gettext("%(former)s and %(name)s are one group now.", former=former, name=name))
    return redirect(url_for(".group_page", slug=slug), 303)


@bp.post("/gruppen/<slug>/kontakt/<int:contact_id>/loeschen")
@staff_only
def erase_contact(slug: str, contact_id: int) -> AnyResponse:
    """Forget a person in all bookings of the group."""
    group = _group_of(slug)
    try:
        number = initiatives.erase_contact(group, contact_id, by=member(), now=clock.now())
    except HoldsKey:
        flash(gettext("This person still has a key. Note that it is back first."), "error")
        return redirect(url_for(".group_page", slug=slug), 303)
    flash(
        ngettext("The contact is erased, in %(num)d place.", "The contact is erased, in %(num)d places.", number)
        if number
        else gettext("The contact was erased already.")
    )
    return redirect(url_for(".group_page", slug=slug), 303)


def _is_as_typed(group: Initiative, about: AboutGroup) -> bool:
    """Whether a group is as somebody would have it, apart from names that it had before."""
    return replace(AboutGroup.of(group), other_names=()) == replace(about, other_names=())


def _group_of(slug: str) -> Initiative:
    """The group of this slug, or 404."""
    found: Initiative | None = db.session.scalars(db.select(Initiative).where(Initiative.slug == slug)).one_or_none()
    if found is None:
        abort(404)
    return found


def _page(group: Initiative, form: GroupForm) -> str:
    now = clock.now()
    year, dates = _year(now), _dates_of(group)
    past = [each for each in dates if each.end <= now or each.status is Status.CANCELLED]
    people = {each.mailbox or each.id: each for each in reversed(initiatives.contacts(group))}
    names = db.session.scalars(db.select(Initiative.name).where(Initiative.id != group.id).order_by(Initiative.name))
    others = names.all()
    return render_template(
        "staff/group.html",
        group=group,
        form=form,
        kinds=ALL_KINDS,
        numbers={each: _numbers(dates, each, now) for each in (year, year - 1)},
        current=_current(dates, now),
        last=[(each, _became(each)) for each in reversed(past) if _became(each)][:LAST_DATES],
        people=list(reversed(people.values())),
        keys=_keys_out(group),
        others=others,
        similar=get_close_matches(group.name, others, n=3, cutoff=0.7),
    )


def _dates_of(group: Initiative) -> Sequence[Occurrence]:
    rooms()  # where its dates find theirs
    return db.session.scalars(
        db.select(Occurrence)
        .join(Occurrence.booking)
        .where(Booking.initiative_id == group.id)
        .options(contains_eager(Occurrence.booking).lazyload(Booking.occurrences), lazyload(Occurrence.room))
        .order_by(Occurrence.start)
    ).all()


def _keys_out(group: Initiative) -> Sequence[KeyLoan]:
    return db.session.scalars(
        db.select(KeyLoan)
        .join(KeyLoan.booking)
        .where(Booking.initiative_id == group.id, KeyLoan.returned_at.is_(None))
        .options(contains_eager(KeyLoan.booking).lazyload(Booking.occurrences))
        .order_by(KeyLoan.handed_out_at)
    ).all()


def _current(dates: Iterable[Occurrence], now: datetime) -> list[tuple[Booking, list[Occurrence]]]:
    """The bookings that go on, each with all its dates; those that come next first."""
    of_booking: dict[Booking, list[Occurrence]] = {}
    for each in dates:
        of_booking.setdefault(each.booking, []).append(each)
    going_on = [
        (booking, theirs)
        for booking, theirs in of_booking.items()
        if any(each.status in GOING_ON and each.end > now for each in theirs)
    ]
    return sorted(going_on, key=lambda one: min(each.start for each in one[1] if each.end > now))


def _numbers(dates: Iterable[Occurrence], year: int, now: datetime) -> GroupNumbers:
    found = [_became(each) for each in dates if day_of(each.start, house().zone).year == year and _is_told(each, now)]
    kinds = Counter(found)
    return GroupNumbers(
        kinds["use"], kinds["no_show"], kinds["cancelled"] + kinds["cancelled_late"], kinds["cancelled_late"]
    )


def _is_told(each: Occurrence, now: datetime) -> bool:
    return each.end <= now or each.status is Status.CANCELLED


def _became(each: Occurrence) -> str:
    """What became of a date that is over or cancelled; empty where it never was confirmed, or the team cancelled it."""
    if each.status is Status.APPROVED:
        return "no_show" if each.no_show else "use"
    if each.status is Status.CANCELLED and each.cancelled_by_group:
        return "cancelled_late" if each.is_cancelled_late else "cancelled"
    return ""


def _lines(text: str) -> tuple[str, ...]:
    """What stands in the lines of a text, each once."""
    return tuple(dict.fromkeys(" ".join(line.split()) for line in text.splitlines() if line.strip()))


def _year(now: datetime) -> int:
    return day_of(now, house().zone).year


def _new_year(year: int) -> datetime:
    return Slot.on(date(year, 1, 1), time(0), 1, house().zone).start
