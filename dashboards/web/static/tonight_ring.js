// The newest minute of one axis in a ring of numbers, and what of it falls on each pixel.

// A clock that is fitted anew moves a sample by less; a lost packet moves it by more.
const JITTER_S = 0.03;

export class Ring {
  constructor(fs, seconds) {
    this.fs = fs;
    this.data = new Float32Array(Math.ceil(fs * seconds) + 1).fill(NaN);
    // Samples since the first, and the time after the last of them.
    this.n = 0;
    this.end = NaN;
    this.missing = 0;
    this.again = 0;
  }

  // Take samples that begin at start, s; returns how many were new. A gap is filled with what is no number.
  push(values, start) {
    let first = 0;
    if (this.n) {
      const ahead = start - this.end;
      const tolerance = Math.max(JITTER_S, 1.5 / this.fs);
      if (ahead < -tolerance) first = Math.min(Math.round(-ahead * this.fs), values.length);
      else if (ahead > tolerance) this.skip(Math.round(ahead * this.fs));
    }
    this.again += first;
    const fresh = values.length - first;
    if (!fresh) return 0;
    this.write(first ? values.subarray(first) : values);
    this.end = start + values.length / this.fs;
    return fresh;
  }

  skip(n) {
    this.missing += n;
    const most = Math.min(n, this.data.length);
    for (let i = 0; i < most; i++) this.data[(this.n + i) % this.data.length] = NaN;
    this.n += n;
  }

  write(values) {
    const size = this.data.length;
    const kept = values.length > size ? values.subarray(values.length - size) : values;
    const at = (this.n + values.length - kept.length) % size;
    const head = Math.min(kept.length, size - at);
    this.data.set(kept.subarray(0, head), at);
    if (head < kept.length) this.data.set(kept.subarray(head), 0);
    this.n += values.length;
  }

  // The last n samples, oldest first.
  last(n) {
    const size = this.data.length;
    const found = new Float32Array(Math.min(n, this.n, size));
    for (let i = 0; i < found.length; i++) found[i] = this.data[(this.n - found.length + i) % size];
    return found;
  }

  // Lowest and highest of each pixel of [from, to) seconds, in low and high; what has no sample is no number.
  // Pixels lie still on the samples, whatever the time: a peak does not flicker while it moves along.
  columns(from, to, low, high) {
    const width = low.length;
    const perPixel = ((to - from) * this.fs) / width;
    const size = this.data.length;
    const oldest = Math.max(0, this.n - size);
    low.fill(NaN);
    high.fill(NaN);
    if (!this.n) return;
    const newestPixel = Math.floor((this.n - 1 - (this.end - to) * this.fs) / perPixel);
    // Number of the pixel that the last sample before `to` falls on, counted from the first sample.
    for (let x = 0; x < width; x++) {
      const pixel = newestPixel - (width - 1 - x);
      const begin = Math.max(oldest, Math.ceil(pixel * perPixel));
      const stop = Math.min(this.n, Math.ceil((pixel + 1) * perPixel));
      if (begin >= stop) continue;
      let lowest = Infinity;
      let highest = -Infinity;
      for (let i = begin, at = begin % size; i < stop; i++, at = at + 1 === size ? 0 : at + 1) {
        const value = this.data[at];
        if (value < lowest) lowest = value;
        if (value > highest) highest = value;
      }
      if (lowest <= highest) {
        low[x] = lowest;
        high[x] = highest;
      }
    }
  }
}
