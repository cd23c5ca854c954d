"""Rooms may follow a calendar from outside."""

import sqlalchemy as sa
from alembic import op

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "outside_calendar",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("room_id", sa.Integer(), nullable=False),
        sa.Column("address", sa.String(), nullable=False),
        sa.Column("checked_at", sa.DateTime(timezone=True).with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("fetched_at", sa.DateTime(timezone=True).with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("error", sa.String(length=16), nullable=False),
        sa.ForeignKeyConstraint(["room_id"], ["room.id"], name=op.f("fk_outside_calendar_room_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outside_calendar")),
        sa.UniqueConstraint("room_id", name=op.f("uq_outside_calendar_room_id")),
    )
    op.add_column("room", sa.Column("busy", sa.Text(), server_default="", nullable=False))
    with op.batch_alter_table("room") as batch:
        batch.alter_column("busy", server_default=None)


def downgrade() -> None:
    with op.batch_alter_table("room") as batch:
        batch.drop_column("busy")
    op.drop_table("outside_calendar")
