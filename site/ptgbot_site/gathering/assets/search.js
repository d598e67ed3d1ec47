/* The search: it loads its index when the visitor begins to type. */
(() => {
  "use strict";
  const { make, say, root } = ptg;
  const place = document.querySelector(".ptg-search-box");
  if (!place) return;
  const MOST = 60;
  const KINDS = {
    track: say("Track"),
    room: say("Room"),
    day: say("Day"),
    person: say("Person"),
    notes: say("Notes"),
    topic: say("Topic"),
  };

  const words = say("Tracks, topics, rooms, people, notes");
  const field = make("input", { type: "search", id: "search", placeholder: words, autocomplete: "off" });
  const label = make("label", { for: "search", class: "ptg-spoken" }, words);
  const told = make("p", { role: "status", class: "ptg-search-told" });
  const list = make("ul", { class: "ptg-list ptg-search-found" });
  place.append(label, field, told, list);

  let rows = null;
  const load = async () => {
    const reply = await fetch(new URL("search.json", root), { cache: "no-cache" });
    if (!reply.ok) throw new Error(reply.statusText);
    const plain = (text) => text.toLowerCase().normalize("NFKD").replace(/\p{M}/gu, "");
    rows = (await reply.json()).map(([kind, title, text, url]) => {
      const [head, body] = [plain(title), plain(text)];
      return { kind, title, text, url, head, all: `${head} ${body}` };
    });
    return plain;
  };
  let loading = null;

  /* Titles that begin like a word come first, then titles that hold one, then texts. */
  const rank = (row, wanted) =>
    wanted.reduce((sum, word) => sum + (row.head.startsWith(word) ? 4 : row.head.includes(word) ? 2 : 0), 0);

  const entry = ({ kind, title, text, url }) => {
    const link = make("a", { href: new URL(url, root).href }, make("bdi", {}, title));
    const about = make("span", { class: "ptg-search-kind" }, KINDS[kind] || kind);
    return make("li", {}, make("p", {}, link, " ", about), ...(text ? [make("p", {}, make("bdi", {}, text))] : []));
  };

  const find = async () => {
    const typed = field.value;
    const address = new URL(location.href);
    if (typed) address.searchParams.set("q", typed);
    else address.searchParams.delete("q");
    history.replaceState(null, "", address);
    if (!typed.trim()) {
      told.textContent = "";
      list.replaceChildren();
      return;
    }
    try {
      loading ||= load();
      const plain = await loading;
      if (field.value !== typed) return;
      const wanted = plain(typed).split(/\s+/).filter(Boolean);
      const found = rows.filter((row) => wanted.every((word) => row.all.includes(word)));
      const ranked = found.map((row) => [rank(row, wanted), row]).sort((a, b) => b[0] - a[0]);
      list.replaceChildren(...ranked.slice(0, MOST).map(([, row]) => entry(row)));
      const count = found.length;
      told.textContent = !count
        ? say("Nothing found.")
        : count > MOST
          ? say("{count} found, the first {most} are shown", { count, most: MOST })
          : say("{count} found", { count });
    } catch {
      loading = null;
      told.textContent = say("The search could not be loaded. Everything is on the pages below.");
    }
  };

  field.addEventListener("input", find);
  field.value = new URLSearchParams(location.search).get("q") || "";
  find();
})();
