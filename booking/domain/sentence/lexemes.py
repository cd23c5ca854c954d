"""A text as lexemes: phrases that are known, names of days and rooms, numbers, marks, and words that are not known."""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from itertools import groupby
from operator import itemgetter
from typing import Any, NamedTuple

from booking.domain.sentence.vocabulary import (
    COMPOUNDS,
    NUMBERS,
    ONE,
    PHRASES,
    RATHER_NAMES,
    RATHER_WORDS,
)
from booking.domain.typed import HOUR_OF, MONTH_OF, PARTS_OF_HOUR, WEEKDAY_OF

_TOKEN = re.compile(r"[0-9]+|[^\W\d_]+(?:['’][^\W\d_]+)?|[^\w\s]|_|\n")
_DASHES = dict.fromkeys("-–—‐‒−", "-")
_CAREFUL = 6  # letters, from which on one may be wrong
_WORD_KINDS = {"weekday", "month"}


class Lexeme(NamedTuple):
    """What stands from ``start`` to ``end`` of the text."""

    kind: str
    value: Any
    start: int
    end: int
    text: str
    mistyped: bool = False


def visible_text(text: str) -> str:
    """The text as it is read and marked: composed letters, plain digits, nothing that cannot be seen."""
    composed = unicodedata.normalize("NFC", text)
    kept = (char for char in composed if char == "\n" or unicodedata.category(char) not in ("Cf", "Cc", "Cs"))
    return "".join(str(unicodedata.decimal(char)) if char.isdecimal() else char for char in kept)


def lexemes(text: str, rooms: Iterable[tuple[str, Iterable[str]]]) -> list[Lexeme]:
    """Those of a tidied text, without words that say nothing. ``rooms``: the slug of each with its names."""
    tokens = [(_plain(found[0]), found.start(), found.end()) for found in _TOKEN.finditer(text)]
    named = {
        tuple(_plain(found[0]) for found in _TOKEN.finditer(name)): ("room", slug)
        for slug, names in rooms
        for name in names
    }
    read = list(_read(text, tokens, named))
    return [each for each in _weighed(read) if each.kind != "filler"]


def _plain(token: str) -> str:
    return _DASHES.get(token) or token.lower()


def _read(
    text: str, tokens: list[tuple[str, int, int]], named: Mapping[tuple[str, ...], tuple[str, str]]
) -> Iterator[Lexeme]:
    longest = dict(_LONGEST)
    for words in filter(None, named):
        longest[words[0]] = max(longest.get(words[0], 0), len(words))
    at = 0
    while at < len(tokens):
        for length in range(min(longest.get(tokens[at][0], 0), len(tokens) - at), 0, -1):
            words = tuple(token for token, _, _ in tokens[at : at + length])
            found = named.get(words) or _PHRASES.get(words)
            if found:
                break
        else:
            length, found = 1, None
        start, end = tokens[at][1], tokens[at + length - 1][2]
        if found:
            kind, value = found
            yield Lexeme(kind, value, start, end, " ".join(words))
        else:
            yield from _word(tokens[at][0], start, end)
        at += length


def _word(word: str, start: int, end: int) -> Iterator[Lexeme]:
    """One word that is no phrase."""
    if word.isdecimal():
        yield Lexeme("number", int(word[:9]), start, end, word)
    elif word in HOUR_OF or word in NUMBERS:
        yield Lexeme("count_word", HOUR_OF.get(word) or NUMBERS[word], start, end, word)
    elif word in ONE:
        yield Lexeme("one", 1, start, end, word)
    elif not word[0].isalpha():
        yield Lexeme("mark", None, start, end, word)
    else:
        kind, value, half, mistyped = _name(word) if len(word) <= _LONGEST_NAME else _NO_NAME
        yield Lexeme(kind, value, start, end, word, mistyped)
        if half:
            yield Lexeme("daypart", half, end, end, "")


def _weighed(found: list[Lexeme]) -> Iterator[Lexeme]:
    """Short names of days and months that are words as well count where a date or a time is beside them."""
    for at, each in enumerate(found):
        before = found[at - 1] if at else None
        after = found[at + 1 : at + 3]
        if (
            each.kind == "weekday"
            and each.text in RATHER_WORDS
            and not _stands_for_a_day(each, before, after)
            or each.kind == "month"
            and each.text in RATHER_NAMES
            and not _stands_for_a_month(before, after)
        ):
            yield each._replace(kind="filler")
        else:
            yield each


def _stands_for_a_day(each: Lexeme, before: Lexeme | None, after: list[Lexeme]) -> bool:
    if before and (before.kind in ("every", "weekday", "ordinal") or before.text in ("am", "on", "/", "&")):
        return True
    if after and after[0].kind == "mark" and after[0].text in "./&,":
        after = after[1:]
        return bool(after) and after[0].kind in ("number", "weekday")
    if after and after[0].kind in ("daypart", "weekday"):
        return True
    return bool(after) and after[0].kind == "number" and each.text != "so" and each.text != "do"


def _stands_for_a_month(before: Lexeme | None, after: list[Lexeme]) -> bool:
    near = {"in", "from", "until", "number", "part", "suffix", "of_month", "until_end", "or", "and", "except", "next"}
    if before and (before.kind in near or before.text in ("of", ".", "-")):
        return True
    return bool(after) and after[0].kind in ("number", "ordinal")


@lru_cache(maxsize=2048)
def _name(word: str) -> tuple[str, Any, str, bool]:
    """What a word names: its kind, value, the half of the day in it, and whether a letter of it is wrong."""
    if word in _NAMES:
        return *_NAMES[word], False
    if len(word) >= _CAREFUL:
        near = {_NAMES[name] for name in _LONG_NAMES if _is_one_letter_off(word, name)}
        if len({(kind, value) for kind, value, _ in near}) == 1:
            return *next(iter(near)), True
    return _NO_NAME


def _is_one_letter_off(word: str, name: str) -> bool:
    """Whether one letter was left out, put in, exchanged or swapped with its neighbour."""
    if abs(len(word) - len(name)) > 1 or word == name:
        return False
    same = next((n for n, (a, b) in enumerate(zip(word, name, strict=False)) if a != b), min(len(word), len(name)))
    one, two = word[same:], name[same:]
    return (
        one[1:] == two[1:]
        or one[1:] == two
        or one == two[1:]
        or (one[:2] == two[1::-1] and len(two) > 1 and one[2:] == two[2:])
    )


def _names() -> dict[str, tuple[str, Any, str]]:
    found: dict[str, tuple[str, Any, str]] = {name: ("month", number, "") for name, number in MONTH_OF.items()}
    for name, number in WEEKDAY_OF.items():
        found[name] = ("weekday", number, "")
        for ending, half in COMPOUNDS.items() if len(name) > 5 else ():
            kind = "weekdays" if ending.endswith("s") and not name.endswith(ending) else "weekday"
            found[name + ending] = (kind, number, half)
    return found


_NO_NAME = ("unknown", None, "", False)
_NAMES = _names()
_LONG_NAMES = [name for name in _NAMES if len(name) >= _CAREFUL]
_LONGEST_NAME = 1 + max(map(len, _NAMES))
_PHRASES = PHRASES | {tuple(part.split()): ("part_of_hour", part) for part in PARTS_OF_HOUR}
#: How many words the longest phrase has that begins with a word.
_LONGEST = {first: max(map(len, phrases)) for first, phrases in groupby(sorted(_PHRASES), itemgetter(0))}
