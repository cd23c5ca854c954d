"""The index of dates by their status holds their rooms and whose they are.

A plan of some rooms passes by the dates of all others, and each page of the team counts the open requests in it.
"""

from alembic import op

revision = "0036"
down_revision = "0035"
branch_labels = None
depends_on = None

NAME = "ix_occurrence_status_start"


def upgrade() -> None:
    op.drop_index(NAME, "occurrence")
    op.create_index(NAME, "occurrence", ["status", "start", "room_id", "booking_id"])


def downgrade() -> None:
    op.drop_index(NAME, "occurrence")
    op.create_index(NAME, "occurrence", ["status", "start"])
