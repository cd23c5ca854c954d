"""Races of twenty for one time, over and over, on both databases: each time exactly one wins, and the others hear so.

The tests run 16 rounds of each; ``python -m drills races rounds=50`` runs 50.
"""

import os
import subprocess
import sys

from drills.service import settings

RACES = (
    "test_of_twenty_approvals_at_once_exactly_one_wins",
    "test_of_approvals_and_proposals_for_one_time_exactly_one_wins",
)


def main(arguments: list[str]) -> int:
    rounds = settings(arguments, rounds=200)["rounds"]
    tests = [f"tests/test_races.py::{race}" for race in RACES]
    return subprocess.call(
        [sys.executable, "-m", "pytest", "-v", *tests], env=os.environ | {"TEST_ROUNDS": str(rounds)}
    )


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
