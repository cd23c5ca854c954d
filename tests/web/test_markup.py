"""Whatever people have written anywhere is text on every page: laws over all tables and addresses."""

import re
from collections.abc import Iterator
from html.parser import HTMLParser
from urllib.parse import urlencode

import pytest
import sqlalchemy as sa
from flask import Flask
from werkzeug.test import TestResponse

from booking.database import db, sqlite_library
from tests import make
from tests.support.app import Client
from tests.support.hostile import addresses
from tests.support.whole_house import FORMS, WholeHouse
from tests.web.test_methods import token_of

#: Runs something in an attribute without quotes, after one with either kind of them, and as an element.
MARKUP = (
    "a onmouseover=alert(1) '><img src=x onerror=alert(2)> \"><img src=x onerror=alert(3)><script>alert(4)</script>"
)
ADDRESS = f"https://example.org/{MARKUP}"

#: Words of ours in columns of text, which nobody types. A new column is filled with markup until it stands here.
OURS = {
    *("house_file.name", "room.busy"),  # of a closed list; numbers, which our reader writes
    *("contact.mailbox", "draft.token_hash", "draft.form_id", "house.email", "house.zone_name", "house.country"),
    *("house.subdivision", "initiative.kind", "initiative.slug", "role.name", "room.slug", "room.direction"),
    *("staff_member.password", "staff_member.fs_uniquifier", "staff_member.totp_secret"),
    *(
        "staff_member.passkey_handle",
        "staff_member.role",
        "booking.reference",
        "booking.form_id",
        "booking.language",
        "booking.way_in",
    ),
    *("letter.kind", "letter.mailbox_key", "letter.language", "letter.state", "letter.message_id", "link.purpose"),
    *("link.token_hash", "link.nonce", "log_entry.actor", "log_entry.action", "occurrence.status", "occurrence.uid"),
    *("change.proposed_by", "change.state", "closure.repeats", "staff_member.role"),
}
ADDRESSES = {"booking.url", "booking.url_wish", "house.website"}


#: Without any of these a page runs nothing of what `Live` looks for, and need not be read.
SUSPICIOUS = re.compile(
    r"(?<![a-z])on[a-z]+\s*=|javascript|src\s*=\s*[\"']?x|<script(?![^>]*(?:src|type)\s*=)", re.IGNORECASE
)


class Live(HTMLParser):
    """What a page runs that none of our templates has."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.found: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = dict(attrs)
        if any(name.startswith("on") for name in values) or values.get("src") == "x":
            self.found.append(f"{tag} {values}")
        if tag == "script" and not values.get("src") and values.get("type") is None:
            self.found.append("script")
        self.found += [f"{tag} {value}" for value in values.values() if value and value.startswith("javascript:")]


@pytest.fixture
def written_over(whole_house: WholeHouse) -> WholeHouse:
    """The house in which every text that people type is markup."""
    db.session.remove()
    connection = sqlite_library.connect(db.engine.url.database)
    for table in db.metadata.sorted_tables:
        for column in table.columns:
            name = f"{table.name}.{column.name}"
            if not isinstance(column.type, sa.String) or name in OURS:
                continue
            text = ADDRESS if name in ADDRESSES else MARKUP
            key = "id" if "id" in table.columns else "rowid"
            unique = f" || {key}" if column.unique or name in ("initiative.name", "part.name") else ""
            connection.execute(f"UPDATE {table.name} SET {column.name} = ?{unique}", [text])
    connection.execute("UPDATE room SET equipment = json_array(?)", [MARKUP])
    connection.execute("UPDATE booking SET equipment = json_array(?)", [MARKUP])
    connection.commit()
    connection.close()
    whole_house.keep()
    return whole_house


@pytest.fixture
def member(app: Flask, whole_house: WholeHouse) -> Client:
    client = Client(app)
    client.sign_in(make.staff(role="admin"))
    whole_house.keep()
    return client


def lives(answer: TestResponse) -> list[str]:
    if answer.mimetype != "text/html":
        return []
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
    return Live(answer.text).found if SUSPICIOUS.search(answer.text) else []


def test_markup_that_is_found_is_noticed() -> None:
    for html in (
        MARKUP,
        f"<p title={MARKUP}",
        f"<p title='{MARKUP}'>",
        f'<a href="{ADDRESS}">',
        "<a href=javascript:x>",
    ):
        assert SUSPICIOUS.search(html)
        assert Live(f"{html}</p>").found != [], html
    assert Live('<p title="a onclick=x">&lt;img src=x&gt;</p><script src="/a.js"></script>').found == []


def test_what_was_stored_is_text_on_every_page(app: Flask, member: Client, written_over: WholeHouse) -> None:
    house, stranger = written_over, Client(app)
    shown, live = set(), []
    for what, client, token in (
        ("team and group", member, "page"),
        ("second person", stranger, "second"),
        ("stranger", stranger, "other"),
    ):
        for rule in app.url_map.iter_rules():
            if "GET" not in (rule.methods or ()) or rule.endpoint == "static":
                continue
            kind = "handover" if rule.rule.startswith("/uebergabe") else token
            answer = client.get(house.address(rule, house.tokens[kind]))
            assert answer.status_code < 500, rule
            live += [(what, rule.rule, each) for each in lives(answer)]
            if app.view_functions[rule.endpoint].audience != "public":  # type: ignore[attr-defined]  # a mark of ours
                assert answer.headers["Cache-Control"] == "no-store", rule
            if "onmouseover=alert(1)" in answer.text:
                shown.add(rule.endpoint)

    assert live == []
    assert {"public.start", "status_page.show", "staff.inbox", "staff.decision"} <= shown
    assert len(shown) > 30  # else it looked at nothing


def test_what_is_sent_is_text_in_the_answer(app: Flask, member: Client, whole_house: WholeHouse) -> None:
    """Forms full of markup, and markup in every query: whatever an answer repeats of it is text."""
    token = token_of(member)
    shown, live = 0, []
    for what, path, data in _forms(app, whole_house, member, token):
        answer = member.post(path, data=data, follow_redirects=True) if data else member.get(path)
        assert answer.status_code < 500, path
        live += [(what, each) for each in lives(answer)]
        shown += "onmouseover=alert(1)" in answer.text
        if data:
            whole_house.restore()

    assert live == []
    assert shown > 10  # else no answer repeats anything


def _forms(
    app: Flask, house: WholeHouse, client: Client, token: str
) -> Iterator[tuple[str, str, dict[str, str] | None]]:
    known = {"csrf_token": token, "version": str(house.version)}
    for each in addresses(app, house, client, token):
        markup = dict.fromkeys(sorted(each.names), MARKUP)
        if each.rule.endpoint in ("auth.sign_out", "static") or not markup:
            continue
        if each.rule.endpoint in FORMS:
            yield f"POST {each.rule.rule}", each.path, known | markup
        elif "GET" in (each.rule.methods or ()):
            yield f"GET {each.rule.rule}", f"{each.path.partition('?')[0]}?{urlencode(markup)}", None
