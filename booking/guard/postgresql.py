"""The guard on PostgreSQL: an exclusion constraint, seven functions and their triggers.

Definitions are written as PostgreSQL itself prints them, so that they can be
compared letter by letter. The sync locks the room against a change of its
parts, and the parts in one order, so that two who book past the application's
``claim`` wait instead of running into the constraint's deadlock. Each statement
in a function sees what others have committed by then, except above READ
COMMITTED; there a change of parts is refused. A date that is deleted takes its
rows along by its foreign key.

The functions look into the schema of the tables whatever a session has set,
and into its temporary tables last: nobody can put another ``occupancy`` before
ours. ``occupancy_truth`` names its tables in full instead, since a function
with settings is not taken into the query that asks it, and would read every
date each time. What writes or locks runs with the rights of the owner, so that
a role that serves needs none on ``occupancy``.
"""

from functools import cache

import sqlalchemy as sa

from booking.guard.pieces import HOLDS, LISTED, PROOF_TABLES, STORED, Engine, Piece, is_true

_RAISE = "USING ERRCODE = 'integrity_constraint_violation'"

#: Behind the head of a function; {path} becomes the schema of the tables and what else is looked into.
_OWN_PATH = " SET search_path TO {path}\n"
_AS_OWNER = " SECURITY DEFINER\n" + _OWN_PATH

#: When a date begins, in epoch seconds, set-up included.
_BEGINS = "extract(epoch FROM occurrence.start)::bigint - 60 * occurrence.before_minutes"

#: The dates of a room that hold it; in a function that says which ``list`` of parts it looks at.
_OF_LIST = f"SELECT id FROM occurrence WHERE room_id = list AND status IN {HOLDS}"

_FUNCTIONS = [
    f"""CREATE OR REPLACE FUNCTION {{schema}}.occupancy_truth()
 RETURNS TABLE(part_id integer, start bigint, "end" bigint, occurrence_id integer)
 LANGUAGE sql
 STABLE
AS $function$
  SELECT room_part.part_id, {_BEGINS},
    extract(epoch FROM occurrence."end")::bigint + 60 * occurrence.after_minutes, occurrence.id
  FROM {{schema}}.occurrence JOIN {{schema}}.room_part ON {LISTED.format(schema="{schema}.", begins=_BEGINS)}
  WHERE occurrence.status IN {HOLDS}
$function$
""",
    f"""CREATE OR REPLACE FUNCTION {{schema}}.occurrence_check()
 RETURNS trigger
 LANGUAGE plpgsql
{_OWN_PATH}AS $function$
BEGIN
  IF TG_OP = 'UPDATE' AND NEW.id <> OLD.id THEN
    RAISE EXCEPTION 'occurrence_id_fixed' {_RAISE};
  END IF;
  IF NEW."end" <= NEW.start OR NEW.start <> date_trunc('second', NEW.start)
    OR NEW."end" <> date_trunc('second', NEW."end") OR NOT isfinite(NEW.start) OR NOT isfinite(NEW."end") THEN
    RAISE EXCEPTION 'occurrence_malformed' {_RAISE};
  END IF;
  RETURN NEW;
END
$function$
""",
    f"""CREATE OR REPLACE FUNCTION {{schema}}.occurrence_sync()
 RETURNS trigger
 LANGUAGE plpgsql
{_AS_OWNER}AS $function$
BEGIN
  IF NEW.status IN {HOLDS} THEN
    PERFORM 1 FROM room WHERE id = NEW.room_id FOR SHARE;
    PERFORM 1 FROM part WHERE id IN (SELECT part_id FROM room_part WHERE room_id = NEW.room_id)
      ORDER BY id FOR NO KEY UPDATE;
  END IF;
  DELETE FROM occupancy WHERE occurrence_id = NEW.id AND NOT {is_true("occupancy", "occupancy_truth()")};
  IF NEW.status IN {HOLDS} THEN
    INSERT INTO occupancy (part_id, start, "end", occurrence_id)
      SELECT part_id, start, "end", occurrence_id FROM occupancy_truth() AS truth
      WHERE occurrence_id = NEW.id AND NOT {STORED};
    IF EXISTS (SELECT 1 FROM occupancy_truth() AS truth WHERE occurrence_id = NEW.id AND NOT {STORED}) THEN
      RAISE EXCEPTION 'occupancy_incomplete' {_RAISE};
    END IF;
    IF NOT EXISTS (SELECT 1 FROM occupancy WHERE occurrence_id = NEW.id) THEN
      RAISE EXCEPTION 'room_without_parts' {_RAISE};
    END IF;
  END IF;
  RETURN NULL;
END
$function$
""",
    f"""CREATE OR REPLACE FUNCTION {{schema}}.occupancy_check()
 RETURNS trigger
 LANGUAGE plpgsql
{_OWN_PATH}AS $function$
BEGIN
  CASE TG_OP
    WHEN 'INSERT' THEN
      IF NEW."end" > NEW.start AND {is_true("NEW", "occupancy_truth()")} THEN
        RETURN NEW;
      END IF;
      RAISE EXCEPTION 'occupancy_not_owned' {_RAISE};
    WHEN 'UPDATE' THEN
      RAISE EXCEPTION 'occupancy_fixed' {_RAISE};
    WHEN 'DELETE' THEN
      IF NOT {is_true("OLD", "occupancy_truth()")} THEN
        RETURN OLD;
      END IF;
      RAISE EXCEPTION 'occupancy_owned' {_RAISE};
    WHEN 'TRUNCATE' THEN
      RAISE EXCEPTION 'occupancy_owned' {_RAISE};
  END CASE;
END
$function$
""",
    f"""CREATE OR REPLACE FUNCTION {{schema}}.room_part_check()
 RETURNS trigger
 LANGUAGE plpgsql
{_AS_OWNER}AS $function$
DECLARE
  rooms integer[];
  later boolean := false;
BEGIN
  CASE TG_OP
    WHEN 'INSERT' THEN
      rooms := ARRAY[NEW.room_id];
      later := NEW.since > 0;
    WHEN 'UPDATE' THEN
      rooms := ARRAY[OLD.room_id, NEW.room_id];
    WHEN 'DELETE' THEN
      rooms := ARRAY[OLD.room_id];
      later := OLD.since > 0;
    WHEN 'TRUNCATE' THEN
      rooms := ARRAY(SELECT id FROM room);
  END CASE;
  UPDATE room SET id = id WHERE id = ANY (rooms);
  IF current_setting('transaction_isolation') <> 'read committed'
    OR NOT later AND EXISTS (SELECT 1 FROM occurrence WHERE room_id = ANY (rooms) AND status IN {HOLDS}) THEN
    RAISE EXCEPTION 'room_in_use' {_RAISE};
  END IF;
  RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
END
$function$
""",
    f"""CREATE OR REPLACE FUNCTION {{schema}}.room_part_sync()
 RETURNS trigger
 LANGUAGE plpgsql
{_AS_OWNER}AS $function$
DECLARE
  list integer := CASE TG_OP WHEN 'DELETE' THEN OLD.room_id ELSE NEW.room_id END;
  later boolean := CASE TG_OP WHEN 'DELETE' THEN OLD.since ELSE NEW.since END > 0;
BEGIN
  IF NOT later THEN
    RETURN NULL;
  END IF;
  PERFORM 1 FROM part WHERE id IN (SELECT part_id FROM room_part WHERE room_id = list)
    ORDER BY id FOR NO KEY UPDATE;
  DELETE FROM occupancy WHERE occurrence_id IN ({_OF_LIST}) AND NOT {is_true("occupancy", "occupancy_truth()")};
  INSERT INTO occupancy (part_id, start, "end", occurrence_id)
    SELECT part_id, start, "end", occurrence_id FROM occupancy_truth() AS truth
    WHERE occurrence_id IN ({_OF_LIST}) AND NOT {STORED};
  IF EXISTS (SELECT 1 FROM occupancy_truth() AS truth WHERE occurrence_id IN ({_OF_LIST}) AND NOT {STORED}) THEN
    RAISE EXCEPTION 'occupancy_incomplete' {_RAISE};
  END IF;
  IF EXISTS ({_OF_LIST} AND NOT EXISTS (SELECT 1 FROM occupancy WHERE occurrence_id = occurrence.id)) THEN
    RAISE EXCEPTION 'room_without_parts' {_RAISE};
  END IF;
  RETURN NULL;
END
$function$
""",
    f"""CREATE OR REPLACE FUNCTION {{schema}}.log_entry_check()
 RETURNS trigger
 LANGUAGE plpgsql
{_OWN_PATH}AS $function$
BEGIN
  RAISE EXCEPTION 'log_entry_fixed' {_RAISE};
END
$function$
""",
]

_TRIGGERS = [
    ("occurrence", "check", "check", "BEFORE INSERT OR UPDATE", "ROW"),
    ("occurrence", "sync", "sync", "AFTER INSERT OR UPDATE", "ROW"),
    ("occupancy", "check", "check", "BEFORE INSERT OR DELETE OR UPDATE", "ROW"),
    ("occupancy", "truncate", "check", "BEFORE TRUNCATE", "STATEMENT"),
    ("room_part", "check", "check", "BEFORE INSERT OR DELETE OR UPDATE", "ROW"),
    ("room_part", "sync", "sync", "AFTER INSERT OR DELETE", "ROW"),
    ("room_part", "truncate", "check", "BEFORE TRUNCATE", "STATEMENT"),
    ("log_entry", "check", "check", "BEFORE DELETE OR UPDATE", "ROW"),
    ("log_entry", "truncate", "check", "BEFORE TRUNCATE", "STATEMENT"),
]

_NO_OVERLAP = (
    "EXCLUDE USING gist (int8range(part_id::bigint, part_id::bigint, '[]'::text) WITH &&,"
    " int8range(start, \"end\", '[)'::text) WITH &&)"
)


#: Name of the schema of the tables, as an identifier and as a text.
_SCHEMA = """
    SELECT quote_ident(nspname), quote_literal(nspname) FROM pg_namespace WHERE oid = coalesce(
      (SELECT relnamespace FROM pg_class WHERE oid = to_regclass('occupancy')), current_schema()::regnamespace)"""


def engine(connection: sa.Connection) -> Engine:
    """The guard in the schema in which this connection finds its tables, or would make them."""
    return _engine(*connection.exec_driver_sql(_SCHEMA).one())


@cache
def _engine(schema: str, schema_text: str) -> Engine:
    ours = f"(SELECT oid FROM pg_namespace WHERE nspname = {schema_text})"
    return Engine(
        pieces=[
            *(_function(text, schema, f"'pg_catalog', {schema_text}, 'pg_temp'") for text in _FUNCTIONS),
            *(_trigger(schema, *trigger) for trigger in _TRIGGERS),
            Piece(
                "constraint occupancy_no_overlap",
                _NO_OVERLAP,
                f"ALTER TABLE {schema}.occupancy ADD CONSTRAINT occupancy_no_overlap {_NO_OVERLAP}",
                f"ALTER TABLE {schema}.occupancy DROP CONSTRAINT IF EXISTS occupancy_no_overlap",
            ),
        ],
        present=_PRESENT.format(ours=ours),
        truth=f"{schema}.occupancy_truth()",
        wanted_columns=f"""
            SELECT relname, attname, format_type(atttypid, atttypmod)
            FROM pg_attribute JOIN pg_class ON pg_class.oid = attrelid
            WHERE relnamespace = {ours} AND relname IN {PROOF_TABLES}
            AND attnum > 0 AND attnotnull AND NOT atthasdef AND NOT attisdropped""",
        instant="to_timestamp({})",
        unsafe="""
            SELECT name || ' is off' FROM unnest(ARRAY['fsync', 'full_page_writes', 'synchronous_commit']) AS name
            WHERE current_setting(name) = 'off'""",
    )


def _function(text: str, schema: str, path: str) -> Piece:
    statement = text.replace("{schema}", schema).replace("{path}", path)
    name = text.split()[4].removeprefix("{schema}.").removesuffix("()")
    return Piece(f"function {name}", statement, statement, f"DROP FUNCTION IF EXISTS {schema}.{name}")


def _trigger(schema: str, table: str, purpose: str, function: str, events: str, each: str) -> Piece:
    name, ending = f"{table}_{purpose}", f"FOR EACH {each} EXECUTE FUNCTION"
    return Piece(
        f"trigger {name}",
        f"CREATE TRIGGER {name} {events} ON {table} {ending} {table}_{function}()",
        f"CREATE TRIGGER {name} {events} ON {schema}.{table} {ending} {schema}.{table}_{function}()",
        f"DROP TRIGGER IF EXISTS {name} ON {schema}.{table}",
    )


_PRESENT = """
    SELECT 'function ' || proname, pg_get_functiondef(oid)
    FROM pg_proc WHERE pronamespace = {ours} AND prokind = 'f'
    UNION ALL
    SELECT 'trigger ' || tgname,
      pg_get_triggerdef(pg_trigger.oid, true)
      || CASE tgenabled WHEN 'O' THEN '' ELSE ' -- disabled' END
      || CASE pronamespace WHEN {ours} THEN '' ELSE ' -- of another schema' END
    FROM pg_trigger JOIN pg_class ON pg_class.oid = tgrelid JOIN pg_proc ON pg_proc.oid = tgfoid
    WHERE relnamespace = {ours} AND relname IN ('occurrence', 'occupancy', 'room_part', 'log_entry')
    AND NOT tgisinternal
    UNION ALL
    SELECT 'constraint ' || conname, pg_get_constraintdef(pg_constraint.oid, true)
    FROM pg_constraint JOIN pg_class ON pg_class.oid = conrelid
    WHERE relnamespace = {ours} AND relname = 'occupancy' AND contype = 'x'"""
