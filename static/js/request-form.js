// Comfort for the four steps of a request. Everything works without it.

import { fillIn } from "./typed.js";

const form = document.querySelector("[data-request-form]");
const PAUSE = 500; // milliseconds after the last key
const NOT_TYPED = ["csrf_token", "draft_copy"];
const KEPT = "request:"; // what stands before the names of what this tab keeps
const LATEST = `${KEPT}draft`; // the request that this tab has written last

/** Show what belongs to the chosen rhythm, and call the first day by its name. */
function followRhythm() {
  const chosen = form.querySelector("[name=rhythm]:checked")?.value;
  for (const part of form.querySelectorAll("[data-for]")) {
    part.hidden = !part.dataset.for.split(" ").includes(chosen);
    if (part.tagName === "DETAILS") part.open = !part.hidden;
  }
  const first = form.querySelector("[data-label-once]");
  if (first) {
    for (const name of first.querySelectorAll("label, button > .kern-sr-only")) {
      name.textContent = chosen === "once" ? first.dataset.labelOnce : first.dataset.labelFirst;
    }
  }
}

/** Times of their own only matter for weekdays that are ticked. */
function followWeekdays() {
  for (const part of form.querySelectorAll("[data-weekday]")) {
    part.hidden = !form.querySelector(`#weekday-${part.dataset.weekday}`).checked;
  }
}

/** The link for others only matters where others may come. */
function followOpenness() {
  const part = form.querySelector("[data-for-open]");
  if (part) part.hidden = form.querySelector("[name=is_open]:checked")?.value === "no";
}

/** Guests can only come before the meeting where there is time before it. */
function followTimeBefore() {
  const part = form.querySelector("[data-for-before]");
  if (part) part.hidden = form.elements.before.value === "0";
}

/** Show as many fields for single dates as are filled, and one more at a time. */
function setUpFurtherDates() {
  const fields = [...form.querySelectorAll("[data-further-dates] > *")];
  const add = form.querySelector("[data-add-date]");
  if (!add) return;
  const isFilled = (field) => field.querySelector("input").value !== "" || field.querySelector(".kern-error");
  const shown = Math.max(2, fields.findLastIndex(isFilled) + 1);
  fields.forEach((field, index) => { field.hidden = index >= shown; });
  add.hidden = shown === fields.length;
  add.addEventListener("click", () => {
    const next = fields.find((field) => field.hidden);
    next.hidden = false;
    next.querySelector("input").focus();
    add.hidden = !fields.some((field) => field.hidden);
  });
}

/** Say what is free while somebody types: one sentence, after a pause, and only if it is a new one. */
function setUpLooking() {
  let timer, request;
  async function look() {
    request?.abort();
    request = new AbortController();
    const query = new URLSearchParams(new FormData(form));
    for (const name of NOT_TYPED) query.delete(name);
    try {
      const response = await fetch(`${form.dataset.look}?${query}`, { signal: request.signal });
      if (!response.ok) return;
      const answer = new DOMParser().parseFromString(await response.text(), "text/html");
      for (const piece of answer.querySelectorAll("[data-fill]")) {
        if (piece.dataset.fill === "availability" && form.querySelector(".error-summary")) continue; // one or the other
        const place = document.getElementById(piece.dataset.fill);
        if (place.textContent.trim() !== piece.textContent.trim()) place.replaceChildren(...piece.childNodes);
      }
    } catch (error) {
      if (error.name !== "AbortError") return; // the server says it all again on the next page
    }
  }
  form.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(look, PAUSE);
  });
}

/** Filling in an end chooses the kind of end. */
function setUpEnd() {
  for (const [name, kind] of [["until", "date"], ["count", "count"]]) {
    form.querySelector(`[name=${name}]`)?.addEventListener("input", () => {
      form.querySelector(`[name=until_kind][value=${kind}]`).checked = true;
    });
  }
}

/** Take no second click while the first is on its way; the button stays what it is for readers of the screen. */
function setUpSending() {
  const button = form.querySelector("[data-send]");
  let sent = false;
  form.addEventListener("submit", (event) => {
    if (sent) { event.preventDefault(); return; }
    sent = true;
    const words = button?.textContent;
    if (button) button.textContent = button.dataset.busy;
    setTimeout(() => {
      sent = false;
      if (button) button.textContent = words;
    }, 5000);
  });
  addEventListener("pageshow", () => { sent = false; });
}

/** Keep for this tab what is typed and not sent: Back, reloading and another language would lose it. */
function setUpKeeping() {
  const key = KEPT + form.dataset.requestForm;
  const { mark } = form.dataset; // of what the server has: what was typed before that was sent is over
  const kept = JSON.parse(sessionStorage.getItem(key));
  const [draft] = form.dataset.requestForm.split(":");
  const keep = () => sessionStorage.setItem(key, JSON.stringify({ mark, typed: [...new FormData(form)] }));
  form.addEventListener("input", keep);
  if (draft) {
    sessionStorage.removeItem(`${KEPT}:1`); // it has a name by now
    sessionStorage.setItem(LATEST, draft);
  }
  if ("answered" in form.dataset) {
    keep();
    history.replaceState(null, "", location.href); // Back would ask whether to send it once more
  } else if (kept?.mark === mark) {
    const named = new URLSearchParams(location.search); // what a link brings along is newer
    fillIn(form, kept.typed, (name) => named.has(name));
    form.dispatchEvent(new Event("input"));
  } else if (!draft && isBack() && sessionStorage.getItem(LATEST)) {
    location.replace(`${location.pathname}?draft=${sessionStorage.getItem(LATEST)}`); // its name came when it was sent
  }
}

function isBack() {
  return performance.getEntriesByType("navigation")[0]?.type === "back_forward";
}

function follow() {
  followRhythm();
  followOpenness();
  followTimeBefore();
  followWeekdays();
}

if (form) {
  for (const part of form.querySelectorAll("[data-without-script]")) part.hidden = true;
  if (form.dataset.look) setUpLooking();
  try {
    setUpKeeping();
  } catch {
    // a browser that keeps nothing: what was sent is kept by the server
  }
  setUpSending();
  setUpEnd();
  setUpFurtherDates();
  follow();
  form.addEventListener("change", follow);
} else {
  for (const key of Object.keys(sessionStorage).filter((name) => name.startsWith(KEPT))) sessionStorage.removeItem(key);
}
