"""Look at more examples for each test of a property than ``make test`` does, and at others each time.

``examples=1000``: how many a test looks at that takes no longer than most for one. ``seed=1``: the same ones each time,
as .ci/run has it, so that it judges a change by what it changes.
"""

import os
import subprocess
import sys

from drills.service import settings


def main(arguments: list[str]) -> int:
    examples, seed = settings(arguments, examples=200, seed=0).values()
    chosen = ["-m", "hypothesis and not variant", "--hypothesis-profile=drill", "-n", "4", "--dist", "worksteal"]
    chosen += [f"--hypothesis-seed={seed}"] if seed else []
    return subprocess.call([sys.executable, "-m", "pytest", *chosen], env=os.environ | {"TEST_EXAMPLES": str(examples)})


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
