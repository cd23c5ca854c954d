"""Several opening hours a day, and of rooms that differ from the house."""

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None


def _span() -> list[sa.Column[object]]:
    return [
        sa.Column("weekday", sa.Integer(), nullable=False),
        sa.Column("opens", sa.Time(), nullable=False),
        sa.Column("closes", sa.Time(), nullable=False),
    ]


def upgrade() -> None:
    rows = _rows()
    op.drop_table("opening_hours")
    op.create_table(
        "opening_hours",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("room_id", sa.Integer(), nullable=True),
        *_span(),
        sa.ForeignKeyConstraint(["room_id"], ["room.id"], name="fk_opening_hours_room_id"),
        sa.PrimaryKeyConstraint("id", name="pk_opening_hours"),
    )
    _put(rows)


def downgrade() -> None:
    """Of the hours of a day the first opening and the last closing stay, and those of rooms are gone."""
    spans: dict[int, tuple[object, object]] = {}
    for weekday, opens, closes in _rows("WHERE room_id IS NULL ORDER BY weekday, opens"):
        spans[weekday] = (spans.get(weekday, (opens,))[0], closes)
    op.drop_table("opening_hours")
    op.create_table(
        "opening_hours",
        *_span(),
        sa.PrimaryKeyConstraint("weekday", name="pk_opening_hours"),
    )
    _put([(weekday, *span) for weekday, span in spans.items()])


def _rows(which: str = "") -> list[tuple[object, ...]]:
    statement = sa.text(f"SELECT weekday, opens, closes FROM opening_hours {which}")  # noqa: S608 - of words of ours
    return [tuple(row) for row in op.get_bind().execute(statement.columns(opens=sa.Time(), closes=sa.Time()))]


def _put(rows: list[tuple[object, ...]]) -> None:
    table = sa.table("opening_hours", *(sa.column(column.name, column.type) for column in _span()))
    if rows:
        op.bulk_insert(table, [dict(zip(("weekday", "opens", "closes"), row, strict=True)) for row in rows])
