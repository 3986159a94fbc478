// One column as the server sent it, growing while the night runs, and as few of its values as a screen can show.

import { fetchColumns } from "./columns.js";

const TIMES = { movement_g: 1000 };
// Of a position no value stands out; of everything else the highest does.
const STEADY = new Set(["tilt_deg", "resting_uv"]);
// More than the pixels of a wide chart: a night of seconds has twenty times as many values.
const MOST_POINTS = 1600;

const NEWEST_PATIENCE_MS = 10000;
// The newest seconds may still change while they are reduced.
const AGAIN_S = 5;

export class Trace {
  constructor(column) {
    Object.assign(this, { sensor: column.sensor, leg: column.leg, name: column.name });
    this.become(column);
  }

  // The same with another number of values.
  become(column) {
    Object.assign(this, { start: column.start_s, hop: column.hop_s, y: new Float32Array(0) });
    this.append(column);
  }

  fits(column) {
    return column.start_s === this.start && column.hop_s === this.hop && column.first <= this.y.length;
  }

  // first is the position of the column's first value; what was there from then on is replaced.
  append(column) {
    const times = TIMES[this.name] ?? 1;
    const y = new Float32Array(column.first + column.values.length);
    y.set(this.y.subarray(0, column.first));
    y.set(times === 1 ? column.values : column.values.map((value) => value * times), column.first);
    this.y = y;
  }

  // What to draw between two times: of each bucket of values one, and null where nothing was measured.
  points(min, max) {
    const { y, start, hop } = this;
    const from = Math.max(0, Math.floor((min - start) / hop) - 1);
    const to = Math.min(y.length, Math.ceil((max - start) / hop) + 1);
    const size = Math.max(1, Math.ceil((to - from) / MOST_POINTS));
    const steady = STEADY.has(this.name);
    const [xs, ys] = [[], []];
    // Buckets lie where they lie, so that moving along does not make the picture dance.
    for (let i = from - (from % size); i < to; i += size) {
      let value = null;
      for (let k = i; k < Math.min(i + size, y.length); k++) {
        if (y[k] === y[k] && (value === null || (!steady && y[k] > value))) value = y[k];
      }
      xs.push(start + (i + size / 2) * hop);
      ys.push(value);
    }
    return [xs, ys];
  }
}

const isOf = (column) => (trace) => trace.sensor === column.sensor && trace.name === column.name;

// As many values of each track as a screen shows, which is soon there; returns whether that is all of them.
export async function fetchOverview(api, traces) {
  const header = await fetchColumns(`${api}/tracks?points=${MOST_POINTS}`);
  traces.splice(0, traces.length, ...header.columns.map((column) => new Trace(column)));
  return header.whole;
}

// Every value in the place of an overview; the charts stay. What a running night has read anew by then is newer.
export async function sharpen(api, traces) {
  const { columns } = await fetchColumns(`${api}/tracks`);
  for (const column of columns) traces.find((trace) => isOf(column)(trace) && trace.hop > column.hop_s)?.become(column);
}

// Tracks so far; returns true where the charts must be built anew (a scorer has started again, or a sensor is new).
export async function fetchTraces(api, traces) {
  const since = traces.length ? Math.max(0, Math.min(...traces.map((t) => t.start + t.y.length * t.hop)) - AGAIN_S) : 0;
  const header = await fetchColumns(since > 0 ? `${api}/tracks?since=${since}` : `${api}/tracks`, since > 0 ? NEWEST_PATIENCE_MS : undefined);
  const known = header.columns.map((c) => traces.find(isOf(c)));
  const fits = known.length === traces.length && known.every((trace, i) => trace?.fits(header.columns[i]));
  if (fits) {
    known.forEach((trace, i) => trace.append(header.columns[i]));
    return false;
  }
  const whole = since > 0 ? await fetchColumns(`${api}/tracks`) : header;
  traces.splice(0, traces.length, ...whole.columns.map((column) => new Trace(column)));
  return true;
}
