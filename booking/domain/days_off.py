"""Public and school holidays, from the tables of the ``holidays`` package.

School holidays are announced a few years ahead, and the tables end with the
last break that was. Beyond, the honest answer is "not known", never "none".
"""

import sys
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from importlib.util import find_spec, module_from_spec

import holidays

#: For how long holidays, and closures that come back, are told of. Dates may lie two thousand years apart.
FORESEEN = timedelta(days=20 * 365)

# To import one country, the package imports all 250, which takes 7 MiB and a tenth of a second. Where their package is
# there already, and empty, the registry imports the one that is asked for.
_all_countries = find_spec("holidays.countries")
if _all_countries and _all_countries.name not in sys.modules:
    sys.modules[_all_countries.name] = module_from_spec(_all_countries)

#: What follows the code of a Land where the municipality decides on a holiday by its faith, as BY-catholic.
CATHOLIC = "-catholic"


@dataclass(frozen=True, slots=True)
class DaysOff:
    """The holidays among the days that were asked for, each with its name.

    Of the days after ``school_known_until`` nobody can say yet whether they are
    school holidays; None: of none of the days that were asked for. It is the
    last day asked for if all are known.
    """

    public: dict[date, str]
    school: dict[date, str]
    school_known_until: date | None

    def left_out(self, day: date, kinds: Collection[str]) -> tuple[str, str] | None:
        """Which of these kinds of day off (holiday, school) a day is, and its name."""
        named = (("holiday", self.public), ("school", self.school))
        return next(((kind, days[day]) for kind, days in named if kind in kinds and day in days), None)


@lru_cache(64)  # a page asks several times for the same days; whoever gets them must not alter them
def days_off(first: date, last: date, country: str, subdivision: str, language: str) -> DaysOff:
    """The holidays from ``first`` to ``last``, both included, with names in ``language`` where there are any.

    ``country`` and ``subdivision`` are those of ISO 3166, such as DE and NW; ``NotImplementedError`` for one that is
    none. ``BY-catholic``: of the municipalities there with a holiday more by their faith. Where the law leaves a school
    its own choice (movable days off), its days are not in the tables.
    """
    place = (country, subdivision, language)
    return DaysOff(
        public=_between(first, last, [_of_year("public", year, *place) for year in range(first.year, last.year + 1)]),
        school=_between(first, last, [_of_year("school", year, *place) for year in range(first.year, last.year + 1)]),
        school_known_until=_known_until(first, last, place),
    )


def days_off_near(today: date, first: date, last: date, country: str, subdivision: str, language: str) -> DaysOff:
    """The same, and none more than ``FORESEEN`` away from ``today``: nobody knows them, and thousands of years would
    have to be worked out."""
    first, last = max(first, today - FORESEEN), min(last, today + FORESEEN)
    return days_off(first, last, country, subdivision, language) if first <= last else DaysOff({}, {}, None)


def _known_until(first: date, last: date, place: tuple[str, str, str]) -> date | None:
    """How far the tables can be trusted.

    Breaks are announced in their order, whole school years at a time: that a
    day is no holiday is certain if the tables have a break on or after it. No
    two breaks are a year apart, so one year ahead is far enough to look.
    """
    for year in range(last.year + 1, first.year - 1, -1):
        days = _of_year("school", year, *place)
        if days:
            end = min(max(days), last)
            return end if end >= first else None
    return None


def _between(first: date, last: date, years: list[Mapping[date, str]]) -> dict[date, str]:
    return {day: name for days in years for day, name in sorted(days.items()) if first <= day <= last}


@lru_cache(maxsize=1024)
def _of_year(category: str, year: int, country: str, subdivision: str, language: str) -> Mapping[date, str]:
    """Empty where the package has no tables of this kind for the country. Names have the apostrophe of print."""
    land = subdivision.removesuffix(CATHOLIC)
    categories = (category, "catholic") if land != subdivision and category == "public" else (category,)
    calendar = holidays.country_holidays(country, subdiv=land or None)
    if len(categories) > 1 and not holidays.country_holidays(country, subdiv=land, years=year, categories="catholic"):
        raise NotImplementedError(f"subdivision {subdivision}: no holiday there is one of a faith")
    if category not in calendar.supported_categories:
        return {}
    spoken = [each for each in calendar.supported_languages if each.split("_")[0] == language]
    found = holidays.country_holidays(
        country,
        subdiv=land or None,
        years=year,
        expand=False,
        categories=categories,
        language=spoken[0] if spoken else calendar.default_language,
    )
    return {day: name.replace("'", "’") for day, name in found.items()}


@lru_cache
def has_school_holidays(country: str) -> bool:
    """Whether the tables know any of this country."""
    return "school" in holidays.country_holidays(country).supported_categories


@lru_cache
def name_of_place(country: str, subdivision: str) -> str:
    """Hessen: whose holidays these are, as it is called there; nothing where they are the whole country's."""
    land = subdivision.removesuffix(CATHOLIC)
    names = holidays.country_holidays(country, subdiv=land or None).get_subdivision_aliases().get(land)
    return names[0] if names else land
