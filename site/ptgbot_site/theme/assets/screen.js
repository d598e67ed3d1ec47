/* A wall or a door: the clock of the server, what runs and what comes, page after page where it does not fit. */
(() => {
  "use strict";
  const clock = document.getElementById("clock"), count = document.getElementById("count"), main = document.getElementById("content");
  if (!clock || !main) return;
  const zone = clock.dataset.zone, TURN = 10000, SYNC = 300000, SOON = 3600000;
  const rooms = new Set((new URLSearchParams(location.search).get("rooms") || "").split(",").filter(Boolean));
  let ahead = 0, turn = 0;

  /* The device's own clock may be wrong: ours is the server's. */
  const sync = async () => {
    const sent = Date.now();
    const reply = await fetch(new URL("build.json", ptg.root), { method: "HEAD", cache: "no-store" });
    const there = Date.parse(reply.headers.get("date"));
    if (there) ahead = there + 500 - (sent + Date.now()) / 2;
  };
  const now = () => Date.now() + ahead;
  const text = (node, words) => { if (node.textContent !== words) node.textContent = words; };

  const slots = () => [...main.querySelectorAll(".ptg-screen-slot")].map((box) => ({
    box, start: Date.parse(box.dataset.start), end: Date.parse(box.dataset.end),
  }));

  const choose = () => {
    const at = now(), all = slots(), timed = all.filter(({ start }) => start);
    const runs = timed.filter(({ start, end }) => start <= at && at < end);
    const next = timed.filter(({ start }) => start > at).sort((a, b) => a.start - b.start)[0];
    const coming = next ? timed.filter(({ start }) => start === next.start) : [];
    const shown = new Set([...runs, ...coming].map(({ box }) => box));
    for (const { box } of all) {
      const running = runs.some((one) => one.box === box);
      box.toggleAttribute("data-my-runs", running);
      box.toggleAttribute("data-my-out", timed.length > 0 && !shown.has(box));
    }
    const over = timed.length > 0 && !shown.size;
    document.body.toggleAttribute("data-my-over", over);
    document.body.toggleAttribute("data-my-night", !runs.length && (!next || next.start - at > SOON));
    const edge = runs.length ? Math.min(...runs.map(({ end }) => end)) : next ? next.start : 0;
    const minutes = Math.ceil((edge - at) / 60000);
    text(count, !edge ? "" : `${runs.length ? "ends" : "begins"} in ${minutes < 90 ? `${minutes} min` : `${Math.round(minutes / 60)} h`}`);
    if (rooms.size) {
      for (const row of main.querySelectorAll("[data-room]")) row.hidden = !rooms.has(row.dataset.room);
    }
  };

  /* What does not fit is shown in turns. */
  const rotate = () => {
    const rows = [...main.querySelectorAll(".ptg-screen-slot:not([data-my-out]) .ptg-screen-rows > li")].filter((row) => !row.hidden);
    rows.forEach((row) => row.removeAttribute("data-my-turn"));
    if (main.scrollHeight <= main.clientHeight + 4 || !rows.length) return;
    const room = main.clientHeight, pages = [[]];
    let top = null;
    for (const row of rows) {
      const { top: here, bottom } = row.getBoundingClientRect();
      if (top === null) top = here;
      if (bottom - top > room * 0.8 && pages.at(-1).length) { pages.push([]); top = here; }
      pages.at(-1).push(row);
    }
    const shown = pages[turn % pages.length];
    rows.forEach((row) => row.toggleAttribute("data-my-turn", !shown.includes(row)));
  };

  const tick = () => {
    const at = new Date(now());
    text(clock, at.toLocaleTimeString("en-GB", { hour: "2-digit", minute: "2-digit", timeZone: zone }));
    choose();
  };

  const wake = async () => {
    if (!document.hidden && navigator.wakeLock) await navigator.wakeLock.request("screen");
  };
  const quietly = (call) => () => call().catch(() => {});

  document.addEventListener("visibilitychange", quietly(wake));
  document.addEventListener("ptg-renewed", () => { tick(); rotate(); });
  addEventListener("resize", rotate);
  setInterval(tick, 1000);
  setInterval(() => { turn += 1; rotate(); }, TURN);
  setInterval(quietly(sync), SYNC);
  quietly(wake)();
  tick();
  rotate();
  quietly(sync)().then(() => { tick(); rotate(); });
})();
