"""The guard looks into its own schema alone, serves roles that own nothing, and keeps the record of who did what.

Its pieces are put in place at the end of every upgrade (migrations/env.py); this step makes databases of before
take one.
"""

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass
