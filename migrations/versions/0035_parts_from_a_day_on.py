"""The parts of a room can be others from a day on."""

import sqlalchemy as sa
from alembic import op

revision = "0035"
down_revision = "0034"
branch_labels = None
depends_on = None

EPOCH_SECONDS = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    columns = sa.inspect(op.get_bind()).get_columns("room_part")
    if any(column["name"] == "since" for column in columns):
        return
    with op.batch_alter_table("room_part") as batch:
        batch.add_column(sa.Column("since", EPOCH_SECONDS, server_default=sa.text("0"), nullable=False))
        batch.drop_constraint("pk_room_part", type_="primary")
        batch.create_primary_key("pk_room_part", ["room_id", "since", "part_id"])


def downgrade() -> None:
    """Leave each room the parts that it took at first; the column stays, as the guard that is put in place reads it.

    Fails where two dates that hold their rooms would overlap then.
    """
    op.execute("DELETE FROM room_part WHERE since > 0")
