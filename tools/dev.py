"""The project's commands, set up on a fresh machine: ``python3 tools/dev.py help``."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor

import machine
from machine import DEV_LOCKS, OLDEST_PYTHON, PYTHON, ROOT, Problem, say, set_up, test_environment

LAWS = ("tests/test_laws.py", "tests/web/test_statements.py")
CHECKS = {
    "format": ("ruff", "format", "--check", "--quiet", "."),
    "lint": ("ruff", "check", "--quiet", "."),
    "types": ("mypy",),
    "imports": ("lint-imports",),
    "messages": ("python", "-m", "tools.messages", "check"),
    "laws": ("pytest", "-qvv", "-m", "", "-p", "no:cacheprovider", *LAWS),
    "templates": ("djlint", "--lint", "--quiet", "templates"),
}


def setup(arguments: list[str]) -> int:
    """Set up what a real house needs, and nothing of the example: packages, style, languages."""
    set_up()
    say(f"Everything is there. Commands: {PYTHON.parent / 'flask'} --app app … (docs/operations.md); then make serve.")
    return 0


def run(arguments: list[str]) -> int:
    """Set up and serve the example house on http://127.0.0.1:5000; PORT=8000 changes the port. Ctrl-C ends it."""
    return _serve(["--example", *arguments])


def serve(arguments: list[str]) -> int:
    """Set up and serve your own house, as BOOKING_* and DATABASE_URL say; never an example. Ctrl-C ends it."""
    return _serve(arguments)


def _serve(arguments: list[str]) -> int:
    set_up()
    environment = dict(os.environ)
    if "PORT" in environment:
        environment.setdefault("BOOKING_PORT", environment["PORT"])
    # By default each thread that asks for memory gets an area of its own, of which it gives nothing back to the others.
    environment.setdefault("MALLOC_ARENA_MAX", "1")
    os.execve(PYTHON, [str(PYTHON), "app.py", *arguments], environment)  # noqa: S606 - the point of it


def test(arguments: list[str]) -> int:
    """Set up and run all tests; ARGS="-k lobby" goes to pytest as it is."""
    set_up(DEV_LOCKS)
    pytest = [str(PYTHON), "-m", "pytest"]
    # One more than there are cores: while one waits for a browser or a clock, the others go on.
    processes = min((os.cpu_count() or 1) + 1, 8)
    return subprocess.call([*pytest, *(arguments or [f"-n{processes}", "--dist=worksteal"])], env=test_environment())


def check(arguments: list[str]) -> int:
    """Format, lint, types, imports, messages, laws of names and sizes, templates: all, or those named in ARGS."""
    unknown = set(arguments) - set(CHECKS)
    if unknown:
        raise Problem(f"There is no check named {', '.join(sorted(unknown))}; there are {', '.join(CHECKS)}.")
    set_up(DEV_LOCKS)
    names = arguments or list(CHECKS)
    with ThreadPoolExecutor(max_workers=2) as pool:
        answers = list(pool.map(lambda name: machine.tool(*CHECKS[name]), names))
    for name, answer in zip(names, answers, strict=True):
        failed = answer.returncode != 0
        say(f"{name}: {'FAILED' if failed else 'ok'}")
        if failed:
            print(answer.stdout, flush=True)
    return int(any(answer.returncode for answer in answers))


def bench(arguments: list[str]) -> int:
    """Set up and run the benchmarks."""
    set_up(DEV_LOCKS)
    return subprocess.call([str(PYTHON), "-m", "bench", *arguments], env=test_environment())


def drill(arguments: list[str]) -> int:
    """Set up and run what takes minutes to prove: kills, load, a bad mail day; ARGS=kill for one of them."""
    set_up(DEV_LOCKS)
    return subprocess.call([str(PYTHON), "-m", "drills", *arguments], env=test_environment())


def messages(arguments: list[str]) -> int:
    """Bring the catalogues up to date with the code, and say what is not translated yet."""
    set_up(DEV_LOCKS)
    return subprocess.call([str(PYTHON), "-m", "tools.messages", *(arguments or ["update"])])


def migration(arguments: list[str]) -> int:
    """Write the next migration from the models; ARGS="Rooms have a lift" says what it does."""
    set_up(DEV_LOCKS)
    return subprocess.call([str(PYTHON), "tools/migration.py", *arguments])


def lock(arguments: list[str]) -> int:
    """Write the locks anew from requirements*.in, tools/node.in and package.json; ARGS=--upgrade for newer ones."""
    set_up()
    with tempfile.TemporaryDirectory() as folder:
        uv = shutil.which("uv")
        if uv is None:
            machine.pip("install", "--target", folder, "uv")
            uv = f"{folder}/bin/uv"
        # Without any configuration, so that no lock names a package index of this machine.
        environment = {name: value for name, value in os.environ.items() if not name.startswith(("UV_", "PIP_"))}
        environment.update(UV_SYSTEM_CERTS="true", UV_CUSTOM_COMPILE_COMMAND="make lock")
        for wanted in ("requirements.in", "requirements-dev.in", "tools/node.in"):
            command = [uv, "pip", "compile", "--quiet", "--no-config", "--universal", "--python-version", "3.11"]
            command += ["--generate-hashes", wanted, "-o", wanted.replace(".in", ".txt"), *arguments]
            machine.do(command, f"uv could not write the lock of {wanted}.", env=environment)
    npm = ["install", "--package-lock-only", "--ignore-scripts", "--omit-lockfile-registry-resolved"]
    machine.npm(npm, "npm could not write package-lock.json.")
    return 0


def help_(arguments: list[str]) -> int:
    """Show this."""
    print("make COMMAND, or without make: python3 tools/dev.py COMMAND [ARGUMENTS]\n")
    for name, command in COMMANDS.items():
        print(f"  {name:<9} {command.__doc__}")
    return 0


COMMANDS = {
    "run": run,
    "setup": setup,
    "serve": serve,
    "test": test,
    "check": check,
    "bench": bench,
    "drill": drill,
    "lock": lock,
    "messages": messages,
    "migration": migration,
    "help": help_,
}


def main(arguments: list[str]) -> int:
    if sys.version_info < OLDEST_PYTHON:
        raise Problem(
            f"Python {'.'.join(map(str, OLDEST_PYTHON))} or newer is needed, this is {sys.version.split()[0]}."
            " Where a newer one is installed: make PYTHON=python3.13, or python3.13 tools/dev.py."
        )
    name, *rest = arguments or ["help"]
    if name not in COMMANDS:
        raise Problem(f"There is no command {name}; 'help' lists them all.")
    os.chdir(ROOT)
    # What is compiled once serves all that a command starts; each of the tests' processes would spend seconds on it.
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    return COMMANDS[name](rest)


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except Problem as problem:
        sys.exit(f"dev: {problem}")
    except KeyboardInterrupt:
        sys.exit(130)
