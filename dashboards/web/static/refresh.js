// A running night: every two seconds its facts, its events and the newest part of its tracks, without a reload.

import { Unanswered, ask, fetchColumns } from "./columns.js";
import { Trace } from "./trace.js";

const EVERY_MS = 2000;
const NEWEST_PATIENCE_MS = 10000;
// The newest seconds may still change while they are reduced.
const AGAIN_S = 5;

// Tracks so far; returns true where the charts must be built anew (a scorer has started again, or a sensor is new).
export async function fetchTraces(api, traces) {
  const since = traces.length ? Math.max(0, Math.min(...traces.map((t) => t.start + t.y.length * t.hop)) - AGAIN_S) : 0;
  const header = await fetchColumns(`${api}/tracks?since=${since}`, since > 0 ? NEWEST_PATIENCE_MS : undefined);
  const known = header.columns.map((c) => traces.find((t) => t.sensor === c.sensor && t.name === c.name));
  const fits = known.length === traces.length && known.every((trace, i) => trace?.fits(header.columns[i]));
  if (fits) {
    known.forEach((trace, i) => trace.append(header.columns[i]));
    return false;
  }
  const whole = since > 0 ? await fetchColumns(`${api}/tracks`) : header;
  traces.splice(0, traces.length, ...whole.columns.map((column) => new Trace(column)));
  return true;
}

// Put the server's own words in place again, keeping what is folded, scrolled and focused.
export async function swapWords(url) {
  const html = await (await ask(url)).text();
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
