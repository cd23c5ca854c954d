"""All tables of the house."""

import sqlalchemy as sa
from alembic import op

from booking import guard

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

INSTANT = sa.DateTime(timezone=True).with_variant(sa.Integer(), "sqlite")  # on SQLite whole epoch seconds
EPOCH_SECONDS = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
STATUS = sa.Enum(
    "requested",
    "approved",
    "proposed",
    "declined",
    "withdrawn",
    "cancelled",
    name="status",
    native_enum=False,
    create_constraint=True,
    length=16,
)


def upgrade() -> None:
    op.create_table(
        "contact",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(), nullable=True),
        sa.Column("email", sa.String(), nullable=True),
        sa.Column("phone", sa.String(), nullable=True),
        sa.Column("onsite_name", sa.String(), nullable=True),
        sa.Column("onsite_phone", sa.String(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_contact"),
    )
    op.create_table(
        "draft",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("token_hash", sa.String(), nullable=False),
        sa.Column("form_id", sa.String(), nullable=False),
        sa.Column("data", sa.JSON(), nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("changed_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_draft"),
        sa.UniqueConstraint("form_id", name="uq_draft_form_id"),
        sa.UniqueConstraint("token_hash", name="uq_draft_token_hash"),
    )
    op.create_table(
        "house",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("site_name", sa.String(), nullable=False),
        sa.Column("site_name_en", sa.String(), nullable=False),
        sa.Column("operator", sa.String(), nullable=False),
        sa.Column("welcome", sa.String(), nullable=False),
        sa.Column("welcome_en", sa.String(), nullable=False),
        sa.Column("street", sa.String(), nullable=False),
        sa.Column("postcode", sa.String(), nullable=False),
        sa.Column("city", sa.String(), nullable=False),
        sa.Column("email", sa.String(), nullable=False),
        sa.Column("phone", sa.String(), nullable=False),
        sa.Column("website", sa.String(), nullable=False),
        sa.Column("zone_name", sa.String(), nullable=False),
        sa.Column("country", sa.String(), nullable=False),
        sa.Column("subdivision", sa.String(), nullable=False),
        sa.Column("reference_prefix", sa.String(), nullable=False),
        sa.Column("way_in", sa.String(), nullable=False),
        sa.Column("way_in_en", sa.String(), nullable=False),
        sa.Column("lobby_hint", sa.String(), nullable=False),
        sa.Column("lead_working_days", sa.Integer(), nullable=False),
        sa.Column("answer_working_days", sa.Integer(), nullable=False),
        sa.Column("latest_end", sa.Time(), nullable=False),
        sa.Column("tight_minutes", sa.Integer(), nullable=False),
        sa.Column("most_dates", sa.Integer(), nullable=False),
        sa.Column("rules_version", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("reference_year", sa.Integer(), nullable=False),
        sa.Column("reference_number", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_house"),
    )
    op.create_table(
        "initiative",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("slug", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("is_public", sa.Boolean(), nullable=False),
        sa.CheckConstraint("kind IN ('initiative', 'department', 'own', 'other')", name=op.f("ck_initiative_kind")),
        sa.PrimaryKeyConstraint("id", name="pk_initiative"),
        sa.UniqueConstraint("name", name="uq_initiative_name"),
        sa.UniqueConstraint("slug", name="uq_initiative_slug"),
    )
    op.create_table(
        "opening_hours",
        sa.Column("weekday", sa.Integer(), nullable=False),
        sa.Column("opens", sa.Time(), nullable=False),
        sa.Column("closes", sa.Time(), nullable=False),
        sa.PrimaryKeyConstraint("weekday", name="pk_opening_hours"),
    )
    op.create_table(
        "part",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_part"),
        sa.UniqueConstraint("name", name="uq_part_name"),
    )
    op.create_table(
        "role",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_role"),
        sa.UniqueConstraint("name", name="uq_role_name"),
    )
    op.create_table(
        "room",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("slug", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("short_name", sa.String(), nullable=False),
        sa.Column("seats", sa.Integer(), nullable=False),
        sa.Column("way", sa.String(), nullable=False),
        sa.Column("way_en", sa.String(), nullable=False),
        sa.Column("direction", sa.String(), nullable=False),
        sa.Column("step_free", sa.Boolean(), nullable=False),
        sa.Column("equipment", sa.JSON(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("is_example", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_room"),
        sa.UniqueConstraint("slug", name="uq_room_slug"),
    )
    op.create_table(
        "staff_member",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("email", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("password", sa.String(), nullable=True),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("fs_uniquifier", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_staff_member"),
        sa.UniqueConstraint("email", name="uq_staff_member_email"),
        sa.UniqueConstraint("fs_uniquifier", name="uq_staff_member_fs_uniquifier"),
    )
    op.create_table(
        "booking",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("reference", sa.String(), nullable=False),
        sa.Column("form_id", sa.String(), nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("language", sa.String(length=2), nullable=False),
        sa.Column("initiative_id", sa.Integer(), nullable=False),
        sa.Column("contact_id", sa.Integer(), nullable=True),
        sa.Column("room_wish_id", sa.Integer(), nullable=True),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("purpose", sa.String(), nullable=False),
        sa.Column("is_open", sa.Boolean(), nullable=False),
        sa.Column("url", sa.String(), nullable=False),
        sa.Column("people", sa.Integer(), nullable=False),
        sa.Column("equipment", sa.JSON(), nullable=False),
        sa.Column("access_needs", sa.String(), nullable=False),
        sa.Column("way_in", sa.String(length=8), nullable=False),
        sa.Column("note", sa.String(), nullable=False),
        sa.Column("open_end", sa.Boolean(), nullable=False),
        sa.Column("rules_version", sa.String(), nullable=False),
        sa.Column("rule", sa.JSON(), nullable=False),
        sa.Column("begins", sa.Time(), nullable=False),
        sa.Column("minutes", sa.Integer(), nullable=False),
        sa.Column("before_minutes", sa.Integer(), nullable=False),
        sa.Column("after_minutes", sa.Integer(), nullable=False),
        sa.Column("skipped", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["contact_id"], ["contact.id"], name="fk_booking_contact_id"),
        sa.ForeignKeyConstraint(["initiative_id"], ["initiative.id"], name="fk_booking_initiative_id"),
        sa.ForeignKeyConstraint(["room_wish_id"], ["room.id"], name="fk_booking_room_wish_id"),
        sa.PrimaryKeyConstraint("id", name="pk_booking"),
        sa.UniqueConstraint("form_id", name="uq_booking_form_id"),
        sa.UniqueConstraint("reference", name="uq_booking_reference"),
    )
    op.create_table(
        "closure",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("room_id", sa.Integer(), nullable=True),
        sa.Column("start", INSTANT, nullable=False),
        sa.Column("end", INSTANT, nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("reason_en", sa.String(), nullable=False),
        sa.CheckConstraint('"end" > start', name=op.f("ck_closure_order")),
        sa.ForeignKeyConstraint(["room_id"], ["room.id"], name="fk_closure_room_id"),
        sa.PrimaryKeyConstraint("id", name="pk_closure"),
    )
    op.create_table(
        "room_part",
        sa.Column("room_id", sa.Integer(), nullable=False),
        # Came with step 35, which adds it where it is missing; today's guard, which every step puts in place, reads it.
        sa.Column("since", EPOCH_SECONDS, server_default=sa.text("0"), nullable=False),
        sa.Column("part_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["part_id"], ["part.id"], name="fk_room_part_part_id"),
        sa.ForeignKeyConstraint(["room_id"], ["room.id"], name="fk_room_part_room_id"),
        sa.PrimaryKeyConstraint("room_id", "since", "part_id", name="pk_room_part"),
    )
    op.create_table(
        "staff_role",
        sa.Column("staff_member_id", sa.Integer(), nullable=False),
        sa.Column("role_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["role_id"], ["role.id"], name="fk_staff_role_role_id"),
        sa.ForeignKeyConstraint(["staff_member_id"], ["staff_member.id"], name="fk_staff_role_staff_member_id"),
        sa.PrimaryKeyConstraint("staff_member_id", "role_id", name="pk_staff_role"),
    )
    op.create_table(
        "letter",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("booking_id", sa.Integer(), nullable=True),
        sa.Column("contact_id", sa.Integer(), nullable=True),
        sa.Column("language", sa.String(length=2), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("body", sa.String(), nullable=False),
        sa.Column("calendar", sa.String(), nullable=True),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("send_at", INSTANT, nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("lease_until", INSTANT, nullable=True),
        sa.Column("sent_at", INSTANT, nullable=True),
        sa.Column("error", sa.String(), nullable=False),
        sa.Column("message_id", sa.String(), nullable=False),
        sa.CheckConstraint(
            "state IN ('waiting', 'sending', 'sent', 'failed', 'stopped')", name=op.f("ck_letter_state")
        ),
        sa.ForeignKeyConstraint(["booking_id"], ["booking.id"], name="fk_letter_booking_id"),
        sa.ForeignKeyConstraint(["contact_id"], ["contact.id"], name="fk_letter_contact_id"),
        sa.PrimaryKeyConstraint("id", name="pk_letter"),
        sa.UniqueConstraint("message_id", name="uq_letter_message_id"),
    )
    op.create_index("ix_letter_booking_id", "letter", ["booking_id"])
    op.create_index("ix_letter_state_send_at", "letter", ["state", "send_at"])

    op.create_table(
        "link",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("booking_id", sa.Integer(), nullable=False),
        sa.Column("token_hash", sa.String(), nullable=False),
        sa.Column("nonce", sa.String(), nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("revoked_at", INSTANT, nullable=True),
        sa.ForeignKeyConstraint(["booking_id"], ["booking.id"], name="fk_link_booking_id"),
        sa.PrimaryKeyConstraint("id", name="pk_link"),
        sa.UniqueConstraint("token_hash", name="uq_link_token_hash"),
    )
    op.create_index("ix_link_booking_id", "link", ["booking_id"])

    op.create_table(
        "log_entry",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("actor", sa.String(length=8), nullable=False),
        sa.Column("staff_member_id", sa.Integer(), nullable=True),
        sa.Column("booking_id", sa.Integer(), nullable=True),
        sa.Column("action", sa.String(length=32), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("detail", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["booking_id"], ["booking.id"], name="fk_log_entry_booking_id"),
        sa.ForeignKeyConstraint(["staff_member_id"], ["staff_member.id"], name="fk_log_entry_staff_member_id"),
        sa.PrimaryKeyConstraint("id", name="pk_log_entry"),
    )
    op.create_index("ix_log_entry_booking_id", "log_entry", ["booking_id"])

    op.create_table(
        "occurrence",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("booking_id", sa.Integer(), nullable=False),
        sa.Column("room_id", sa.Integer(), nullable=False),
        sa.Column("start", INSTANT, nullable=False),
        sa.Column("end", INSTANT, nullable=False),
        sa.Column("before_minutes", sa.Integer(), nullable=False),
        sa.Column("after_minutes", sa.Integer(), nullable=False),
        sa.Column("doors", INSTANT, nullable=True),
        sa.Column("original_start", INSTANT, nullable=False),
        sa.Column("original_room_id", sa.Integer(), nullable=False),
        sa.Column("status", STATUS, nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("cancelled_by_group", sa.Boolean(), nullable=False),
        sa.Column("decided_at", INSTANT, nullable=True),
        sa.Column("decided_by_id", sa.Integer(), nullable=True),
        sa.Column("letter_id", sa.Integer(), nullable=True),
        sa.Column("uid", sa.String(), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("changed_at", INSTANT, nullable=False),
        sa.CheckConstraint('"end" > start', name=op.f("ck_occurrence_order")),
        sa.CheckConstraint("after_minutes BETWEEN 0 AND 1440", name=op.f("ck_occurrence_after")),
        sa.CheckConstraint("before_minutes BETWEEN 0 AND 1440", name=op.f("ck_occurrence_before")),
        sa.ForeignKeyConstraint(["booking_id"], ["booking.id"], name="fk_occurrence_booking_id"),
        sa.ForeignKeyConstraint(["decided_by_id"], ["staff_member.id"], name="fk_occurrence_decided_by_id"),
        sa.ForeignKeyConstraint(["letter_id"], ["letter.id"], name="fk_occurrence_letter_id"),
        sa.ForeignKeyConstraint(["original_room_id"], ["room.id"], name="fk_occurrence_original_room_id"),
        sa.ForeignKeyConstraint(["room_id"], ["room.id"], name="fk_occurrence_room_id"),
        sa.PrimaryKeyConstraint("id", name="pk_occurrence"),
        sa.UniqueConstraint("uid", name="uq_occurrence_uid"),
    )
    op.create_index("ix_occurrence_booking_id", "occurrence", ["booking_id"])
    op.create_index("ix_occurrence_start", "occurrence", ["start"])
    op.create_index("ix_occurrence_status_start", "occurrence", ["status", "start"])

    op.create_table(
        "occupancy",
        sa.Column("part_id", sa.Integer(), nullable=False),
        sa.Column("start", EPOCH_SECONDS, nullable=False),
        sa.Column("end", EPOCH_SECONDS, nullable=False),
        sa.Column("occurrence_id", sa.Integer(), nullable=False),
        sa.CheckConstraint('"end" > start', name=op.f("ck_occupancy_order")),
        sa.ForeignKeyConstraint(
            ["occurrence_id"], ["occurrence.id"], name="fk_occupancy_occurrence_id", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["part_id"], ["part.id"], name="fk_occupancy_part_id"),
        sa.PrimaryKeyConstraint("part_id", "start", name="pk_occupancy"),
        sqlite_strict=True,
        sqlite_with_rowid=False,
    )
    op.create_index("ix_occupancy_occurrence_id", "occupancy", ["occurrence_id"])


def downgrade() -> None:
    guard.remove(op.get_bind())
    for table in (
        "occupancy",
        "occurrence",
        "log_entry",
        "link",
        "letter",
        "staff_role",
        "room_part",
        "closure",
        "booking",
        "staff_member",
        "room",
        "role",
        "part",
        "opening_hours",
        "initiative",
        "house",
        "draft",
        "contact",
    ):
        op.drop_table(table)
