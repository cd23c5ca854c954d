"""Every way around the guard that we could think of, in raw SQL: the database itself refuses each."""

import re

import pytest
from flask import Flask

from tests.support.raw import DOUBLE, Raw, insert, truth_holds, world

BYPASSES = {
    "a second date": (insert(9, 1, "@11:00", "@13:00"), DOUBLE),
    "a second date at the very same time": (insert(9, 1, "@10:00", "@12:00"), DOUBLE),
    "a date around others": (insert(9, 1, "@09:00", "@18:00"), DOUBLE),
    "a date inside another": (insert(9, 1, "@10:30", "@10:31"), DOUBLE),
    "a half of a hall that is taken": (insert(9, 3, "@11:00", "@13:00"), DOUBLE),
    "a hall of which a half is taken": (insert(9, 1, "@13:30", "@15:00"), DOUBLE),
    "a proposal": (insert(9, 1, "@11:00", "@13:00", "proposed"), DOUBLE),
    "set-up that reaches into another": (insert(9, 3, "@12:05", "@13:00", before=10), DOUBLE),
    "tidying up that reaches into another": (insert(9, 3, "@09:00", "@09:55", after=10), DOUBLE),
    "an approval": ("UPDATE occurrence SET status = 'approved' WHERE id = 3", DOUBLE),
    "approval of all": ("UPDATE occurrence SET status = 'approved'", f"{DOUBLE}|room_without_parts"),
    "a move in time": ('UPDATE occurrence SET start = @11:00, "end" = @14:00 WHERE id = 2', DOUBLE),
    "an earlier start": ("UPDATE occurrence SET start = @11:59 WHERE id = 2", DOUBLE),
    "a later end": ('UPDATE occurrence SET "end" = @13:01 WHERE id = 1', DOUBLE),
    "a longer tidying up": ("UPDATE occurrence SET after_minutes = 61 WHERE id = 1", DOUBLE),
    "a longer set-up": ("UPDATE occurrence SET before_minutes = 61 WHERE id = 2", DOUBLE),
    "another id": ("UPDATE occurrence SET id = 99 WHERE id = 1", "occurrence_id_fixed"),
    "another date's id": ("UPDATE occurrence SET id = 3 WHERE id = 1", "occurrence_id_fixed"),
    "an id that is taken": (insert(1, 3, "@16:00", "@17:00"), "occurrence_exists|pk_occurrence"),
    "a uid that is taken": ("UPDATE occurrence SET uid = 'uid-2' WHERE id = 1", "occurrence_exists|uq_occurrence_uid"),
    "a date without length": (insert(9, 3, "@17:00", "@17:00"), "occurrence_malformed"),
    "a date that ends before it starts": (insert(9, 3, "@17:00", "@16:00"), "occurrence_malformed"),
    "a date emptied": ('UPDATE occurrence SET "end" = start WHERE id = 1', "occurrence_malformed"),
    "a date in a room without parts": (insert(9, 4, "@16:00", "@17:00"), "room_without_parts"),
    "approval in a room without parts": (
        "UPDATE occurrence SET status = 'approved' WHERE id = 4",
        "room_without_parts",
    ),
    "a move to a room without parts": ("UPDATE occurrence SET room_id = 4 WHERE id = 1", "room_without_parts"),
    "a part more": ("INSERT INTO room_part (room_id, part_id) VALUES (2, 2)", "room_in_use"),
    "a part less": ("DELETE FROM room_part WHERE room_id = 1 AND part_id = 2", "room_in_use"),
    "no parts at all": ("DELETE FROM room_part", "room_in_use"),
    "another part": ("UPDATE room_part SET part_id = 2 WHERE room_id = 2", "room_in_use"),
    "a part from another room": ("UPDATE room_part SET room_id = 2 WHERE room_id = 3", "room_in_use"),
    "a part more since before ever": ("INSERT INTO room_part VALUES (2, -5, 2)", "room_in_use"),
    "a list from another time on": ("UPDATE room_part SET since = #11:00 WHERE room_id = 1", "room_in_use"),
    "a row more": ("INSERT INTO occupancy VALUES (1, #16:00, #17:00, 1)", "occupancy_not_owned"),
    "a row for a request": ("INSERT INTO occupancy VALUES (1, #12:00, #13:00, 3)", "occupancy_not_owned"),
    "a row for nobody": ("INSERT INTO occupancy VALUES (1, #16:00, #17:00, 77)", "occupancy_not_owned"),
    "a row across another": (
        "INSERT INTO occupancy VALUES (1, #11:00, #13:00, 3)",
        "double_booking|occupancy_not_owned",
    ),
    "a row again": (
        "INSERT INTO occupancy VALUES (1, #10:00, #12:00, 1)",
        DOUBLE,
    ),
    "a row of no part": ("INSERT INTO occupancy VALUES (NULL, #16:00, #17:00, 1)", "occupancy_not_owned"),
    "a row without a start": ("INSERT INTO occupancy VALUES (1, NULL, #17:00, 1)", "occupancy_not_owned"),
    "a row without an end": ("INSERT INTO occupancy VALUES (1, #16:00, NULL, 1)", "occupancy_not_owned"),
    "a row without length": ("INSERT INTO occupancy VALUES (1, #16:00, #16:00, 1)", "occupancy_not_owned"),
    "a row changed": ("UPDATE occupancy SET start = start + 60", "occupancy_fixed"),
    "a row for another part": ("UPDATE occupancy SET part_id = 3 WHERE part_id = 2", "occupancy_fixed"),
    "a row for another date": ("UPDATE occupancy SET occurrence_id = 3", "occupancy_fixed"),
    "a row less": ("DELETE FROM occupancy WHERE occurrence_id = 1 AND part_id = 1", "occupancy_owned"),
    "no rows at all": ("DELETE FROM occupancy", "occupancy_owned"),
}

SQLITE_BYPASSES = {
    **{
        f"insert or {word} {what}": (insert(number, 3, "@11:00", "@13:00", how=f"INSERT OR {word}"), words)
        for word in ("IGNORE", "REPLACE", "FAIL", "ROLLBACK", "ABORT")
        for number, words, what in (
            (9, "double_booking", "across another"),
            (1, "occurrence_exists", "an id that is taken"),
        )
    },
    **{
        f"update or {word} {what}": (f"UPDATE OR {word} occurrence SET {change}", words)
        for word in ("IGNORE", "REPLACE", "FAIL", "ROLLBACK", "ABORT")
        for change, words, what in (
            ("status = 'approved' WHERE id = 3", "double_booking", "to approved"),
            ("uid = 'uid-1' WHERE id = 3", "occurrence_exists", "to another's uid"),
            ("id = 1 WHERE id = 3", "occurrence_id_fixed", "to another's id"),
        )
    },
    **{
        f"insert or {word} {what}": (f"INSERT OR {word} INTO occupancy VALUES ({row})", words)
        for word in ("IGNORE", "REPLACE", "FAIL")
        for row, words, what in (
            ("1, #10:00, #13:00, 3", "double_booking", "a row across another"),
            ("1, #16:00, #17:00, 1", "occupancy_not_owned", "a row more"),
            ("1, #16:00, #15:00, 1", "occupancy_not_owned", "a row that ends before it starts"),
            ("NULL, #16:00, #17:00, 1", "occupancy_not_owned", "a row of no part"),
        )
    },
    "a row over another": ("UPDATE OR REPLACE occupancy SET start = #13:00 WHERE occurrence_id = 1", "occupancy_fixed"),
    "a part over another": ("UPDATE OR REPLACE room_part SET part_id = 2 WHERE room_id = 1", "room_in_use"),
    "a part again": ("REPLACE INTO room_part (room_id, part_id) VALUES (1, 1)", "room_in_use"),
    "another rowid": ("UPDATE occurrence SET rowid = 99 WHERE id = 1", "occurrence_id_fixed"),
    "another _rowid_": ("UPDATE occurrence SET _rowid_ = 99 WHERE id = 1", "occurrence_id_fixed"),
    "upsert": (insert(1, 3, "@16:00", "@17:00") + " ON CONFLICT (id) DO UPDATE SET room_id = 3", "occurrence_exists"),
    "times as text": (insert(9, 3, "'2027-01-06 16:00:00'", "'2027-01-06 17:00:00'"), "occurrence_malformed"),
    "an end as text": (insert(9, 3, "@16:00", "'2027-01-06T17:00'"), "occurrence_malformed"),
    "half a second": (insert(9, 3, "@16:00", "@17:00 + 0.5"), "occurrence_malformed"),
    "an end of bytes": (insert(9, 3, "@16:00", "x'7fff'"), "occurrence_malformed"),
    "a start made text": ("UPDATE occurrence SET start = '2027-01-06' WHERE id = 1", "occurrence_malformed"),
    "minutes as text": ("UPDATE occurrence SET after_minutes = '1 h' WHERE id = 1", "occurrence_malformed"),
    "an id below one": (insert(-1, 3, "@16:00", "@17:00"), "occurrence_malformed"),
    "a part as text": ("INSERT INTO occupancy VALUES ('one', #16:00, #17:00, 1)", "occupancy_not_owned|TEXT"),
}

POSTGRESQL_BYPASSES = {
    "truncate": ("TRUNCATE occupancy", "occupancy_owned"),
    "truncate the dates": ("TRUNCATE occurrence CASCADE", "occupancy_owned"),
    "truncate the parts of rooms": ("TRUNCATE room_part", "room_in_use"),
    "on conflict do nothing": (
        "INSERT INTO occupancy VALUES (1, #16:00, #17:00, 1) ON CONFLICT DO NOTHING",
        "occupancy_not_owned",
    ),
    "on conflict do update": (
        "INSERT INTO occupancy VALUES (1, #10:00, #12:00, 1) ON CONFLICT (part_id, start) DO UPDATE SET part_id = 3",
        "occupancy_fixed",
    ),
    "upsert across another": (
        insert(1, 3, "@16:00", "@17:00")
        + " ON CONFLICT (id) DO UPDATE SET start = @10:00 - interval '1 day', \"end\" = @14:30",
        "occupancy_no_overlap",
    ),
    "merge": (
        "MERGE INTO occupancy USING (VALUES (1)) AS v(part) ON part_id = part WHEN MATCHED THEN DELETE",
        "occupancy_owned",
    ),
    "a delete inside a query": (
        "WITH gone AS (DELETE FROM occupancy RETURNING *) SELECT * FROM gone",
        "occupancy_owned",
    ),
    "half a second": (insert(9, 3, "@16:00", "@17:00 + interval '0.5 s'"), "occurrence_malformed"),
    "no end": (insert(9, 3, "@16:00", "'infinity'"), "occurrence_malformed"),
    "no beginning": (insert(9, 3, "'-infinity'", "@08:00"), "occurrence_malformed"),
    **{
        f"an approval in a transaction of {level}": (
            f"SET TRANSACTION ISOLATION LEVEL {level}; UPDATE occurrence SET status = 'approved' WHERE id = 3",
            "occupancy_no_overlap",
        )
        for level in ("REPEATABLE READ", "SERIALIZABLE")
    },
    "parts of an unused room, on a view of the world that may be old": (
        "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ; INSERT INTO room_part (room_id, part_id) VALUES (4, 1)",
        "room_in_use",
    ),
}


#: What a session may set or make for itself, so that the guard might look elsewhere.
SHADOWS = {
    "a temporary occupancy": "CREATE TEMP TABLE occupancy (LIKE public.occupancy)",
    "a temporary room_part": (
        "CREATE TEMP TABLE room_part (LIKE public.room_part);"
        " INSERT INTO pg_temp.room_part (room_id, since, part_id) VALUES (1, 0, 3)"
    ),
    "a temporary occurrence": (
        "CREATE TEMP TABLE occurrence (LIKE public.occurrence); INSERT INTO pg_temp.occurrence"
        " SELECT * FROM public.occurrence WHERE id = 1; UPDATE pg_temp.occurrence SET id = 9, room_id = 3,"
        ' start = @16:00, "end" = @17:00'
    ),
    "a temporary truth": (
        'CREATE FUNCTION pg_temp.occupancy_truth() RETURNS TABLE (part_id integer, start bigint, "end" bigint,'
        " occurrence_id integer) LANGUAGE sql AS 'SELECT 3, 1, 2, 9'; SET LOCAL search_path = pg_temp, public"
    ),
    "temporary tables first": (
        "CREATE TEMP TABLE occupancy (LIKE public.occupancy); SET LOCAL search_path = pg_temp, pg_catalog, public"
    ),
    "another schema first": (
        "CREATE SCHEMA other; CREATE TABLE other.occupancy (LIKE public.occupancy);"
        " SET LOCAL search_path = other, public"
    ),
    "no schema at all": "SET LOCAL search_path = ''",
    "an operator of its own": (
        "CREATE SCHEMA other; CREATE OPERATOR other.= (LEFTARG = integer, RIGHTARG = integer, FUNCTION = int4ne);"
        " SET LOCAL search_path = other, pg_catalog, public"
    ),
}


@pytest.mark.postgresql
def test_postgresql_looks_nowhere_else(app_pg: Flask) -> None:
    raw = world(app_pg)
    second = insert(9, 1, "@11:00", "@13:00").replace("INTO occurrence", "INTO public.occurrence")
    fraction = insert(9, 3, "@16:00", "@17:00 + interval '0.5 s'")
    attempts = {name: (f"{shadow}; {second}", DOUBLE) for name, shadow in SHADOWS.items()}
    attempts["a function of its own"] = (
        "CREATE SCHEMA other; CREATE FUNCTION other.date_trunc(text, timestamptz) RETURNS timestamptz LANGUAGE sql"
        f" AS 'SELECT $2'; SET LOCAL search_path = other, pg_catalog, public; {fraction}",
        "occurrence_malformed",
    )

    _assert_all_refused(raw, attempts)
    raw.connection.close()


SQLITE_SHADOWS = {
    "a temporary occupancy": "CREATE TEMP TABLE occupancy AS SELECT * FROM main.occupancy WHERE false",
    "a temporary room_part": "CREATE TEMP TABLE room_part AS SELECT 1 AS room_id, 0 AS since, 3 AS part_id",
    "a temporary occurrence": "CREATE TEMP TABLE occurrence AS SELECT * FROM main.occurrence WHERE false",
    "a temporary truth": "CREATE TEMP VIEW occupancy_truth AS SELECT * FROM main.occupancy WHERE false",
    "a trigger that skips": (
        "CREATE TEMP TRIGGER skip BEFORE INSERT ON main.occupancy BEGIN SELECT raise(IGNORE); END"
    ),
    "a trigger that skips dates": (
        "CREATE TEMP TRIGGER skip AFTER INSERT ON main.occurrence BEGIN DELETE FROM occupancy; END"
    ),
}


def test_sqlite_looks_nowhere_else(app: Flask) -> None:
    raw = world(app)
    second = insert(9, 1, "@11:00", "@13:00").replace("INTO occurrence", "INTO main.occurrence")
    before = raw.rows()
    answers = {}

    for name, shadow in SQLITE_SHADOWS.items():
        session = Raw(app)
        session(shadow)
        answers[name] = session.answer(second)
        session.connection.close()

    assert {name: said for name, said in answers.items() if not re.search(f"{DOUBLE}|occupancy_", said)} == {}
    assert raw.rows() == before
    assert truth_holds(raw)
    raw.connection.close()


def _assert_all_refused(raw: Raw, attempts: dict[str, tuple[str, str]]) -> None:
    before = raw.rows()

    answers = {name: raw.answer(statement) for name, (statement, _) in attempts.items()}

    assert {name: said for name, said in answers.items() if not re.search(attempts[name][1], said)} == {}
    assert raw.rows() == before
    assert truth_holds(raw)


def test_database_refuses_every_way_around(raw: Raw) -> None:
    _assert_all_refused(raw, BYPASSES)
    _assert_all_refused(raw, SQLITE_BYPASSES if raw.engine == "sqlite" else POSTGRESQL_BYPASSES)


@pytest.mark.parametrize("pragma", ["foreign_keys=ON", "recursive_triggers=ON", "ignore_check_constraints=ON"])
def test_sqlite_refuses_whatever_the_connection_is_set_to(app: Flask, pragma: str) -> None:
    raw = world(app)
    raw(f"PRAGMA {pragma}")

    _assert_all_refused(raw, BYPASSES)
    _assert_all_refused(raw, SQLITE_BYPASSES)
    raw.connection.close()
