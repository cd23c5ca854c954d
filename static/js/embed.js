// The next open meetings of this house on another website: <div data-io-kalender data-tage="14"><a href="…">…</a></div>
// No cookie, no storage, no style of its own. Where anything fails, the link inside stays as it is.

(() => {
  const house = new URL(document.currentScript.src).origin;
  const path = new URL(document.currentScript.src).pathname.replace(/\/embed\/v1\.js$/, "");

  for (const place of document.querySelectorAll("[data-io-kalender]")) show(place).catch(() => {});

  async function show(place) {
    const language = (place.closest("[lang]")?.lang || "de").slice(0, 2);
    const days = Math.min(Math.max(Number(place.dataset.tage) || 14, 1), 90);
    const last = new Date(Date.now() + days * 864e5).toISOString().slice(0, 10);
    const room = place.dataset.raum && place.dataset.raum !== "alle" ? `&room=${encodeURIComponent(place.dataset.raum)}` : "";
    const answer = await fetch(`${house}${path}/api/v1/occurrences?to=${last}${room}`, { credentials: "omit" });
    if (!answer.ok) return;
    const now = Date.now();
    const dates = (await answer.json()).occurrences.filter(
      (date) => date.open && date.title && date.status === "confirmed" && Date.parse(date.end) > now,
    );
    if (!dates.length) return;
    const list = document.createElement("ul");
    for (const date of dates) list.append(line(date, language));
    place.prepend(list);
  }

  function line(date, language) {
    const item = document.createElement("li");
    const time = document.createElement("time");
    time.dateTime = date.start;
    // The clock on the wall of the house stands in the text itself, wherever the reader is.
    const day = new Date(`${date.start.slice(0, 10)}T12:00:00Z`);
    const words = { weekday: "short", day: "numeric", month: "long", timeZone: "UTC" };
    time.textContent = `${day.toLocaleDateString(language, words)}, ${date.start.slice(11, 16)}`;
    const link = document.createElement("a");
    link.href = date.url;
    link.textContent = date.title;
    item.append(time, " ", link);
    return item;
  }
})();
