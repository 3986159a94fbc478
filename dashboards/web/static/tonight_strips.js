// One strip per stream. uPlot draws scale and grid, which seldom change; the traces lie above it on a canvas of their
// own, on which a picture costs what is new: the rest is moved along.

import { axisStyle } from "./chart.js";
import { palette } from "./palette.js";
import { quantityText, unitText } from "./quantities.js";
import { steps } from "./strips.js";
import { Ring } from "./tonight_ring.js";

const LONGEST_S = 60;
const GUTTER_PX = 50;
const PAD_PX = 5;
const TALL_PX = 92;
const LOW_PX = 70;
const NARROW_PX = 560;
const COLOURS = ["trace", "trace-2", "trace-3"];
const EMG = "emg";
// The least that a scale spans, so that noise at rest looks like rest.
const LEAST = { uV: 20, g: 0.5, dps: 20 };
const LEAST_OTHER = 1;
const ROOM = 1.08;
const ROUND = [1, 1.5, 2, 3, 5, 7, 10];

export class Strip {
  constructor(host, column) {
    Object.assign(this, { sensor: column.sensor, leg: column.leg, quantity: column.quantity, unit: column.unit, fs: column.fs_hz });
    this.lines = [];
    this.scale = [-1, 1];
    this.place = document.createElement("div");
    this.place.setAttribute("aria-hidden", "true");
    const name = Object.assign(document.createElement("div"), { className: "trace-name" });
    this.says = Object.assign(document.createElement("span"), { className: "active" });
    name.append(`${channel(column)}: ${quantityText(this.quantity)}, ${unitText(this.unit)}`, this.says);
    const box = Object.assign(document.createElement("div"), { className: "trace" });
    box.dataset.stream = Strip.key(column);
    box.append(name, this.place);
    const order = `${column.quantity === EMG ? 0 : 1} ${column.leg} ${box.dataset.stream}`;
    box.dataset.order = order;
    // Muscles first, left before right, whatever came first.
    host.insertBefore(box, [...host.children].find((other) => other.dataset.order > order) ?? null);
    this.seen = true;
    new IntersectionObserver(([entry]) => {
      this.seen = entry.isIntersecting;
      this.drawn = null;
    }).observe(box);
  }

  static key(column) {
    return `${channel(column)}/${column.quantity}/${column.fs_hz}`;
  }

  // Take the samples of one axis.
  push(column) {
    let line = this.lines.find((known) => known.axis === column.axis);
    if (!line) {
      line = { axis: column.axis, ring: new Ring(this.fs, LONGEST_S), seen: 0 };
      this.lines.push(line);
      this.build();
    }
    line.ring.push(column.values, column.start_s);
  }

  get end() {
    return Math.max(...this.lines.map((line) => line.ring.end));
  }

  // Made anew when the theme, the width or the axes change.
  build() {
    this.plot?.destroy();
    const colours = palette();
    const width = Math.max(this.place.clientWidth, 120);
    const labels = { splits: (_u, _i, min, max) => steps(min, max), values: (_u, s) => s.map((v) => `${v}`), filter: (_u, s) => s };
    this.plot = new uPlot(
      {
        width,
        height: width < NARROW_PX ? LOW_PX : TALL_PX,
        padding: [PAD_PX, PAD_PX, PAD_PX, 0],
        legend: { show: false },
        cursor: { show: false },
        scales: { x: { time: false, range: () => [0, 1] }, y: { range: () => this.scale } },
        axes: [
          // Never hidden: uPlot 1.6.32 draws no axis after a hidden one.
          { ...axisStyle(colours), size: 0, splits: () => [0, 0.5, 1], values: () => ["", "", ""] },
          { ...axisStyle(colours), size: GUTTER_PX, gap: PAD_PX, space: 12, ...labels },
        ],
        series: [{}, { show: false }],
      },
      [[0, 1], [0, 0]],
      this.place,
    );
    this.canvas = document.createElement("canvas");
    this.canvas.className = "trace-line";
    this.plot.over.append(this.canvas);
    this.canvas.width = this.plot.bbox.width;
    this.canvas.height = this.plot.bbox.height;
    this.pen = this.canvas.getContext("2d");
    this.lines.forEach((line, i) => (line.colour = colours[COLOURS[i % COLOURS.length]]));
    this.drawn = null;
  }

  // Draw [to - span, to) seconds, where somebody could see it.
  draw(to, span) {
    if (!this.seen) return;
    const n = Math.max(1, Math.round(this.canvas.width / devicePixelRatio));
    const perPixel = (span * this.fs) / n;
    const newest = this.lines[0].ring.pixelAt(to, perPixel);
    let shift = this.drawn?.perPixel === perPixel && this.drawn.n === n ? newest - this.drawn.newest : n;
    if (shift < 0 || shift > n) shift = n;
    let first = n;
    for (const line of this.lines) first = Math.min(first, this.read(line, { n, perPixel, newest, shift }));
    if (this.rescale()) [shift, first] = [n, 0];
    this.paint(n, shift, first);
    this.drawn = { perPixel, n, newest };
  }

  // Bring the columns of a line up to date; returns the first that has changed.
  read(line, { n, perPixel, newest, shift }) {
    if (line.low?.length !== n) Object.assign(line, { low: new Float32Array(n), high: new Float32Array(n) });
    line.low.copyWithin(0, shift);
    line.high.copyWithin(0, shift);
    // The last pixel that was drawn may have been half full, and samples may come late.
    const oldest = newest - n + 1;
    const fresh = Math.floor((line.seen - 1) / perPixel) - 1;
    const first = shift === n ? 0 : Math.max(0, Math.min(n - shift - 1, fresh - oldest));
    line.ring.columns(oldest + first, n - first, perPixel, line.low, line.high, first);
    line.seen = line.ring.n;
    return first;
  }

  // Returns whether what is seen asks for another scale.
  rescale() {
    let lowest = Infinity;
    let highest = -Infinity;
    for (const { low, high } of this.lines) {
      for (let x = 0; x < low.length; x++) {
        if (low[x] < lowest) lowest = low[x];
        if (high[x] > highest) highest = high[x];
      }
    }
    const [min, max] = scaleFor(this.unit, lowest, highest);
    if (min === this.scale[0] && max === this.scale[1]) return false;
    this.scale = [min, max];
    this.plot.redraw();
    return true;
  }

  paint(n, shift, first) {
    const { pen, canvas } = this;
    const wide = canvas.width / n;
    if (shift && shift < n) {
      pen.globalCompositeOperation = "copy";
      pen.drawImage(canvas, Math.round(-shift * wide), 0);
      pen.globalCompositeOperation = "source-over";
    }
    pen.clearRect(Math.round(first * wide), 0, canvas.width, canvas.height);
    const [min, max] = this.scale;
    const perUnit = canvas.height / (max - min);
    const thick = Math.max(1, Math.round(devicePixelRatio));
    for (const { low, high, colour } of this.lines) {
      pen.fillStyle = colour;
      for (let x = first; x < n; x++) {
        if (Number.isNaN(low[x])) continue;
        const left = Math.round(x * wide);
        const top = Math.round((max - high[x]) * perUnit - thick / 2);
        pen.fillRect(left, top, Math.round((x + 1) * wide) - left, Math.max(thick, Math.round((high[x] - low[x]) * perUnit)));
      }
    }
  }

  resize() {
    const width = Math.max(this.place.clientWidth, 120);
    if (this.plot && this.plot.width !== width) this.build();
  }
}

// The axes of a motion belong together; each muscle of a sensor has a strip of its own.
function channel({ sensor, quantity, axis }) {
  return quantity !== EMG || axis === EMG || sensor.endsWith(`.${axis}`) ? sensor : `${sensor}.${axis}`;
}

// A scale of round ends around what is seen; of EMG the middle is 0.
export function scaleFor(unit, lowest, highest) {
  if (!(lowest <= highest)) return [-1, 1];
  const least = LEAST[unit] ?? LEAST_OTHER;
  if (unit === "uV") {
    const half = rounded(Math.max(Math.max(-lowest, highest) * ROOM, least));
    return [-half, half];
  }
  const step = rounded(Math.max((highest - lowest) * ROOM, least)) / 4;
  return [Math.floor(lowest / step) * step, Math.ceil(highest / step) * step];
}

function rounded(value) {
  const power = 10 ** Math.floor(Math.log10(value));
  return ROUND.find((m) => m * power >= value * (1 - 1e-9)) * power;
}
