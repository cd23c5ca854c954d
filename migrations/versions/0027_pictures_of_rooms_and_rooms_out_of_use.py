"""Rooms have a picture, and may be out of use."""

import sqlalchemy as sa
from alembic import op

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None

_COLUMNS: list[tuple[str, sa.types.TypeEngine[object], sa.ColumnElement[object] | str]] = [
    ("is_active", sa.Boolean(), sa.true()),
    ("photo", sa.String(), ""),
    ("photo_text", sa.String(), ""),
    ("photo_text_en", sa.String(), ""),
]


def upgrade() -> None:
    op.create_table(
        "photo",
        sa.Column("room_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("jpeg", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["room_id"], ["room.id"], name="fk_photo_room_id"),
        sa.PrimaryKeyConstraint("room_id", name="pk_photo"),
    )
    for name, kind, usual in _COLUMNS:
        op.add_column("room", sa.Column(name, kind, server_default=usual, nullable=False))
    with op.batch_alter_table("room") as batch:
        for name, _, _ in _COLUMNS:
            batch.alter_column(name, server_default=None)


def downgrade() -> None:
    with op.batch_alter_table("room") as batch:
        for name, _, _ in _COLUMNS:
            batch.drop_column(name)
    op.drop_table("photo")
