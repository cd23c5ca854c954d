"""What each of the team may open. Who is there becomes an admin, but for those who could open nothing."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

COULD_OPEN_NOTHING = """
    UPDATE staff_member SET role = 'reception' WHERE id NOT IN (
        SELECT staff_member_id FROM staff_role JOIN role ON role.id = role_id WHERE role.name IN ('team', 'admin')
    )
"""


def upgrade() -> None:
    op.add_column("staff_member", sa.Column("role", sa.String(16), server_default="admin", nullable=False))
    op.execute(COULD_OPEN_NOTHING)
    with op.batch_alter_table("staff_member") as batch:
        batch.alter_column("role", server_default=None)
        batch.create_check_constraint(op.f("ck_staff_member_role"), "role IN ('team', 'admin', 'reception')")
    op.drop_table("staff_role")
    op.drop_table("role")


def downgrade() -> None:
    op.create_table(
        "role",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_role"),
        sa.UniqueConstraint("name", name="uq_role_name"),
    )
    op.create_table(
        "staff_role",
        sa.Column("staff_member_id", sa.Integer(), nullable=False),
        sa.Column("role_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["role_id"], ["role.id"], name="fk_staff_role_role_id"),
        sa.ForeignKeyConstraint(["staff_member_id"], ["staff_member.id"], name="fk_staff_role_staff_member_id"),
        sa.PrimaryKeyConstraint("staff_member_id", "role_id", name="pk_staff_role"),
    )
    op.execute("INSERT INTO role (name) SELECT DISTINCT role FROM staff_member")
    op.execute(
        "INSERT INTO staff_role (staff_member_id, role_id)"
        " SELECT staff_member.id, role.id FROM staff_member JOIN role ON role.name = staff_member.role"
    )
    with op.batch_alter_table("staff_member") as batch:
        batch.drop_constraint(op.f("ck_staff_member_role"), type_="check")
        batch.drop_column("role")
