"""What a log says of a fault: where it happened and of what kind it is, never its own words.

They may be somebody's: PostgreSQL quotes whole rows in DETAIL and texts in
CONTEXT, and ``int`` what it cannot read. As each record is made here, this
holds for libraries too.
"""

import logging
import traceback
from collections.abc import Iterator
from typing import Any


class Record(logging.LogRecord):
    """One entry of a log, with a fault told by ``kinds``."""

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        if self.exc_info and self.exc_info[1]:
            self.exc_text = kinds(self.exc_info[1])  # what formatters take in place of their own


def kinds(fault: BaseException) -> str:
    """The trace of a fault and of what it came from, the first one first."""
    told = [
        "".join([*traceback.format_tb(each.__traceback__), f"{type(each).__module__}.{type(each).__qualname__}"])
        for each in _chain(fault)
    ]
    return "\nand from that:\n".join(reversed(told))


def _chain(fault: BaseException | None) -> Iterator[BaseException]:
    seen: set[int] = set()
    while fault is not None and id(fault) not in seen:
        seen.add(id(fault))
        yield fault
        fault = fault.__cause__ or (None if fault.__suppress_context__ else fault.__context__)


def keep_words_out_of_logs() -> None:
    logging.setLogRecordFactory(Record)
