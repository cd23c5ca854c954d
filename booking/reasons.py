"""The usual reasons why a date is not possible, in each language, and whether another time or room would help."""

from booking.catalogues import words
from booking.languages import Called, beginning, in_language, in_sentence
from booking.models import Closure
from booking.sentences import code_of, codes, reasons


def closed(closure: Closure, room: Called, language: str) -> str:
    """Why a date in this room cannot be while a closure holds, as groups read it."""
    text, reason = words(language), in_language(closure, "reason", language).rstrip(".")
    if closure.is_of_house:
        return text.gettext("The house is closed then (%(reason)s).") % {"reason": reason}
    said = {"room": in_sentence(room, "the", language), "reason": reason}
    return beginning(text.gettext("%(room)s is closed then (%(reason)s).") % said)


#: Reasons that may not hold for another time or room.
CURABLE = ("taken", "closed", "access", "own_need")


def curable() -> set[str]:
    """The sentences of these reasons, in all languages."""
    return {told for told, code in codes().items() if code in CURABLE}


def reason_in(sentence: str, language: str) -> str:
    """One of the usual reasons in another language; what the team wrote itself stays as it is."""
    return reasons(language).get(code_of(sentence), sentence)
