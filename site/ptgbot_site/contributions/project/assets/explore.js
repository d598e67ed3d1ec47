/* Filters of the page of a release: everything comes from one file for each release, fetched on the first use. */
(() => {
  "use strict";
  const { make, say, root } = ptg;
  const place = document.querySelector(".stats-explore");
  if (!place) return;
  const ORDER = ["commits", "lines", "own-lines", "changes", "patch-sets", "reviews", "disagreements", "messages"];
  const called = {
    commits: say("Commits"),
    lines: say("Lines"),
    "own-lines": say("Lines without generated files"),
    changes: say("Changes"),
    "patch-sets": say("Patch sets"),
    reviews: say("Reviews"),
    disagreements: say("Disagreements"),
    messages: say("Messages"),
    talks: say("Talks"),
  };
  const lang = document.documentElement.lang === "en" ? "en-GB" : document.documentElement.lang;
  const inOrder = new Intl.Collator(lang);
  const shownNumber = new Intl.NumberFormat("en", { maximumFractionDigits: 1 });

  const select = (name, label) => {
    const field = make("select", { name });
    return [field, make("label", {}, label, field)];
  };
  const [release, ofRelease] = select("release", say("Release"));
  const [module, ofModule] = select("module", say("Module"));
  const [organisation, ofOrganisation] = select("organisation", say("Organisation"));
  const [metric, ofMetric] = select("metric", say("Metric"));
  const form = make("form", { class: "stats-filters" }, ofRelease, ofModule, ofOrganisation, ofMetric);
  const told = make("p", { role: "status" });
  const found = make("div", {});
  const fold = make("details", {}, make("summary", {}, say("Filter")), form, told, found);
  place.append(fold);

  const load = async (file) => {
    const reply = await fetch(new URL(`cube/${file}.json`, root), { cache: "no-cache" });
    if (!reply.ok) throw new Error(reply.statusText);
    return reply.json();
  };
  const company = (name) => (name === "*independent" ? say("independent") : name);
  const fill = (field, rows, all, wanted) => {
    const sorted = rows.map((label, at) => [at, label]).sort((one, other) => inOrder.compare(one[1], other[1]));
    const options = sorted.map(([at, label]) => make("option", { value: String(at) }, label));
    field.replaceChildren(make("option", { value: "" }, all), ...options);
    const at = rows.indexOf(wanted);
    field.value = at < 0 ? "" : String(at);
  };

  let cube;
  const labelOf = (field) => (field.value === "" ? "" : field.selectedOptions[0].textContent);

  const table = (people) => {
    const head = make("tr", {}, make("th", { scope: "col" }, say("Person")));
    head.append(make("th", { scope: "col" }, called[metric.value] ?? metric.value));
    const rows = people.map(([file, name, amount]) => {
      const to = make("a", { href: new URL(`person/${file}.html`, root).href }, make("bdi", {}, name));
      return make("tr", {}, make("th", { scope: "row" }, to), make("td", {}, shownNumber.format(amount)));
    });
    const body = make("table", { class: "stats-table" }, make("thead", {}, head), make("tbody", {}, ...rows));
    const label = say("Filtered");
    return make("div", { class: "stats-scroll", tabindex: "0", role: "region", "aria-label": label }, body);
  };

  const show = () => {
    const sums = new Map();
    const wanted = cube.metric.indexOf(metric.value);
    for (const [inModule, of, who, kind, amount] of cube.rows) {
      if (kind !== wanted) continue;
      if (module.value !== "" && Number(module.value) !== inModule) continue;
      if (organisation.value !== "" && Number(organisation.value) !== of) continue;
      sums.set(who, (sums.get(who) ?? 0) + amount);
    }
    const people = [...sums].map(([who, amount]) => [...cube.person[who], amount]);
    people.sort((one, other) => inOrder.compare(one[1], other[1]));
    const whole = people.reduce((sum, one) => sum + one[2], 0);
    told.textContent = `${say("People")}: ${people.length}. ${called[metric.value] ?? ""}: ${shownNumber.format(whole)}.`;
    found.replaceChildren(...(people.length ? [table(people)] : []));
  };

  const take = (loaded) => {
    const kept = [labelOf(module), labelOf(organisation), metric.value];
    cube = loaded;
    fill(module, cube.module, say("all"), kept[0]);
    fill(organisation, cube.organisation.map(company), say("all"), kept[1]);
    const metrics = ORDER.concat("talks").filter((one) => cube.metric.includes(one));
    metric.replaceChildren(...metrics.map((one) => make("option", { value: one }, called[one])));
    if (metrics.includes(kept[2])) metric.value = kept[2];
    show();
  };

  const fail = () => {
    told.textContent = say("This cannot be loaded now.");
  };
  const change = async () => {
    try {
      take(await load(release.value));
    } catch {
      fail();
    }
  };
  release.addEventListener("change", change);
  for (const field of [module, organisation, metric]) field.addEventListener("change", show);
  form.addEventListener("submit", (event) => event.preventDefault());

  fold.addEventListener("toggle", async () => {
    if (!fold.open || cube) return;
    try {
      const releases = await load("index");
      release.replaceChildren(...releases.map(([, label, file]) => make("option", { value: file }, label)));
      const own = releases.find(([name]) => name === place.dataset.release);
      if (own) release.value = own[2];
    } catch {
      fail();
      return;
    }
    await change();
  });
})();
