"""Migrations make the tables of the models, can be taken back, and leave the guard in place."""

import re
from pathlib import Path

import flask_migrate
import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from flask import Flask, current_app

from booking import guard
from booking.database import RoomTaken, db, sqlite_library, writing
from booking.domain.status import Status
from booking.models import Room
from tests import make


def proved() -> bool:
    with writing():
        guard.prove(db.session.connection())
    return True


def test_migrations_and_models_agree(engine_app: Flask) -> None:
    with db.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True, "compare_server_default": True})

        assert compare_metadata(context, db.metadata) == []


def test_migrations_make_the_constraints_of_the_models(app: Flask) -> None:
    """Alembic does not compare CHECKs, nor that a table is strict; the texts of SQLite show all of it."""
    with db.engine.connect() as connection:
        migrated = tables(connection)
    engine = sa.create_engine("sqlite://", module=sqlite_library)
    with engine.connect() as connection:
        db.metadata.create_all(connection)
        created = tables(connection)
    engine.dispose()

    migrated.pop("alembic_version")
    assert migrated == created


def tables(connection: sa.Connection) -> dict[str, list[str]]:
    """By table, its columns and constraints; their order means nothing, nor on how many lines they stand."""
    found = connection.exec_driver_sql("SELECT name, sql FROM sqlite_master WHERE type = 'table'")
    bodies = {name: text[text.index("(") + 1 : text.rindex(")")] for name, text in found}
    return {
        name: sorted(" ".join(piece.split()) for piece in re.split(r",(?![^(]*\))", body))
        for name, body in bodies.items()
    }


def test_every_step_can_be_taken_back_and_again(engine_app: Flask) -> None:
    script = ScriptDirectory(str(Path(engine_app.root_path) / "migrations"))
    steps = [revision.revision for revision in script.walk_revisions()]
    db.session.remove()

    for step in [*steps[1:], "base"]:
        flask_migrate.downgrade(revision=step)
        assert step == "base" or proved()
    assert sa.inspect(db.engine).get_table_names() == ["alembic_version"]
    assert leftovers() == []

    for step in reversed(steps):
        flask_migrate.upgrade(revision=step)
        assert proved()


def leftovers() -> list[str]:
    """Triggers, views and functions that belong to no table any more."""
    query = (
        "SELECT name FROM sqlite_master WHERE type IN ('view', 'trigger')"
        if db.engine.dialect.name == "sqlite"
        else "SELECT proname FROM pg_proc WHERE pronamespace = 'public'::regnamespace"
    )
    with db.engine.connect() as connection:
        return list(connection.exec_driver_sql(query).scalars())


def test_database_of_before_gets_the_guard_of_today(engine_app: Flask) -> None:
    postgresql = (
        "ALTER FUNCTION occurrence_sync() RESET search_path",
        "ALTER FUNCTION occurrence_sync() SECURITY INVOKER",
    )
    before = {
        "sqlite": ("DROP TRIGGER log_entry_before_update", "DROP TRIGGER log_entry_before_delete"),
        "postgresql": (*postgresql, "DROP FUNCTION log_entry_check() CASCADE"),
    }
    flask_migrate.downgrade(revision="0004")
    with writing():
        for statement in before[db.engine.dialect.name]:
            db.session.execute(sa.text(statement))
        db.session.commit()
    with pytest.raises(guard.Unguarded):
        proved()

    flask_migrate.upgrade()

    assert proved()


def test_parts_of_before_stay_and_later_ones_leave_with_their_step(engine_app: Flask) -> None:
    hall, _ = make.room("Saal"), make.room("Werkstatt")
    make.booking(hall, "2027-01-06T16:00", "2027-05-05T16:00", status=Status.APPROVED)
    make.other_parts(hall, "2027-05-01T00:00", ["Saal", "Werkstatt"])
    db.session.remove()

    flask_migrate.downgrade(revision="0034")
    assert occupied() == [(1, 1), (2, 1)]
    with writing():
        connection = db.session.connection()
        guard.remove(connection)
        for statement in PARTS_OF_BEFORE[connection.dialect.name]:
            connection.exec_driver_sql(statement)
        db.session.commit()
    flask_migrate.upgrade()

    assert proved()
    assert occupied() == [(1, 1), (2, 1)]
    workshop = db.session.get_one(Room, 2)
    make.other_parts(workshop, "2027-05-01T00:00", ["Saal"])
    with pytest.raises(RoomTaken):
        make.booking(workshop, "2027-05-05T16:00", status=Status.APPROVED)


#: What the table of parts was before they could be others from a day on.
PARTS_OF_BEFORE = {
    "sqlite": (
        "CREATE TABLE before (room_id INTEGER NOT NULL, part_id INTEGER NOT NULL,"
        " CONSTRAINT fk_room_part_part_id FOREIGN KEY(part_id) REFERENCES part (id),"
        " CONSTRAINT fk_room_part_room_id FOREIGN KEY(room_id) REFERENCES room (id),"
        " CONSTRAINT pk_room_part PRIMARY KEY (room_id, part_id))",
        "INSERT INTO before SELECT room_id, part_id FROM room_part",
        "DROP TABLE room_part",
        "ALTER TABLE before RENAME TO room_part",
    ),
    "postgresql": (
        "ALTER TABLE room_part DROP COLUMN since",
        "ALTER TABLE room_part ADD CONSTRAINT pk_room_part PRIMARY KEY (room_id, part_id)",
    ),
}


def occupied() -> list[tuple[int, int]]:
    with db.engine.connect() as connection:
        rows = connection.exec_driver_sql("SELECT occurrence_id, part_id FROM occupancy ORDER BY 1, 2")
        return [(row[0], row[1]) for row in rows]


def test_rows_and_guard_survive_a_table_that_is_rebuilt(engine_app: Flask, tmp_path: Path) -> None:
    """SQLite changes a column by copying its table, and drops the triggers with the old one, without a word."""
    room = make.room()
    make.booking(room, "2027-01-06T16:00", "2027-01-13T16:00", status=Status.APPROVED)
    db.session.remove()
    config = current_app.extensions["migrate"].migrate.get_config(None)
    folder = tmp_path / "migrations"
    folder.joinpath("versions").mkdir(parents=True)
    own = Path(config.get_main_option("script_location"))
    for name in ("env.py", "script.py.mako", *(f"versions/{path.name}" for path in own.glob("versions/*.py"))):
        folder.joinpath(name).write_text((own / name).read_text())
    head = ScriptDirectory(str(folder)).get_current_head()
    folder.joinpath("versions/next.py").write_text(f"""
import sqlalchemy as sa
from alembic import op

from booking import guard

revision, down_revision, branch_labels, depends_on = "next", "{head}", None, None


def upgrade():
    guard.remove(op.get_bind())
    with op.batch_alter_table("occurrence", recreate="auto") as batch:
        batch.alter_column("reason", type_=sa.String(500), existing_type=sa.String(), existing_nullable=False)
        batch.alter_column("before_minutes", type_=sa.BigInteger(), existing_type=sa.Integer(), existing_nullable=False)


def downgrade():
    pass
""")

    flask_migrate.upgrade(directory=str(folder))

    assert proved()
    with db.engine.connect() as connection:
        assert guard.untruths(connection) == []
        assert connection.exec_driver_sql("SELECT count(*) FROM occupancy").scalar() == 2
    if db.engine.dialect.name == "sqlite":
        assert db.session.execute(sa.text("PRAGMA foreign_keys")).scalar_one() == 1
