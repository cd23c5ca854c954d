"""``make bench``: how long answers take on both databases, and memory. ARGS="pages --quick" measures a part of it."""

import argparse
import sys

from bench import lookups, memory, pages, town

ENGINES = ("sqlite", "postgresql")


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("part", nargs="?", choices=("lookups", "pages", "memory"), help="only this; all without it")
    parser.add_argument("--engine", choices=ENGINES, action="append", help="only this database")
    parser.add_argument("--most-rows", type=int, default=max(lookups.SIZES), help="leave larger databases out")
    parser.add_argument("--quick", action="store_true", help="only the smallest database")
    chosen = parser.parse_args(arguments)
    most_rows = min(lookups.SIZES) if chosen.quick else chosen.most_rows
    engines = chosen.engine or ENGINES
    is_met = chosen.part not in (None, "lookups") or lookups.report(engines, most_rows)
    if chosen.part in (None, "pages"):
        pages.report(engines, [rows for rows in town.ROOMS if rows <= most_rows])
    if chosen.part in (None, "memory"):
        is_met &= memory.report()
    return 0 if is_met else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
