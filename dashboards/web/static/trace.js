// One column as the server sent it, growing while the night runs, and as few of its values as a screen can show.

const TIMES = { movement_g: 1000 };
// Of a position no value stands out; of everything else the highest does.
const STEADY = new Set(["tilt_deg", "resting_uv"]);
// More than the pixels of a wide chart: a night of seconds has twenty times as many values.
const MOST_POINTS = 1600;

export class Trace {
  constructor(column) {
    Object.assign(this, { sensor: column.sensor, leg: column.leg, name: column.name, start: column.start_s, hop: column.hop_s });
    this.y = new Float32Array(0);
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
