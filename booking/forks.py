"""Connections to the database stay with the process that opened them.

A server that loads the application first and forks then (``gunicorn
--preload``) would hand its connections on, and two processes would read each
other's answers. So nothing is open while a process forks, and a child begins
with no connections, whatever server, library or test it is that forks.
"""

import os
from weakref import WeakSet

import sqlalchemy as sa

_engines: WeakSet[sa.Engine] = WeakSet()


def keep_apart(engine: sa.Engine) -> None:
    """Let no process have this engine's connections from its parent. A database in memory lives in them, and stays."""
    if engine.url.get_backend_name() != "sqlite" or engine.url.database not in (None, "", ":memory:"):
        _engines.add(engine)


def _before() -> None:
    # SQLite believes in the child that locks of the parent are its own: the file itself must be closed.
    for engine in _engines:
        engine.dispose()


def _in_child() -> None:
    for engine in _engines:
        engine.dispose(close=False)  # in use by another thread of the parent, who still needs them


os.register_at_fork(before=_before, after_in_child=_in_child)
