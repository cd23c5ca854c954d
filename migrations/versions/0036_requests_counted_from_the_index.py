"""The index of dates by their status holds whose they are: each page of the team counts the open requests."""

from alembic import op

revision = "0036"
down_revision = "0035"
branch_labels = None
depends_on = None

NAME = "ix_occurrence_status_start"


def upgrade() -> None:
    op.drop_index(NAME, "occurrence")
    op.create_index(NAME, "occurrence", ["status", "start", "booking_id"])


def downgrade() -> None:
    op.drop_index(NAME, "occurrence")
    op.create_index(NAME, "occurrence", ["status", "start"])
