"""The hint of the lobby in English; where there is none, the one in the language of the house is read."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("house", sa.Column("lobby_hint_en", sa.String(), server_default="", nullable=False))
    with op.batch_alter_table("house") as batch:
        batch.alter_column("lobby_hint_en", server_default=None)


def downgrade() -> None:
    op.drop_column("house", "lobby_hint_en")
