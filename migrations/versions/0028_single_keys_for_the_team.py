"""Those of the team who like have single keys that do what buttons do."""

import sqlalchemy as sa
from alembic import op

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("staff_member", sa.Column("has_shortcuts", sa.Boolean(), server_default=sa.false(), nullable=False))
    with op.batch_alter_table("staff_member") as batch:
        batch.alter_column("has_shortcuts", server_default=None)


def downgrade() -> None:
    with op.batch_alter_table("staff_member") as batch:
        batch.drop_column("has_shortcuts")
