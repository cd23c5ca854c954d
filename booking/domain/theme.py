"""The colours of a house, worked out from two or three of its own so that all that is read on them can be read.

Contrast is that of WCAG 2.2: relative luminance, from 1 to 21. On paper and at a desk text has at least 4.5; on the
screen in the lobby, which is read from afar, 7.
"""

import re
from collections.abc import Callable
from typing import NamedTuple

#: What text needs on pages, and on the screen in the lobby; and what lines and marks need.
TEXT, LOBBY, SHAPES = 4.5, 7.0, 3.0

WHITE, BLACK = "#ffffff", "#000000"

#: In what the lobby says at night that a date is off, whatever the house's colours are.
CANCELLED_AT_NIGHT = "#ff8fb0"


class TooFaint(ValueError):
    """A colour with which something could not be read."""

    def __init__(self, name: str, ground: str, ratio: float, needed: float, nearest: str) -> None:
        super().__init__(
            f"{name} has a contrast of {ratio:.1f} to {ground}, and text needs {needed:g}. The nearest that works is"
            f" {nearest}."
        )
        self.name = name
        self.nearest = nearest


class Pair(NamedTuple):
    """What stands on what, by the names of the colours, and the least contrast between them."""

    front: str
    ground: str
    needed: float


#: All that is read, on whatever it stands.
PAIRS = (
    *(Pair("ink", ground, LOBBY) for ground in ("white", "soft", "yellow", "green", "soft-yellow")),
    *(Pair("ink", ground, TEXT) for ground in ("turquoise", "light-blue")),
    *(Pair(text, ground, TEXT) for text in ("link", "ink-soft") for ground in ("white", "soft", "soft-yellow")),
    *(Pair(text, ground, LOBBY) for text in ("link-hover", "lobby-soft") for ground in ("white", "soft")),
    *(Pair(text, ground, LOBBY) for text in ("white", "yellow", "on-dark-soft") for ground in ("dark", "dark-2")),
    *(Pair("cancelled", ground, LOBBY) for ground in ("dark", "dark-2")),
    Pair("turquoise", "dark", TEXT),
    *(Pair(shape, "white", SHAPES) for shape in ("border", "blue")),
)


def luminance(colour: str) -> float:
    """How bright a colour like #0b2a2e is, from 0 to 1."""
    shares = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (each / 12.92 if each <= 0.04045 else ((each + 0.055) / 1.055) ** 2.4 for each in shares)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    bright, dim = sorted((luminance(one), luminance(other)), reverse=True)
    return (bright + 0.05) / (dim + 0.05)


def mixed(colour: str, other: str, share: float) -> str:
    """A colour with a share of another in it, from 0 to 1."""
    pairs = [(int(colour[at : at + 2], 16), int(other[at : at + 2], 16)) for at in (1, 3, 5)]
    return "#" + "".join(f"{round(one + (two - one) * share):02x}" for one, two in pairs)


def toward(colour: str, other: str, is_fine: Callable[[str], bool]) -> str:
    """The first colour on the way to another that will do; the other where none does."""
    steps = (mixed(colour, other, step / 100) for step in range(101))
    return next((each for each in steps if is_fine(each)), other)


def is_colour(value: object) -> bool:
    """Whether it is a colour written like #00737a."""
    return isinstance(value, str) and re.fullmatch("#[0-9a-fA-F]{6}", value) is not None


def palette(main: str, accent: str, dark: str = "") -> dict[str, str]:
    """All colours of the pages by their names in the stylesheet, from the house's own: ``main`` for large areas,
    ``accent`` below text and for text on dark, ``dark`` for text and dark areas (from ``main`` where it is left out).

    Raises ``TooFaint``.
    """
    soft = toward(mixed(main, WHITE, 0.88), WHITE, lambda each: luminance(each) >= 0.88)
    ink = dark or toward(main, BLACK, lambda each: contrast(each, WHITE) >= 14)
    _demand("dark", ink, "white", BLACK, lambda each: min(contrast(each, soft), contrast(each, WHITE) - 2))
    night = mixed(ink, main, 0.1)
    night = toward(night, ink, lambda each: contrast(each, WHITE) >= 9)
    _demand("accent", accent, "dark", WHITE, lambda each: min(contrast(each, ink), contrast(each, night)))

    def is_read_at_night(colour: str) -> bool:
        return min(contrast(colour, ink), contrast(colour, night)) >= LOBBY

    area = toward(main, WHITE, lambda each: contrast(each, ink) >= TEXT)
    link = toward(main, BLACK, lambda each: contrast(each, soft) >= TEXT + 0.2)
    clear = mixed(accent, WHITE, 0.75)
    return {
        "turquoise": area,
        "yellow": accent,
        "green": toward(mixed(accent, area, 0.4), accent, lambda each: contrast(each, ink) >= LOBBY),
        "blue": toward(mixed(main, ink, 0.3), BLACK, lambda each: contrast(each, WHITE) >= TEXT),
        "light-blue": mixed(area, WHITE, 0.5),
        "stripe": accent,
        "ink": ink,
        "ink-soft": toward(
            mixed(ink, WHITE, 0.35), ink, lambda each: min(contrast(each, soft), contrast(each, clear)) >= TEXT + 0.3
        ),
        "link": toward(link, BLACK, lambda each: contrast(each, clear) >= TEXT),
        "link-hover": toward(link, BLACK, lambda each: contrast(each, soft) >= LOBBY),
        "border": toward(mixed(ink, WHITE, 0.45), ink, lambda each: contrast(each, WHITE) >= TEXT),
        "line": mixed(ink, WHITE, 0.84),
        "soft": soft,
        "soft-yellow": clear,
        "dark": ink,
        "dark-2": night,
        "on-dark": WHITE,
        "on-dark-soft": toward(mixed(WHITE, ink, 0.2), WHITE, is_read_at_night),
        "chart": toward(mixed(main, ink, 0.3), WHITE, lambda each: contrast(each, area) >= 1.6),
        "chart-2": mixed(ink, WHITE, 0.68),
        "lobby-soft": toward(mixed(ink, WHITE, 0.3), ink, lambda each: contrast(each, soft) >= LOBBY),
        "cancelled": toward(CANCELLED_AT_NIGHT, WHITE, is_read_at_night),
    }


def _demand(name: str, colour: str, ground: str, way: str, least: Callable[[str], float]) -> None:
    if least(colour) < LOBBY:
        raise TooFaint(name, ground, least(colour), LOBBY, toward(colour, way, lambda each: least(each) >= LOBBY))


def stylesheet(colours: dict[str, str]) -> str:
    """The colours as a stylesheet that comes after all others."""
    own = {name: value for name, value in colours.items() if name not in ("lobby-soft", "cancelled")}
    ink, area, accent = colours["ink"], colours["turquoise"], colours["yellow"]
    night = {
        "rule": mixed(ink, WHITE, 0.2),
        "cancelled": colours["cancelled"],
        "hills": f"{ink}8c",
        "sky-veil": f"linear-gradient({ink}b3, {ink}8f 64%, {ink}4d)",
        "row-behind": mixed(ink, area, 0.06),
        "window": mixed(ink, area, 0.22),
    }
    day = {
        "text-soft": colours["lobby-soft"],
        "sky": f"linear-gradient(98deg, {mixed(accent, WHITE, 0.5)}, {mixed(area, WHITE, 0.6)})",
        "row-behind": mixed(colours["soft"], WHITE, 0.3),
        "window": mixed(area, WHITE, 0.75),
        "lit": accent,
    }
    rules = (
        (":root", {f"io-{name}": value for name, value in own.items()}),
        ('[data-theme="dark"]', night),
        ('[data-theme="light"]', day),
    )
    lines = [f"{where} {{{'; '.join(f'--{name}: {value}' for name, value in what.items())}}}" for where, what in rules]
    return "\n".join([*lines, ""])
