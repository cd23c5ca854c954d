"""Sentences of the service that stand in no letter's template, and that the office may put in its own words.

Own words are kept as those of letters are (``booking.texts``), by the original in their language.
"""

from collections.abc import Mapping
from contextlib import suppress
from itertools import chain

from jinja2 import TemplateNotFound

from booking.catalogues import forms, variants, words, words_in
from booking.house import house
from booking.languages import DEFAULT, LANGUAGES
from booking.texts import PLACEHOLDER, TextPiece, original_source, own_words, pieces

#: For messages that are translated where they are used.
N_ = str

#: Why a date is not possible, by the code of the reason.
REASONS = {
    "taken": N_("The room is already taken at that time."),
    "closed": N_("The house is closed that day."),
    "access": N_("We can’t provide access to the house at that time."),
    "size": N_("Our rooms are too small for your group."),
    "profile": N_(
        "We offer the rooms mainly to groups working for the common good in %(city)s."
        " Your plan unfortunately doesn’t fit."
    ),
    "short_notice": N_("That is too short notice for us."),
    "own_need": N_("We need the room ourselves that day."),
}
#: What the public reads, by where.
PUBLIC = {
    "start": (
        *(N_("A room for your ideas"), N_("Free of charge."), N_("No account."), N_("Takes about five minutes.")),
        *(N_("That was it for today."), N_("Nothing planned today. Maybe your next meeting?")),
        *(N_("Just drop by and join in."), N_("No open meeting is planned for the next four weeks.")),
    ),
    "thanks": (N_("We look at your dates."), N_("Until then the dates are not confirmed.")),
    "lobby": (
        *(N_("Good morning!"), N_("Hello!"), N_("Good to have you here!"), N_("Good evening!")),
        *(N_("That’s all for today."), N_("The house is not open today."), N_("There’s room for your idea today.")),
        *(
            N_("Nothing planned for the next few days."),
            N_("It’s quiet here right now."),
            N_("Free of charge, no account"),
        ),
    ),
}
#: What each collection holds, by its name: where a sentence stands, and the sentence.
COLLECTIONS: Mapping[str, list[tuple[str, str]]] = {
    "reasons": [*REASONS.items()],
    "public": [*chain.from_iterable(((where, each) for each in said) for where, said in PUBLIC.items())],
}

#: What can be filled in, and what of the house that is.
_PLACEHOLDERS = {
    "de": {"⟨Haus⟩": "name", "⟨Stadt⟩": "city", "⟨Telefon⟩": "phone", "⟨E-Mail⟩": "email", "⟨Anschrift⟩": "address"},
    "en": {"⟨house⟩": "name", "⟨city⟩": "city", "⟨phone⟩": "phone", "⟨e-mail⟩": "email", "⟨address⟩": "address"},
}
_CITY = {
    language: next(name for name, of in known.items() if of == "city") for language, known in _PLACEHOLDERS.items()
}


def _known(language: str) -> dict[str, str]:
    return _PLACEHOLDERS.get(language, _PLACEHOLDERS[DEFAULT])


def template(collection: str, language: str) -> str:
    """What own words of a collection are kept by."""
    return variants(f"sentences/{{}}/{collection}.txt", language)[0]


def sentences_of(collection: str, language: str) -> list[TextPiece]:
    """The sentences of a collection, each as what may be put in other words."""
    return [
        TextPiece(slice(0, 0), _original(message, language), _known(language), is_subject=True, where=where)
        for where, message in COLLECTIONS[collection]
    ]


def _original(message: str, language: str) -> str:
    return _with_city(words(language).gettext(message), language)


def _with_city(sentence: str, language: str) -> str:
    return sentence.replace("%(city)s", _CITY.get(language, _CITY[DEFAULT]))


def said_by_house(original: str, language: str, collection: str = "public") -> str:
    """A sentence as the office says it, or as it is."""
    said = own_words(template(collection, language)).get(original, original)
    return with_house(said, language) if "⟨" in said else said


def with_house(said: str, language: str) -> str:
    """A sentence with what the house is; what cannot be filled in stays as it is."""
    known, place = _known(language), house()
    return PLACEHOLDER.sub(lambda found: str(getattr(place, known[found[0]])) if found[0] in known else found[0], said)


def reasons(language: str) -> dict[str, str]:
    """Why a date is not possible: the sentences that groups read, by their codes."""
    return {code: said_by_house(_original(message, language), language, "reasons") for code, message in REASONS.items()}


def code_of(sentence: str) -> str:
    """Which of the reasons a sentence tells, in whatever language, in our words or those of the office, today's or
    earlier ones; empty where the team wrote it itself."""
    return codes().get(sentence, "")


def codes() -> dict[str, str]:
    """The codes of all sentences that tell one of the reasons, in whatever form of address."""
    found: dict[str, str] = {}
    for form in chain.from_iterable(map(forms, LANGUAGES)):
        catalogue, name, language = words_in(form), f"sentences/{form}/reasons.txt", form.partition("_")[0]
        originals = {_with_city(catalogue.gettext(message), language): code for code, message in REASONS.items()}
        kept = {**own_words(former(name)), **originals_of(name)}
        said = {**{words: originals.get(original, "") for words, original in kept.items()}, **originals}
        found |= {with_house(words, language): code for words, code in said.items() if code}
    return found


def alike(said: Mapping[str, str], language: str) -> dict[str, str]:
    """Of these words for reasons, by their codes, those that another reason has too, had once or has as its original;
    each with the code of that."""
    known, filled = codes(), {code: with_house(words, language) for code, words in said.items()}
    found = {}
    for code, told in filled.items():
        also = [known.get(told, code), *(each for each, theirs in filled.items() if theirs == told)]
        found[code] = next((each for each in also if each != code), "")
    return {code: other for code, other in found.items() if other}


def originals_of(template: str) -> dict[str, str]:
    """What the office's words of today stand for."""
    return {words: original for original, words in own_words(template).items()}


def carried_over(own: Mapping[str, dict[str, str]], *, formal: bool) -> dict[str, dict[str, str]]:
    """All own words, those of one form of address kept by the originals of the other too, where that has none yet.

    So they stay as they are when a house begins to address people in another way.
    """
    found = dict(own)
    for name, said in own.items():
        kind, form, rest = name.split("/")
        there = [*forms(form.partition("_")[0]), ""][formal]
        here, others = _originals(name), _originals(f"{kind}/{there}/{rest}")
        if there and len(here) == len(others):
            other_of = dict(zip(here, others, strict=True))
            kept = {other_of[original]: words for original, words in said.items() if original in other_of}
            found.setdefault(f"{kind}/{there}/{rest}", kept)
    return found


def _originals(template: str) -> list[str]:
    """What own words of a template are kept by, in its order; nothing where there is none such."""
    kind, form, rest = template.split("/")
    language, collection = form.partition("_")[0], rest.removesuffix(".txt")
    if kind == "sentences":
        sentences = COLLECTIONS.get(collection, ())
        return [_with_city(words_in(form).gettext(message), language) for _, message in sentences]
    with suppress(TemplateNotFound):
        return [piece.original for piece in pieces(original_source(template), language)]
    return []


def is_of_reasons(template: str) -> bool:
    return template.endswith("/reasons.txt")


def former(template: str) -> str:
    """By what earlier words of reasons are kept, each with the original: what was written stays what it was."""
    return f"{template}.former"
