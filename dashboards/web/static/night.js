// The page of one night: puts the parts together.

import { follow } from "./chart.js";
import { NightClock, durationText } from "./clocktime.js";
import { Unanswered, ask } from "./columns.js";
import { Detail } from "./detail.js";
import { onLeg, shown } from "./events.js";
import { listenToKeys } from "./keys.js";
import { fillLegend } from "./legend.js";
import { listenToMark } from "./mark.js";
import { palette } from "./palette.js";
import { fetchTraces, keepFresh } from "./refresh.js";
import { LegCharts } from "./strips.js";
import { View } from "./view.js";

const charts = document.getElementById("charts");
const { night: page, api } = charts.dataset;

const LEG_TEXT = { left: "left leg", right: "right leg", both: "both legs", unknown: "leg not known" };

async function start() {
  const traces = [];
  const [night] = await Promise.all([ask(api).then((response) => response.json()), fetchTraces(api, traces)]);
  const view = new View(0, Math.max(night.duration_s, 1));
  let colours = palette();
  const clock = new NightClock(night);
  const shared = {
    night,
    api,
    view,
    clock,
    colours: () => colours,
    lineOf: (event) => `${clock.text(event.onset_s)}, ${durationText(event.end_s - event.onset_s)}, ${LEG_TEXT[event.leg]}`,
    pageOf: (event) => `${page}/event/${event.id.split("/").map(encodeURIComponent).join("/")}`,
    sensorOf: (event) => event.sensor || (night.sensors.find((s) => onLeg(event, s.leg)) ?? night.sensors[0])?.name || "",
    open,
    step,
  };
  const detail = new Detail(shared);
  const legs = [...document.querySelectorAll("figure.leg")].map((figure) => new LegCharts(figure, night, shared));
  const announce = document.getElementById("announce");

  function choose(event) {
    view.choose(event);
    announce.textContent = event ? `${event.title}, ${shared.lineOf(event)}` : "";
    for (const link of document.querySelectorAll("a.event[aria-current]")) link.removeAttribute("aria-current");
    if (event) document.querySelector(`a[data-event="${CSS.escape(event.id)}"]`)?.setAttribute("aria-current", "true");
    requestAnimationFrame(() => legs.forEach((leg) => leg.point(event)));
  }

  function open(event) {
    choose(event);
    return detail.open(event);
  }

  function step(direction) {
    const events = shown(night.events, view).sort((a, b) => a.onset_s - b.onset_s);
    if (!events.length) return;
    const at = events.findIndex((event) => event.id === view.chosen?.id);
    const next = at < 0 ? nearest(events, direction) : events[at + direction];
    if (!next) return;
    if (detail.isOpen) return void open(next);
    choose(next);
    legs.find((leg) => onLeg(next, leg.leg))?.figure.scrollIntoView({ block: "nearest" });
  }

  // Without a chosen event a step begins at the edge of what is in view.
  function nearest(events, direction) {
    return direction > 0 ? events.find((e) => e.onset_s >= view.min) : events.findLast((e) => e.onset_s <= view.max);
  }

  function build() {
    legs.forEach((leg) => leg.build(traces));
  }

  function update(rebuilt) {
    view.grow(Math.max(night.duration_s, 1));
    fillLegend(document.getElementById("legend"), night, view);
    if (rebuilt || legs.some((leg) => leg.laneLabels !== leg.lanes.map((l) => l.label).join())) build();
    else legs.forEach((leg) => leg.refresh());
  }

  document.getElementById("tools").hidden = false;
  document.getElementById("chart-hint").hidden = true;
  fillLegend(document.getElementById("legend"), night, view);
  build();
  follow(() => legs.flatMap((leg) => leg.plots.map(({ plot }) => plot)), view);
  const span = document.getElementById("span");
  const sayscope = () => {
    span.textContent = view.whole ? "" : `${clock.text(view.min)} to ${clock.text(view.max)}, ${durationText(view.max - view.min)}`;
    charts.dataset.from = view.min;
    charts.dataset.to = view.max;
  };
  view.listen(sayscope);
  sayscope();

  listenToKeys({ view, detail, step, open });
  document.getElementById("events").addEventListener("click", (e) => {
    const link = e.target.closest("a.event");
    const event = link && night.events.find((candidate) => candidate.id === link.dataset.event);
    if (!event || e.ctrlKey || e.metaKey || e.shiftKey) return;
    e.preventDefault();
    open(event);
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

listenToMark();
start().catch((error) => {
  if (!(error instanceof Unanswered)) throw error;
  const hint = document.getElementById("chart-hint");
  hint.hidden = false;
  hint.textContent = "The charts cannot be drawn: Soleus does not answer. Reload the page to try again.";
});
