"""What was erased is gone from files as well: from letters written into files, and from SQLite's log.

The rows themselves are emptied where something is erased, and SQLite overwrites
what they held (``secure_delete``). ``remove`` does the rest, after the
transaction. It can be called at any time: what it cannot do now, because
somebody is reading, it does the next time.
"""

import logging
import re
from contextlib import suppress
from pathlib import Path

import sqlalchemy as sa
from flask import current_app
from sqlalchemy.exc import SQLAlchemyError

from booking import database
from booking.database import db, transaction
from booking.models import Booking, Contact, Letter

logger = logging.getLogger(__name__)

#: Letters asked for in one statement.
BATCH = 500


def wipe() -> None:
    """Empty letters that were on their way while their booking was erased, remove the files of all that are empty, and
    empty the log."""
    db.session.rollback()
    try:
        if db.session.scalars(sa.select(Letter.id).where(_left_behind()).limit(1)).first() is not None:
            with transaction():
                db.session.execute(sa.update(Letter).where(_left_behind()).values(body="", calendar=None))
        _remove_files(Path(current_app.instance_path) / "mail")
        db.session.rollback()  # whoever reads keeps the log from being emptied
        database.empty_log()
    except (OSError, SQLAlchemyError) as error:  # what was erased before is erased all the same
        logger.warning("traces: %s", type(error).__name__)
        db.session.rollback()


def _left_behind() -> sa.ColumnElement[bool]:
    is_erased = sa.select(Booking.id).join(Booking.contact).where(Contact.name.is_(None), Contact.email.is_(None))
    return sa.and_(Letter.state.not_in(("waiting", "sending")), Letter.body != "", Letter.booking_id.in_(is_erased))


def _remove_files(folder: Path) -> None:
    """``…-000012-approved.eml``, and what a dead worker has left of it, belongs to the letter with the id 12."""
    files: dict[int, list[Path]] = {}
    for path in folder.iterdir() if folder.is_dir() else ():
        if found := re.match(r"\.?[0-9TZ]{16}-(\d{1,20})-", path.name):
            files.setdefault(int(found[1]), []).append(path)
    ids = sorted(files)
    for first in range(0, len(ids), BATCH):
        is_empty = sa.or_(Letter.body == "", sa.and_(Letter.contact_id.is_not(None), Contact.email.is_(None)))
        some = sa.select(Letter.id).outerjoin(Letter.contact).where(Letter.id.in_(ids[first : first + BATCH]), is_empty)
        for letter_id in db.session.scalars(some):
            for path in files[letter_id]:
                with suppress(FileNotFoundError):
                    path.unlink()
