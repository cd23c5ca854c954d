"""What a wish says, phrase by phrase.

Each matcher looks a few lexemes ahead, so that the work grows with the text; what none takes is left over.
"""

from collections.abc import Callable, Iterator

from booking.domain.sentence import days, hours
from booking.domain.sentence.days import Bound, DayOfYear
from booking.domain.sentence.stream import PhraseFound, Stream

Matcher = Callable[[Stream, int], Iterator[PhraseFound]]

_HARMLESS = {
    *("filler", "one", "always", "and", "at", "on", "in", "for", "about", "people", "times", "mark", "long", "then"),
    *("we_are", "coming", "all", "other", "oclock", "suffix", "long", "of_month", "once", "begin"),
}
#: No phrase begins with one.
_WITHIN = {"mark", "unknown", "suffix", "oclock", "times", "people", "long", "unclear", "ampm", "then"}
#: One by one they tell what they say.
_PLAIN = {
    *("room", "any_room", "step_free", "open_end", "daypart", "from_now", "include", "include_holidays", "term"),
    *("crew", "daily", "interval", "single_dates"),
}
_LEADS = {"from", "at", "between", "always", "until", "on", "weekday", "weekdays", "daypart"}


def phrases(s: Stream) -> tuple[list[PhraseFound], list[PhraseFound]]:
    """The phrases in their order, and what is left over: unknown words, and known ones that fit nowhere."""
    found: list[PhraseFound] = []
    rest: list[PhraseFound] = []
    at = 0
    while at < len(s):
        kind = s.kind(at)
        matchers = () if kind in _WITHIN else _MATCHERS_OF_NUMBERS if kind == "number" else _MATCHERS
        taken = next((taken for each in matchers if (taken := list(each(s, at)))), None)
        if taken:
            found += taken
            at = max(each.after for each in taken)
            continue
        if s.kind(at) in _PLAIN:
            found.append(PhraseFound(s.kind(at), s.value(at), at, at + 1))
        elif s.kind(at) not in _HARMLESS:
            kind = "unknown" if s.kind(at) == "unknown" else "unclear"
            first = rest.pop().first if rest and rest[-1].after == at and rest[-1].kind == kind else at
            rest.append(PhraseFound(kind, s.value(first), first, at + 1))
        at += 1
    return found, rest


def _except(s: Stream, at: int) -> Iterator[PhraseFound]:
    """außer in den Ferien und am 7. April; not on 7 April; also "in den Ferien nicht"."""
    leads = s.kind(at) == "except"
    begin = s.skip_kinds(at + leads, "on", "in", "for", "one")
    if not leads and (begin == at and s.kind(at) not in ("break", "holidays")):
        return
    told: list[PhraseFound] = []
    for _ in range(8):
        item = _left_out(s, begin)
        if item is None:
            break
        told.append(item)
        begin = s.skip_kinds(s.skip(item.after, ","), "and", "in", "on", "except")
    if not told:
        return
    after = told[-1].after
    if leads or (s.kind(after) == "except" and not _left_out(s, s.skip_kinds(after + 1, "on", "in"))):
        yield from (each._replace(first=at if number == 0 else each.first) for number, each in enumerate(told))
        if not leads:
            yield PhraseFound("nothing", None, after, after + 1)


def _left_out(s: Stream, at: int) -> PhraseFound | None:
    if s.kind(at) in ("break", "holidays", "feast"):
        return PhraseFound("without_" + s.kind(at), s.value(at), at, at + 1)
    if s.kind(at) == "month" and s.figure(at + 1) is None:
        return PhraseFound("without_month", s.value(at), at, at + 1)
    if listed := days.days_at(s, at):
        return PhraseFound("without_days", listed[0], at, listed[2])
    return None


def _extra(s: Stream, at: int) -> Iterator[PhraseFound]:
    begin = s.skip_kinds(at + 1, "on")
    if s.kind(at) == "extra" and (listed := days.days_at(s, begin)) and not listed[1]:
        yield PhraseFound("with_days", listed[0], at, listed[2])


def _deviations(s: Stream, at: int) -> Iterator[PhraseFound]:
    if s.number(at) and s.kind(at + 1) == "deviations":
        yield PhraseFound("unclear", "deviations", at, at + 2)


def _people(s: Stream, at: int) -> Iterator[PhraseFound]:
    """so 12 Leute; 10-15 people; wir sind zu acht; we are about 12"""
    begin = s.skip_kinds(at, "we_are", "about", "until", "for")
    we = "we_are" in (s.kind(each) for each in range(at, begin))
    number, after = s.number(begin), begin + 1
    if s.text(after) == "-" or s.kind(after) == "until":
        most = s.number(after + 1)
        if number and most and number < most:
            number, after = most, after + 2
    if not number or s.kind(begin) == "one":
        return
    if s.kind(after) == "people" or s.text(after) == "of us":
        yield PhraseFound("people", number, at, after + 1)
    elif (
        we
        and s.kind(after) not in ("unit", "oclock", "times", "month", "ampm")
        and s.text(after) not in (":", ".")
        or we
        and s.text(after) == "."
        and s.kind(after + 1) not in ("number", "month")
    ):
        yield PhraseFound("people", number, at, after)


def _around(s: Stream, at: int) -> Iterator[PhraseFound]:
    """eine halbe Stunde Aufbau; 30 minutes set-up; Aufbau ab 18:30; Einlass 16:00, Beginn 16:30, Ende 18:00"""
    if length := hours.length_at(s, at):
        minutes, after = length
        behind = s.skip_kinds(after, "for")
        if s.kind(behind) in ("before_it", "after_it"):
            yield PhraseFound(s.kind(behind), minutes, at, behind + 1)
            same = s.skip_kinds(behind + 1, "and")
            if s.kind(same) in ("before_it", "after_it") and same > behind + 1:
                yield PhraseFound(s.kind(same), minutes, same, same + 1)
        return
    if s.kind(at) in ("before_it", "after_it") and (length := hours.length_at(s, s.skip(at + 1, ":"))):
        yield PhraseFound(s.kind(at), length[0], at, length[1])
        return
    if s.kind(at) in ("doors", "begin", "end", "before_it", "after_it"):
        begin = s.skip_kinds(s.skip(at + 1, ":"), "at", "from", "until", "about", "on")
        if hour := hours.hour_at(s, begin):
            is_date = days.day_at(s, begin)
            if not is_date:
                yield PhraseFound(f"{s.kind(at)}_at", hour[0], at, hour[1])


def _number_of_times(s: Stream, at: int) -> Iterator[PhraseFound]:
    begin = s.skip_kinds(at, "for", "single_dates")
    number = s.number(begin)
    if number and s.kind(begin) != "one" and s.kind(begin + 1) == "times":
        yield PhraseFound("count", number, at, begin + 2)
    elif number == 1 and s.text(begin) == "1" and s.kind(begin + 1) == "times":
        yield PhraseFound("count", 1, at, begin + 2)
    elif s.kind(at) == "times_word":
        yield PhraseFound("count", s.value(at), at, at + 1)
    elif number and s.kind(begin + 1) == "unit" and s.value(begin + 1) in ("week", "month", "year"):
        lasts = s.kind(begin + 2) == "long"
        if lasts or "for" in (s.kind(each) for each in range(at, begin)):
            yield PhraseFound("lasting", (number, s.value(begin + 1)), at, begin + 2 + lasts)


def _rhythm(s: Stream, at: int) -> Iterator[PhraseFound]:
    """alle zwei Wochen; jede zweite Woche; every other Tuesday; jeden ersten und dritten Mittwoch (im Monat)"""
    begin = s.skip_kinds(at, "on") if s.kind(at + 1) == "every" else at
    every = s.kind(begin) in ("every", "all")
    begin += every
    number = s.number(begin)
    if every and number and s.kind(begin + 1) == "unit" and s.value(begin + 1) in ("day", "week", "month"):
        unit = s.value(begin + 1)
        if unit != "day":
            yield PhraseFound("interval", ("weekly" if unit == "week" else "monthly", number), at, begin + 2)
        elif number % 7 == 0:
            yield PhraseFound("interval", ("weekly", number // 7), at, begin + 2)
        return
    if every and s.kind(begin) == "other":
        yield from _every_other(s, at, begin)
        return
    if every and s.kind(begin) == "unit" and s.value(begin) in ("week", "month"):
        yield PhraseFound("interval", ("weekly" if s.value(begin) == "week" else "monthly", 1), at, begin + 1)
        return
    yield from _nth(s, at, begin, every=every)
    if every and (listed := days.weekdays_at(s, begin)):
        numbers, _, either, after = listed
        yield PhraseFound("weekdays", (tuple(numbers), "every", either), at, after)
        yield from _dayparts(s, begin, after)


def _every_other(s: Stream, at: int, begin: int) -> Iterator[PhraseFound]:
    if s.kind(begin + 1) == "unit" and s.value(begin + 1) in ("week", "month"):
        freq = "weekly" if s.value(begin + 1) == "week" else "monthly"
        yield PhraseFound("interval", (freq, 2), at, begin + 2)
    elif listed := days.weekdays_at(s, begin + 1):
        yield PhraseFound("interval", ("weekly", 2), at, begin + 1)
        yield PhraseFound("weekdays", (tuple(listed[0]), "every", listed[2]), begin + 1, listed[3])
        yield from _dayparts(s, begin + 1, listed[3])


def _nth(s: Stream, at: int, begin: int, *, every: bool) -> Iterator[PhraseFound]:
    ordinals: list[int] = []
    after = begin
    for _ in range(6):
        if s.kind(after) == "ordinal":
            ordinals.append(s.value(after))
            behind = after + 1
        elif (
            (number := s.figure(after)) and number <= 5 and (s.text(after + 1) == "." or s.kind(after + 1) == "suffix")
        ):
            ordinals.append(number)
            behind = after + 2
        else:
            break
        after = s.skip_kinds(s.skip(behind, ",", "/", "&"), "and", "every")
        if after == behind:
            break
    if not ordinals:
        return
    if (
        every
        and s.kind(after) == "unit"
        and s.value(after) in ("week", "month")
        and len(ordinals) == 1
        and ordinals[0] > 0
    ):
        yield PhraseFound("interval", ("weekly" if s.value(after) == "week" else "monthly", ordinals[0]), at, after + 1)
    elif listed := days.weekdays_at(s, after):
        numbers, plural, either, end = listed
        if either or plural:
            return
        behind = s.skip_kinds(end, "in")
        month: Bound | None = None
        whole = s.kind(end) == "of_month" or s.kind(end) == "interval" and s.value(end) == ("monthly", 1)
        if in_month := days.month_at(s, behind):
            month, end = in_month
        yield PhraseFound("nth", (tuple(ordinals), tuple(numbers), every, whole, month), at, end + whole)
        yield from _dayparts(s, after, end)


def _dayparts(s: Stream, at: int, after: int) -> Iterator[PhraseFound]:
    for each in range(at, after):
        if s.kind(each) == "daypart" or s.text(each) == "morgen":
            yield PhraseFound("daypart", "early" if s.text(each) == "morgen" else s.value(each), each, each + 1)


def _from_to(s: Stream, at: int) -> Iterator[PhraseFound]:
    """vom 8. bis 10. Dezember; von Januar bis Juni; 8.12.-10.12."""
    if not s.has_dash(at):
        return
    begin = s.skip_kinds(at, "from")
    begin = s.skip_kinds(begin, "on")
    first = days.bound_at(s, begin)
    number = s.figure(begin)
    if first is None and number and number <= 31:
        first = Bound("day", DayOfYear(number, 0)), s.skip_kinds(s.skip(begin + 1, "."), "suffix")
    if first is None or first[0].kind == "coming":
        return
    dash = first[1]
    if s.text(dash) != "-" and s.kind(dash) != "until":
        return
    last = days.bound_at(s, dash + 1)
    if last is None or last[0].kind == "coming" or (first[0].kind == "day" and last[0].kind != "day"):
        return
    since, until = first[0], last[0]
    if isinstance(since.value, DayOfYear) and isinstance(until.value, DayOfYear) and since.value.month == 0:
        since = Bound("day", since.value._replace(month=until.value.month, year=until.value.year))
    yield PhraseFound("from", since, at, dash)
    yield PhraseFound("until", until, dash, last[1])


def _from(s: Stream, at: int) -> Iterator[PhraseFound]:
    if s.kind(at) not in ("from", "after", "begin"):
        return
    begin = at + 1 + (s.kind(at) == "from" and s.kind(at + 1) in ("after", "from", "begin"))
    begin = s.skip_kinds(s.skip(begin, ":"), "on")
    if s.kind(at) == "from" and s.kind(begin) == "number" and s.kind(begin + 1) in ("oclock", "people"):
        return
    if bound := days.bound_at(s, begin):
        is_after = "after" in (s.kind(at), s.kind(at + 1))
        if is_after and bound[0].kind not in ("break", "feast"):
            return
        if s.kind(at) == "begin" and bound[0].kind not in ("day", "in_days", "coming", "week"):
            return
        yield PhraseFound("from_after" if is_after else "from", bound[0], at, bound[1])


def _until(s: Stream, at: int) -> Iterator[PhraseFound]:
    if s.kind(at) == "until_end":
        bound = days.bound_at(s, at + 1)
        if s.kind(at + 1) == "number" and len(s.text(at + 1)) == 4:
            yield PhraseFound("until", Bound("year_end", None, "", s.value(at + 1)), at, at + 2)
        elif bound and bound[0].kind in ("month", "next_month", "next_year"):
            yield PhraseFound("until", bound[0]._replace(part="end"), at, bound[1])
        elif s.kind(at + 1) == "unit" and s.value(at + 1) == "year":
            yield PhraseFound("until", Bound("year_end", None), at, at + 2)
        return
    if s.kind(at) not in ("until", "before") or s.kind(at + 1) == "number" and s.kind(at + 2) == "oclock":
        return
    bound = days.bound_at(s, at + 1 + (s.kind(at + 1) == "before"))
    if bound and (s.kind(at) == "until" or bound[0].kind in ("break", "feast")):
        yield PhraseFound("until", bound[0], at, bound[1])


def _time(s: Stream, at: int) -> Iterator[PhraseFound]:
    """von 19 bis 21 Uhr; 19–21; um 19 Uhr; bis 21:00; 2 Stunden"""
    leads = s.kind(at) in _LEADS and s.kind(at) not in ("weekday", "weekdays", "daypart")
    led = leads or s.kind(at - 1) in _LEADS or s.kind(s.skip(at - 1, ",")) in _LEADS
    begin = s.skip_kinds(at, "from", "at", "between", "until", "always", "about", "on") if leads else at
    first = hours.hour_at(s, begin)
    if length := hours.length_at(s, begin if leads else at):
        yield PhraseFound("lasting_minutes", length[0], at, length[1])
        return
    if first is None or s.kind(first[1]) in ("people", "times", "unit"):
        return
    hour, after = first
    is_between = s.kind(at) == "between" or s.kind(at + 1) == "between"
    if s.text(after) == "-" or s.kind(after) == "until" or (is_between and s.kind(after) == "and"):
        behind = s.skip_kinds(after + 1, "at", "about")
        last = hours.hour_at(s, behind)
        if last and s.kind(last[1]) not in ("people", "times", "unit"):
            sure = led or hour.is_marked or last[0].is_marked
            yield PhraseFound("span" if sure else "bare_span", (hour, last[0]), at, last[1])
            return
        if s.kind(after) == "until" and s.kind(behind) == "open_end":
            yield PhraseFound("start", hour, at, after)
            return
    lead = {s.kind(each) for each in range(at, begin)}
    if (
        s.kind(begin) in ("number", "count_word")
        and not hour.is_marked
        and not lead & {"at", "from", "until", "between"}
    ):
        return
    yield PhraseFound("ending" if "until" in lead else "start", hour, at, after)


def _days(s: Stream, at: int) -> Iterator[PhraseFound]:
    begin = s.skip_kinds(at, "on")
    if listed := days.days_at(s, begin):
        yield PhraseFound("days", (listed[0], listed[1]), at, listed[2])


def _relative(s: Stream, at: int) -> Iterator[PhraseFound]:
    begin = s.skip_kinds(at, "on")
    found = days.relative_at(s, begin)
    if found and s.kind(begin) == "day" and s.kind(begin - 1) in ("weekday", "weekdays"):
        return
    if found:
        yield PhraseFound("relative", found[0], at, found[1])


def _weekdays(s: Stream, at: int) -> Iterator[PhraseFound]:
    begin = s.skip_kinds(at, "always", "on")
    listed = days.weekdays_at(s, begin)
    if listed is None:
        return
    numbers, plural, either, after = listed
    before = {s.kind(each) for each in range(at, begin)}
    form = "every" if plural or "always" in before else "on" if "on" in before else "bare"
    yield PhraseFound("weekdays", (tuple(numbers), form, either), at, after)
    yield from _dayparts(s, begin, after)


def _within(s: Stream, at: int) -> Iterator[PhraseFound]:
    """im Januar und Februar; next month"""
    begin = s.skip_kinds(at, "in")
    found: list[Bound] = []
    after = begin
    for _ in range(12):
        month = days.month_at(s, begin)
        if month is None:
            break
        found.append(month[0])
        after = month[1]
        begin = s.skip_kinds(s.skip(after, ","), "and", "in")
        if begin == after:
            break
    if found:
        yield PhraseFound("within", tuple(found), at, after)


_MATCHERS: tuple[Matcher, ...] = (
    *(_except, _extra, _deviations, _people, _around, _number_of_times, _rhythm, _from_to, _from, _until, _relative),
    *(_time, _days, _weekdays, _within),
)
_MATCHERS_OF_NUMBERS: tuple[Matcher, ...] = (
    *(_deviations, _people, _around, _number_of_times, _rhythm, _from_to, _time, _days),
)
