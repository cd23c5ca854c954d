"""Waiting for one's turn to write, with an end.

SQLite has one writer at a time, and its own waiting is by chance and can take
seconds. So the writers of one process queue, and those of several processes
take turns through two lock files. On PostgreSQL rows are waited for, with the
time-outs set in ``postgresql.py``. Whoever has not come in after ``PATIENCE`` is
told so and can try again; nobody is kept without end because another is stuck.
"""

import fcntl
import os
import threading
import time
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path

import sqlalchemy as sa
from flask import has_request_context

#: Seconds that a writer waits for its turn.
PATIENCE = 5.0

#: Requests of one process that may write or wait to write at a time. A server has 8 threads: two are left to read.
PLACES = 6
#: Seconds without any of them getting done after which further ones are not kept waiting.
STUCK_AFTER = 1.0

POLL_EVERY = 0.002

#: By when a writer must have come in (``time.monotonic()``); ``None`` where nothing may write.
until: ContextVar[float | None] = ContextVar("until", default=None)


class NotStored(sa.exc.SQLAlchemyError):
    """Nothing can be stored at present, and nothing was; the text says why, to operators."""


def left() -> float:
    """The seconds that are left of the writer's patience."""
    by = until.get()
    return 0.0 if by is None else max(0.0, by - time.monotonic())


class _Places:
    """Keeps some threads of the server for those who only read: who waits to write needs a place, and these are few."""

    def __init__(self) -> None:
        self._change = threading.Condition()
        self._taken = 0
        self._got_done = 0.0  # when a writer gave its place back, or took the first one

    @contextmanager
    def one(self) -> Iterator[None]:
        if not has_request_context():  # a worker has a thread of its own
            yield
            return
        by = time.monotonic() + PATIENCE
        with self._change:
            while self._taken >= PLACES:
                rest = min(by, self._got_done + STUCK_AFTER) - time.monotonic()
                if rest <= 0:
                    raise NotStored("too many writers are waiting already")
                self._change.wait(rest)
            self._taken += 1
            if self._taken == 1:
                self._got_done = time.monotonic()
        try:
            yield
        finally:
            with self._change:
                self._taken -= 1
                self._got_done = time.monotonic()
                self._change.notify()


class _Line:
    """Lets the writers of one process in one by one, in the order in which they came."""

    def __init__(self) -> None:
        self._change = threading.Condition()
        self._writers: deque[object] = deque()

    @contextmanager
    def first(self) -> Iterator[None]:
        me = object()
        with self._change:
            self._writers.append(me)
            if not self._change.wait_for(lambda: self._writers[0] is me, left()):
                self._writers.remove(me)
                raise NotStored("another writer of this process has not ended")
        try:
            yield
        finally:
            with self._change:
                self._writers.popleft()
                self._change.notify_all()


_places = _Places()
_line = _Line()


@contextmanager
def turn(lock_file: Path | None) -> Iterator[None]:
    """Let this context write once it is its turn. Raises ``NotStored`` where that does not come."""
    with _places.one():
        token = until.set(time.monotonic() + PATIENCE)
        try:
            if lock_file is None:
                yield
            else:
                with _alone(lock_file):
                    yield
        finally:
            until.reset(token)


@contextmanager
def _alone(lock_file: Path) -> Iterator[None]:
    with _line.first():
        # Who waits for the lock holds another one meanwhile. So a process that has just written cannot come first
        # again and again: it has to wait for that one with the others.
        waiting = _locked(lock_file.with_name(f"{lock_file.name}.next"))
        try:
            handle = _locked(lock_file)
        finally:
            os.close(waiting)
        try:
            yield
        finally:
            os.close(handle)


def _locked(path: Path) -> int:
    """Lock a file; to close it gives the lock back."""
    try:
        handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as error:
        raise NotStored(f"the lock file cannot be opened: {error.strerror}") from None
    while not _is_ours(handle):
        if not left():
            os.close(handle)
            raise NotStored("another process holds the lock file")
        time.sleep(POLL_EVERY)
    return handle


def _is_ours(handle: int) -> bool:
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
