"""Run the drills one after the other, each as a process of its own, and say which failed.

``python -m drills load seconds=60`` runs one of them with a setting of its own.
"""

import subprocess
import sys
from pathlib import Path

FOLDER = Path(__file__).parent
#: Modules that a drill is made of, and no drills themselves.
PARTS = {"__init__", "__main__", "clients", "service"}


def main(arguments: list[str]) -> int:
    """Run the drills named, or all. A drill fails by its exit code; what it measured it has printed."""
    settings = [each for each in arguments if "=" in each]
    wanted = [each for each in arguments if each not in settings]
    known = sorted(path.stem for path in FOLDER.glob("*.py") if path.stem not in PARTS)
    unknown = [name for name in wanted if name not in known]
    if unknown:
        print(f"There is no drill named {', '.join(unknown)}; there are {', '.join(known)}.")
        return 2
    failed = []
    for name in wanted or known:
        print(f"== {name}", flush=True)
        if subprocess.call([sys.executable, "-u", "-m", f"drills.{name}", *settings]):
            failed.append(name)
    print(f"failed: {', '.join(failed)}" if failed else "All drills held.")
    return int(bool(failed))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
