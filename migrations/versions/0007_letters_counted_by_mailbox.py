"""To which mailbox a letter went, as a key that nobody can turn back."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("letter", sa.Column("mailbox_key", sa.String(64), nullable=True))
    op.create_index("ix_letter_mailbox_key", "letter", ["mailbox_key"])


def downgrade() -> None:
    op.drop_index("ix_letter_mailbox_key", "letter")
    op.drop_column("letter", "mailbox_key")
