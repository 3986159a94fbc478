// What the server sent of a stretch, as lines to draw: raw samples near by, lowest and highest from afar.

import { nullable } from "./columns.js";

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

// A slower track at the times of a faster one: each value holds until the next.
function held(slow, times) {
  let i = 0;
  return times.map((t) => {
    while (i + 1 < slow.x.length && slow.x[i + 1] <= t) i += 1;
    return slow.x[i] <= t ? slow.y[i] : null;
  });
}

function grouped(columns, key) {
  const groups = new Map();
  for (const column of columns) groups.set(key(column), [...(groups.get(key(column)) ?? []), column]);
  return groups;
}

function track(columns, name) {
  const pieces = columns.filter((c) => c.name === name);
  return pieces.length ? line(pieces) : null;
}

// {name: {x, rows}} in the order in which to draw; rows are the lines over x.
export function signals(columns, tracks, withMovement) {
  const found = new Map();
  const emg = grouped(columns.filter((c) => c.quantity === "emg"), (c) => c.axis);
  for (const [axis, pieces] of emg) {
    const { x, y } = line(pieces);
    found.set(`emg ${axis}`, { kind: "raw", axis: emg.size > 1 ? axis : "", x, rows: [y] });
  }
  const envelope = track(columns, "envelope_uv") ?? track(tracks, "envelope_uv");
  if (envelope) {
    const resting = track(columns, "resting_uv") ?? track(tracks, "resting_uv");
    found.set("envelope", { kind: "envelope", x: envelope.x, rows: resting ? [envelope.y, held(resting, envelope.x)] : [envelope.y] });
  }
  const movement = withMovement && track(tracks, "movement_g");
  if (movement) found.set("movement", { kind: "movement", x: movement.x, rows: [movement.y.map((v) => (v === null ? null : v * 1000))] });
  for (const [quantity, pieces] of grouped(columns.filter((c) => c.quantity && c.quantity !== "emg"), (c) => c.quantity)) {
    const byAxis = [...grouped(pieces, (p) => p.axis)].map(([axis, own]) => ({ axis, ...line(own) }));
    const { x } = byAxis[0];
    const same = byAxis.filter((a) => a.x.length === x.length);
    found.set(quantity, { kind: "axes", quantity, unit: pieces[0].unit, axes: same.map((a) => a.axis), x, rows: same.map((a) => a.y) });
  }
  return found;
}
