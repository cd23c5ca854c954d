"""Every page, in each state that shows something new: for everybody, whatever they see and however they get about."""

import pytest
from flask import Flask
from playwright.sync_api import Browser

from tests.support.app import Clock
from tests.support.every_state import Novelty, crowded, states
from tests.support.shown import Reader
from tests.support.whole_house import WholeHouse

pytestmark = pytest.mark.browser

#: Attributes that change how a page is read out.
MARKS = ("role", "aria-current", "aria-invalid", "aria-expanded")


@pytest.mark.parametrize(
    ("marks", "least"),
    [
        pytest.param(("type", *MARKS), 25, id="each kind of element"),
        pytest.param(("class", "type", *MARKS), 80, id="each look of an element", marks=pytest.mark.variant),
    ],
)
def test_no_page_shuts_anybody_out(
    app: Flask, clock: Clock, whole_house: WholeHouse, chromium: Browser, marks: tuple[str, ...], least: int
) -> None:
    """A small phone, text at 200 %, wide spacing, nothing over what has the focus, a contrast theme; and axe.

    ``make drill ARGS=pages`` looks at all states, in both languages, and at their HTML.
    """
    places = crowded(whole_house, clock)
    reader = Reader(chromium)
    is_new, is_new_to_axe = Novelty(*marks), Novelty("type", *MARKS)

    looked_at, faults = 0, []
    for state in states(app, whole_house, places, clock, ""):
        if is_new(state):
            looked_at += 1
            found = reader.faults(state, axe=is_new_to_axe(state))
            faults += [f"{state.name} ({state.path}): {fault}" for fault in found]
    reader.close()

    assert faults == []
    assert looked_at > least
