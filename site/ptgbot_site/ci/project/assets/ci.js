/* The CI board: moments in the reader's zone, with their ages, and the filters of a project's page. */
(() => {
  "use strict";
  const { say } = ptg;
  const lang = document.documentElement.lang === "en" ? "en-GB" : document.documentElement.lang;
  const format = new Intl.DateTimeFormat(lang, {
    month: "short",
    day: "numeric",
    hour: "2-digit",
    minute: "2-digit",
    hourCycle: "h23",
  });
  const ago = new Intl.RelativeTimeFormat(lang, { numeric: "always", style: "narrow" });

  const age = (at) => {
    const minutes = Math.round((at - Date.now()) / 60000);
    if (Math.abs(minutes) < 60) return ago.format(minutes, "minute");
    if (Math.abs(minutes) < 2880) return ago.format(Math.round(minutes / 60), "hour");
    return ago.format(Math.round(minutes / 1440), "day");
  };

  const showTimes = () => {
    for (const time of document.querySelectorAll("time.ci-time")) {
      const at = new Date(time.getAttribute("datetime"));
      if (Number.isNaN(at.getTime())) continue;
      const text = `${format.format(at)} (${age(at)})`;
      if (!time.title) time.title = time.getAttribute("datetime").replace("T", " ").replace("Z", " UTC");
      if (time.textContent !== text) time.textContent = text;
    }
  };

  const chosen = (form) => {
    const found = new FormData(form);
    return {
      branch: found.get("branch"),
      ci: found.get("ci"),
      voting: found.has("voting"),
      failures: found.has("failures"),
    };
  };

  const hideColumns = (grid, wanted) => {
    const heads = [...grid.tHead.rows[0].cells];
    const hidden = heads.map((head, at) => at > 0 && wanted.branch !== "" && head.dataset.branch !== wanted.branch);
    for (const row of grid.rows) {
      for (const [at, cell] of [...row.cells].entries()) cell.hidden = hidden[at] ?? false;
    }
    return hidden;
  };

  const isWrong = (row) =>
    [...row.cells].some((cell) => !cell.hidden && /\b(fail|infra|warn|missed)\b/.test(cell.className));

  const filter = (grid, wanted) => {
    const hidden = hideColumns(grid, wanted);
    for (const body of grid.tBodies) {
      const [head, ...rows] = body.rows;
      for (const row of rows) {
        row.hidden = (wanted.voting && "quiet" in row.dataset) || (wanted.failures && !isWrong(row));
      }
      const isEmpty = wanted.failures && !isWrong(head) && rows.every((row) => row.hidden);
      body.hidden = (wanted.ci !== "" && body.dataset.ci !== wanted.ci) || isEmpty;
    }
    const columns = hidden.slice(1).filter((one) => !one).length;
    const bodies = [...grid.tBodies].filter((one) => !one.hidden).length;
    return say("{columns} patch sets, {bodies} CIs are shown", { columns, bodies });
  };

  const fill = (form) => {
    const asked = new URLSearchParams(location.search);
    for (const name of ["branch", "ci"]) {
      const field = form.elements[name];
      const value = asked.get(name) ?? "";
      field.value = [...field.options].some((one) => one.value === value) ? value : "";
    }
    for (const name of ["voting", "failures"]) form.elements[name].checked = asked.has(name);
  };

  const noteAddress = (form) => {
    const kept = new URLSearchParams([...new FormData(form)].filter(([, value]) => value !== ""));
    const query = kept.size ? `?${kept}` : "";
    history.replaceState(history.state, "", `${location.pathname}${query}${location.hash}`);
    for (const link of document.querySelectorAll(".ci-windows a")) link.search = query;
  };

  const showFilters = () => {
    const form = document.querySelector(".ci-filters");
    const grid = document.querySelector(".ci-grid");
    if (!form || !grid) return;
    if (form.hidden) fill(form);
    form.hidden = false;
    const apply = () => {
      form.querySelector(".ci-filtered").textContent = filter(grid, chosen(form));
      noteAddress(form);
    };
    form.onchange = apply;
    form.onsubmit = (event) => event.preventDefault();
    apply();
  };

  const show = () => {
    showTimes();
    showFilters();
  };
  show();
  document.addEventListener("ptg-renewed", show);
  setInterval(showTimes, 60000);
})();
