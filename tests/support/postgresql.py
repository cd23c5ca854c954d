"""A PostgreSQL server of its own for the tests, which forgets everything when it ends."""

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from psycopg import sql

from tests.support.app import migrate, quick_folder
from tools.machine import NO_POSTGRESQL, find_postgresql

#: The connections are for races of some processes. It is as safe as a real one: without that it would not be served.
OPTIONS = {
    "listen_addresses": "",
    "max_connections": "250",
    "timezone": "America/Lima",  # nothing may depend on it
}


class Cluster:
    """A running server, reached through a socket in a folder of its own. PostgreSQL refuses to run as root.

    What it stores is gone with it, unless a folder is given to keep it in. A socket's path must be short.
    """

    def __init__(self, binaries: Path, kept: Path | None = None) -> None:
        self.binaries = binaries
        self.kept = kept
        self.folder = kept or Path(tempfile.mkdtemp(prefix="pg", dir=quick_folder()))
        self.folder.mkdir(exist_ok=True)
        self.owner: dict[str, Any] = {}
        if os.geteuid() == 0:
            account = _account()
            os.chown(self.folder, account.pw_uid, account.pw_gid)
            self.owner = {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": []}

    def start(self) -> None:
        if not (self.folder / "data").exists():
            self._run("initdb", "--username=postgres", "--auth=trust", "--encoding=UTF8", "--locale=C", "--no-sync")
        options = " ".join(f"-c {name}='{value}'" for name, value in OPTIONS.items())
        socket = f"-c unix_socket_directories='{self.folder}'"
        self._run("pg_ctl", "restart", "--wait", "--log", str(self.folder / "log"), "--options", f"{options} {socket}")

    def stop(self) -> None:
        self._run("pg_ctl", "stop", f"--mode={'fast' if self.kept else 'immediate'}")
        if not self.kept:
            shutil.rmtree(self.folder)

    def url(self, database: str) -> str:
        return f"postgresql://postgres@/{database}?host={self.folder}"

    def _run(self, program: str, *arguments: str) -> None:
        command = [str(self.binaries / program), "-D", str(self.folder / "data"), *arguments]
        done = subprocess.run(
            command, check=False, capture_output=True, text=True, cwd="/", env={"PATH": os.defpath}, **self.owner
        )
        assert done.returncode == 0, f"{program}: {done.stdout}{done.stderr}"


def _account() -> pwd.struct_passwd:
    try:
        return pwd.getpwnam("postgres")
    except KeyError:
        return pwd.getpwnam("nobody")


@pytest.fixture(scope="session")
def postgresql_server() -> Iterator[str]:
    """The URL of a server's `postgres` database: TEST_DATABASE_URL, or a server started for this run."""
    if "TEST_DATABASE_URL" in os.environ:
        yield os.environ["TEST_DATABASE_URL"]
        return
    binaries = find_postgresql()
    if binaries is None:
        pytest.fail(NO_POSTGRESQL, pytrace=False)
    cluster = Cluster(binaries)
    cluster.start()
    yield cluster.url("postgres")
    cluster.stop()


def neighbour(server: str, database: str) -> str:
    head, _, query = server.partition("?")
    return f"{head.rsplit('/', 1)[0]}/{database}" + (f"?{query}" if query else "")


def _execute(server: str, statement: str, *names: str) -> None:
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(sql.SQL(statement).format(*map(sql.Identifier, names)))


@pytest.fixture(scope="session")
def _migrated_postgresql(postgresql_server: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    name = f"booking_test_{os.getpid()}"
    _execute(postgresql_server, "CREATE DATABASE {}", name)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("BOOKING_INSTANCE", str(tmp_path_factory.mktemp("template-pg")))
        migrate(neighbour(postgresql_server, name))
    yield name
    _execute(postgresql_server, "DROP DATABASE {} WITH (FORCE)", name)


@pytest.fixture
def postgresql_url(postgresql_server: str, _migrated_postgresql: str) -> Iterator[str]:
    """A migrated, empty PostgreSQL database, at the same address for all tests of a process."""
    name = f"{_migrated_postgresql}_now"
    _execute(postgresql_server, "DROP DATABASE IF EXISTS {} WITH (FORCE)", name)
    _execute(postgresql_server, "CREATE DATABASE {} TEMPLATE {}", name, _migrated_postgresql)
    yield neighbour(postgresql_server, name)
    _execute(postgresql_server, "DROP DATABASE {} WITH (FORCE)", name)
