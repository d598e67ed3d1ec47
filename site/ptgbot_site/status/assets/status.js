/* How long open alerts have lasted by now. The page says since when; this adds the time that has passed. */
(() => {
  "use strict";
  const { make, say } = ptg;
  const PAUSE = 15000;

  const length = (milliseconds) => {
    const minutes = Math.max(Math.floor(milliseconds / 60000), 0);
    const hours = Math.floor(minutes / 60);
    if (hours >= 24) return say("{days} d {hours} h", { days: Math.floor(hours / 24), hours: hours % 24 });
    return hours ? say("{hours} h {minutes} min", { hours, minutes: minutes % 60 }) : say("{minutes} min", { minutes });
  };

  const count = () => {
    for (const mark of document.querySelectorAll(".ptg-lasts"))
      if (!mark.previousElementSibling?.matches(".ptg-lasting")) mark.remove();
    for (const since of document.querySelectorAll(".ptg-lasting")) {
      const text = `\u00a0(${length(Date.now() - Date.parse(since.querySelector("time").dateTime))})`;
      let mark = since.nextElementSibling;
      if (!mark?.matches(".ptg-lasts")) {
        mark = make("span", { class: "ptg-since ptg-lasts", "data-keep": "" });
        since.after(mark);
      }
      if (mark.textContent !== text) mark.textContent = text;
    }
  };

  count();
  setInterval(count, PAUSE);
  document.addEventListener("ptg-renewed", count);
})();
