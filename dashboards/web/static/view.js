// What the charts show together: a span of the night, which events pass the filters, the event that is chosen.

const SHORTEST_S = 0.5;

export class View {
  constructor(first, last) {
    this.first = first;
    this.last = last;
    this.min = first;
    this.max = last;
    this.passes = (event) => event.class !== null;
    this.chosen = null;
    this.listeners = [];
  }

  listen(listener) {
    this.listeners.push(listener);
  }

  tell() {
    for (const listener of this.listeners) listener(this);
  }

  get whole() {
    return this.min <= this.first && this.max >= this.last;
  }

  show(min, max) {
    const length = Math.min(Math.max(max - min, SHORTEST_S), this.last - this.first);
    const middle = (min + max) / 2;
    this.min = Math.min(Math.max(middle - length / 2, this.first), this.last - length);
    this.max = this.min + length;
    this.tell();
  }

  reset() {
    this.show(this.first, this.last);
  }

  // factor below 1 zooms in, around the chosen event where there is one in view.
  zoom(factor, about = (this.min + this.max) / 2) {
    const share = (about - this.min) / (this.max - this.min);
    const length = (this.max - this.min) * factor;
    this.show(about - share * length, about + (1 - share) * length);
  }

  shift(seconds) {
    this.show(this.min + seconds, this.max + seconds);
  }

  // The night has grown; a view of all of it stays one.
  grow(last) {
    const whole = this.whole;
    this.last = last;
    if (whole) this.max = last;
    this.tell();
  }

  choose(event) {
    this.chosen = event;
    if (event && !this.whole && (event.onset_s < this.min || event.end_s > this.max)) {
      const half = (this.max - this.min) / 2;
      this.show((event.onset_s + event.end_s) / 2 - half, (event.onset_s + event.end_s) / 2 + half);
    } else this.tell();
  }
}
