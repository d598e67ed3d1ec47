/* The web component ptgbot-schedule: bookings of a track, a room or a day, in a shadow tree of its own. */
const root = new URL("../", document.currentScript.src);
const LOOK = `
  :host { display: block; font: inherit; }
  ul { list-style: none; margin: 0 0 0.8em; padding: 0; }
  li { display: flex; flex-wrap: wrap; gap: 0.1em 0.7em; padding: 0.25em 0; }
  p { margin: 0.4em 0 0.2em; font-weight: 600; }
  time { font-variant-numeric: tabular-nums; }
  .badge { padding: 0 0.4em; border-radius: 0.3em; }
`;

const make = (name, text) => {
  const node = document.createElement(name);
  if (text) node.textContent = text;
  return node;
};

const wanted = (kind, name) => {
  const plain = name.trim().replace(/^#/, "").toLowerCase();
  return ptgData.names[kind][plain] ?? name;
};

const item = ([start, end, track, room]) => {
  const row = make("li"),
    link = make("a", track),
    colours = ptgData.colours[track];
  link.className = "badge";
  link.setAttribute("part", "track");
  link.href = new URL(ptgData.pages[track] || "", root).href;
  if (colours) {
    link.style.backgroundColor = colours[0];
    link.style.color = colours[1];
  }
  const times = [start, end].map((at) => {
    const time = make("time", at.slice(11, 16));
    time.dateTime = at;
    return time;
  });
  const when = make("span");
  when.append(times[0], "\u2013", times[1]);
  row.append(when, link, make("bdi", room));
  return row;
};

class Schedule extends HTMLElement {
  static observedAttributes = ["track", "room", "day"];

  connectedCallback() {
    if (!this.shadowRoot) {
      const sheet = new CSSStyleSheet();
      sheet.replaceSync(LOOK);
      this.attachShadow({ mode: "open" }).adoptedStyleSheets = [sheet];
    }
    this.show();
  }

  attributeChangedCallback() {
    if (this.shadowRoot) this.show();
  }

  show() {
    const places = { track: 2, room: 3, day: 4 };
    const asked = Schedule.observedAttributes.filter((name) => this.getAttribute(name));
    const rows = ptgData.rows.filter((row) =>
      asked.every((name) => row[places[name]] === wanted(name, this.getAttribute(name))),
    );
    const shown = [];
    for (const row of rows) {
      const date = row[0].slice(0, 10);
      if (shown.at(-1)?.date !== date) shown.push({ date, day: row[4], list: make("ul") });
      shown.at(-1).list.append(item(row));
    }
    const parts = shown.flatMap(({ date, day, list }) => {
      const head = make("p");
      const time = make("time", date);
      head.append(make("bdi", day), " ", time);
      return [head, list];
    });
    const all = make("a", ptgData.words.all);
    all.href = new URL("schedule.html", root).href;
    this.shadowRoot.replaceChildren(...(parts.length ? parts : [make("p", ptgData.words.none)]), all);
  }
}

if (!customElements.get("ptgbot-schedule")) customElements.define("ptgbot-schedule", Schedule);
