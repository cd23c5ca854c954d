"""Every page, in each state that shows something new: for everybody, whatever they see and however they get about."""

from collections.abc import Iterator

import pytest
from flask import Flask
from playwright.sync_api import Browser

from tests.support.app import Clock
from tests.support.every_state import Novelty, State, crowded, opened, states
from tests.support.shown import Reader
from tests.support.whole_house import WholeHouse

pytestmark = pytest.mark.browser

#: Attributes that change how a page is read out.
MARKS = ("role", "aria-current", "aria-invalid", "aria-expanded")


def test_no_page_shuts_anybody_out(app: Flask, whole_house: WholeHouse, clock: Clock, chromium: Browser) -> None:
    """A small phone, text at 200 %, wide spacing, nothing over what has the focus, a contrast theme; and axe.

    ``make drill ARGS=pages`` looks at all states, in both languages, and at their HTML.
    """
    crowded(whole_house, clock)
    kinds = Novelty("type", *MARKS)

    looked_at, faults = read(opened(app, whole_house, ""), kinds, chromium)

    assert faults == []
    assert looked_at > 15


@pytest.mark.variant
def test_no_new_look_of_a_state_shuts_anybody_out(
    app: Flask, whole_house: WholeHouse, clock: Clock, chromium: Browser
) -> None:
    places = crowded(whole_house, clock)
    looks = Novelty("class", "type", *MARKS)

    looked_at, faults = read(states(app, whole_house, places, clock, ""), looks, chromium)

    assert faults == []
    assert looked_at > 80


def read(found: Iterator[State], is_new: Novelty, chromium: Browser) -> tuple[int, list[str]]:
    """How many show something new, and what is wrong with those."""
    reader, is_new_to_axe = Reader(chromium), Novelty("type", *MARKS)
    looked_at, faults = 0, []
    for state in found:
        if is_new(state):
            looked_at += 1
            wrong = reader.faults(state, axe=is_new_to_axe(state))
            faults += [f"{state.name} ({state.path}): {fault}" for fault in wrong]
    reader.close()
    return looked_at, faults
