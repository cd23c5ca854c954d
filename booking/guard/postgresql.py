"""The guard on PostgreSQL: an exclusion constraint, five functions and their triggers.

Definitions are written as PostgreSQL itself prints them, so that they can be
compared letter by letter. The sync locks the room against a change of its
parts, and the parts in one order, so that two who book past the application's
``claim`` wait instead of running into the constraint's deadlock. Each statement
in a function sees what others have committed by then, except above READ
COMMITTED; there a change of parts is refused. A date that is deleted takes its
rows along by its foreign key.
"""

from booking.guard.pieces import HOLDS, PROOF_TABLES, STORED, Engine, Piece, is_true

_RAISE = "USING ERRCODE = 'integrity_constraint_violation'"

_FUNCTIONS = [
    f"""CREATE OR REPLACE FUNCTION occupancy_truth()
 RETURNS TABLE(part_id integer, start bigint, "end" bigint, occurrence_id integer)
 LANGUAGE sql
 STABLE
AS $function$
  SELECT room_part.part_id, extract(epoch FROM occurrence.start)::bigint - 60 * occurrence.before_minutes,
    extract(epoch FROM occurrence."end")::bigint + 60 * occurrence.after_minutes, occurrence.id
  FROM occurrence JOIN room_part ON room_part.room_id = occurrence.room_id
  WHERE occurrence.status IN {HOLDS}
$function$
""",
    f"""CREATE OR REPLACE FUNCTION occurrence_check()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
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
    f"""CREATE OR REPLACE FUNCTION occurrence_sync()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
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
    f"""CREATE OR REPLACE FUNCTION occupancy_check()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
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
    f"""CREATE OR REPLACE FUNCTION room_part_check()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
DECLARE
  rooms integer[];
BEGIN
  CASE TG_OP
    WHEN 'INSERT' THEN rooms := ARRAY[NEW.room_id];
    WHEN 'UPDATE' THEN rooms := ARRAY[OLD.room_id, NEW.room_id];
    WHEN 'DELETE' THEN rooms := ARRAY[OLD.room_id];
    WHEN 'TRUNCATE' THEN rooms := ARRAY(SELECT id FROM room);
  END CASE;
  UPDATE room SET id = id WHERE id = ANY (rooms);
  IF current_setting('transaction_isolation') <> 'read committed'
    OR EXISTS (SELECT 1 FROM occurrence WHERE room_id = ANY (rooms) AND status IN {HOLDS}) THEN
    RAISE EXCEPTION 'room_in_use' {_RAISE};
  END IF;
  RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
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
    ("room_part", "truncate", "check", "BEFORE TRUNCATE", "STATEMENT"),
]

_NO_OVERLAP = (
    "EXCLUDE USING gist (int8range(part_id::bigint, part_id::bigint, '[]'::text) WITH &&,"
    " int8range(start, \"end\", '[)'::text) WITH &&)"
)


def _function(statement: str) -> Piece:
    name = statement.split()[4].partition("(")[0]
    return Piece(f"function {name}", statement, statement, f"DROP FUNCTION IF EXISTS {name}")


def _trigger(table: str, purpose: str, function: str, events: str, each: str) -> Piece:
    name = f"{table}_{purpose}"
    statement = f"CREATE TRIGGER {name} {events} ON {table} FOR EACH {each} EXECUTE FUNCTION {table}_{function}()"
    return Piece(f"trigger {name}", statement, statement, f"DROP TRIGGER IF EXISTS {name} ON {table}")


ENGINE = Engine(
    pieces=[
        *(_function(statement) for statement in _FUNCTIONS),
        *(_trigger(*trigger) for trigger in _TRIGGERS),
        Piece(
            "constraint occupancy_no_overlap",
            _NO_OVERLAP,
            f"ALTER TABLE occupancy ADD CONSTRAINT occupancy_no_overlap {_NO_OVERLAP}",
            "ALTER TABLE occupancy DROP CONSTRAINT IF EXISTS occupancy_no_overlap",
        ),
    ],
    present="""
        SELECT 'function ' || proname, replace(pg_get_functiondef(oid), quote_ident(current_schema()) || '.', '')
        FROM pg_proc WHERE pronamespace = current_schema()::regnamespace AND prokind = 'f'
        UNION ALL
        SELECT 'trigger ' || tgname,
          pg_get_triggerdef(oid, true) || CASE tgenabled WHEN 'O' THEN '' ELSE ' -- disabled' END
        FROM pg_trigger
        WHERE tgrelid IN ('occurrence'::regclass, 'occupancy'::regclass, 'room_part'::regclass) AND NOT tgisinternal
        UNION ALL
        SELECT 'constraint ' || conname, pg_get_constraintdef(oid, true)
        FROM pg_constraint WHERE conrelid = 'occupancy'::regclass AND contype = 'x'""",
    truth="occupancy_truth()",
    wanted_columns=f"""
        SELECT attrelid::regclass::text, attname, format_type(atttypid, NULL)
        FROM pg_attribute
        WHERE attrelid IN ({", ".join(f"'{table}'::regclass" for table in PROOF_TABLES)})
        AND attnum > 0 AND attnotnull AND NOT atthasdef AND NOT attisdropped""",
    instant="to_timestamp({})",
    unsafe="""
        SELECT name || ' is off' FROM unnest(ARRAY['fsync', 'full_page_writes', 'synchronous_commit']) AS name
        WHERE current_setting(name) = 'off'""",
)
