"""A text from end to end: its phrases, what they mean together, and what is left."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, time
from typing import Any, NamedTuple

from booking.domain.sentence import hours
from booking.domain.sentence.bounds import Locality
from booking.domain.sentence.findings import Doubt, Findings
from booking.domain.sentence.hours import NOON, Hour
from booking.domain.sentence.lexemes import lexemes, visible_text
from booking.domain.sentence.meaning import Meant, meanings
from booking.domain.sentence.phrases import phrases
from booking.domain.sentence.stream import PhraseFound, Stream
from booking.domain.slot import WeekdayTimes

_MOST_PEOPLE = 9999

#: What is left over of these does not change on which days it is.
_BESIDE_DAYS = {
    "number",
    "count_word",
    "daypart",
    "before_it",
    "after_it",
    "doors",
    "end",
    "open_end",
    "half",
    "fraction",
    "mark",
}

TimesTold = tuple[time | None, time | None, tuple[WeekdayTimes, ...]]


class RoomNamed(NamedTuple):
    """A room as people call it."""

    slug: str
    names: tuple[str, ...]
    seats: int
    step_free: bool


class Surroundings(NamedTuple):
    """What a wish is read with: the day, the first day to ask for, the end of a day, the house's rooms, its place, and
    the minutes that can be kept before and after."""

    today: date
    earliest: date
    latest: time
    rooms: tuple[RoomNamed, ...]
    country: str
    subdivision: str
    around: tuple[int, ...]


class Marked(NamedTuple):
    """A piece of the text, from ``start`` up to ``end``, and what was understood."""

    kind: str
    start: int
    end: int
    value: Any
    mistyped: bool = False


@dataclass(frozen=True, slots=True)
class Understanding:
    """What a text says. ``doubts`` have their place in it as well, where they are about one.

    ``times``: from when to when, where that is the same in all readings; ``unknown``: what was not understood;
    ``room``: its slug, "any", or None where nothing was said; ``include``: days off that are not left out.
    """

    text: str
    pieces: tuple[Marked, ...]
    times: tuple[time | None, time | None]
    readings: tuple[Meant, ...]
    doubts: tuple[tuple[Doubt, Marked | None], ...]
    unknown: tuple[Marked, ...]
    people: int | None = None
    room: str | None = None
    before: int = 0
    after: int = 0
    doors: bool = False
    open_end: bool = False
    include: tuple[str, ...] = ()

    @property
    def is_sure(self) -> bool:
        """Whether it can be meant in one way only, and says all that makes dates."""
        return len(self.readings) == 1 and not self.doubts and not self.unknown


def read_sentence(text: str, around: Surroundings) -> Understanding:
    """What a text asks for, as of the day in ``around``."""
    text = visible_text(text)
    stream = Stream(lexemes(text, ((room.slug, room.names) for room in around.rooms)))
    found, rest = phrases(stream)
    always = any(each.kind in ("always", "every") for each in stream.lexemes)
    place = Locality(around.today, around.country, around.subdivision)
    told = Findings(found, place, around.earliest, always)
    open_end = told.one("open_end")
    times = _times(told, around.latest)
    meant = meanings(told, times)
    before, after, doors = _around(told, times, around.around)
    people = told.one("people", "crew")
    if people and not 1 <= people.value <= _MOST_PEOPLE:
        told.ask("number", people)
        people = None
    room = _room(told, around.rooms, people.value if people else 0)
    for each in rest:
        if each.kind == "unclear":
            told.ask(each.value if each.value in ("often", "or", "deviations", "workdays") else "unclear", each)
            if any(stream.kind(at) not in _BESIDE_DAYS for at in range(each.first, each.after)):
                meant = []  # it may say on which days, or on which not
    return Understanding(
        text,
        tuple(_marked(stream, each) for each in found if each.kind != "nothing"),
        times[0][:2] if len(times) == 1 else (None, None),
        tuple(meant),
        tuple((doubt, _marked(stream, doubt.phrase) if doubt.phrase else None) for doubt in told.doubts),
        tuple(_marked(stream, each) for each in rest if each.kind == "unknown"),
        people.value if people else None,
        room,
        before,
        after,
        doors,
        bool(open_end),
        tuple(
            kind for kind, said in (("school", told.all("include")), ("holiday", told.all("include_holidays"))) if said
        ),
    )


def _marked(stream: Stream, phrase: PhraseFound) -> Marked:
    own = [stream[at] for at in range(phrase.first, phrase.after)]
    return Marked(phrase.kind, own[0].start, own[-1].end, phrase.value, any(each.mistyped for each in own))


# ---- From when to when


def _times(told: Findings, latest: time) -> list[TimesTold]:
    """The times that can be meant, each with those of single weekdays."""
    for each in told.all("span", "bare_span", "start", "ending", "begin_at", "end_at", "doors_at"):
        for hour in each.value if isinstance(each.value, tuple) and each.kind.endswith("span") else (each.value,):
            if hour.fault:
                told.ask(hour.fault, each)
    spans = _spans(told)
    if len({each.value for each in spans}) > 1:
        return _times_of_weekdays(told, spans, latest)
    starts = told.all("start", "begin_at")
    start = told.one("begin_at", code="times") or told.one("start", code="times")
    end = told.one("end_at", "ending", code="times")
    length = told.one("lasting_minutes", code="times")
    if spans and (start or end or length) or len(starts) > 1 and len({each.value for each in starts}) > 1:
        told.ask("times", (start or end or length))
        return [(None, None, ())]
    if spans:
        begins, ends = (_narrowed(told, hour) for hour in spans[0].value)
        found = hours.pairs(begins, ends, latest) if begins.options and ends.options else []
        if not found:
            told.ask("times", spans[0])
        return [(*pair, ()) for pair in found] or [(None, None, ())]
    if start is None or not start.value.options:
        told.ask("start")
        known = _narrowed(told, end.value).options if end else ()
        return [(None, known[0] if len(known) == 1 else None, ())]
    return _from_start(told, start, end, length, latest)


def _from_start(
    told: Findings, start: PhraseFound, end: PhraseFound | None, length: PhraseFound | None, latest: time
) -> list[TimesTold]:
    begins = _narrowed(told, start.value)
    if end and length:
        told.ask("times", length)
        return [(None, None, ())]
    if end:
        found = hours.pairs(begins, _narrowed(told, end.value), latest) if end.value.options else []
        if not found:
            told.ask("times", end)
        return [(*pair, ()) for pair in found] or [(None, None, ())]
    options = tuple(each for each in begins.options if each < latest) or begins.options
    if length:
        ends = [(each, each.hour * 60 + each.minute + length.value) for each in options]
        within = [(each, minutes) for each, minutes in ends if minutes <= latest.hour * 60 + latest.minute] or ends[:1]
        if any(minutes > 24 * 60 or minutes % 15 for _, minutes in within):
            told.ask("times", length)
            return [(None, None, ())]
        return [(each, time(*divmod(minutes % (24 * 60), 60)), ()) for each, minutes in within]
    if told.all("open_end"):
        return [(each, latest, ()) for each in options]
    told.ask("end")
    return [(each, None, ()) for each in options]


def _spans(told: Findings) -> list[PhraseFound]:
    """From when to when; numbers that may be times, where they can be nothing else."""
    spans, bare = told.all("span"), told.all("bare_span")
    if bare and not spans and told.all("people", "crew") and not told.all("start", "begin_at"):
        return bare
    for each in bare:
        told.ask("number", each)
    return spans


def _narrowed(told: Findings, hour: Hour) -> Hour:
    """What is left of an hour where the half of the day is told."""
    halves = {each.value for each in told.all("daypart")}
    if len(halves) != 1 or hour.has_half or not hour.options:
        return hour
    early = halves == {"early"}
    first = hour.options[0]
    if not hour.is_sure:
        return hour._replace(options=(first,) if early else hour.options[-1:], is_sure=True)
    if (not early and 0 < first.hour < NOON) or (early and hour.is_of_twelve and first.hour >= NOON):
        return hour._replace(options=(hours.in_other_half(first),))
    return hour


def _times_of_weekdays(told: Findings, spans: list[PhraseFound], latest: time) -> list[TimesTold]:
    """Several times, each behind its weekdays."""
    found: dict[int, tuple[time, time]] = {}
    inner = [each for each in told.phrases if each.kind != "daypart"]
    for span in spans:
        before = inner[inner.index(span) - 1] if inner.index(span) else span
        begins, ends = (_narrowed(told, hour) for hour in span.value)
        pairs = hours.pairs(begins, ends, latest) if begins.options and ends.options else []
        numbers = before.value[0] if before.kind == "weekdays" else before.value[1] if before.kind == "nth" else ()
        if not numbers or len(pairs) != 1 or any(found.get(day, pairs[0]) != pairs[0] for day in numbers):
            told.ask("times", span)
            return [(None, None, ())]
        found |= dict.fromkeys(numbers, pairs[0])
    wanted = {day for each in told.all("weekdays") for day in each.value[0]}
    wanted |= {day for each in told.all("nth") for day in each.value[1]}
    is_series = (
        told.always or told.all("interval", "nth") or any(each.value[1] == "every" for each in told.all("weekdays"))
    )
    if found.keys() != wanted or not is_series or told.all("relative"):
        told.ask("times", spans[1])
        return [(None, None, ())]
    usual = Counter(found[day] for day in sorted(found)).most_common(1)[0][0]
    others = tuple(
        WeekdayTimes(day, begins, minutes_between(begins, ends))
        for day, (begins, ends) in sorted(found.items())
        if (begins, ends) != usual
    )
    return [(*usual, others)]


def minutes_between(begins: time, ends: time) -> int:
    """How long it is; midnight is the end of the day."""
    return (ends.hour * 60 + ends.minute - begins.hour * 60 - begins.minute) % (24 * 60)


# ---- Around it, who and where


def _around(told: Findings, times: Iterable[TimesTold], allowed: tuple[int, ...]) -> tuple[int, int, bool]:
    """Minutes before and after, and whether guests may come in before."""
    begins, ends, _ = next(iter(times))
    before = after = 0
    for kind in ("before_it", "doors_at", "before_it_at"):
        said = told.one(kind, code="around")
        if said is None:
            continue
        minutes = said.value if kind == "before_it" else _minutes_to(said.value, begins)
        if before or minutes not in allowed:
            told.ask("around", said)
        else:
            before = minutes
    said = told.one("after_it", code="around")
    late = told.one("after_it_at", code="around")
    if said:
        after = said.value
    elif late:
        after = minutes_between(ends, late.value.options[0]) if ends and len(late.value.options) == 1 else -1
    if after not in allowed:
        told.ask("around", said or late)
        after = 0
    return before, after, bool(told.all("doors_at")) and before > 0


def _minutes_to(hour: Hour, begins: time | None) -> int:
    if begins is None or not hour.options:
        return -1
    return min(minutes_between(each, begins) for each in hour.options)


def _room(told: Findings, rooms: tuple[RoomNamed, ...], people: int) -> str | None:
    named = told.one("room", code="room")
    step_free = told.one("step_free")
    known = {room.slug: room for room in rooms}
    if len({each.value for each in told.all("room")}) > 1:
        return None
    if named:
        if step_free and not known[named.value].step_free:
            told.ask("room", step_free, tuple(room.slug for room in rooms if room.step_free))
        return str(named.value)
    if step_free:
        fits = [room.slug for room in rooms if room.step_free and room.seats >= people]
        enough = [room.slug for room in rooms if room.seats >= people]
        if len(fits) == 1:
            return fits[0]
        if fits != enough:
            told.ask("room", step_free, tuple(fits))
            return None
    return "any" if told.all("any_room") or step_free else None
