// Keeps the lobby screen right: by the minute without the network, and by asking the server whether something changed.
//
// The page holds seven days as templates, each row with its phases. Whatever goes wrong on the way to new ones, the old
// ones stay, and time goes on in them. New content is built and measured out of sight and put in place in one step.

const MINUTE = 60_000;
const POLL = 30_000;
const LATEST_POLL = 120_000;
const PATIENCE = 8_000; // until a silent server counts as away
const SOFT = 3 * MINUTE; // without an answer: say so
const UNSURE = 5 * MINUTE; // an empty day may no longer be called empty
const HARD = 15 * MINUTE; // warn across the screen
const FORMS = [["roomy", "all"], ["roomy", "now"], ["tight", "all"], ["tight", "none"]]; // and whose groups are named
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
const longDay = new Intl.DateTimeFormat(wording, { timeZone: held.zone, ...written });

/** What a page holds for us; an error for one that is cut off or not the lobby at all. */
function read(doc) {
  const data = doc.querySelector('[data-lobby="1"]')?.dataset;
  const days = [...doc.querySelectorAll("template.day")].map((template) => ({
    begins: template.dataset.begins * 1000,
    ends: template.dataset.ends * 1000,
    quiet: template.dataset.quiet,
    themes: JSON.parse(template.dataset.themes),
    greetings: JSON.parse(template.dataset.greetings),
    content: template.content,
  }));
  const codes = doc.querySelector(".codes");
  const unknown = doc.querySelector("template.unknown")?.content;
  const isWhole = doc.querySelector("[data-lobby-end]") && days.length === 7 && unknown && codes;
  if (!data || !isWhole) throw new Error("not a plan");
  return { days, unknown, codes, time: Number(data.time), tag: data.tag, build: data.build, zone: data.zone };
}

/** The last of [seconds, …] that has begun. */
const latest = (marks, now) => marks.filter(([begins]) => begins * 1000 <= now).at(-1) ?? marks[0];
const fill = (text, values) => text.replace(/\{(\w+)\}/g, (_, name) => values[name]);

/** Let each row say what is true now, put it in its list, and drop what is over. */
function bring(view, now) {
  const happening = view.querySelector(".now .rows");
  for (const row of view.querySelectorAll(".row")) {
    const [, state, happens, words] = latest(JSON.parse(row.dataset.phases), now);
    row.dataset.state = state;
    row.querySelector(".words").textContent = words;
    const { begins, ends } = row.dataset;
    const done = `${Math.round(Math.min(1, Math.max(0, (now / 1000 - begins) / (ends - begins))) * 100)}%`;
    row.querySelector(".progress .done")?.setAttribute("x2", done);
    row.querySelector(".progress circle")?.setAttribute("cx", done);
    if (state === "gone") row.remove();
    else if (happens) happening?.append(row);
  }
}

/** The middle of the screen at one moment, or null where the plan does not know. */
function middle(day, now, age) {
  const content = day?.content.cloneNode(true);
  const rows = content?.querySelector(".rows-view");
  if (rows) bring(rows, now);
  if (rows?.querySelector(".row")) return { view: rows, shows: "rows", hint: content.querySelector(".hint") };
  const unsure = age >= UNSURE && (day?.quiet === "empty" || day?.quiet === "nothing");
  if (!day || unsure) return { view: held.unknown.cloneNode(true).firstElementChild, shows: "unknown" };
  const view = content.querySelector(".quiet-view");
  bring(view, now);
  return { view, shows: day.quiet, hint: content.querySelector(".hint") };
}

/** A new frame for this moment, hidden and in the page, so that it can be measured. */
function build(now) {
  const age = now - freshAt;
  const day = held.days.find(({ begins, ends }) => begins <= now && now < ends);
  const { view, shows, hint } = middle(day, now, age);
  const next = frame.cloneNode(true);
  const put = (selector, text) => (next.querySelector(selector).textContent = text);

  next.className = "frame measured";
  next.inert = true;
  next.dataset.shows = shows;
  next.classList.toggle("stage", Boolean(view.querySelector(".headline")));
  next.classList.toggle("has-warning", age >= HARD);
  next.querySelector(".plan").replaceWith(view.querySelector(".plan"));
  next.querySelector(".side").replaceWith(view.querySelector(".side"));
  if (hint) next.querySelector(".hint").replaceWith(hint);

  put(".clock time", clock.format(now));
  put(".date span", `${weekday.format(now)}, `);
  put(".date span:last-child", dayAndMonth.format(now));
  if (day) put(".greeting", latest(day.greetings, now)[1]);
  const as_of = { day: longDay.format(freshAt), time: clock.format(freshAt) };
  const fresh = next.querySelector(".fresh");
  fresh.classList.toggle("is-stale", age >= SOFT);
  fresh.querySelector("use").setAttribute("href", age >= SOFT ? "#cut" : "#tick");
  put(".fresh span", fill(age >= SOFT ? frame.dataset.lost : frame.dataset.fresh, as_of));
  next.querySelector(".warning").hidden = age < HARD;
  put(".warning strong", fill(frame.dataset.old, as_of));
  return { next, theme: day ? latest(day.themes, now)[1] : root.dataset.theme };
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
    const begun = later.some((row) => row.dataset.begins * 1000 <= now);
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
  for (const [pinned, rest] of [[happening, later], [[], all]]) {
    for (let count = 2; count <= rest.length; count += 1) {
      const cut = pages(rest, count).map((rows) => [...pinned, ...rows]);
      if (cut.every((rows) => show(next, rows))) return cut;
    }
  }
  return all.map((row) => [row]);
}

/** Leave out rows of the next day that do not fit beside the code, and count them. */
function trim(next) {
  const side = next.querySelector(".side");
  const more = side.querySelector(".more");
  if (!more) return;
  const words = JSON.parse(more.dataset.words);
  let rest = Number(more.dataset.rest);
  while (overflows(side) && side.querySelectorAll("li").length > 1) {
    side.querySelector("li:last-child").remove();
    rest += 1;
    more.textContent = words[rest];
    more.hidden = false;
  }
}

/** Put this moment on the screen. If that fails, what is there stays. */
function compose() {
  const now = houseTime();
  const { next, theme } = build(now);
  document.body.append(next);
  try {
    const cut = arrange(next, now);
    trim(next);
    turn(next, cut);
    const focused = document.activeElement?.matches(".pause");
    const { density, groups = "all", shows } = next.dataset;
    Object.assign(frame.dataset, { density, groups, shows, pages: cut.length });
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

async function poll() {
  clearTimeout(timer);
  const started = performance.now();
  try {
    const answer = await fetch(location.href, {
      headers: { "If-None-Match": `"${held.tag}"` },
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
    wait = POLL;
  } catch (error) {
    console.info("The plan could not be refreshed:", error.message);
    wait = Math.min(wait * 2, LATEST_POLL);
  }
  clearTimeout(timer); // of another poll that began meanwhile
  timer = setTimeout(poll, wait - 5_000 + Math.random() * 10_000);
  tick();
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
window.addEventListener("online", poll);
window.addEventListener("resize", compose);
document.addEventListener("visibilitychange", () => document.hidden || poll());
document.fonts.ready.then(compose);
setInterval(tick, 1000);
timer = setTimeout(poll, POLL);
