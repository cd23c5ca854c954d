"""The lexemes of a text to look at one by one, and the pieces that are found among them."""

from collections.abc import Callable, Sequence
from itertools import accumulate
from typing import Any, NamedTuple

from booking.domain.sentence.lexemes import Lexeme

#: No matcher looks farther beyond the last.
_FARTHEST = 40
#: A day with its weekday and year takes fewer.
_LONGEST_BOUND = 20
_NOTHING = Lexeme("end of text", None, -1, -1, "")


class PhraseFound(NamedTuple):
    """What the lexemes from ``first`` on, up to before ``after``, say."""

    kind: str
    value: Any
    first: int
    after: int


class Stream:
    """Lexemes by their number; before the first and beyond the last there is nothing of any kind."""

    def __init__(self, lexemes: Sequence[Lexeme]) -> None:
        self.lexemes = lexemes
        self._padded = [*lexemes, *[_NOTHING] * _FARTHEST]  # of a list, -1 is the last
        # Asked for some ten times for each lexeme: half of the work, were they methods.
        self.kind: Callable[[int], str] = [each.kind for each in self._padded].__getitem__
        self.text: Callable[[int], str] = [each.text for each in self._padded].__getitem__
        self.value: Callable[[int], Any] = [each.value for each in self._padded].__getitem__

        self._dashes = [0, *accumulate(each.text == "-" or each.kind == "until" for each in self._padded)]
        self.days: dict[int, Any] = {}  # what ``days.day_at`` has found where

    def __len__(self) -> int:
        return len(self.lexemes)

    def __getitem__(self, at: int) -> Lexeme:
        return self._padded[at]

    def touches(self, at: int) -> bool:
        """Whether nothing stands between this lexeme and the next."""
        return self[at].end == self[at + 1].start

    def has_dash(self, at: int) -> bool:
        """Whether a "-" or "until" stands so near that what begins here can be the first half of a range."""
        return self._dashes[at + _LONGEST_BOUND] > self._dashes[at]

    def skip(self, at: int, *texts: str) -> int:
        """The number of the next lexeme that is none of these marks, of which there are few."""
        while self[at].text in texts and self[at].kind == "mark":
            at += 1
        return at

    def skip_kinds(self, at: int, *kinds: str) -> int:
        """The number of the next lexeme of no such kind; at most three are left out."""
        for _ in range(3):
            if self.kind(at) not in kinds:
                break
            at += 1
        return at

    def figure(self, at: int, most_digits: int = 2) -> int | None:
        """A number in figures with so many of them at most."""
        each = self[at]
        return each.value if each.kind == "number" and len(each.text) <= most_digits else None

    def number(self, at: int) -> int | None:
        """A number in figures or words."""
        each = self[at]
        return each.value if each.kind in ("number", "count_word", "one") and each.value < 10_000 else None
