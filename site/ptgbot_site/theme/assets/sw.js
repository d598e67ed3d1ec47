/* Keeps the whole programme and the pages seen last, so that the site opens without a network. Pages are requested first,
   and taken from the cache only if no response arrives within three seconds. So no old page is shown while the network
   works. */
"use strict";
const PAGES = "ptg-pages-1",
  FILES = "ptg-files-1",
  PATIENCE = 3000,
  MOST = 60;
/* The programme: at most so many bytes of pages, renewed at most so often (milliseconds). */
const LARGEST = 5e6,
  RENEW = 600000;
const HASHED = /\/_static\/[\w.]+-[0-9a-f]{10}\.\w+$/;
const ANY = { ignoreVary: true };
const OFFLINE = "offline.html";
const LIST = "offline.json";
const whole = (name) => new URL(name, self.registration.scope).href.replace(/\/index\.html$/, "/");

/* The file that names the pages of the programme, as it was when they were kept. */
const listed = async (store) => {
  const list = await store.match(whole(LIST), ANY);
  return list ? (await list.json()).pages.map(whole) : [];
};

const programme = async () => {
  const store = await caches.open(PAGES);
  const list = await fetch(whole(LIST), { cache: "no-cache" });
  if (!list.ok) return;
  const { pages } = await list.clone().json();
  await store.put(whole(LIST), list);
  let bytes = 0;
  for (const name of pages) {
    if (bytes < LARGEST) bytes += await keep(store, name).catch(() => 0);
  }
};

/* What was kept is not left behind by days; a page that is asked for starts this. */
const refresh = async () => {
  const list = await (await caches.open(PAGES)).match(whole(LIST), ANY);
  const date = list && Date.parse(list.headers.get("date"));
  if (!date || Date.now() - date > RENEW) await programme();
};

self.addEventListener("install", (event) => {
  self.skipWaiting();
  event.waitUntil(programme().catch(() => {}));
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
  const reply = await fetch(whole(name), { cache: "no-cache" });
  if (!reply.ok) return 0;
  const text = await reply.clone().text();
  const files = text.match(/_static\/[\w.]+-[0-9a-f]{10}\.\w+/g) || [];
  await store.delete(whole(name), ANY);
  await store.put(whole(name), reply);
  const kept = await caches.open(FILES);
  for (const file of new Set(files)) {
    if (!(await kept.match(whole(file)))) await kept.add(whole(file));
  }
  return text.length;
};

const trim = async (store) => {
  const programme = new Set([whole(LIST), ...(await listed(store))]);
  const keys = (await store.keys()).filter((key) => !programme.has(key.url));
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
      event.waitUntil(refresh().catch(() => {}));
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
    const instead = event.request.mode === "navigate" && (await store.match(whole(OFFLINE), ANY));
    if (instead) return Response.redirect(`${whole(OFFLINE)}?page=${encodeURIComponent(new URL(name).pathname)}`);
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
