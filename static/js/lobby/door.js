// What stands at the door of one room: whether somebody is in it, until when, and what comes next there. The same as
// booking/web/lobby/door.py, for as long as the days last that are held.

import { clock, longDay, rowsAt, understood, weekday } from "./plan.js";

const IN_VIEW = ["rows", "over", "done", "empty", "nothing"];
const TAKEN = ["running", "ending"];
const OFF = ["cancelled", "moved"];
const MOST_AFTER = 2;

/** Whether the door has something to say while a lobby would show this. */
export const isOfDoor = (what) => IN_VIEW.includes(what);

/** The sign of one moment; ``after`` are rows with their day and time. */
export function sign(held, day, now) {
  const { blocks } = held.door;
  const on = rowsAt(held, day, now).filter(({ state }) => state !== "over");
  const taking = on.filter(({ state }) => TAKEN.includes(state));
  const rows = taking.length ? taking : on.slice(0, 1);
  const after = following(held, day, on.filter((row) => !rows.includes(row)), now);
  const until = (kind, end) => {
    const isToday = end && end < day.ends * 1000;
    const [status, also] = [held.says, held.says.also].map((says) =>
      isToday ? says?.door[kind].replace("{time}", clock.format(end)) : says?.door[`${kind} all day`]);
    return { kind, status, also };
  };
  const shut = blocks.find(([begins, ends]) => begins * 1000 <= now && now < ends * 1000);
  if (taking.length) {
    const isOpenEnd = taking.some(({ parts }) => parts.includes("open"));
    return { ...until("taken", isOpenEnd ? 0 : Math.max(...taking.map(({ end }) => end))), reason: "", rows, after };
  }
  if (shut) return { ...until("closed", shut[1] * 1000), reason: shut[2], reasonAlso: shut[3], rows, after };
  const starts = [...on.filter(({ state }) => !OFF.includes(state)).map(({ start }) => start), ...blocks.map(([begins]) => begins * 1000)];
  const next = Math.min(...starts.filter((start) => start > now));
  return { ...until("free", next), reason: "", rows, after };
}

/** What takes place after what is shown, with its day and time. */
function following(held, day, later, now) {
  const today = held.days.indexOf(day);
  const ahead = held.days.slice(today + 1).flatMap((one, n) => one.rows.map((row) => [one, n, understood(held, one, row, now)]));
  const said = ([one, n, row]) => [`${nameOf(held, day, one, n)}, ${clock.format(row.start)}`, row];
  return [...later.map((row) => [clock.format(row.start), row]), ...ahead.map(said)]
    .filter(([, { state }]) => !OFF.includes(state))
    .slice(0, MOST_AFTER);
}

/** A day to come, as a plan says it. ``n``: how many days are held between. */
function nameOf(held, day, one, n) {
  if (one.begins === day.ends) return held.says.door.tomorrow;
  return one.quiet && n < 6 ? weekday.format(one.begins * 1000) : longDay.format(one.begins * 1000);
}
