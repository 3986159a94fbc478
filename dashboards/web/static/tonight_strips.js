// One strip per stream: a plot of the newest seconds, drawn when something new has come and never more often.

import { axisStyle } from "./chart.js";
import { palette } from "./palette.js";
import { steps } from "./strips.js";
import { Ring } from "./tonight_ring.js";

const LONGEST_S = 60;
const GUTTER_PX = 50;
const TALL_PX = 96;
const LOW_PX = 74;
const NARROW_PX = 560;
const COLOURS = ["trace", "trace-2", "trace-3"];
const NAMES = { emg: "EMG", acceleration: "Acceleration", rotation: "Rotation" };
const UNITS = { uV: "µV", dps: "°/s" };
// The least that a scale spans, so that noise at rest looks like rest.
const LEAST = { uV: 20, g: 0.5, dps: 20 };
const LEAST_OTHER = 1;
const SHARE_OF_ROOM = 1.08;

export class Strip {
  constructor(host, column) {
    Object.assign(this, { sensor: column.sensor, leg: column.leg, quantity: column.quantity, unit: column.unit, fs: column.fs_hz });
    this.host = host;
    this.rings = new Map();
    this.box = document.createElement("div");
    this.box.className = "trace";
    this.box.dataset.stream = Strip.key(column);
    const line = Object.assign(document.createElement("div"), { className: "trace-name" });
    this.name = document.createElement("span");
    this.says = document.createElement("span");
    const unit = UNITS[this.unit] ?? this.unit;
    this.name.textContent = `${this.sensor}: ${NAMES[this.quantity] ?? this.quantity}, ${unit}`;
    line.append(this.name, this.says);
    this.place = document.createElement("div");
    this.place.setAttribute("aria-hidden", "true");
    this.box.append(line, this.place);
    host.append(this.box);
    this.plot = null;
    this.scale = [-1, 1];
    this.from = -10;
  }

  static key(column) {
    return `${column.sensor}/${column.quantity}/${column.fs_hz}`;
  }

  // Take the samples of one axis; returns how many were new.
  push(column) {
    let ring = this.rings.get(column.axis);
    if (!ring) {
      ring = new Ring(this.fs, LONGEST_S);
      this.rings.set(column.axis, ring);
      this.build();
    }
    return ring.push(column.values, column.start_s);
  }

  get end() {
    return Math.max(...[...this.rings.values()].map((ring) => ring.end));
  }

  // Made anew when the theme, the width or the axes change.
  build() {
    this.plot?.destroy();
    const colours = palette();
    const width = Math.max(this.place.clientWidth, 120);
    const range = () => this.scale;
    this.lines = [...this.rings.values()].map((ring) => ({ ring, low: null, high: null }));
    this.plot = new uPlot(
      {
        width,
        height: width < NARROW_PX ? LOW_PX : TALL_PX,
        padding: [5, 6, 5, 0],
        legend: { show: false },
        cursor: { show: false },
        scales: { x: { time: false, range: () => [0, 1] }, y: { range } },
        axes: [
          // Never hidden: uPlot 1.6.32 draws no axis after a hidden one.
          { ...axisStyle(colours), size: 0, splits: () => [0, 0.5, 1], values: () => ["", "", ""] },
          { ...axisStyle(colours), size: GUTTER_PX, gap: 5, space: 12, splits: (_u, _i, min, max) => steps(min, max), values: (_u, s) => s.map((v) => `${v}`), filter: (_u, s) => s },
        ],
        series: [
          {},
          ...this.lines.map((line, i) => ({
            stroke: colours[COLOURS[i % COLOURS.length]],
            width: 1,
            points: { show: false },
            paths: (u) => ({ stroke: this.path(u, line), fill: null, clip: null, band: null, gaps: null, flags: 0 }),
          })),
        ],
      },
      [[0, 1], ...this.lines.map(() => [0, 0])],
      this.place,
    );
  }

  // Draw [to - span, to) seconds.
  draw(to, span) {
    const n = Math.max(1, Math.round(this.plot.bbox.width / devicePixelRatio));
    let lowest = Infinity;
    let highest = -Infinity;
    for (const line of this.lines) {
      if (line.low?.length !== n) Object.assign(line, { low: new Float32Array(n), high: new Float32Array(n) });
      line.ring.columns(to - span, to, line.low, line.high);
      // A column between two samples belongs to the line from one to the other.
      line.bridge = Math.ceil(n / (span * this.fs)) + 1;
      for (let x = 0; x < n; x++) {
        if (line.low[x] < lowest) lowest = line.low[x];
        if (line.high[x] > highest) highest = line.high[x];
      }
    }
    this.scale = scaleFor(this.unit, lowest, highest);
    this.plot.redraw();
  }

  path(u, { low, high, bridge }) {
    const path = new Path2D();
    if (!low) return path;
    const { left, top, width, height } = u.bbox;
    const [min, max] = this.scale;
    const perColumn = width / low.length;
    const perUnit = height / (max - min);
    let last = -Infinity;
    for (let x = 0; x < low.length; x++) {
      if (Number.isNaN(low[x])) continue;
      const px = left + (x + 0.5) * perColumn;
      if (x - last > bridge) path.moveTo(px, top + (max - low[x]) * perUnit);
      else path.lineTo(px, top + (max - low[x]) * perUnit);
      path.lineTo(px, top + (max - high[x]) * perUnit);
      last = x;
    }
    return path;
  }

  resize() {
    const width = Math.max(this.place.clientWidth, 120);
    if (this.plot && this.plot.width !== width) this.build();
  }
}

// A scale of round ends around what is seen; of EMG the middle is 0.
export function scaleFor(unit, lowest, highest) {
  if (!(lowest <= highest)) return [-1, 1];
  const least = LEAST[unit] ?? LEAST_OTHER;
  if (unit === "uV") {
    const half = rounded(Math.max(Math.max(-lowest, highest) * SHARE_OF_ROOM, least));
    return [-half, half];
  }
  const step = rounded(Math.max((highest - lowest) * SHARE_OF_ROOM, least)) / 4;
  return [Math.floor(lowest / step) * step, Math.ceil(highest / step) * step];
}

// The next of 1, 2, 5, 10, 20 and so on.
function rounded(value) {
  const power = 10 ** Math.floor(Math.log10(value));
  return [1, 2, 5, 10].find((m) => m * power >= value * (1 - 1e-9)) * power;
}
