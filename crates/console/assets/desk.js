// Keys and the palette. Every page works without this file.
"use strict";
(() => {
  const one = (selector, within = document) => within.querySelector(selector);
  const typing = (target) => target.closest("input, textarea, select, [contenteditable]") !== null;
  const palette = one("#palette");

  const keys = one("#keys");

  function openPalette() {
    if (!palette || palette.open) return;
    palette.showModal();
    const field = one("#palette-text");
    field.value = "";
    narrow("");
    field.focus();
  }

  // The places that hold the text, and a way to search for it as the last of them.
  function narrow(text) {
    const wanted = text.trim().toLowerCase();
    const list = one("#palette-places");
    one("[data-search]", list)?.remove();
    for (const item of list.querySelectorAll("li")) {
      item.hidden = wanted !== "" && !item.textContent.toLowerCase().includes(wanted);
    }
    if (wanted === "") return;
    const item = document.createElement("li");
    item.dataset.search = "";
    const link = document.createElement("a");
    link.href = `${palette.dataset.find}?q=${encodeURIComponent(text.trim())}`;
    link.textContent = `Find “${text.trim()}”`;
    item.append(link);
    list.append(item);
  }

  if (palette) {
    one("#palette-text").addEventListener("input", (event) => narrow(event.target.value));
    palette.addEventListener("keydown", (event) => {
      const places = [...palette.querySelectorAll("li:not([hidden]) a")];
      const at = places.indexOf(document.activeElement);
      if (event.key === "ArrowDown") {
        event.preventDefault();
        (places[at + 1] ?? places[0])?.focus();
      } else if (event.key === "ArrowUp") {
        event.preventDefault();
        (places[at - 1] ?? one("#palette-text")).focus();
      } else if (event.key === "Enter" && at < 0) {
        event.preventDefault();
        places[0]?.click();
      }
    });
  }

  // What is shown once is copied whole.
  for (const field of document.querySelectorAll("[data-select]")) field.addEventListener("focus", () => field.select());

  const rows = () => [...document.querySelectorAll("[data-rows] a[data-row]")];
  function step(by) {
    const all = rows();
    if (all.length === 0) return;
    const at = all.indexOf(document.activeElement);
    const to = at < 0 ? (by > 0 ? 0 : all.length - 1) : at + by;
    all[Math.min(Math.max(to, 0), all.length - 1)].focus();
  }

  // Space between `g` and the letter that follows it, in milliseconds: about what people take.
  const CHORD_MS = 1500;
  let chord = 0;
  function go(letter) {
    const places = [...document.querySelectorAll(".bar nav a")];
    places.find((place) => place.textContent.trim().toLowerCase().startsWith(letter))?.click();
  }

  document.addEventListener("keydown", (event) => {
    if ((event.ctrlKey || event.metaKey) && event.key === "k") {
      event.preventDefault();
      openPalette();
      return;
    }
    if (event.ctrlKey || event.metaKey || event.altKey || typing(event.target)) return;
    if (one("dialog[open]")) return;
    if (performance.now() < chord) {
      chord = 0;
      go(event.key);
      return;
    }
    if (event.key === "/") {
      event.preventDefault();
      one("#find")?.focus();
    } else if (event.key === "j") step(1);
    else if (event.key === "k") step(-1);
    else if (event.key === "g") chord = performance.now() + CHORD_MS;
    else if (event.key === "n") one("a[rel='next']")?.click();
    else if (event.key === "p") one("a[rel='prev']")?.click();
    else if (event.key === "x") one("input[type='checkbox']", document.activeElement?.closest("tr") ?? document.createElement("i"))?.click();
    else if (event.key === "c" && one("input[name='case']:checked")) one("button[aria-keyshortcuts='c']")?.click();
    else if (event.key === "?") keys?.showModal();
  });
})();
