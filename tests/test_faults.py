"""Logs say of what kind a fault is and where it happened, and repeat nothing that people wrote."""

import logging

import pytest
import sqlalchemy as sa

from booking.database import db, transaction
from booking.models import Initiative
from tests import make

PERSON = "Zoë Müller"


def log(work):
    try:
        work()
    except Exception:
        logging.getLogger("any.library").exception("it failed")


def test_log_repeats_no_row_that_the_database_refuses(engine_app, caplog):
    def store():
        with transaction():
            db.session.add(Initiative(slug="zoe", name=PERSON, kind="nobody"))

    log(store)

    assert "in store" in caplog.text
    assert {"sqlite": "IntegrityError", "postgresql": "CheckViolation"}[db.engine.dialect.name] in caplog.text
    assert [each for each in (PERSON, "nobody", "zoe") if each in caplog.text] == []


def test_log_repeats_no_text_that_cannot_be_read(engine_app, caplog):
    make.initiative(PERSON)

    log(lambda: db.session.execute(sa.select(sa.cast(Initiative.name, sa.JSON)["a"].as_string())).all())
    log(lambda: int(PERSON))

    assert "ValueError" in caplog.text
    assert PERSON not in caplog.text


@pytest.mark.parametrize(("cause", "kinds"), [(KeyError(PERSON), ["KeyError", "OSError"]), (None, ["OSError"])])
def test_log_tells_what_a_fault_came_from(caplog, cause, kinds):
    def fail():
        try:
            raise ZeroDivisionError(PERSON)
        except ZeroDivisionError:
            raise OSError(PERSON) from cause

    log(fail)

    assert [line.strip() for line in caplog.text.splitlines() if line.startswith("builtins.")] == [
        f"builtins.{kind}" for kind in kinds
    ]
    assert PERSON not in caplog.text
