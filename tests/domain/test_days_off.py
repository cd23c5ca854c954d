from datetime import date

import pytest

from booking.domain.days_off import DaysOff, days_off, has_school_holidays, name_of_place


def in_bielefeld(first: str, last: str, language: str = "de") -> DaysOff:
    return days_off(date.fromisoformat(first), date.fromisoformat(last), "DE", "NW", language)


def breaks(found: DaysOff) -> list[tuple[str, str, str]]:
    """First and last day and name of each break."""
    days = sorted(found.school)
    firsts = [day for day in days if date.fromordinal(day.toordinal() - 1) not in found.school]
    lasts = [day for day in days if date.fromordinal(day.toordinal() + 1) not in found.school]
    return [
        (first.isoformat(), last.isoformat(), found.school[first]) for first, last in zip(firsts, lasts, strict=True)
    ]


def test_public_holidays_of_nrw_in_2027():
    found = in_bielefeld("2027-01-01", "2027-12-31")

    assert {day.isoformat(): name for day, name in found.public.items()} == {
        "2027-01-01": "Neujahr",
        "2027-03-26": "Karfreitag",
        "2027-03-29": "Ostermontag",
        "2027-05-01": "Erster Mai",
        "2027-05-06": "Christi Himmelfahrt",
        "2027-05-17": "Pfingstmontag",
        "2027-05-27": "Fronleichnam",
        "2027-10-03": "Tag der Deutschen Einheit",
        "2027-11-01": "Allerheiligen",
        "2027-12-25": "Erster Weihnachtstag",
        "2027-12-26": "Zweiter Weihnachtstag",
    }


def test_school_holidays_of_nrw_in_2026_and_2027():
    found = in_bielefeld("2026-08-01", "2027-12-23")

    assert breaks(found) == [
        ("2026-08-01", "2026-09-01", "Sommerferien"),
        ("2026-10-17", "2026-10-31", "Herbstferien"),
        ("2026-12-23", "2027-01-06", "Weihnachtsferien"),
        ("2027-03-22", "2027-04-03", "Oster-/Frühjahrsferien"),
        ("2027-05-18", "2027-05-18", "Himmelfahrts-/Pfingstferien"),
        ("2027-07-19", "2027-08-31", "Sommerferien"),
        ("2027-10-23", "2027-11-06", "Herbstferien"),
    ]
    assert found.school_known_until == date(2027, 12, 23)


@pytest.mark.parametrize(
    ("subdivision", "more", "label"),
    [
        ("BY", {}, "Bayern"),
        ("BY-catholic", {date(2026, 8, 15): "Mariä Himmelfahrt"}, "Bayern"),
        (
            "Augsburg",
            {date(2026, 8, 8): "Augsburger Hohes Friedensfest", date(2026, 8, 15): "Mariä Himmelfahrt"},
            "Augsburg",
        ),
    ],
)
def test_municipality_can_have_more_holidays_than_its_land(subdivision, more, label):
    found = days_off(date(2026, 8, 1), date(2026, 8, 31), "DE", subdivision, "de")

    assert (found.public, name_of_place("DE", subdivision)) == (more, label)
    assert len(found.school) > 20


def test_land_without_a_holiday_of_a_faith_has_no_such_municipality():
    with pytest.raises(NotImplementedError, match="subdivision HE-catholic"):
        days_off(date(2026, 8, 1), date(2026, 8, 31), "DE", "HE-catholic", "de")


def test_names_follow_the_language():
    found = in_bielefeld("2026-12-23", "2026-12-25", "en")

    assert found.public == {date(2026, 12, 25): "Christmas Day"}
    assert set(found.school.values()) == {"Christmas Break"}


def test_first_and_last_day_are_included():
    assert in_bielefeld("2026-12-25", "2026-12-26").public == {
        date(2026, 12, 25): "Erster Weihnachtstag",
        date(2026, 12, 26): "Zweiter Weihnachtstag",
    }
    assert in_bielefeld("2026-12-27", "2026-12-31").public == {}


def test_school_holidays_are_known_up_to_the_last_break_in_the_tables():
    """Told by the tables themselves: when the package brings another year, the figures here move and nothing else."""
    far = in_bielefeld("2026-01-01", "2060-12-31")
    end = far.school_known_until

    assert end == max(far.school)
    assert end >= date(2029, 8, 14)
    before, beyond = date(end.year, 1, 1), date(end.year + 1, 1, 1)
    assert days_off(before, end, "DE", "NW", "de").school_known_until == end
    assert days_off(before, date(end.year, 12, 31), "DE", "NW", "de").school_known_until == end
    assert days_off(beyond, date(end.year + 2, 1, 1), "DE", "NW", "de") == DaysOff(
        days_off(beyond, date(end.year + 2, 1, 1), "DE", "NW", "de").public, {}, None
    )


def test_country_without_school_tables_is_not_known():
    found = days_off(date(2027, 1, 1), date(2027, 12, 31), "NL", "", "de")

    assert (found.school, found.school_known_until) == ({}, None)
    assert date(2027, 4, 27) in found.public


@pytest.mark.parametrize(("country", "subdivision"), [("XX", ""), ("DE", "QQ")])
def test_place_that_there_is_not_is_refused(country, subdivision):
    with pytest.raises(NotImplementedError):
        days_off(date(2027, 1, 1), date(2027, 12, 31), country, subdivision, "de")


@pytest.mark.parametrize(
    ("country", "subdivision", "name", "has_school"),
    [
        ("DE", "HE", "Hessen", True),
        ("DE", "NW", "Nordrhein-Westfalen", True),
        ("AT", "7", "Tirol", True),
        ("JP", "", "", False),
    ],
)
def test_place_of_holidays_has_a_name_and_perhaps_school_holidays(country, subdivision, name, has_school):
    assert (name_of_place(country, subdivision), has_school_holidays(country)) == (name, has_school)
