"""The quick reader of pages says of every page what html5lib says."""

from typing import Any

import html5lib
from hypothesis import given
from hypothesis import strategies as st

from tests.support.markup import Parser

PIECES = (
    *("a", " ", "\n", "\t", "\f", "\r\n", "ö", "&", "&amp;", "&nbsp", "<", ">", '"', "'", "/", "=", "\0", "\x01"),
    *("<!doctype html>", "<p>", "</p>", '<P CLASS="x">', "<b>", "</b>", "<br>", "<br/>", "</br>", "<li>", "<a href>"),
    *("<p id='x'>", '<p id="x" class="y" hidden>', '<p id="x" ID="y">', '<p title="a &amp; b">', '<p title="<">'),
    *(
        '<p a="1"b="2">',
        '<p a = "1">',
        '<p \r\na="1"\t>',
        '<pÉ aÉ="1">',
        '<p a="\0">',
        "<p/ a>",
        "</p a>",
        "</p >",
        "</p/>",
    ),
    *("<table>", "<tr>", "<td>", "</td>", "</table>", "<select>", "<option>", "</select>", "<form>", "</form>"),
    *("<title>", "</title>", "<textarea>", "</textarea>", "<script>", "</script>", "<noscript>", "<plaintext>"),
    *(
        '<svg viewBox="0 0 1 1">',
        '<path d="M0 0"/>',
        "</svg>",
        "<![CDATA[",
        "]]>",
        "<!--",
        "-->",
        "<1>",
        "</1>",
        "<?x>",
    ),
    "ab c" * 3000,  # over the end of what html5lib reads at once
)


def read(reader: type[html5lib.HTMLParser], html: str) -> tuple[list[Any], list[Any]]:
    parser = reader(namespaceHTMLElements=False)
    root = parser.parse(html)
    return [(str(each.tag), each.attrib, each.text, each.tail) for each in root.iter()], parser.errors


def test_every_piece_is_read_as_html5lib_reads_it():
    for piece in PIECES:
        html = f"<!doctype html><p>x{piece}y{piece}z"
        assert read(Parser, html) == read(html5lib.HTMLParser, html)


@given(st.lists(st.sampled_from(PIECES), max_size=25).map("".join))
def test_pages_are_read_as_html5lib_reads_them(html):
    assert read(Parser, html) == read(html5lib.HTMLParser, html)
