"""Races for rooms, over and over, on both databases: of twenty exactly one wins, a series is whole, nothing overlaps.

The tests run 4 rounds of each; ``python -m drills races rounds=50`` runs 50.
"""

import os
import subprocess
import sys

from drills.service import settings

RACES = (
    "test_bookings_in_eight_rooms_never_overlap",
    "test_of_twenty_approvals_at_once_exactly_one_wins",
    "test_of_approvals_and_proposals_for_one_time_exactly_one_wins",
    "test_series_are_booked_as_a_whole_or_not_at_all",
    "test_of_twenty_approvals_over_http_one_wins_and_none_is_an_error",
)


def main(arguments: list[str]) -> int:
    rounds = settings(arguments, rounds=200)["rounds"]
    tests = [f"tests/test_races.py::{race}" for race in RACES]
    return subprocess.call(
        [sys.executable, "-m", "pytest", "-v", *tests], env=os.environ | {"TEST_ROUNDS": str(rounds)}
    )


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
