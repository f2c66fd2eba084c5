// Keeps the dashboard's own files, so that it opens without a network and says that there is none. Never data: what
// lies under /api and everything else that is not a built file goes to the network, and an answer of it is kept by nobody.
const CACHE = "cortex-shell";
const SHELL = "/index.html";
const FILES = /^\/(assets\/|icons\/|favicon|early\.js$|manifest\.webmanifest$)/;

self.addEventListener("install", (event) => event.waitUntil(keepShell().then(() => self.skipWaiting())));
self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));

/** A page from a new build makes the files of the old one useless. */
async function keepShell() {
  const answer = await fetch(SHELL, { cache: "no-cache" });
  if (!answer.ok) return;
  const cache = await caches.open(CACHE);
  const known = await cache.match(SHELL);
  const [text, before] = await Promise.all([answer.clone().text(), known ? known.text() : null]);
  if (before !== null && text !== before) await caches.delete(CACHE);
  await (await caches.open(CACHE)).put(SHELL, answer);
}

async function fromCacheFirst(request) {
  const cache = await caches.open(CACHE);
  const known = await cache.match(request);
  if (known) return known;
  const answer = await fetch(request);
  if (answer.ok) await cache.put(request, answer.clone());
  return answer;
}

async function page(request) {
  try {
    const answer = await fetch(request);
    if (answer.ok) keepShell().catch(() => undefined);
    return answer;
  } catch {
    return (await caches.match(SHELL)) ?? Response.error();
  }
}

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const { origin, pathname } = new URL(request.url);
  if (request.method !== "GET" || origin !== self.location.origin) return;
  if (FILES.test(pathname)) event.respondWith(fromCacheFirst(request));
  else if (request.mode === "navigate" && !/^\/(api|swagger|metrics|healthz|readyz)(\/|$)/.test(pathname))
    event.respondWith(page(request));
});
