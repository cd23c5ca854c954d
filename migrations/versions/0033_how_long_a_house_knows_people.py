"""A house decides how long it knows people."""

import sqlalchemy as sa
from alembic import op

revision = "0033"
down_revision = "0032"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("house", sa.Column("retention", sa.JSON(), server_default="{}", nullable=False))
    with op.batch_alter_table("house") as batch:
        batch.alter_column("retention", server_default=None)


def downgrade() -> None:
    with op.batch_alter_table("house") as batch:
        batch.drop_column("retention")
