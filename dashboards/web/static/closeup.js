// One event close up: raw signal, envelope with resting level and thresholds, acceleration; and out to the whole night.

import { follow, makePlot } from "./chart.js";
import { signals } from "./closeup_data.js";
import { drawing, paintLevels } from "./closeup_plots.js";
import { Unanswered, fetchColumns } from "./columns.js";
import { faded } from "./palette.js";
import { View } from "./view.js";

// What is longer comes as lowest and highest of each bucket; the server refuses more samples than this.
const LONGEST_RAW_S = 600;
const SETTLE_MS = 120;
const ZOOM = 2;
// Nearer than this share of what is loaded there is more to see.
const FINER = 0.25;
const FULL_RATE_S = 60;

export function unanswered(error) {
  if (error instanceof Unanswered) return null;
  throw error;
}

export function note(text) {
  return Object.assign(document.createElement("p"), { className: "quiet", textContent: text });
}

// The stretch that an event is first shown in.
export function spanOf(event, durationS) {
  const margin = Math.min(Math.max(3, (event.end_s - event.onset_s) * 0.4), 20);
  const from = Math.max(0, event.onset_s - margin);
  return [from, Math.min(event.end_s + margin, from + LONGEST_RAW_S, durationS)];
}

// Samples of [from, to), or lowest and highest where that is long.
export function fetchSpan(shared, event, [from, to]) {
  const query = new URLSearchParams({ sensor: shared.sensorOf(event), from, to });
  const far = to - from > LONGEST_RAW_S;
  if (far) query.set("buckets", Math.round(Math.min(Math.max(innerWidth, 300), 2000)));
  return fetchColumns(`${shared.api}/${far ? "extremes" : "raw"}?${query}`).catch(unanswered);
}

export class CloseUp {
  constructor(host, event, shared) {
    Object.assign(this, { host, event, shared, plots: [], signals: new Map(), loaded: null, waiting: 0 });
    const { duration_s } = shared.night;
    this.first = spanOf(event, duration_s);
    this.view = new View(0, Math.max(duration_s, 1));
    [this.view.min, this.view.max] = this.first;
    this.withMovement = Object.keys(event.levels).some((key) => key.endsWith("_g"));
  }

  // header: the columns of the first stretch, which may be on their way already.
  async draw(header) {
    const columns = (await header)?.columns.filter((c) => c.n > 0) ?? [];
    if (!columns.length) {
      this.host.append(note((await header) ? "No raw signal was recorded here." : "The raw signal cannot be read."));
      return;
    }
    this.signals = signals(columns, this.withMovement ? await this.tracks() : [], this.withMovement);
    this.loaded = { from: this.first[0], to: this.first[1], far: false };
    this.buttons();
    [...this.signals].forEach(([name], i) => this.add(name, i === this.signals.size - 1));
    follow(() => this.plots.map(({ plot }) => ({ plot })), this.view);
    this.view.listen(() => this.settle());
    this.told();
  }

  async tracks() {
    const sensor = this.shared.sensorOf(this.event);
    const header = await this.shared.tracks().catch(unanswered);
    return header?.columns.filter((c) => c.n > 0 && c.sensor === sensor) ?? [];
  }

  buttons() {
    const bar = Object.assign(document.createElement("div"), { className: "zoom closeup-zoom" });
    bar.setAttribute("role", "group");
    bar.setAttribute("aria-label", "Zoom around the event");
    this.said = document.createElement("output");
    const middle = (this.event.onset_s + this.event.end_s) / 2;
    const about = () => (middle >= this.view.min && middle <= this.view.max ? middle : undefined);
    const actions = [
      ["−", "Zoom out (-)", () => this.view.zoom(ZOOM, about())],
      ["+", "Zoom in (+)", () => this.view.zoom(1 / ZOOM, about())],
      ["Event", "Back to the event", () => this.view.show(...this.first)],
      ["Whole night", "The whole night", () => this.view.reset()],
    ];
    bar.append(this.said);
    for (const [text, title, act] of actions) {
      const button = Object.assign(document.createElement("button"), { type: "button", textContent: text, title });
      if (text.length === 1) button.setAttribute("aria-label", title);
      button.addEventListener("click", act);
      bar.append(button);
    }
    this.host.append(bar);
  }

  // Once the view rests, look whether what is loaded still fits it.
  settle() {
    this.told();
    clearTimeout(this.waiting);
    this.waiting = setTimeout(() => this.load(), SETTLE_MS);
  }

  fits(min, max) {
    const { from, to, far } = this.loaded;
    if (min < from - 1e-6 || max > to + 1e-6) return false;
    const length = max - min;
    if (far) return length > LONGEST_RAW_S && length > (to - from) * FINER;
    return to - from <= FULL_RATE_S || length > (to - from) * FINER;
  }

  async load() {
    const { min, max } = this.view;
    if (this.gone || this.fits(min, max)) return;
    const far = max - min > LONGEST_RAW_S;
    const [header, tracks] = await Promise.all([
      fetchSpan(this.shared, this.event, [min, max]),
      far || this.withMovement ? this.tracks() : [],
    ]);
    if (this.gone || min !== this.view.min || max !== this.view.max) return;
    if (!header) return void (this.said.textContent = "The signal cannot be read: Soleus does not answer.");
    const found = signals(header.columns.filter((c) => c.n > 0), tracks, this.withMovement);
    this.loaded = { from: min, to: max, far };
    for (const [name, signal] of this.signals) {
      const next = found.get(name);
      const fits = next?.rows.length === signal.rows.length;
      signal.x = fits ? next.x : [min, max];
      signal.rows = fits ? next.rows : signal.rows.map(() => [null, null]);
    }
    for (const { plot, strip, name, rows } of this.plots) {
      strip.dataset.samples = this.signals.get(name).x.length;
      plot.setData([this.signals.get(name).x, ...rows()]);
    }
    this.told();
  }

  // What a test, and a person with a screen reader, can know of the plots.
  told() {
    const { clock } = this.shared;
    const digits = this.view.max - this.view.min > 600 ? 0 : 1;
    if (this.said) this.said.textContent = `${clock.text(this.view.min, digits)} to ${clock.text(this.view.max, digits)}`;
    this.host.dataset.from = this.view.min;
    this.host.dataset.to = this.view.max;
    this.host.dataset.loaded = `${this.loaded.far ? "extremes" : "raw"} ${this.loaded.from} ${this.loaded.to}`;
  }

  add(name, showX) {
    const signal = this.signals.get(name);
    const facts = drawing(signal, this.event, this.shared.colours());
    const strip = Object.assign(document.createElement("div"), { className: "strip" });
    strip.dataset.samples = signal.x.length;
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
    const host = document.createElement("div");
    strip.append(title, host);
    this.host.append(strip);
    const rows = facts.rows ?? (() => signal.rows);
    const { levels = [] } = facts;
    const plot = makePlot({
      ...facts,
      host,
      view: this.view,
      clock: this.shared.clock,
      colours: this.shared.colours(),
      data: [signal.x, ...rows()],
      showX,
      points: false,
      sync: "closeup",
      hooks: { drawClear: [(u) => this.band(u)], draw: levels.length ? [(u) => paintLevels(u, levels, this.event, this.shared.colours())] : [] },
    });
    this.plots.push({ plot, strip, name, rows });
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

  resize() {
    for (const { plot } of this.plots) {
      const width = plot.root.parentElement.clientWidth;
      if (width > 0 && plot.width !== width) plot.setSize({ width, height: plot.height });
    }
  }

  destroy() {
    this.gone = true;
    clearTimeout(this.waiting);
    for (const { plot } of this.plots) plot.destroy();
    this.plots = [];
  }
}
