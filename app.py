"""WSGI entry (``app:app``), and the bundled server: ``python app.py``, with ``--example`` for the example house.

The bundled server is one process: it brings the database up to date, serves
the pages, sends the letters, keeps the deadlines and forgets what is due.
"""

import gc
import importlib
import multiprocessing
import signal
import sys
from argparse import ArgumentParser
from multiprocessing.connection import Connection
from threading import Event

import waitress
from flask import Flask
from waitress.server import MultiSocketServer, TcpWSGIServer

from booking import WrongSetting, create_app, deadlines, retention, workers
from booking.languages import spoken_languages
from booking.letters import dispatch
from booking.outside import following

#: By this code of a worker gunicorn knows that it cannot start, and ends too instead of trying for ever.
CANNOT_SERVE = 3


def main() -> None:
    """Set up what is missing, say where everything is, and serve until stopped."""
    options = ArgumentParser(description="The room-booking service, with its own server.")
    options.add_argument("--example", action="store_true", help="load the example house where there is none yet")
    with_example = options.parse_args().example
    sign_in = _set_up(with_example)
    app = create_app(serving=True)
    keep_loaded()
    server, public = _listening(app), app.config["PUBLIC_URL"]
    spoken = [each for each in spoken_languages(app.config["LANGUAGES"]) if each.prefix]
    in_others = "".join(f"\n  In {each.name:<9} {public}{each.prefix}/" for each in spoken)
    stop = Event()
    works = {
        "letters": dispatch.run_worker,
        "deadlines": deadlines.run_every_minute,
        "calendars": following.run_every_quarter,
        "retention": retention.run_daily,
    }
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    try:
        workers.start_all(app, stop, works)
        print(
            f"\n  Rooms        {public}/{in_others}"
            f"\n  Lobby        {public}/lobby"
            f"\n  Team         {public}/team"
            f"\n               {sign_in}"
            f"\n\n  Stop with Ctrl-C.\n",
            flush=True,
        )
        server.run()
    except (KeyboardInterrupt, SystemExit):
        pass
    finally:
        stop.set()
        workers.join(app)
        server.close()
    if workers.ended_early(app):
        sys.exit(1)


def keep_loaded() -> None:
    """Let the garbage collector pass over what is loaded: to look through it stops requests for a tenth of a second."""
    gc.collect()
    gc.freeze()


def _set_up(with_example: bool) -> str:
    """Bring the database up to date; how to sign in, as the start prints it.

    In a process of its own, whose memory ends with it: this takes more than serving does.
    """
    process = multiprocessing.get_context("fork")
    answer, sentence = process.Pipe(duplex=False)
    work = process.Process(target=_prepare, args=(with_example, sentence))
    work.start()
    work.join()
    if work.exitcode:
        sys.exit(work.exitcode)
    return str(answer.recv())


def _prepare(with_example: bool, sentence: Connection) -> None:
    app = create_app(serving=False)
    with app.app_context():
        sentence.send(importlib.import_module("booking.cli.setting_up").prepare(with_example))


def _listening(app: Flask) -> TcpWSGIServer | MultiSocketServer:
    """The bundled server, at the port of the settings."""
    host, port = app.config["HOST"], app.config["PORT"]
    try:
        return waitress.create_server(
            app,
            host=host,
            port=port,
            threads=8,
            ident=None,
            # Who sends half a request and waits occupies a connection and no thread: there are many, not for long.
            connection_limit=800,  # of the 1024 files that a process may have open on most machines
            asyncore_use_poll=True,
            channel_timeout=30,  # seconds without a byte
            cleanup_interval=5,
            inbuf_overflow=64 * 1024,  # what is longer waits on disk
            max_request_header_size=64 * 1024,
            clear_untrusted_proxy_headers=False,  # the app itself believes them or not, see BOOKING_PROXIES
            max_request_body_size=app.config["MAX_UPLOAD"] + 1024 * 1024,  # up to there the app itself says no, kindly
        )
    except OSError as fault:
        raise WrongSetting(
            f"Port {port} of {host} cannot be used ({fault.strerror}). Choose another: PORT=5050 make run"
        ) from None


if __name__ == "__main__":
    main()
else:
    try:
        app = create_app()
    except SystemExit as fault:
        print(fault, file=sys.stderr, flush=True)
        sys.exit(CANNOT_SERVE)
    keep_loaded()
