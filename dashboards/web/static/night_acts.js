// What a person does on the page of a night: choose, open, step, judge, write; and a running night that goes on.

import { unanswered } from "./closeup.js";
import { fetchColumns } from "./columns.js";
import { Detail } from "./detail.js";
import { onLeg, shown } from "./events.js";
import { Judging, showDraft, writeNote } from "./judging.js";
import { listenToKeys } from "./keys.js";
import { keepFresh, swapWords } from "./refresh.js";

const AFTER_A_WORD_MS = 700;

export function act({ page, api, night, traces, view, filters, shared, legs, build, mark }) {
  const { clock } = shared;
  const charts = document.getElementById("charts");
  const announce = document.getElementById("announce");
  const eventOf = (id) => night.events.find((event) => event.id === id);
  const linkOf = (event) => event && document.querySelector(`a.event[data-event="${CSS.escape(event.id)}"]`);
  let tracks = null;
  let waiting = 0;
  Object.assign(shared, {
    tracks: () => (tracks ??= fetchColumns(`${api}/tracks`)),
    around: (event) => [neighbour(event, -1), neighbour(event, 1)],
    positionOf,
    open,
    step,
  });
  const detail = new Detail(shared);
  shared.detail = detail;
  const judging = new Judging({
    api,
    eventOf,
    nameOf,
    say,
    changed: (event) => {
      detail.forget(event);
      filters.apply();
      detail.place();
      view.tell();
    },
    kept: () => {
      if (detail.event) detail.forget(detail.event);
      clearTimeout(waiting);
      waiting = setTimeout(readAgain, AFTER_A_WORD_MS);
    },
  });

  showDraft(document.getElementById("notes"), api, null);

  // Sentences and numbers follow what was said, and notes what was written, once the person rests.
  async function readAgain() {
    await swapWords(page + location.search).catch(unanswered);
    judging.stay();
    filters.read();
    filters.apply();
  }

  function nameOf(event) {
    return `${event.title}, ${clock.text(event.onset_s)}`;
  }

  function say(text) {
    announce.textContent = text;
  }

  function choose(event) {
    view.choose(event);
    say(event ? `${event.title}, ${shared.lineOf(event)}` : "");
    for (const link of document.querySelectorAll("a.event[aria-current]")) link.removeAttribute("aria-current");
    const link = linkOf(event);
    link?.setAttribute("aria-current", "true");
    // A key means one event: the focus goes along, or is let go where the list does not show the chosen one.
    const on = document.activeElement;
    if (on?.matches("a.event") && on !== link) {
      link?.focus({ preventScroll: true });
      if (document.activeElement === on) on.blur();
    }
    requestAnimationFrame(() => legs.forEach((leg) => leg.point(event)));
  }

  function open(event) {
    choose(event);
    return detail.open(event);
  }

  function inOrder() {
    return shown(night.events, view).sort(compare);
  }

  function positionOf(event) {
    const events = inOrder();
    return { at: events.indexOf(event) + 1, of: events.length };
  }

  // The next one that is shown, even where the chosen one no longer is.
  function neighbour(event, direction) {
    const events = inOrder();
    return direction > 0 ? events.find((e) => compare(e, event) > 0) : events.findLast((e) => compare(e, event) < 0);
  }

  function step(direction) {
    const next = view.chosen ? neighbour(view.chosen, direction) : nearest(direction);
    if (!next) return;
    if (detail.isOpen) return void open(next);
    choose(next);
    legs.find((leg) => onLeg(next, leg.leg))?.figure.scrollIntoView({ block: "nearest" });
  }

  // Without a chosen event a step begins at the edge of what is in view.
  function nearest(direction) {
    const events = inOrder();
    return direction > 0 ? events.find((e) => e.onset_s >= view.min) : events.findLast((e) => e.onset_s <= view.max);
  }

  // What has the focus is what somebody is on; a dialog that closes gives it back to where it was before.
  function focused(link) {
    const event = eventOf(link?.dataset.event);
    if (!event || event === view.chosen) return;
    if (detail.event) linkOf(view.chosen)?.focus({ preventScroll: true });
    else choose(event);
  }

  // A word is of what is seen: of the event in the dialog, else of the chosen one while the filters show it.
  function judge(word) {
    if (!view.chosen) focused(document.activeElement?.closest("a.event"));
    const event = detail.event ?? view.chosen;
    if (!event) say("No event is chosen: step to one first.");
    else if (!detail.event && !view.passes(event)) say(`${nameOf(event)} is not shown: step to the next one first.`);
    else judging.judge(event, word);
  }

  async function write() {
    if (view.chosen && !detail.isOpen) await open(view.chosen);
    writeNote(detail.isOpen ? detail.body : document.getElementById("notes"));
  }

  function update(rebuilt) {
    if (!night.running) mark?.end();
    judging.stay();
    filters.read();
    filters.apply();
    if (view.chosen) view.chosen = eventOf(view.chosen.id) ?? null;
    tracks = null;
    view.grow(Math.max(night.duration_s, 1));
    if (rebuilt || legs.some((leg) => leg.laneLabels !== leg.lanes.map((l) => l.label).join())) build();
    else legs.forEach((leg) => leg.refresh());
  }

  detail.dialog.addEventListener("close", () => view.tell());
  listenToKeys({ view, detail, step, choose, open, judge, write, mark });
  document.getElementById("events").addEventListener("click", (e) => {
    const event = eventOf(e.target.closest("a.event")?.dataset.event);
    if (!event || e.ctrlKey || e.metaKey || e.shiftKey) return;
    e.preventDefault();
    open(event);
  });
  document.getElementById("events").addEventListener("focusin", (e) => {
    // A pointer that presses a link opens it.
    if (e.target.matches("a.event:focus-visible")) focused(e.target);
  });
  document.addEventListener("themechange", () => {
    if (detail.event) detail.open(detail.event);
  });
  new ResizeObserver(() => {
    legs.forEach((leg) => leg.resize());
    detail.resize();
  }).observe(charts);
  for (const leg of legs) leg.figure.addEventListener("mouseleave", () => (leg.tip.hidden = true));
  keepFresh({ page, api, night, traces, update });
}

function compare(a, b) {
  return a.onset_s - b.onset_s || (a.id < b.id ? -1 : Number(a.id > b.id));
}
