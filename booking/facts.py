"""What only the house can say of itself and the law asks for: facts without defaults, and the texts that need them.

They come from ``facts.toml`` of the house's folder, a second language as ``provider_en``. Whatever is missing is marked
on the page, and never filled in with what is true elsewhere. How long people are known, the house decides in its file.
"""

from babel.units import format_unit
from flask import current_app

from booking.catalogues import words
from booking.languages import DEFAULT, spoken_languages
from booking.models import House

#: The texts that a house may replace by its own, as ``legal/imprint.de.md``.
TEXTS = ("imprint", "privacy", "accessibility", "house_rules", "help")

#: The facts by their names, and which texts need them.
FACTS = {
    "provider": ("imprint", "privacy", "accessibility"),
    "legal_form": ("imprint",),
    "representative": ("imprint",),
    "postal_address": ("imprint", "privacy"),
    "vat_id": ("imprint",),
    "supervision": ("imprint",),
    "data_protection_officer": ("privacy",),
    "privacy_law": ("privacy",),
    "privacy_authority": ("privacy",),
    "processors": ("privacy",),
    "logs": ("privacy",),
    "accessibility_law": ("accessibility",),
    "accessibility_reviewed": ("accessibility",),
    "ombuds_office": ("accessibility",),
    "rules_adopted": ("house_rules",),
    "locking": ("house_rules",),
    "liability": ("house_rules",),
    "evening_contact": ("house_rules",),
}


def file_of_text(name: str, language: str) -> str:
    """How a house's own text is called among its files."""
    return f"legal/{name}.{language}.html"


def said_of(house: House, name: str, language: str) -> str:
    """What the house says of itself, in this language or in its own; empty where it does not say it."""
    return house.facts.get(name if language == DEFAULT else f"{name}_{language}") or house.facts.get(name, "")


#: How texts name the periods of retention, and the unit in which each is said.
PERIODS = {
    "contact_period": ("contact_months", "duration-month"),
    "in_vain_period": ("in_vain_months", "duration-month"),
    "onsite_period": ("onsite_days", "duration-day"),
    "letters_period": ("letters_days", "duration-day"),
}


def period_in_words(house: House, name: str, language: str) -> str:
    """How long the house knows something of people, with the space in it that does not break: 12 Monate, 4 Wochen."""
    field, unit = PERIODS[name]
    number = getattr(house.remembers, field)
    if unit == "duration-day" and number % 7 == 0:
        number, unit = number // 7, "duration-week"
    return format_unit(number, unit, locale=language).replace(" ", "\u00a0")


def missing_facts(house: House) -> list[str]:
    """The names of the facts that a text still needs: one that is not the house's own in all whole languages.

    ``retention`` where the house has not decided how long it knows people.
    """
    own = {
        name
        for name in TEXTS
        if all(
            file_of_text(name, language.code) in house.files
            for language in spoken_languages(current_app.config["LANGUAGES"])
            if language.is_whole
        )
    }
    missing = [name for name, texts in FACTS.items() if not house.facts.get(name) and not own.issuperset(texts)]
    return [*missing, *([] if house.retention else ["retention"])]


def called_where_missing(name: str, language: str) -> str:
    """What a page says in the place of a fact that is missing."""
    return words(language).gettext("%(what)s: still to be filled in") % {"what": called(name, language)}


def called(name: str, language: str) -> str:
    """A fact in words."""
    text = words(language)
    return {
        "provider": text.gettext("who offers these pages"),
        "legal_form": text.gettext("legal form"),
        "representative": text.gettext("who represents it"),
        "postal_address": text.gettext("postal address"),
        "vat_id": text.gettext("VAT identification number"),
        "supervision": text.gettext("supervisory authority"),
        "data_protection_officer": text.gettext("name and contact of the data protection officer"),
        "privacy_law": text.gettext("the state’s data protection law"),
        "privacy_authority": text.gettext("data protection authority"),
        "processors": text.gettext("data centre and mail service, with a contract under Article 28 GDPR"),
        "logs": text.gettext("duration and extent of the logs"),
        "accessibility_law": text.gettext("the state’s law and ordinance on accessibility"),
        "accessibility_reviewed": text.gettext("when it was made or last reviewed"),
        "ombuds_office": text.gettext("ombuds or enforcement office"),
        "rules_adopted": text.gettext("who has adopted these rules"),
        "locking": text.gettext("locking up and alarm"),
        "liability": text.gettext("liability and insurance"),
        "evening_contact": text.gettext("who can be reached in the evening"),
    }[name]
