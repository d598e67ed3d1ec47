/* Small screens: one line for each message, the way to the slot that runs, the menu that opens. */
(() => {
  "use strict";
  const bar = document.getElementById("tools"),
    main = document.getElementById("content");
  if (!bar || !main) return;
  const { make, say } = ptg;

  const messages = () => {
    for (const message of main.querySelectorAll(".ptg-motd .ptg-message")) {
      const open = message.hasAttribute("data-my-open");
      const cut = open || message.scrollHeight > message.clientHeight + 2;
      let button = message.querySelector(":scope > .unfold");
      if (cut && !button) {
        button = make(
          "button",
          { type: "button", class: "unfold", "data-keep": "", "aria-expanded": "false" },
          say("more"),
        );
        message.append(button);
      }
      if (button) button.hidden = !cut;
    }
  };
  main.addEventListener("click", (event) => {
    const button = event.target.closest(".unfold");
    if (!button) return;
    const open = button.parentElement.toggleAttribute("data-my-open");
    button.setAttribute("aria-expanded", String(open));
    button.textContent = open ? say("less") : say("more");
  });
  addEventListener("resize", messages);

  const jump = make("a", { class: "jump", hidden: "" }, say("Jump to now"));
  bar.prepend(jump);
  const jumps = () => {
    const runs = main.querySelector(".ptg-by-time .ptg-current[id]");
    jump.hidden = !runs;
    if (runs) jump.href = `#${runs.id}`;
  };

  /* -- the menu closes as menus do -- */

  const menu = document.getElementById("menu-more");
  document.addEventListener("click", (event) => {
    if (menu && !menu.contains(event.target)) menu.open = false;
  });
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || !menu?.open) return;
    menu.open = false;
    menu.querySelector("summary").focus();
  });

  const dress = () => {
    messages();
    jumps();
  };
  document.addEventListener("ptg-renewed", dress);
  dress();
})();
