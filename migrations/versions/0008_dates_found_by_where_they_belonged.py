"""An index for where a moved date belonged, so that the plan of a day need not look at all dates."""

from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_occurrence_status_original_start", "occurrence", ["status", "original_start"])


def downgrade() -> None:
    op.drop_index("ix_occurrence_status_original_start", "occurrence")
