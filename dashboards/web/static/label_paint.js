// How a stream, the clock under it and the overview are painted.

import { hatch } from "./palette.js";

const ROUND = [1, 2, 5, 10];
const LEAST = { emg: 5, acceleration: 0.02, rotation: 2 };
const FONT = "11px system-ui, -apple-system, 'Segoe UI', Roboto, sans-serif";
const LABEL_PX = 78;
const GAP_PX = 4;

// A canvas in the pixels of the screen; returns its pen, empty.
export function penOf(canvas, width) {
  const ratio = devicePixelRatio || 1;
  const height = canvas.clientHeight;
  const [w, h] = [Math.max(1, Math.round(width * ratio)), Math.max(1, Math.round(height * ratio))];
  if (canvas.width !== w || canvas.height !== h) Object.assign(canvas, { width: w, height: h });
  const pen = canvas.getContext("2d");
  pen.setTransform(ratio, 0, 0, ratio, 0, 0);
  pen.clearRect(0, 0, width, height);
  return { pen, height, ratio };
}

function median(values) {
  const known = Array.from(values).filter((v) => !Number.isNaN(v)).sort((a, b) => a - b);
  return known.length ? known[known.length >> 1] : 0;
}

function roundUp(value) {
  const power = 10 ** Math.floor(Math.log10(value));
  return ROUND.map((m) => m * power).find((s) => s >= value * 0.999);
}

// {middles: of each axis, reach, text}: EMG around nothing, everything else around where it rests.
export function scaleOf(stream, gain) {
  const middles = new Map();
  let highest = 0;
  for (const [axis, pieces] of stream.axes) {
    const middle = stream.quantity === "emg" ? 0 : median(pieces[0]?.low ?? []);
    middles.set(axis, middle);
    for (const { low, high } of pieces) {
      for (let i = 0; i < low.length; i++) {
        const reach = Math.max(Math.abs(high[i] - middle), Math.abs(low[i] - middle));
        if (reach > highest) highest = reach;
      }
    }
  }
  const reach = roundUp(Math.max(highest, LEAST[stream.quantity] ?? 1) / gain);
  return { middles, reach, text: Number(reach.toPrecision(2)) };
}

function grid(pen, { colours, clock, from, to, width }, height) {
  pen.strokeStyle = colours.faint;
  pen.lineWidth = 1;
  pen.beginPath();
  for (const t of clock.splits(from, to, Math.max(2, Math.floor(width / LABEL_PX)))) {
    const x = Math.round(((t - from) / (to - from)) * width) + 0.5;
    pen.moveTo(x, 0);
    pen.lineTo(x, height);
  }
  pen.stroke();
}

export function paintStream(canvas, stream, facts) {
  const { colours, from, to, width, scale } = facts;
  const { pen, height, ratio } = penOf(canvas, width);
  grid(pen, facts, height);
  const emg = stream.quantity === "emg";
  const pens = emg ? [colours.trace] : [colours["trace-2"], colours["trace-3"], colours.trace];
  [...stream.axes].forEach(([axis, pieces], k) => {
    const y = (v) => height / 2 - ((v - scale.middles.get(axis)) / scale.reach) * (height / 2 - 3);
    pen.strokeStyle = pens[k % pens.length];
    pen.lineWidth = 1;
    pen.lineJoin = "round";
    for (const piece of pieces) line(pen, piece, { from, to, width, y });
  });
  gaps(pen, [...stream.axes.values()][0], { ...facts, height, ratio });
}

function line(pen, { start_s, hop_s, low, high }, { from, to, width, y }) {
  const perS = width / (to - from);
  let drawing = false;
  pen.beginPath();
  for (let i = 0; i < low.length; i++) {
    if (Number.isNaN(low[i])) {
      drawing = false;
      continue;
    }
    const x = (start_s + (i + 0.5) * hop_s - from) * perS;
    if (drawing) pen.lineTo(x, y(low[i]));
    else pen.moveTo(x, y(low[i]));
    pen.lineTo(x, y(high[i]));
    drawing = true;
  }
  pen.stroke();
}

// Where nothing was measured.
function gaps(pen, pieces, { colours, from, to, width, height, ratio }) {
  const perS = width / (to - from);
  const known = [];
  for (const { start_s, hop_s, low } of pieces) {
    let since = null;
    for (let i = 0; i <= low.length; i++) {
      const there = i < low.length && !Number.isNaN(low[i]);
      if (there && since === null) since = i;
      if (!there && since !== null) {
        known.push([start_s + since * hop_s, start_s + i * hop_s]);
        since = null;
      }
    }
  }
  pen.fillStyle = hatch(pen, colours.line, ratio);
  let x = 0;
  for (const [onset, end] of [...known.sort((a, b) => a[0] - b[0]), [to, to]]) {
    const next = Math.min((onset - from) * perS, width);
    if (next - x > GAP_PX) pen.fillRect(x, 0, next - x, height);
    x = Math.max(x, (end - from) * perS);
  }
}

export function paintClock(canvas, { colours, clock, from, to, width }) {
  const { pen } = penOf(canvas, width);
  const splits = clock.splits(from, to, Math.max(2, Math.floor(width / LABEL_PX)));
  pen.font = FONT;
  pen.fillStyle = colours.soft;
  pen.textAlign = "center";
  clock.labels(splits).forEach((text, i) => {
    const x = ((splits[i] - from) / (to - from)) * width;
    const half = pen.measureText(text).width / 2;
    if (x >= half && x <= width - half) pen.fillText(text, x, 14);
  });
}
