// The page of one night: puts the parts together.

import { follow } from "./chart.js";
import { unanswered } from "./closeup.js";
import { NightClock, durationText } from "./clocktime.js";
import { Unanswered, ask, fetchColumns } from "./columns.js";
import { Detail } from "./detail.js";
import { onLeg, sensorOf, shown } from "./events.js";
import { Filters } from "./filters.js";
import { Judging, showDraft, writeNote } from "./judging.js";
import { listenToKeys } from "./keys.js";
import { markOf } from "./mark.js";
import { palette } from "./palette.js";
import { fetchTraces, keepFresh, swapWords } from "./refresh.js";
import { LegCharts } from "./strips.js";
import { View } from "./view.js";

const charts = document.getElementById("charts");
const { night: page, api } = charts.dataset;
const mark = markOf(document.getElementById("mark"));

const AFTER_A_WORD_MS = 700;
const LEG_TEXT = { left: "left leg", right: "right leg", both: "both legs", unknown: "leg not known" };

async function start() {
  const traces = [];
  const [night] = await Promise.all([ask(api).then((response) => response.json()), fetchTraces(api, traces)]);
  const view = new View(0, Math.max(night.duration_s, 1));
  const filters = new Filters(document.getElementById("filters"), night, view);
  let colours = palette();
  let tracks = null;
  let waiting = 0;
  const clock = new NightClock(night);
  const shared = {
    night,
    api,
    view,
    clock,
    colours: () => colours,
    lineOf: (event) => `${clock.text(event.onset_s)}, ${durationText(event.end_s - event.onset_s)}, ${LEG_TEXT[event.leg]}`,
    pageOf: (event) => `${page}/event/${event.id.split("/").map(encodeURIComponent).join("/")}`,
    sensorOf: (event) => sensorOf(night, event),
    tracks: () => (tracks ??= fetchColumns(`${api}/tracks`)),
    around: (event) => [neighbour(event, -1), neighbour(event, 1)],
    positionOf,
    open,
    step,
  };
  const eventOf = (id) => night.events.find((event) => event.id === id);
  const linkOf = (event) => event && document.querySelector(`a.event[data-event="${CSS.escape(event.id)}"]`);
  const detail = new Detail(shared);
  const legs = [...document.querySelectorAll("figure.leg")].map((figure) => new LegCharts(figure, night, shared));
  const announce = document.getElementById("announce");
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

  function build() {
    legs.forEach((leg) => leg.build(traces));
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

  document.getElementById("zoom").hidden = false;
  document.getElementById("chart-hint").hidden = true;
  build();
  // Under the dialog only the lanes are drawn again: the traces behind it would make each step wait.
  follow(() => legs.flatMap((leg) => (detail.isOpen ? leg.plots.slice(0, 1) : leg.plots)), view);
  detail.dialog.addEventListener("close", () => view.tell());
  const span = document.getElementById("span");
  const sayscope = () => {
    span.textContent = view.whole ? "" : `${clock.text(view.min)} to ${clock.text(view.max)}, ${durationText(view.max - view.min)}`;
    charts.dataset.from = view.min;
    charts.dataset.to = view.max;
  };
  view.listen(sayscope);
  sayscope();

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
    colours = palette();
    build();
    if (detail.event) detail.open(detail.event);
  });
  new ResizeObserver(() => {
    legs.forEach((leg) => leg.resize());
    detail.resize();
  }).observe(charts);
  for (const leg of legs) leg.figure.addEventListener("mouseleave", () => (leg.tip.hidden = true));
  keepFresh({ page, api, night, traces, update });
  requestAnimationFrame(() => requestAnimationFrame(() => (charts.dataset.ready = "true")));
}

function compare(a, b) {
  return a.onset_s - b.onset_s || (a.id < b.id ? -1 : Number(a.id > b.id));
}

start().catch((error) => {
  if (!(error instanceof Unanswered)) throw error;
  const hint = document.getElementById("chart-hint");
  hint.hidden = false;
  hint.textContent = "The charts cannot be drawn: Soleus does not answer. Reload the page to try again.";
});
