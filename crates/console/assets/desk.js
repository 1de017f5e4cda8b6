// Keys and the palette. Every page works without this file.
"use strict";
(() => {
  const one = (selector, within = document) => within.querySelector(selector);
  const typing = (target) => target.closest("input, textarea, select, [contenteditable]") !== null;
  const palette = one("#palette");

  function openPalette() {
    if (!palette || palette.open) return;
    palette.showModal();
    const field = one("#palette-text");
    field.value = "";
    narrow("");
    field.focus();
  }

  function narrow(text) {
    const wanted = text.trim().toLowerCase();
    for (const item of palette.querySelectorAll("li")) {
      item.hidden = wanted !== "" && !item.textContent.toLowerCase().includes(wanted);
    }
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
        const text = one("#palette-text").value.trim();
        const find = one("form.find");
        if (places.length > 0) places[0].click();
        else if (text !== "" && find) {
          one("#find").value = text;
          find.submit();
        }
      }
    });
  }

  const rows = () => [...document.querySelectorAll("[data-rows] tbody tr a[data-row]")];
  function step(by) {
    const all = rows();
    if (all.length === 0) return;
    const at = all.indexOf(document.activeElement);
    all[Math.min(Math.max(at + by, 0), all.length - 1)].focus();
  }

  document.addEventListener("keydown", (event) => {
    if ((event.ctrlKey || event.metaKey) && event.key === "k") {
      event.preventDefault();
      openPalette();
      return;
    }
    if (event.ctrlKey || event.metaKey || event.altKey || typing(event.target)) return;
    if (event.key === "/") {
      event.preventDefault();
      one("#find")?.focus();
    } else if (event.key === "j") step(1);
    else if (event.key === "k") step(-1);
  });
})();
