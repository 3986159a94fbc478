// The charts of one leg: lanes of events on top, then one strip per sensor and quantity.

import { fullHeight, makePlot, onClick } from "./chart.js";
import { eventAt, onLeg, paintBands, paintLanes, shown } from "./events.js";
import { wordOf } from "./filters.js";

const NARROW_PX = 560;
const LANE_PX = 15;
const SAID = { confirmed: ", confirmed by you", denied: ", denied by you", unjudged: "" };
const STRIPS = {
  envelope_uv: { name: "EMG envelope", unit: "µV", tall: 96, low: 58, least: 20, trace: "trace", fill: "trace-fill", under: "resting_uv", digits: 1 },
  movement_g: { name: "Movement", unit: "mg", tall: 60, low: 44, least: 40, trace: "trace-2", fill: "trace-2-fill", digits: 0 },
  tilt_deg: { name: "Orientation, tilt of the sensor", unit: "°", tall: 56, low: 44, least: 30, trace: "trace-3", digits: 0 },
};

export class LegCharts {
  constructor(figure, night, shared) {
    this.leg = figure.dataset.leg;
    this.host = figure.querySelector(".strips");
    this.figure = figure;
    this.night = night;
    this.shared = shared;
    this.plots = [];
    this.outputs = [];
    this.tip = Object.assign(document.createElement("div"), { className: "tip", hidden: true });
    figure.append(this.tip);
  }

  events() {
    return shown(this.night.events, this.shared.view).filter((event) => onLeg(event, this.leg));
  }

  // Makes room for every chart, and returns what draws them one after the other.
  build(traces) {
    for (const { plot } of this.plots) plot.destroy();
    this.plots = [];
    this.host.replaceChildren();
    this.width = Math.max(this.host.clientWidth, 120);
    const drawn = traces.filter((t) => t.leg === this.leg && STRIPS[t.name]);
    const charts = [this.addLanes(), ...drawn.map((trace, i) => this.addStrip(trace, traces, i === drawn.length - 1))];
    return charts.map(({ host, facts, ready }) => {
      host.style.minHeight = `${fullHeight(facts)}px`;
      return { host, draw: () => this.plots.push(ready(makePlot({ ...facts, host, width: this.width }))) };
    });
  }

  get lanes() {
    const lanes = [];
    for (const { name, lane } of this.night.classes) {
      const always = lane === "Cramp-like" || lane === "Periodic" || lane === "Movement";
      if (!always && !this.night.events.some((e) => e.class === name && onLeg(e, this.leg))) continue;
      const known = lanes.find((l) => l.label === lane);
      if (known) known.classes.push(name);
      else lanes.push({ label: lane, classes: [name] });
    }
    return lanes;
  }

  place(className, title) {
    const strip = document.createElement("div");
    strip.className = `strip ${className}`;
    if (title) {
      const line = Object.assign(document.createElement("div"), { className: "strip-name" });
      const output = document.createElement("output");
      line.append(title, output);
      strip.append(line);
    }
    const plot = document.createElement("div");
    strip.append(plot);
    this.host.append(strip);
    return { plot, output: strip.querySelector("output") };
  }

  addLanes() {
    const { view, clock } = this.shared;
    const lanes = this.lanes;
    this.laneLabels = lanes.map((l) => l.label).join();
    const n = lanes.length;
    const facts = {
      view,
      clock,
      colours: this.shared.colours(),
      height: n * LANE_PX + 10,
      data: [[view.first, view.last], [null, null]],
      series: [{ show: true, points: { show: false } }],
      y: {
        range: () => [0, n],
        splits: () => lanes.map((_, i) => n - i - 0.5),
        values: (_u, splits) => splits.map((s) => lanes[n - Math.round(s + 0.5)]?.label ?? ""),
      },
      sync: "night",
      points: false,
      hooks: { draw: [(u) => paintLanes(u, this.events(), view, this.shared.colours(), lanes)], setCursor: [(u) => this.hover(u, lanes)] },
    };
    const ready = (plot) => {
      onClick(plot, (t, share) => this.click(plot, t, lanes[Math.floor(share * n)]?.classes));
      return { plot, refresh: () => plot.setData([[view.first, view.last], [null, null]], false) };
    };
    return { host: this.place("lanes").plot, facts, ready };
  }

  addStrip(trace, traces, last) {
    const { view, clock } = this.shared;
    const kind = STRIPS[trace.name];
    const colours = this.shared.colours();
    const under = kind.under && traces.find((t) => t.name === kind.under && t.sensor === trace.sensor && t.hop === trace.hop);
    const several = traces.filter((t) => t.leg === this.leg && t.name === trace.name).length > 1;
    const { plot: host, output } = this.place(trace.name, `${kind.name}, ${kind.unit}${several ? ` (${trace.sensor})` : ""}`);
    const data = () => {
      const [x, y] = trace.points(view.min, view.max);
      if (!under) return [x, y];
      const [, level] = under.points(view.min, view.max);
      return [x, y, x.map((_, i) => level[i] ?? null)];
    };
    const series = [{ stroke: colours[kind.trace], width: 1, fill: kind.fill && colours[kind.fill], spanGaps: false, points: { show: false } }];
    if (under) series.push({ stroke: colours.level, width: 1, dash: [4, 3], points: { show: false } });
    const facts = {
      view,
      clock,
      colours,
      // Looked at when the chart is drawn: of a running night more may be there by then.
      get data() {
        return data();
      },
      height: this.width < NARROW_PX ? kind.low : kind.tall,
      series,
      y: { range: (_u, min, max) => range(kind, min, max), splits: (_u, _i, min, max) => steps(min, max), values: (_u, s) => s.map((v) => `${v}`) },
      showX: last,
      sync: "night",
      hooks: {
        drawClear: [(u) => paintBands(u, this.events(), view, this.shared.colours())],
        setCursor: [
          (u) => {
            const value = u.cursor.idx === null || u.cursor.left < 0 ? undefined : u.data[1][u.cursor.idx];
            output.textContent = value === undefined ? "" : value === null ? "no signal" : `${value.toFixed(kind.digits)} ${kind.unit}`;
            this.hover(u);
          },
        ],
      },
    };
    const ready = (plot) => {
      onClick(plot, (t) => this.click(plot, t));
      return { plot, refresh: () => plot.setData(data(), false) };
    };
    return { host, facts, ready };
  }

  perPx(plot) {
    return (this.shared.view.max - this.shared.view.min) / plot.over.clientWidth;
  }

  click(plot, t, classes) {
    const event = eventAt(this.events(), t, this.perPx(plot), classes);
    if (event) this.shared.open(event);
  }

  // Only the plot that the pointer is in says what is there; the others follow with their cursor.
  hover(u, lanes) {
    if (!u.over.matches(":hover")) return;
    const { left, top } = u.cursor;
    if (left < 0) return void (this.tip.hidden = true);
    const t = u.posToVal(left, "x");
    const classes = lanes?.[Math.floor((top / u.over.clientHeight) * lanes.length)]?.classes;
    const event = eventAt(this.events(), t, this.perPx(u), classes);
    u.over.classList.toggle("on-event", event !== null);
    this.showTip(u, t, event);
  }

  showTip(u, t, event) {
    this.tip.replaceChildren(event ? `${event.title}` : this.shared.clock.text(t));
    if (event) {
      const small = document.createElement("small");
      small.textContent = this.shared.lineOf(event) + SAID[wordOf(event)];
      this.tip.append(small);
    }
    this.tip.hidden = false;
    const card = this.figure.getBoundingClientRect();
    const box = u.over.getBoundingClientRect();
    const x = box.left - card.left + u.valToPos(t, "x");
    const room = card.width - this.tip.offsetWidth - 6;
    this.tip.style.left = `${Math.max(6, Math.min(x + 12, room))}px`;
    this.tip.style.top = `${Math.max(4, box.top - card.top - this.tip.offsetHeight - 4)}px`;
  }

  // Say where a chosen event is, without a pointer.
  point(event) {
    const plot = this.plots[0]?.plot;
    if (!event || !plot || !onLeg(event, this.leg)) this.tip.hidden = true;
    else this.showTip(plot, event.onset_s, event);
  }

  resize() {
    this.width = Math.max(this.host.clientWidth, 120);
    const { width } = this;
    for (const { plot } of this.plots) if (plot.width !== width) plot.setSize({ width, height: plot.height });
  }

  refresh() {
    for (const { refresh } of this.plots) refresh();
  }
}

function range(kind, min, max) {
  if (kind.fill) return [0, Math.max(kind.least, (max ?? 0) * 1.06)];
  const middle = ((min ?? 0) + (max ?? 0)) / 2;
  const half = Math.max((max ?? 0) - (min ?? 0), kind.least) * 0.55;
  return [middle - half, middle + half];
}

// Two to four round numbers on a small axis.
export function steps(min, max) {
  const rough = (max - min) / 3.4;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((m) => m * power).find((s) => s >= rough);
  const found = [];
  for (let k = Math.ceil(min / step - 1e-9); k * step <= max; k++) found.push(Number((k * step).toPrecision(10)));
  return found;
}

