// A strip for each recording, one below the other, over the same span of time.

import { Row } from "./bench_strip_row.js";
import { NightClock } from "./clocktime.js";
import { palette } from "./palette.js";

const TALL = [[2, 64], [6, 44], [12, 32], [Infinity, 20]];
// Where there is one column, strips share the height of the window with the thresholds.
const NARROW = matchMedia("(max-width: 40rem)");
const TALL_NARROW = 28;
const HALF_A_LABEL_PX = 22;
const DATELESS = { start_ns: "0", utc_offset_s: 0 };

export class Strips {
  constructor(host, axis, readout, view, open) {
    Object.assign(this, { host, axis, readout, view, open });
    this.rows = new Map();
    this.colours = palette();
    document.addEventListener("themechange", () => {
      this.colours = palette();
      this.draw();
    });
    new ResizeObserver(() => this.resize()).observe(host);
    view.listen(() => {
      this.draw();
      this.drawAxis();
    });
  }

  // Make room for recordings; what is known of one that stays is kept.
  choose(recordings) {
    const old = this.rows;
    this.rows = new Map(recordings.map((one) => [one.key, old.get(one.key) ?? new Row(this, one)]));
    this.clock = new NightClock(recordings.length === 1 ? recordings[0] : DATELESS);
    this.host.replaceChildren(...[...this.rows.values()].map((row) => row.item));
    const tall = TALL.find(([most]) => recordings.length <= most)[1];
    this.height = NARROW.matches ? Math.min(tall, TALL_NARROW) : tall;
    this.host.dataset.dense = String(this.height <= 20);
    this.resize();
  }

  // Marks never change with a threshold: a question without them is answered by their state alone.
  has(body) {
    const of = marksOf(body);
    return body.keys.every((key) => this.rows.get(key)?.marksOf === of);
  }

  show(answer, body) {
    for (const night of answer.nights) this.rows.get(night.key)?.take(night, marksOf(body));
    this.draw();
  }

  // Whether something was found that counts neither way, as it is activity of another class.
  excuses() {
    return [...this.rows.values()].some(({ events }) => events && events.state.includes("-") && /[hf]/.test(events.state));
  }

  // From now on what vanishes leaves an outline, until the next drag begins.
  remember() {
    for (const row of this.rows.values()) row.before = row.events;
  }

  forget() {
    for (const row of this.rows.values()) row.before = null;
  }

  resize() {
    for (const row of this.rows.values()) row.resize(this.height);
    this.draw();
    this.drawAxis();
  }

  draw() {
    for (const row of this.rows.values()) row.draw(this.view, this.colours);
  }

  drawAxis() {
    const row = this.rows.values().next().value;
    if (!row) return this.axis.replaceChildren();
    const box = row.canvas.getBoundingClientRect();
    const { min, max } = this.view;
    const axis = this.axis.getBoundingClientRect();
    const left = box.left - axis.left;
    const splits = this.clock.splits(min, max, Math.max(2, Math.floor(box.width / 70)));
    const labels = this.clock.labels(splits);
    this.axis.replaceChildren(
      ...splits.map((t, i) => {
        const label = Object.assign(document.createElement("span"), { textContent: labels[i] });
        const at = left + ((t - min) / (max - min)) * box.width;
        label.style.left = `${at}px`;
        label.classList.toggle("at-end", at > axis.width - HALF_A_LABEL_PX);
        return label;
      }),
    );
  }
}

function marksOf({ word, reference }) {
  return `${word} ${reference}`;
}
