/* Changes one page into another. Only differing nodes are touched, so scroll position, focus and selection stay. */
const ptg = (() => {
  "use strict";
  const mark = (node) => {
    const box = node.nodeType === 1 ? node : node.parentElement;
    if (!box) return;
    box.dispatchEvent(new CustomEvent("ptg-changed", { bubbles: true }));
    if (!box.animate || matchMedia("(prefers-reduced-motion: reduce)").matches) return;
    box.animate([{ backgroundColor: "rgba(240, 192, 99, .45)" }, {}], 1500);
  };

  /* What the visitor chose stays: open boxes, what the filter hides, stars. */
  const own = (name) => name === "open" || name === "hidden" || name.startsWith("data-my");
  const kept = (node) => node.nodeType === 1 && node.hasAttribute("data-keep");

  /* What is about the same track or room is the same thing, wherever it stands in its list. */
  const key = (node) => {
    const name = node.nodeType === 1 && (node.dataset.track || node.dataset.room || node.id);
    return name ? `${node.nodeName} ${name}` : null;
  };

  const attributes = (old, fresh) => {
    for (const { name } of [...old.attributes]) {
      if (!fresh.hasAttribute(name) && !own(name)) old.removeAttribute(name);
    }
    for (const { name, value } of fresh.attributes) {
      if (old.getAttribute(name) !== value) old.setAttribute(name, value);
    }
  };

  const children = (old, fresh) => {
    const was = [...old.childNodes].filter((node) => !kept(node)),
      is = [...fresh.childNodes].filter((node) => !kept(node));
    let behind =
      [...old.childNodes].reverse().find((node, at, all) => kept(node) && all.slice(0, at).every(kept)) || null;
    while (was.length && is.length && was[0].isEqualNode(is[0])) {
      was.shift();
      is.shift();
    }
    while (was.length && is.length && was.at(-1).isEqualNode(is.at(-1))) {
      behind = was.pop();
      is.pop();
    }
    /* One track may stand in a list several times. */
    const named = new Map(was.filter(key).map((node) => [key(node), []]));
    for (const node of was.filter(key)) named.get(key(node)).push(node);
    const nameless = was.filter((node) => !key(node));
    const pairs = is.map((node) => [node, key(node) ? named.get(key(node))?.shift() : nameless.shift()]);
    const used = new Set(pairs.map((pair) => pair[1]));
    for (const node of was) if (!used.has(node)) node.remove();
    let place = was.find((node) => used.has(node)) || behind;
    for (const [node, here] of pairs) {
      if (!here) {
        const added = document.importNode(node, true);
        old.insertBefore(added, place);
        mark(added);
      } else {
        if (here === place) place = place.nextSibling;
        else old.insertBefore(here, place);
        morph(here, node);
      }
    }
  };

  const morph = (old, fresh) => {
    if (old.isEqualNode(fresh) || kept(old)) return;
    if (old.nodeName !== fresh.nodeName || old.id !== fresh.id) {
      const added = document.importNode(fresh, true);
      old.replaceWith(added);
      mark(added);
    } else if (old.nodeType === 1) {
      attributes(old, fresh);
      children(old, fresh);
    } else if (old.nodeValue !== fresh.nodeValue) {
      old.nodeValue = fresh.nodeValue;
      mark(old);
    }
  };

  /* Storage may be forbidden; the page works without. */
  const store = {
    get: (name) => {
      try {
        return localStorage.getItem(`ptg-${name}`);
      } catch {
        return null;
      }
    },
    set: (name, value) => {
      try {
        localStorage.setItem(`ptg-${name}`, value);
      } catch {
        /* not kept */
      }
    },
  };

  /* A text of ours in the language of the site; the build puts the translations before this script. */
  const say = (text, values = {}) => (ptgWords[text] || text).replace(/\{(\w+)\}/g, (_, name) => values[name]);
  const make = (name, attributes, ...children) => {
    const node = document.createElement(name);
    for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, value);
    node.append(...children);
    return node;
  };

  return { make, morph, store, say, root: new URL("../", document.currentScript.src) };
})();
