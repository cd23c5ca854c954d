"""Links for calendars, whether a link was used, and where the mail to an address arrives."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

INSTANT = sa.DateTime(timezone=True).with_variant(sa.Integer(), "sqlite")  # on SQLite whole epoch seconds


def upgrade() -> None:
    with op.batch_alter_table("link") as link:
        link.add_column(sa.Column("opened_at", INSTANT, nullable=True))
        link.drop_constraint(op.f("ck_link_purpose"), type_="check")
        link.create_check_constraint(op.f("ck_link_purpose"), "purpose IN ('page', 'calendar', 'handover')")
    op.create_index("ix_link_contact_id", "link", ["contact_id"])
    op.create_index("ix_letter_contact_id", "letter", ["contact_id"])
    op.add_column("contact", sa.Column("mailbox", sa.String(), nullable=True))
    op.create_index("ix_contact_mailbox", "contact", ["mailbox"])
    contact = sa.table("contact", sa.column("id"), sa.column("email"), sa.column("mailbox"))
    connection = op.get_bind()
    known = sa.select(contact.c.id, contact.c.email).where(contact.c.email.is_not(None))
    for id_, email in connection.execute(known).all():
        connection.execute(sa.update(contact).where(contact.c.id == id_).values(mailbox=_mailbox(email)))


def _mailbox(email: str) -> str:
    name, _, domain = email.lower().rpartition("@")
    return f"{name.partition('+')[0].replace('.', '') or name}@{domain}"


def downgrade() -> None:
    op.drop_index("ix_contact_mailbox", "contact")
    op.drop_column("contact", "mailbox")
    op.drop_index("ix_letter_contact_id", "letter")
    op.drop_index("ix_link_contact_id", "link")
    op.execute("DELETE FROM link WHERE purpose = 'calendar'")
    with op.batch_alter_table("link") as link:
        link.drop_constraint(op.f("ck_link_purpose"), type_="check")
        link.create_check_constraint(op.f("ck_link_purpose"), "purpose IN ('page', 'handover')")
        link.drop_column("opened_at")
