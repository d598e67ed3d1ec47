/* Screens on walls and doors: the server's clock, running and next slots, in turns if they do not fit. */
(() => {
  "use strict";
  const clock = document.getElementById("clock"),
    count = document.getElementById("count"),
    main = document.getElementById("content");
  if (!clock || !main) return;
  document.body.setAttribute("data-my-turns", "");
  const { say } = ptg;
  const zone = clock.dataset.zone,
    TURN = 10000,
    SYNC = 300000,
    SOON = 3600000;
  const rooms = new Set((new URLSearchParams(location.search).get("rooms") || "").split(",").filter(Boolean));
  let ahead = 0,
    turn = 0;

  /* The device's own clock may be wrong: ours is the server's. */
  const sync = async () => {
    const sent = Date.now();
    const reply = await fetch(new URL("build.json", ptg.root), { method: "HEAD", cache: "no-store" });
    const there = Date.parse(reply.headers.get("date"));
    if (there) ahead = there + 500 - (sent + Date.now()) / 2;
  };
  const now = () => Date.now() + ahead;
  const text = (node, words) => {
    if (node.textContent !== words) node.textContent = words;
  };

  const slots = () =>
    [...main.querySelectorAll(".ptg-screen-slot")].map((box) => ({
      box,
      start: Date.parse(box.dataset.start),
      end: Date.parse(box.dataset.end),
    }));

  const until = (runs, minutes) => {
    if (minutes < 90)
      return runs ? say("ends in {minutes} min", { minutes }) : say("begins in {minutes} min", { minutes });
    const hours = Math.round(minutes / 60);
    return runs ? say("ends in {hours} h", { hours }) : say("begins in {hours} h", { hours });
  };

  const choose = () => {
    const at = now(),
      all = slots(),
      timed = all.filter(({ start }) => start);
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
    text(count, edge ? until(runs.length > 0, minutes) : "");
    if (rooms.size) {
      for (const row of main.querySelectorAll("[data-room]")) row.hidden = !rooms.has(row.dataset.room);
    }
  };

  /* What does not fit is shown in turns; the head of a slot stays with its rows. */
  const rotate = () => {
    const boxes = [...main.querySelectorAll(".ptg-screen-slot:not([data-my-out])")];
    for (const node of main.querySelectorAll("[data-my-turn]")) node.removeAttribute("data-my-turn");
    if (!boxes.length || main.scrollHeight <= main.clientHeight + 4) return;
    const top = boxes[0].getBoundingClientRect().top,
      space = main.getBoundingClientRect().bottom - top - 24;
    const pages = [new Set()];
    let begin = top;
    for (const box of boxes) {
      const rows = [...box.querySelectorAll(".ptg-screen-rows > li")].filter((row) => !row.hidden);
      const head = rows.length ? rows[0].getBoundingClientRect().top - box.getBoundingClientRect().top : 0;
      for (const row of rows.length ? rows : [box]) {
        const { top: here, bottom } = row.getBoundingClientRect();
        if (bottom - begin > space && pages.at(-1).size) {
          pages.push(new Set());
          begin = here - head;
        }
        pages.at(-1).add(row).add(box);
      }
    }
    const shown = pages[turn % pages.length];
    for (const box of boxes) {
      box.toggleAttribute("data-my-turn", !shown.has(box));
      for (const row of box.querySelectorAll(".ptg-screen-rows > li"))
        row.toggleAttribute("data-my-turn", !shown.has(row));
    }
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
  document.addEventListener("ptg-renewed", () => {
    tick();
    rotate();
  });
  addEventListener("resize", rotate);
  setInterval(tick, 1000);
  setInterval(() => {
    turn += 1;
    rotate();
  }, TURN);
  setInterval(quietly(sync), SYNC);
  quietly(wake)();
  tick();
  rotate();
  quietly(sync)().then(() => {
    tick();
    rotate();
  });
})();
