"""The team is invited by mail, says what it wants to hear of, may need a second factor, and reads the log by time."""

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None

INSTANT = sa.DateTime(timezone=True).with_variant(sa.Integer(), "sqlite")
FLAGS = ("needs_second_factor", "hears_of_requests")


def upgrade() -> None:
    op.add_column("staff_member", sa.Column("language", sa.String(2), server_default="de", nullable=False))
    op.add_column("staff_member", sa.Column("invited_at", INSTANT))
    for name in FLAGS:
        op.add_column("staff_member", sa.Column(name, sa.Boolean(), server_default=sa.false(), nullable=False))
    with op.batch_alter_table("staff_member") as batch:
        for name in ("language", *FLAGS):
            batch.alter_column(name, server_default=None)
    with op.batch_alter_table("letter") as batch:
        batch.add_column(sa.Column("staff_member_id", sa.Integer()))
        batch.create_foreign_key(op.f("fk_letter_staff_member_id"), "staff_member", ["staff_member_id"], ["id"])
    op.create_index("ix_log_entry_at", "log_entry", ["at", "id"])


def downgrade() -> None:
    op.drop_index("ix_log_entry_at", "log_entry")
    with op.batch_alter_table("letter") as batch:
        batch.drop_constraint(op.f("fk_letter_staff_member_id"), type_="foreignkey")
        batch.drop_column("staff_member_id")
    with op.batch_alter_table("staff_member") as batch:
        for name in ("language", "invited_at", *FLAGS):
            batch.drop_column(name)
