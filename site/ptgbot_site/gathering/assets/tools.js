/* Optional tools of visitors: filter, stars, own time zone, announcements, notifications, copying. */
(() => {
  "use strict";
  const bar = document.getElementById("tools"),
    said = document.getElementById("said"),
    main = document.getElementById("content");
  if (!bar || !main) return;
  const { store, say } = ptg;
  const FOLD = 10000;
  const ROWS =
    "[data-track], .ptg-table tbody tr, .ptg-rooms > li, .ptg-held > li, .ptg-pads > li, .ptg-people > li, .ptg-said > li, .ptg-titles > li";
  const STARS = ":is(.ptg-cards, .ptg-tracks, .ptg-coming) > li[data-track]";
  const starred = new Set(JSON.parse(store.get("stars") || "[]"));
  let zoned = store.get("zone") === "own",
    only = false;

  const make = (name, attributes, text) => {
    const node = document.createElement(name);
    for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, value);
    if (text) node.textContent = text;
    return node;
  };

  /* -- filter -- */

  const field = make("input", {
    type: "search",
    placeholder: say("Filter"),
    "aria-label": say("Filter by track, room or words"),
  });
  const wanted = () => field.value.toLowerCase().split(/\s+/).filter(Boolean);

  const filter = () => {
    const words = wanted();
    for (const row of main.querySelectorAll(ROWS)) {
      const text = row.textContent.toLowerCase();
      const track = row.dataset.track,
        off = only && !(track ? starred.has(track) : [...starred].some((one) => text.includes(one)));
      const hide = off || !words.every((word) => text.includes(word));
      if (row.hidden !== hide) row.hidden = hide;
    }
  };
  field.addEventListener("input", filter);

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

  const stars = () => {
    for (const item of main.querySelectorAll(STARS)) {
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
  const times = (own) => {
    for (const time of main.querySelectorAll("time[datetime]")) {
      if (!/^\d\d:\d\d$/.test(written.get(time) || time.textContent)) continue;
      if (own) {
        if (!written.has(time)) written.set(time, time.textContent);
        time.textContent = new Date(time.dateTime).toLocaleTimeString([], {
          hour: "2-digit",
          minute: "2-digit",
          hourCycle: "h23",
        });
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

  const zone = bar.dataset.zone,
    mine = Intl.DateTimeFormat().resolvedOptions().timeZone;
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
  if (mine !== zone) {
    box.prepend(
      toggle(say("My time ({zone})", { zone: mine }), say("Times are in {zone}", { zone }), zoned, (on) => {
        zoned = on;
        store.set("zone", on ? "own" : "");
        times(on);
      }),
    );
  }
  bar.append(
    field,
    toggle(say("★ only"), say("Only starred tracks"), false, (on) => {
      only = on;
      filter();
    }),
    more,
  );

  const dress = () => {
    if (zoned) times(true);
    stars();
    codes();
    filter();
  };
  document.addEventListener("ptg-renewing", () => times(false));
  document.addEventListener("ptg-renewed", dress);
  field.value = new URLSearchParams(location.search).get("q") || "";
  dress();
})();
