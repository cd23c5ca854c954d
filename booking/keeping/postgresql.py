"""PostgreSQL's own programs: found where they are, and run without a password that others could read."""

import os
import re
import secrets
import shutil
import subprocess
from pathlib import Path

import sqlalchemy as sa

from booking.keeping.files import NotKept

#: Where Debian keeps one folder for each version.
FOLDERS = Path("/usr/lib/postgresql")

#: Takes away all that the service has put into its schema. Tables take their triggers and sequences along.
_EMPTY = """
DO $$
DECLARE found record;
BEGIN
  FOR found IN SELECT tablename AS name FROM pg_tables WHERE schemaname = current_schema() LOOP
    EXECUTE format('DROP TABLE IF EXISTS %I CASCADE', found.name);
  END LOOP;
  FOR found IN SELECT oid::regprocedure AS name FROM pg_proc WHERE pronamespace = current_schema()::regnamespace LOOP
    EXECUTE format('DROP ROUTINE %s CASCADE', found.name);
  END LOOP;
END
$$;
"""


def dump(url: sa.URL, version: int, snapshot: str, file: Path) -> None:
    """Write what a snapshot holds, but for unfinished requests, into ``file``, and look that it can be read again."""
    options = ["--format=custom", "--no-owner", "--no-privileges", f"--snapshot={snapshot}"]
    _run(url, "pg_dump", version, *options, "--exclude-table-data=draft", f"--file={file}", f"--dbname={_address(url)}")
    _run(url, "pg_restore", version, "--list", str(file))


def read_in(url: sa.URL, version: int, file: Path, folder: Path) -> None:
    """Put a dump in the place of all that the database holds, in one transaction. Works in a folder of ours."""
    script, empty = (folder / f".restoring-{secrets.token_hex(4)}.sql" for _ in range(2))
    try:
        for path in (script, empty):
            path.touch(mode=0o600)
        empty.write_text(_EMPTY)
        _run(url, "pg_restore", version, "--no-owner", "--no-privileges", f"--file={script}", str(file))
        options = ["--no-psqlrc", "--quiet", "--single-transaction", "--set=ON_ERROR_STOP=1"]
        _run(url, "psql", version, *options, f"--file={empty}", f"--file={script}", f"--dbname={_address(url)}")
    finally:
        for path in (script, empty):
            path.unlink(missing_ok=True)


def grants(connection: sa.Connection) -> list[tuple[str, str, str]]:
    """What other roles may do with which table: table, role, privilege. A dump that is loaded knows nothing of it."""
    found = connection.exec_driver_sql(
        "SELECT table_name, grantee, privilege_type FROM information_schema.table_privileges"
        " WHERE table_schema = current_schema() AND grantee <> current_user ORDER BY 1, 2, 3"
    )
    return [(row[0], row[1], row[2]) for row in found]


def grant_again(connection: sa.Connection, earlier: list[tuple[str, str, str]]) -> None:
    """Let other roles do with the tables there are what they could do ``earlier``, and nothing else."""
    quote = connection.dialect.identifier_preparer.quote
    present = sa.inspect(connection)
    known = [
        (quote(table), "PUBLIC" if role == "PUBLIC" else quote(role), privilege)
        for table, role, privilege in earlier
        if present.has_table(table)
    ]
    for table, role in sorted({(table, role) for table, role, _ in known}):
        connection.exec_driver_sql(f"REVOKE ALL ON {table} FROM {role}")
    for table, role, privilege in known:
        connection.exec_driver_sql(f"GRANT {privilege} ON {table} TO {role}")


def _address(url: sa.URL) -> str:
    return url.set(drivername="postgresql")._replace(password=None).render_as_string(hide_password=False)


def _run(url: sa.URL, name: str, version: int, *arguments: str) -> None:
    environment = os.environ | ({"PGPASSWORD": str(url.password)} if url.password else {})
    command = [str(_program(name, version)), *arguments]
    done = subprocess.run(command, check=False, capture_output=True, text=True, env=environment)
    if done.returncode:
        raise NotKept(f"{name} could not do its part: {done.stderr.strip()}")


def _program(name: str, version: int) -> Path:
    """Where a program is that fits a server: of its own version, or the next newer one, which writes what is newer."""
    on_path = shutil.which(name)
    candidates = [*([Path(on_path)] if on_path else []), *FOLDERS.glob(f"*/bin/{name}")]
    fitting = sorted((found, path) for path in candidates if (found := _version(path)) >= version)
    if not fitting:
        raise NotKept(
            f"{name} of PostgreSQL {version} is not on this machine, or too old for the server."
            f" Install it (Debian: sudo apt install postgresql-client-{version}) and try again."
        )
    return fitting[0][1]


def _version(program: Path) -> int:
    said = subprocess.run([str(program), "--version"], check=False, capture_output=True, text=True).stdout
    number = re.search(r"\d+", said)
    return int(number[0]) if number else 0
