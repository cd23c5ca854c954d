"""Nothing that reads what people type takes time that grows with the square of its length.

Everybody would wait for one text. Where a text is read letter by letter, ten thousand letters take a millisecond;
where its square counts, they take a hundred and more. So the processor's own time for this thread tells them apart,
however busy the machine is.
"""

import ast
import contextlib
import importlib
import pkgutil
import re
import time
from collections.abc import Callable, Iterable, Iterator
from datetime import date
from pathlib import Path

import pytest

import booking
from booking.domain import typed
from booking.web import auth, incoming
from booking.web.forms import texts
from booking.web.staff import forms

LENGTHS = (24, 250, 1000, 10_000)  # the shorter ones end a test early where even the square would be little
ENOUGH = 0.04  # seconds of the processor

#: What is piled up, besides the signs of the pattern itself.
UNITS = {" ", "\n", "\t", "x", "9", "ä", ".", "-", "@", "a@", "a.", "x ", "9 ", " \n", "http://", "\u0323\u0301"}
BEFORE = ("", "24", "http://", "a@")
AFTER = "!\nx"


def likely_address(text: str) -> str:
    return texts.likely_address(text, "office@example.org")


def patterns() -> Iterator[tuple[str, re.Pattern[str]]]:
    for found in pkgutil.walk_packages(booking.__path__, "booking."):
        module = importlib.import_module(found.name)
        for name, value in vars(module).items():
            for each in value if isinstance(value, tuple | list) else (value,):
                if isinstance(each, re.Pattern):
                    yield f"{found.name}.{name}", each
        source = Path(str(module.__file__)).read_text()
        # To read them all would take each process of the tests a second.
        for node in ast.walk(ast.parse(source)) if re.search(r"\bre\.\w+\(", source) else ():
            if isinstance(node, ast.Call) and node.args and ast.unparse(node.func).startswith("re."):
                written = node.args[0]
                if isinstance(written, ast.Constant) and isinstance(written.value, str):
                    yield f"{found.name}, line {node.lineno}", re.compile(written.value)


PATTERNS = {each.pattern: (where, each) for where, each in patterns() if re.search(r"[*+]|,\}", each.pattern)}


def slow(work: Callable[[str], object], units: Iterable[str]) -> tuple[str, str] | None:
    """What to put before, and what to pile up, to make it slow."""
    return next(((before, unit) for unit in units for before in BEFORE if _is_slow(work, before, unit)), None)


def _is_slow(work: Callable[[str], object], before: str, unit: str) -> bool:
    texts = (before + unit * (length // len(unit)) + AFTER for length in LENGTHS)
    return any(all(_seconds(work, text) > ENOUGH for _ in range(3)) for text in texts)


def _seconds(work: Callable[[str], object], text: str) -> float:
    begun = time.thread_time()
    work(text)
    return time.thread_time() - begun


def test_patterns_are_found():
    assert {"booking.letters.html", "booking.web.auth"} <= {where.split(",")[0] for where, _ in PATTERNS.values()}


@pytest.mark.parametrize("written", PATTERNS, ids=lambda written: PATTERNS[written][0])
def test_pattern_takes_no_more_than_its_time_for_each_letter(written):
    pattern = PATTERNS[written][1]
    signs = set(written) - set("()[]{}|?*^$\\") - {letter for letter in written if letter.isalnum()}

    assert slow(lambda text: (pattern.fullmatch(text), pattern.sub("", text)), UNITS | signs) is None


@pytest.mark.parametrize("pattern", [r"[^\s,;@]+@", r"\s*24(?:\s*[:.]?\s*00)?\s*(?:uhr|h)?\s*"])
def test_pattern_that_takes_the_square_is_noticed(pattern):
    assert slow(re.compile(pattern).findall, UNITS) is not None


def _date(text):
    return typed.read_date(text, date(2026, 12, 8))


@pytest.mark.parametrize(
    "work",
    [
        texts.tidy, texts.mailbox, texts.is_phone, likely_address,
        _date, typed.read_time, typed.read_end, typed.read_number,
        forms.tidied, auth.local_path, incoming.readable,
    ],
)  # fmt: skip
def test_reading_takes_no_more_than_its_time_for_each_letter(work):
    def forgiving(text):
        with contextlib.suppress(typed.NotReadable):
            work(text)

    assert slow(forgiving, UNITS) is None
