"""How long a house knows people: its own decision, within what the service needs and what can be justified."""

from collections.abc import Iterator
from dataclasses import asdict, dataclass

_LONGEST_MONTH = 31


@dataclass(frozen=True, slots=True)
class Retention:
    """When is forgotten what, and what holds where a house has not decided it.

    ``contact_months``: who asked and what for, after the last date; ``in_vain_months``: after the last answer, where
    nothing came of it. ``onsite_days``: who is responsible on the evening, after the last date. ``letters_days``: the
    text of letters, after they were written.
    """

    contact_months: int = 12
    in_vain_months: int = 6
    onsite_days: int = 28
    letters_days: int = 90

    def objections(self) -> Iterator[tuple[str, str]]:
        """What speaks against it: a name, and a sentence with the reason."""
        for name, (least, why_least, most, why_most) in BOUNDS.items():
            value = getattr(self, name)
            if value < least:
                yield name, f"{name} cannot be {value}, only {least} or more: {why_least}."
            elif value > most:
                yield name, f"{name} cannot be {value}, only up to {most}: {why_most}."
        if self.in_vain_months > self.contact_months:
            why = "nobody is kept longer because nothing came of their request"
            yield "in_vain_months", f"in_vain_months cannot be more than contact_months, {self.contact_months}: {why}."
        if self.letters_days > self.in_vain_months * _LONGEST_MONTH:
            why = "letters repeat what people wrote"
            yield "letters_days", f"letters_days cannot be more than in_vain_months, {self.in_vain_months}: {why}."

    def as_json(self) -> dict[str, int]:
        return asdict(self)


_NO_REASON = "nobody could say what it is still needed for (Article 5 GDPR)"

#: The least and the most of each, with the reasons.
BOUNDS = {
    "contact_months": (3, "links in letters open their pages for 60 days after the last date", 48, _NO_REASON),
    "in_vain_months": (1, "people answer to a no, and the team looks into it", 48, _NO_REASON),
    "onsite_days": (1, "what is found broken or left behind is found the day after", 92, _NO_REASON),
    "letters_days": (14, "a letter is tried for five days, and the team must see what became of it", 365, _NO_REASON),
}
