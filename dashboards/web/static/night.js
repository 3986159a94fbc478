// The page of one night: draws it, then lets a person act on it.

import { follow } from "./chart.js";
import { NightClock, durationText } from "./clocktime.js";
import { Unanswered, ask } from "./columns.js";
import { sensorOf } from "./events.js";
import { Filters } from "./filters.js";
import { markOf } from "./mark.js";
import { palette } from "./palette.js";
import { LegCharts } from "./strips.js";
import { fetchOverview, sharpen } from "./trace.js";
import { View } from "./view.js";

const charts = document.getElementById("charts");
const hint = document.getElementById("chart-hint");
const { night: page, api } = charts.dataset;
// A moment can be marked before there is any chart, and without one.
const mark = markOf(document.getElementById("mark"));

const FIRST_WAIT_MS = 2000;
const LEG_TEXT = { left: "left leg", right: "right leg", both: "both legs", unknown: "leg not known" };

let failed = "The charts cannot be drawn: Soleus does not answer. Reload the page to try again.";

async function start() {
  const traces = [];
  const [night, whole] = await Promise.all([ask(api).then((response) => response.json()), fetchOverview(api, traces)]);
  const view = new View(0, Math.max(night.duration_s, 1));
  const filters = new Filters(document.getElementById("filters"), night, view);
  let colours = palette();
  let building = 0;
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
    // What a person does comes with the second half of the page, in a moment.
    open: () => {},
    detail: null,
  };
  const legs = [...document.querySelectorAll("figure.leg")].map((figure) => new LegCharts(figure, night, shared));

  // What is in view is drawn at once, what lies below it frame by frame.
  function build(all = false) {
    const waiting = legs.flatMap((leg) => leg.build(traces));
    const below = all ? -1 : waiting.findIndex(({ host }) => host.getBoundingClientRect().top > innerHeight);
    for (const chart of waiting.splice(0, below < 0 ? waiting.length : below)) chart.draw();
    building += 1;
    drawRest(waiting, building);
  }

  function drawRest(waiting, turn) {
    if (turn !== building) return;
    charts.toggleAttribute("data-drawn", !waiting.length);
    if (!waiting.length) return;
    requestAnimationFrame(() => {
      if (turn === building) waiting.shift().draw();
      drawRest(waiting, turn);
    });
  }

  // On paper, too, and that waits for no frame.
  document.addEventListener("themechange", () => {
    colours = palette();
    build(true);
  });
  document.getElementById("zoom").hidden = false;
  hint.hidden = true;
  build();
  // Under the dialog only the lanes are drawn again: the traces behind it would make each step wait.
  follow(() => legs.flatMap((leg) => (shared.detail?.isOpen ? leg.plots.slice(0, 1) : leg.plots)), view);
  const span = document.getElementById("span");
  const sayscope = () => {
    span.textContent = view.whole ? "" : `${clock.text(view.min)} to ${clock.text(view.max)}, ${durationText(view.max - view.min)}`;
    charts.dataset.from = view.min;
    charts.dataset.to = view.max;
  };
  view.listen(sayscope);
  sayscope();
  await new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
  charts.dataset.painted = "";
  failed = "The charts can be looked at and no more: Soleus does not answer. Reload the page to try again.";
  const { act } = await import("./night_acts.js").catch((error) => {
    throw new Unanswered("night_acts.js", { cause: error });
  });
  act({ page, api, night, traces, view, filters, shared, legs, build, mark });
  charts.dataset.ready = "";
  if (!whole) await sharpenAtLast(traces, view);
}

// A closer look needs more values than the whole night does; without them the page is good for all else.
async function sharpenAtLast(traces, view) {
  for (let wait = FIRST_WAIT_MS; ; wait *= 2) {
    try {
      await sharpen(api, traces);
      hint.hidden = true;
      return view.tell();
    } catch (error) {
      if (!(error instanceof Unanswered)) throw error;
      say("A closer look at the charts is coarse so far: Soleus does not answer, trying again.");
      await new Promise((done) => setTimeout(done, wait));
    }
  }
}

function say(text) {
  hint.hidden = false;
  hint.textContent = text;
}

start().catch((error) => {
  if (!(error instanceof Unanswered)) throw error;
  say(failed);
});
