"""A house can address people formally."""

import sqlalchemy as sa
from alembic import op

revision = "0034"
down_revision = "0033"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("house", sa.Column("is_formal", sa.Boolean(), server_default=sa.false(), nullable=False))
    with op.batch_alter_table("house") as batch:
        batch.alter_column("is_formal", server_default=None)


def downgrade() -> None:
    with op.batch_alter_table("house") as batch:
        batch.drop_column("is_formal")
