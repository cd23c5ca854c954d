"""The house and its rooms have the article that stands before their names in a sentence."""

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for table in ("house", "room"):
        op.add_column(table, sa.Column("article", sa.String(3), server_default="", nullable=False))
        op.add_column(table, sa.Column("inflected", sa.String(), server_default="", nullable=False))
        with op.batch_alter_table(table) as batch:
            for name in ("article", "inflected"):
                batch.alter_column(name, server_default=None)
    op.execute("UPDATE house SET article = 'das'")  # as letters have said until now


def downgrade() -> None:
    for table in ("house", "room"):
        with op.batch_alter_table(table) as batch:
            for name in ("article", "inflected"):
                batch.drop_column(name)
