"""The team gets a letter in the morning, once a day."""

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("staff_member", sa.Column("hears_daily", sa.Boolean(), server_default=sa.true(), nullable=False))
    op.add_column("staff_member", sa.Column("heard_on", sa.Date()))
    with op.batch_alter_table("staff_member") as batch:
        batch.alter_column("hears_daily", server_default=None)


def downgrade() -> None:
    with op.batch_alter_table("staff_member") as batch:
        batch.drop_column("hears_daily")
        batch.drop_column("heard_on")
