/* The search of the archive: it loads the index of one month after the other, from the newest on, when it is used. */
(() => {
  "use strict";
  const { make, say, root } = ptg;
  const place = document.querySelector(".ptg-archive-search");
  if (!place) return;
  const MOST = 50;
  const words = say("Names, titles, decisions of all meetings");
  const field = make("input", { type: "search", id: "archive-search", placeholder: words, autocomplete: "off" });
  const label = make("label", { for: "archive-search", class: "ptg-spoken" }, words);
  const told = make("p", { role: "status", class: "ptg-archive-told" });
  const list = make("ul", { class: "ptg-list ptg-held" });
  place.append(label, field, told, list);

  const plain = (text) => text.toLowerCase().normalize("NFKD").replace(/\p{M}/gu, "");
  const known = new Map();
  const load = (name) => {
    if (!known.has(name)) {
      const loading = fetch(new URL(`search/${name}.json`, root), { cache: "no-cache" }).then((reply) => {
        if (!reply.ok) throw new Error(reply.statusText);
        return reply.json();
      });
      loading.catch(() => known.delete(name));
      known.set(name, loading);
    }
    return known.get(name);
  };

  const entry = ([slug, started, title, text]) =>
    make(
      "li",
      {},
      make("p", {}, started.slice(0, 10), " ", make("a", { href: new URL(`${slug}.html`, root).href }, make("bdi", {}, title))),
      make("p", { class: "ptg-from" }, make("bdi", {}, text)),
    );

  let asked = 0;
  const find = async () => {
    const mine = ++asked;
    const wanted = plain(field.value).split(/\s+/).filter(Boolean);
    list.replaceChildren();
    told.textContent = "";
    if (!wanted.length) return;
    try {
      let count = 0;
      for (const month of await load("index")) {
        const rows = await load(month);
        if (mine !== asked) return;
        const found = rows.filter((row) => wanted.every((word) => plain(`${row[2]} ${row[3]}`).includes(word)));
        list.append(...found.slice(0, MOST - count).map(entry));
        count += found.length;
        if (count >= MOST) break;
      }
      told.textContent = !count
        ? say("Nothing found.")
        : count >= MOST
          ? say("The newest {most} are shown.", { most: MOST })
          : say("{count} found", { count });
    } catch {
      told.textContent = say("The search could not be loaded. Everything is on the pages below.");
    }
  };
  field.addEventListener("input", find);
})();
