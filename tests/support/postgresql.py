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
    with pytest.MonkeyPatch.context() as patch:  # pg_dump and pg_restore of a server from a package are nowhere else
        patch.setenv("PATH", str(binaries), prepend=os.pathsep)
        yield cluster.url("postgres")
    cluster.stop()


def neighbour(server: str, database: str) -> str:
    head, _, query = server.partition("?")
    return f"{head.rsplit('/', 1)[0]}/{database}" + (f"?{query}" if query else "")


class Databases:
    """Makes and drops databases of a server, over one connection: to make another takes longer than either."""

    def __init__(self, server: str) -> None:
        self._server = server
        self._connection = psycopg.connect(server, autocommit=True)

    def __enter__(self) -> "Databases":
        return self

    def __exit__(self, *_: object) -> None:
        self._connection.close()

    def make(self, name: str, template: str = "template1") -> str:
        """The URL of a new database, which replaces one of this name."""
        self.drop(name)
        self._execute("CREATE DATABASE {} TEMPLATE {}", name, template)
        return neighbour(self._server, name)

    def drop(self, name: str) -> None:
        self._execute("DROP DATABASE IF EXISTS {} WITH (FORCE)", name)

    def _execute(self, statement: str, *names: str) -> None:
        self._connection.execute(sql.SQL(statement).format(*map(sql.Identifier, names)))


@pytest.fixture(scope="session")
def _databases(postgresql_server: str) -> Iterator[Databases]:
    with Databases(postgresql_server) as databases:
        yield databases


@pytest.fixture(scope="session")
def _migrated_postgresql(_databases: Databases, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    name = f"booking_test_{os.getpid()}"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("BOOKING_INSTANCE", str(tmp_path_factory.mktemp("template-pg")))
        migrate(_databases.make(name))
    yield name
    _databases.drop(name)


@pytest.fixture
def postgresql_url(_databases: Databases, _migrated_postgresql: str) -> Iterator[str]:
    """A migrated, empty PostgreSQL database, at the same address for all tests of a process."""
    name = f"{_migrated_postgresql}_now"
    yield _databases.make(name, _migrated_postgresql)
    _databases.drop(name)
