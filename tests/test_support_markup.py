"""The quick reader of pages says of every page what html5lib says, or leaves the page to it."""

from typing import Any
from xml.etree.ElementTree import Element

import html5lib
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tests import make
from tests.support.markup import Doubt, parse, plain_tree

TEXTS = (
    *("a", " ", "\n", "\t", "\f", "\r\n", "\r", "ö", "&", "&amp;", "&nbsp", "&nbsp;", "&#39;", "&#x41;", "&copy;"),
    *("<", ">", '"', "'", "/", "=", "\0", "\x01", "<!--", "-->", "<![CDATA[", "]]>", "<1>", "</1>", "<?x>", "</br>"),
    *("<p>", "</p>", "</div>", "</body>", "</html>", "</title>", "</textarea>", "</TITLE>", "<br/>", "<p/>", "</p >"),
)
STARTS = (
    *("p", "P", "div", "b", "a", "a href", "h1", "h2", "ul", "ol", "li", "dl", "dt", "dd", "table", "caption", "form"),
    *("thead", "tbody", "tr", "td", "th", "select", "optgroup", "option", "datalist", "button", "label", "fieldset"),
    *("legend", "details", "summary", "pre", "textarea", "script", "title", "noscript", "template", "body", "head"),
    *("span", "small", "blockquote", "time", "svg", "path", "g", "text", "plaintext", "iframe", "html", "section"),
    *("br", "hr", "img", "input", "wbr", "meta", "link", "br /", 'path d="M0 0"/', "circle /", 'svg viewBox="0 0 1 1"'),
    *('p id="x"', "p id='x'", "p id=x", 'p id="x" class="y" hidden', 'p id="x" ID="y"', 'p title="a &amp; b &lt;"'),
    *('p title="<"', 'p title="&"', 'p a="1"b="2"', 'p a = "1"', 'p \r\na="1"\t', "pÉ aÉ='1'", 'p a="\0"', "p/ a"),
    *(
        'svg xmlns="http://www.w3.org/2000/svg"',
        'use xlink:href="#x"',
        'linearGradient id="x"',
        'svg viewbox="0 0 1 1"',
    ),
)


def of(start: str, *inside: str) -> str:
    """An element, ended as one is who knows no elements that are empty."""
    return f"<{start}>{''.join(inside)}</{start.split()[0]}>"


EMPTY = tuple(f"<{start}>" for start in STARTS)
NESTED = ("div", "p", "b", "a", "ul", "li", "table", "tr", "td", "span", "svg", "g", "pre", "h2", "button")
USUAL = st.recursive(
    st.sampled_from(
        [*TEXTS[:3], "\r\n", "&amp;", "&#39;", *(f"<{name}>" for name in ("br", "img", "input", "wbr", "hr"))]
    ),
    lambda inner: (
        st.builds(
            of,
            st.sampled_from(
                ["div", "p", "b", "a", "ul", "li", "table", "tr", "td", "span", "svg", "g", "pre", "h2", "button"]
            ),
            inner,
            inner,
        )
        | st.builds(of, st.sampled_from(["div", "section", 'b id="x"', "textarea", "details"]), inner)
    ),
    max_leaves=10,
)
PIECES = USUAL | USUAL | USUAL | st.sampled_from(TEXTS + EMPTY) | st.builds(of, st.sampled_from(STARTS), USUAL)


def page(body: str, *, head: str = "<title>A</title>", end: str = "</body>\n</html>\n") -> str:
    return f'<!doctype html>\n<html lang="de">\n<head>{head}</head>\n<body class="x">{body}{end}'


def shape(root: Element) -> list[Any]:
    return [(str(each.tag), each.attrib, each.text, each.tail) for each in root.iter()]


def is_read_as_html5lib_reads_it(html: str) -> bool:
    """False where it is left to html5lib."""
    try:
        tree = plain_tree(html)
    except Doubt:
        return False
    parser = html5lib.HTMLParser(namespaceHTMLElements=False)
    assert shape(tree) == shape(parser.parse(html))
    assert parser.errors == []
    return True


def test_every_piece_is_read_as_html5lib_reads_it_wherever_it_stands():
    for piece in (*TEXTS, *EMPTY, *(of(start, "x") for start in STARTS)):
        for around in ("x{}y", "<p>{}</p>", "<table>{}</table>", "<pre>{}</pre>", "<svg>{}</svg>", "<title>{}</title>"):
            is_read_as_html5lib_reads_it(page(around.format(piece)))
        is_read_as_html5lib_reads_it(page("x", head=piece))
        is_read_as_html5lib_reads_it(page("x", head=f"</head>{piece}<head>"))
        is_read_as_html5lib_reads_it(page("x", end=f"</body>{piece}</html>{piece}"))
        is_read_as_html5lib_reads_it(piece + page("x"))


@given(st.lists(PIECES, max_size=5).map("".join))
@example("<b><b><b><b>x</b></b></b></b><p>y</p>")
@example("<pre>\n\nx</pre><textarea>\r\n\r\nx</textarea><pre> \nx</pre>")
def test_pages_are_read_as_html5lib_reads_them(body):
    is_read_as_html5lib_reads_it(page(body))


@pytest.mark.parametrize("body", ["<p>x<div>y</div></p>", "<div>x", "<a><a>x</a></a>", "x &y; z", "<p>x</b></p>"])
def test_what_is_wrong_is_told_as_html5lib_tells_it(body):
    parser = html5lib.HTMLParser(namespaceHTMLElements=False)
    root = parser.parse(page(body))
    assert shape(parse(page(body))[0]) == shape(root)
    assert len(parse(page(body))[1]) == len(parser.errors) > 0


@pytest.mark.parametrize("path", ["/", "/raumanfrage", "/kalender", "/lobby", "/raeume", "/hilfe", "/en/team/anmelden"])
def test_our_pages_leave_no_doubt(client, path):
    make.house()
    make.rooms()
    assert is_read_as_html5lib_reads_it(client.get(path, follow_redirects=True).text)
