"""Reading tables (CSV), as Excel, Outlook and older booking programs write them."""

import csv
import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from booking.domain.slot import Slot
from booking.exporting import as_meant
from booking.importing.entries import (
    FAULTS,
    FIRST,
    LAST,
    MOST_DAYS,
    MOST_ENTRIES,
    Fault,
    ForeignDate,
    UnreadableFile,
    WhatWasRead,
)

#: By what a column is found: its name in lower case, without what is not a letter.
COLUMNS = {
    "day": ("datum", "date", "tag", "day", "startdate", "beginntam", "startdatum", "anfangsdatum", "am"),
    "start": ("beginn", "von", "start", "starttime", "beginntum", "startzeit", "anfang", "uhrzeit", "zeit", "time"),
    "last_day": ("enddate", "endetam", "enddatum", "bisdatum"),
    "end": ("ende", "bis", "end", "endtime", "endetum", "endzeit"),
    "place": ("raum", "room", "ort", "location", "räume", "place"),
    "title": ("titel", "betreff", "subject", "title", "veranstaltung", "thema", "summary", "name", "event"),
    "group": ("gruppe", "group", "veranstalter", "organisation", "verein", "initiative", "nutzer", "organizer"),
    "kind": ("art", "kind"),
    "people": ("personen", "people", "teilnehmer", "anzahl", "personenzahl", "attendees"),
    "text": ("beschreibung", "description", "bemerkung", "notiz", "notes", "kommentar"),
    "is_open": ("offen", "open", "öffentlich", "public"),
    "state": ("stand", "status", "state"),
    "whole_day": ("ganztägigesereignis", "ganztägig", "alldayevent", "allday"),
}
YES = {"ja", "yes", "wahr", "true", "1", "x", "öffentlich", "offen", "ein"}
UNDECIDED = {"angefragt", "requested", "vorgemerkt", "tentative", "offen", "reserviert"}
LEFT_OUT = {"abgesagt", "cancelled", "canceled", "storniert", "nicht möglich", "zurückgezogen"}

#: The day that spreadsheets count from, for which Excel's leap day of 1900 is made up.
FIRST_OF_SPREADSHEETS = datetime(1899, 12, 30, tzinfo=UTC)  # a wall time, of which the zone is dropped

_DOTTED = re.compile(r"(\d{1,2})\.\s*(\d{1,2})\.\s*(\d{4}|\d{2})")
_ISO = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})")
_SLASHED = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{4}|\d{2})")
_NUMBER = re.compile(r"\d{5}(?:[.,]\d+)?")
_FRACTION = re.compile(r"0?[.,]\d+")
_CLOCK = re.compile(r"(\d{1,2})(?:[:.h](\d{2}))?(?::\d{2})?\s{0,9}(?:uhr)?\s{0,9}([ap]\.?m\.?)?", re.IGNORECASE)


class _Cell(NamedTuple):
    """A day, and a time where the cell tells one too."""

    day: date
    at: time | None


def read_table(content: bytes, zone: ZoneInfo, horizon: datetime) -> WhatWasRead:
    """All dates of a table whose first line names its columns; times are those of ``zone``.

    What is wrong in a line is told with its number, and the others are read all the same. Raises ``UnreadableFile``.
    """
    rows = _rows(_text(content))
    if len(rows) < 2:
        raise UnreadableFile(FAULTS["empty"])
    if len(rows) > MOST_ENTRIES:
        raise UnreadableFile(FAULTS["too_many"], most=MOST_ENTRIES)
    (_, head), *lines = rows
    columns = _columns(head)
    missing = [name for name in ("day", "title") if name not in columns]
    if missing:
        raise UnreadableFile(FAULTS["no_column"], missing={"day": "Datum", "title": "Titel"}[missing[0]])
    cells = [(line, _cells(row, columns)) for line, row in lines]
    faults: list[Fault] = []
    is_day_first = _is_day_first([row["day"] for _, row in cells])
    if is_day_first is None:
        sample = next(row["day"] for _, row in cells if _SLASHED.match(row["day"]))
        faults.append(Fault(FAULTS["either_way"], {"text": sample}))
    entries = []
    for line, row in cells:
        if not any(row.values()) or row.get("state", "").casefold() in LEFT_OUT:
            continue
        try:
            entries += _entries(row, line, zone, is_day_first=is_day_first is not False)
        except _Wrong as fault:
            faults.append(Fault(FAULTS[fault.code], {"text": fault.text}, line))
        if len(entries) > MOST_ENTRIES:
            raise UnreadableFile(FAULTS["too_many"], most=MOST_ENTRIES)
    return WhatWasRead(entries, faults, [])


class _Wrong(Exception):
    def __init__(self, code: str, text: str = "") -> None:
        super().__init__(code)
        self.code, self.text = code, text


def _text(content: bytes) -> str:
    """As UTF-8, or else as Windows wrote it."""
    try:
        return content.decode("utf-16" if content[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("windows-1252", errors="replace")


def _rows(text: str) -> list[tuple[int, list[str]]]:
    """The lines that hold something, each with its number."""
    first = next((line for line in text.splitlines() if line.strip()), "")
    delimiter = max(";\t,", key=first.count)
    reader = csv.reader(text.splitlines(keepends=True), delimiter=delimiter)
    found = []
    try:
        for row in reader:
            if any(cell.strip() for cell in row):
                found.append((reader.line_num, row))
    except csv.Error:
        raise UnreadableFile(FAULTS["no_calendar"]) from None
    return found


def _columns(head: Sequence[str]) -> dict[str, int]:
    """Where each column is that the table has; of two for the same the one whose name is first in ``COLUMNS``."""
    names = [re.sub(r"[^a-zäöüß]", "", cell.casefold()) for cell in head]
    found = {}
    for column, known in COLUMNS.items():
        at = next((names.index(name) for name in known if name in names), None)
        if at is not None:
            found[column] = at
    return found


def _cells(row: Sequence[str], columns: Mapping[str, int]) -> dict[str, str]:
    """What stands in each column; nothing where the line ends before it."""
    return {name: as_meant(row[at].strip()) if at < len(row) else "" for name, at in columns.items()}


def _is_day_first(texts: Iterable[str]) -> bool | None:
    """Whether dates with slashes begin with the day; ``None`` where none of them tells."""
    pairs = [(int(found[1]), int(found[2])) for found in map(_SLASHED.match, texts) if found]
    if any(first > 12 for first, _ in pairs) or not pairs:
        return True
    return False if any(second > 12 for _, second in pairs) else None


def _entries(row: dict[str, str], line: int, zone: ZoneInfo, *, is_day_first: bool) -> list[ForeignDate]:
    if not row["title"]:
        raise _Wrong("no_title")
    first = _day(row["day"], is_day_first=is_day_first)
    last = _day(row["last_day"], is_day_first=is_day_first) if row.get("last_day") else None
    is_whole = row.get("whole_day", "").casefold() in YES
    start, end = row.get("start", ""), row.get("end", "")
    if span := re.fullmatch(r"([^-–]{1,20}?)\s{0,9}(?:-|–|bis|to)\s{0,9}([^-–]{1,20})", start):
        start, end = span[1], end or span[2]
    begins = None if is_whole else _time(start) if start else first.at
    ends = None if is_whole else _time(end) if end else (last.at if last else None)
    told = ForeignDate(
        title=" ".join(row["title"].split()),
        place=row.get("place", ""),
        slot=_SOME_SLOT,
        group=row.get("group", ""),
        kind=row.get("kind", ""),
        text=row.get("text", ""),
        people=int(number[0]) if (number := re.search(r"\d{1,4}", row.get("people", ""))) else 0,
        is_open=row["is_open"].casefold() in YES if row.get("is_open") else None,
        is_undecided=row.get("state", "").casefold() in UNDECIDED,
        line=line,
    )
    return [told._replace(slot=slot) for slot in _slots(first.day, begins, last.day if last else None, ends, zone)]


_SOME_SLOT = Slot(datetime(1970, 1, 1, tzinfo=UTC), datetime(1970, 1, 2, tzinfo=UTC))


def _slots(first: date, begins: time | None, last: date | None, ends: time | None, zone: ZoneInfo) -> list[Slot]:
    """What a line means: whole days without a time, past midnight where it ends before it begins."""
    if last and last < first:
        raise _Wrong("order")
    if last and (last - first).days > MOST_DAYS:
        raise _Wrong("lasts")
    if begins is None:
        days = ((last or first) - first).days + 1
        return [Slot.on(first + timedelta(days=n), time(), 24 * 60, zone) for n in range(days)]
    if ends is None:
        raise _Wrong("time", "")
    minutes = (datetime.combine(first, ends) - datetime.combine(first, begins)) // timedelta(minutes=1)
    days = (last - first).days if last else int(minutes <= 0)
    minutes += days * 24 * 60
    if minutes <= 0:
        raise _Wrong("order")
    if minutes <= 24 * 60:
        return [Slot.on(first, begins, minutes, zone)]
    whole = [Slot.on(first + timedelta(days=n), time(), 24 * 60, zone) for n in range(1, days)]
    left = ends.hour * 60 + ends.minute
    until_midnight = 24 * 60 - begins.hour * 60 - begins.minute
    return [
        Slot.on(first, begins, until_midnight, zone),
        *whole,
        *([Slot.on(first + timedelta(days=days), time(), left, zone)] if left else []),
    ]


def _day(text: str, *, is_day_first: bool) -> _Cell:
    """8.12.2026, 2026-12-08, 8/12/2026, or the number by which spreadsheets count days; a time may stand behind."""
    try:
        if _NUMBER.fullmatch(text):
            at = FIRST_OF_SPREADSHEETS + timedelta(days=float(text.replace(",", ".")))
            at = (at + timedelta(seconds=30)).replace(second=0, microsecond=0)
            return _Cell(at.date(), at.time() if re.search("[.,]", text) else None)
        text = re.sub(r"^\D{2,12}?,?\s+(?=\d)", "", text)  # Di, 8.12.2026
        if found := _DOTTED.match(text):
            day, month, year = map(int, found.groups())
        elif found := _ISO.match(text):
            year, month, day = map(int, found.groups())
        elif found := _SLASHED.match(text):
            one, other, year = map(int, found.groups())
            day, month = (one, other) if is_day_first else (other, one)
        else:
            raise _Wrong("date", text)
        rest = text[found.end() :].strip(" T,")
        meant = date(year + 2000 if year < 100 else year, month, day)
        if not FIRST.year <= meant.year < LAST.year:
            raise _Wrong("date", text)
        return _Cell(meant, _time(rest) if rest else None)
    except (ValueError, OverflowError):
        raise _Wrong("date", text) from None


def _time(text: str) -> time:
    """18:30, 18.30 Uhr, 18, 6:30 PM, or the part of a day."""
    try:
        if _FRACTION.fullmatch(text):
            minutes = round(float(text.replace(",", ".")) * 24 * 60)
            return time(minutes // 60 % 24, minutes % 60)
        found = _CLOCK.fullmatch(text.strip())
        if not found:
            raise _Wrong("time", text)
        hour = int(found[1])
        if found[3]:
            hour = hour % 12 + (12 if found[3].lower().startswith("p") else 0)
        return time(hour % 24 if hour == 24 else hour, int(found[2] or 0))
    except ValueError:
        raise _Wrong("time", text) from None
