"""A display can say in a second language what matters."""

import sqlalchemy as sa
from alembic import op

revision = "0031"
down_revision = "0030"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("display", sa.Column("second_language", sa.String(length=2), server_default="", nullable=False))
    with op.batch_alter_table("display") as batch:
        batch.alter_column("second_language", server_default=None)


def downgrade() -> None:
    with op.batch_alter_table("display") as batch:
        batch.drop_column("second_language")
