"""When the house or its rooms are closed: what is coming, entering and changing it, and deciding on what it hits."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response as AnyResponse

from booking import clock, closing, deciding
from booking.closing import Fates, PreparedLetter
from booking.database import RoomTaken, db
from booking.domain.days_off import FORESEEN
from booking.domain.repeats import repeated
from booking.domain.status import Status
from booking.house import assuming, house, single_rooms
from booking.models import Closure, Occurrence
from booking.web import filters, locale
from booking.web.access import staff_only
from booking.web.staff import closure_form, desk, places, verdicts
from booking.web.staff.closure_form import ClosureForm
from booking.web.staff.frame import bp, member
from booking.web.staff.places import PlaceEntry
from booking.web.staff.stale import Answer

#: What can become of a date that is hit, by its status, in the order of the page.
CHOICES = {
    Status.APPROVED: ("move", "cancel", "leave"),
    Status.REQUESTED: ("decline", "leave"),
    Status.PROPOSED: ("leave",),
}

#: Of more approved dates, places are looked for only for those that shall move.
MOST_OFFERED = 30

#: Databases have no number beyond it.
LAST_NUMBER = 2**31 - 1


@dataclass(frozen=True, slots=True)
class Effect:
    """What a closure hits, and what somebody has chosen for each date, by its id."""

    dates: list[Occurrence]
    chosen: dict[int, str]
    entries: Mapping[int, PlaceEntry]

    @property
    def undecided(self) -> list[Occurrence]:
        return [each for each in self.dates if each.id not in self.chosen]

    def of(self, *statuses: str) -> list[Occurrence]:
        return [each for each in self.dates if each.status in statuses]

    def number(self, choice: str) -> int:
        return sum(chosen == choice for chosen in self.chosen.values())

    @property
    def errors(self) -> list[tuple[str, str]]:
        """Pairs of a control's id and a sentence, in the order of the page."""
        found = []
        for each in self.dates:
            if each.id not in self.chosen:
                sentence = gettext("Decide what becomes of %(day)s.", day=filters.short_day(each.start))
                found.append((f"fate-{each.id}", sentence))
            if self.chosen.get(each.id) == "move":
                found += self.entries[each.id].form.mistakes
        return found

    def fates(self, message: str) -> Fates:
        """What is to be done; a date without a place stays out of it."""
        moved = {id_: entry.place for id_, entry in self.entries.items() if self.chosen.get(id_) == "move"}
        return Fates(
            move={id_: place for id_, place in moved.items() if place},
            cancel=[id_ for id_, chosen in self.chosen.items() if chosen == "cancel"],
            decline=[id_ for id_, chosen in self.chosen.items() if chosen == "decline"],
            message=message,
        )


@bp.get("/haus/sperrzeiten", endpoint="closures")
@staff_only
def all_closures() -> str:
    """What is closed from now on, and what was."""
    now, zone = clock.now(), house().zone
    rows = db.session.scalars(db.select(Closure).order_by(Closure.start, Closure.id)).all()
    lines = [(row, next(repeated(row.slot, row.repeats, row.until, now, now + FORESEEN, zone), None)) for row in rows]
    return render_template(
        "staff/closures.html",
        coming=sorted((line for line in lines if line[1]), key=lambda line: line[1].start),
        past=[row for row, following in reversed(lines) if following is None and not never_held(row)],
        fresh=[row for row in rows if closing.can_be_taken_back(row, now)],
        when=closure_form.times_told,
        what=closure_form.what_is_closed,
        seconds=_seconds_left,
        languages=locale.codes_here(),
    )


def never_held(row: Closure) -> bool:
    """Whether it was ended before it began."""
    return row.until is not None and row.until <= row.start


@bp.get("/haus/sperrzeiten/neu")
@staff_only
def new_closure() -> str:
    """Ask for a closure; ``?tag=2026-12-24&von=18:00&bis=20:00&raum=slug`` says what for."""
    wanted = request.args
    room_ids = [room.id for room in single_rooms() if room.slug == wanted.get("raum")]
    return _page(
        ClosureForm(
            None,
            first=closure_form.day_as_typed(wanted.get("tag", "")),
            start=wanted.get("von"),
            end=wanted.get("bis"),
            room=room_ids,
            what="rooms" if room_ids else "house",
        ),
        None,
    )


@bp.post("/haus/sperrzeiten/neu")
@staff_only
def send_new_closure() -> Answer:
    """Enter a closure; where it hits dates, first ask what becomes of each."""
    return _send(None)


@bp.get("/haus/sperrzeiten/<int:closure_id>")
@staff_only
def closure(closure_id: int) -> str:
    """Ask how a closure shall be changed."""
    return _page(closure_form.filled_in(_closure(closure_id)), closure_id)


@bp.post("/haus/sperrzeiten/<int:closure_id>")
@staff_only
def send_closure(closure_id: int) -> Answer:
    """Change a closure; where it hits more dates than before, first ask what becomes of each."""
    return _send(_closure(closure_id))


@bp.post("/haus/sperrzeiten/<int:closure_id>/beenden")
@staff_only
def end_closure(closure_id: int) -> AnyResponse:
    """Let a closure hold no more."""
    try:
        closing.end(_closure(closure_id), by=member(), now=clock.now())
    except closing.Overtaken:
        flash(gettext("Somebody else was faster. Nothing has been saved."), "error")
    else:
        return redirect(url_for(".closures", _anchor="decided"), 303)
    return redirect(url_for(".closures", _anchor="said"), 303)


@bp.post("/haus/sperrzeiten/<int:closure_id>/zuruecknehmen")
@staff_only
def undo_closure(closure_id: int) -> AnyResponse:
    """Take back what was stored last of a closure, with all that was decided then."""
    try:
        closing.take_back(_closure(closure_id), by=member(), now=clock.now())
    except deciding.LetterHasLeft:
        flash(gettext("Too late: the letters are on their way. Change single dates at their request."), "error")
    except (closing.Overtaken, RoomTaken):
        flash(gettext("Too much has changed since. Nothing has been taken back."), "error")
    else:
        flash(gettext("Taken back: everything is as it was before, and no letter leaves."))
    return redirect(url_for(".closures", _anchor="said"), 303)


def _closure(closure_id: int) -> Closure:
    """The closure of this number, or 404."""
    found: Closure = db.get_or_404(Closure, min(closure_id, LAST_NUMBER))
    return found


def _send(row: Closure | None) -> Answer:
    """Store what was sent, or show what it hits, the letters, and what is wrong. ``row``: the one that is changed."""
    form, now = ClosureForm(request.form), clock.now()
    closure_id = row.id if row else None
    planned = form.read(closure_id, now)
    if planned is None:
        return _page(form, closure_id, errors=form.mistakes), 422
    if closure_id is None and _is_stored(planned):
        return redirect(url_for(".closures", _anchor="decided"), 303)  # the same form once more
    effect = _effect(planned, form, now)
    seen, was_seen = closing.as_seen(planned, effect.dates), form.seen.text
    is_first = not was_seen.startswith(_shape(planned))  # another closure was shown, or none
    if effect.dates and is_first:
        return _page(form, closure_id, planned=planned)
    if not is_first and was_seen != _shape(planned) + seen:
        return _page(form, closure_id, planned=planned, is_overtaken=True), 409
    errors, letters = effect.errors, list[PreparedLetter]()
    fates, mark = effect.fates(form.message.text), _mark(form, effect)
    is_sent = form.step.text == "send" and not errors and (not effect.dates or form.mark.text == mark)
    try:
        if is_sent:
            closing.close(planned, effect.dates, fates, seen=seen, by=member(), now=now)
            return redirect(url_for(".closures", _anchor="decided"), 303)
        if not errors:
            letters = closing.rehearse(planned, effect.dates, fates, seen=seen, by=member(), now=now)
    except closing.Overtaken:
        return _page(form, closure_id, planned=planned, is_overtaken=True), 409
    except (deciding.NotFree, RoomTaken):
        errors = [("effect", gettext("One of the new places was taken meanwhile. Choose another one."))]
        return _page(form, closure_id, planned=planned, errors=errors), 422
    if not form.step.text or (form.step.text == "check" and not errors):
        return _page(form, closure_id, planned=planned, letters=letters)
    return _page(form, closure_id, planned=planned, letters=letters, errors=errors), 422


def _shape(planned: Closure) -> str:
    """What is closed and when, in one word: that alone decides what is hit."""
    names = ("room_ids", "start", "end", "repeats", "until")
    return closing.digest(repr(getattr(planned, name)) for name in names)


def _is_stored(planned: Closure) -> bool:
    """Whether the very same closure is there already."""
    alike = [getattr(Closure, name) == getattr(planned, name) for name in ("start", "end", "repeats", "reason")]
    found = db.session.scalars(db.select(Closure).where(*alike))
    return any((row.room_ids, row.until) == (planned.room_ids, planned.until) for row in found)


def _effect(planned: Closure, form: ClosureForm, now: datetime, *, is_shown: bool = False) -> Effect:
    """What a closure hits, with what was chosen. ``is_shown``: with all places that can be chosen."""
    with assuming(planned):
        dates = closing.hit_by(planned, now)
        chosen = _chosen(form, dates)
        moving = [each for each in dates if chosen.get(each.id) == "move"]
        approved = [each for each in dates if each.status is Status.APPROVED]
        asked = approved if is_shown and len(approved) <= MOST_OFFERED else moving
        met = desk.there(places.written(request.form, moving, now), now)
        entries = places.read(request.form, asked, met, now, weeks=1)
        return Effect(dates, chosen, places.offered(entries, now, weeks=1) if is_shown else entries)


def _chosen(form: ClosureForm, dates: Iterable[Occurrence]) -> dict[int, str]:
    """What becomes of each date, as far as it was said: of all of a kind, or of each. What can only be left, is."""
    kind, _, for_all = form.all.text.partition(":")
    found = {}
    for each in dates:
        possible = CHOICES[each.status]
        said = for_all if each.status == kind else request.form.get(f"fate-{each.id}", "")
        said = possible[0] if len(possible) == 1 else said
        if said in possible:
            found[each.id] = said
    return found


def _mark(form: ClosureForm, effect: Effect) -> str:
    """All that was chosen and written, in one word, so that nothing leaves that nobody has read."""
    fates = effect.fates(form.message.text)
    moved = [(id_, place.room_id, int(place.slot.start.timestamp())) for id_, place in sorted(fates.move.items())]
    words = (form.said("reason", "reason_en"), fates.message, sorted(effect.chosen.items()), moved)
    return closing.digest(map(repr, words))


def _page(
    form: ClosureForm,
    closure_id: int | None,
    *,
    planned: Closure | None = None,
    letters: Sequence[PreparedLetter] = (),
    errors: Sequence[tuple[str, str]] = (),
    is_overtaken: bool = False,
) -> str:
    now = clock.now()
    effect = _effect(planned, form, now, is_shown=True) if planned else None
    return render_template(
        "staff/closure.html",
        form=form,
        closure_id=closure_id,
        rooms=single_rooms(),
        effect=effect,
        choices=CHOICES,
        seen=_shape(planned) + closing.as_seen(planned, effect.dates) if planned and effect else "",
        mark=_mark(form, effect) if effect and not effect.errors else "",
        letters=[(letter, verdicts.parts(letter.body, form.message.text, [])) for letter in letters],
        errors=errors,
        is_overtaken=is_overtaken,
    )


def _seconds_left(row: Closure) -> int:
    return max(0, int((closing.last_moment(row) - clock.now()).total_seconds()))
