"""No room is marked as an example: nobody read it."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.drop_column("room", "is_example")


def downgrade() -> None:
    op.add_column("room", sa.Column("is_example", sa.Boolean(), server_default=sa.false(), nullable=False))
    with op.batch_alter_table("room") as batch:
        batch.alter_column("is_example", server_default=None)
