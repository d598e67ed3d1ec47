/* The form of the schedule that a visitor chose, and the line at now in the grid. */
(() => {
  "use strict";
  const { store } = ptg;
  const list = document.querySelector(".ptg-forms-list");
  if (!list) return;
  const root = document.documentElement;
  const forms = ["table", "list", "grid", "compact"];

  /* What the address asks for comes before the choice of the last visit. */
  const asked = () => {
    const named = location.hash.slice(1);
    const target = document.getElementById(named);
    if (target?.matches(".ptg-by-time")) return "list";
    if (target?.matches(".ptg-by-room")) return "table";
    return forms.find((name) => named === `as-${name}`);
  };

  const mark = () => {
    for (const item of list.querySelectorAll("[data-form]")) {
      const link = item.querySelector("a");
      if (item.dataset.form === root.dataset.form) link.setAttribute("aria-current", "true");
      else link.removeAttribute("aria-current");
    }
  };

  const show = (form) => {
    if (form) root.dataset.form = form;
    mark();
    line();
  };

  list.addEventListener("click", (event) => {
    const item = event.target.closest("a") && event.target.closest("[data-form]");
    if (!item) return;
    event.preventDefault();
    store.set("form", item.dataset.form);
    history.replaceState(null, "", `#${item.id}`);
    show(item.dataset.form);
  });
  addEventListener("hashchange", () => show(asked()));

  /* -- the line at now -- */

  const line = () => {
    const box = document.querySelector(".ptg-grid-box");
    if (!box) return;
    let rule = box.querySelector(".ptg-now-line");
    const at = Date.now();
    const row = [...box.querySelectorAll("tr[data-start]")].find(
      ({ dataset }) => Date.parse(dataset.start) <= at && at < Date.parse(dataset.end),
    );
    if (!row) {
      rule?.remove();
      return;
    }
    if (!rule) {
      rule = document.createElement("div");
      rule.className = "ptg-now-line";
      rule.setAttribute("data-keep", "");
      box.append(rule);
    }
    const start = Date.parse(row.dataset.start);
    const part = (at - start) / (Date.parse(row.dataset.end) - start);
    rule.style.top = `${row.offsetTop + part * row.offsetHeight}px`;
    rule.style.width = `${box.scrollWidth}px`;
  };

  const known = store.get("form");
  show(asked() || (forms.includes(known) ? known : undefined));
  setInterval(line, 20000);
  addEventListener("resize", line);
  document.addEventListener("ptg-renewed", () => show());
})();
