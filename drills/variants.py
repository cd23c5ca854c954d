"""Run what ``make test`` leaves out: the same walks in the other language, at another width or without scripts, and
the same proofs on the other database. In the tests it is marked ``variant``."""

import subprocess
import sys


def main() -> int:
    return subprocess.call([sys.executable, "-m", "pytest", "-m", "variant", "-n", "4", "--dist", "worksteal"])


if __name__ == "__main__":
    sys.exit(main())
