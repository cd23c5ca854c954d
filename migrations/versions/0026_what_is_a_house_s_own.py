"""The house keeps the facts that the law asks for, and files of its own."""

import sqlalchemy as sa
from alembic import op

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for name in ("facts", "files"):
        op.add_column("house", sa.Column(name, sa.JSON(), server_default="{}", nullable=False))
    with op.batch_alter_table("house") as batch:
        batch.alter_column("facts", server_default=None)
        batch.alter_column("files", server_default=None)
    op.create_table(
        "house_file",
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_house_file"),
    )


def downgrade() -> None:
    op.drop_table("house_file")
    with op.batch_alter_table("house") as batch:
        batch.drop_column("files")
        batch.drop_column("facts")
