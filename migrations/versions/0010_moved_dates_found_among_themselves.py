"""The index for where dates belonged holds those that were moved: the plan of four weeks looked at all the others."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.drop_index("ix_occurrence_status_original_start", "occurrence")
    moved = sa.text("start <> original_start")
    op.create_index(
        "ix_occurrence_moved", "occurrence", ["status", "original_start"], sqlite_where=moved, postgresql_where=moved
    )


def downgrade() -> None:
    op.drop_index("ix_occurrence_moved", "occurrence")
    op.create_index("ix_occurrence_status_original_start", "occurrence", ["status", "original_start"])
