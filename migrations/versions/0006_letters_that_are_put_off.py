"""Since when a letter's mailbox takes nothing, and addresses as mail travels to them."""

import idna
import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

INSTANT = sa.DateTime(timezone=True).with_variant(sa.Integer(), "sqlite")  # on SQLite whole epoch seconds

COLUMNS = [("contact", "email"), ("contact", "mailbox"), ("house", "email")]


def upgrade() -> None:
    op.add_column("letter", sa.Column("put_off_since", INSTANT, nullable=True))
    connection = op.get_bind()
    for table, column in COLUMNS:
        rows = sa.table(table, sa.column("id"), sa.column(column))
        address = rows.c[column]
        for id_, old in connection.execute(sa.select(rows.c.id, address).where(address.is_not(None))).all():
            connection.execute(sa.update(rows).where(rows.c.id == id_).values({column: _as_sent(old)}))


def _as_sent(address: str) -> str:
    name, at, domain = address.rpartition("@")
    try:
        return address if domain.isascii() else f"{name}{at}{idna.encode(domain, uts46=True).decode()}"
    except idna.IDNAError:  # nobody can be reached there; a letter says so to the team
        return address


def downgrade() -> None:
    op.drop_column("letter", "put_off_since")
