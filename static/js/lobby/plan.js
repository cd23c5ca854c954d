// What a page holds, and what of it is true at one moment. ``held``: booking/web/lobby/held.py.

export const MINUTE = 60_000;
const UNSURE = 5 * MINUTE; // an empty day may no longer be called empty

const root = document.documentElement;
const { zone } = document.querySelector("[data-lobby]").dataset;
const wording = root.lang === "en" ? "en-GB" : root.lang;
const plural = new Intl.PluralRules(wording);
const inZone = (language, parts) => new Intl.DateTimeFormat(language, { timeZone: zone, ...parts });

export const clock = inZone("de", { hour: "2-digit", minute: "2-digit" });
export const weekday = inZone(wording, { weekday: "long" });
export const dayAndMonth = inZone(wording, { day: "numeric", month: "long" });
export const longDay = inZone(wording, { weekday: "long", day: "numeric", month: "long" });

/** What a page holds for us; an error for one that is cut off or not the lobby at all. */
export function read(doc) {
  const data = doc.querySelector('[data-lobby="1"]')?.dataset;
  const template = doc.querySelector("template.held");
  const codes = doc.querySelector(".codes");
  if (!data || !template || !codes || !doc.querySelector("[data-lobby-end]")) throw new Error("not a plan");
  const { held } = template.dataset;
  const { time, tag, build } = data;
  return { ...JSON.parse(held), parts: template.content, codes, time: Number(time), tag, build };
}

const hourOf = (now) => Number(clock.format(now).slice(0, 2));

/** The last of [hour, …] that has begun, by the clock of the house. */
export const latest = (marks, now) => marks.findLast(([hour]) => hour <= hourOf(now))[1];

/** Say something in an element, and the same in the second language where it has a place for that. */
export function say(element, text, also = "") {
  const second = element.querySelector(":scope > .also");
  element.replaceChildren(text, ...(second ? [second] : []));
  if (!second) return;
  second.textContent = also;
  second.hidden = !also;
}

export const fill = (text, values) => text.replace(/\{(\w+)\}/g, (_, name) => values[name]);

/** One of the sentences that differ by their number. */
export function counted({ says: { byNumber } }, key, number) {
  return (byNumber[plural.select(number)] ?? byNumber.other)[key].replace("{num}", number);
}

/** How many meetings of a day the plan leaves out that are not over. */
export const leftOut = (day, now) => day.left.reduce((sum, [ends, number]) => sum + (ends * 1000 > now ? number : 0), 0);

/** The day that it is, of those that are held with all that there is to say of them. */
export const dayOf = (held, now) =>
  held.days.find(({ begins, ends, quiet }) => quiet && begins * 1000 <= now && now < ends * 1000);

/** What the row of a day is, and what it is at this moment; without one, what it is before everything. */
export function understood(held, day, [begins, ends, life, kind, room, title, about], now = -Infinity) {
  const start = (day.begins + begins) * 1000;
  const end = (day.begins + ends) * 1000;
  const phases = held.lives[life];
  const [from, state] = phases.findLast(([after]) => start + after * 1000 <= now) ?? phases[0];
  return { start, end, since: start + from * 1000, state, parts: held.kinds[kind], room: held.rooms[room], title, about };
}

/** The rows of a day that are on the screen at a moment. */
export const rowsAt = (held, day, now) =>
  day.rows.map((row) => understood(held, day, row, now)).filter(({ state }) => state !== "gone");

/** Whether a row of the day became another in the minute before this moment. */
export function isTurning(held, now) {
  const states = (at) => dayOf(held, at)?.rows.map((row) => understood(held, dayOf(held, at), row, at).state).join();
  return states(now) !== states(now - MINUTE);
}

/** What there is to say of a row besides its time. */
export function said(held, { start, end, since, state, parts }, now) {
  const says = held.says;
  if (state === "soon" || state === "ending") {
    return counted(held, state, Math.ceil(((state === "soon" ? start : end) - now) / MINUTE));
  }
  const sentence = says[state === "running" && parts.includes("open") ? "begun" : state] ?? "";
  return sentence.replace("{time}", clock.format(state === "doors" ? since : end));
}

/** The same in the second language. */
export const saidBelow = ({ says: { also } }, row, now) => (also ? said({ says: also }, row, now) : "");

/** The closure that keeps people out now or, where nothing takes place, later on this day. */
export const shutBy = (day, now) =>
  day?.closed?.find(([begins, ends]) => ends * 1000 > now && (begins * 1000 <= now || !day.takesPlace));

/** What there is to see: rows, or a word for what is said instead. ``age``: milliseconds since the last good answer. */
export function shows(held, day, rows, now, age) {
  const [falls, ends] = held.night;
  const isHappening = rows.some(({ state }) => held.happening.includes(state));
  if ((hourOf(now) >= falls || hourOf(now) < ends) && !isHappening) return "night";
  if (rows.length) return "rows";
  if (!day || leftOut(day, now)) return "unknown";
  const quiet = shutBy(day, now) ? "closed" : day.quiet;
  return age >= UNSURE && (quiet === "empty" || quiet === "nothing") ? "unknown" : quiet;
}

/** What the team has put there, its language, the same in the second one, and whether it is important, while it holds. */
export function notice(held, now) {
  const [text, language, also, until, isImportant] = held.notice ?? [];
  return text && now < until * 1000 ? [text, language, also, isImportant] : null;
}

/** What stands below besides: that the house is closed although something takes place, or its own words. */
export function hint(held, day, view, now) {
  if (!day || view === "closed" || view === "shut") return ["", root.lang, ""];
  const closed = day.closed?.find(([, ends]) => ends * 1000 > now);
  return closed ? [closed[2], root.lang, closed[3]] : held.hint;
}
