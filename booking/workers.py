"""The threads that send letters, keep the deadlines and forget: watched, as nobody else would miss them.

Each of them survives what it meets in its work. If one ends all the same, so
does the process, that whoever supervises it may start it anew.
"""

import logging
import os
import signal
from collections.abc import Callable
from threading import Event, Thread

from flask import Flask

logger = logging.getLogger(__name__)

Work = Callable[[Flask, Event], None]

_EXTENSION = "workers"


class Worker(Thread):
    """A thread that ends the process where its work ends before it should."""

    def __init__(self, name: str, work: Work, app: Flask, stop: Event) -> None:
        super().__init__(name=name, daemon=True)
        self.work: Callable[[], None] = lambda: work(app, stop)
        self.stop = stop
        self.has_ended_early = False

    def run(self) -> None:
        try:
            self.work()
        except BaseException as error:  # its words may hold what people wrote
            logger.critical("%s: %s", self.name, type(error).__name__)
        if not self.stop.is_set():
            self.has_ended_early = True
            logger.critical("%s has ended by itself, and so does the service", self.name)
            os.kill(os.getpid(), signal.SIGTERM)


def start_all(app: Flask, stop: Event, works: dict[str, Work]) -> list[Worker]:
    """Start a thread for each work, by its name; they run until ``stop`` is set."""
    workers = [Worker(name, work, app, stop) for name, work in works.items()]
    app.extensions[_EXTENSION] = workers
    for worker in workers:
        worker.start()
    return workers


def join(app: Flask) -> None:
    """Wait some seconds for what is in hand, once they are to stop."""
    for worker in app.extensions.get(_EXTENSION, ()):
        worker.join(timeout=5)


def ended_early(app: Flask) -> list[str]:
    """The names of those in this process that have ended by themselves."""
    return [worker.name for worker in app.extensions.get(_EXTENSION, ()) if worker.has_ended_early]
