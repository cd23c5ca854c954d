// Answers for the lobby screen: what the house says, as long as it is the house that says it and all of it has come;
// else the plan that is kept (keep.js); and where there is none, a page that waits. Never the error page of a browser.

const CACHE = "lobby";
const PATIENCE = 8_000; // until a silent house counts as away
const WAITING = new URL(new URLSearchParams(self.location.search).get("warten") ?? "lobby/warten", self.location.href).href;
const AGAIN = '<!doctype html><meta charset="utf-8"><meta http-equiv="refresh" content="10"><title>…</title>';

self.addEventListener("install", () => self.skipWaiting());
self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));
self.addEventListener("fetch", (event) => {
  const { request } = event;
  const { origin, pathname } = new URL(request.url);
  if (request.method !== "GET" || origin !== self.location.origin) return;
  if (request.mode === "navigate") event.respondWith(page(request.url, pathname));
  else if (pathname.includes("/static/")) event.respondWith(file(request));
});

async function page(address, pathname) {
  const cache = await caches.open(CACHE);
  try {
    const answer = await fetch(address, { cache: "no-store", redirect: "error", signal: AbortSignal.timeout(PATIENCE) });
    const text = await answer.text();
    const { status, headers } = answer;
    const isPlan = status === 200 && headers.has("House-Time") && text.includes("data-lobby-end");
    const isOver = status === 403 && text.includes('data-shows="ended"');
    if (isOver) await cache.delete(pathname);
    if (isPlan || isOver) return made(text, headers, status);
  } catch {
    // away
  }
  const kept = await cache.match(pathname);
  if (!kept) return (await cache.match(WAITING)) ?? made(AGAIN, { "Content-Type": "text/html; charset=utf-8" });
  return made((await kept.text()).replace('data-lobby="1"', 'data-lobby="1" data-kept'), kept.headers);
}

/** An answer with this text, which comes unpacked whatever its headers said. */
function made(text, given, status = 200) {
  const headers = new Headers(given);
  for (const name of ["Content-Encoding", "Content-Length"]) headers.delete(name);
  return new Response(text, { status, headers });
}

/** A file: one with a digest in its address is the same for ever, the others are as the house has them now. */
async function file(request) {
  const cache = await caches.open(CACHE);
  const kept = await cache.match(request.url);
  if (kept && request.url.includes("?v=")) return kept;
  try {
    const answer = await fetch(request, { signal: AbortSignal.timeout(PATIENCE) });
    const isPage = (answer.headers.get("Content-Type") ?? "").startsWith("text/html"); // of somebody else
    if (!kept || (answer.ok && !isPage)) return answer;
  } catch (error) {
    if (!kept) throw error;
  }
  return kept;
}
