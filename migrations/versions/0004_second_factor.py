"""A second factor for the team: codes from an app, codes for when it is lost, passkeys."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

INSTANT = sa.DateTime(timezone=True).with_variant(sa.Integer(), "sqlite")  # on SQLite whole epoch seconds

COLUMNS = {
    "totp_secret": sa.String(),
    "totp_counter": sa.Integer(),
    "mf_recovery_codes": sa.UnicodeText(),
    "passkey_handle": sa.String(64),
}


def upgrade() -> None:
    for name, kind in COLUMNS.items():
        op.add_column("staff_member", sa.Column(name, kind, nullable=True))
    op.create_table(
        "passkey",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("staff_member_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(40), nullable=False),
        sa.Column("credential_id", sa.LargeBinary(), nullable=False),
        sa.Column("public_key", sa.LargeBinary(), nullable=False),
        sa.Column("sign_count", sa.BigInteger(), nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("used_at", INSTANT, nullable=True),
        sa.ForeignKeyConstraint(["staff_member_id"], ["staff_member.id"], name="fk_passkey_staff_member_id"),
        sa.PrimaryKeyConstraint("id", name="pk_passkey"),
        sa.UniqueConstraint("credential_id", name="uq_passkey_credential_id"),
    )
    op.create_index("ix_passkey_staff_member_id", "passkey", ["staff_member_id"])


def downgrade() -> None:
    op.drop_table("passkey")
    with op.batch_alter_table("staff_member") as member:
        for name in COLUMNS:
            member.drop_column(name)
