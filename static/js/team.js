// Comfort for the page on which a request is decided. Without it, buttons and links do the same by loading pages.

const form = document.querySelector("[data-decision]");
if (form) {
  keepCount(form);
  form.addEventListener("submit", openPanel);
  document.addEventListener("click", showWeek);
}
if (matchMedia("(max-width: 48rem)").matches) {
  for (const long of document.querySelectorAll("[data-folds]")) long.open = false;
}
const countdown = document.querySelector("[data-countdown]");
if (countdown) countDown(countdown);
for (const panel of document.querySelectorAll("[data-panel]")) refreshLetter(panel);
for (const button of document.querySelectorAll("[data-copy]")) {
  button.hidden = !navigator.clipboard;
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(document.getElementById(button.dataset.copy).textContent.trim());
    button.parentElement.querySelector("[role=status]").textContent = button.dataset.done;
  });
}
for (const button of document.querySelectorAll("[data-print]")) {
  button.hidden = false;
  button.addEventListener("click", () => print());
}

const newer = document.querySelector("[data-newer]");
if (newer) setInterval(() => tellNewer(newer), 60_000);

const presence = document.querySelector("[data-presence]");
if (presence) {
  tellOthers(presence);
  setInterval(() => tellOthers(presence), 30_000);
}

// Who else looks at this request; said once, as long as it is the same people.
async function tellOthers(place) {
  if (document.hidden) return;
  const token = document.querySelector("[name=csrf_token]").value;
  const body = new URLSearchParams({ csrf_token: token });
  const answer = await fetch(place.dataset.presence, { method: "POST", body }).catch(() => null);
  const words = answer?.ok && !answer.redirected ? await answer.text() : "";
  if (place.textContent !== words) place.textContent = words;
}

// That requests have come in; the list stays as it is until somebody asks for them.
async function tellNewer(place) {
  if (document.hidden) return;
  const answer = await fetch(place.dataset.newer).catch(() => null);
  const words = answer?.ok && !answer.redirected ? await answer.text() : "";
  const link = place.querySelector("a");
  if (!words || link.textContent === words) return;
  link.textContent = words;
  link.hidden = false;
}

// Numbers on the buttons, and the buttons that choose many dates at once.
function keepCount(form) {
  const boxes = (name) => [...form.querySelectorAll(`[name=${name}]`)];
  const [dates, declined, proposed] = ["date", "decline", "propose"].map(boxes);
  proposed.push(...boxes("way"));
  const dateOf = (box) => box.value.split("=")[0];
  const all = [...dates, ...declined, ...proposed];
  const number = (some) => some.filter((box) => box.checked).length;
  const state = form.querySelector("[data-chosen]");
  const main = form.querySelector("[data-main]");

  // The first button does what is chosen, once something is: on phones it is the only one in sight.
  const offer = (yes, chosen) => {
    const { main: free, selection, marked } = main.dataset;
    const isChosen = yes > 0 || (!free && chosen > 0);
    main.value = isChosen ? "selection" : "free";
    main.hidden = !isChosen && !free;
    main.querySelector(".kern-label").textContent = isChosen ? (yes ? selection : marked).replace("{}", yes || chosen) : free;
    form.querySelector("[value=selection]:not([data-main])").hidden = isChosen;
  };

  const show = () => {
    const [yes, no, maybe] = [dates, declined, proposed].map(number);
    const numbers = { approve: yes, decline: yes + no, propose: yes + maybe };
    for (const place of form.querySelectorAll("[data-count]")) place.textContent = ` (${numbers[place.dataset.count]})`;
    const chosen = yes + no + maybe;
    if (state) state.textContent = chosen ? state.dataset.some.replace("{}", chosen) : state.dataset.none;
    form.querySelector("[data-chosen-too]").textContent = state && chosen ? state.dataset.some.replace("{}", chosen) : "";
    if (main) offer(yes, chosen);
  };

  form.addEventListener("change", ({ target }) => {
    for (const box of all) if (target.checked && box !== target && dateOf(box) === dateOf(target)) box.checked = false;
    show();
  });
  const tools = form.querySelector("[data-tools]");
  if (tools) tools.hidden = false;
  tools?.addEventListener("click", ({ target }) => {
    const button = target.closest("[data-choose]");
    if (!button) return;
    for (const box of dates) box.checked = box.dataset.kind === button.dataset.choose;
    for (const box of [...declined, ...proposed]) box.checked = false;
    show();
  });
  addEventListener("pageshow", show);
  show();
}

// The panel as a dialog over the dates, which keeps what is chosen behind it, and what was written in it.
let written = [];
let isOpening = false;
async function openPanel(event) {
  if (form.dataset.plain) return;
  event.preventDefault();
  if (isOpening) return; // the second click of a double click
  isOpening = true;
  await showPanel(event);
  isOpening = false;
}

async function showPanel(event) {
  const page = await post(form.action, new FormData(form, event.submitter));
  const panel = page?.querySelector("[data-panel]");
  if (!panel) {
    form.dataset.plain = "yes";
    form.requestSubmit(event.submitter);
    return;
  }
  const dialog = document.createElement("dialog");
  dialog.className = "dialog";
  dialog.setAttribute("aria-labelledby", "panel-title");
  dialog.append(panel);
  document.body.append(dialog);
  const own = panel.querySelector("form");
  dialog.addEventListener("close", () => {
    const controls = [...own.querySelectorAll("[data-refresh]")].filter((each) => each.type !== "radio" || each.checked);
    written = controls.map((control) => [control.name, control.value]);
    dialog.remove();
    event.submitter?.focus();
  });
  dialog.addEventListener("click", (click) => {
    if (!click.target.closest("[data-close]")) return;
    click.preventDefault();
    dialog.close();
  });
  const refresh = refreshLetter(panel);
  const changed = written.filter(([name, value]) => own.elements[name] && own.elements[name].value !== value);
  for (const [name, value] of changed) own.elements[name].value = value;
  if (changed.length) refresh();
  dialog.showModal();
  panel.querySelector("h1").focus();
}

// The letter follows the reasons and the message while they are written.
function refreshLetter(panel) {
  const own = panel.querySelector("form");
  for (const button of panel.querySelectorAll(".anew")) button.hidden = true;
  let timer;
  let latest = 0;
  const refresh = async () => {
    const turn = ++latest;
    const page = await post(own.dataset.check, new FormData(own));
    if (!page?.querySelector("[data-fresh]") || turn !== latest) return;
    for (const part of page.querySelectorAll("[data-fresh][id]")) {
      panel.querySelector(`#${part.id}`)?.replaceChildren(...part.childNodes);
    }
    for (const hint of page.querySelectorAll("[data-panel] .hint[id]")) {
      const shown = panel.querySelector(`#${hint.id}`);
      if (shown) shown.textContent = hint.textContent;
    }
  };
  own.addEventListener("input", ({ target }) => {
    if (target.value === "other") target.closest(".verdict")?.querySelector("details").setAttribute("open", "");
    if (!("refresh" in target.dataset)) return;
    clearTimeout(timer);
    timer = setTimeout(refresh, 400);
  });
  return refresh;
}

// The week of another date, without losing what is chosen.
async function showWeek(event) {
  const link = event.target.closest("a[data-week]");
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  const fresh = (await load(link.href))?.querySelector("#week");
  if (!fresh) {
    location.assign(link.href);
    return;
  }
  const inWeek = link.closest("#week");
  document.querySelector("#week").replaceWith(fresh);
  for (const row of form.querySelectorAll(".date a[data-week]")) {
    const isFocus = row.dataset.week === fresh.dataset.weekOf;
    row.closest(".date").classList.toggle("date--focus", isFocus);
    row.toggleAttribute("aria-current", isFocus);
    if (isFocus) row.setAttribute("aria-current", "true");
  }
  if (inWeek) fresh.querySelector("a[data-week]")?.focus();
}

function countDown(line) {
  const bar = document.querySelector(".undo__bar");
  const seconds = Number(line.dataset.countdown);
  const end = performance.now() + seconds * 1000;
  const sentence = line.textContent;
  const timer = setInterval(() => {
    const left = Math.max(0, Math.ceil((end - performance.now()) / 1000));
    if (seconds <= 120) line.textContent = left > 1 ? sentence.replace(/\d+/, left) : line.dataset.last;
    if (bar) bar.value = left;
    if (!left) endUndo(line, timer);
  }, 1000);
}

// Said once, as the seconds before are not; whoever stood on a button that is gone stands on the line.
function endUndo(line, timer) {
  clearInterval(timer);
  const strip = line.closest(".undo");
  const wasInside = strip.contains(document.activeElement);
  for (const button of strip.querySelectorAll("form")) button.remove();
  strip.querySelector(".small")?.remove();
  strip.querySelector("[data-ended]").textContent = line.dataset.gone;
  line.remove();
  if (wasInside) strip.focus();
}

function post(address, data) {
  return load(address, { method: "POST", body: data });
}

// A page of ours, or null where it cannot be had; then the browser is to say why.
async function load(address, options = {}) {
  try {
    const answer = await fetch(address, options);
    return answer.ok ? new DOMParser().parseFromString(await answer.text(), "text/html") : null;
  } catch {
    return null;
  }
}
