/* Shows moments in the reader's zone. Without it they are in UTC. */
(() => {
  "use strict";
  const two = { hour: "2-digit", minute: "2-digit", hourCycle: "h23" };
  const lang = document.documentElement.lang === "en" ? "en-GB" : document.documentElement.lang;
  const day = new Intl.DateTimeFormat(lang, {
    year: "numeric",
    month: "short",
    day: "numeric",
    ...two,
    timeZoneName: "short",
  });
  const clock = new Intl.DateTimeFormat(lang, { ...two, second: "2-digit" });
  const show = () => {
    for (const [where, format] of [
      ["time.ptg-local", day],
      [".ptg-log time, .ptg-items time:not(.ptg-local), .ptg-source time", clock],
    ]) {
      for (const time of document.querySelectorAll(where)) {
        const at = new Date(time.getAttribute("datetime"));
        if (Number.isNaN(at.getTime())) continue;
        const text = format.format(at);
        if (!time.title) time.title = time.getAttribute("datetime").replace("T", " ").replace("Z", " UTC");
        if (time.textContent !== text) time.textContent = text;
      }
    }
  };
  show();
  document.addEventListener("ptg-renewed", show);
})();
