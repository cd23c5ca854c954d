// Single keys, for those of the team who have switched them on (WCAG 2.1.4). Whatever they do, a button or link does too.

const ITEMS = "[data-decision] input[name=date], .requests h2 > a";
let before = "";

const click = (selector) => document.querySelector(selector)?.click();
const step = (value) => click(`[data-decision] button[name=step][value=${value}]:not([hidden])`);

function move(by) {
  const items = [...document.querySelectorAll(ITEMS)].filter((each) => each.checkVisibility());
  const at = items.indexOf(document.activeElement);
  items[at < 0 ? (by > 0 ? 0 : items.length - 1) : Math.min(Math.max(at + by, 0), items.length - 1)]?.focus();
}

function atFocus(kind) {
  return document.activeElement.matches(ITEMS) && document.activeElement.matches(kind) ? document.activeElement : null;
}

const KEYS = {
  "?": () => location.assign(document.body.dataset.keys),
  gh: () => location.assign(document.body.dataset.today),
  j: () => move(1),
  k: () => move(-1),
  o: () => atFocus("a")?.click(),
  x: () => atFocus("input")?.click(),
  a: () => click('[data-choose="free"]'),
  z: () => step(document.querySelector("[data-decision] input[name=date]:checked") ? "selection" : "free"),
  v: () => step("propose"),
  n: () => step("decline"),
  u: () => click(".undo form button"),
};

/** Whether keys are typed here: then none of them is a shortcut. */
const isField = (target) => target.isContentEditable || (target.matches("input, textarea, select") && !target.matches("[type=checkbox], [type=radio]"));

document.addEventListener("keydown", (event) => {
  if (event.isComposing || event.repeat || event.altKey || event.metaKey) return;
  if (event.ctrlKey) {
    const send = event.key === "Enter" && event.target.closest("form")?.querySelector("button[name=step][value=send]");
    if (send) send.click();
    return;
  }
  if (isField(event.target)) return;
  const act = KEYS[before + event.key] ?? KEYS[event.key];
  before = event.key === "g" ? "g" : "";
  if (!act) return;
  event.preventDefault();
  act();
});
