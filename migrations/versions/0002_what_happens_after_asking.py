"""What happens after asking: changes, questions, reminders, handovers, keys."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

INSTANT = sa.DateTime(timezone=True).with_variant(sa.Integer(), "sqlite")  # on SQLite whole epoch seconds

TEXTS = ("title_wish", "url_wish", "question", "answer")
TICKS = ("doors_open", "reminders")
INSTANTS = ("asked_at", "end_told_at")


def upgrade() -> None:
    for name in TEXTS:
        op.add_column("booking", sa.Column(name, sa.String(), nullable=False, server_default=sa.text("''")))
    for name in TICKS:
        op.add_column("booking", sa.Column(name, sa.Boolean(), nullable=False, server_default=sa.false()))
    for name in INSTANTS:
        op.add_column("booking", sa.Column(name, INSTANT, nullable=True))
    op.add_column("occurrence", sa.Column("reminded_at", INSTANT, nullable=True))

    with op.batch_alter_table("link") as link:
        link.add_column(sa.Column("contact_id", sa.Integer(), nullable=True))
        link.add_column(sa.Column("purpose", sa.String(8), nullable=False, server_default="page"))
        link.create_foreign_key("fk_link_contact_id", "contact", ["contact_id"], ["id"])
        link.create_check_constraint(op.f("ck_link_purpose"), "purpose IN ('page', 'handover')")
    op.execute(
        "UPDATE link SET contact_id = (SELECT booking.contact_id FROM booking WHERE booking.id = link.booking_id)"
    )

    op.create_table(
        "change",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("occurrence_id", sa.Integer(), nullable=False),
        sa.Column("proposed_by", sa.String(8), nullable=False),
        sa.Column("room_id", sa.Integer(), nullable=False),
        sa.Column("start", INSTANT, nullable=False),
        sa.Column("end", INSTANT, nullable=False),
        sa.Column("former_room_id", sa.Integer(), nullable=False),
        sa.Column("former_start", INSTANT, nullable=False),
        sa.Column("former_end", INSTANT, nullable=False),
        sa.Column("note", sa.String(), nullable=False),
        sa.Column("answer_by", INSTANT, nullable=True),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("settled_at", INSTANT, nullable=True),
        sa.CheckConstraint("proposed_by IN ('team', 'group')", name=op.f("ck_change_proposed_by")),
        sa.CheckConstraint(
            "state IN ('open', 'accepted', 'refused', 'expired', 'withdrawn')", name=op.f("ck_change_state")
        ),
        sa.CheckConstraint('"end" > start AND former_end > former_start', name=op.f("ck_change_order")),
        sa.ForeignKeyConstraint(["occurrence_id"], ["occurrence.id"], name="fk_change_occurrence_id"),
        sa.ForeignKeyConstraint(["room_id"], ["room.id"], name="fk_change_room_id"),
        sa.ForeignKeyConstraint(["former_room_id"], ["room.id"], name="fk_change_former_room_id"),
        sa.PrimaryKeyConstraint("id", name="pk_change"),
    )
    op.create_index("ix_change_occurrence_id", "change", ["occurrence_id"])
    op.create_index("ix_change_state_answer_by", "change", ["state", "answer_by"])
    op.create_index(
        "ux_change_open",
        "change",
        ["occurrence_id"],
        unique=True,
        sqlite_where=sa.text("state = 'open'"),
        postgresql_where=sa.text("state = 'open'"),
    )

    op.create_table(
        "handover",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("booking_id", sa.Integer(), nullable=False),
        sa.Column("former_contact_id", sa.Integer(), nullable=False),
        sa.Column("contact_id", sa.Integer(), nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("given_at", INSTANT, nullable=True),
        sa.Column("taken_at", INSTANT, nullable=True),
        sa.Column("ended_at", INSTANT, nullable=True),
        sa.ForeignKeyConstraint(["booking_id"], ["booking.id"], name="fk_handover_booking_id"),
        sa.ForeignKeyConstraint(["former_contact_id"], ["contact.id"], name="fk_handover_former_contact_id"),
        sa.ForeignKeyConstraint(["contact_id"], ["contact.id"], name="fk_handover_contact_id"),
        sa.PrimaryKeyConstraint("id", name="pk_handover"),
    )
    op.create_index("ix_handover_booking_id", "handover", ["booking_id"])

    op.create_table(
        "key_loan",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("booking_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.String(32), nullable=False),
        sa.Column("handed_out_at", INSTANT, nullable=False),
        sa.Column("returned_at", INSTANT, nullable=True),
        sa.ForeignKeyConstraint(["booking_id"], ["booking.id"], name="fk_key_loan_booking_id"),
        sa.PrimaryKeyConstraint("id", name="pk_key_loan"),
    )
    op.create_index("ix_key_loan_booking_id", "key_loan", ["booking_id"])
    op.create_index(
        "ux_key_loan_out",
        "key_loan",
        ["number"],
        unique=True,
        sqlite_where=sa.text("returned_at IS NULL"),
        postgresql_where=sa.text("returned_at IS NULL"),
    )


def downgrade() -> None:
    for table in ("key_loan", "handover", "change"):
        op.drop_table(table)
    with op.batch_alter_table("link") as link:
        link.drop_constraint(op.f("ck_link_purpose"), type_="check")
        link.drop_constraint("fk_link_contact_id", type_="foreignkey")
        link.drop_column("purpose")
        link.drop_column("contact_id")
    with op.batch_alter_table("occurrence") as occurrence:
        occurrence.drop_column("reminded_at")
    with op.batch_alter_table("booking") as booking:
        for name in (*TEXTS, *TICKS, *INSTANTS):
            booking.drop_column(name)
