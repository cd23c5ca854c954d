"""What the database's guard keeps, and how it is proved; seen in raw SQL, past all of our own code."""

import gc
import os
import re
import subprocess
import sys
from collections import Counter
from copy import deepcopy
from itertools import combinations
from pathlib import Path
from random import Random
from time import perf_counter

import flask_migrate
import psycopg
import pytest
import sqlalchemy as sa
from flask import Flask

from booking import create_app, guard
from booking.database import db, transaction, writing
from booking.domain.status import HOLDS_ROOM, Status
from booking.guard import postgresql, sqlite
from booking.guard.pieces import PROOF_TABLES, Piece
from booking.guard.proof import try_to_get_around
from tests import make
from tests.support.app import on_either, settings
from tests.support.raw import DOUBLE, Raw, insert, truth_holds, world

ROOT = Path(__file__).parent.parent
DOUBLE_BOOKED = re.compile(DOUBLE)


def test_guard_watches_every_unique_column_of_a_date(engine_app: Flask) -> None:
    inspector = sa.inspect(db.engine)

    unique = [key["column_names"] for key in inspector.get_unique_constraints("occurrence")]

    assert [*inspector.get_pk_constraint("occurrence")["constrained_columns"], *sum(unique, [])] == ["id", "uid"]
    assert [index["name"] for index in inspector.get_indexes("occurrence") if index["unique"]] in (
        [],
        ["uq_occurrence_uid"],
    )


def test_set_up_and_tidying_up_belong_to_the_date(raw: Raw) -> None:
    raw(insert(9, 3, "@16:00", "@18:00", after=30))

    assert DOUBLE_BOOKED.search(raw.answer(insert(10, 3, "@18:00", "@19:00")))
    assert DOUBLE_BOOKED.search(raw.answer(insert(10, 3, "@18:40", "@19:00", before=15)))
    raw(insert(10, 3, "@18:30", "@19:30"))
    raw(insert(11, 3, "@19:45", "@20:00", before=15))

    assert [raw.occupied(number) for number in (9, 10, 11)] == [
        ["south 16:00-18:30"],
        ["south 18:30-19:30"],
        ["south 19:30-20:00"],
    ]
    assert truth_holds(raw)


def test_dates_that_only_touch_are_accepted(raw: Raw) -> None:
    raw(insert(9, 1, "@12:00", "@13:00"))
    raw(insert(10, 1, "@09:00", "@10:00"))

    assert raw.occupied(9) == ["north 12:00-13:00", "south 12:00-13:00"]
    assert truth_holds(raw)


def test_hall_and_its_halves_share_their_parts(raw: Raw) -> None:
    assert DOUBLE_BOOKED.search(raw.answer(insert(9, 1, "@13:00", "@14:00")))
    raw(insert(9, 3, "@13:00", "@14:00"))
    raw(insert(10, 2, "@15:00", "@16:00"))
    assert DOUBLE_BOOKED.search(raw.answer(insert(11, 1, "@15:30", "@16:30")))
    raw(insert(11, 1, "@16:00", "@17:00"))

    assert [raw.occupied(number) for number in (2, 9, 10, 11)] == [
        ["north 13:00-14:00"],
        ["south 13:00-14:00"],
        ["north 15:00-16:00"],
        ["north 16:00-17:00", "south 16:00-17:00"],
    ]
    assert truth_holds(raw)


def test_requests_compete_and_declined_dates_are_no_obstacle(raw: Raw) -> None:
    raw(insert(9, 2, "@11:00", "@13:00", "requested"))
    raw(insert(10, 2, "@11:00", "@13:00", "cancelled"))

    raw("UPDATE occurrence SET status = 'cancelled' WHERE id = 1")
    raw("UPDATE occurrence SET status = 'proposed' WHERE id = 3")

    assert DOUBLE_BOOKED.search(raw.answer("UPDATE occurrence SET status = 'approved' WHERE id = 9"))
    assert [raw.occupied(number) for number in (1, 3, 9, 10)] == [[], ["north 11:00-13:00"], [], []]


def test_occupancy_follows_every_change_of_its_date(raw: Raw) -> None:
    raw("UPDATE occurrence SET status = 'proposed', reason = 'x' WHERE id = 1")
    assert raw.occupied(1) == ["north 10:00-12:00", "south 10:00-12:00"]
    raw("UPDATE occurrence SET room_id = 3, before_minutes = 15 WHERE id = 1")
    assert raw.occupied(1) == ["south 09:45-12:00"]
    raw('UPDATE occurrence SET start = @11:00, "end" = @12:30 WHERE id = 1')
    assert raw.occupied(1) == ["south 10:45-12:30"]
    raw("UPDATE occurrence SET room_id = 1, before_minutes = 0 WHERE id = 1")
    assert raw.occupied(1) == ["north 11:00-12:30", "south 11:00-12:30"]
    raw("DELETE FROM occurrence WHERE id = 1")
    assert raw.occupied(1) == []
    assert truth_holds(raw)


def test_series_without_gaps_moves_by_one_of_its_own_lengths(raw: Raw) -> None:
    for number in range(8):
        raw(insert(20 + number, 3, f"@{14 + number}:00", f"@{15 + number}:00"))
    hour = "3600" if raw.engine == "sqlite" else "interval '1 hour'"

    raw("BEGIN")
    raw("UPDATE occurrence SET status = 'requested' WHERE id >= 20")
    raw(f'UPDATE occurrence SET start = start + {hour}, "end" = "end" + {hour} WHERE id >= 20')
    raw("UPDATE occurrence SET status = 'approved' WHERE id >= 20")
    raw("COMMIT")

    assert [raw.occupied(20 + number) for number in range(7)] == [
        [f"south {15 + number}:00-{16 + number}:00"] for number in range(7)
    ]
    assert truth_holds(raw)


class Model:
    """Slow and obvious: which parts a room takes since when, and which dates there are; times in minutes."""

    def __init__(self) -> None:
        self.lists: dict[int, dict[int, set[int]]] = {1: {0: {1, 2}}, 2: {0: {1}}, 3: {0: {2}}, 4: {}}
        self.dates: dict[int, tuple[str, int, int, int, int, int]] = {}

    def parts(self, room: int, begin: int) -> set[int]:
        return max(((since, ids) for since, ids in self.lists[room].items() if since <= begin), default=(0, set()))[1]

    def is_sound(self) -> bool:
        """Whether all that hold a room have one to hold, and none of them meets another."""
        held = [
            (self.parts(room, start - before), start - before, end + after)
            for status, room, start, end, before, after in self.dates.values()
            if status in HOLDS_ROOM
        ]
        return all(parts for parts, _, _ in held) and not any(
            one & other and begin < other_end and other_begin < end
            for (one, begin, end), (other, other_begin, other_end) in combinations(held, 2)
        )

    def rows(self) -> set[tuple[int, int]]:
        """The parts that dates take, each with its date."""
        return {
            (number, part)
            for number, (status, room, start, _, before, _) in self.dates.items()
            for part in (self.parts(room, start - before) if status in HOLDS_ROOM else ())
        }


def test_guard_agrees_with_comparing_every_pair(raw: Raw) -> None:
    """Eight hundred steps at random, each allowed or refused as a slow and obvious model says."""
    random = Random(2027)  # noqa: S311 - a test wants the same steps every time
    raw("DELETE FROM occurrence")
    model = Model()
    seen = Counter[tuple[str, bool]]()

    def at(minute: int, mark: str = "@") -> str:
        return f"{mark}{minute // 60:02}:{minute % 60:02}"

    def date() -> tuple[str, str, Model]:
        number, start = random.randrange(1, 30), random.randrange(60, 1200, 15)
        status, room = random.choice([*Status, *[Status.APPROVED] * 4]), random.choice([1, 2, 2, 3, 3, 4])
        end, before, after = start + random.randrange(15, 180, 15), random.choice([0, 0, 15]), random.choice([0, 0, 30])
        then = deepcopy(model)
        if random.random() < 0.1 and number in then.dates:
            del then.dates[number]
            return "delete", f"DELETE FROM occurrence WHERE id = {number}", then
        then.dates[number] = (status, room, start, end, before, after)
        statement = (
            f"UPDATE occurrence SET status = '{status}', room_id = {room}, start = {at(start)}, \"end\" = {at(end)},"
            f" before_minutes = {before}, after_minutes = {after} WHERE id = {number}"
            if number in model.dates
            else insert(number, room, at(start), at(end), status, before=before, after=after)
        )
        return "date", statement, then

    def parts() -> tuple[str, str, Model]:
        room, then = random.randrange(1, 5), deepcopy(model)
        later = {since: ids for since, ids in then.lists[room].items() if since}
        if later and random.random() < 0.5:
            since = random.choice([*later])
            gone = set(random.sample(sorted(later[since]), random.randint(1, len(later[since]))))
            then.lists[room][since] -= gone
            if not then.lists[room][since]:
                del then.lists[room][since]
            which = ", ".join(map(str, gone))
            where = f"room_id = {room} AND since = {at(since, '#')} AND part_id IN ({which})"
            return "parts less", f"DELETE FROM room_part WHERE {where}", then
        since = random.choice([*later] if len(later) > 1 else range(60, 1200, 15))
        more = {1, 2, 3} - later.get(since, set())
        more = set(random.sample(sorted(more), random.randint(1, len(more)))) if more else set()
        then.lists[room][since] = later.get(since, set()) | more
        rows = ", ".join(f"({room}, {at(since, '#')}, {part})" for part in more)
        return "parts more", f"INSERT INTO room_part VALUES {rows}" if more else "SELECT 1", then

    for _ in range(800):
        kind, statement, then = parts() if random.random() < 0.3 else date()
        answer = raw.answer(statement)
        assert (answer == "accepted") == then.is_sound(), (statement, model.lists, model.dates, answer)
        seen[kind, answer == "accepted"] += 1
        if answer == "accepted":
            raw(statement)
            model = then

    assert truth_holds(raw)
    assert {tuple(row) for row in raw("SELECT occurrence_id, part_id FROM occupancy")} == model.rows()
    assert all(seen[kind, good] > 5 for kind in ("date", "parts less", "parts more") for good in (True, False)), seen


@pytest.mark.postgresql
def test_parts_of_a_room_wait_for_whoever_is_booking_it(app_pg: Flask) -> None:
    raw, other = world(app_pg), Raw(app_pg)
    raw("DELETE FROM occurrence WHERE id <= 3")
    other("SET lock_timeout = '50ms'")

    raw("BEGIN; DELETE FROM room_part WHERE room_id = 1 AND part_id = 2")
    with pytest.raises(psycopg.errors.LockNotAvailable):
        other(insert(9, 1, "@16:00", "@17:00"))
    raw("ROLLBACK")
    raw("BEGIN; " + insert(9, 1, "@16:00", "@17:00"))
    with pytest.raises(psycopg.errors.LockNotAvailable):
        other("DELETE FROM room_part WHERE room_id = 1 AND part_id = 2")
    raw("COMMIT")

    assert raw.occupied(9) == ["north 16:00-17:00", "south 16:00-17:00"]
    assert "room_in_use" in other.answer("DELETE FROM room_part WHERE room_id = 1 AND part_id = 2")
    raw.connection.close()
    other.connection.close()


def proof(raw: Raw) -> str:
    """What ``prove`` says against the database as it is now."""
    with writing():
        try:
            guard.prove(db.session.connection())
        except guard.Unguarded as fault:
            return str(fault)
    return ""


def pieces(raw: Raw) -> list[Piece]:
    with db.engine.connect() as connection:
        return sqlite.ENGINE.pieces if raw.engine == "sqlite" else postgresql.engine(connection).pieces


def test_proof_accepts_a_migrated_database_and_leaves_nothing_behind(raw: Raw) -> None:
    tables = list(db.metadata.tables)
    before = {table: raw(f"SELECT * FROM {table}") for table in tables}

    assert proof(raw) == ""
    db.session.commit()

    assert {table: raw(f"SELECT * FROM {table}") for table in tables} == before
    assert make.initiative("Noch eine Gruppe").id == 2


def test_proof_names_each_missing_piece(raw: Raw) -> None:
    said = {}
    for piece in pieces(raw):
        drop = piece.drop + (" CASCADE" if piece.name.startswith("function") else "")
        raw(drop)
        said[piece.name] = proof(raw)
        with writing():
            guard.install(db.session.connection())
            db.session.commit()

    missing = {piece.name: f"{piece.name} is missing" for piece in pieces(raw)}
    assert {name: sentence for name, sentence in said.items() if missing[name] not in sentence} == {}
    assert proof(raw) == ""
    assert truth_holds(raw)


@pytest.mark.postgresql
def test_proof_names_a_trigger_that_is_switched_off(app_pg: Flask) -> None:
    raw = world(app_pg)
    raw("ALTER TABLE occupancy DISABLE TRIGGER occupancy_check")

    assert "trigger occupancy_check is altered" in proof(raw)
    raw.connection.close()


@pytest.mark.postgresql
def test_proof_does_not_believe_the_texts_alone(app_pg: Flask) -> None:
    with writing():
        connection = db.session.connection()
        connection.exec_driver_sql("SET LOCAL session_replication_role = replica")  # no trigger fires any more
        with pytest.raises(guard.Unguarded, match="does not note who occupies a room"):
            guard.prove(connection)


@pytest.mark.postgresql
@pytest.mark.parametrize("setting", ["fsync", "full_page_writes", "synchronous_commit"])
def test_database_that_may_forget_what_it_has_confirmed_is_not_served(
    app_pg: Flask, postgresql_server: str, setting: str
) -> None:
    def switch(statement: str, wanted: str) -> None:
        with psycopg.connect(postgresql_server, autocommit=True) as server:
            server.execute(statement)
            server.execute("SELECT pg_reload_conf()")
        while _setting(postgresql_server, setting) != wanted:
            pass

    db.session.remove()
    db.engine.dispose()
    switch(f"ALTER SYSTEM SET {setting} = off", "off")
    try:
        with pytest.raises(SystemExit, match=f"may forget what it has confirmed: {setting} is off. Switch that on"):
            create_app(settings(app_pg.config["DATABASE_URL"]))
    finally:
        switch(f"ALTER SYSTEM RESET {setting}", "on")
    gc.collect()  # a connection that was left open would complain now


def _setting(server: str, name: str) -> str:
    with psycopg.connect(server) as connection:
        found = connection.execute(f"SHOW {name}").fetchone()
    return str(found[0]) if found else ""


@pytest.mark.postgresql
def test_migration_makes_an_untrue_occupancy_true(app_pg: Flask) -> None:
    raw = world(app_pg)
    true = raw.rows()["occupancy"]
    raw("SET session_replication_role = replica")  # no trigger fires
    raw("DELETE FROM occupancy WHERE occurrence_id = 1")
    assert raw.rows()["occupancy"] != true

    flask_migrate.upgrade()

    assert raw.rows()["occupancy"] == true
    raw.connection.close()


def test_proof_meets_nothing_that_people_can_type(engine_app: Flask) -> None:
    make.house()
    for number, word in enumerate(("?", "0", "", "[]", "9000-01-01", "00:00", "now()", "false"), 2):
        room = make.room(word, slug=word)
        make.initiative(word, slug=word)
        date = make.booking(room, f"2027-02-{number:02}T16:00", reference=word, form_id=word, title=word, group=word)
        with transaction():
            date.occurrences[0].uid = word

    with writing():
        guard.prove(db.session.connection())


def test_unique_columns_that_the_proof_writes_have_room_for_chance(engine_app: Flask) -> None:
    """An id of its own, or a text that is long enough not to be met."""
    inspector = sa.inspect(db.engine)
    met = []
    for table in PROOF_TABLES:
        types = {column["name"]: column["type"] for column in inspector.get_columns(table)}
        keys = [key["column_names"] for key in inspector.get_unique_constraints(table)]
        keys += [index["column_names"] for index in inspector.get_indexes(table) if index["unique"]]
        met += [
            (table, key)
            for key in keys
            if not any(isinstance(types[name], sa.String) and (types[name].length or 32) >= 32 for name in key)
        ]

    assert met == []


def test_proof_that_goes_wrong_by_itself_is_no_missing_guard(
    raw: Raw, engine_app: Flask, caplog: pytest.LogCaptureFixture
) -> None:
    if raw.engine == "sqlite":
        raw("CREATE TRIGGER hitch BEFORE INSERT ON initiative BEGIN SELECT raise(ABORT, 'a hitch'); END")
    else:
        raw("ALTER TABLE initiative ADD CONSTRAINT \"a hitch\" CHECK (name LIKE 'G%')")

    with writing(), pytest.raises(guard.Unproved, match="went wrong by itself: .*a hitch"):
        guard.prove(db.session.connection())
    create_app(settings(engine_app.config["DATABASE_URL"]), serving=True)
    gc.collect()  # a connection that was left open would complain now

    assert "All of the guard is there, but the test of it went wrong by itself" in caplog.text


@pytest.mark.postgresql
def test_two_proofs_at_once_do_not_wait_for_each_other(app_pg: Flask) -> None:
    with db.engine.connect() as other, writing():
        other.exec_driver_sql("SET LOCAL lock_timeout = '100ms'")
        connection = db.session.connection()
        try_to_get_around(connection, postgresql.engine(connection))  # its rows are there until they are taken back

        guard.prove(other)


def test_entries_of_the_record_stay_as_they_are(raw: Raw) -> None:
    columns = "(id, at, actor, booking_id, action, count, detail)"
    values = "@10:00, 'team', 1, 'approve', 1, '{}'"
    raw(f"INSERT INTO log_entry {columns} VALUES (1, {values}), (2, {values})")
    attempts = {
        "an update": "UPDATE log_entry SET action = 'decline' WHERE id = 1",
        "another booking": "UPDATE log_entry SET booking_id = NULL",
        "a delete": "DELETE FROM log_entry WHERE id = 2",
        "all of it": "DELETE FROM log_entry",
    }
    if raw.engine == "sqlite":
        raw("PRAGMA recursive_triggers = OFF")
        attempts |= {
            f"insert or {word}": f"INSERT OR {word} INTO log_entry {columns} VALUES (1, {values})"
            for word in ("REPLACE", "IGNORE", "FAIL")
        }
        attempts["update or replace"] = "UPDATE OR REPLACE log_entry SET id = 2 WHERE id = 1"
    else:
        attempts["truncate"] = "TRUNCATE log_entry"
        attempts["truncate with others"] = "TRUNCATE staff_member CASCADE"
        attempts["upsert"] = (
            f"INSERT INTO log_entry {columns} VALUES (1, {values}) ON CONFLICT (id) DO UPDATE SET id = 1"
        )

    answers = {name: raw.answer(statement) for name, statement in attempts.items()}

    assert {
        name: said for name, said in answers.items() if not re.search("log_entry_fixed|occupancy_owned", said)
    } == {}
    assert raw("SELECT id, action FROM log_entry ORDER BY id") == [(1, "approve"), (2, "approve")]


def test_proof_is_over_in_a_moment(raw: Raw) -> None:
    proof(raw)
    took = []
    for _ in range(5):
        begun = perf_counter()
        assert proof(raw) == ""
        took.append(perf_counter() - begun)

    assert min(took) < 0.25  # about 5 ms on a machine with nothing else to do


def test_altered_guard_is_named_and_put_right(raw: Raw) -> None:
    if raw.engine == "sqlite":
        raw("DROP TRIGGER occupancy_before_insert")
        raw("CREATE TRIGGER occupancy_before_insert BEFORE INSERT ON occupancy BEGIN SELECT 1; END")
        name = "trigger occupancy_before_insert"
    else:
        raw("ALTER TABLE occupancy DROP CONSTRAINT occupancy_no_overlap")
        raw("ALTER TABLE occupancy ADD CONSTRAINT occupancy_no_overlap EXCLUDE (part_id WITH =, start WITH =)")
        name = "constraint occupancy_no_overlap"

    assert proof(raw) == (
        f"The database is not guarded against double bookings: {name} is altered."
        ' Run "flask --app app db upgrade" and start again.'
    )
    with writing():
        guard.install(db.session.connection())
        db.session.commit()
    assert proof(raw) == ""


def test_installing_makes_occupancy_true_again(raw: Raw) -> None:
    with writing():
        guard.remove(db.session.connection())
        db.session.commit()
    raw("DELETE FROM occupancy")
    raw("INSERT INTO occupancy VALUES (1, #20:00, #21:00, 3)")

    with writing():
        guard.install(db.session.connection())
        db.session.commit()

    assert raw.occupied(1) + raw.occupied(2) == ["north 10:00-12:00", "south 10:00-12:00", "north 13:00-14:00"]
    assert truth_holds(raw)


def test_installing_refuses_dates_that_overlap_already(raw: Raw) -> None:
    with writing():
        guard.remove(db.session.connection())
        db.session.commit()
    raw("UPDATE occurrence SET status = 'approved' WHERE id = 3")

    with writing(), pytest.raises(sa.exc.IntegrityError, match=DOUBLE):
        guard.install(db.session.connection())


@on_either
def test_server_without_its_guard_ends_with_a_sentence(raw: Raw, engine_app: Flask) -> None:
    name = "trigger occupancy_before_insert" if raw.engine == "sqlite" else "constraint occupancy_no_overlap"
    raw(next(piece.drop for piece in pieces(raw) if piece.name == name))

    done = subprocess.run(
        [sys.executable, "app.py"],
        check=False,
        capture_output=True,
        text=True,
        timeout=120,
        cwd=ROOT,
        env={**os.environ, "DATABASE_URL": engine_app.config["DATABASE_URL"]},
    )

    sentence = (
        f"This database is not served: The database is not guarded against double bookings: {name} is missing."
        ' Run "flask --app app db upgrade" and start again.\n'
    )
    assert (done.returncode, done.stdout, done.stderr) == (1, "", sentence)


def test_setting_that_a_power_cut_would_punish_is_named(app: Flask) -> None:
    with writing():
        connection = db.session.connection()
        assert guard.durability_faults(connection) == []
        connection.exec_driver_sql("COMMIT")
        connection.exec_driver_sql("PRAGMA synchronous=NORMAL")
        assert guard.durability_faults(connection) == ["PRAGMA synchronous is below FULL"]
