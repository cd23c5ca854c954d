"""The house rules: written in Markdown in each language, looked at, and put into force as a new edition."""

import re
from html.parser import HTMLParser

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext
from markupsafe import Markup
from werkzeug.wrappers import Response as AnyResponse

from booking import clock, rulebook
from booking.house import house
from booking.house_folder import BadLink, UnknownWord, as_page
from booking.lifecycle import Stale
from booking.web import locale, look
from booking.web.access import MISTAKES, staff_only
from booking.web.staff.forms import tidied
from booking.web.staff.frame import bp, member

#: Characters of all rules in one language; several times as many as anybody reads.
LONGEST = 20_000
#: Each begins a link or may, and for those that do not the reader of Markdown looks through all that follows.
MOST_BRACKETS = 500


@bp.get("/haus/hausordnung")
@staff_only
def rules() -> str:
    """What holds, to be changed, and all editions there have been."""
    return _page(_standing_sources(), {})


@bp.post("/haus/hausordnung")
@staff_only
def send_rules() -> AnyResponse | str | tuple[str, int]:
    """Show what was written as it would stand on its page, or let it hold from today on."""
    sources = {code: tidied(request.form.get(f"rules-{code}", "")) for code in locale.codes_here(whole=True)}
    faults = {code: fault for code, source in sources.items() if (fault := _fault(source, code))}
    if faults:
        return _page(sources, faults), MISTAKES
    if request.form.get("step") != "save":
        return _page(sources, {})
    try:
        rulebook.adopt(sources, _standing(), seen=request.form.get("seen", ""), by=member(), now=clock.now())
    except Stale:
        return _page(sources, {}, overtaken=[]), 409
    flash(gettext("These house rules hold from today on. Who asks for a room agrees to them."))
    return redirect(url_for(".rules", _anchor="said"), 303)


def _fault(source: str, language: str) -> str:
    """What to do about rules that cannot be put into force; empty for all others."""
    if not source:
        return gettext("Write the house rules in this language too.")
    if len(source) > LONGEST:
        return gettext("Please use at most %(most)d characters.", most=LONGEST)
    if source.count("[") > MOST_BRACKETS:
        return gettext("Please use at most %(most)d square brackets; each link needs one pair.", most=MOST_BRACKETS)
    try:
        as_page(source, language, house(), language)
    except UnknownWord as fault:
        return gettext(
            "In line %(line)d stands %(word)s, which does not exist here. Take it out, or use one of these: %(names)s.",
            line=fault.line,
            word=f"{{{fault.word}}}",
            names=fault.known,
        )
    except BadLink as fault:
        return gettext(
            "In line %(line)d a link leads to “%(address)s”. Let it lead to a page, an e-mail address or a number.",
            line=fault.line,
            address=fault.address,
        )
    return ""


def _standing() -> dict[str, str]:
    """What holds now, by language, as it stands on its page."""
    found = {}
    for code in locale.codes_here(whole=True):
        with locale.speaking(code):
            own = look.text_of_house("house_rules")
            found[code] = str(own or render_template(look.text_of_service("house_rules")[0]))
    return found


def _standing_sources() -> dict[str, str]:
    """The Markdown of what holds; where nobody has kept it, made from its page."""
    written = {code: rulebook.source_of(code) for code in locale.codes_here(whole=True)}
    pages = {} if all(written.values()) else _standing()
    return {code: source or as_markdown(pages[code]) for code, source in written.items()}


def _page(sources: dict[str, str], faults: dict[str, str], *, overtaken: list[tuple[str, str]] | None = None) -> str:
    shown = {
        code: Markup(as_page(source, code, house(), code))  # noqa: S704 - made from Markdown without HTML
        for code, source in sources.items()
        if code not in faults
    }
    return render_template(
        "staff/rules.html",
        sources=sources,
        faults=faults,
        mistakes=[(f"rules-{code}", fault) for code, fault in faults.items()],
        shown=shown,
        editions=rulebook.editions(),
        seen=house().rules_version,
        longest=LONGEST,
        overtaken=overtaken,
    )


class _Markdown(HTMLParser):
    """Headings, paragraphs, lists, links and bold words of a page as Markdown."""

    def __init__(self) -> None:
        super().__init__()
        self.text = ""
        self.item = "- "
        self.address = ""
        self.skips = False  # the line that names the edition

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in ("ul", "ol"):
            self.item = "- " if tag == "ul" else "1. "
            self.text += "\n\n"
        elif tag == "a":
            self.address = dict(attrs).get("href") or ""
        if tag == "p" and dict(attrs).get("class") == "edition":
            self.skips, self.text = True, f"{self.text}\n\n{{rules_adopted}}"
        beginnings = {"h2": "\n\n# ", "h3": "\n\n## ", "p": "\n\n", "li": f"\n{self.item}", "br": "\n", "a": "["}
        self.text += beginnings.get(tag, "**" if tag in ("b", "strong") else "")

    def handle_endtag(self, tag: str) -> None:
        self.skips = self.skips and tag != "p"
        self.text += f"]({self.address})" if tag == "a" else "**" if tag in ("b", "strong") else ""

    def handle_data(self, data: str) -> None:
        self.text += "" if self.skips else re.sub(r"[ \n\t]+", " ", data)


def as_markdown(page: str) -> str:
    """A text of the house's page as somebody would write it in Markdown."""
    parser = _Markdown()
    parser.feed(page)
    return tidied("\n".join(line.strip() for line in parser.text.split("\n")))
