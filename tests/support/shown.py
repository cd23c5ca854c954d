"""Pages shown by Chromium without a service behind them, and what is wrong with them for anybody who reads them."""

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

from flask import Flask, Response, request
from playwright.sync_api import Browser

from tests.support.browser import DESKTOP, SMALL_PHONE, axe
from tests.support.every_state import State
from tests.support.fast_motion import serving

STATIC = Path(__file__).parents[2] / "static"

#: A small phone, a window at 400 % of its text, and a phone with its keyboard open.
SIZES = (SMALL_PHONE, {"width": 320, "height": 256}, {"width": 960, "height": 540})

#: What a reader may set to read more easily (WCAG 2.2, success criterion 1.4.12).
SPACED = """
    * { line-height: 1.5 !important; letter-spacing: .12em !important; word-spacing: .16em !important }
    p { margin-block-end: 2em !important }"""

#: Whether the page is wider than its window, or what it says runs out of its box: as it is, with text at 200 %, and
#: with wide spacing.
TOO_WIDE = """(spaced) => {
    const root = document.documentElement, found = [];
    const look = (what) => {
        if (root.scrollWidth > innerWidth) found.push(`${what}: ${root.scrollWidth} px wide`);
        for (const each of document.querySelectorAll("body, body *")) {
            const beyond = each.clientHeight && each.scrollHeight - each.clientHeight;
            if (beyond <= 6) continue;
            const { display, overflowY, fontSize } = getComputedStyle(each);
            const isText = beyond > 2 * parseFloat(fontSize); // less are descenders, and lines that join the steps
            if (!isText || overflowY !== "visible" || display === "inline") continue;
            found.push(`${what}: runs out of its box: ${each.outerHTML.replace(/\\s+/g, " ").slice(0, 110)}`);
        }
    };
    look("as it is");
    root.style.fontSize = "200%";
    look("text at 200 %");
    root.style.fontSize = "";
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(spaced);
    document.adoptedStyleSheets.push(sheet);
    look("spaced");
    document.adoptedStyleSheets.pop();
    return found;
}"""

#: What can have the focus and does not take it, or lies under something else, or out of sight, when it has it.
LOST = """() => {
    const found = [], told = (each) => each.outerHTML.replace(/\\s+/g, " ").slice(0, 110);
    const stays = (each) => {
        for (let at = each; at; at = at.parentElement) {
            if (["sticky", "fixed"].includes(getComputedStyle(at).position)) return true;
        }
        return false;
    };
    const all = document.querySelectorAll("a[href], button, input, select, textarea, summary, [tabindex='0']");
    for (const each of all) {
        if (each.disabled || each.type === "hidden" || each.tabIndex < 0 || !each.checkVisibility()) continue;
        each.focus();
        if (document.activeElement !== each) { found.push(`takes no focus: ${told(each)}`); continue; }
        const box = [...each.getClientRects()].find((rect) => rect.width && rect.height);
        if (!box) { found.push(`has no place: ${told(each)}`); continue; }
        for (const y of [(box.top + box.bottom) / 2, box.top + 3, box.bottom - 3]) {
            const x = (box.left + box.right) / 2;
            if (y < 0 || y > innerHeight) {
                const isSmall = box.height < innerHeight / 2 && each.tagName !== "TEXTAREA";
                if (isSmall) found.push(`out of sight: ${told(each)}`);
                continue;
            }
            const top = document.elementFromPoint(x, y);
            if (!top || each.contains(top) || top.contains(each)) continue;
            if ([...(each.labels ?? [])].some((one) => one.parentElement.contains(top))) continue;
            const isMiddle = y === (box.top + box.bottom) / 2;
            if (!isMiddle && !stays(top)) continue;
            found.push(`under ${told(top)}: ${told(each)}`);
        }
    }
    document.activeElement.blur();
    return found;
}"""

#: In the colours of a contrast theme: drawings without contrast, buttons without an edge, and what is the current one
#: or chosen and looks as all others do.
FADED = """() => {
    const found = new Set(), told = (each) => each.outerHTML.replace(/\\s+/g, " ").slice(0, 110);
    const parts = (colour) => colour.match(/[\\d.]+/g)?.map(Number) ?? [0, 0, 0, 0];
    const linear = (n) => n <= .04045 ? n / 12.92 : ((n + .055) / 1.055) ** 2.4;
    const light = (colour) => {
        const [r, g, b] = parts(colour).map((n) => linear(n / 255));
        return .2126 * r + .7152 * g + .0722 * b;
    };
    const contrast = (one, other) => {
        const [dark, bright] = [light(one), light(other)].sort((a, b) => a - b);
        return (bright + .05) / (dark + .05);
    };
    const ground = (each) => {
        for (let at = each; at; at = at.parentElement) {
            const colour = getComputedStyle(at).backgroundColor;
            if (parts(colour)[3] !== 0) return colour;
        }
        return getComputedStyle(document.documentElement).getPropertyValue("background-color");
    };
    for (const svg of document.querySelectorAll("svg:not(.art, .trap)")) {
        if (!svg.checkVisibility() || svg.closest(".art, .qr, .skyline, .account__code")) continue;
        const behind = ground(svg);
        const pieces = [...svg.querySelectorAll("path, circle, rect, line, use:not([href^='#'])")]
            .filter((piece) => !piece.matches(".bar__day, .bar__open"));
        const seen = pieces.some((piece) => {
            const style = getComputedStyle(piece);
            return [style.fill, style.stroke].some((paint) => paint !== "none" && contrast(paint, behind) >= 3);
        });
        if (pieces.length && !seen) found.add(`drawing without contrast: ${told(svg)}`);
    }
    const edged = (style) => ["Top", "Bottom"].some((side) => style[`border${side}Style`] !== "none"
        && parseFloat(style[`border${side}Width`])) || style.outlineStyle !== "none"
        || style.textDecorationLine.includes("underline");
    for (const each of document.querySelectorAll(":is(button, .kern-btn):not(.kern-sr-only, .trap)")) {
        if (!each.checkVisibility()) continue;
        const all = [each, ...each.querySelectorAll("*")].map((one) => getComputedStyle(one));
        if (!all.some(edged) && !each.querySelector("svg")) found.add(`button without an edge: ${told(each)}`);
    }
    const look = (each, pseudo) => {
        const s = getComputedStyle(each, pseudo);
        return [s.fontWeight, s.textDecorationLine, s.textDecorationThickness, s.borderTopWidth, s.borderBottomWidth,
            s.borderTopStyle, s.outlineStyle, s.outlineWidth, pseudo && s.content, pseudo && s.backgroundColor].join();
    };
    const looks = (each) => [each, ...each.querySelectorAll("*")].slice(0, 3)
        .flatMap((one) => [null, "::before", "::after"].map((pseudo) => look(one, pseudo))).join();
    for (const each of document.querySelectorAll("[aria-current]")) {
        const around = each.closest("ul, ol, tbody, .tabs, nav, form");
        const kin = [...(around?.querySelectorAll(`${each.tagName}:not([aria-current])`) ?? [])]
            .find((one) => one.className === each.className && one.checkVisibility());
        if (!kin || !each.checkVisibility() || looks(each) !== looks(kin)) continue;
        found.add(`current, but looks as others: ${told(each)}`);
    }
    return [...found];
}"""


class Reader:
    """Whoever reads one page after the other, in a browser that gets them from what is put before it."""

    def __init__(self, browser: Browser) -> None:
        self._html = ""
        self._until_closed = ExitStack()
        # Not by routes: with these, a browser keeps nothing from one page to the next.
        pages = Flask(__name__, static_folder=STATIC, static_url_path="/static")
        pages.config["SEND_FILE_MAX_AGE_DEFAULT"] = 3600
        for address in ("/", "/<path:_path>"):
            pages.add_url_rule(address, view_func=self._answer, endpoint=address)
        self._url = self._until_closed.enter_context(serving(pages))
        context = browser.new_context(reduced_motion="reduce", locale="de-DE")
        self._until_closed.enter_context(context)
        self.page = context.new_page()

    def faults(self, state: State, *, axe: bool = True, wide: bool = False) -> Iterator[str]:
        """All that is wrong with a page. ``axe`` looks at it on a small phone, and, ``wide``, at a desk too."""
        self._html = state.answer.text
        page = self.page
        # On a wall, where nobody operates it.
        is_screen = state.path.removeprefix("/en").startswith(("/lobby", "/display/"))
        page.set_viewport_size(DESKTOP if is_screen else SMALL_PHONE)
        page.goto(self._url + state.path)
        if axe:
            # Nobody reads there at a pace of their own: a screen without a plan looks again by itself.
            yield from (each for each in self._axe() if not (is_screen and each.startswith("meta-refresh:")))
        if is_screen:
            return
        yield from page.evaluate(TOO_WIDE, SPACED)
        for size in SIZES:
            page.set_viewport_size(size)
            yield from (f"{size['width']} × {size['height']}: {each}" for each in page.evaluate(LOST))
        page.set_viewport_size(DESKTOP)
        if wide:
            yield from self._axe()
        page.emulate_media(forced_colors="active", color_scheme="dark")
        yield from page.evaluate(FADED)
        page.emulate_media(forced_colors="none", color_scheme="light")

    def close(self) -> None:
        self._until_closed.close()

    def _axe(self) -> list[str]:
        return [
            f"{each['id']}: {node['target']} {node['failureSummary']}"
            for each in axe(self.page)
            for node in each["nodes"]
        ]

    def _answer(self, _path: str = "") -> Response:
        """The page to whoever goes there; to its scripts, nothing."""
        if request.headers["Sec-Fetch-Mode"] == "navigate":
            return Response(self._html, mimetype="text/html")
        return Response(status=204)
