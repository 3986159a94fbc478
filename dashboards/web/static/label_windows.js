// Signals of the window that is shown, and of the ones beside it before somebody goes there.

import { Unanswered, fetchColumns } from "./columns.js";
import { streamsOf } from "./label_board.js";

const MOST_KEPT = 12;
const MOST_BUCKETS = 2000;
const SETTLE_MS = 60;

export class Windows {
  // facts: {api, desk, shown(streams or null)}
  constructor(facts) {
    Object.assign(this, facts, { kept: new Map(), now: "", timer: 0 });
  }

  async want(width) {
    const { desk } = this;
    const key = this.key(desk.from, width);
    if (key === this.now) return;
    this.now = key;
    if (!this.kept.has(key)) this.shown(null);
    const streams = await this.fetch(key);
    if (this.now !== key) return;
    if (streams) this.shown(streams);
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.ahead(width), SETTLE_MS);
  }

  ahead(width) {
    const { from, length, duration } = this.desk;
    for (const next of [from + length, from - length]) {
      const start = Math.min(Math.max(next, 0), Math.max(duration - length, 0));
      if (start !== from) this.fetch(this.key(Math.round(start * 1000) / 1000, width));
    }
  }

  key(from, width) {
    const to = Math.min(from + this.desk.length, this.desk.duration);
    return new URLSearchParams({ from, to, buckets: Math.round(Math.min(Math.max(width, 200), MOST_BUCKETS)) }).toString();
  }

  fetch(key) {
    if (!this.kept.has(key)) {
      this.kept.set(key, this.load(key));
      if (this.kept.size > MOST_KEPT) this.kept.delete(this.kept.keys().next().value);
    }
    return this.kept.get(key);
  }

  async load(key) {
    try {
      return streamsOf((await fetchColumns(`${this.api}/signals?${key}`)).columns);
    } catch (error) {
      if (!(error instanceof Unanswered)) throw error;
      this.kept.delete(key);
      if (this.now === key) {
        this.now = "";
        this.desk.say("The signals cannot be read: Soleus does not answer.");
      }
      return null;
    }
  }
}
