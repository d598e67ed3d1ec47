/* The search of the archive: it loads the index of one month after the other, from the newest on, when it is used.
   The words of the logs are in files by their first characters, as ptgbot/meetings/log_words.py makes them. */
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
  const inLogs = make("input", { type: "checkbox", id: "archive-logs" });
  const choice = make(
    "label",
    { for: "archive-logs", class: "ptg-archive-logs" },
    inLogs,
    " ",
    say("Search the words of the logs, too"),
  );
  place.append(label, field, choice, told, list);

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

  const groupOf = ([first]) => (/[a-z]/.test(first) ? first : /[0-9]/.test(first) ? "0" : "_");
  /* The words of the logs of a month that begin as one of the wanted ones does, by the addresses of the meetings. */
  const saidIn = async (month, wanted) => {
    const groups = [...new Set(wanted.map(groupOf))];
    const said = new Map();
    for (const rows of await Promise.all(groups.map((group) => load(`${month}/${group}`))))
      for (const [slug, text] of rows) said.set(slug, `${said.get(slug) ?? ""} ${text}`);
    return said;
  };

  const entry = ([slug, started, title, text], word) => {
    const log = new URL(`${slug}.log.html`, root).href;
    const place = `${log}#:~:text=${encodeURIComponent(word)}`;
    return make(
      "li",
      {},
      make(
        "p",
        {},
        started.slice(0, 10),
        " ",
        make("a", { href: new URL(`${slug}.html`, root).href }, make("bdi", {}, title)),
      ),
      make(
        "p",
        { class: "ptg-from" },
        ...(word ? [make("a", { href: place }, say("Log")), " · "] : []),
        make("bdi", {}, text),
      ),
    );
  };

  let asked = 0;
  const find = async () => {
    const mine = ++asked;
    const wanted = plain(field.value).split(/\s+/).filter(Boolean);
    const words = inLogs.checked ? wanted.flatMap((word) => word.match(/[\p{L}\p{N}_]+/gu) ?? []) : [];
    list.replaceChildren();
    told.textContent = "";
    if (!wanted.length) return;
    try {
      let count = 0;
      for (const month of await load("index")) {
        const rows = await load(month);
        if (mine !== asked) return;
        const said = words.length ? await saidIn(month, words) : new Map();
        if (mine !== asked) return;
        const named = (row) => wanted.every((word) => plain(`${row[2]} ${row[3]}`).includes(word));
        const heard = (row) => words.length && words.every((word) => ` ${said.get(row[0]) ?? ""}`.includes(` ${word}`));
        const found = rows.filter((row) => named(row) || heard(row));
        list.append(...found.slice(0, MOST - count).map((row) => entry(row, heard(row) ? words[0] : "")));
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
  let waiting;
  const later = () => {
    clearTimeout(waiting);
    waiting = setTimeout(find, inLogs.checked ? 300 : 0);
  };
  field.addEventListener("input", later);
  inLogs.addEventListener("change", later);
})();
