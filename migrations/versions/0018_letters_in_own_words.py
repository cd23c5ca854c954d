"""Letters in the office's own words."""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("house", sa.Column("own_words", sa.JSON(), server_default="{}", nullable=False))
    with op.batch_alter_table("house") as batch:
        batch.alter_column("own_words", server_default=None)


def downgrade() -> None:
    op.drop_column("house", "own_words")
