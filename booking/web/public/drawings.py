"""Where the dots go: a dot is a seat in a room."""

from math import ceil, isqrt
from typing import NamedTuple

_SEAT = 9  # units from dot to dot
_MOST_ROWS = 5


class SeatPlan(NamedTuple):
    """A room seen from above, in units of one scale for all rooms."""

    width: int
    height: int
    dots: str  # a line through the dots of each row, as the path of a drawing
    splits: list[float]  # where a divisible room can be divided


def seat_plan(seats: int, parts: int = 1) -> SeatPlan:
    """One dot a seat: full rows of a shape that is wider than deep where that works out, else a last row with gaps."""
    deepest = max(1, isqrt(seats))
    rows = next((n for n in range(min(_MOST_ROWS, deepest), 1, -1) if seats % n == 0), min(_MOST_ROWS, deepest))
    if seats > 100:
        rows = isqrt(seats // 2)
    columns = max(1, ceil(seats / rows))
    in_row = [min(columns, seats - n) for n in range(0, seats, columns)]
    # A little longer than to the last dot, which would be lost to rounding.
    dots = "".join(f"M{_SEAT} {_SEAT * n}h{_SEAT * (number - 1)}.1" for n, number in enumerate(in_row, 1))
    width = _SEAT * (columns + 1)
    return SeatPlan(width, _SEAT * (rows + 1), dots, [width * n / parts for n in range(1, parts)])
