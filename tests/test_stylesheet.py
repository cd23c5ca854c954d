"""KERN's stylesheet, cut to what pages use: nothing that a page can need is missing from it."""

import hashlib
import re

import pytest

from tools import machine, stylesheet

WHOLE = machine.KERN / "dist" / "kern.min.css"

PAGE = """
<a class="kern-btn kern-btn--{{ kind }} wide">{{ _("a sentence with em-dash words") }}</a>
<input class="kern-check" type="checkbox"><label for="x">…</label>
"""


def cut(css: str, ours: str = "") -> list[str]:
    """The lines inside the layer."""
    notice, layer, *lines, end = stylesheet.cut(css, stylesheet.Words.of([PAGE]), ours).splitlines()
    assert ("EUPL-1.2" in notice, layer, end) == (True, "@layer kern{", "}")
    return lines


@pytest.mark.parametrize(
    ("css", "kept"),
    [
        pytest.param(".kern-btn{color:red}", [".kern-btn{color:red}"], id="a class of a page"),
        pytest.param(".kern-card{color:red}", [], id="a class of no page"),
        pytest.param(".kern-btn--any:hover{color:red}", [".kern-btn--any:hover{color:red}"], id="a name made of two"),
        pytest.param(".kern-btn-x{color:red}", [], id="only the beginning is alike"),
        pytest.param(".kern-card,.kern-btn,nav .kern-btn{color:red}", [".kern-btn{color:red}"], id="some selectors"),
        pytest.param(".kern-btn .kern-card{color:red}", [], id="half of a selector"),
        pytest.param(".kern-btn>label+a{color:red}", [".kern-btn>label+a{color:red}"], id="elements of a page"),
        pytest.param("#x a,#y a{color:red}", ["#x a{color:red}"], id="an id"),
        pytest.param("dialog::before{color:red}", [], id="an element of no page"),
        pytest.param(
            "*,:root,a:not(.kern-card)::before,:is(dialog),[role=x]{color:red}",
            ["*,:root,a:not(.kern-card)::before,:is(dialog),[role=x]{color:red}"],
            id="what is not looked at",
        ),
        pytest.param("@media print{.kern-card{color:red}}", [], id="a condition on nothing"),
        pytest.param(
            "@media print{.kern-card{color:red}.kern-btn{color:red!important}}",
            ["@media print{.kern-btn{color:red!important}", "}"],
            id="a condition",
        ),
        pytest.param(
            '@charset "UTF-8";@keyframes turn{to{rotate:1turn}}', ["@keyframes turn{to{rotate:1turn}}"], id="others"
        ),
        pytest.param(
            ".kern-btn{background:url(\"data:image/svg+xml,<svg a='}'/>\")}",
            [".kern-btn{background:url(\"data:image/svg+xml,<svg a='}'/>\")}"],
            id="braces in a picture",
        ),
    ],
)
def test_a_rule_stays_where_a_page_may_match_it(css, kept):
    assert cut(css) == kept


def test_variables_stay_that_something_uses():
    css = (
        ":root{--a: var( --b, 1px);--b: 2px;--c: var(--d);--d: 3px;--e: 4px}"
        ".kern-btn{width:var(--a)}.kern-card{height:var(--c)}.wide{--c: 1px}"
    )

    assert cut(css, "p { --d: 1px; margin: var(--e) }") == [
        ":root{--a: var( --b, 1px);--b: 2px;--e: 4px}",
        ".kern-btn{width:var(--a)}",
    ]


@pytest.mark.parametrize("css", [".kern-btn{color:red}}", ".kern-btn", "@media print{.kern-btn}", "a{color}"])
def test_a_stylesheet_that_cannot_be_read_is_not_cut(css):
    with pytest.raises(ValueError, match="^line 1 of the stylesheet: "):
        cut(css)


def test_no_class_of_a_page_has_lost_a_rule():
    """Judged by names and braces alone, in another way than the cut is made."""
    pages = "".join(path.read_text() for path in machine.files_of_pages() if path.suffix != ".css")
    named = set(re.findall(r"kern-[\w-]+", pages))
    halves = tuple(name for name in named if name[-1] in "-_")

    def rules(css: str) -> list[str]:
        """What is declared, variables aside, where every class of a selector is one of a page."""
        bodies = []
        for heads, body in re.findall(r"([^{}]+)\{([^{}]*)\}", css):
            selectors = [re.findall(r"\.(kern-[\w-]+)", head) for head in heads.split(",")]
            if any(names and all(name in named or name.startswith(halves) for name in names) for names in selectors):
                bodies.append(re.sub(r"(^|;)--[\w-]+:[^;]*", "", body))
        return bodies

    whole, kept = rules(WHOLE.read_text()), rules((machine.VENDOR / "kern.css").read_text())
    assert len(whole) > 100
    assert [body for body in whole if body not in kept] == []


def test_cut_stylesheet_belongs_to_the_pages_of_today():
    """``make check`` and ``make test`` cut it anew where pages have changed since."""
    assert (machine.VENDOR / "kern.css").read_text() == stylesheet.cut_for(WHOLE, machine.files_of_pages())


def test_addresses_in_our_stylesheets_carry_the_digest_of_their_file():
    """As those in pages do, so that a font that is fetched ahead is the one that the stylesheet asks for."""
    folder = machine.ROOT / "static" / "css"
    found = [
        (name, digest, hashlib.sha256((folder / name).read_bytes()).hexdigest()[:12])
        for path in sorted(folder.glob("*.css"))
        for name, digest in re.findall(r'url\("(?!data:)([^"?]+)\??(?:v=)?([^"]*)"\)', path.read_text())
    ]

    assert len(found) == 2
    assert [(name, said) for name, said, is_really in found if said != is_really] == []


def test_controls_that_our_stylesheets_and_scripts_look_for_are_on_a_page():
    """A renamed control leaves no rule or script behind that waits for it in vain."""
    root = machine.ROOT
    ours = [*root.glob("static/css/*.css"), *root.glob("static/js/*.js")]
    wanted = {
        (path.name, attribute, word)
        for path in ours
        for attribute, word in re.findall(r"\[(name|value)[~^$*|]?=['\"]?([\w-]+)", path.read_text())
    }
    pages = [*root.glob("templates/**/*.html"), *root.glob("booking/web/**/*.py")]
    words = set(re.findall(r"[\w-]+", " ".join(path.read_text() for path in pages)))

    assert {("team.css", "value", "own"), ("request-form.js", "name", "rhythm")} <= wanted
    assert {each for each in wanted if each[2] not in words} == set()
