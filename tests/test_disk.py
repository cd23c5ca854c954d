"""A disk that is full or read-only: people are told so, nothing is acknowledged, and it needs no new start."""

import os
import resource
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import pytest
from flask import Flask

from booking import links
from booking.database import db
from booking.domain.status import Status
from booking.models import Occurrence
from tests import make
from tests.support.app import CheckedClient
from tests.support.pages import parse, text

NOBODY = 65534


@contextmanager
def full() -> Iterator[None]:
    """No file of this process may become longer; the log of the database is longer already."""
    former = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (4096, former[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, former)


@contextmanager
def read_only() -> Iterator[None]:
    """Nothing in the folder of the database can be written, nor anything put there. Root may everything: be nobody."""
    folder = Path(str(db.engine.url.database)).parent
    db.session.remove()
    db.engine.dispose()
    paths = [*folder.glob("booking.sqlite*"), folder]
    former = [(path, path.stat()) for path in paths]
    is_root = os.geteuid() == 0
    for path in paths:
        if is_root:
            os.chown(path, NOBODY, -1)
        path.chmod(0o500 if path.is_dir() else 0o400)
    reachable = [path for path in folder.parents if path.stat().st_mode & 0o005 != 0o005] if is_root else []
    modes = [(path, path.stat().st_mode) for path in reachable]
    for path in reachable:
        path.chmod(0o755)
    if is_root:
        os.seteuid(NOBODY)
    try:
        yield
    finally:
        db.session.remove()
        db.engine.dispose()
        if is_root:
            os.seteuid(0)
        for path, mode in modes:
            path.chmod(mode)
        for path, stat in former:
            if path.exists():
                os.chown(path, stat.st_uid, -1)
                path.chmod(stat.st_mode)


@pytest.mark.parametrize(("fault", "page_of_reading"), [(full, 200), (read_only, 503)])
def test_disk_that_takes_nothing_is_told_and_recovered_from(
    app: Flask, fault: Callable[[], AbstractContextManager[None]], page_of_reading: int
) -> None:
    make.house()
    booking = make.booking(make.room(), "2027-01-06T16:00", status=Status.APPROVED)
    page = f"/a/{links.token(make.link(booking))}/absagen?date={booking.occurrences[0].id}"
    visitor = CheckedClient(app, use_cookies=True)
    form = {"csrf_token": parse(visitor.get(page).text)[0].find(".//input[@name='csrf_token']").get("value")}
    address = page.partition("?")[0]
    form["date"] = str(booking.occurrences[0].id)

    with fault():
        answer = visitor.post(address, data=form)
        others = [visitor.get(path).status_code for path in ("/kalender", "/lobby", "/readyz", "/healthz")]

    assert answer.status_code == 503
    assert text(parse(answer.text)[0].find("body//h1")) == "Das konnten wir gerade nicht speichern"
    assert others == [page_of_reading, page_of_reading, 503, 200]
    assert [each.status for each in db.session.scalars(db.select(Occurrence))] == [Status.APPROVED]

    visitor.submit(page, form="question")
    db.session.expire_all()

    assert [each.status for each in db.session.scalars(db.select(Occurrence))] == [Status.CANCELLED]
    assert visitor.get("/readyz").status_code == 200
