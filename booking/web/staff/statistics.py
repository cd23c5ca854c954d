"""What the house was used for in a year: tables first, then drawings, files, and the lines of the annual report."""

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any, NamedTuple

from babel.dates import format_timedelta
from babel.numbers import format_decimal
from flask import Response, abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext, lazy_gettext
from werkzeug.wrappers import Response as AnyResponse
from wtforms.form import BaseForm
from wtforms.validators import StopValidation

from booking import clock, report, wording
from booking.database import db, transaction
from booking.house import room_rows
from booking.models import YearFigure
from booking.report import Use, YearReport, quarter_of
from booking.web import locale, phrases
from booking.web.access import MISTAKES, staff_only
from booking.web.forms.fields import TypedField
from booking.web.forms.page import PageForm
from booking.web.staff.forms import usual_reasons
from booking.web.staff.frame import bp
from booking.web.tables import TableCell, table_file

#: How the annual report of the city calls the figures; the file is its own, so they are in its language.
TITLES = {"initiative": "Nutzung durch externe Akteure", "department": "Nutzung durch andere Fachämter"}
UNIT = "Nutzungen"

#: Any, for the names of weekdays.
_MONDAY = date(2024, 1, 1)
_MOST = 100_000


class CountField(TypedField):
    """A whole number from 0 on, or nothing."""

    def read(self, text: str, form: BaseForm) -> int:
        if not (text.isdecimal() and int(text) <= _MOST):
            raise StopValidation(gettext("Please write a whole number, for example 24."))
        return int(text)


class FiguresForm(PageForm):
    """What is planned for a year, and what the office counted itself in the year before."""

    planned_initiative = CountField(lazy_gettext("External groups"))
    planned_department = CountField(lazy_gettext("Other departments"))
    counted_initiative = CountField(lazy_gettext("External groups"))
    counted_department = CountField(lazy_gettext("Other departments"))
    counted_own = CountField(lazy_gettext("Own team"))


class ChartBar(NamedTuple):
    """One bar of the drawing of quarters: where it stands, in parts of the width, and its height in pixels."""

    kind: str
    x: float
    height: int
    number: int


#: Of the drawing: the highest bar, and the width of a quarter and of a bar in percent.
BAR_HEIGHT, QUARTER_WIDTH, BAR_WIDTH = 120, 25.0, 5.5


@bp.get("/statistik")
@staff_only
def statistics() -> str:
    """The figures of a year."""
    found = _report()
    return _page(found, _form(found))


@bp.post("/statistik")
@staff_only
def send_figures() -> AnyResponse | tuple[str, int]:
    """Keep what is planned, and what was counted before."""
    year, form = _year(), FiguresForm(request.form)
    if not form.validate():
        return _page(report.report_of(year, clock.now()), form), MISTAKES
    with transaction():
        rows = {(row.year, row.kind): row for row in db.session.scalars(db.select(YearFigure))}
        for of_year, kind, column in _figures(year):
            field: Any = form[f"{column}_{kind}"]
            setattr(rows.setdefault((of_year, kind), YearFigure(year=of_year, kind=kind)), column, field.meant)
        db.session.add_all(rows.values())
    flash(gettext("The figures are saved."))
    return redirect(url_for(".statistics", jahr=year, _anchor="said"), 303)


@bp.get("/statistik/nutzungen.csv")
@staff_only
def uses_file() -> Response:
    """The uses of a year as a table whose columns sum to the page's. ``oeffentlich``: for everybody to read."""
    found = _report()
    for_excel, is_public = request.args.get("form") != "rfc4180", "oeffentlich" in request.args
    name = f"nutzungen-{found.year}{'-oeffentlich' if is_public else ''}"
    head, rows = _published_table(found.uses) if is_public else _table(found.uses)
    return table_file(name, head, rows, for_excel=for_excel)


def _year() -> int:
    """The year that is asked for, or this one; 404 where nothing was yet."""
    known = report.years(clock.now())
    year = request.args.get("jahr", known[0], type=int)
    if year not in known:
        abort(404)
    return year


def _report() -> YearReport:
    return report.report_of(_year(), clock.now())


def _figures(year: int) -> list[tuple[int, str, str]]:
    """The fields of the form: the year, kind and column of each."""
    planned = [(year, kind, "planned") for kind in TITLES]
    return planned + [(year - 1, kind, "counted") for kind in (*TITLES, "own")]


def _form(found: YearReport) -> FiguresForm:
    return FiguresForm(
        data={
            f"{column}_{kind}": getattr(found.figures.get((year, kind)), column, None)
            for year, kind, column in _figures(found.year)
        }
    )


def _page(found: YearReport, form: FiguresForm) -> str:
    reasons = {each.code: each.name for each in usual_reasons("de")}
    answer = found.process.answer
    return render_template(
        "staff/statistics.html",
        report=found,
        years=report.years(clock.now()),
        names=phrases.kind_names(),
        titled=[line for line in found.kinds if line.kind in TITLES],
        sums=_sums(found),
        bars=_bars(found),
        levels=_levels(found.hours),
        declined=[(reasons[code], number) for code, number in found.process.declined.most_common()],
        lines=_lines_of_report(found),
        answer=format_timedelta(answer, threshold=1.5, locale=locale.selected()) if answer else "–",
        decimal=lambda hours: format_decimal(round(hours, 2), locale=locale.selected()),
        few=report.FEW,
        form=form,
        figures=_figures(found.year),
    )


def _sums(found: YearReport) -> tuple[list[int | None], int]:
    """The last line of the table of quarters."""
    columns = zip(*(line.quarters for line in found.kinds), strict=True)
    quarters = [None if None in column else sum(filter(None, column)) for column in columns]
    return quarters, sum(line.total for line in found.kinds)


def _bars(found: YearReport) -> list[list[ChartBar]]:
    """The bars of each quarter that has begun; the highest is as high as may be."""
    highest = max((number or 0 for line in found.kinds for number in line.quarters), default=0) or 1
    return [
        [
            ChartBar(
                line.kind,
                quarter * QUARTER_WIDTH + 2.5 + place * (BAR_WIDTH + 0.5),
                round(number / highest * BAR_HEIGHT),
                number,
            )
            for place, line in enumerate(found.kinds)
            if (number := line.quarters[quarter]) is not None
        ]
        for quarter in range(4)
    ]


def _levels(hours: Mapping[int, Sequence[int]]) -> dict[str, list[tuple[int, int]]]:
    """Each number of uses with the strength of its shade, 0 to 3, by the name of the weekday."""
    most = max(number for numbers in hours.values() for number in numbers) or 1
    return {
        wording.weekday(_MONDAY + timedelta(days=day), locale.selected()): [
            (number, -(-3 * number // most)) for number in numbers
        ]
        for day, numbers in hours.items()
    }


def _lines_of_report(found: YearReport) -> str:
    """The figures as YAML, of which JSON's strings are a part."""
    lines = []
    for line in found.kinds:
        if line.kind in TITLES:
            lines += [
                f"- title: {json.dumps(TITLES[line.kind], ensure_ascii=False)}",
                f"  planned: {'null' if line.goal is None else line.goal}",
                f"  achieved: {line.total}",
                f'  unit: "{UNIT}"',
                '  comment: ""',
            ]
    return "\n".join(lines)


def _table(uses: Sequence[Use]) -> tuple[list[str], list[list[TableCell]]]:
    """One row for each quarter, group and room."""
    names, rooms = phrases.kind_names(), room_rows()
    groups: dict[tuple[int, str, str, int], list[Use]] = defaultdict(list)
    for use in uses:
        groups[quarter_of(use.start), use.kind, use.group, use.room_id].append(use)
    head = [gettext("Quarter"), gettext("Kind"), gettext("Group"), gettext("Room"), *_numbers_head()]
    return head, [
        [quarter, names[kind], group, rooms[room_id].name, *_numbers(own)]
        for (quarter, kind, group, room_id), own in sorted(groups.items())
    ]


def _published_table(uses: Sequence[Use]) -> tuple[list[str], list[list[TableCell]]]:
    """One row for each kind and group that may be named; the others of a kind together, without their hours by room."""
    names = phrases.kind_names()
    groups: dict[tuple[str, str], list[Use]] = defaultdict(list)
    for use in report.published(uses):
        groups[use.kind, use.group].append(use)
    return [gettext("Kind"), gettext("Group"), *_numbers_head()], [
        [names[kind], group or gettext("closed meetings and groups with fewer than three uses"), *_numbers(own)]
        for (kind, group), own in sorted(groups.items())
    ]


def _numbers_head() -> list[str]:
    return [gettext("Uses"), gettext("Hours"), gettext("Room hours"), gettext("People (estimated)")]


def _numbers(uses: Sequence[Use]) -> list[TableCell]:
    return [
        len(uses),
        float(sum(use.hours for use in uses)),
        float(sum(use.room_hours for use in uses)),
        sum(use.people for use in uses),
    ]
