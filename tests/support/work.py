"""How much work something is, whatever else the machine does meanwhile."""

from collections.abc import Callable
from time import process_time
from typing import Any


def seconds(act: Callable[[], Any], times: int = 5) -> float:
    """Seconds of the processor in the quickest of some runs: a garbage collection falls into one of them at most."""
    took = []
    for _ in range(times):
        began = process_time()
        act()
        took.append(process_time() - began)
    return min(took)
