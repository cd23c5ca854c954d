"""An update from an older version with its data, and the way back, on both databases, as docs/updating.md says.

``python -m drills.update back=60`` takes the version of so many commits ago, with the libraries that are installed:
it fills the example house and makes a backup; today's version brings the database up to date, and every row that was
there is compared; then the old version restores its backup, and every date and booking is compared again.
"""

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
import sqlalchemy as sa

from drills.service import ROOT, settings
from tests.support.postgresql import Cluster
from tools.machine import NO_POSTGRESQL, find_postgresql

#: What an update may change, as it is there for that, and what a restore may: links, sessions and the record go on.
UPDATED = {"alembic_version"}
RESTORED = UPDATED | {"house", "letter", "link", "staff_member", "log_entry"}

Rows = dict[str, list[dict[str, Any]]]


class Version:
    """The service as it was at a commit, or as it is, on a database."""

    def __init__(self, folder: Path, instance: Path, url: str) -> None:
        self.folder = folder
        self.url = url
        self._environment = {
            "PATH": os.environ.get("PATH", os.defpath),
            "HOME": str(instance),
            "DATABASE_URL": url,
            "BOOKING_INSTANCE": str(instance),
            "BOOKING_SECRET_KEY": "only for drills, where nobody minds",
        }

    def flask(self, *words: str) -> str:
        command = [sys.executable, "-m", "flask", "--app", "app", *words]
        done = subprocess.run(
            command, cwd=self.folder, env=self._environment, capture_output=True, text=True, check=False
        )
        if done.returncode:
            raise SystemExit(f"flask {' '.join(words)} in {self.folder}:\n{done.stdout[-2000:]}{done.stderr[-2000:]}")
        return done.stdout

    def rows(self) -> Rows:
        """All there is."""
        engine = sa.create_engine(self.url.replace("postgresql://", "postgresql+psycopg://"))
        tables = sa.MetaData()
        tables.reflect(engine)
        with engine.connect() as connection:
            found = {
                name: [dict(row) for row in connection.execute(table.select().order_by(*table.primary_key)).mappings()]
                for name, table in tables.tables.items()
            }
        engine.dispose()
        return found


@contextmanager
def older(commits: int) -> Iterator[Path]:
    """The files of the version of so many commits ago."""
    with tempfile.TemporaryDirectory(prefix="older") as folder:
        subprocess.run(
            ["git", "worktree", "add", "--detach", "--quiet", f"{folder}/was", f"HEAD~{commits}"], check=True
        )
        try:
            subprocess.run([sys.executable, "tools/messages.py", "compile"], cwd=f"{folder}/was", check=True)
            shutil.copytree(ROOT / "static" / "vendor", f"{folder}/was/static/vendor")
            yield Path(folder, "was")
        finally:
            subprocess.run(["git", "worktree", "remove", "--force", f"{folder}/was"], cwd=ROOT, check=True)


def differences(before: Rows, after: Rows, apart_from: set[str]) -> list[str]:
    """Rows that are gone or have other values; new tables, columns and rows do not count."""
    found = []
    for name in before.keys() - apart_from:
        there = after.get(name, [])
        for row in before[name]:
            if not any(all(each.get(key, value) == value for key, value in row.items()) for each in there):
                found.append(f"{name}: {str(row)[:200]}")
    return found


def update(was: Version, now: Version, folder: Path) -> list[str]:
    """There and back; what differs."""
    before = was.rows()
    backup = folder / f"before{'.sqlite' if was.url.startswith('sqlite') else '.dump'}"
    was.flask("backup", str(backup))
    now.flask("db", "upgrade")
    updated = now.rows()
    faults = [f"after the update: {each}" for each in differences(before, updated, UPDATED)]
    now.flask("doctor")
    steps = f"{before['alembic_version'][0]['version_num']} to {updated['alembic_version'][0]['version_num']}"
    was.flask("restore", str(backup))
    restored = was.rows()
    faults += [f"after the way back: {each}" for each in differences(before, restored, RESTORED)]
    was.flask("doctor")
    dates, rows = len(restored["occurrence"]), sum(map(len, before.values()))
    print(f"  {was.url.partition(':')[0]}: {steps}, {rows} rows, {dates} dates there and back", flush=True)
    return faults


def main(arguments: list[str]) -> int:
    back, binaries = settings(arguments, back=60)["back"], find_postgresql()
    if binaries is None:
        raise SystemExit(NO_POSTGRESQL)
    with older(back) as files, tempfile.TemporaryDirectory(prefix="update") as name:
        folder = Path(name)
        instance, sqlite = folder / "instance", f"sqlite:///{folder / 'booking.sqlite'}"
        was = Version(files, instance, sqlite)
        was.flask("demo", "load")
        cluster = Cluster(binaries)
        cluster.start()
        try:
            with psycopg.connect(cluster.url("postgres"), autocommit=True) as connection:
                connection.execute("CREATE DATABASE booking")
            was.flask("copy-to", cluster.url("booking"))
            faults = update(was, Version(ROOT, instance, sqlite), folder)
            on_server = [Version(each, instance, cluster.url("booking")) for each in (files, ROOT)]
            faults += update(*on_server, folder)
        finally:
            cluster.stop()
    print(*faults[:20], sep="\n", end="\n" if faults else "")
    return int(bool(faults))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
