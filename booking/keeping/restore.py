"""The way back from a backup, without giving away twice what was given since, and without bringing anybody back.

What a backup cannot know is asked of the database that it replaces, as far as
that can still be read, and of ``instance/erased.log``:

*References.* Groups hold references that were handed out since. So the number
runs on from a thousand beyond the higher of the two, which is more than a house
hands out between two backups; a gap hurts nobody.

*Letters.* What the replaced database knows to have left, leaves no more. Of the
others a letter that is due for longer than `RECENT` has most likely left before
the database was lost: sending a week's mail again would do harm, losing it too,
so it stands in red on the team's page *Ausgang*, where one press sends it.

*People.* Whoever was erased since is erased again, links that were ended and
colleagues who were kept out stay so, passwords stay as they were set last, and
whoever is signed in signs in again. Retention runs before anybody can look.
"""

import contextlib
import os
import shutil
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple

import flask_migrate
import sqlalchemy as sa
from flask import Flask, current_app

import config
from booking import erased, in_use, links, retention
from booking.database import db, transaction, writing
from booking.keeping import postgresql
from booking.keeping.backup import open_file, server_version, verify
from booking.keeping.files import SIDE_FILES, NotKept, arriving, stamp, sync
from booking.migrating import TooNew, missing_migrations
from booking.models import Booking, Contact, Handover, House, Letter, Link, StaffMember
from booking.sharing import erasing
from booking.signing_in import codes

#: A letter that waits no longer than this has perhaps not left yet, and is sent.
RECENT = timedelta(minutes=15)

#: What stands beside a letter of a backup that may have left already; the team's pages know it.
MAY_HAVE_LEFT = "restored from a backup"

REFERENCE_GAP = 1000

#: How often, and with how many seconds between, is looked whether all others have left.
LOOKS, PAUSE = 6, 0.3

#: Of other people's connections a plain role sees nothing but that they are there.
_OTHERS = """
    SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()
    AND coalesce(backend_type, 'client backend') = 'client backend'"""


class Colleague(NamedTuple):
    """How one of the team signed in last, as it is stored."""

    active: bool
    passkeys: set[bytes]
    password: str | None
    totp_secret: str | None
    totp_counter: int | None
    recovery_codes: str | None  # with commas between them


class Since(NamedTuple):
    """What happened since the backup, as the replaced database tells it; values as the driver gives them."""

    reference: tuple[int, int] = (0, 0)  # year and number
    version: int = 0  # of the house
    letters: dict[str, tuple[str, Any, str]] = {}  # state, time of sending and error, by Message-ID
    ended_links: dict[str, Any] = {}  # when, by hash
    colleagues: dict[str, Colleague] = {}  # by address


class Outcome(NamedTuple):
    """What is there now, and what somebody should look at."""

    bookings: int
    replaced: Path | None  # where the former database is
    letters_held: int
    colleagues: list[str]  # who can sign in
    other_key: bool  # whether the secret key is not the one of the backup


def restore_backup(file: Path, now: datetime, create_app: Callable[..., Flask]) -> Outcome:
    """Put a backup in the place of the database, which is kept beside it.

    On SQLite all is done on a copy, which takes the place of the former file
    in one step. On PostgreSQL the former tables are dumped first, and the dump
    of the backup takes their place in one transaction.

    Raises ``NotKept``, and ``InUse`` while somebody works on the database.
    """
    is_sqlite = db.engine.dialect.name == "sqlite"
    _require_kind(file, is_sqlite)
    try:
        return _to_sqlite(file, now, create_app) if is_sqlite else _to_postgresql(file, now)
    except (OSError, sa.exc.SQLAlchemyError) as fault:
        raise NotKept(f"The backup could not be put in place: {fault}") from None
    except TooNew as fault:
        raise NotKept(str(fault)) from None


def _require_kind(file: Path, is_sqlite: bool) -> None:
    with file.open("rb") as stored:
        head = stored.read(16)
    kind = "SQLite" if head == b"SQLite format 3\0" else "PostgreSQL" if head.startswith(b"PGDMP") else None
    wanted = "SQLite" if is_sqlite else "PostgreSQL"
    if kind is None:
        raise NotKept(f"{file} is no backup.")
    if kind != wanted:
        raise NotKept(f"{file} is a backup of {kind}, and DATABASE_URL names {wanted}.")
    if any(Path(f"{file}{suffix}").exists() for suffix in SIDE_FILES):
        raise NotKept(f"{file} is no backup but a database somebody worked on: there is more of it beside it.")


def _to_sqlite(file: Path, now: datetime, create_app: Callable[..., Flask]) -> Outcome:
    database = Path(str(db.engine.url.database))
    db.session.remove()
    db.engine.dispose()
    with in_use.alone(database), arriving(database) as copy:
        since = _since(database) if database.exists() else None
        shutil.copyfile(file, copy)
        with open_file(copy).connect() as connection:
            _require_whole(connection, file)
        settings = {name: current_app.config[name] for name in vars(config) if name.isupper()}
        restored_app = create_app(settings | {"DATABASE_URL": f"sqlite:///{copy}"}, serving=False)
        with restored_app.app_context():
            restored = _finish(since, now)
            db.session.remove()
            db.engine.dispose()
        with open_file(copy).connect() as connection:
            connection.exec_driver_sql("PRAGMA journal_mode=DELETE")  # nothing of it is left beside it
        replaced = _put_aside(database, now)
    return restored._replace(replaced=replaced)


def _require_whole(connection: sa.Connection, file: Path) -> None:
    try:
        faults = [each for each in connection.exec_driver_sql("PRAGMA integrity_check").scalars() if each != "ok"]
        is_ours = sa.inspect(connection).has_table("alembic_version")
    except sa.exc.DatabaseError as fault:
        faults, is_ours = [str(fault.orig)], True
    if faults or not is_ours:
        raise NotKept(f"{file} is damaged: {faults[0]}" if faults else f"{file} is no backup of this service.")


def _since(database: Path) -> Since | None:
    """What the present database tells; its log is brought into it, where it is whole enough for that."""
    try:
        with open_file(database).connect() as connection:
            since = _ask(connection)
            connection.exec_driver_sql("PRAGMA journal_mode=DELETE")
    except sa.exc.DBAPIError:
        return None
    return since


def _put_aside(database: Path, now: datetime) -> Path | None:
    """Give the former database a second name, if there is one. What stands beside it must never meet the new one."""
    aside = database.with_name(f"{database.name}.replaced-{stamp(now)}")
    for suffix in SIDE_FILES:
        beside = Path(f"{database}{suffix}")
        if beside.exists():
            beside.rename(f"{aside}{suffix}")
    sync(database.parent)
    if not database.exists():
        return None
    os.link(database, aside)
    aside.chmod(0o600)
    return aside


def _to_postgresql(file: Path, now: datetime) -> Outcome:
    url = sa.make_url(current_app.config["SQLALCHEMY_DATABASE_URI"])
    db.session.remove()
    db.engine.dispose()
    with db.engine.connect().execution_options(isolation_level="REPEATABLE READ") as connection:
        _wait_for_others(connection)
        snapshot = str(connection.exec_driver_sql("SELECT pg_export_snapshot()").scalar_one())
        version = server_version(connection)
        since, replaced, grants = None, None, postgresql.grants(connection)
        if sa.inspect(connection).has_table("booking"):
            replaced = Path(current_app.instance_path) / f"replaced-{stamp(now)}.dump"
            with arriving(replaced) as unfinished:
                postgresql.dump(url, version, snapshot, unfinished)
            with contextlib.suppress(sa.exc.DBAPIError):
                since = _ask(connection)
    db.engine.dispose()
    postgresql.read_in(url, version, file, Path(current_app.instance_path))
    restored = _finish(since, now)._replace(replaced=replaced)
    with writing(), db.engine.begin() as connection:
        postgresql.grant_again(connection, grants)
    return restored


def _wait_for_others(connection: sa.Connection) -> None:
    """``in_use.InUse`` while others are connected: a server lists a client for a moment after it has left."""
    for _ in range(LOOKS):
        others = connection.exec_driver_sql(_OTHERS).scalar_one()
        connection.rollback()  # within one transaction the list does not change
        if not others:
            return
        time.sleep(PAUSE)
    raise in_use.InUse(f"The database is in use, by connections: {others}. Stop the service, then try again.")


def _ask(connection: sa.Connection) -> Since:
    house = connection.exec_driver_sql("SELECT reference_year, reference_number, version FROM house").first()
    letters = connection.exec_driver_sql("SELECT message_id, state, sent_at, error FROM letter").all()
    ended = connection.exec_driver_sql("SELECT token_hash, revoked_at FROM link WHERE revoked_at IS NOT NULL").all()
    passkeys = connection.exec_driver_sql("SELECT staff_member_id, credential_id FROM passkey").all()
    colleagues = connection.exec_driver_sql(
        "SELECT id, email, active, password, totp_secret, totp_counter, mf_recovery_codes FROM staff_member"
    ).all()
    return Since(
        (house[0], house[1]) if house else (0, 0),
        house[2] if house else 0,
        {row[0]: (row[1], row[2], row[3]) for row in letters},
        {row[0]: row[1] for row in ended},
        {
            email: Colleague(bool(active), {bytes(key) for owner, key in passkeys if owner == number}, *secrets)
            for number, email, active, *secrets in colleagues
        },
    )


def _finish(since: Since | None, now: datetime) -> Outcome:
    """Bring the restored database of the app at hand to the present day, and look through it."""
    with db.engine.connect() as connection:
        missing = missing_migrations(connection)
    if missing:
        flask_migrate.upgrade()
    known = since or Since()
    _catch_up(known, now)
    _erase_again()
    held = _hold_letters(known, now)
    retention.forget_what_is_due(now, rest=lambda: None)  # there is nobody to wait
    with db.engine.connect() as connection:
        verify(connection)
    found = Outcome(
        bookings=db.session.scalar(sa.select(sa.func.count()).select_from(Booking)) or 0,
        replaced=None,
        letters_held=held,
        colleagues=list(
            db.session.scalars(
                sa.select(StaffMember.email)
                .where(StaffMember.active, StaffMember.password.is_not(None))
                .order_by(StaffMember.email)
            )
        ),
        other_key=_is_other_key(),
    )
    db.session.rollback()
    return found


def _catch_up(since: Since, now: datetime) -> None:
    """References, letters, links and colleagues, as the replaced database knows them."""
    with transaction():
        house = db.session.get(House, 1)
        if house:
            house.reference_year, house.reference_number = next_number(house, since.reference, now)
            # Beyond all that was handed out: nobody takes what they hold for the present.
            house.version = max(house.version, since.version) + 100_000
        for letter in db.session.scalars(sa.select(Letter).where(Letter.state.in_(("waiting", "sending")))):
            state, sent_at, error = since.letters.get(letter.message_id, ("waiting", None, ""))
            if state in ("sent", "failed", "stopped"):
                db.session.execute(
                    sa.text("UPDATE letter SET state = :state, sent_at = :sent_at, error = :error WHERE id = :id"),
                    {"state": state, "sent_at": sent_at, "error": error, "id": letter.id},
                )
        for link in db.session.scalars(sa.select(Link).where(Link.revoked_at.is_(None))):
            if link.token_hash in since.ended_links:
                link.revoked_at = now
        for member in db.session.scalars(sa.select(StaffMember)):
            if now_known := since.colleagues.get(member.email):
                _sign_in_as_since(member, now_known)
            codes.end_sessions(member)


def _sign_in_as_since(member: StaffMember, since: Colleague) -> None:
    """What a colleague has given up since opens nothing any more. Passkeys that they have got since are not known."""
    member.active, member.password = member.active and since.active, since.password
    member.totp_secret, member.totp_counter = since.totp_secret, since.totp_counter
    member.mf_recovery_codes = since.recovery_codes.split(",") if since.recovery_codes else []
    for passkey in list(member.passkeys):
        if passkey.credential_id not in since.passkeys:
            member.passkeys.remove(passkey)


def next_number(house: House, elsewhere: tuple[int, int], now: datetime) -> tuple[int, int]:
    """Year and number from which references run on, so that none is handed out twice."""
    year = now.astimezone(house.zone).year
    mine = (house.reference_year, house.reference_number)
    return year, max(number for of, number in (mine, elsewhere, (year, 0)) if of == year) + REFERENCE_GAP


def _erase_again() -> None:
    """All that ``instance/erased.log`` names, as far as it was there then: numbers are given again after a restore."""
    last = db.session.scalar(sa.select(sa.func.max(Letter.id))) or 0
    for at, kind, number in erased.noted():
        booking = db.session.get(Booking, number) if kind == "booking" else None
        contact = db.session.get(Contact, number) if kind == "contact" else None
        if booking and booking.created_at <= at:
            with transaction():
                for loan in booking.key_loans:
                    loan.returned_at = loan.returned_at or at  # else nobody could have been erased
            erasing.erase(booking, at)
        if contact and _known_since(contact, at) <= at:
            erasing.erase_people([contact], at)
    with transaction():  # the office was told then
        again = sa.update(Letter).where(Letter.id > last, Letter.state == "waiting")
        db.session.execute(again.values(state="stopped"))


def _known_since(contact: Contact, otherwise: datetime) -> datetime:
    """When somebody was first heard of."""
    first = (
        sa.select(sa.func.min(row.created_at)).where(row.contact_id == contact.id) for row in (Booking, Link, Handover)
    )
    return min((found for found in map(db.session.scalar, first) if found), default=otherwise)


def _hold_letters(since: Since, now: datetime) -> int:
    """Keep what may have left from leaving again; gives the number."""
    with transaction():
        held = [
            letter
            for letter in db.session.scalars(
                sa.select(Letter).where(Letter.state.in_(("waiting", "sending")), Letter.send_at <= now - RECENT)
            )
            if letter.message_id not in since.letters
        ]
        for letter in held:
            letter.state, letter.error = "failed", MAY_HAVE_LEFT
    return len(held)


def _is_other_key() -> bool:
    """Whether links in mails would not lead where they did."""
    link = db.session.scalars(sa.select(Link).order_by(Link.id.desc()).limit(1)).first()
    return link is not None and links.find(links.token(link), link.purpose) is None
