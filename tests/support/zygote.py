"""A process that has loaded the service and forks a new one on demand: a start takes a tenth of the time.

What runs in the fork is ``app.py``, as ``python app.py`` runs it, or gunicorn. Each line of
standard input is an order in JSON, each line of standard output its answer.
When the orders end, so do all services.
"""

import gc
import json
import os
import runpy
import signal
import sys
import tempfile
import time
import traceback
from typing import Any

# Loaded for the forks to have.
import alembic.migration
import alembic.script
import flask_migrate
import waitress
from flask import Flask
from gunicorn.app import wsgiapp as gunicorn_app
from jinja2 import FileSystemBytecodeCache

import booking
import booking.cli

PRELOADED = (alembic.migration, alembic.script, booking.cli, flask_migrate, waitress)
STOP_SECONDS = 60


def start(log: str, environment: dict[str, str], gunicorn: list[str] | None = None) -> int:
    """Start a service, with these arguments of ``gunicorn`` or else with the bundled server; its process id."""
    pid = os.fork()
    if pid:
        return pid
    output = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    for number, file in ((0, os.open(os.devnull, os.O_RDONLY)), (1, output), (2, output)):
        os.dup2(file, number)
    os.environ.clear()
    os.environ.update(environment)
    sys.argv = ["app.py"] if gunicorn is None else ["gunicorn", *gunicorn]
    try:
        if gunicorn is None:
            runpy.run_path("app.py", run_name="__main__")
        else:
            gunicorn_app.run()
    except SystemExit as end:
        if end.code:
            print(end.code, file=sys.stderr)
    except BaseException:  # whatever it is, it stays in this process
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(0)  # without taking the interpreter apart, which takes longer than the service to end


def has_ended(pid: int) -> bool:
    return os.waitid(os.P_PID, pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None


def stop(pid: int) -> bool:
    """End a service as an operator does; whether it ended by itself in time."""
    os.kill(pid, signal.SIGTERM)
    deadline = time.monotonic() + STOP_SECONDS
    while time.monotonic() < deadline:
        if os.waitpid(pid, os.WNOHANG) != (0, 0):
            return True
        time.sleep(0.01)
    os.kill(pid, signal.SIGKILL)
    os.waitpid(pid, 0)
    return False


def main() -> None:
    gc.freeze()  # what is loaded is shared by all forks, and looked through by none
    with tempfile.TemporaryDirectory() as compiled:  # templates, by the first service that shows them
        Flask.jinja_options = {"bytecode_cache": FileSystemBytecodeCache(compiled)}
        serve()


def serve() -> None:
    running: set[int] = set()
    for line in sys.stdin:
        order: dict[str, Any] = json.loads(line)
        if "start" in order:
            answer: Any = start(**order["start"])
            running.add(answer)
        elif "stop" in order:
            answer = stop(order["stop"])
            running.remove(order["stop"])
        else:
            answer = has_ended(order["has_ended"])
        print(json.dumps(answer), flush=True)
    for pid in running:
        stop(pid)


if __name__ == "__main__":
    main()
