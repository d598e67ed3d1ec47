/* Renews an open page when a new build is announced. The page is complete without it. */
(() => {
  "use strict";
  const root = new URL("../", document.currentScript.src);
  const own = document.currentScript.src;
  const page = location.pathname.slice(root.pathname.length).replace(/(^|\/)$/, "$1index.html");
  const POLL = 1500, TRY_EVENTS = 60000;
  const badge = document.getElementById("live");
  let source = null, timer = 0, seen = null, busy = false, again = false, tried = 0;

  const show = (live, text) => {
    if (!badge || badge.textContent === text) return;
    badge.className = live ? "live on" : "live off";
    badge.textContent = text;
  };

  /* -- one page into another: only what differs is touched, so scroll, focus and selection stay -- */

  const mark = (node) => {
    const box = node.nodeType === 1 ? node : node.parentElement;
    if (!box || !box.animate || matchMedia("(prefers-reduced-motion: reduce)").matches) return;
    box.animate([{ backgroundColor: "rgba(240, 192, 99, .45)" }, {}], 1500);
  };

  const attributes = (old, fresh) => {
    for (const { name } of [...old.attributes]) {
      if (!fresh.hasAttribute(name) && name !== "open") old.removeAttribute(name);
    }
    for (const { name, value } of fresh.attributes) {
      if (old.getAttribute(name) !== value) old.setAttribute(name, value);
    }
  };

  const children = (old, fresh) => {
    const was = [...old.childNodes], is = [...fresh.childNodes];
    while (was.length && is.length && was[0].isEqualNode(is[0])) { was.shift(); is.shift(); }
    while (was.length && is.length && was.at(-1).isEqualNode(is.at(-1))) { was.pop(); is.pop(); }
    const last = was.length ? was.at(-1).nextSibling : null;
    const behind = is.length ? fresh.childNodes[[...fresh.childNodes].indexOf(is.at(-1)) + 1] : null;
    const tail = last || (was.length || !behind ? null
      : old.childNodes[old.childNodes.length - (fresh.childNodes.length - [...fresh.childNodes].indexOf(behind))]);
    is.forEach((node, at) => {
      if (at < was.length) return morph(was[at], node);
      const added = document.importNode(node, true);
      old.insertBefore(added, tail);
      mark(added);
    });
    was.slice(is.length).forEach((node) => node.remove());
  };

  const morph = (old, fresh) => {
    if (old.isEqualNode(fresh) || (old.nodeType === 1 && old.hasAttribute("data-keep"))) return;
    if (old.nodeName !== fresh.nodeName || old.id !== fresh.id) {
      const added = document.importNode(fresh, true);
      old.replaceWith(added);
      mark(added);
    } else if (old.nodeType === 1) {
      attributes(old, fresh);
      children(old, fresh);
    } else {
      old.nodeValue = fresh.nodeValue;
      mark(old);
    }
  };

  /* -- style sheets of the new page are there before its text, so colours never jump -- */

  const sheets = (from) => [...from.head.querySelectorAll("link[rel=stylesheet]")];

  const styles = async (fresh) => {
    const names = sheets(fresh).map((link) => link.getAttribute("href"));
    const here = sheets(document).map((link) => link.getAttribute("href"));
    await Promise.all(names.filter((name) => !here.includes(name)).map((name) => new Promise((done) => {
      const link = document.createElement("link");
      link.rel = "stylesheet";
      link.onload = link.onerror = done;
      link.href = name;
      document.head.append(link);
      setTimeout(done, 1000);
    })));
    return () => sheets(document).filter((link) => !names.includes(link.getAttribute("href"))).forEach((l) => l.remove());
  };

  /* A page that names another script was made by another version: load it whole, once. */
  const other = (script) => {
    const named = script && new URL(script.getAttribute("src"), location.href).href;
    if (!named || named === own || sessionStorage.getItem("ptg-script") === named) return false;
    sessionStorage.setItem("ptg-script", named);
    location.reload();
    return true;
  };

  const renew = async () => {
    const reply = await fetch(location.pathname + location.search, { cache: "no-cache" });
    if (!reply.ok) return;
    const fresh = new DOMParser().parseFromString(await reply.text(), "text/html");
    if (other(fresh.head.querySelector("script[src]"))) return;
    const tidy = await styles(fresh);
    document.title = fresh.title;
    for (const id of ["top", "menu", "content", "foot"]) {
      const old = document.getElementById(id), now = fresh.getElementById(id);
      if (old && now) morph(old, now);
    }
    tidy();
  };

  const refresh = async () => {
    if (busy) { again = true; return; }
    busy = true;
    try {
      do { again = false; await renew(); } while (again);
    } catch { /* the next event or poll tries again */ }
    busy = false;
  };

  /* -- how we hear of a build: events, or build.json on a host that has none -- */

  const poll = async () => {
    try {
      const reply = await fetch(new URL("build.json", root), { cache: "no-cache" });
      if (!reply.ok) throw new Error(reply.statusText);
      const build = await reply.json();
      const mine = (build.pages && build.pages[page]) || build.build;
      if (mine !== seen) { seen = mine; await refresh(); }
      show(true, "live");
    } catch {
      show(false, "no connection");
    }
    if (!source && Date.now() - tried > TRY_EVENTS) listen();
  };

  const polling = (on) => {
    clearInterval(timer);
    timer = on ? setInterval(poll, POLL) : 0;
  };

  const listen = () => {
    tried = Date.now();
    source = new EventSource(new URL("events", root));
    source.onopen = () => { polling(false); show(true, "live"); refresh(); };
    source.onerror = () => {
      if (source && source.readyState === EventSource.CLOSED) source = null;
      if (!timer) { polling(true); poll(); }
    };
    source.addEventListener("build", (event) => {
      if (JSON.parse(event.data).pages.includes(page)) refresh();
    });
  };

  const rest = () => {
    polling(false);
    if (source) source.close();
    source = null;
  };

  /* A page nobody looks at costs the server nothing; it catches up as soon as it is seen. */
  document.addEventListener("visibilitychange", () => (document.hidden ? rest() : source || listen()));
  addEventListener("pagehide", rest);
  addEventListener("pageshow", (event) => { if (event.persisted && !source) listen(); });
  if (!document.hidden) listen();
})();
