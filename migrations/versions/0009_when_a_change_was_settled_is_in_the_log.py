"""When a change was settled stands in the log; nobody read it from the change."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.drop_column("change", "settled_at")


def downgrade() -> None:
    instant = sa.DateTime(timezone=True).with_variant(sa.Integer(), "sqlite")
    op.add_column("change", sa.Column("settled_at", instant, nullable=True))
