"""Several rooms may be asked for at once."""

import sqlalchemy as sa
from alembic import op

revision = "0030"
down_revision = "0029"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("room", sa.Column("together", sa.JSON(), server_default="[]", nullable=False))
    with op.batch_alter_table("room") as batch:
        batch.alter_column("together", server_default=None)


def downgrade() -> None:
    with op.batch_alter_table("room") as batch:
        batch.drop_column("together")
