// A running night: every two seconds its facts, its events and the newest part of its tracks, without a reload.

import { Unanswered, ask } from "./columns.js";
import { fetchTraces } from "./trace.js";

const EVERY_MS = 2000;

// Put the server's own words in place again, keeping what is folded, scrolled and focused.
export async function swapWords(url) {
  const words = new URL(url, location);
  // The charts are there: they follow the night by themselves.
  words.searchParams.set("charts", "none");
  const html = await (await ask(words)).text();
  const fresh = new DOMParser().parseFromString(html, "text/html");
  const focused = document.activeElement?.dataset?.event;
  const control = document.activeElement?.id;
  for (const part of document.querySelectorAll("[data-live]")) {
    const next = fresh.getElementById(part.id);
    if (!next) continue;
    const scrolled = new Map();
    for (const group of part.querySelectorAll("details[id]")) {
      const twin = next.querySelector(`#${group.id}`);
      if (twin) twin.open = group.open;
      scrolled.set(group.id, group.querySelector("ol")?.scrollTop ?? 0);
    }
    if (next.innerHTML === part.innerHTML) continue;
    part.innerHTML = next.innerHTML;
    for (const [id, top] of scrolled) {
      const list = document.getElementById(id)?.querySelector("ol");
      if (list) list.scrollTop = top;
    }
  }
  if (control) document.getElementById(control)?.focus({ preventScroll: true });
  if (focused) document.querySelector(`a[data-event="${CSS.escape(focused)}"]`)?.focus({ preventScroll: true });
}

export function keepFresh({ page, api, night, traces, update }) {
  const once = async () => {
    try {
      const [fresh] = await Promise.all([ask(api).then((r) => r.json()), swapWords(page + location.search)]);
      const rebuilt = await fetchTraces(api, traces);
      Object.assign(night, fresh);
      update(rebuilt);
    } catch (error) {
      if (!(error instanceof Unanswered)) throw error;
      const status = document.getElementById("status");
      if (status) status.textContent = "no connection to Soleus, trying again";
    }
    if (night.running) setTimeout(once, EVERY_MS);
  };
  if (night.running) setTimeout(once, EVERY_MS);
}
