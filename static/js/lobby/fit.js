// Finds the largest form in which the rows of a moment fit, and how many pages they take where none holds them all.

import { leave } from "./draw.js";
import { say } from "./plan.js";

const FORMS = [["roomy", "all"], ["roomy", "now"], ["tight", "all"], ["tight", "none"]]; // and whose groups are named
const LARGEST = 5; // steps by which rows can grow
const MOST_OF_A_PAGE = 8; // rows; no panel has room for more, so fewer pages need not be tried

/** Half a rem is less than the gap to what follows; the descenders of a last line may stand in it. */
const overflows = (box, rem = 0.5) =>
  box.scrollHeight > box.clientHeight + rem * parseFloat(getComputedStyle(document.documentElement).fontSize);

/** Cut a list into so many pages, as evenly as can be. */
function pages(rows, count) {
  const edge = (n) => Math.round((rows.length * n) / count);
  return Array.from({ length: count }, (_, n) => rows.slice(edge(n), edge(n + 1)));
}

/** Show these rows and no others; sections without rows are hidden. */
export function show(next, rows) {
  const plan = next.querySelector(".plan");
  for (const row of plan.querySelectorAll(".row")) row.hidden = !rows.includes(row);
  const now = plan.querySelector(".now");
  const any = (section) => Boolean(section?.querySelector(".row:not([hidden])"));
  if (now) now.hidden = !any(now);
  const later = plan.querySelector(".later");
  if (later) later.hidden = !any(later);
  const marks = plan.querySelector(later?.hidden ? ".end" : ".later-head");
  marks?.append(...plan.querySelectorAll(".page, .pause"));
  return !overflows(plan);
}

/**
 * Lay the rows out in the first form that holds them, else on as few pages as can be; gives the rows of each page.
 * What is on now stays on every page if it can.
 */
export function arrange(held, next, now) {
  const plan = next.querySelector(".plan");
  const happening = [...plan.querySelectorAll(".now .row")];
  const later = [...plan.querySelectorAll(".later .row")];
  const all = [...happening, ...later];
  if (plan.querySelector(".door")) return atDoor(next, [...plan.querySelectorAll(".row")]);
  const label = plan.querySelector("[data-labels]");
  if (label) {
    const begun = later.some((row) => row.dataset.begins <= now);
    say(label, ...JSON.parse(label.dataset.labels)[!happening.length ? "alone" : begun ? "begun" : "later"]);
    plan.querySelector(".calm").hidden = happening.length > 0;
  }
  const warned = next.classList.contains("has-warning");
  next.dataset.density = warned ? "tight" : "roomy";
  if (!all.length) {
    if (overflows(plan, 2)) plan.querySelector(".headline").classList.add("headline--long");
    return [all];
  }
  const clipped = () => [...plan.querySelectorAll(".title")].some((title) => overflows(title));
  const forms = warned || happening.length > 1 ? FORMS.filter(([density]) => density === "tight") : FORMS;
  for (const [density, groups] of forms) {
    Object.assign(next.dataset, { density, groups });
    if (show(next, all) && (density === "tight" || !clipped())) return [all];
  }
  next.querySelector(".page").hidden = false;
  return turns(next, happening, later) ?? only(held, next, happening, later) ?? turns(next, [], all) ?? all.map((row) => [row]);
}

/** The sign of a room in the largest form in which it is whole. */
function atDoor(next, rows) {
  for (const density of ["roomy", "tight"]) {
    Object.assign(next.dataset, { density, lines: 6 });
    if (show(next, rows) && !rows.some((row) => overflows(row.querySelector(".title")))) break;
  }
  return [rows];
}

/** The rows of as few pages as can be, each with those that are on now; nothing where there is no room beside them. */
function turns(next, pinned, rest) {
  for (let count = Math.max(2, Math.ceil(rest.length / MOST_OF_A_PAGE)); count <= rest.length; count += 1) {
    const cut = pages(rest, count).map((rows) => [...pinned, ...rows]);
    if (cut.every((rows) => show(next, rows))) return cut;
  }
  return null;
}

/** What is on now fills the screen and stays: the others are counted. */
function only(held, next, happening, later) {
  const line = next.querySelector(".left");
  if (!happening.length || !line) return null;
  const before = Number(line.dataset.number);
  leave(held, next, ".left", before + later.filter(({ dataset }) => !["cancelled", "moved"].includes(dataset.state)).length);
  next.querySelector(".page").hidden = true;
  if (show(next, happening)) return [happening];
  leave(held, next, ".left", before);
  next.querySelector(".page").hidden = false;
  return null;
}

/** Let titles be longer where there is room. */
export function unfold(next, cut) {
  if (next.classList.contains("has-warning")) return;
  for (const lines of [6, 4, 3]) {
    next.dataset.lines = lines;
    if (cut.every((rows) => show(next, rows))) return;
  }
  delete next.dataset.lines;
}

/** How many words of titles are divided between lines, or left out. */
function cuts(next) {
  const titles = [...next.querySelectorAll(".plan .row:not([hidden]) .title")];
  return titles.reduce((sum, title) => sum + dividedIn(title.firstChild) + Number(overflows(title)), 0);
}

function dividedIn(text) {
  const range = document.createRange();
  return [...(text?.data.matchAll(/[^\s-]+/g) ?? [])].filter(({ 0: word, index }) => {
    range.setStart(text, index);
    range.setEnd(text, index + word.length);
    return new Set([...range.getClientRects()].map(({ top }) => Math.round(top))).size > 1;
  }).length;
}

/** Let rows that have the board for themselves grow until it is full, or a word would be cut. */
export function grow(next, cut) {
  if (cut.length > 1 || !cut[0].length || next.querySelector(".door")) return;
  show(next, cut[0]);
  const before = cuts(next);
  for (let size = LARGEST; size > 0; size -= 1) {
    next.dataset.grow = size;
    if (!overflows(next.querySelector(".plan")) && cuts(next) <= before && !isWide(next)) return;
  }
  delete next.dataset.grow;
}

/** Whether anything in a row is wider than its place. */
const isWide = (next) =>
  [...next.querySelectorAll(".plan :is(.what, .sign, .verdict, .room)")].some((one) => one.scrollWidth > one.clientWidth + 1);

/** Leave out rows of the next day that do not fit beside the code, and count them. */
export function trim(held, next) {
  const side = next.querySelector(".side");
  if (!side.querySelector(".tomorrow")) return;
  const more = side.querySelector(".more"); // none at the door of a room
  let rest = Number(more?.dataset.number);
  while (overflows(side) && side.querySelectorAll("li").length > 1) {
    side.querySelector("li:last-child").remove();
    rest += 1;
    if (more) leave(held, side, ".more", rest);
  }
  side.dataset.lines = 7;
  if (overflows(side) || overflows(next.querySelector(".plan"))) delete side.dataset.lines;
}
