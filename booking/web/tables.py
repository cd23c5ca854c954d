"""Tables as files for other programs: for a spreadsheet of the house's language, or as RFC 4180 says."""

import csv
import io
from collections.abc import Iterable, Sequence

from flask import Response

from booking.exporting import harmless

TableCell = str | int | float


def table_file(name: str, head: Sequence[str], rows: Iterable[Sequence[TableCell]], *, for_excel: bool) -> Response:
    """A CSV file to save. ``for_excel``: with semicolons, decimal commas and a byte order mark, as Excel wants it."""
    return Response(
        as_csv(head, rows, for_excel=for_excel).encode("utf-8-sig" if for_excel else "utf-8"),
        mimetype="text/csv",
        headers={"Content-Disposition": f'attachment; filename="{name}.csv"'},
    )


def as_csv(head: Sequence[str], rows: Iterable[Iterable[TableCell]], *, for_excel: bool = False) -> str:
    text = io.StringIO()
    writer = csv.writer(text, delimiter=";" if for_excel else ",", lineterminator="\r\n")
    writer.writerow(head)
    writer.writerows([_cell(each, for_excel) for each in row] for row in rows)
    return text.getvalue()


def _cell(value: TableCell, for_excel: bool) -> str:
    if isinstance(value, str):
        return harmless(value)
    text = f"{value:.2f}".rstrip("0").rstrip(".") if isinstance(value, float) else str(value)
    return text.replace(".", ",") if for_excel else text
