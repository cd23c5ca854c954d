"""Closures of several rooms, that come back every week or year, and that can be taken back."""

import json

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

INSTANT = sa.DateTime(timezone=True).with_variant(sa.Integer(), "sqlite")
OLD = sa.table("closure", sa.column("id", sa.Integer), sa.column("room_id", sa.Integer))
NEW = sa.table("closure", sa.column("id", sa.Integer), sa.column("room_ids", sa.JSON), sa.column("repeats", sa.String))


def upgrade() -> None:
    op.add_column("closure", sa.Column("room_ids", sa.JSON(), server_default="[]", nullable=False))
    op.add_column("closure", sa.Column("repeats", sa.String(8), server_default="", nullable=False))
    op.add_column("closure", sa.Column("until", INSTANT))
    op.add_column("closure", sa.Column("undo", sa.JSON()))
    connection = op.get_bind()
    for id_, room_id in connection.execute(sa.select(OLD).where(OLD.c.room_id.is_not(None))).all():
        connection.execute(sa.update(NEW).where(NEW.c.id == id_).values(room_ids=[room_id]))
    with op.batch_alter_table("closure") as batch:
        batch.drop_constraint("fk_closure_room_id", type_="foreignkey")
        batch.drop_column("room_id")
        batch.alter_column("room_ids", server_default=None)
        batch.alter_column("repeats", server_default=None)
        batch.create_check_constraint("repeats", "repeats IN ('', 'weekly', 'yearly')")


def downgrade() -> None:
    """A closure of several rooms stays one of the first, and one that comes back is there its first time alone."""
    with op.batch_alter_table("closure") as batch:
        batch.add_column(sa.Column("room_id", sa.Integer()))
    connection = op.get_bind()
    for id_, room_ids, _repeats in connection.execute(sa.select(NEW)).all():
        found = json.loads(room_ids) if isinstance(room_ids, str) else room_ids
        connection.execute(sa.update(OLD).where(OLD.c.id == id_).values(room_id=found[0] if found else None))
    with op.batch_alter_table("closure") as batch:
        batch.drop_constraint(op.f("ck_closure_repeats"), type_="check")
        for name in ("undo", "until", "repeats", "room_ids"):
            batch.drop_column(name)
        batch.create_foreign_key("fk_closure_room_id", "room", ["room_id"], ["id"])
