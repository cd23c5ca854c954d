"""Keys that groups have: which, since when, and that they are back. Never public, never in letters."""

from datetime import date, datetime, timedelta
from typing import NamedTuple

import sqlalchemy as sa
from flask import abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext
from sqlalchemy.orm import contains_eager, joinedload, lazyload
from werkzeug.wrappers import Response as AnyResponse

from booking import clock, hosting, wording
from booking.database import db
from booking.deadlines import KEY_BACK
from booking.domain.status import Status
from booking.house import house
from booking.models import Booking, Contact, KeyLoan, LogEntry, Occurrence, day_of
from booking.web.access import staff_only
from booking.web.staff.forms import KeyForm
from booking.web.staff.frame import back_to, booking_of, bp, member

#: Pages from which keys are handed out and taken back, besides that of the request, as their forms say it.
PAGES = {"today": ".today", "keys": ".keys"}

#: So far ahead the page looks for groups that need a key.
AHEAD = timedelta(days=14)


class OutKey(NamedTuple):
    """A key that somebody has.

    ``due``: the day on which it shall be back. ``is_done``: its group has no more dates. ``asked_at``: when we last
    wrote of it.
    """

    loan: KeyLoan
    due: date
    is_overdue: bool
    is_done: bool
    asked_at: datetime | None


class KeyWish(NamedTuple):
    """A group that needs a key and has none, with the first date that it needs it for."""

    booking: Booking
    date: Occurrence


def of(booking: Booking) -> list[KeyLoan]:
    """The keys of a booking, those that are out first."""
    return sorted(booking.key_loans, key=lambda loan: (loan.returned_at is not None, loan.id))


def out(now: datetime) -> list[OutKey]:
    """All keys that are out, those that should be back first; one statement."""
    last_end = (
        sa.select(sa.func.max(Occurrence.end))
        .where(Occurrence.booking_id == KeyLoan.booking_id, Occurrence.status == Status.APPROVED)
        .scalar_subquery()
    )
    asked_at = (
        sa.select(sa.func.max(LogEntry.at))
        .where(
            LogEntry.booking_id == KeyLoan.booking_id,
            LogEntry.action == "ask_for_key",
            LogEntry.at >= KeyLoan.handed_out_at,
        )
        .scalar_subquery()
    )
    with_group = (joinedload(Booking.initiative), joinedload(Booking.contact), lazyload(Booking.occurrences))
    rows = db.session.execute(
        sa.select(KeyLoan, last_end.label("end"), asked_at.label("asked_at"))
        .where(KeyLoan.returned_at.is_(None))
        .options(joinedload(KeyLoan.booking).options(*with_group))
    )
    zone, today = house().zone, day_of(now, house().zone)
    found = []
    for row in rows:
        loan: KeyLoan = row[0]
        end = max(row.end or loan.handed_out_at, loan.handed_out_at)
        due = wording.last_day(end, zone) + KEY_BACK
        found.append(OutKey(loan, due, due < today, end <= now, row.asked_at))
    return sorted(found, key=lambda each: (each.due, each.loan.number))


def wished_for(begin: datetime, end: datetime) -> list[KeyWish]:
    """Who needs a key for a date between two instants and has none, the first date first; one statement."""
    has_key = sa.exists().where(KeyLoan.booking_id == Booking.id, KeyLoan.returned_at.is_(None))
    dates = db.session.scalars(
        sa.select(Occurrence)
        .join(Occurrence.booking)
        .join(Booking.initiative)
        .outerjoin(Booking.contact)
        .where(
            Occurrence.status == Status.APPROVED,
            Occurrence.end > begin,
            Occurrence.start < end,
            Booking.way_in == "need",
            ~has_key,
        )
        .options(
            lazyload(Occurrence.room),
            contains_eager(Occurrence.booking).options(
                contains_eager(Booking.initiative), contains_eager(Booking.contact), lazyload(Booking.occurrences)
            ),
        )
        .order_by(Occurrence.start, Occurrence.id)
    )
    first = {date.booking_id: date for date in reversed(dates.all())}
    return sorted((KeyWish(date.booking, date) for date in first.values()), key=lambda wish: wish.date.start)


@bp.get("/schluessel", endpoint="keys")
@staff_only
def keys_page() -> str:
    """Which key is out, with whom, since when and until when; and who needs one."""
    now = clock.now()
    return render_template("staff/keys.html", now=now, out=out(now), wishes=wished_for(now, now + AHEAD))


@bp.get("/schluessel/<int:loan_id>/quittung")
@staff_only
def receipt(loan_id: int) -> str:
    """The receipt of a key that is out, to be printed and signed."""
    now = clock.now()
    found = next((each for each in out(now) if each.loan.id == loan_id), None)
    return render_template("staff/receipt.html", key=found, now=now) if found else abort(404)


@bp.post("/anfragen/<reference>/schluessel")
@staff_only
def hand_out_key(reference: str) -> AnyResponse:
    """Note that a key was handed out."""
    booking = booking_of(reference)
    form = KeyForm(request.form)
    if not form.validate():
        flash(form.key.errors[0], "error")
        return _back(reference)
    number = form.key.meant
    try:
        hosting.hand_out_key(booking, number, by=member(), now=clock.now())
    except hosting.KeyIsOut as taken:
        other = taken.loan.booking
        if other.id != booking.id:
            sentence = gettext(
                "Key %(number)s is still out: %(group)s, %(reference)s.",
                number=number,
                group=other.initiative.name,
                reference=other.reference,
            )
            flash(sentence, "error")
            return _back(reference)
    flash(gettext("Key %(number)s is handed out.", number=number))
    return _back(reference)


@bp.post("/anfragen/<reference>/schluessel/<int:loan_id>/zurueck")
@staff_only
def take_key_back(reference: str, loan_id: int) -> AnyResponse:
    """Note that a key is back."""
    booking = booking_of(reference)
    loan = next((loan for loan in booking.key_loans if loan.id == loan_id), None)
    if loan is None:
        abort(404)
    number = loan.number
    hosting.take_key_back(booking, loan_id, by=member(), now=clock.now())
    flash(gettext("Key %(number)s is back.", number=number))
    return _back(reference)


@bp.post("/anfragen/<reference>/schluessel/erinnern")
@staff_only
def ask_for_key(reference: str) -> AnyResponse:
    """Ask the group for its key by letter, now."""
    booking = booking_of(reference)
    contact: Contact | None = booking.contact
    group = booking.initiative.name
    if not (contact and contact.email):
        flash(gettext("There is no e-mail address of %(group)s.", group=group), "error")
    elif all(loan.returned_at for loan in booking.key_loans):
        flash(gettext("%(group)s has no key of ours any more.", group=group), "error")
    elif booking.coming(clock.now()):
        flash(gettext("%(group)s still has dates for which it needs the key.", group=group), "error")
    else:
        try:
            hosting.ask_for_key(booking, by=member(), now=clock.now())
        except hosting.AskedAlready:
            said = gettext("%(group)s has been reminded today already. No second letter was sent.", group=group)
            flash(said, "error")
        else:
            flash(gettext("A reminder to %(group)s is on its way.", group=group))
    return _back(reference)


def _back(reference: str) -> AnyResponse:
    """Where the form stood."""
    page = request.form.get("page", "")
    if page not in PAGES:
        return back_to(reference)
    return redirect(url_for(PAGES[page], tag=request.form.get("tag") or None, _anchor="said"), 303)
