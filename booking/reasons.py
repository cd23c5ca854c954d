"""The usual reasons why a date is not possible, in each language, and whether another time or room would help."""

from booking.house import house
from booking.languages import LANGUAGES, Called, beginning, in_language, in_sentence
from booking.models import Closure
from booking.wording import words


def reasons(language: str) -> dict[str, str]:
    """Why a date is not possible: the sentences that groups read, by their codes."""
    text = words(language)
    return {
        "taken": text.gettext("The room is already taken at that time."),
        "closed": text.gettext("The house is closed that day."),
        "access": text.gettext("We can’t provide access to the house at that time."),
        "size": text.gettext("Our rooms are too small for your group."),
        "profile": text.gettext(
            "We offer the rooms mainly to groups working for the common good in %(city)s."
            " Your plan unfortunately doesn’t fit."
        )
        % {"city": house().city},
        "short_notice": text.gettext("That is too short notice for us."),
        "own_need": text.gettext("We need the room ourselves that day."),
    }


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
    return {reasons(language)[code] for language in LANGUAGES for code in CURABLE}


def reason_in(sentence: str, language: str) -> str:
    """One of these sentences in another language; what the team wrote itself stays as it is."""
    for known in LANGUAGES:
        for code, told in reasons(known).items():
            if told == sentence:
                return reasons(language)[code]
    return sentence
