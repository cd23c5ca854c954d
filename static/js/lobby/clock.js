// The house's clock on this machine: set by each answer of the house, going on by itself, and found again after a
// restart. What the machine takes for the time is never shown; it only says how long the screen was away.

const JUMP = 60_000; // milliseconds that the machine's clock was set by, or that the machine slept
const CONTINUES = 120_000; // a page that comes back within so long is a reload, and the machine has not been off
const FADES = 1.2; // an exact answer is worth less with each that follows

const store = `lobby:${location.pathname}`;
const wall = () => Date.now() - performance.now();

let offset = 0; // from the clock of this page to that of the house
let trip = Infinity; // how long the answer was on its way that has set it
let wallThen = wall();
let isKnown = false; // an answer has set it since the machine was started
let hasJumped = false;

/** The house's time in milliseconds. */
export const houseTime = () => performance.now() + offset;

/** Whether the time may be shown. */
export const isSure = () => isKnown;

/** Seconds that the machine's clock is ahead of the house's. */
export const drift = () => Math.round((Date.now() - houseTime()) / 1000);

/** The page was sent at this time of the house. */
export function begin(time) {
  offset = time - performance.now();
  isKnown = true;
}

/** The house has told its time in an answer that was asked for at ``asked`` and came ``now``, by the page's clock. */
export function set(time, asked, now) {
  const took = now - asked;
  const found = time + took / 2 - now;
  if (took <= trip || !isKnown || Math.abs(found - offset) > took) [offset, trip] = [found, took];
  else trip *= FADES;
  [wallThen, isKnown, hasJumped] = [wall(), true, false];
}

/** By how many seconds the machine's clock has jumped since the house was heard of last; told once, else 0. */
export function jump() {
  const by = wall() - wallThen;
  if (hasJumped || Math.abs(by) <= JUMP) return 0;
  hasJumped = true;
  return Math.round(by / 1000);
}

/** The house does not answer: after a jump nobody knows the time any more. */
export function unanswered() {
  if (hasJumped) isKnown = false;
}

/** What is in a store of the browser; nothing where it may not be used. */
function stored(storage) {
  try {
    return JSON.parse(window[storage].getItem(store));
  } catch {
    return null;
  }
}

function put(storage, value) {
  try {
    window[storage].setItem(store, JSON.stringify(value));
  } catch {
    // without it, a restart knows less
  }
}

/** Keep for a restart when the house was heard of, and the tag of the plan that is kept. */
export const remember = (heardAt, tag) =>
  put("localStorage", { heardAt, tag, ahead: Math.round(Date.now() - houseTime()) });

export const remembered = () => stored("localStorage") ?? {};

/** The page is still there. */
export const live = () => isKnown && put("sessionStorage", Date.now());

/**
 * Go on from what was remembered, as the page comes from this machine and not from the house; gives when the house was
 * heard of. The time is sure only where the page was here a moment ago: a machine that was off may tell any.
 */
export function resume(sentAt) {
  const { heardAt = sentAt, ahead = 0 } = remembered();
  const away = Date.now() - (stored("sessionStorage") ?? NaN);
  const guess = Date.now() - ahead;
  offset = Math.max(guess, heardAt) - performance.now();
  isKnown = guess >= heardAt && away >= 0 && away < CONTINUES;
  return heardAt;
}
