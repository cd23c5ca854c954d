// Makes the screen of one moment from what is held, out of the parts that the page brings along.

import { isOfDoor, sign } from "./door.js";
import { clock, counted, dayAndMonth, dayOf, fill, hint, latest, leftOut, longDay, MINUTE, notice, rowsAt, said, saidBelow, say, shows, shutBy, understood, weekday } from "./plan.js";

const SOFT = 3 * MINUTE; // without an answer: say so
const HARD = 15 * MINUTE; // warn across the screen
const PARTS = ["was", "open", "fixed", "progress", "chip", "note", "change", "name", "off", "away", "sign"];
const ACCENTS = 4; // colours of the day
const HALVES = [[0, "am"], [12, "pm"]];
const ORBIT = 64; // steps of a minute on which the picture goes around its place, to spare the panel

/** How old what is shown is: 0 fresh, 1 to be mentioned, 2 to be warned of. */
export const staleness = (age, isSure) => (age >= HARD || !isSure ? 2 : Number(age >= SOFT));

/** Leave of all parts those that a row has. */
function keep(element, parts) {
  for (const part of PARTS) {
    if (!parts.includes(part)) for (const each of element.querySelectorAll(`.${part}`)) each.remove();
  }
}

function drawn(held, row, now, isToday) {
  const element = held.parts.querySelector(".row").cloneNode(true);
  const put = (selector, text) => element.querySelectorAll(selector).forEach((each) => (each.textContent = text));
  keep(element, row.parts);
  element.dataset.state = row.state;
  element.dataset.begins = row.start;
  if (!row.parts.includes("chip")) delete element.dataset.moved;
  put("time", clock.format(row.start));
  put(".until time", clock.format(row.end));
  say(element.querySelector(".words"), said(held, row, now), saidBelow(held, row, now));
  put(".title", row.title);
  put(".name", row.about);
  for (const change of element.querySelectorAll(".change")) change.innerHTML = row.about;
  for (const off of isToday ? [] : element.querySelectorAll(".off > span")) say(off, held.says.off, held.says.also?.off);
  const done = `${Math.round(Math.min(1, Math.max(0, (now - row.start) / (row.end - row.start))) * 100)}%`;
  element.querySelector(".progress .done")?.setAttribute("x2", done);
  element.querySelector(".progress circle")?.setAttribute("cx", done);
  const [room, way, direction] = row.room;
  put(".room", room);
  put(".way", way);
  element.querySelector(".arrow")?.setAttribute("aria-label", held.towards[direction]);
  if (row.parts.includes("sign")) element.querySelector(".sign").dataset.way = direction;
  return element;
}

/** A row of the next day, beside the code. */
function beside(held, row, when = clock.format(row.start)) {
  const element = held.parts.querySelector(".beside li").cloneNode(true);
  keep(element, [...row.parts, "name"]);
  element.querySelector("time").textContent = when;
  element.querySelector(".name").textContent = row.title;
  return element;
}

function coming(held, [day, time, title]) {
  const element = held.parts.querySelector(".coming li").cloneNode(true);
  [element.querySelector(".at span").textContent, element.querySelector(".at span:last-child").textContent] = [day, time];
  element.querySelector(".title").textContent = title;
  return element;
}

/** Say how many more meetings there are. */
export function leave(held, view, selector, number) {
  const line = view.querySelector(selector);
  line.hidden = !number;
  line.dataset.number = number;
  (line.querySelector("span") ?? line).textContent = counted(held, "more", number);
}

/** What the middle of the screen shows at one moment. */
function middle(held, day, now, age) {
  const on = day ? rowsAt(held, day, now) : [];
  const shown = shows(held, day, on, now, age);
  const what = held.door && isOfDoor(shown) ? "door" : shown;
  const views = held.parts.querySelector(`[data-view="${what}"]`) ?? held.parts.querySelector('[data-view="alone"]');
  const view = views.cloneNode(true);
  const next = held.days[day?.next];
  const following = next ? next.rows.map((row) => understood(held, next, row, now)) : [];
  if (what === "rows") rows(held, view, on, now);
  if (what === "rows") {
    leave(held, view, ".left", leftOut(day, now));
    view.querySelector(".tomorrow").hidden = !following.length;
    say(view.querySelector(".tomorrow .label"), day.label ?? "", day.also);
    view.querySelector(".tomorrow ol").append(...following.slice(0, 2).map((row) => beside(held, row)));
    leave(held, view, ".more", Math.max(following.length - 2, 0) + (next ? leftOut(next, now) : 0));
  } else if (what === "door") {
    door(held, view, day, now);
  } else if (what === "over") {
    say(view.querySelector(".label"), held.says.goesOn.replace("{day}", day.label), day.also);
    view.querySelector(".rows").append(...following.map((row) => drawn(held, row, now, false)));
    leave(held, view, ".left", leftOut(next, now));
  } else if (what !== "unknown" && what !== "night") {
    alone(held, view, day, what, now);
  }
  return { view, what };
}

function rows(held, view, on, now) {
  for (const row of on) {
    const list = held.happening.includes(row.state) ? ".now .rows" : ".later .rows";
    view.querySelector(list).append(drawn(held, row, now, true));
  }
}

/** Whether somebody is in the room, until when, and what comes next. */
function door(held, view, day, now) {
  const { kind, status, also, reason, reasonAlso, rows: shown, after } = sign(held, day, now);
  view.querySelector(".door").dataset.kind = kind;
  say(view.querySelector(".status"), status, also);
  say(view.querySelector(".reason"), reason, reasonAlso);
  view.querySelector(".reason").hidden = !reason;
  view.querySelector(".then").hidden = !shown.length;
  view.querySelector(".what-next").hidden = kind === "taken";
  view.querySelector(".rows").append(...shown.map((row) => drawn(held, row, now, true)));
  view.querySelector(".tomorrow").hidden = !after.length;
  view.querySelector(".tomorrow ol").append(...after.map(([when, row]) => beside(held, row, when)));
}

/** One sentence for a quiet day. */
function alone(held, view, day, what, now) {
  const shut = shutBy(day, now);
  const headline = view.querySelector(".headline");
  const [text, also] = what === "closed" ? shut.slice(2) : [held.says.quiet[what], held.says.also?.quiet[what]];
  say(headline, text, also);
  headline.classList.toggle("headline--long", text.length > 48);
  const again = what === "closed" ? shut[4] : what === "shut" ? day.again : "";
  view.querySelector(".again").hidden = !again;
  view.querySelector(".again strong").textContent = again ?? "";
  const [soonest] = again ? (day.upcoming ?? []) : [];
  view.querySelector(".soonest").hidden = !soonest;
  view.querySelector(".soonest").textContent = soonest ? fill(held.says.soonest, { when: soonest.slice(0, 2).join(" "), title: soonest[2] }) : "";
  view.querySelector(".upcoming").hidden = what !== "empty";
  view.querySelector(".upcoming ol").append(...(what === "empty" ? day.upcoming.map((one) => coming(held, one)) : []));
}

/** Nobody knows the time: all rows of the day that it should be, by its name, and nothing of what is on now. */
function timeless(held, day) {
  const on = day ? day.rows.map((row) => understood(held, day, row)) : [];
  const what = on.length ? "rows" : "unknown";
  const view = held.parts.querySelector(`[data-view="${what}"]`).cloneNode(true);
  if (on.length) {
    rows(held, view, on, -Infinity);
    leave(held, view, ".left", leftOut(day, -Infinity));
    for (const name of [".tomorrow", ".more", ".calm"]) view.querySelector(name).hidden = true;
    const label = view.querySelector("[data-labels]");
    say(label, longDay.format((day.begins + day.ends) * 500));
    delete label.dataset.labels;
  }
  return { view, what };
}

/** Where the picture stands in this minute. */
export function place(now) {
  const angle = (2 * Math.PI * Math.floor(now / MINUTE)) / ORBIT;
  const radius = parseFloat(getComputedStyle(document.documentElement).fontSize) / 2; // 8 pixels of 1080 lines
  return [Math.cos(angle), Math.sin(angle)].map((part) => `${Math.round(part * radius)}px`).join(" ");
}

/** A frame for this moment, for a page that was heard of at ``freshAt``; ``isSure``: the time is known. */
export function build(held, frame, now, freshAt, isSure) {
  const stale = staleness(now - freshAt, isSure);
  const day = dayOf(held, now);
  const { view, what } = isSure ? middle(held, day, now, now - freshAt) : timeless(held, day);
  const next = frame.cloneNode(true);
  const put = (selector, text) => (next.querySelector(selector).textContent = text);

  next.className = "frame measured";
  next.inert = true;
  next.dataset.shows = what;
  next.dataset.spot = Math.floor(now / MINUTE) % 5; // at night the time wanders, to spare the panel
  next.dataset.half = latest(HALVES, now);
  next.dataset.accent = Math.floor((day?.begins ?? 0) / 86_400) % ACCENTS;
  delete next.dataset.lines;
  delete next.dataset.grow;
  next.classList.toggle("stage", Boolean(view.querySelector(".headline")));
  next.classList.toggle("has-warning", stale === 2);
  next.classList.toggle("timeless", !isSure);
  next.querySelector(".plan").replaceWith(view.querySelector(".plan"));
  next.querySelector(".side").replaceWith(view.querySelector(".side"));
  const posted = notice(held, now);
  const [words, language, also, isImportant] = posted ?? hint(held, day, what, now);
  next.classList.toggle("has-notice", Boolean(posted));
  next.classList.toggle("is-important", Boolean(isImportant));
  say(next.querySelector(".hint span"), words, also);
  next.querySelector(".hint span").lang = language;
  next.querySelector(".hint").hidden = !words;

  put(".clock time", clock.format(now));
  put(".date span", `${weekday.format(now)}, `);
  put(".date span:last-child", dayAndMonth.format(now));
  if (!held.door) put(".greeting", latest(held.greetings[day?.closed ? "closed" : "open"], now));
  const as_of = { day: longDay.format(freshAt), time: clock.format(freshAt) };
  next.querySelector(".fresh").classList.toggle("is-stale", stale > 0);
  next.querySelector(".fresh use").setAttribute("href", stale ? "#cut" : "#tick");
  put(".fresh span", fill(stale ? frame.dataset.lost : frame.dataset.fresh, as_of));
  next.querySelector(".warning").hidden = stale < 2;
  put(".warning strong", fill(frame.dataset.old, as_of));
  return { next, theme: latest(held.themes, now) };
}
