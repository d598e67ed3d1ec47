/* Renews an open page when a new build is announced. The page is complete without it. */
(() => {
  "use strict";
  const { root, morph, say } = ptg;
  const page = location.pathname.slice(root.pathname.length).replace(/(^|\/)$/, "$1index.html");
  const POLL = 1500,
    QUIET = 6000,
    LATE = 30000,
    TRY_EVENTS = 60000;
  const timing = performance.getEntriesByType("navigation")[0]?.serverTiming?.find((one) => one.name === "build");
  const badge = document.getElementById("live");
  let source = null,
    timer = 0,
    polls = false,
    pause = POLL,
    seen = timing ? Number(timing.description) : null /* the build shown; null where no server says it */,
    busy = false,
    again = false,
    tried = 0;

  /* -- how old is what is shown: nothing while we are in touch, else since when -- */

  let touched = Date.now(),
    works = null;

  const clock = (at) => new Date(at).toLocaleTimeString([], { hour: "2-digit", minute: "2-digit", hourCycle: "h23" });

  const age = () => {
    const minutes = Math.floor((Date.now() - touched) / 60000);
    const time = clock(touched);
    if (minutes < 1) return say("no connection, as of {time}", { time });
    if (minutes < 120) return say("no connection, as of {time}, {minutes} min ago", { time, minutes });
    return say("no connection, as of {time}, {hours} h ago", { time, hours: Math.floor(minutes / 60) });
  };

  const show = (live) => {
    works = live;
    if (live) touched = Date.now();
    if (!badge) return;
    const text = live ? say("live") : age();
    badge.className = live ? "live on" : "live off";
    if (badge.textContent !== text) badge.textContent = text;
  };

  /* -- which day and time it is at the gathering -- */

  const when = document.getElementById("when");
  const now = () => {
    if (!when) return;
    const zone = when.dataset.zone,
      own = Intl.DateTimeFormat().resolvedOptions().timeZone;
    const lang = document.documentElement.lang;
    const text = new Date().toLocaleString(lang === "en" ? "en-GB" : lang, {
      weekday: "short",
      day: "numeric",
      month: "short",
      hour: "2-digit",
      minute: "2-digit",
      hourCycle: "h23",
      timeZone: zone,
    });
    const named = own === zone ? text : `${text} (${zone.split("/").pop().replaceAll("_", " ")})`;
    if (when.textContent !== named) when.textContent = named;
  };
  // Later: names of days and zones take a while to load.
  setTimeout(now);

  setInterval(() => {
    now();
    if (works === false) show(false);
  }, 15000);

  /* A page out of the service worker's store is as old as its last visit to the server. */
  const stored = async () => {
    if (!("caches" in window)) return;
    const copy = await caches.match(location.href.replace(/[?#].*$/, "").replace(/\/index\.html$/, "/"), {
      ignoreVary: true,
    });
    const date = copy && Date.parse(copy.headers.get("date"));
    if (date && works !== true) {
      touched = date;
      if (works === false) show(false);
    }
  };

  /* -- style sheets of the new page are there before its text, so colours never jump -- */

  const sheets = (from) => [...from.head.querySelectorAll("link[rel=stylesheet]")];

  const styles = async (fresh) => {
    const names = sheets(fresh).map((link) => link.getAttribute("href"));
    const here = sheets(document).map((link) => link.getAttribute("href"));
    await Promise.all(
      names
        .filter((name) => !here.includes(name))
        .map(
          (name) =>
            new Promise((done) => {
              const link = document.createElement("link");
              link.rel = "stylesheet";
              link.onload = link.onerror = done;
              link.href = name;
              document.head.append(link);
              setTimeout(done, 1000);
            }),
        ),
    );
    return () =>
      sheets(document)
        .filter((link) => !names.includes(link.getAttribute("href")))
        .forEach((link) => {
          link.remove();
        });
  };

  /* A page that names other scripts was made by another version: load it whole, once. */
  const scripts = (from) =>
    [...from.head.querySelectorAll("script[src*='_static/']")]
      .map((script) => new URL(script.getAttribute("src"), location.href).href)
      .join(" ");
  const own = scripts(document);

  const other = (fresh) => {
    const named = scripts(fresh);
    if (!named || named === own || sessionStorage.getItem("ptg-script") === named) return false;
    sessionStorage.setItem("ptg-script", named);
    location.reload();
    return true;
  };

  const renew = async () => {
    const reply = await fetch(location.pathname, { cache: "no-cache" });
    if (!reply.ok) return;
    const fresh = new DOMParser().parseFromString(await reply.text(), "text/html");
    if (other(fresh)) return;
    const tidy = await styles(fresh);
    document.dispatchEvent(new Event("ptg-renewing"));
    document.title = fresh.title;
    for (const id of ["top", "menu", "banner", "content", "foot"]) {
      const old = document.getElementById(id),
        now = fresh.getElementById(id);
      if (old && now) morph(old, now);
    }
    tidy();
    document.dispatchEvent(new Event("ptg-renewed"));
  };

  const refresh = async () => {
    if (busy) {
      again = true;
      return;
    }
    busy = true;
    try {
      do {
        again = false;
        await renew();
      } while (again);
    } catch {
      /* the next event or poll tries again */
      seen = null;
    }
    busy = false;
  };

  /* -- how we hear of a build: events, or build.json on a host that has none -- */

  /* build.json names the pages that changed after the build `since`. */
  const news = async (about) => {
    const stale = seen === null || about.build < seen || about.since > seen || about.pages[page] > seen;
    seen = about.build;
    if (stale) await refresh();
    return stale;
  };

  /* Never all pages at once, and less often while nothing changes or nobody answers. */
  const poll = async () => {
    try {
      const reply = await fetch(new URL("build.json", root), { cache: "no-cache" });
      if (!reply.ok) throw new Error(reply.statusText);
      pause = (await news(await reply.json())) ? POLL : Math.min(pause * 1.2, QUIET);
      show(true);
    } catch {
      pause = Math.min(pause * 2, LATE);
      show(false);
    }
    if (!source && Date.now() - tried > TRY_EVENTS) listen();
    if (polls) soon(pause * (0.75 + Math.random() / 2));
  };

  const soon = (wait) => {
    clearTimeout(timer);
    timer = setTimeout(poll, wait);
  };

  const polling = (on) => {
    clearTimeout(timer);
    polls = on;
    pause = POLL;
    if (on) soon(Math.random() * POLL);
  };

  const listen = () => {
    tried = Date.now();
    source = new EventSource(new URL("events", root));
    source.onopen = () => {
      polling(false);
      show(true);
    };
    source.onerror = () => {
      if (source && source.readyState === EventSource.CLOSED) source = null;
      if (!polls) polling(true);
    };
    source.addEventListener("build", (event) => {
      news(JSON.parse(event.data));
    });
  };

  const rest = () => {
    polling(false);
    if (source) source.close();
    source = null;
  };

  /* A page nobody looks at costs the server nothing; it catches up as soon as it is seen. */
  document.addEventListener("visibilitychange", () => {
    if (document.hidden && ptg.store.get("notify") === "on") return;
    if (document.hidden) rest();
    else if (!source) listen();
  });
  addEventListener("online", () => polls && soon(0));
  addEventListener("pagehide", rest);
  addEventListener("pageshow", (event) => {
    if (event.persisted && !source) listen();
  });
  if (!document.hidden) listen();
  stored().catch(() => {});

  if ("serviceWorker" in navigator && isSecureContext) {
    addEventListener("load", () =>
      setTimeout(() => {
        /* A project below the site has no service worker of its own. */
        const above = document.documentElement.dataset.above ?? "";
        navigator.serviceWorker.register(new URL(`${above}sw.js`, root)).catch(() => {});
      }, 3000),
    );
  }
})();
