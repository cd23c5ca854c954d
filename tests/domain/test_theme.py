"""Colours of a house: whatever is worked out can be read, and what cannot be is refused with what can."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from booking.domain.theme import PAIRS, WHITE, Pair, TooFaint, contrast, palette, stylesheet

COLOURS = st.integers(0, 0xFFFFFF).map(lambda number: f"#{number:06x}")


def faint(colours: dict[str, str]) -> list[tuple[Pair, float]]:
    known = {"white": WHITE} | colours
    told = [(pair, contrast(known[pair.front], known[pair.ground])) for pair in PAIRS]
    return [(pair, round(ratio, 2)) for pair, ratio in told if ratio < pair.needed]


@pytest.mark.parametrize(
    ("one", "other", "ratio"),
    [("#000000", "#ffffff", 21), ("#767676", "#ffffff", 4.54), ("#00737a", "#ffffff", 5.63), ("#aabbcc", "#aabbcc", 1)],
)
def test_contrast_is_that_of_wcag(one, other, ratio):
    assert (round(contrast(one, other), 2), contrast(one, other)) == (ratio, contrast(other, one))


@settings(max_examples=settings().max_examples * 2)
@given(main=COLOURS, accent=COLOURS, dark=st.just("") | COLOURS)
def test_whatever_is_taken_can_be_read_and_what_is_offered_instead_is_taken(main, accent, dark):
    said = {"main": main, "accent": accent, "dark": dark}
    for _ in range(2):
        try:
            palette(**said)
        except TooFaint as fault:
            said[fault.name] = fault.nearest

    assert faint(palette(**said)) == []


@pytest.mark.parametrize(
    ("said", "complaint"),
    [
        (
            ("#003366", "#cc0000"),
            "accent has a contrast of 2.4 to dark, and text needs 7. The nearest that works is #eda6a6.",
        ),
        (
            ("#003366", "#ffd700", "#888888"),
            "dark has a contrast of 1.5 to white, and text needs 7. The nearest that works is #494949.",
        ),
    ],
)
def test_colour_that_cannot_be_read_is_refused_with_the_nearest_that_can(said, complaint):
    with pytest.raises(TooFaint, match=re.escape(complaint)):
        palette(*said)


def test_stylesheet_names_each_colour_for_pages_and_for_the_lobby_by_day_and_night():
    sheet = stylesheet(palette("#00693c", "#ffc20e"))

    assert re.findall(r"^(\S+) \{", sheet, re.MULTILINE) == [":root", '[data-theme="dark"]', '[data-theme="light"]']
    assert "--io-yellow: #ffc20e; " in sheet
    assert re.sub(r"#[0-9a-f]{6}([0-9a-f]{2})?\b", "", sheet).count("#") == 0
