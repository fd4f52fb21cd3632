// Keeps the parts of a page that change up to date. Everything works without it: links and forms are plain.
(() => {
  "use strict";
  const spoken = document.getElementById("spoken");
  const connection = document.getElementById("connection");
  const pacing = 600;
  const parts = () => document.querySelectorAll("[data-part]");
  const state = new Map();

  function say(text) { spoken.textContent = text; }

  // What somebody is about to send must not change under their hands.
  function isInUse(part) {
    const active = document.activeElement;
    if (active && active !== document.body && part.contains(active) && active.form) return true;
    const isFilled = [...part.querySelectorAll("input:not([type=hidden]), select")].some((field) =>
      field.type === "checkbox" ? field.checked !== field.defaultChecked
        : field instanceof HTMLInputElement && field.value !== field.defaultValue);
    return isFilled || (part.hasAttribute("data-guard") && part.querySelector("form:hover") !== null);
  }

  function replace(part, fresh) {
    const open = [...part.querySelectorAll("details[open][id]")].map((details) => details.id);
    const focused = part.contains(document.activeElement) ? document.activeElement : null;
    const place = focused && [...part.querySelectorAll("a, button, summary")].indexOf(focused);
    part.replaceWith(fresh);
    for (const id of open) document.getElementById(id)?.setAttribute("open", "");
    if (focused) [...fresh.querySelectorAll("a, button, summary")][place]?.focus();
    renewTimes();
  }

  function offer(part) {
    if (part.querySelector(".stale")) return;
    const note = document.createElement("p");
    const button = document.createElement("button");
    note.className = "stale";
    note.setAttribute("role", "status");
    note.append("This has changed meanwhile.", button);
    button.type = "button";
    button.textContent = "Show it as it is now";
    button.addEventListener("click", () => location.reload());
    part.prepend(note);
  }

  async function refresh(part) {
    const name = part.dataset.part;
    const address = new URL(location.href);
    address.searchParams.set("part", name);
    address.searchParams.delete("done");
    address.hash = "";
    const answer = await fetch(address, { headers: { Accept: "text/html" } });
    // Signed out, or the whole page is another one now.
    if (answer.redirected || answer.status === 404) return location.reload();
    if (!answer.ok) return;
    const text = await answer.text();
    const fresh = new DOMParser().parseFromString(text, "text/html").querySelector("[data-part]");
    const current = document.querySelector(`[data-part="${CSS.escape(name)}"]`);
    if (!fresh || !current) return;
    if (state.get(name)?.text === text) return;
    if (isInUse(current)) return offer(current);
    state.set(name, { ...state.get(name), text });
    replace(current, document.adoptNode(fresh));
  }

  // At most one question at a time for each part, and the last change is never missed.
  function renew(part) {
    const name = part.dataset.part;
    const known = state.get(name) ?? {};
    if (known.isAsked) { known.isStale = true; return; }
    state.set(name, { ...known, isAsked: true, isStale: false });
    setTimeout(async () => {
      try { await refresh(part); } catch { /* the connection says so */ }
      const after = state.get(name);
      after.isAsked = false;
      const next = document.querySelector(`[data-part="${CSS.escape(name)}"]`);
      if (after.isStale && next) renew(next);
    }, pacing);
  }

  // A part that is of one thing alone, which data-of names, is renewed for that.
  function renewFor(kind, id) {
    for (const part of parts()) {
      const isMeant = (part.dataset.on ?? "").split(" ").includes(kind);
      if (isMeant && (!part.dataset.of || part.dataset.of === id)) renew(part);
    }
  }
  // What ended between the page and the first event that it can hear.
  function renewWhatGoesOn() {
    for (const part of parts()) {
      if (part.matches("[data-every]") || part.querySelector("progress")) renew(part);
    }
  }
  function renewAll() { for (const part of parts()) renew(part); }

  // Progress comes often and is small: it is shown at once, without asking for the part.
  function showProgress(operation) {
    const shown = document.querySelectorAll(`[data-operation="${CSS.escape(operation.id)}"]`);
    const { done_bytes: done, total_bytes: total } = operation.progress;
    if (operation.state !== "running" || total === 0) return;
    const percent = Math.floor((done / total) * 100);
    for (const item of shown) {
      const bar = item.querySelector("progress");
      if (!bar) continue;
      const before = bar.value;
      bar.value = percent;
      const text = item.querySelector("[data-progress]");
      if (text) text.textContent = `${bytes(done)} of ${bytes(total)}`;
      if (Math.floor(before / 25) < Math.floor(percent / 25)) say(`${operation.kind}: ${percent} percent`);
    }
  }

  // What was last heard of each operation that goes on: parts are asked for when that changes, and not for its progress.
  const heard = new Map();
  function hear(operation) {
    showProgress(operation);
    if (heard.get(operation.id) === operation.state) return;
    const isOver = ["done", "failed", "cancelled"].includes(operation.state);
    if (isOver) heard.delete(operation.id); else heard.set(operation.id, operation.state);
    renewFor("operation", operation.id);
    if (isOver) say(`${operation.kind} ${operation.subject.join(" ")}: ${operation.state}`);
  }

  function bytes(count) {
    const names = ["B", "KiB", "MiB", "GiB", "TiB"];
    let unit = 0;
    for (; count >= 1024 && unit < names.length - 1; unit += 1) count /= 1024;
    return unit === 0 ? `${count} B` : `${count.toFixed(1)} ${names[unit]}`;
  }

  let source = null;
  let again = 0;
  let wasLost = false;
  function hush() {
    clearTimeout(again);
    source?.close();
    source = null;
  }
  // One source at a time: what an earlier one still has to say is not heard.
  function listen() {
    hush();
    const own = new EventSource("/api/events");
    source = own;
    own.addEventListener("open", () => {
      if (own !== source) return;
      connection.hidden = true;
      document.body.dataset.live = "true";
      if (wasLost) renewAll(); else renewWhatGoesOn();
      wasLost = false;
    });
    own.addEventListener("error", () => {
      if (own !== source) return;
      wasLost = true;
      delete document.body.dataset.live;
      connection.hidden = false;
      // Refused, and not tried again by the browser: asking for a part shows whether one is signed out.
      if (own.readyState !== EventSource.CLOSED) return;
      renewAll();
      again = setTimeout(listen, 5000);
    });
    for (const kind of ["state", "reverted", "job", "channel", "damage"]) {
      own.addEventListener(kind, () => renewFor(kind));
    }
    own.addEventListener("operation", (event) => hear(JSON.parse(event.data)));
  }

  // A browser has few connections for one address: a page that nobody looks at gives its own back.
  document.addEventListener("visibilitychange", () => {
    if (document.hidden) {
      hush();
    } else if (!source) {
      listen();
      renewAll();
    }
  });

  // Times go on while a page is open. The machine's clock counts, not the reader's.
  const began = Date.now();
  const served = Date.parse(document.body.dataset.now ?? "");
  const now = () => (Number.isNaN(served) ? Date.now() : served + Date.now() - began);
  function span(milliseconds) {
    const seconds = Math.floor(Math.max(0, milliseconds) / 1000);
    const pair = (whole, unit, rest, small) => (rest > 0 ? `${whole} ${unit} ${rest} ${small}` : `${whole} ${unit}`);
    if (seconds < 60) return `${seconds} s`;
    if (seconds < 600) return pair(Math.floor(seconds / 60), "min", seconds % 60, "s");
    if (seconds < 3600) return `${Math.floor(seconds / 60)} min`;
    if (seconds < 86400) return pair(Math.floor(seconds / 3600), "h", Math.floor((seconds % 3600) / 60), "min");
    const days = Math.floor(seconds / 86400);
    return days === 1 ? "1 day" : `${days} days`;
  }
  function renewTimes() {
    for (const time of document.querySelectorAll("time.ago")) {
      const passed = now() - Date.parse(time.dateTime);
      if (!Number.isNaN(passed) && passed >= 1000) time.textContent = `${span(passed)} ago`;
    }
  }
  setInterval(renewTimes, 10_000);
  setInterval(() => {
    for (const item of document.querySelectorAll("[data-left]")) {
      item.dataset.end ??= Date.now() + Number(item.dataset.left);
      const left = Number(item.dataset.end) - Date.now();
      if (left > 0) item.textContent = `Reverts by itself in ${span(left)}`;
    }
  }, 1000);

  // What nobody sends events of is asked for now and then.
  let second = 0;
  setInterval(() => {
    second += 1;
    if (document.hidden) return;
    for (const part of document.querySelectorAll("[data-every]")) {
      if (second % Number(part.dataset.every) === 0) renew(part);
    }
  }, 1000);

  const here = document.querySelector(".side nav a[aria-current]");
  const places = here?.closest("nav");
  if (places) places.scrollLeft = here.offsetLeft - places.offsetLeft - 40;

  const canvas = document.querySelector(".canvas");
  const subject = canvas?.querySelector(".subject rect");
  if (subject) {
    const [outer, inner] = [canvas.getBoundingClientRect(), subject.getBoundingClientRect()];
    canvas.scrollTo(inner.left - outer.left - outer.width / 2 + inner.width / 2, inner.top - outer.top - outer.height / 2);
  }

  if (!document.hidden) listen();
})();
