// The newest minute of one axis in a ring of numbers, and what of it falls on each pixel.

// A clock that is fitted anew moves a sample by less; a lost packet moves it by more.
const JITTER_S = 0.03;

export class Ring {
  constructor(fs, seconds) {
    this.fs = fs;
    this.seconds = seconds;
    this.data = new Float32Array(Math.ceil(fs * seconds) + 1).fill(NaN);
    // Samples since the first, and the time after the last of them, s.
    this.n = 0;
    this.end = NaN;
    this.missing = 0;
    this.again = 0;
  }

  // Take samples that begin at start, s. A gap is filled with what is no number; what is there already is left out.
  push(values, start) {
    let first = 0;
    if (this.n) {
      const ahead = start - this.end;
      const tolerance = Math.max(JITTER_S, 1.5 / this.fs);
      // Nothing of what is here is sent again from so long ago: the clock itself was set back.
      if (ahead < -this.seconds) return this.begin(values, start);
      if (ahead < -tolerance) first = Math.min(Math.round(-ahead * this.fs), values.length);
      else if (ahead > tolerance) this.skip(Math.round(ahead * this.fs));
    }
    this.again += first;
    if (first === values.length) return;
    this.write(first ? values.subarray(first) : values);
    this.end = start + values.length / this.fs;
  }

  begin(values, start) {
    this.data.fill(NaN);
    this.n = 0;
    this.push(values, start);
  }

  skip(n) {
    this.missing += n;
    const size = this.data.length;
    if (n >= size) this.data.fill(NaN);
    else for (let i = 0; i < n; i++) this.data[(this.n + i) % size] = NaN;
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

  // Sample i of those since the first; no number where it is not (or no longer) there.
  at(i) {
    return i >= 0 && i < this.n && i >= this.n - this.data.length ? this.data[i % this.data.length] : NaN;
  }

  // The last n samples, oldest first.
  last(n) {
    const found = new Float32Array(Math.min(n, this.n, this.data.length));
    for (let i = 0; i < found.length; i++) found[i] = this.at(this.n - found.length + i);
    return found;
  }

  // The pixel on which a time falls. Pixels are counted from the first sample and lie still on the samples, so that a
  // peak does not flicker while it moves along.
  pixelAt(time, perPixel) {
    return Math.floor((this.n - 1 + (time - this.end) * this.fs) / perPixel);
  }

  // Lowest and highest on each of the pixels [first, first + n), into low and high from position at on; no number where
  // there is no sample. The line from sample to sample counts, so that one pixel touches the next.
  columns(first, n, perPixel, low, high, at) {
    const size = this.data.length;
    const oldest = Math.max(0, this.n - size);
    for (let k = 0; k < n; k++) {
      const left = (first + k) * perPixel;
      const right = left + perPixel;
      let lowest = Infinity;
      let highest = -Infinity;
      for (const value of [this.between(left), this.between(right)]) {
        if (value < lowest) lowest = value;
        if (value > highest) highest = value;
      }
      const stop = Math.min(this.n, Math.ceil(right));
      for (let i = Math.max(oldest, Math.ceil(left)), slot = i % size; i < stop; i++, slot = slot + 1 === size ? 0 : slot + 1) {
        const value = this.data[slot];
        if (value < lowest) lowest = value;
        if (value > highest) highest = value;
      }
      const known = lowest <= highest;
      low[at + k] = known ? lowest : NaN;
      high[at + k] = known ? highest : NaN;
    }
  }

  between(position) {
    const i = Math.floor(position);
    const share = position - i;
    const value = this.at(i);
    return share ? value + (this.at(i + 1) - value) * share : value;
  }
}
