// Keeps the lobby screen right: by the minute without the network, and by asking the house whether something changed.
//
// The page holds seven days as data, each row with its phases, and a template of all that is made of them
// (booking/web/lobby/held.py). Whatever goes wrong on the way to new ones, the old ones stay, and time goes on in them.
// New content is built and measured out of sight and put in place in one step. What was good last is kept on the
// machine (lobby/keep.js), for a start without network or house.

import { begin, drift, houseTime, isSure, jump, live, remember, remembered, resume, set, unanswered } from "./lobby/clock.js";
import { build, place, staleness } from "./lobby/draw.js";
import { arrange, grow, show, trim, unfold } from "./lobby/fit.js";
import { forget, hire, isKeeping, keep } from "./lobby/keep.js";
import { fill, isTurning, MINUTE, read, say } from "./lobby/plan.js";
import { note, pulse } from "./lobby/pulse.js";

const POLL = 30_000;
const LATEST_POLL = 120_000;
const PATIENCE = 8_000; // until a silent house counts as away
const OUTGROWN = 30 * MINUTE; // after that a plan that leaves rows out should hold others
const RENEWAL = 30 * MINUTE; // a new build waits so long for a minute in which no row changes
const MANY_PAGES = 3; // above them nobody waits for a row: the foot says where all of them stand
const HANDS = 10_000; // how long controls stay after somebody moved a pointer or pressed a key
const LATE = 90_000; // a second that comes so late: the page hung, or the machine slept
const BLOATED = 256 * 1024 * 1024; // bytes

/** What of the form of a moment its frame takes over. */
const FORM = ["density", "groups", "shows", "spot", "lines", "grow", "half", "accent"];

const root = document.documentElement;
const frame = document.querySelector("[data-lobby]");
let held = read(document);
let freshAt = held.time; // the last good answer, by the house's clock
let page = 0;
let pageEnds = 0; // by the clock of this machine
let paused = false;
let handsUntil = 0;
let shown = "";
let wait = POLL;
let timer;
let ticked = performance.now();
let renewAt = 0; // when another build was there, by the house's clock
let keptTag = ""; // of the plan that is on this machine

/** Put this moment on the screen. If that fails, what is there stays. */
function compose() {
  const now = houseTime();
  const { next, theme } = build(held, frame, now, freshAt, isSure());
  document.body.append(next);
  try {
    const cut = arrange(held, next, now);
    unfold(next, cut);
    trim(held, next);
    grow(next, cut);
    turn(next, cut);
    const focused = document.activeElement?.matches(".pause");
    for (const name of FORM) frame.dataset[name] = next.dataset[name] ?? "";
    frame.dataset.pages = cut.length;
    frame.className = next.className;
    frame.classList.remove("measured");
    root.dataset.theme = theme;
    frame.replaceChildren(...next.childNodes);
    document.body.style.translate = place(now);
    if (focused) frame.querySelector(".pause")?.focus();
  } finally {
    next.remove();
  }
}

/** Show the page whose turn it is, and say which. */
function turn(next, cut) {
  if (page >= cut.length) page = 0;
  show(next, cut[page]);
  if (performance.now() >= pageEnds) pageEnds = performance.now() + Math.max(10_000, 3_000 + 2_500 * cut[page].length);
  if (cut.length > MANY_PAGES && !next.classList.contains("has-notice")) {
    next.querySelector(".hint").hidden = false;
    say(next.querySelector(".hint span"), frame.dataset.all);
  }
  if (cut.length === 1) return;
  next.querySelector(".page").textContent = fill(frame.dataset.page, { page: page + 1, pages: cut.length });
  control(next.querySelector(".pause"));
}

/** Somebody at a keyboard can stop the pages; a screen on the wall shows no control. */
function control(button) {
  button.hidden = performance.now() > handsUntil && !paused;
  if (paused) button.textContent = button.dataset.goOn;
}

function tick() {
  watch();
  const now = houseTime();
  if (frame.dataset.pages > 1 && !paused && performance.now() >= pageEnds) page += 1;
  const minutes = [now, freshAt].map((time) => Math.floor(time / MINUTE));
  const stale = staleness(now - freshAt, isSure());
  const key = [...minutes, stale, isSure(), performance.now() < handsUntil, paused, page].join();
  if (key === shown) return;
  const isNewMinute = !shown.startsWith(`${minutes[0]},`);
  shown = key;
  compose();
  live();
  if (isNewMinute && (isToBeRenewed(now) || performance.memory?.usedJSHeapSize > BLOATED)) reload();
}

/** Whether another build is there, and this minute is a good one to take it. */
const isToBeRenewed = (now) => renewAt > 0 && (!isTurning(held, now) || now - renewAt > RENEWAL);

/** A page that hung begins anew, and a clock that was set is compared with the house's. */
function watch() {
  const now = performance.now();
  if (now - ticked > LATE) reload();
  ticked = now;
  const seconds = jump();
  if (!seconds) return;
  note(`the clock jumped by ${seconds} s`);
  poll();
}

/** Begin anew, as long as there is a house that answers. */
async function reload() {
  try {
    const answer = await fetch(location.href, { method: "HEAD", cache: "no-store", redirect: "error", signal: AbortSignal.timeout(5_000) });
    if (answer.ok && answer.headers.has("House-Time")) location.reload();
  } catch {
    // what is on the screen is better than nothing
  }
}

/** Hold a new plan, unless it cannot be shown. */
function take(fresh) {
  const before = held;
  held = fresh;
  try {
    compose();
  } catch (error) {
    held = before;
    throw error;
  }
  document.querySelector(".codes").replaceWith(fresh.codes);
}

/**
 * Take what the house has sent: the plan that it was, another one, or that this screen is registered no more. Whether
 * the screen shows it; another build has to wait, with all of its files on this machine.
 */
async function understand(answer) {
  if (answer.status === 304) return true;
  const text = await answer.text();
  const doc = new DOMParser().parseFromString(text, "text/html");
  if (answer.status === 403 && doc.querySelector('[data-shows="ended"]')) {
    await forget();
    location.reload();
  }
  if (answer.status !== 200 || !answer.headers.has("House-Time")) throw new Error(`answer ${answer.status}`);
  const fresh = read(doc);
  const isAnother = fresh.build !== held.build; // another version of this script: not to be shown with this one
  if (!isAnother) take(fresh);
  keep(text, doc, answer.headers.get("Content-Security-Policy"), isAnother).then(() => {
    keptTag = fresh.tag;
    if (isAnother) renewAt ||= houseTime();
    remember(freshAt, keptTag);
  }, note);
  return !isAnother;
}

const isOutgrown = () => houseTime() - held.time > OUTGROWN && held.days[0].left.length > 0;
const isToBeKept = () => isKeeping() && keptTag !== held.tag;

async function poll() {
  clearTimeout(timer);
  const asked = performance.now();
  try {
    const answer = await fetch(location.href, {
      headers: isOutgrown() || isToBeKept() ? {} : { "If-None-Match": `"${held.tag}"` },
      cache: "no-store",
      redirect: "error",
      signal: AbortSignal.timeout(PATIENCE),
    });
    const came = performance.now();
    const time = Number(answer.headers.get("House-Time"));
    const isShown = await understand(answer);
    if (!time) throw new Error("an answer without the time");
    set(time, asked, came);
    if (isShown) freshAt = houseTime();
    frame.dataset.time = time;
    remember(freshAt, keptTag);
    wait = POLL;
  } catch (error) {
    console.info("The plan could not be refreshed:", error.message);
    note(error);
    unanswered();
    wait = Math.min(wait * 2, LATEST_POLL);
  }
  clearTimeout(timer); // of another poll that began meanwhile
  timer = setTimeout(poll, wait - 5_000 + Math.random() * 10_000);
  tick();
  const { pulse: address, shows } = frame.dataset;
  pulse(address, { build: held.build, shows, age: Math.round((houseTime() - freshAt) / 1000), drift: drift() });
}

function hands() {
  handsUntil = performance.now() + HANDS;
}

/** Begin with the page as it came: from the house, or from this machine. */
function start() {
  if ("kept" in frame.dataset) freshAt = resume(held.time);
  else begin(held.time);
  keptTag = remembered().tag;
  delete frame.dataset.kept;
}

document.addEventListener("click", (event) => {
  if (!event.target.closest(".pause")) return;
  paused = !paused;
  pageEnds = 0;
  tick();
});
for (const name of ["pointermove", "keydown"]) document.addEventListener(name, hands);
for (const name of ["error", "unhandledrejection"]) window.addEventListener(name, (event) => note(event.reason ?? event.message));
window.addEventListener("online", poll);
window.addEventListener("resize", compose);
document.addEventListener("visibilitychange", () => document.hidden || poll());
start();
document.fonts.ready.then(compose);
setInterval(tick, 1000);
poll(); // the page knows the minute alone
hire(frame.dataset.worker).then((isThere) => isThere && isToBeKept() && poll(), note);
