// The stream of a running night (dashboards/web/tonight_frames.py): read while somebody looks, asked for again by itself.

import { SIGN_IN, decode } from "./columns.js";

const FIRST_WAIT_MS = 1000;
const LONGEST_WAIT_MS = 15000;
// The server says something every second; nothing for so long means that the way to it is cut.
const SILENCE_MS = 6000;
const LARGEST_FRAME_BYTES = 64 * 1024 * 1024;
const LENGTH_BYTES = 4;
const OVER = 409;
const BUSY = 503;

// Puts pieces of a stream together to frames, each in a buffer of its own.
export class FrameReader {
  constructor() {
    this.held = new Uint8Array(1 << 16);
    this.n = 0;
  }

  // Returns the frames that are whole now.
  push(piece) {
    this.hold(piece);
    const frames = [];
    let at = 0;
    const view = new DataView(this.held.buffer);
    while (this.n - at >= LENGTH_BYTES) {
      const size = view.getUint32(at, true);
      if (size > LARGEST_FRAME_BYTES) throw new Error(`a frame of ${size} bytes`);
      const end = at + LENGTH_BYTES + size;
      if (end > this.n) break;
      frames.push(decode(this.held.buffer.slice(at + LENGTH_BYTES, end)));
      at = end;
    }
    this.held.copyWithin(0, at, this.n);
    this.n -= at;
    return frames;
  }

  hold(piece) {
    const needed = this.n + piece.length;
    if (needed > this.held.length) {
      const larger = new Uint8Array(Math.max(needed, 2 * this.held.length));
      larger.set(this.held.subarray(0, this.n));
      this.held = larger;
    }
    this.held.set(piece, this.n);
    this.n = needed;
  }
}

// take(frame) gets each frame; say(state, seconds) hears "live", "asking", "lost", "busy", "away" or "over".
export class Feed {
  constructor(url, take, say) {
    Object.assign(this, { url, take, say });
    this.cut = null;
    this.waiting = null;
    this.failures = 0;
    this.over = false;
    document.addEventListener("visibilitychange", () => this.look());
    // A page that the browser keeps for going back must not hold the stream either.
    addEventListener("pagehide", () => this.stop());
    addEventListener("pageshow", () => this.look());
    addEventListener("online", () => this.again());
    this.look();
  }

  // A hidden tab or a locked phone reads nothing: it could not draw it, and what it is left behind would pile up.
  look() {
    if (document.hidden) this.stop();
    else this.start();
  }

  stop() {
    if (this.over) return;
    clearTimeout(this.waiting);
    this.waiting = null;
    this.cut?.abort();
    this.cut = null;
    this.say("away");
  }

  again() {
    if (this.waiting === null || document.hidden) return;
    clearTimeout(this.waiting);
    this.waiting = null;
    this.start();
  }

  async start() {
    if (this.cut || this.over || this.waiting !== null) return;
    const cut = new AbortController();
    this.cut = cut;
    if (!this.failures) this.say("asking");
    const refused = await this.read(cut);
    // It was let go of meanwhile.
    if (this.cut !== cut) return;
    this.cut = null;
    if (this.over) this.say("over");
    else this.later(refused);
  }

  // A stream that was ended in good order is asked for again at once; anything else after a while, longer each time.
  later(refused) {
    if (refused === null) return void this.start();
    const longest = Math.min(FIRST_WAIT_MS * 2 ** this.failures++, LONGEST_WAIT_MS);
    const wait = longest * (0.75 + Math.random() / 2);
    this.say(refused === BUSY ? "busy" : "lost", Math.ceil(wait / 1000));
    this.waiting = setTimeout(() => {
      this.waiting = null;
      this.start();
    }, wait);
  }

  // Read to the end; returns null where the end was meant, else what was answered (0: nothing).
  async read(cut) {
    let silence;
    const heard = () => {
      clearTimeout(silence);
      silence = setTimeout(() => cut.abort(), SILENCE_MS);
    };
    heard();
    try {
      const response = await fetch(this.url, { signal: cut.signal, cache: "no-store" }).catch(() => null);
      if (!response?.ok) return this.refused(response?.status ?? 0);
      const body = response.body.getReader();
      const frames = new FrameReader();
      for (let meant = 0; ; ) {
        const piece = await body.read().catch(() => null);
        if (!piece) return 0;
        // One that ends before it has said anything is asked for again after a while, like one that was cut.
        if (piece.done) return meant ? null : 0;
        heard();
        for (const frame of frames.push(piece.value)) this.hear(frame);
        meant += 1;
      }
    } finally {
      clearTimeout(silence);
    }
  }

  hear(frame) {
    this.failures = 0;
    this.say("live");
    if (frame.over) this.over = true;
    this.take(frame);
  }

  refused(status) {
    // The page itself leads to where one signs in again, and back.
    if (status === SIGN_IN) location.reload();
    this.over = status === OVER;
    return status;
  }
}
