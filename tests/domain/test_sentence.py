"""Sentences as people write them on Monday, 30 November 2026, each with its exact dates, readings and questions."""

import re
import sys
from collections.abc import Callable, Iterator
from datetime import date, time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from booking.domain.sentence import Meant, RoomNamed, Surroundings, Understanding, read_sentence
from booking.domain.sentence.lexemes import visible_text
from booking.domain.sentence.vocabulary import PHRASES
from booking.domain.typed import MONTH_OF, WEEKDAY_OF
from booking.web.forms.line import DOUBTS

ROOMS = (
    RoomNamed("grosse-flaeche", ("Große Fläche", "Großen Fläche"), 60, True),
    RoomNamed("flaeche-vorn", ("Fläche vorn",), 30, True),
    RoomNamed("werkstatt", ("Werkstatt",), 20, False),
    RoomNamed("besprechung", ("Besprechung",), 8, False),
)
AROUND = Surroundings(
    date(2026, 11, 30), date(2026, 12, 3), time(22), ROOMS, "DE", "NW", around=(0, 15, 30, 45, 60, 90)
)
#: A sentence a paragraph, and below it each reading, what else was understood, questions (?) and words that
#: were not understood (!). Days as 5.1.27+7x13 are thirteen, seven days apart; times stand behind them.
TABLE = Path(__file__).parent.joinpath("sentences.txt").read_text().strip().split("\n\n")
MOST_SHOWN = 60


def read(text: str) -> Understanding:
    return read_sentence(text, AROUND)


def outcome(found: Understanding) -> list[str]:
    """All that was understood, in lines to be compared."""
    said = [*reading_lines(found.readings)]
    told = {
        "people": found.people,
        "room": found.room,
        "before": found.before,
        "after": found.after,
        "doors": found.doors,
        "open end": found.open_end,
        "include": "+".join(found.include),
    }
    if any(told.values()):
        said.append(", ".join(f"{name} {value}" for name, value in told.items() if value))
    for doubt, place in found.doubts:
        said.append(f"? {doubt.code}" + (f": {found.text[place.start : place.end]}" if place else ""))
    said += [f"! {found.text[each.start : each.end]}" for each in found.unknown]
    return said


def test_holidays_are_left_out_as_far_ahead_as_anybody_knows_them() -> None:
    assert outcome(read("am 8.12.2026, 25.12.2026 und 25.12.4998 18-20 Uhr, außer an Feiertagen")) == [
        "8.12.26 25.12.98 18:00-20:00"
    ]


def test_only_date_that_is_left_out_is_asked_back() -> None:
    assert "? left_out" in outcome(read("8.12.2026 18-20 Uhr außer 8.12."))


@pytest.mark.parametrize("text", ["jeden Dienstag bis 31.12.4999", "alle 2 Wochen mittwochs 99 Jahre lang", "x"])
def test_whatever_is_doubtful_can_be_asked(text: str) -> None:
    codes = {doubt.code for doubt, _ in read(text).doubts}

    assert codes
    assert codes <= DOUBTS.keys()


def reading_lines(readings: tuple[Meant, ...]) -> Iterator[str]:
    for each in readings:
        is_open = each.rule.is_open
        days = each.days[:MOST_SHOWN] if not is_open else each.days[:3]
        others = "".join(f", {other.weekday}: {other.begins:%H:%M} {other.minutes} min" for other in each.others)
        yield f"{compressed(days)}{' …' if is_open else ''} {clock(each.begins)}-{clock(each.ends)}{others}"


def clock(at: time | None) -> str:
    return f"{at:%H:%M}" if at else "?"


def compressed(days: tuple[date, ...]) -> str:
    """8.12.26 9.12.26 5.1.27+7x13"""
    parts: list[list[date]] = []
    for day in days:
        last = parts[-1] if parts else []
        if len(last) == 1 or (len(last) > 1 and day - last[-1] == last[1] - last[0]):
            last.append(day)
        else:
            parts.append([day])
    said = []
    for part in parts:
        if len(part) > 2:
            said.append(f"{short(part[0])}+{(part[1] - part[0]).days}x{len(part)}")
        else:
            said += map(short, part)
    return " ".join(said)


def short(day: date) -> str:
    return f"{day.day}.{day.month}.{day:%y}"


@pytest.mark.parametrize("row", TABLE, ids=lambda row: row.partition("\n")[0])
def test_sentence_is_read_as_it_is_meant_or_asked(row):
    sentence, *expected = row.split("\n")

    assert outcome(read(sentence)) == [line.strip() for line in expected]


def test_table_has_three_hundred_sentences_a_third_english_and_a_third_open():
    is_english = re.compile(r"\b(?:on|from|to|every|until|the|people|you|next|at)\b|[0-9][ap]m|days?\b")
    english = [row for row in TABLE if is_english.search(row.split("\n")[0])]
    unsure = [row for row in TABLE if not read(row.split("\n")[0]).is_sure]

    assert (len(TABLE) >= 300, len(english) >= 100, len(unsure) >= 100) == (True, True, True)


WORDS = [" ".join(phrase) for phrase in PHRASES] + [*MONTH_OF, *WEEKDAY_OF]
texts = st.text(max_size=1000) | st.lists(
    st.sampled_from([*WORDS, "8.12.", "19:00", "1.", "12", "-", ",", "/", "(", "31.2.", "9999", "0"]), max_size=250
).map(lambda words: " ".join(words)[:1000])


@settings(max_examples=settings().max_examples * 2)
@given(texts)
def test_any_text_is_answered_with_what_stands_in_it(text):
    found = read(text)

    assert found.text == visible_text(text)
    places = [*found.pieces, *found.unknown, *(place for _, place in found.doubts if place)]
    assert all(0 <= each.start <= each.end <= len(found.text) for each in places)
    assert len(found.readings) <= 4
    assert all(doubt.code in DOUBTS for doubt, _ in found.doubts)
    assert all(each.days == tuple(sorted({*each.days})) for each in found.readings)


def steps(work: Callable[[], object]) -> int:
    """How many functions are called."""
    number = 0

    def count(_frame: object, event: str, _argument: object) -> None:
        nonlocal number
        number += event in ("call", "c_call")

    before = sys.getprofile()
    sys.setprofile(count)
    try:
        work()
    finally:
        sys.setprofile(before)
    return number


UNITS = (
    *(
        "1., ",
        "1,5 ",
        "8.12., ",
        "1 ",
        "(",
        "außer 1., ",
        "jeden 1. 2. 3. ",
        "1. und ",
        "Dienstag, ",
        "Di-",
        "bis ",
        "von 1. ",
    ),
    *(
        "von 1-",
        "19-",
        "jeden zweiten Dienstag ",
        "im Januar und ",
        "dienstg ",
        "wir sind ca. bis für ",
        "oder ",
        "am ",
        "\u0308",
    ),
)


@pytest.mark.parametrize("unit", UNITS)
def test_work_grows_no_faster_than_the_text(unit):
    read(unit * 9)  # tables of holidays are read once
    short, long = (unit * (size // len(unit)) for size in (500, 2000))

    few, many = steps(lambda: read(short)), steps(lambda: read(long))

    assert few < 125_000  # some 10 milliseconds
    assert many < 5 * few + 5000
