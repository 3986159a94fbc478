// One event close up: raw signal, envelope with resting level and thresholds, acceleration; words come from the server.

import { follow, makePlot } from "./chart.js";
import { Unanswered, ask, fetchColumns, nullable } from "./columns.js";
import { faded } from "./palette.js";
import { steps } from "./strips.js";
import { View } from "./view.js";

const LONGEST_S = 600;
const LEVELS = { onset_uv: { colour: "c-cramp-probable", dash: [6, 4], label: "onset level" }, offset_uv: { colour: "c-position", dash: [2, 3], label: "offset level" } };
// Above this ratio of peak to onset level a linear axis would press the levels onto its floor.
const LOG_FROM = 10;

// Pieces of one signal as one line, interrupted where samples are missing. Low and high of a bucket become a stroke.
function line(pieces) {
  const x = [];
  const y = [];
  const lows = pieces.filter((p) => p.extreme !== "high");
  const highs = pieces.filter((p) => p.extreme === "high");
  lows.forEach((piece, k) => {
    if (x.length) {
      x.push(piece.start_s - piece.hop_s / 2);
      y.push(null);
    }
    const high = highs[k] && nullable(highs[k].values);
    nullable(piece.values).forEach((value, i) => {
      x.push(piece.start_s + i * piece.hop_s);
      y.push(value);
      if (high) {
        x.push(piece.start_s + (i + 0.5) * piece.hop_s);
        y.push(high[i]);
      }
    });
  });
  return { x, y };
}

function note(text) {
  return Object.assign(document.createElement("p"), { className: "quiet", textContent: text });
}

function unanswered(error) {
  if (error instanceof Unanswered) return null;
  throw error;
}

// A slower track at the times of a faster one: each value holds until the next.
function held(slow, times) {
  let i = 0;
  return times.map((t) => {
    while (i + 1 < slow.x.length && slow.x[i + 1] <= t) i += 1;
    return slow.y[i];
  });
}

function grouped(columns, key) {
  const groups = new Map();
  for (const column of columns) groups.set(key(column), [...(groups.get(key(column)) ?? []), column]);
  return groups;
}

export class Detail {
  constructor(shared) {
    this.shared = shared;
    this.dialog = document.getElementById("detail");
    this.body = document.getElementById("detail-body");
    this.plots = [];
    this.view = null;
    this.event = null;
    this.dialog.addEventListener("close", () => this.clear());
    document.getElementById("detail-close").addEventListener("click", () => this.dialog.close());
    document.getElementById("detail-earlier").addEventListener("click", () => shared.step(-1));
    document.getElementById("detail-later").addEventListener("click", () => shared.step(1));
  }

  get isOpen() {
    return this.dialog.open;
  }

  clear() {
    for (const plot of this.plots) plot.destroy();
    this.plots = [];
    this.body.replaceChildren();
    this.event = null;
    delete this.dialog.dataset.ready;
  }

  async open(event) {
    this.clear();
    this.event = event;
    if (!this.dialog.open) this.dialog.showModal();
    const page = ask(this.shared.pageOf(event)).then((response) => response.text(), unanswered);
    const wanted = this.span(event);
    const query = new URLSearchParams({ sensor: this.shared.sensorOf(event), from: wanted[0], to: wanted[1] });
    const raw = fetchColumns(`${this.shared.api}/raw?${query}`).catch(unanswered);
    const [html, columns] = await Promise.all([page, raw]);
    if (this.event !== event) return;
    const article = html && new DOMParser().parseFromString(html, "text/html").querySelector("article");
    this.body.append(article || note("Soleus does not answer."));
    if (article) this.draw(article.querySelector(".detail-charts"), columns, wanted);
    this.dialog.dataset.ready = event.id;
  }

  span(event) {
    const length = event.end_s - event.onset_s;
    const margin = Math.min(Math.max(3, length * 0.4), 20);
    const from = Math.max(0, event.onset_s - margin);
    return [from, Math.min(event.end_s + margin, from + LONGEST_S, this.shared.night.duration_s)];
  }

  draw(host, header, [from, to]) {
    const columns = header?.columns.filter((c) => c.n > 0) ?? [];
    if (!columns.length) {
      host.append(note(header ? "No raw signal was recorded here." : "The raw signal cannot be read."));
      return;
    }
    this.view = new View(from, to);
    const emg = grouped(columns.filter((c) => c.quantity === "emg"), (c) => c.axis);
    const others = grouped(columns.filter((c) => c.quantity && c.quantity !== "emg"), (c) => c.quantity);
    const envelope = columns.filter((c) => c.name === "envelope_uv");
    const last = others.size ? "others" : envelope.length ? "envelope" : "raw";
    for (const [axis, pieces] of emg) this.raw(host, emg.size > 1 ? axis : "", pieces, last === "raw");
    if (envelope.length) this.envelope(host, envelope, columns.filter((c) => c.name === "resting_uv"), last === "envelope");
    [...others.values()].forEach((pieces, i) => this.axes(host, pieces, i === others.size - 1));
    follow(() => this.plots, this.view);
    if (this.event.end_s > to) host.append(note("Its first ten minutes."));
  }

  // facts: {name, keys, data, series, y, showX, height, draw, samples}
  add(host, facts) {
    const strip = document.createElement("div");
    strip.className = "strip";
    strip.dataset.samples = facts.samples;
    const title = Object.assign(document.createElement("div"), { className: "detail-key" });
    for (const [text, colour, style] of [[facts.name], ...(facts.keys ?? [])]) {
      const item = document.createElement("span");
      if (colour) {
        const sample = Object.assign(document.createElement("i"), { className: `key-line ${style ?? ""}` });
        sample.style.setProperty("--c", colour);
        item.append(sample);
      }
      item.append(text);
      title.append(item);
    }
    const place = document.createElement("div");
    strip.append(title, place);
    host.append(strip);
    const plot = makePlot({
      host: place,
      view: this.view,
      clock: this.shared.clock,
      colours: this.shared.colours(),
      sync: "detail",
      hooks: { drawClear: [(u) => this.band(u)], draw: facts.draw ? [facts.draw] : [] },
      ...facts,
    });
    this.plots.push(plot);
  }

  band(u) {
    const { ctx, bbox } = u;
    const colour = this.shared.colours()[`c-${this.event.class ?? "movement"}`];
    const [left, right] = [this.event.onset_s, this.event.end_s].map((t) => u.valToPos(t, "x", true));
    ctx.save();
    ctx.beginPath();
    ctx.rect(bbox.left, bbox.top, bbox.width, bbox.height);
    ctx.clip();
    ctx.fillStyle = faded(colour, 0.13);
    ctx.fillRect(left, bbox.top, right - left, bbox.height);
    ctx.fillStyle = colour;
    for (const x of [left, right]) ctx.fillRect(x, bbox.top, devicePixelRatio, bbox.height);
    ctx.restore();
  }

  raw(host, axis, pieces, showX) {
    const { x, y } = line(pieces);
    const highest = y.reduce((most, v) => Math.max(most, Math.abs(v ?? 0)), 1) * 1.05;
    this.add(host, {
      name: `Raw EMG, µV${axis && ` (${axis})`}`,
      samples: x.length,
      data: [x, y],
      series: [{ stroke: this.shared.colours().trace, width: 1, points: { show: false } }],
      y: { range: () => [-highest, highest], splits: (_u, _i, min, max) => steps(min, max), values: (_u, s) => s.map(String) },
      height: 150,
      showX,
      points: false,
    });
  }

  envelope(host, pieces, resting, showX) {
    const colours = this.shared.colours();
    const { x, y } = line(pieces);
    const rest = resting.length ? held(line(resting), x) : [];
    const levels = Object.entries(this.event.levels).filter(([, value]) => value > 0);
    const peak = y.reduce((most, v) => Math.max(most, v ?? 0), 0);
    const lowest = [...y, ...rest].reduce((least, v) => (v > 0 ? Math.min(least, v) : least), peak || 1);
    const isLog = Boolean(levels.length) && peak / Math.max(...levels.map(([, v]) => v)) > LOG_FROM;
    const floor = Math.max(lowest * 0.8, peak / 2000);
    const top = Math.max(peak, ...levels.map(([, v]) => v)) * (isLog ? 1.3 : 1.08);
    const clamp = (v) => (v === null ? null : Math.max(v, floor));
    const rows = rest.length ? [x, y.map(clamp), rest.map(clamp)] : [x, y.map(clamp)];
    this.add(host, {
      name: `Envelope, µV RMS${isLog ? ", logarithmic" : ""}`,
      keys: [
        ...(rows.length > 2 ? [["resting level", colours.soft, "dashed"]] : []),
        ...levels.map(([key, value]) => [`${LEVELS[key].label} ${value.toFixed(1)} µV`, colours[LEVELS[key].colour], key === "onset_uv" ? "dashed" : "dotted"]),
      ],
      samples: x.length,
      data: rows,
      series: [
        { stroke: colours.trace, width: 1.25, fill: isLog ? undefined : colours["trace-fill"], points: { show: false } },
        ...(rows.length > 2 ? [{ stroke: colours.soft, width: 1.25, dash: [4, 3], points: { show: false } }] : []),
      ],
      y: {
        range: () => (isLog ? [floor, top] : [0, top]),
        distr: isLog ? 3 : 1,
        splits: (_u, _i, min, max) => (isLog ? [0.1, 1, 10, 100, 1000, 10000].filter((v) => v >= min && v <= max) : steps(min, max)),
        values: (_u, s) => s.map(String),
      },
      height: 150,
      showX,
      draw: (u) => this.levels(u, levels),
    });
  }

  levels(u, levels) {
    const { ctx, bbox } = u;
    const colours = this.shared.colours();
    ctx.save();
    ctx.lineWidth = 1.5 * devicePixelRatio;
    for (const [key, value] of levels) {
      const at = Math.round(u.valToPos(value, "y", true)) + 0.5;
      ctx.strokeStyle = colours[LEVELS[key].colour];
      ctx.setLineDash(LEVELS[key].dash.map((px) => px * devicePixelRatio));
      ctx.beginPath();
      ctx.moveTo(bbox.left, at);
      ctx.lineTo(bbox.left + bbox.width, at);
      ctx.stroke();
    }
    ctx.restore();
  }

  axes(host, pieces, showX) {
    const colours = this.shared.colours();
    const pens = [colours["trace-2"], colours["trace-3"], colours.trace];
    const byAxis = [...grouped(pieces, (p) => p.axis)].map(([axis, own]) => ({ axis, ...line(own) }));
    const x = byAxis[0].x;
    const rows = byAxis.filter((a) => a.x.length === x.length);
    const values = rows.flatMap((a) => [a.y.reduce((m, v) => Math.min(m, v ?? m), Infinity), a.y.reduce((m, v) => Math.max(m, v ?? m), -Infinity)]);
    const [low, high] = [Math.min(...values), Math.max(...values)];
    const margin = Math.max((high - low) * 0.08, 0.02);
    const quantity = { acceleration: "Acceleration", rotation: "Rotation" }[pieces[0].quantity] ?? pieces[0].quantity;
    this.add(host, {
      name: `${quantity}, ${pieces[0].unit}`,
      keys: rows.map((a, i) => [a.axis, pens[i % pens.length]]),
      samples: x.length,
      data: [x, ...rows.map((a) => a.y)],
      series: rows.map((_a, i) => ({ stroke: pens[i % pens.length], width: 1, points: { show: false } })),
      y: { range: () => [low - margin, high + margin], splits: (_u, _i, min, max) => steps(min, max), values: (_u, s) => s.map(String) },
      height: 96,
      showX,
    });
  }

  resize() {
    for (const plot of this.plots) {
      const width = plot.root.parentElement.clientWidth;
      if (width > 0 && plot.width !== width) plot.setSize({ width, height: plot.height });
    }
  }
}
