// Keeps the lobby screen right: by the minute without the network, and by asking the server whether something changed.
//
// The page holds seven days as data, each row with its phases, and a template of all that is made of them
// (booking/web/lobby/held.py). Whatever goes wrong on the way to new ones, the old ones stay, and time goes on in them.
// New content is built and measured out of sight and put in place in one step.

import { note, pulse } from "./lobby-pulse.js";

const MINUTE = 60_000;
const POLL = 30_000;
const LATEST_POLL = 120_000;
const PATIENCE = 8_000; // until a silent server counts as away
const SOFT = 3 * MINUTE; // without an answer: say so
const UNSURE = 5 * MINUTE; // an empty day may no longer be called empty
const HARD = 15 * MINUTE; // warn across the screen
const OUTGROWN = 30 * MINUTE; // after that a plan that leaves rows out should hold others
const FORMS = [["roomy", "all"], ["roomy", "now"], ["tight", "all"], ["tight", "none"]]; // and whose groups are named
const MOST_OF_A_PAGE = 8; // rows; no panel has room for more, so fewer pages need not be tried
const HANDS = 10_000; // how long controls stay after somebody moved a pointer or pressed a key

const root = document.documentElement;
const frame = document.querySelector("[data-lobby]");
let held = read(document);
let offset = held.time - performance.now(); // the house's clock against the one of this machine
let freshAt = held.time; // the last good answer, by the house's clock
let page = 0;
let pageEnds = 0; // by the clock of this machine
let paused = false;
let handsUntil = 0;
let shown = "";
let wait = POLL;
let timer;

const houseTime = () => performance.now() + offset;
const clock = new Intl.DateTimeFormat("de", { timeZone: held.zone, hour: "2-digit", minute: "2-digit" });
const wording = root.lang === "en" ? "en-GB" : root.lang;
const weekday = new Intl.DateTimeFormat(wording, { timeZone: held.zone, weekday: "long" });
const dayAndMonth = new Intl.DateTimeFormat(wording, { timeZone: held.zone, day: "numeric", month: "long" });
const written = { weekday: "long", day: "numeric", month: "long" };
const plural = new Intl.PluralRules(wording);
const longDay = new Intl.DateTimeFormat(wording, { timeZone: held.zone, ...written });

/** What a page holds for us; an error for one that is cut off or not the lobby at all. */
function read(doc) {
  const data = doc.querySelector('[data-lobby="1"]')?.dataset;
  const template = doc.querySelector("template.held");
  const codes = doc.querySelector(".codes");
  if (!data || !template || !codes || !doc.querySelector("[data-lobby-end]")) throw new Error("not a plan");
  const { held } = template.dataset;
  const { time, tag, build, zone } = data;
  return { ...JSON.parse(held), parts: template.content, codes, time: Number(time), tag, build, zone };
}

/** The last of [hour, …] that has begun, by the clock of the house. */
const hourOf = (now) => Number(clock.format(now).slice(0, 2));
const latest = (marks, now) => marks.findLast(([hour]) => hour <= hourOf(now))[1];
const fill = (text, values) => text.replace(/\{(\w+)\}/g, (_, name) => values[name]);

/** One of the sentences that differ by their number. */
const counted = (key, number) => {
  const { byNumber } = held.says;
  return (byNumber[plural.select(number)] ?? byNumber.other)[key].replace("{num}", number);
};

/** How many meetings of a day the plan leaves out that are not over. */
const leftOut = (day, now) => day.left.reduce((sum, [ends, number]) => sum + (ends * 1000 > now ? number : 0), 0);

/** What the row of a day is, and what it is at this moment. */
function understood(day, [begins, ends, life, kind, room, title, about], now) {
  const start = (day.begins + begins) * 1000;
  const end = (day.begins + ends) * 1000;
  const [from, state] = held.lives[life].findLast(([after]) => start + after * 1000 <= now);
  return { start, end, since: start + from * 1000, state, parts: held.kinds[kind], room: held.rooms[room], title, about };
}

/** What there is to say of a row besides its time. */
function said({ start, end, since, state, parts }, now) {
  const says = held.says;
  if (state === "soon" || state === "ending") {
    return counted(state, Math.ceil(((state === "soon" ? start : end) - now) / MINUTE));
  }
  const sentence = says[state === "running" && parts.includes("open") ? "begun" : state] ?? "";
  return sentence.replace("{time}", clock.format(state === "doors" ? since : end));
}

/** Leave of all parts those that a row has. */
function keep(element, parts) {
  for (const part of ["was", "open", "fixed", "progress", "chip", "note", "change", "name", "off", "away", "sign"]) {
    if (!parts.includes(part)) for (const each of element.querySelectorAll(`.${part}`)) each.remove();
  }
}

function drawn(row, now, isToday) {
  const element = held.parts.querySelector(".row").cloneNode(true);
  const put = (selector, text) => element.querySelectorAll(selector).forEach((each) => (each.textContent = text));
  keep(element, row.parts);
  element.dataset.state = row.state;
  element.dataset.begins = row.start;
  if (!row.parts.includes("chip")) delete element.dataset.moved;
  put("time", clock.format(row.start));
  put(".until time", clock.format(row.end));
  put(".words", said(row, now));
  put(".title", row.title);
  put(".name", row.about);
  for (const change of element.querySelectorAll(".change")) change.innerHTML = row.about;
  if (!isToday) put(".off span", held.says.off);
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
function beside(row) {
  const element = held.parts.querySelector(".beside li").cloneNode(true);
  keep(element, [...row.parts, "name"]);
  element.querySelector("time").textContent = clock.format(row.start);
  element.querySelector(".name").textContent = row.title;
  return element;
}

function coming([day, time, title]) {
  const element = held.parts.querySelector(".coming li").cloneNode(true);
  [element.querySelector(".at span").textContent, element.querySelector(".at span:last-child").textContent] = [day, time];
  element.querySelector(".title").textContent = title;
  return element;
}

function leave(view, selector, number) {
  const line = view.querySelector(selector);
  line.hidden = !number;
  line.dataset.number = number;
  (line.querySelector("span") ?? line).textContent = counted("more", number);
}

/** The closure that keeps people out now or, where nothing takes place, later on this day. */
const shutBy = (day, now) =>
  day?.closed?.find(([begins, ends]) => ends * 1000 > now && (begins * 1000 <= now || !day.takesPlace));

function what(day, on, quiet, left, now, age) {
  const [falls, ends] = held.night;
  if ((hourOf(now) >= falls || hourOf(now) < ends) && !on.some(({ state }) => held.happening.includes(state))) return "night";
  if (on.length) return "rows";
  const unsure = age >= UNSURE && (quiet === "empty" || quiet === "nothing");
  return !day || unsure || left ? "unknown" : quiet;
}

/** What the middle of the screen shows at one moment. */
function middle(day, now, age) {
  const on = (day?.rows ?? []).map((row) => understood(day, row, now)).filter(({ state }) => state !== "gone");
  const left = day ? leftOut(day, now) : 0;
  const shut = shutBy(day, now);
  const shows = what(day, on, shut ? "closed" : day?.quiet, left, now, age);
  const views = held.parts.querySelector(`[data-view="${shows}"]`) ?? held.parts.querySelector('[data-view="alone"]');
  const view = views.cloneNode(true);
  const next = held.days[day?.next];
  const following = next ? next.rows.map((row) => understood(next, row, now)) : [];
  if (shows === "rows") {
    for (const row of on) {
      const list = held.happening.includes(row.state) ? ".now .rows" : ".later .rows";
      view.querySelector(list).append(drawn(row, now, true));
    }
    leave(view, ".left", left);
    view.querySelector(".tomorrow").hidden = !following.length;
    view.querySelector(".tomorrow .label").textContent = day.label ?? "";
    view.querySelector(".tomorrow ol").append(...following.slice(0, 2).map(beside));
    const rest = Math.max(following.length - 2, 0) + (next ? leftOut(next, now) : 0);
    leave(view, ".more", rest);
  } else if (shows === "over") {
    view.querySelector(".label").textContent = held.says.goesOn.replace("{day}", day.label);
    view.querySelector(".rows").append(...following.map((row) => drawn(row, now, false)));
    leave(view, ".left", leftOut(next, now));
  } else if (shows !== "unknown" && shows !== "night") {
    view.querySelector(".headline").textContent = shows === "closed" ? shut[2] : held.sentences[shows];
    view.querySelector(".headline").classList.toggle("headline--long", view.querySelector(".headline").textContent.length > 48);
    const again = shows === "closed" ? shut[3] : day.again;
    view.querySelector(".again").hidden = !again;
    view.querySelector(".again strong").textContent = again ?? "";
    view.querySelector(".upcoming").hidden = shows !== "empty";
    view.querySelector(".upcoming ol").append(...(shows === "empty" ? day.upcoming.map(coming) : []));
  }
  return { view, shows };
}

/** What the team has put there, and its language, as long as it holds. */
function notice(now) {
  const [text, language, until] = held.notice ?? [];
  return text && now < until * 1000 ? [text, language] : null;
}

/** What stands below besides: that the house is closed although something takes place, or its own words. */
function hint(day, shows, now) {
  if (!day || shows === "closed" || shows === "shut") return ["", root.lang];
  const closed = day.closed?.find(([, ends]) => ends * 1000 > now);
  return closed ? [closed[2], root.lang] : held.hint;
}

/** A new frame for this moment, hidden and in the page, so that it can be measured. */
function build(now) {
  const age = now - freshAt;
  const day = held.days.find(({ begins, ends, quiet }) => quiet && begins * 1000 <= now && now < ends * 1000);
  const { view, shows } = middle(day, now, age);
  const next = frame.cloneNode(true);
  const put = (selector, text) => (next.querySelector(selector).textContent = text);

  next.className = "frame measured";
  next.inert = true;
  next.dataset.shows = shows;
  next.dataset.spot = Math.floor(now / MINUTE) % 5; // at night the time wanders, to spare the panel
  next.classList.toggle("stage", Boolean(view.querySelector(".headline")));
  next.classList.toggle("has-warning", age >= HARD);
  next.querySelector(".plan").replaceWith(view.querySelector(".plan"));
  next.querySelector(".side").replaceWith(view.querySelector(".side"));
  const posted = notice(now);
  const [words, language] = posted ?? hint(day, shows, now);
  next.classList.toggle("has-notice", Boolean(posted));
  put(".hint span", words);
  next.querySelector(".hint span").lang = language;
  next.querySelector(".hint").hidden = !words;

  put(".clock time", clock.format(now));
  put(".date span", `${weekday.format(now)}, `);
  put(".date span:last-child", dayAndMonth.format(now));
  put(".greeting", latest(held.greetings[day?.closed ? "closed" : "open"], now));
  const as_of = { day: longDay.format(freshAt), time: clock.format(freshAt) };
  const fresh = next.querySelector(".fresh");
  fresh.classList.toggle("is-stale", age >= SOFT);
  fresh.querySelector("use").setAttribute("href", age >= SOFT ? "#cut" : "#tick");
  put(".fresh span", fill(age >= SOFT ? frame.dataset.lost : frame.dataset.fresh, as_of));
  next.querySelector(".warning").hidden = age < HARD;
  put(".warning strong", fill(frame.dataset.old, as_of));
  return { next, theme: latest(held.themes, now) };
}

/** Half a rem is less than the gap to what follows; the descenders of a last line may stand in it. */
const overflows = (box, rem = 0.5) =>
  box.scrollHeight > box.clientHeight + rem * parseFloat(getComputedStyle(root).fontSize);

/** Cut a list into so many pages, as evenly as can be. */
function pages(rows, count) {
  const edge = (n) => Math.round((rows.length * n) / count);
  return Array.from({ length: count }, (_, n) => rows.slice(edge(n), edge(n + 1)));
}

/** Show these rows and no others; sections without rows are hidden. */
function show(next, rows) {
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
function arrange(next, now) {
  const plan = next.querySelector(".plan");
  const happening = [...plan.querySelectorAll(".now .row")];
  const later = [...plan.querySelectorAll(".later .row")];
  const all = [...happening, ...later];
  const label = plan.querySelector("[data-labels]");
  if (label) {
    const begun = later.some((row) => row.dataset.begins <= now);
    label.textContent = JSON.parse(label.dataset.labels)[!happening.length ? "alone" : begun ? "begun" : "later"];
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
  return turns(next, happening, later) ?? only(next, happening, later) ?? turns(next, [], all) ?? all.map((row) => [row]);
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
function only(next, happening, later) {
  const line = next.querySelector(".left");
  if (!happening.length || !line) return null;
  const before = Number(line.dataset.number);
  leave(next, ".left", before + later.filter(({ dataset }) => !["cancelled", "moved"].includes(dataset.state)).length);
  next.querySelector(".page").hidden = true;
  if (show(next, happening)) return [happening];
  leave(next, ".left", before);
  next.querySelector(".page").hidden = false;
  return null;
}

/** Let titles be longer where there is room. */
function unfold(next, cut) {
  if (next.classList.contains("has-warning")) return;
  for (const lines of [6, 4, 3]) {
    next.dataset.lines = lines;
    if (cut.every((rows) => show(next, rows))) return;
  }
  delete next.dataset.lines;
}

/** Leave out rows of the next day that do not fit beside the code, and count them. */
function trim(next) {
  const side = next.querySelector(".side");
  const more = side.querySelector(".more");
  if (!more) return;
  let rest = Number(more.dataset.number);
  while (overflows(side) && side.querySelectorAll("li").length > 1) {
    side.querySelector("li:last-child").remove();
    rest += 1;
    leave(side, ".more", rest);
  }
  side.dataset.lines = 7;
  if (overflows(side) || overflows(next.querySelector(".plan"))) delete side.dataset.lines;
}

/** Put this moment on the screen. If that fails, what is there stays. */
function compose() {
  const now = houseTime();
  const { next, theme } = build(now);
  document.body.append(next);
  try {
    const cut = arrange(next, now);
    unfold(next, cut);
    trim(next);
    turn(next, cut);
    const focused = document.activeElement?.matches(".pause");
    const { density, groups = "all", shows, spot, lines = "" } = next.dataset;
    Object.assign(frame.dataset, { density, groups, shows, spot, lines, pages: cut.length });
    frame.className = next.className;
    frame.classList.remove("measured");
    root.dataset.theme = theme;
    frame.replaceChildren(...next.childNodes);
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
  const now = houseTime();
  if (frame.dataset.pages > 1 && !paused && performance.now() >= pageEnds) page += 1;
  const age = now - freshAt;
  const minutes = [now, freshAt].map((time) => Math.floor(time / MINUTE));
  const key = [...minutes, age >= SOFT, age >= HARD, performance.now() < handsUntil, paused, page].join();
  if (key === shown) return;
  shown = key;
  compose();
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

const isOutgrown = () => houseTime() - held.time > OUTGROWN && held.days[0].left.length > 0;

async function poll() {
  clearTimeout(timer);
  const started = performance.now();
  try {
    const answer = await fetch(location.href, {
      headers: isOutgrown() ? {} : { "If-None-Match": `"${held.tag}"` },
      cache: "no-store",
      redirect: "error",
      signal: AbortSignal.timeout(PATIENCE),
    });
    const time = Number(answer.headers.get("House-Time"));
    if (!time || (answer.status !== 200 && answer.status !== 304)) throw new Error(`answer ${answer.status}`);
    if (answer.status === 200) {
      const fresh = read(new DOMParser().parseFromString(await answer.text(), "text/html"));
      if (fresh.build !== held.build) return location.reload(); // another version of this script: the server is there
      take(fresh);
    }
    const now = performance.now();
    offset = time + (now - started) / 2 - now;
    freshAt = houseTime();
    frame.dataset.time = time;
    wait = POLL;
  } catch (error) {
    console.info("The plan could not be refreshed:", error.message);
    note(error);
    wait = Math.min(wait * 2, LATEST_POLL);
  }
  clearTimeout(timer); // of another poll that began meanwhile
  timer = setTimeout(poll, wait - 5_000 + Math.random() * 10_000);
  tick();
  const seconds = (time) => Math.round(time / 1000);
  const { pulse: address, build, shows } = frame.dataset;
  pulse(address, { build, shows, age: seconds(houseTime() - freshAt), drift: seconds(Date.now() - houseTime()) });
}

function hands() {
  handsUntil = performance.now() + HANDS;
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
document.fonts.ready.then(compose);
setInterval(tick, 1000);
poll(); // the page knows the minute alone
