// Keeps the plan and all that shows it on this machine, for a start without network or house (lobby/worker.js).
// Without https there is neither worker nor cache, and the screen is as good as its network.

const CACHE = "lobby";

let isKept = false;

/** Whether there is a worker that would show what is kept. */
export const isKeeping = () => isKept;

/** Let the worker answer for this address from now on; whether there is one. */
export async function hire(script) {
  if (!("serviceWorker" in navigator && "caches" in window) || window !== window.top) return false;
  await navigator.serviceWorker.register(script, { scope: location.pathname });
  await navigator.serviceWorker.ready;
  isKept = true;
  return true;
}

/** Files that a page needs: what it names, and what that has loaded besides. */
function needs(doc) {
  const named = [...doc.querySelectorAll("link[href], script[src]")].map((one) => one.getAttribute("href") ?? one.getAttribute("src"));
  const loaded = performance.getEntriesByType("resource").map(({ name }) => name);
  const files = [...named, ...loaded].map((address) => new URL(address, location.href));
  return new Set(files.filter(({ pathname }) => pathname.includes("/static/")).map(({ href }) => href));
}

/** Networks that want to be signed in to answer with a page of theirs, whatever was asked for. */
const isPage = (answer) => (answer.headers.get("Content-Type") ?? "").startsWith("text/html");

async function keepWaiting(cache, address) {
  const answer = await fetch(address, { cache: "no-store" });
  if (!(await answer.clone().text()).includes('data-shows="waiting"')) throw new Error(`${answer.status} for ${address}`);
  await cache.put(address, answer);
}

/**
 * Keep a page as the house has sent it under a policy; its files first, so that a page that is kept can be shown, and
 * the page that waits where there is none. ``isAnother``: of another build than the one that runs.
 */
export async function keep(text, doc, policy, isAnother) {
  if (!isKept) return;
  const cache = await caches.open(CACHE);
  const files = needs(doc);
  const { waiting } = doc.querySelector("[data-waiting]").dataset;
  if (isAnother || !(await cache.match(waiting))) await keepWaiting(cache, waiting);
  for (const file of files) {
    const isFixed = file.includes("?v="); // its content is part of its address
    if ((isFixed || !isAnother) && (await cache.match(file))) continue;
    const answer = await fetch(file, { cache: isFixed ? "default" : "no-cache" });
    if (!answer.ok || isPage(answer)) throw new Error(`${answer.status} for ${file}`);
    await cache.put(file, answer);
  }
  if (!isKept) return; // forgotten meanwhile
  const headers = { "Content-Type": "text/html; charset=utf-8", "Content-Security-Policy": policy };
  await cache.put(location.pathname, new Response(text, { headers }));
  for (const { url } of await cache.keys()) {
    if (url.includes("?v=") && !files.has(url) && !isAnother) await cache.delete(url);
  }
}

/** Forget the plan: this screen is not to show it any more. */
export async function forget() {
  const wasKept = isKept;
  isKept = false;
  if (wasKept) await (await caches.open(CACHE)).delete(location.pathname);
}
