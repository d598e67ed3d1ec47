/* Keeps the pages seen last, so that the site opens without a network. Pages are requested first, and taken from the
   cache only if no response arrives within three seconds. So no old page is shown while the network works. */
"use strict";
const PAGES = "ptg-pages-1",
  FILES = "ptg-files-1",
  PATIENCE = 3000,
  MOST = 60;
const HASHED = /\/_static\/[\w.]+-[0-9a-f]{10}\.\w+$/;
const ANY = { ignoreVary: true };
const FIRST = ["./", "schedule.html", "tracks.html"];

self.addEventListener("install", (event) => {
  self.skipWaiting();
  event.waitUntil(
    caches
      .open(PAGES)
      .then((store) => Promise.all(FIRST.map((name) => keep(store, name))))
      .catch(() => {}),
  );
});
self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));

self.addEventListener("notificationclick", (event) => {
  event.notification.close();
  event.waitUntil(
    self.clients
      .matchAll({ type: "window" })
      .then((open) => (open.length ? open[0].focus() : self.clients.openWindow(self.registration.scope))),
  );
});

const keep = async (store, name) => {
  const reply = await fetch(name, { cache: "no-cache" });
  if (!reply.ok) return;
  const files = (await reply.clone().text()).match(/_static\/[\w.]+-[0-9a-f]{10}\.\w+/g) || [];
  await store.put(new URL(name, self.registration.scope).href, reply);
  const kept = await caches.open(FILES);
  await Promise.all([...new Set(files)].map((file) => kept.add(new URL(file, self.registration.scope).href)));
};

const trim = async (store) => {
  const keys = await store.keys();
  await Promise.all(keys.slice(0, Math.max(0, keys.length - MOST)).map((key) => store.delete(key)));
};

const page = async (event) => {
  const store = await caches.open(PAGES),
    name = event.request.url.replace(/[?#].*$/, "").replace(/\/index\.html$/, "/");
  const asked = fetch(event.request).then(async (reply) => {
    if (reply.ok && !reply.redirected) {
      const copy = reply.clone();
      await store.delete(name, ANY);
      await store.put(name, copy).catch(() => {});
      event.waitUntil(trim(store));
    }
    return reply;
  });
  event.waitUntil(asked.catch(() => {}));
  const late = new Promise((done) => setTimeout(done, PATIENCE));
  try {
    return (await Promise.race([asked, late])) || (await store.match(name, ANY)) || (await asked);
  } catch (error) {
    const kept = await store.match(name, ANY);
    if (kept) return kept;
    throw error;
  }
};

const file = async (request) => {
  const store = await caches.open(FILES),
    kept = await store.match(request);
  if (kept) return kept;
  const reply = await fetch(request);
  if (reply.ok) {
    await store.put(request, reply.clone()).catch(() => {});
    trim(store);
  }
  return reply;
};

self.addEventListener("fetch", (event) => {
  const url = new URL(event.request.url);
  if (event.request.method !== "GET" || url.origin !== location.origin) return;
  if (HASHED.test(url.pathname)) event.respondWith(file(event.request));
  else if (event.request.mode === "navigate" || /\.html$|\/$/.test(url.pathname)) event.respondWith(page(event));
});
