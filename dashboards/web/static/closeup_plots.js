// How each signal of an event is drawn: its axis, its lines, the levels that it was compared with.

import { quantityText } from "./quantities.js";
import { steps } from "./strips.js";

export const LEVELS = {
  onset_uv: { colour: "c-cramp-probable", dash: [6, 4], style: "dashed", name: "onset level", unit: "µV", times: 1 },
  offset_uv: { colour: "c-position", dash: [2, 3], style: "dotted", name: "offset level", unit: "µV", times: 1 },
  onset_g: { colour: "c-cramp-probable", dash: [6, 4], style: "dashed", name: "onset level", unit: "mg", times: 1000 },
  offset_g: { colour: "c-position", dash: [2, 3], style: "dotted", name: "offset level", unit: "mg", times: 1000 },
};
// Above this ratio of peak to onset level a linear axis would press the levels onto its floor.
const LOG_FROM = 10;
const DECADES = [0.1, 1, 10, 100, 1000, 10000];

const least = (values, start) => values.reduce((m, v) => (v === null ? m : Math.min(m, v)), start);
const most = (values, start) => values.reduce((m, v) => (v === null ? m : Math.max(m, v)), start);
// The largest round number that the axis holds, below and above nothing.
function around(_u, _i, _min, max) {
  const power = 10 ** Math.floor(Math.log10(max));
  const step = [5, 2, 1].map((m) => m * power).find((s) => s <= max);
  return [-step, 0, step];
}

const plain = (_u, splits) => splits.map(String);
const round = (_u, _i, min, max) => steps(min, max);

export function levelText(key, value) {
  const { name, unit, times } = LEVELS[key];
  return `${name} ${(value * times).toFixed(1)} ${unit}`;
}

// Levels of the signal that is drawn, in its unit: [key, value].
function levelsOf(event, suffix) {
  return Object.entries(event.levels)
    .filter(([key, value]) => key.endsWith(suffix) && value > 0)
    .map(([key, value]) => [key, value * LEVELS[key].times]);
}

function raw(signal, colours) {
  const range = () => {
    const highest = signal.rows[0].reduce((m, v) => Math.max(m, Math.abs(v ?? 0)), 1) * 1.05;
    return [-highest, highest];
  };
  return {
    name: `Raw EMG, µV${signal.axis && ` (${signal.axis})`}`,
    series: [{ stroke: colours.trace, width: 1, points: { show: false } }],
    y: { range, splits: around, values: plain },
    height: 120,
  };
}

// Both the envelope of EMG and the movement are compared with levels.
function compared(signal, event, colours, { name, suffix, stroke, fill }) {
  const levels = levelsOf(event, suffix);
  const [first] = signal.rows;
  const top = most(first, 0);
  const isLog = suffix === "_uv" && levels.length > 0 && top / Math.max(...levels.map(([, v]) => v)) > LOG_FROM;
  const range = () => {
    const peak = most(signal.rows[0], 0);
    const high = Math.max(peak, ...levels.map(([, v]) => v)) * (isLog ? 1.3 : 1.08) || 1;
    if (!isLog) return [0, high];
    const lowest = least(signal.rows.flat().filter((v) => v > 0), peak || 1);
    return [Math.max(lowest * 0.8, peak / 2000, 0.01), high];
  };
  return {
    name: `${name}${isLog ? ", logarithmic" : ""}`,
    keys: [
      ...(signal.rows.length > 1 ? [["resting level", colours.soft, "dashed"]] : []),
      ...levels.map(([key]) => [levelText(key, event.levels[key]), colours[LEVELS[key].colour], LEVELS[key].style]),
    ],
    series: [
      { stroke, width: 1.25, fill: isLog ? undefined : fill, points: { show: false } },
      ...(signal.rows.length > 1 ? [{ stroke: colours.soft, width: 1.25, dash: [4, 3], points: { show: false } }] : []),
    ],
    y: { range, distr: isLog ? 3 : 1, splits: (u, i, min, max) => (isLog ? DECADES.filter((v) => v >= min && v <= max) : steps(min, max)), values: plain },
    // A logarithm needs something above nothing.
    rows: () => (isLog ? signal.rows.map((row) => row.map((v) => (v === null ? null : Math.max(v, 0.01)))) : signal.rows),
    height: 150,
    levels,
  };
}

function axes(signal, colours) {
  const pens = [colours["trace-2"], colours["trace-3"], colours.trace];
  const range = () => {
    const [low, high] = [Math.min(...signal.rows.map((r) => least(r, Infinity))), Math.max(...signal.rows.map((r) => most(r, -Infinity)))];
    if (low > high) return [-1, 1];
    const margin = Math.max((high - low) * 0.08, 0.02);
    return [low - margin, high + margin];
  };
  return {
    name: `${quantityText(signal.quantity)}, ${signal.unit}`,
    keys: signal.axes.map((axis, i) => [axis, pens[i % pens.length]]),
    series: signal.axes.map((_a, i) => ({ stroke: pens[i % pens.length], width: 1, points: { show: false } })),
    y: { range, splits: round, values: plain },
    height: 96,
  };
}

// {name, keys, series, y, height, levels, rows}: what is special about one plot.
export function drawing(signal, event, colours) {
  if (signal.kind === "raw") return raw(signal, colours);
  if (signal.kind === "axes") return axes(signal, colours);
  const emg = { name: "Envelope, µV RMS", suffix: "_uv", stroke: colours.trace, fill: colours["trace-fill"] };
  const motion = { name: "Movement, mg", suffix: "_g", stroke: colours["trace-2"], fill: colours["trace-2-fill"] };
  return compared(signal, event, colours, signal.kind === "envelope" ? emg : motion);
}

// Each level across the plot, with its name and value where it ends.
export function paintLevels(u, levels, event, colours) {
  const { ctx, bbox } = u;
  ctx.save();
  ctx.lineWidth = 1.5 * devicePixelRatio;
  ctx.font = `${11 * devicePixelRatio}px system-ui, sans-serif`;
  for (const [key, value] of levels) {
    const at = Math.round(u.valToPos(value, "y", true)) + 0.5;
    ctx.strokeStyle = ctx.fillStyle = colours[LEVELS[key].colour];
    ctx.setLineDash(LEVELS[key].dash.map((px) => px * devicePixelRatio));
    ctx.beginPath();
    ctx.moveTo(bbox.left, at);
    ctx.lineTo(bbox.left + bbox.width, at);
    ctx.stroke();
    // Two levels may lie on each other: their names stand at either end.
    const atEnd = key.startsWith("onset");
    ctx.textAlign = atEnd ? "right" : "left";
    const below = !atEnd && at + 14 * devicePixelRatio < bbox.top + bbox.height;
    ctx.textBaseline = below ? "top" : "bottom";
    const x = atEnd ? bbox.width - 4 * devicePixelRatio : 4 * devicePixelRatio;
    ctx.fillText(levelText(key, event.levels[key]), bbox.left + x, at + (below ? 3 : -2) * devicePixelRatio);
  }
  ctx.restore();
}
