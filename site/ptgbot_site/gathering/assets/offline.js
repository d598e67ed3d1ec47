/* What is kept on this device, and a button that removes it. */
(() => {
  "use strict";
  const { make, say, root } = ptg;
  const place = document.querySelector(".ptg-offline-told");
  if (!place) return;
  const told = make("p", { role: "status" }),
    list = make("ul", { class: "ptg-list" }),
    missed = make("p", {}),
    button = make("button", { type: "button" }, say("Remove it from this device"));
  place.append(missed, told, list, button);

  const asked = new URLSearchParams(location.search).get("page");
  if (asked) missed.textContent = say("There is no connection, and this page is not kept: {page}", { page: asked });

  const kept = async () => {
    let bytes = 0;
    const pages = [];
    for (const name of await caches.keys()) {
      if (!name.startsWith("ptg-")) continue;
      const store = await caches.open(name);
      for (const request of await store.keys()) {
        bytes += (await (await store.match(request, { ignoreVary: true })).blob()).size;
        if (!/\.json$|\/_static\//.test(request.url)) pages.push(request.url);
      }
    }
    return { bytes, pages: pages.sort() };
  };

  const show = async () => {
    const { bytes, pages } = await kept();
    const size = (bytes / 1e6).toFixed(1);
    told.textContent = pages.length
      ? say("Kept on this device: {count} pages, {size} MB.", { count: pages.length, size })
      : say("Nothing is kept on this device yet.");
    button.hidden = !pages.length;
    list.replaceChildren(
      ...pages.map((url) => {
        const name = decodeURI(url.slice(root.href.length)) || "index.html";
        return make("li", {}, make("a", { href: url }, name));
      }),
    );
  };

  button.addEventListener("click", async () => {
    for (const name of await caches.keys()) if (name.startsWith("ptg-")) await caches.delete(name);
    const worker = await navigator.serviceWorker?.getRegistration(root.href);
    await worker?.unregister();
    await show();
  });

  if ("caches" in window) show().catch(() => {});
  else place.remove();
})();
