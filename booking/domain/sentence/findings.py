"""The phrases of a wish by their kinds, and the doubts that come up about them."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from typing import Any, NamedTuple

from booking.domain.sentence.bounds import Locality
from booking.domain.sentence.stream import PhraseFound
from booking.domain.typed import NotReadable


class Doubt(NamedTuple):
    """A question: what is missing (no ``phrase``), or of which phrase nobody can say what it means.

    ``day``, ``weekday``, ``start``, ``end``, ``until``, ``from``: missing;
    ``rhythm``, ``nth``, ``times``, ``room``, ``around``, ``or``, ``often``, ``workdays``, ``range``, ``number``,
    ``count``, ``left_out``, ``deviations``: what exactly;
    ``no_such_day``, ``weekday_clash``, ``hour``, ``quarter``: what cannot be; ``unclear``: the rest.
    """

    code: str
    phrase: PhraseFound | None = None
    about: Any = None


@dataclass
class Findings:
    """The phrases by kind, and the doubts that come up."""

    phrases: list[PhraseFound]
    place: Locality
    earliest: date
    always: bool
    doubts: list[Doubt] = field(default_factory=list)

    def all(self, *kinds: str) -> list[PhraseFound]:
        return [each for each in self.phrases if each.kind in kinds]

    def one(self, *kinds: str, code: str = "unclear") -> PhraseFound | None:
        """The only phrase of these kinds; of several that differ, the first, and a doubt about the second."""
        found = self.all(*kinds)
        differing = [each for each in found if each.value != found[0].value]
        if differing:
            self.ask(code, differing[0])
        return found[0] if found else None

    def ask(self, code: str, phrase: PhraseFound | None = None, about: Any = None) -> None:
        doubt = Doubt(code, phrase, about)
        if doubt not in self.doubts:
            self.doubts.append(doubt)

    def tried(self, phrase: PhraseFound, find: Callable[..., list[date]], *arguments: Any, **more: Any) -> list[date]:
        """The days that a phrase comes to, as ``find`` tells; none, with a doubt, where it cannot be."""
        try:
            found = find(*arguments, **more)
            if not found:
                self.ask("unclear", phrase)
            return found
        except NotReadable as fault:
            self.ask(fault.code if fault.code in ("no_such_day", "weekday_clash") else "unclear", phrase, fault.params)
        except (ValueError, OverflowError):
            self.ask("unclear", phrase)
        return []
