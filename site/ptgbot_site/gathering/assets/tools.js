/* Optional tools of visitors: filter, stars, own time zone, announcements, notifications, copying. */
(() => {
  "use strict";
  const bar = document.getElementById("tools"),
    said = document.getElementById("said"),
    main = document.getElementById("content");
  if (!bar || !main) return;
  const { make, store, say } = ptg;
  const FOLD = 10000;
  const ROWS =
    "[data-track], .ptg-table tbody tr, .ptg-rooms > li, .ptg-held > li, .ptg-free-codes > li, .ptg-pads > li, .ptg-people > li, .ptg-said > li, .ptg-titles > li";
  /* What shows nothing when all of its rows are hidden, the innermost first. */
  const BOXES = ".ptg-open, .ptg-time, .ptg-over, .ptg-cards, .ptg-list, .ptg-by-room, section section";
  const STARS = ":is(.ptg-cards, .ptg-tracks, .ptg-coming) > li[data-track]";
  const starred = new Set(JSON.parse(store.get("stars") || "[]"));
  let zoned = store.get("zone") === "own",
    only = store.get("only") === "on",
    filtered = false;

  /* -- filter -- */

  const field = make("input", {
    type: "search",
    placeholder: say("Filter"),
    "aria-label": say("Filter by track, room or words"),
  });
  const found = make("output", { class: "found" });
  const wanted = () => field.value.toLowerCase().split(/\s+/).filter(Boolean);
  const set = (node, name, on) => {
    if (node[name] !== on) node[name] = on;
  };

  const hide = (node) => {
    const rows = [...node.querySelectorAll(ROWS)];
    set(node, "hidden", rows.length > 0 && rows.every((row) => row.hidden || row.parentElement.closest("li[hidden]")));
  };

  const shows = (part) => !part.hidden && [...part.querySelectorAll(ROWS)].some((row) => !row.hidden);

  /* The elements behind a heading, up to the next heading of its rank or of a higher one. */
  const behind = (head) => {
    const parts = [];
    let next = head.nextElementSibling;
    while (next && !(/^H\d$/.test(next.nodeName) && next.nodeName <= head.nodeName)) {
      parts.push(next);
      next = next.nextElementSibling;
    }
    return parts;
  };

  const heads = () => {
    for (const head of main.querySelectorAll(".ptg > :is(h2, h3)")) {
      const lists = behind(head).filter((part) => part.querySelector(ROWS));
      set(head, "hidden", lists.length > 0 && !lists.some(shows));
    }
  };

  /* Boxes with results are open while there is a filter. */
  const unfold = (box, on) => {
    if (on && !box.hidden && !box.open) {
      box.open = true;
      box.dataset.myOpened = "";
    } else if (!on && "myOpened" in box.dataset) {
      box.open = false;
      delete box.dataset.myOpened;
    }
  };

  const filter = () => {
    const words = wanted(),
      on = only || words.length > 0;
    if (!on && !filtered) return;
    filtered = on;
    const rows = [...main.querySelectorAll(ROWS)];
    for (const row of rows) {
      const text = row.textContent.toLowerCase();
      const track = row.dataset.track,
        off = only && !(track ? starred.has(track) : [...starred].some((one) => text.includes(one)));
      set(row, "hidden", off || !words.every((word) => text.includes(word)));
    }
    for (const box of main.querySelectorAll(BOXES)) hide(box);
    heads();
    for (const box of main.querySelectorAll(".ptg-over, .ptg-time .ptg-open")) unfold(box, on);
    const count = on && rows.filter((row) => row.checkVisibility() && !row.querySelector(ROWS)).length;
    found.textContent = count ? say("{count} found", { count }) : on ? say("Nothing found.") : "";
  };

  /* The page of the search has the words in its address for itself. */
  const searching = document.querySelector(".ptg-search-box") !== null;
  let typing = 0;
  field.addEventListener("input", () => {
    filter();
    clearTimeout(typing);
    typing = setTimeout(() => {
      if (searching) return;
      const here = new URL(location);
      if (field.value.trim()) here.searchParams.set("q", field.value.trim());
      else here.searchParams.delete("q");
      history.replaceState(history.state, "", here);
    }, 300);
  });

  /* -- switches -- */

  const toggle = (text, title, on, act) => {
    const button = make("button", { type: "button", title, "aria-pressed": String(on) }, text);
    button.addEventListener("click", () => {
      const now = button.getAttribute("aria-pressed") !== "true";
      button.setAttribute("aria-pressed", String(now));
      act(now, button);
    });
    return button;
  };

  const PART = 25;
  const stars = (items = [...main.querySelectorAll(STARS)]) => {
    // A long list gets its stars bit by bit, so that the page answers meanwhile.
    if (items.length > PART) setTimeout(() => stars(items.slice(PART)));
    for (const item of items.slice(0, PART)) {
      const on = starred.has(item.dataset.track);
      item.toggleAttribute("data-my-star", on);
      let button = item.querySelector(":scope > .star");
      if (!button) {
        button = make("button", { type: "button", class: "star", "data-keep": "" });
        item.append(button);
      }
      const label = say("Star {track}", { track: item.dataset.track });
      if (button.getAttribute("aria-label") !== label) button.setAttribute("aria-label", label);
      button.setAttribute("aria-pressed", String(on));
    }
  };
  main.addEventListener("click", (event) => {
    const button = event.target.closest(".star");
    if (!button) return;
    const track = button.parentElement.dataset.track;
    if (!starred.delete(track)) starred.add(track);
    store.set("stars", JSON.stringify([...starred]));
    stars();
    filter();
  });

  /* -- times: in the zone of the gathering, or in one's own -- */

  const written = new WeakMap();

  const CLOCK = /^\d\d:\d\d(–\d\d:\d\d)?$/;

  /* The time, and the day of the week where that is another one than at the gathering. */
  const mineOf = (moment) => {
    const at = new Date(moment);
    const clock = at.toLocaleTimeString([], { hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
    const day = [at.getFullYear(), at.getMonth() + 1, at.getDate()].map((part) => `${part}`.padStart(2, "0")).join("-");
    const lang = document.documentElement.lang;
    return moment.startsWith(day) ? clock : `${clock} ${at.toLocaleDateString(lang, { weekday: "short" })}`;
  };
  const times = (own) => {
    for (const time of main.querySelectorAll("time[datetime]")) {
      if (!CLOCK.test(written.get(time) || time.textContent)) continue;
      if (own) {
        if (!written.has(time)) written.set(time, time.textContent);
        const moments = [time.dateTime, time.dataset.end].filter(Boolean);
        time.textContent = moments.map(mineOf).join("–");
      } else if (written.has(time)) {
        time.textContent = written.get(time);
        written.delete(time);
      }
    }
  };

  /* -- copying what is typed in the chat -- */

  /* Browsers let pages copy and notify over https only (and on this machine): without, no button promises it. */
  const codes = () => {
    if (!navigator.clipboard) return;
    for (const code of main.querySelectorAll(".ptg-free-code, .ptg-help dt .ptg-code, .ptg-example .ptg-code")) {
      if (code.nextElementSibling?.matches(".copy")) continue;
      code.after(
        make("button", {
          type: "button",
          class: "copy",
          "data-keep": "",
          "aria-label": say("Copy {code}", { code: code.textContent }),
        }),
      );
    }
  };
  main.addEventListener("click", async (event) => {
    const button = event.target.closest(".copy");
    if (!button) return;
    const code = button.previousElementSibling,
      text = code.textContent;
    const track = starred.size === 1 ? [...starred][0] : "TRACK";
    await navigator.clipboard.writeText(code.matches(".ptg-free-code") ? `#${track} book ${text}` : text);
    button.setAttribute("data-my-done", "");
    setTimeout(() => button.removeAttribute("data-my-done"), 1500);
    speak(say("Copied."));
  });

  /* -- announcements: at most one in ten seconds, for what is in view or starred -- */

  const changed = new Map();
  let last = -FOLD,
    timer = 0;
  const speak = (text) => {
    if (said) said.textContent = text;
  };
  const inView = (box) => {
    const { top, bottom } = box.getBoundingClientRect();
    return bottom > 0 && top < innerHeight;
  };

  const announce = () => {
    timer = 0;
    last = Date.now();
    const names = [...changed.keys()];
    if (names.length === 1) speak(`${names[0]}: ${changed.get(names[0])}`);
    else if (names.length) {
      const told = { count: names.length, names: names.slice(0, 5).join(", ") };
      speak(names.length > 5 ? say("{count} changes: {names} and more", told) : say("{count} changes: {names}", told));
    }
    changed.clear();
  };

  /* Phones show notifications of a service worker only. */
  const tell = async (title, options) => {
    const worker = navigator.serviceWorker && (await navigator.serviceWorker.getRegistration());
    if (worker?.active) await worker.showNotification(title, options);
    else new Notification(title, options);
  };

  main.addEventListener("ptg-changed", (event) => {
    const item = event.target.closest("li[data-track], .ptg-message, tr, .ptg-time li");
    if (!item) return;
    const track =
      item.dataset.track || (item.querySelector(".ptg-badge, .ptg-room, th") || item).textContent.trim().slice(0, 40);
    const topic = (item.querySelector(".ptg-topic") || item).textContent.trim().slice(0, 200);
    if (store.get("notify") === "on" && document.hidden && starred.has(track) && item.querySelector(".ptg-topic")) {
      tell(track, { body: topic, tag: `ptg-${track}` }).catch(() => {});
    }
    if (store.get("announce") === "off" || !(starred.has(track) || inView(item))) return;
    changed.set(track, topic);
    if (!timer) timer = setTimeout(announce, Math.max(300, last + FOLD - Date.now()));
  });

  const notify = async (on, button) => {
    const may = on && (await Notification.requestPermission()) === "granted";
    store.set("notify", may ? "on" : "off");
    button.setAttribute("aria-pressed", String(may));
  };

  const more = make("details", {});
  const box = make("div", { class: "more" });
  more.append(make("summary", {}, say("More")), box);
  box.append(
    toggle(
      say("Announce changes"),
      say("Changes in view or starred are read out, at most one in 10 s"),
      store.get("announce") !== "off",
      (on) => store.set("announce", on ? "on" : "off"),
    ),
  );
  if (isSecureContext && "Notification" in window) {
    box.append(
      toggle(
        say("Notify me of starred tracks"),
        say("A notification of the browser while this page is in the background"),
        store.get("notify") === "on",
        notify,
      ),
    );
  }
  // Later: names of zones take a while to load.
  setTimeout(() => {
    const zone = bar.dataset.zone,
      mine = Intl.DateTimeFormat().resolvedOptions().timeZone;
    if (mine === zone) return;
    box.prepend(
      toggle(say("My time ({zone})", { zone: mine }), say("Times are in {zone}", { zone }), zoned, (on) => {
        zoned = on;
        store.set("zone", on ? "own" : "");
        times(on);
      }),
    );
  });
  bar.append(
    field,
    toggle(say("★ only"), say("Only starred tracks"), only, (on) => {
      only = on;
      store.set("only", on ? "on" : "");
      filter();
    }),
    more,
    found,
  );

  const dress = () => {
    if (zoned) times(true);
    stars();
    codes();
    filter();
  };
  document.addEventListener("ptg-renewing", () => times(false));
  document.addEventListener("ptg-renewed", dress);
  if (!searching) field.value = new URLSearchParams(location.search).get("q") || "";
  dress();
})();
