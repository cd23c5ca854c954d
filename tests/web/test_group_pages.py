"""The pages that belong to a secret address: without it they do not exist, and without a token nothing acts."""

import pytest

from booking.database import db
from booking.models import Draft
from tests.support.group_page import ALI, kinds, post


@pytest.mark.parametrize(
    ("method", "place"),
    [
        ("get", "angaben"),
        ("post", "angaben"),
        ("get", "vertretung"),
        ("post", "vertretung"),
        ("post", "vertretung/wegnehmen"),
        ("get", "uebergeben"),
        ("post", "uebergeben"),
        ("post", "uebergeben/abbrechen"),
        ("get", "daten-loeschen"),
        ("post", "daten-loeschen"),
        ("post", "neue-anfrage"),
    ],
)
def test_pages_of_others_do_not_exist(checked_client, address, method, place):
    unknown = f"/a/{'A' * 43}/{place}"

    response = checked_client.get(unknown) if method == "get" else post(checked_client, unknown, address)

    assert response.status_code == 404


@pytest.mark.parametrize("place", ["angaben", "vertretung", "uebergeben", "daten-loeschen", "neue-anfrage"])
def test_nothing_happens_without_a_token_of_the_form(checked_client, address, approved, place):
    before = approved.version

    assert checked_client.post(f"{address}/{place}", data={**ALI, "sure": "yes"}).status_code == 400
    db.session.refresh(approved)
    assert (approved.version, kinds(), db.session.scalars(db.select(Draft)).all()) == (before, [], [])
