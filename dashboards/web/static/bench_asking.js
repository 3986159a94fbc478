// One question in flight, and the newest wins: while a slider moves, what it passes is never waited for. After a rest
// the full answer is asked for.

import { post } from "./bench_post.js";

const REST_MS = 300;
const OPENING_MS = 400;
export const DRAWN = "bench: from the hand to the picture";
const MOST_KEPT = 2000;
// What is said of no recording.
const NOTHING = { nights: [], agreement: [] };

export class Asking {
  // body() says what is asked now; shown(answer, asked) draws; said(text) tells what was refused; busy(what).
  constructor(api, { body, shown, said, busy }) {
    Object.assign(this, { api, body, shown, said, busy });
    this.hands = [];
    this.waiting = false;
    this.flying = false;
  }

  // at: when the hand moved, as events tell it.
  ask(at) {
    if (at !== undefined) this.hands.push(at);
    clearTimeout(this.rest);
    this.settling?.abort();
    this.waiting = true;
    if (!this.flying) this.next();
  }

  async next() {
    this.waiting = false;
    this.flying = true;
    const hands = this.hands;
    this.hands = [];
    const asked = this.body();
    this.busy("look");
    const answer = asked.keys.length ? await post(`${this.api}/look`, asked) : { value: NOTHING };
    this.flying = false;
    const opening = answer.value?.nights.some((night) => night.opening);
    // The next question travels while this answer is drawn.
    if (this.waiting) this.next();
    else if (opening) this.rest = setTimeout(() => this.ask(), OPENING_MS);
    else if (answer.value) this.rest = setTimeout(() => this.settle(asked), REST_MS);
    if (answer.value) this.draw(answer.value, asked, hands);
    else this.refuse(answer.said);
  }

  async settle(asked) {
    if (!asked.keys.length) {
      this.draw(NOTHING, asked, [], true);
      return this.busy("");
    }
    const leaving = new AbortController();
    this.settling = leaving;
    this.busy("settle");
    const answer = await post(`${this.api}/settle`, { ...asked, marks: true }, leaving.signal);
    if (answer.left) return;
    this.settling = null;
    if (answer.value?.nights.some((night) => night.opening)) return this.ask();
    if (answer.value) this.draw(answer.value, asked, [], true);
    else this.refuse(answer.said);
    if (!this.flying) this.busy("");
  }

  refuse(said) {
    this.busy("refused");
    this.said(said);
  }

  draw(answer, asked, hands, settled = false) {
    requestAnimationFrame(() => {
      this.shown(answer, asked, settled);
      if (hands.length) afterPainting(() => keep(hands));
    });
  }
}

// A task that waits behind the picture which is being made.
function afterPainting(done) {
  const { port1, port2 } = new MessageChannel();
  port1.onmessage = () => {
    port1.close();
    done();
  };
  port2.postMessage(null);
}

// How long each move of the hand took to be seen, for the tools of a browser and for our measurements.
function keep(hands) {
  const end = performance.now();
  for (const start of hands) performance.measure(DRAWN, { start, end });
  if (performance.getEntriesByName(DRAWN).length > MOST_KEPT) performance.clearMeasures(DRAWN);
}
