"""Taking over what was booked elsewhere: a file is looked at first, then brought in, and can be taken back."""

import base64
import binascii
import gzip
import io
import zlib
from typing import Any, NamedTuple

from flask import abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext, lazy_gettext, ngettext
from werkzeug.wrappers import Response as AnyResponse
from wtforms import BooleanField, FileField, SelectField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # the stubs are older

from booking import clock
from booking.availability.check import Availability
from booking.house import house, room_rows, single_rooms
from booking.importing.entries import UnreadableFile
from booking.importing.planning import ImportPlan, PlannedBooking, plan_import, read_file
from booking.importing.storing import NoSuchRun, bring_in, runs, undo_import
from booking.models import day_of
from booking.web import locale
from booking.web.access import MISTAKES, staff_only
from booking.web.forms.page import PageForm
from booking.web.incoming import LONGEST_TEXT
from booking.web.staff.forms import LineField
from booking.web.staff.frame import bp, member

#: Characters of a file, once it is unpacked. What is larger is for the command.
LARGEST = 2_000_000
#: The fields of the page in which it holds the file, as many as its length takes.
PACKED = "packed"
#: Bookings and faults that the page lists; the others are counted.
MOST_SHOWN = 60
#: Imports that can be taken back from the page, the last ones.
MOST_RUNS = 5

WHY = {Availability.TAKEN: lazy_gettext("taken"), Availability.CLOSED: lazy_gettext("closed")}


class ImportForm(PageForm):
    """A file, and what is to hold where it says nothing."""

    file = FileField(
        lazy_gettext("File"), description=lazy_gettext("A calendar (.ics), or a table (.csv) from Excel or Outlook.")
    )
    room = SelectField(lazy_gettext("Room of entries that name none"))
    is_open = BooleanField(lazy_gettext("Everybody may come, where the file says nothing of it"))
    with_texts = BooleanField(
        lazy_gettext("Keep descriptions as notes for the team; they often hold names and numbers")
    )
    name = LineField()
    step = LineField()

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        nowhere = SelectChoice("", lazy_gettext("leave them out"))
        self.room.choices = [nowhere, *(SelectChoice(each.slug, each.name) for each in single_rooms())]

    @property
    def room_id(self) -> int | None:
        return next((each.id for each in room_rows().values() if each.slug == self.room.data), None)


class PlannedRow(NamedTuple):
    """A booking as the page tells of it; ``why``: how many of its dates are left to decide, by reason."""

    booking: PlannedBooking
    why: list[tuple[str, int]]


@bp.get("/haus/uebernehmen", endpoint="imports")
@staff_only
def show_imports() -> str:
    return _page(ImportForm())


@bp.post("/haus/uebernehmen")
@staff_only
def send_import() -> AnyResponse | tuple[str, int] | str:
    """Show what a file holds; with the button below that, bring it in."""
    form = ImportForm(request.form)
    content = _content(form)
    if content is None:
        if not form.file.errors:
            form.refuse(form.file, gettext("Choose a file first."))
        return _page(form), MISTAKES
    now = clock.now()
    try:
        read = read_file(form.name.text, content, now)
    except UnreadableFile as refusal:
        form.refuse(form.file, refusal.fault.say(locale.selected()))
        return _page(form), MISTAKES
    plan = plan_import(read, now, room_id=form.room_id, is_open=bool(form.is_open.data))
    if form.step.text != "send":
        return _page(form, plan, content)
    done = bring_in(plan, with_texts=bool(form.with_texts.data), by=member(), now=now)
    said = ngettext("%(num)d date is taken over.", "%(num)d dates are taken over.", done.dates)
    left = ngettext("%(num)d of them waits in the inbox.", "%(num)d of them wait in the inbox.", done.undecided)
    flash(f"{said} {left}" if done.undecided else said)
    return redirect(url_for(".imports", _anchor="said"), 303)


@bp.post("/haus/uebernehmen/<run>/entfernen")
@staff_only
def send_undo_import(run: str) -> AnyResponse:
    """Remove what came in by one import."""
    try:
        gone = undo_import(run, by=member(), now=clock.now())
    except NoSuchRun:
        abort(404)
    said = ngettext("%(num)d date is removed.", "%(num)d dates are removed.", gone.dates)
    kept = gettext("Something has happened since to %(which)s, which stay.", which=", ".join(gone.kept))
    flash(f"{said} {kept}" if gone.kept else said)
    return redirect(url_for(".imports", _anchor="said"), 303)


def _content(form: ImportForm) -> bytes | None:
    """The file that was chosen, or else the one that the page holds; ``None`` where there is none that can be taken."""
    sent = request.files.get("file")
    if sent and sent.filename:
        form.name.data = sent.filename[:200]
        return bytes(sent.read())
    try:
        packed = base64.b64decode("".join(request.form.getlist(PACKED)), validate=True)
        found = gzip.GzipFile(fileobj=io.BytesIO(packed)).read(LARGEST + 1)
    except (binascii.Error, OSError, EOFError, zlib.error):
        return None
    return found if 0 < len(found) <= LARGEST else None


def _page(form: ImportForm, plan: ImportPlan | None = None, content: bytes = b"") -> str:
    zone = house().zone
    packed = base64.b64encode(gzip.compress(content)).decode()
    return render_template(
        "staff/imports.html",
        form=form,
        plan=plan,
        packed=[packed[at : at + LONGEST_TEXT] for at in range(0, len(packed), LONGEST_TEXT)],
        rows=[_row(each) for each in plan.bookings[:MOST_SHOWN]] if plan else [],
        further=max(len(plan.bookings) - MOST_SHOWN, 0) if plan else 0,
        undecided=sum(len(each.undecided) for each in plan.bookings) if plan else 0,
        faults=[fault.say(locale.selected()) for fault in plan.faults[:MOST_SHOWN]] if plan else [],
        further_faults=max(len(plan.faults) - MOST_SHOWN, 0) if plan else 0,
        horizon=day_of(plan.horizon, zone) if plan else None,
        runs=runs(MOST_RUNS),
    )


def _row(booking: PlannedBooking) -> PlannedRow:
    counted: dict[str, int] = {}
    for date in booking.undecided:
        why = str(WHY.get(date.state, gettext("not certain")))
        counted[why] = counted.get(why, 0) + 1
    return PlannedRow(booking, [*counted.items()])
