"""How a lobby screen has to look: sizes, places and contrast, on each kind of panel."""

from typing import Any

from playwright.sync_api import Page, ViewportSize

from tests.support.browser import AXE

LANDSCAPE: ViewportSize = {"width": 1920, "height": 1080}
PORTRAIT: ViewportSize = {"width": 1080, "height": 1920}
LARGE: ViewportSize = {"width": 3840, "height": 2160}
SCREENS = (LANDSCAPE, PORTRAIT, LARGE)

#: Panels that hang beside the door of a room.
DOORS: tuple[ViewportSize, ...] = ({"width": 1280, "height": 800}, {"width": 800, "height": 1280}, LANDSCAPE)

#: The smallest of all texts and of those that everybody needs, in pixels of 1,080 lines, and the least contrast.
SMALLEST, ESSENTIAL, CONTRAST = 32, 52, 7

CONTRASTS = """async () => {
  const rules = {"color-contrast-enhanced": {enabled: true}};
  const {passes, violations} = await axe.run(document, {runOnly: ["color-contrast-enhanced"], rules});
  const ratios = [...passes, ...violations].flatMap(({nodes}) => nodes.map(({any}) => any[0].data.contrastRatio));
  const pale = violations.flatMap(({nodes}) => nodes.map((node) => node.failureSummary));
  return {contrast: Math.min(...ratios.filter(Boolean)), pale};
}"""

#: Sizes in pixels of a screen with 1080 lines, and the words of what is where it should not be.
MEASURE = r"""() => {
  const pixel = parseFloat(getComputedStyle(document.documentElement).fontSize) / 16;
  const size = (one) => Math.round(parseFloat(getComputedStyle(one).fontSize) / pixel * 100) / 100;
  const name = (one) => `${one.className || one.tagName}: ${one.textContent.trim().replace(/\s+/g, ' ').slice(0, 40)}`;
  const box = (one) => one.getBoundingClientRect();
  const shared = (a, b) => ({
    width: Math.min(a.right, b.right) - Math.max(a.left, b.left),
    height: Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top),
  });
  const inside = (a, b) => shared(a, b).width >= a.width - 1 && shared(a, b).height >= a.height - 1;
  const overlap = (a, b) => shared(a, b).width > 1 && shared(a, b).height > 1;

  const seen = [...document.querySelectorAll('.frame *')].filter((one) => one.checkVisibility());
  const texts = seen.filter((one) => [...one.childNodes].some((node) => node.nodeType === 3 && node.data.trim()));
  const wholes = '.row .title, .times, .times *, .room, .status, .headline';
  const essential = `${wholes}, :is(.verdict, .warning, .clock, .date) *`;
  const blocks = '.head, .warning, .row, .later-head, .tomorrow, .qr, .headline, .upcoming, .foot, .again, .status';
  const parts = (row) => [...row.querySelectorAll('.when, .sign, .room, .way, .verdict')];
  const laid = seen.filter((one) => one.matches(blocks));
  return {
    smallest: Math.min(...texts.map(size)),
    essential: Math.min(...texts.filter((one) => one.matches(essential) && !one.matches('.also')).map(size)),
    outside: texts.filter((one) => !inside(box(one), new DOMRect(0, 0, innerWidth, innerHeight))).map(name),
    overfull: seen
      .filter((one) => one.matches('.row'))
      .filter((row) => parts(row).some((part) => part.checkVisibility() && !inside(box(part), box(row))))
      .map(name),
    overlapping: laid.flatMap((a, n) =>
      laid
        .slice(n + 1)
        .filter((b) => !a.contains(b) && overlap(box(a), box(b)))
        .map((b) => `${name(a)} / ${name(b)}`),
    ),
  };
}"""


def measured(page: Page) -> dict[str, Any]:
    if page.evaluate("typeof axe") == "undefined":
        page.evaluate(AXE)
    return {**page.evaluate(MEASURE), **page.evaluate(CONTRASTS)}


def faults_of(page: Page) -> list[str]:
    """What is too small, outside, over another or too pale."""
    found = measured(page)
    small = {"smallest": SMALLEST, "essential": ESSENTIAL}
    return [
        *(f"{name} text: {found[name]}" for name, least in small.items() if found[name] < least),
        *(f"{name}: {each}" for name in ("outside", "overfull", "overlapping", "pale") for each in found[name]),
    ]
