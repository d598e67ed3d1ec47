/* The web component ptgbot-alerts: the open alerts of alert.json, in a shadow tree of its own. */
const root = new URL("../", document.currentScript.src);
const { file, words } = ptgAlerts;
const PAUSE = 60000;
const LOOK = `
  :host { display: block; font: 600 1rem/1.5 system-ui, sans-serif; }
  p {
    margin: 0;
    padding: 0.6rem 1rem;
    border-left: 8px solid #b3261e;
    background: #fdeceb;
    color: #1b2224;
    overflow-wrap: anywhere;
  }
  b { color: #b3261e; }
  a { display: inline-block; min-width: 24px; min-height: 24px; color: inherit; }
  @media (prefers-color-scheme: dark) {
    p { background: #341816; border-color: #ff9d94; color: #e6eaea; }
    b { color: #ff9d94; }
  }
`;

const make = (name, text) => {
  const node = document.createElement(name);
  if (text) node.textContent = text;
  return node;
};

const message = ({ text, services, state, url }) => {
  const row = make("p"),
    said = make("bdi", text);
  const lead = services.length ? `${words.alert.replace(/:$/, "")} (${services.join(", ")}):` : words.alert;
  row.append(make("b", lead), " ", said, ` (${words.states[state] ?? state})`);
  const page = URL.canParse?.(url) ? new URL(url) : new URL("status.html", root);
  if (/^https?:$/.test(page.protocol)) {
    const link = make("a", words.more);
    link.href = page.href;
    row.append(" ", link);
  }
  return row;
};

/* What was read aloud on one page of a site is not read again on its next page. */
const told = {
  get() {
    try {
      return sessionStorage.getItem("ptgbot-alerts");
    } catch {
      return null;
    }
  },
  set(text) {
    try {
      sessionStorage.setItem("ptgbot-alerts", text);
    } catch {
      /* a page without storage */
    }
  },
};

class Alerts extends HTMLElement {
  #timer = 0;
  #shown = "[]";

  connectedCallback() {
    if (!this.shadowRoot) {
      const sheet = new CSSStyleSheet();
      sheet.replaceSync(LOOK);
      this.attachShadow({ mode: "open" }).adoptedStyleSheets = [sheet];
      this.shadowRoot.append(make("div"));
    }
    this.lang = words.lang;
    this.setAttribute("role", "region");
    this.setAttribute("aria-label", words.label);
    this.hidden = true;
    this.look();
    document.addEventListener("visibilitychange", this);
  }

  disconnectedCallback() {
    clearTimeout(this.#timer);
    document.removeEventListener("visibilitychange", this);
  }

  handleEvent() {
    if (!document.hidden) this.look();
  }

  async look() {
    clearTimeout(this.#timer);
    try {
      const reply = await fetch(new URL(file, root), { cache: "no-cache", credentials: "omit" });
      if (reply.ok) this.show((await reply.json()).alerts);
    } catch {
      /* what is shown stays; the next look may succeed */
    }
    if (!document.hidden) this.#timer = setTimeout(() => this.look(), PAUSE * (0.8 + Math.random() * 0.4));
  }

  show(alerts) {
    const text = JSON.stringify(alerts);
    if (text === this.#shown) return;
    this.#shown = text;
    const live = this.shadowRoot.firstChild;
    live.setAttribute("aria-live", told.get() === text ? "off" : "assertive");
    told.set(text);
    this.hidden = alerts.length === 0;
    live.replaceChildren(...alerts.map(message));
  }
}

if (!customElements.get("ptgbot-alerts")) {
  customElements.define("ptgbot-alerts", Alerts);
  const show = () => {
    if (!document.querySelector("ptgbot-alerts")) document.body.prepend(document.createElement("ptgbot-alerts"));
  };
  if (document.body) show();
  else addEventListener("DOMContentLoaded", show);
}
