/* The worker of the field app: opens it with no network, one whole version at a time. VERSION, SHELL and `send` are written above this by the
   server. It never keeps an answer of the API nor a page that belongs to somebody. */

const CACHE = `hf-shell-${VERSION}`;
const PATHS = new Set(SHELL.map(({ url }) => url));

self.addEventListener("install", (event) => event.waitUntil(fetchShell()));
self.addEventListener("activate", (event) => event.waitUntil(takeOver()));
self.addEventListener("message", ({ data }) => data?.type === "take-over" && self.skipWaiting());
self.addEventListener("fetch", (event) => {
  const path = pathInShell(event.request);
  if (path) event.respondWith(fromShell(path, event.request));
});
self.addEventListener("sync", (event) => event.tag === "hf-flush" && event.waitUntil(sendOnce()));

/* By the hash each file had when the version was made: all of it or nothing. */
async function fetchShell() {
  const cache = await caches.open(CACHE);
  await cache.addAll(SHELL.map(({ url, integrity }) => new Request(url, { cache: "reload", integrity })));
}

async function takeOver() {
  for (const name of await caches.keys()) if (name.startsWith("hf-shell-") && name !== CACHE) await caches.delete(name);
  await self.clients.claim();
}

function pathInShell({ method, mode, url }) {
  const { origin, pathname } = new URL(url);
  if (method !== "GET" || origin !== self.location.origin || pathname.startsWith("/api/")) return null;
  if (PATHS.has(pathname)) return pathname;
  // a screen of the app by its address; it draws itself
  return mode === "navigate" && (pathname === "/field" || pathname.startsWith("/field/")) ? "/field" : null;
}

async function fromShell(path, request) {
  const cache = await caches.open(CACHE);
  return (await cache.match(path)) ?? fetch(request); // somebody cleared the cache
}

/* A page that is open is the only sender: two have been seen to wait for each other. */
async function sendOnce() {
  const pages = await self.clients.matchAll({ type: "window", includeUncontrolled: true });
  const ours = pages.filter(({ url }) => new URL(url).pathname.startsWith("/field"));
  if (ours.length) {
    for (const page of ours) page.postMessage({ type: "kick" });
    return;
  }
  const { outcome } = await send();
  if (outcome === "fault") throw new Error("to be tried again by the browser");
}
