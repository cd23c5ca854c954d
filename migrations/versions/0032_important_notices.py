"""A notice in the lobby can be important."""

import sqlalchemy as sa
from alembic import op

revision = "0032"
down_revision = "0031"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("notice", sa.Column("is_important", sa.Boolean(), server_default=sa.false(), nullable=False))
    with op.batch_alter_table("notice") as batch:
        batch.alter_column("is_important", server_default=None)


def downgrade() -> None:
    with op.batch_alter_table("notice") as batch:
        batch.drop_column("is_important")
