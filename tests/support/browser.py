"""Chromium, watched: a page that complains, or that asks another host for anything, fails its test."""

import json
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Page,
    Request,
    Response,
    expect,
    sync_playwright,
)

from tests import make
from tests.support.server import Server
from tools.machine import NO_CHROMIUM, find_chromium

ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--renderer-process-limit=1",  # what one visitor has loaded need not be made ready again for the next
    "--js-flags=--no-opt --no-maglev",  # no script runs for as long as it takes to make it faster
]
DESKTOP = {"width": 1280, "height": 900}
PHONE = {"width": 390, "height": 844}
SMALL_PHONE = {"width": 320, "height": 568}

#: The worker of the lobby screen is for the tests that ask for it; elsewhere its fetching would be in the way.
NO_WORKERS = {"service_workers": "block"}
BLOCKED = "Service Worker registration blocked by Playwright"

#: How long to wait for what has to come. A busy machine may need it; where all is well it costs nothing.
PATIENCE = 60_000
expect.set_options(timeout=PATIENCE)

#: axe, which reads each colour once: it asks for some hundred times as many as there are, and takes a while for each.
AXE = f"""{AXE_SCRIPT}
(() => {{
    const known = new Map(), {{ Color }} = axe.commons.color, parse = Color.prototype.parseString;
    Color.prototype.parseString = function (text) {{
        if (!known.has(text)) known.set(text, parse.call(new Color(), text));
        const {{ r, g, b, alpha }} = known.get(text);
        return Object.assign(this, {{ r, g, b, alpha }});
    }};
}})();"""

AXE_OPTIONS = {
    "preload": False,  # it would copy stylesheets into the page, which the policy forbids
    "resultTypes": ["violations"],
    "runOnly": {
        "type": "tag",
        "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
    },
    "rules": {"target-size": {"enabled": True}},
}

#: What can be pressed and is lower than a finger is wide; of a choice or a tick its whole row counts.
TOO_LOW = """() => [...document.querySelectorAll("main :is(a, button, input, select, textarea, summary)")]
    .map(control => control.closest(".choice, .plain-check, .tick, .step, .place, .kern-form-input__select-wrapper")
        || control)
    .filter(control => !control.closest(".trap, p, .echo") && control.getClientRects().length)
    .filter(control => control.getBoundingClientRect().height < 43.5)
    .map(control => control.outerHTML.slice(0, 120))"""

#: Fields to type or choose in that have no edge all around, neither of their own nor of their wrapper.
WITHOUT_EDGE = """() => {
    const sides = ["Top", "Right", "Bottom", "Left"];
    const isEdged = (field) => sides.every((side) => parseFloat(getComputedStyle(field)[`border${side}Width`]) >= 1);
    const typed = ":is(select, textarea, input:not([type=checkbox], [type=radio], [type=submit], [type=file]))";
    return [...document.querySelectorAll(`main ${typed}`)]
        .filter((field) => !field.closest(".trap") && field.checkVisibility({ visibilityProperty: true }))
        .filter((field) => field.getBoundingClientRect().width > 1 && !isEdged(field) && !isEdged(field.parentElement))
        .map((field) => field.outerHTML.slice(0, 120));
}"""

#: What has the focus, as far as no ring is drawn around it or around the row it stands in.
WITHOUT_RING = """() => {
    const focused = document.activeElement;
    const isRinged = (style) => style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2;
    const rows = [focused, focused.parentElement, focused.parentElement?.parentElement].filter(Boolean);
    if (rows.some((row) => isRinged(getComputedStyle(row)) || isRinged(getComputedStyle(row, "::after")))) return "";
    return focused.outerHTML.slice(0, 200);
}"""

#: How wide a page is, on a phone also with text at 200 %; what has no edge, and on a phone what is too low.
AT_ITS_WIDTH = f"""(isPhone) => {{
    const root = document.documentElement, widths = [root.scrollWidth], edgeless = ({WITHOUT_EDGE})();
    if (!isPhone) return [widths, edgeless, []];
    const low = ({TOO_LOW})();
    root.style.fontSize = "200%";
    widths.push(root.scrollWidth);
    root.style.fontSize = "";
    return [widths, edgeless, low];
}}"""

NewPage = Callable[..., Page]


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    path = find_chromium()
    if path is None:
        pytest.fail(NO_CHROMIUM, pytrace=False)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture
def faults() -> list[str]:
    """What the watched pages complained about; a test that means to provoke it clears the list."""
    return []


@pytest.fixture
def new_page(chromium: Browser, server: Server, faults: list[str]) -> Iterator[NewPage]:
    """Opens a browser of its own for each visitor: ``new_page(viewport=PHONE, java_script_enabled=False)``."""
    contexts = []

    def open_page(**options: Any) -> Page:
        context = chromium.new_context(
            base_url=server.url,
            reduced_motion="reduce",  # a click would wait until the page has glided to its place
            **{"locale": "de-DE", "timezone_id": "Europe/Berlin", "viewport": DESKTOP, **NO_WORKERS, **options},
        )
        context.set_default_timeout(PATIENCE)
        _watch(context, urlsplit(server.url).netloc, faults)
        contexts.append(context)
        return context.new_page()

    def leave() -> None:
        """What a page still fetches, such as its icon, would be refused while the service is away."""
        for context in contexts:
            for page in context.pages:
                page.goto("about:blank")

    server.before_restart.append(leave)
    yield open_page
    for context in contexts:
        context.close()
    assert faults == [], "the browser complained"


@pytest.fixture
def page(new_page: NewPage) -> Page:
    """A visitor at a desk, on the page of `server`."""
    return new_page()


@pytest.fixture
def page_without_js(new_page: NewPage) -> Page:
    """A visitor whose browser runs no JavaScript."""
    return new_page(java_script_enabled=False)


def _watch(context: BrowserContext, host: str, faults: list[str]) -> None:
    answered: set[str] = set()  # pages that came with an error status, which Chromium reports on the console

    def on_request(request: Request) -> None:
        address = urlsplit(request.url)
        if address.scheme in ("http", "https", "ws", "wss") and address.netloc != host:
            faults.append(f"asks another host: {request.url}")

    def on_response(response: Response) -> None:
        if response.status < 400:
            return
        if response.request.is_navigation_request():
            answered.add(response.url)
        else:
            faults.append(f"{response.status} for {response.url}")

    def on_console(message: ConsoleMessage) -> None:
        expected = message.text.startswith("Failed to load resource") and message.location["url"] in answered
        if message.type in ("error", "warning") and not (expected or message.text == BLOCKED):
            faults.append(f"console {message.type}: {message.text} ({message.location['url']})")

    context.on("request", on_request)
    context.on("response", on_response)
    context.on("console", on_console)
    context.on("weberror", lambda error: faults.append(f"error in a script: {error.error}"))


@contextmanager
def arriving(page: Page) -> Iterator[None]:
    """What is done inside leads to another page; afterwards that one is there, loaded, with its scripts begun.

    A click by itself is over before the new page is there. Whoever looks then
    sees the old page, or half of the new one.
    """
    with page.expect_navigation(wait_until="load"):
        yield


def press(page: Page, button: str) -> None:
    """Press the button that has these words, and wait for the page it leads to."""
    with arriving(page):
        page.get_by_role("button", name=button, exact=True).click()


def follow(page: Page, link: str) -> None:
    """Follow the first link with these words, and wait for its page."""
    with arriving(page):
        page.get_by_role("link", name=link).first.click()


def look(page: Page, name: str) -> None:
    """A page as it must be at any width: nothing sticks out, not even with text at 200 % on a phone, nothing is too
    small for a finger, axe finds nothing."""
    page.wait_for_load_state()
    size = page.viewport_size
    assert size is not None
    shoot(page, f"{name}-{size['width']}")
    widths, edgeless, low = page.evaluate(AT_ITS_WIDTH, size["width"] < 600)
    assert max(widths) <= size["width"], page.url
    assert (edgeless, low) == ([], []), page.url
    check_axe(page)


def check_axe(page: Page) -> None:
    """Fail where axe finds anything against the page as it stands."""
    page.wait_for_load_state()
    violations = axe(page)
    found = [
        f"{violation['id']}: {violation['help']}\n    {node['target']}\n    {node['failureSummary']}"
        for violation in violations
        for node in violation["nodes"]
    ]
    assert not found, f"{page.url}\n" + "\n".join(found)


def axe(page: Page, options: dict[str, Any] = AXE_OPTIONS) -> list[dict[str, Any]]:
    """The rules that a page violates."""
    examine = f"axe.run(document, {json.dumps(options)}).then(({{ violations }}) => violations)"
    runs_scripts, has_axe = page.evaluate("[!matchMedia('(scripting: none)').matches, 'axe' in window]")
    with nullcontext() if runs_scripts else _scripts_run(page):
        found: list[dict[str, Any]] = page.evaluate(examine if has_axe else f"{AXE}\n{examine}")
    return found


def check_focus(page: Page) -> None:
    """Fail where nobody sees what has the focus."""
    assert page.evaluate(WITHOUT_RING) == ""


@contextmanager
def _scripts_run(page: Page) -> Iterator[None]:
    """Let scripts run, as axe is one, where the browser runs none; those of the page have been passed over already."""
    session = page.context.new_cdp_session(page)  # which stays, as scripts would run from its end on
    for off in (True, False):  # what is as the session knows it is not said again
        session.send("Emulation.setScriptExecutionDisabled", {"value": off})
    yield
    session.send("Emulation.setScriptExecutionDisabled", {"value": True})
    assert page.evaluate("matchMedia('(scripting: none)').matches")


def shoot(page: Page, name: str, *, full_page: bool = True) -> None:
    """Take a picture into the folder that TEST_SHOTS names; without it, do nothing."""
    folder = os.environ.get("TEST_SHOTS")
    if folder:
        page.wait_for_load_state()
        page.screenshot(path=Path(folder) / f"{name}.png", full_page=full_page)


def sign_in(page: Page, email: str = "henrike@bielefeld.de", path: str = "/team") -> Page:
    """As one of the team who has ``make.PASSWORD``, on the way to the page at ``path``."""
    page.goto(path)
    page.get_by_label("E-Mail-Adresse").fill(email)
    page.get_by_label("Passwort").fill(make.PASSWORD)
    press(page, "Anmelden")
    expect(page.get_by_role("button", name="Abmelden")).to_be_visible()
    return page
