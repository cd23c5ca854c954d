"""The guard on SQLite: one view and sixteen triggers.

SQLite has one writer at a time, so a trigger sees all there is to see. No
trigger names columns ("UPDATE OF status"): SQLite would not fire it for a
column under its other name (rowid for id). ``RAISE(ABORT)`` holds under OR
IGNORE and OR REPLACE too, but a constraint inside a trigger does not; hence
``occupancy_incomplete``. Before an insert new.id is -1 where the id is not
chosen yet, so no date may really have that. An entry of the record that
replaces another (OR REPLACE) fires no delete trigger everywhere; hence its own
look before an insert.
"""

from booking.guard.pieces import HOLDS, LISTED, PROOF_TABLES, STORED, Engine, Piece, is_true

_MALFORMED = """SELECT raise(ABORT, 'occurrence_malformed')
    WHERE typeof(new.start) <> 'integer' OR typeof(new."end") <> 'integer' OR new."end" <= new.start
    OR typeof(new.before_minutes) <> 'integer' OR typeof(new.after_minutes) <> 'integer'"""

_SYNC = f"""DELETE FROM occupancy WHERE occurrence_id = new.id AND NOT {is_true("occupancy", "occupancy_truth")};
  INSERT INTO occupancy (part_id, start, "end", occurrence_id)
    SELECT part_id, start, "end", occurrence_id FROM occupancy_truth AS truth
    WHERE occurrence_id = new.id AND NOT {STORED};
  SELECT raise(ABORT, 'occupancy_incomplete')
    WHERE EXISTS (SELECT 1 FROM occupancy_truth AS truth WHERE occurrence_id = new.id AND NOT {STORED});
  SELECT raise(ABORT, 'room_without_parts')
    WHERE new.status IN {HOLDS} AND NOT EXISTS (SELECT 1 FROM occupancy WHERE occurrence_id = new.id)"""

#: When a date begins, set-up included.
_BEGINS = "occurrence.start - 60 * occurrence.before_minutes"

_IN_USE = f"""SELECT raise(ABORT, 'room_in_use')
    WHERE EXISTS (SELECT 1 FROM occurrence WHERE status IN {HOLDS} AND room_id IN"""


def _list_sync(row: str) -> str:
    """Give all dates of a room the parts that they take now that one of its lists has ``row``, or lacks it."""
    dates = f"SELECT id FROM occurrence WHERE room_id = {row}.room_id AND status IN {HOLDS}"
    return f"""DELETE FROM occupancy WHERE occurrence_id IN ({dates}) AND NOT {is_true("occupancy", "occupancy_truth")};
  INSERT INTO occupancy (part_id, start, "end", occurrence_id)
    SELECT part_id, start, "end", occurrence_id FROM occupancy_truth AS truth
    WHERE occurrence_id IN ({dates}) AND NOT {STORED};
  SELECT raise(ABORT, 'occupancy_incomplete')
    WHERE EXISTS (SELECT 1 FROM occupancy_truth AS truth WHERE occurrence_id IN ({dates}) AND NOT {STORED});
  SELECT raise(ABORT, 'room_without_parts')
    WHERE EXISTS ({dates} AND NOT EXISTS (SELECT 1 FROM occupancy WHERE occurrence_id = occurrence.id))"""


_STATEMENTS = [
    f"""CREATE VIEW occupancy_truth AS
  SELECT room_part.part_id, {_BEGINS} AS start,
    occurrence."end" + 60 * occurrence.after_minutes AS "end", occurrence.id AS occurrence_id
  FROM occurrence JOIN room_part ON {LISTED.format(schema="", begins=_BEGINS)}
  WHERE occurrence.status IN {HOLDS}""",
    f"""CREATE TRIGGER occurrence_before_insert BEFORE INSERT ON occurrence BEGIN
  SELECT raise(ABORT, 'occurrence_exists')
    WHERE EXISTS (SELECT 1 FROM occurrence WHERE id = new.id OR uid = new.uid);
  {_MALFORMED};
END""",
    f"""CREATE TRIGGER occurrence_before_update BEFORE UPDATE ON occurrence BEGIN
  SELECT raise(ABORT, 'occurrence_id_fixed') WHERE new.id IS NOT old.id;
  SELECT raise(ABORT, 'occurrence_exists')
    WHERE EXISTS (SELECT 1 FROM occurrence WHERE uid = new.uid AND id <> old.id);
  {_MALFORMED};
END""",
    f"""CREATE TRIGGER occurrence_after_insert AFTER INSERT ON occurrence BEGIN
  SELECT raise(ABORT, 'occurrence_malformed') WHERE new.id < 1;
  {_SYNC};
END""",
    f"""CREATE TRIGGER occurrence_after_update AFTER UPDATE ON occurrence BEGIN
  {_SYNC};
END""",
    """CREATE TRIGGER occurrence_after_delete AFTER DELETE ON occurrence BEGIN
  DELETE FROM occupancy WHERE occurrence_id = old.id;
END""",
    f"""CREATE TRIGGER occupancy_before_insert BEFORE INSERT ON occupancy BEGIN
  SELECT raise(ABORT, 'double_booking') WHERE (
    SELECT taken."end" FROM occupancy AS taken WHERE taken.part_id = new.part_id AND taken.start < new."end"
    ORDER BY taken.start DESC LIMIT 1) > new.start;
  SELECT raise(ABORT, 'occupancy_not_owned') WHERE new."end" <= new.start OR NOT {is_true("new", "occupancy_truth")};
END""",
    """CREATE TRIGGER occupancy_before_update BEFORE UPDATE ON occupancy BEGIN
  SELECT raise(ABORT, 'occupancy_fixed');
END""",
    f"""CREATE TRIGGER occupancy_before_delete BEFORE DELETE ON occupancy BEGIN
  SELECT raise(ABORT, 'occupancy_owned') WHERE {is_true("old", "occupancy_truth")};
END""",
    f"""CREATE TRIGGER room_part_before_insert BEFORE INSERT ON room_part WHEN new.since <= 0 BEGIN
  {_IN_USE} (new.room_id));
END""",
    f"""CREATE TRIGGER room_part_after_insert AFTER INSERT ON room_part WHEN new.since > 0 BEGIN
  {_list_sync("new")};
END""",
    f"""CREATE TRIGGER room_part_before_update BEFORE UPDATE ON room_part BEGIN
  {_IN_USE} (old.room_id, new.room_id));
END""",
    f"""CREATE TRIGGER room_part_before_delete BEFORE DELETE ON room_part WHEN old.since <= 0 BEGIN
  {_IN_USE} (old.room_id));
END""",
    f"""CREATE TRIGGER room_part_after_delete AFTER DELETE ON room_part WHEN old.since > 0 BEGIN
  {_list_sync("old")};
END""",
    """CREATE TRIGGER log_entry_before_insert BEFORE INSERT ON log_entry BEGIN
  SELECT raise(ABORT, 'log_entry_fixed') WHERE EXISTS (SELECT 1 FROM log_entry WHERE id = new.id AND id > 0);
END""",
    """CREATE TRIGGER log_entry_before_update BEFORE UPDATE ON log_entry BEGIN
  SELECT raise(ABORT, 'log_entry_fixed');
END""",
    """CREATE TRIGGER log_entry_before_delete BEFORE DELETE ON log_entry BEGIN
  SELECT raise(ABORT, 'log_entry_fixed');
END""",
]


def _piece(statement: str) -> Piece:
    _, kind, name, *_ = statement.split()
    return Piece(f"{kind.lower()} {name}", statement, statement, f"DROP {kind} IF EXISTS {name}")


ENGINE = Engine(
    pieces=[_piece(statement) for statement in _STATEMENTS],
    present="SELECT type || ' ' || name, sql FROM sqlite_master WHERE type IN ('view', 'trigger')",
    truth="occupancy_truth",
    wanted_columns=f"""
        SELECT tables.name, columns.name, lower(columns.type)
        FROM sqlite_master AS tables, pragma_table_info(tables.name) AS columns
        WHERE tables.name IN {PROOF_TABLES} AND columns."notnull" AND columns.dflt_value IS NULL""",
    instant="{}",
    unsafe="SELECT 'PRAGMA synchronous is below FULL' FROM pragma_synchronous WHERE synchronous < 2",
)
