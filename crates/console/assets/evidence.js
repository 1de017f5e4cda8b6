// The evidence workspace: saves while one writes, and takes files that are dropped. Every page works without this file.
"use strict";
(() => {
  // The answer that is made of pieces of the page; see wrote.rs.
  const PIECES = "text/x-docket-pieces";
  const PAUSE_MS = 1200;
  const print = document.querySelector("[data-print]");
  if (print) {
    print.hidden = false;
    print.addEventListener("click", () => window.print());
  }
  const workspace = document.querySelector("[data-workspace]");
  if (!workspace) return;

  const forms = () => [...workspace.querySelectorAll("form[data-autosave]")];
  const status = (form, words) => {
    form.querySelector("[data-status]").textContent = words;
  };
  const parsed = (text) => new DOMParser().parseFromString(text, "text/html");
  const waiting = new Map();
  const dirty = new Set();
  let signedOut = false;
  // One save after the other: each names the version that the one before it made.
  let last = Promise.resolve();

  const send = (form, body) =>
    fetch(form.getAttribute("action"), { method: "POST", body, headers: { accept: PIECES }, credentials: "same-origin" });

  function put(answer, form) {
    for (const piece of answer.querySelectorAll("[data-for]")) {
      document.getElementById(piece.dataset.for)?.replaceChildren(...piece.childNodes);
    }
    const now = answer.querySelector("[data-version]");
    if (!now) return "";
    for (const field of document.querySelectorAll("input[name=version]")) field.value = now.dataset.version;
    for (const place of document.querySelectorAll("span[data-version]")) place.textContent = now.dataset.version;
    const slot = form.closest("[data-slot]");
    for (const field of slot?.querySelectorAll("input[name=seen]") ?? []) field.value = now.dataset.seen;
    return now.dataset.version;
  }

  async function saveNow(form) {
    if (!dirty.has(form)) return;
    const field = form.querySelector("textarea");
    const text = field.value;
    status(form, "Saving…");
    let response;
    try {
      response = await send(form, new URLSearchParams(new FormData(form)));
    } catch {
      status(form, "Not saved: no connection. It is tried again.");
      later(form);
      return;
    }
    const answer = parsed(await response.text());
    const place = form.nextElementSibling;
    if (response.ok) {
      const version = put(answer, form);
      if (field.value === text) dirty.delete(form);
      else later(form);
      place.replaceChildren();
      status(form, `Saved as version ${version}.`);
      return;
    }
    signedOut = response.status === 401;
    place.replaceChildren(...answer.body.childNodes);
    status(form, signedOut ? "Not saved yet." : "Not saved.");
    // A conflict's own form has what was written; the field keeps it, too, until the page is left.
    if (response.status === 409) dirty.delete(form);
  }

  function save(form) {
    clearTimeout(waiting.get(form));
    last = last.then(() => saveNow(form));
    return last;
  }

  function later(form) {
    clearTimeout(waiting.get(form));
    waiting.set(form, setTimeout(() => save(form), PAUSE_MS));
  }

  // Somebody who signed in again in another tab has a new token; the words are still in their fields.
  async function back() {
    if (!signedOut) return;
    const response = await fetch(location.href, { credentials: "same-origin" });
    if (!response.ok || response.redirected) return;
    const csrf = parsed(await response.text()).querySelector("input[name=csrf]");
    if (!csrf) return;
    signedOut = false;
    for (const field of document.querySelectorAll("input[name=csrf]")) field.value = csrf.value;
    for (const form of forms()) if (dirty.has(form)) save(form);
  }
  addEventListener("focus", back);
  document.addEventListener("visibilitychange", () => document.hidden || back());

  for (const form of forms()) {
    const field = form.querySelector("textarea");
    if (form.querySelector("[data-status]").textContent !== "") dirty.add(form);
    field.addEventListener("input", () => {
      // What ends a line in a PDF is saved as the end of a line, so it is shown as one.
      const lines = field.value.replace(/[\v\f\u0085]/g, "\n");
      if (lines !== field.value) {
        const { selectionStart, selectionEnd } = field;
        field.value = lines;
        field.setSelectionRange(selectionStart, selectionEnd);
      }
      dirty.add(form);
      status(form, field.value.length > field.maxLength - 500 ? `${field.maxLength - field.value.length} characters left` : "");
      later(form);
    });
    field.addEventListener("blur", () => dirty.has(form) && save(form));
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      dirty.add(form);
      save(form);
    });
  }
  addEventListener("beforeunload", (event) => dirty.size > 0 && event.preventDefault());

  async function bring(form) {
    status(form, "Reading the file…");
    const body = new FormData(form);
    // What is written elsewhere is saved first, because the page is made anew.
    for (const other of forms()) if (dirty.has(other)) await save(other);
    await last;
    body.set("version", form.querySelector("input[name=version]").value);
    try {
      const response = await send(form, body);
      const answer = parsed(await response.text());
      if (response.ok) {
        const slot = form.closest("[data-slot]").id;
        if (dirty.size === 0) {
          history.replaceState(null, "", `#${slot}`);
          location.reload();
        } else status(form, "Attached. The page shows it when your words are saved.");
        return;
      }
      status(form, answer.querySelector(".note")?.textContent.trim() ?? "The file was not taken.");
    } catch {
      status(form, "Not attached: no connection.");
    }
    form.reset();
  }

  for (const form of workspace.querySelectorAll("form[data-files]")) {
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      bring(form);
    });
    form.querySelector("input[type=file]").addEventListener("change", () => bring(form));
  }

  for (const slot of workspace.querySelectorAll("[data-slot]")) {
    const form = slot.querySelector("form[data-files]");
    if (!form) continue;
    const holds = (event) => event.dataTransfer?.types.includes("Files");
    slot.addEventListener("dragover", (event) => {
      if (!holds(event)) return;
      event.preventDefault();
      slot.classList.add("over");
    });
    slot.addEventListener("dragleave", (event) => slot.contains(event.relatedTarget) || slot.classList.remove("over"));
    slot.addEventListener("drop", (event) => {
      slot.classList.remove("over");
      if (!holds(event)) return;
      event.preventDefault();
      const [first, ...others] = event.dataTransfer.files;
      const one = new DataTransfer();
      one.items.add(first);
      form.querySelector("input[type=file]").files = one.files;
      form.closest("details")?.setAttribute("open", "");
      if (others.length > 0) status(form, "One file has room here; drop the others on places of their own.");
      bring(form);
    });
  }
})();
