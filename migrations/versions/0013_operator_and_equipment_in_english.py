"""Operator and equipment in English; where there are none, those in the language of the house are read."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

NEW = (("house", "operator_en", sa.String(), ""), ("room", "equipment_en", sa.JSON(), "[]"))


def upgrade() -> None:
    for table, column, kind, empty in NEW:
        op.add_column(table, sa.Column(column, kind, server_default=empty, nullable=False))
        with op.batch_alter_table(table) as batch:
            batch.alter_column(column, server_default=None)


def downgrade() -> None:
    for table, column, _kind, _empty in NEW:
        op.drop_column(table, column)
