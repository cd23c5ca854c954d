// A month to choose a day from, below a date field: the date grid of the ARIA Authoring Practices, in the page and not
// in front of it. Without this script the button leads to a page with the same month.

const form = document.querySelector("[data-request-form]");
let opened = null; // the calendar that is open

/** 2026-12-08 moved by days or months; a day that the month does not have becomes its last one. */
function moved(iso, { days = 0, months = 0 }) {
  const [year, month, day] = iso.split("-").map(Number);
  const last = new Date(Date.UTC(year, month + months, 0)).getUTCDate();
  const date = new Date(Date.UTC(year, month - 1 + months, (months ? Math.min(day, last) : day) + days));
  return date.toISOString().slice(0, 10);
}

const weekday = (iso) => (new Date(`${iso}T00:00Z`).getUTCDay() + 6) % 7; // Monday is 0

/** Where the keys of the grid lead to. */
const KEYS = {
  ArrowLeft: (iso) => moved(iso, { days: -1 }),
  ArrowRight: (iso) => moved(iso, { days: 1 }),
  ArrowUp: (iso) => moved(iso, { days: -7 }),
  ArrowDown: (iso) => moved(iso, { days: 7 }),
  Home: (iso) => moved(iso, { days: -weekday(iso) }),
  End: (iso) => moved(iso, { days: 6 - weekday(iso) }),
  PageUp: (iso, far) => moved(iso, { months: far ? -12 : -1 }),
  PageDown: (iso, far) => moved(iso, { months: far ? 12 : 1 }),
};

/** A button in the place of a link, or of words that lead nowhere. */
function asButton(element) {
  const button = document.createElement("button");
  button.type = "button";
  button.className = element.className;
  Object.assign(button.dataset, element.dataset);
  if (element.getAttribute("aria-current") === "date") button.setAttribute("aria-current", "date");
  if (!element.href) button.setAttribute("aria-disabled", "true");
  button.append(...element.childNodes);
  element.replaceWith(button);
}

class Calendar {
  constructor(button) {
    this.button = button;
    this.field = form.elements[button.value];
    this.box = document.createElement("div");
    this.box.className = "daypick";
    this.box.id = `calendar-${button.value}`;
    this.box.hidden = true;
    this.said = document.createElement("p");
    this.said.className = "kern-sr-only";
    this.said.setAttribute("aria-live", "polite");
    button.closest(".choice, [data-day-field]").after(this.box, this.said);
    button.type = "button";
    button.setAttribute("aria-expanded", "false");
    button.setAttribute("aria-controls", this.box.id);
    button.addEventListener("click", () => (this.box.hidden ? this.open() : this.close()));
    button.addEventListener("keydown", (event) => this.onKey(event));
    this.box.addEventListener("keydown", (event) => this.onKey(event));
    this.box.addEventListener("click", (event) => this.onClick(event));
  }

  async open() {
    opened?.close(false);
    if (await this.show()) {
      opened = this;
      this.box.hidden = false;
      this.button.setAttribute("aria-expanded", "true");
      this.current.focus();
    }
  }

  close(returns = true) {
    this.request?.abort();
    this.box.hidden = true;
    this.button.setAttribute("aria-expanded", "false");
    if (opened === this) opened = null;
    if (returns) this.button.focus();
  }

  /** Fetch a month and put it up, without moving the focus; false where another one was asked for meanwhile. */
  async show(month = "", day = "") {
    this.request?.abort();
    this.request = new AbortController();
    const query = new URLSearchParams(new FormData(form));
    for (const name of ["csrf_token", "draft_copy"]) query.delete(name);
    query.set("field", this.button.value);
    if (month) query.set("month", month);
    let piece;
    try {
      const response = await fetch(`${this.button.dataset.calendar}?${query}`, { signal: this.request.signal });
      const answer = new DOMParser().parseFromString(await response.text(), "text/html");
      piece = answer.querySelector("[data-calendar-month]");
    } catch (error) {
      if (error.name === "AbortError") return false;
    }
    if (!piece) { // the page says what is wrong
      this.button.type = "submit";
      form.requestSubmit(this.button);
      return false;
    }
    this.put(piece, day);
    return true;
  }

  put(piece, day) {
    piece.setAttribute("role", "group");
    piece.setAttribute("aria-labelledby", piece.querySelector("h2").id);
    piece.querySelector("table").setAttribute("role", "grid");
    piece.querySelector("td.chosen")?.setAttribute("aria-selected", "true");
    piece.querySelectorAll("[data-day], [data-turn]").forEach(asButton);
    const close = document.createElement("button");
    close.type = "button";
    close.className = "kern-btn kern-btn--tertiary flush";
    close.dataset.closes = "";
    close.textContent = this.button.dataset.close;
    piece.append(close);
    this.month = piece;
    this.box.replaceChildren(piece);
    for (const each of this.days) each.tabIndex = -1;
    this.current = this.at(day) ?? piece.querySelector(".chosen > [data-day]")
      ?? this.days.find((each) => !each.hasAttribute("aria-disabled")) ?? this.days[0];
    this.current.tabIndex = 0;
  }

  get days() { return [...this.month.querySelectorAll("[data-day]")]; }

  at(day) { return this.days.find((each) => each.dataset.day === day); }

  async goTo(day) {
    const { first, last, calendarMonth } = this.month.dataset;
    const month = day.slice(0, 7);
    if (month < first.slice(0, 7) || month > last.slice(0, 7)) return;
    if (month !== calendarMonth && !(await this.show(month, day))) return;
    this.current.tabIndex = -1;
    this.current = this.at(day);
    this.current.tabIndex = 0;
    this.current.focus();
  }

  async turn(button) {
    const { turn, month } = button.dataset;
    if (!month || !(await this.show(month))) return;
    this.said.textContent = this.month.querySelector("h2").textContent;
    const ways = [...this.month.querySelectorAll("[data-turn][data-month]")]; // none leads on from the last month
    (ways.find((way) => way.dataset.turn === turn) ?? ways[0] ?? this.current).focus();
  }

  choose(day) {
    if (day.hasAttribute("aria-disabled")) return;
    const [year, month, number] = day.dataset.day.split("-").map(Number);
    this.field.value = `${number}.${month}.${year}`;
    this.close();
    this.said.textContent = day.querySelector(".kern-sr-only").textContent;
    this.field.dispatchEvent(new Event("input", { bubbles: true }));
  }

  onKey(event) {
    if (event.key === "Escape" && !this.box.hidden) {
      event.preventDefault();
      this.close();
    } else if (event.target.dataset.day && KEYS[event.key] && !event.ctrlKey && !event.altKey && !event.metaKey) {
      event.preventDefault();
      this.goTo(KEYS[event.key](event.target.dataset.day, event.shiftKey));
    }
  }

  onClick(event) {
    const button = event.target.closest("button");
    if (!button) return;
    if (button.dataset.day) this.choose(button);
    else if (button.dataset.turn) this.turn(button);
    else this.close();
  }
}

for (const button of form?.querySelectorAll("[data-calendar]") ?? []) new Calendar(button);
