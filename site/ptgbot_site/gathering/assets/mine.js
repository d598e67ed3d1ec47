/* The visitor's own programme: chosen tracks, gaps and clashes, sharing by address and code, calendars. */
(() => {
  "use strict";
  const { make, store, say, root } = ptg;
  const tools = document.querySelector(".ptg-mine-tools"),
    main = document.getElementById("content");
  if (!tools || !main) return;
  const html = document.documentElement;
  const LISTS = ["stars", "maybe"];
  const LONGEST = 4000;

  /* -- the lists: our own in this browser, a shared one in the part of the address after # -- */

  const read = (name) => {
    try {
      const found = JSON.parse(store.get(name) || "[]");
      return new Set(Array.isArray(found) ? found.filter((one) => typeof one === "string") : []);
    } catch {
      return new Set();
    }
  };
  const own = {};
  const load = () => {
    for (const name of LISTS) own[name] = read(name);
  };
  const save = () => {
    for (const name of LISTS) store.set(name, JSON.stringify([...own[name]]));
  };
  const written = (lists) =>
    LISTS.filter((name) => lists[name].size)
      .map((name) => `${name}=${[...lists[name]].sort().map(encodeURIComponent).join(",")}`)
      .join("&");

  const named = (text) => {
    try {
      return decodeURIComponent(text);
    } catch {
      return "";
    }
  };
  const shared = () => {
    const parts = location.hash.slice(1, LONGEST).split("&");
    const lists = {};
    for (const name of LISTS) {
      const part = parts.find((one) => one.startsWith(`${name}=`));
      lists[name] = new Set(
        part
          ? part
              .slice(name.length + 1)
              .split(",")
              .map(named)
              .filter(Boolean)
          : [],
      );
    }
    return written(lists) && written(lists) !== written(own) ? lists : null;
  };
  let friend = null;

  const choice = (lists, track) => (lists.stars.has(track) ? "star" : lists.maybe.has(track) ? "maybe" : "");

  /* -- items: their buttons, and what is chosen -- */

  const items = () => [...main.querySelectorAll(".ptg-mine-list > li[data-track]")];
  const NEXT = { "": "star", star: "maybe", maybe: "" };

  const dress = (item) => {
    const track = item.dataset.track;
    let button = item.querySelector(":scope > .pick");
    if (!button) {
      button = make("button", { type: "button", class: "pick", "data-keep": "" });
      item.append(button);
    }
    const mine = choice(own, track),
      theirs = friend ? choice(friend, track) : "";
    const words = {
      star: say("{track}: chosen", { track }),
      maybe: say("{track}: maybe", { track }),
      "": say("{track}: not chosen", { track }),
    };
    if (button.getAttribute("aria-label") !== words[mine]) button.setAttribute("aria-label", words[mine]);
    for (const [name, value] of [
      ["data-my-pick", mine],
      ["data-my-friend", theirs],
    ]) {
      if (value) item.setAttribute(name, value);
      else item.removeAttribute(name);
    }
  };

  main.addEventListener("click", (event) => {
    const button = event.target.closest(".pick");
    if (!button) return;
    const track = button.parentElement.dataset.track;
    const next = NEXT[choice(own, track)];
    own.stars.delete(track);
    own.maybe.delete(track);
    if (next) own[next === "star" ? "stars" : "maybe"].add(track);
    save();
    renew();
  });

  /* -- gaps and clashes among what is chosen -- */

  const length = (milliseconds) => {
    const minutes = Math.round(milliseconds / 60000);
    if (minutes < 60) return say("{minutes} min free", { minutes });
    const hours = Math.floor(minutes / 60);
    return minutes % 60
      ? say("{hours} h {minutes} min free", { hours, minutes: minutes % 60 })
      : say("{hours} h free", { hours });
  };

  const marks = (list) => {
    for (const node of list.querySelectorAll(".ptg-gap, .ptg-clash")) node.remove();
    const held = [...list.querySelectorAll(":scope > li[data-my-pick][data-start]")].map((item) => ({
      item,
      track: item.dataset.track,
      start: Date.parse(item.dataset.start),
      end: Date.parse(item.dataset.end),
    }));
    let until = 0,
      found = 0;
    for (const one of held) {
      if (until && one.start > until)
        one.item.before(make("li", { class: "ptg-gap", "data-keep": "" }, length(one.start - until)));
      until = Math.max(until, one.end);
      const others = held.filter((other) => other !== one && other.start < one.end && one.start < other.end);
      const names = [...new Set(others.map(({ track }) => track))].join(", ");
      if (!names) continue;
      found += 1;
      one.item
        .querySelector("p")
        .after(make("p", { class: "ptg-clash", "data-keep": "" }, say("clashes with {names}", { names })));
    }
    return found;
  };

  /* -- the calendar to download: RFC 5545, times in UTC -- */

  const escaped = (text) =>
    text
      .replace(/[\\;,]/g, "\\$&")
      .replace(/[\r\n]+/g, " ")
      .trim();
  /* Lines of at most 75 octets (section 3.1). */
  const folded = (line) => {
    let made = "",
      octets = 0;
    for (const letter of line) {
      const size = new TextEncoder().encode(letter).length;
      if (octets + size > 75) {
        made += "\r\n ";
        octets = 1;
      }
      made += letter;
      octets += size;
    }
    return made;
  };
  const utc = (time) => new Date(time).toISOString().replace(/[-:]|\.\d+/g, "");

  const calendar = () => {
    const events = items()
      .filter(({ dataset }) => dataset.uid && choice(own, dataset.track))
      .flatMap((item) => [
        "BEGIN:VEVENT",
        `UID:${item.dataset.uid}`,
        `DTSTAMP:${utc(Date.now())}`,
        `DTSTART:${utc(item.dataset.start)}`,
        `DTEND:${utc(item.dataset.end)}`,
        `SUMMARY:${escaped(item.dataset.track)}`,
        `LOCATION:${escaped(item.querySelector(".ptg-place").textContent)}`,
        ...(choice(own, item.dataset.track) === "maybe" ? ["STATUS:TENTATIVE"] : []),
        "END:VEVENT",
      ]);
    const lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//ptgbot//mine 1//EN", ...events, "END:VCALENDAR"];
    return `${lines.map(folded).join("\r\n")}\r\n`;
  };

  /* -- what stands above the list -- */

  const told = make("p", { class: "ptg-mine-told", role: "status" });
  const overlay = make("div", { class: "ptg-mine-friend" });
  const all = make("button", { type: "button", "aria-pressed": "false" }, say("Whole programme"));
  const link = make("input", { type: "text", readonly: "", "aria-label": say("Address of this list") });
  const square = make("div", { class: "ptg-mine-code" });
  const download = make("a", { class: "ptg-way", download: "mine.ics", href: "#" }, say("Calendar to download"));
  const follow = make("div", { class: "ptg-mine-follow" });
  const share = make(
    "details",
    { class: "ptg-mine-share" },
    make("summary", {}, say("Share, calendar")),
    make(
      "p",
      {},
      say("Whoever opens this address sees the list. It stands after the #, which browsers send to nobody."),
    ),
    link,
    square,
    make("p", {}, download),
    follow,
  );

  all.addEventListener("click", () => {
    const whole = all.getAttribute("aria-pressed") !== "true";
    all.setAttribute("aria-pressed", String(whole));
    html.dataset.mine = whole ? "all" : "mine";
  });
  download.addEventListener("click", () => {
    if (download.href.startsWith("blob:")) URL.revokeObjectURL(download.href);
    download.href = URL.createObjectURL(new Blob([calendar()], { type: "text/calendar" }));
  });
  link.addEventListener("focus", () => link.select());

  const address = () => new URL(`mine.html#${written(own)}`, root).href;
  const describe = () => {
    const text = address();
    if (link.value === text && square.firstChild) return;
    link.value = text;
    const code = ptgQr.picture(text, say("Code to scan: leads to this list"));
    square.replaceChildren(code || make("p", {}, say("The list is too long for a code.")));
  };

  /* Only our own server can answer with the calendar of a list; a host of files says that there is none. */
  let subscribes = null;
  const subscription = async () => {
    const feed = new URL(`gathering/mine.ics?${written(own)}`, root);
    if (subscribes === null) {
      const reply = await fetch(new URL("gathering/mine.ics", root), { method: "HEAD" });
      subscribes = reply.ok && (reply.headers.get("content-type") || "").startsWith("text/calendar");
    }
    if (!subscribes) return;
    const way = make("a", { class: "ptg-way", href: feed.href }, say("Calendar to subscribe to"));
    const words = say(
      "The address of this calendar holds your list. This server keeps no log of addresses; a proxy in front of it may.",
    );
    follow.replaceChildren(make("p", {}, way), make("p", {}, words));
  };
  const opened = () => {
    if (!share.open) return;
    describe();
    subscription().catch(() => {});
  };
  share.addEventListener("toggle", opened);

  const close = () => {
    history.replaceState(null, "", location.pathname + location.search);
    friend = null;
    renew();
  };
  const merge = () => {
    for (const track of friend.stars) {
      own.stars.add(track);
      own.maybe.delete(track);
    }
    for (const track of friend.maybe) if (!own.stars.has(track)) own.maybe.add(track);
    save();
    close();
  };
  const lay = () => {
    if (!friend) {
      overlay.replaceChildren();
      return;
    }
    const count = friend.stars.size + friend.maybe.size;
    const buttons = [
      [say("Add to mine"), merge],
      [say("Close the list"), close],
    ].map(([words, act]) => {
      const button = make("button", { type: "button" }, words);
      button.addEventListener("click", act);
      return button;
    });
    const words = say("A shared list: {count} tracks, marked with a dashed line. It changes nothing of yours.", {
      count,
    });
    overlay.replaceChildren(make("p", {}, words), ...buttons);
  };

  const renew = () => {
    for (const item of items()) dress(item);
    let clashes = 0;
    for (const list of main.querySelectorAll(".ptg-mine-list")) clashes += marks(list);
    const held = items().filter((item) => item.hasAttribute("data-my-pick")).length;
    const words = held
      ? say("{slots} slots, {clashes} of them clash", { slots: held, clashes })
      : say("Nothing is chosen yet. Press a star, here or on the page of tracks.");
    if (told.textContent !== words) told.textContent = words;
    lay();
    opened();
  };

  const begin = () => {
    load();
    friend = shared();
    const empty = !own.stars.size && !own.maybe.size && !friend;
    all.setAttribute("aria-pressed", String(empty));
    html.dataset.mine = empty ? "all" : "mine";
    renew();
  };

  tools.replaceChildren(told, overlay, make("p", { class: "ptg-mine-buttons" }, all), share);
  addEventListener("hashchange", begin);
  addEventListener("storage", begin);
  document.addEventListener("ptg-renewed", renew);
  begin();
})();
