// What a rater works on: the window that is shown, the cursor, what is begun, and the mark that is chosen.

import { durationText } from "./clocktime.js";
import { newKey } from "./label_outbox.js";

export const NOTHING = "nothing";
const SHORTEST_S = 0.001;
// Of the window: what is longer is shown from its begin, with so much before it.
const LONG = 0.9;
const BEFORE = 0.1;
const clamp = (t, low, high) => Math.min(Math.max(t, low), Math.max(low, high));
const ms = (t) => Math.round(t * 1000) / 1000;

export class Desk {
  // facts: {marks, duration, kinds, clock, act(word, label), say(text)}
  constructor(facts) {
    Object.assign(this, facts, { from: 0, length: 60, cursor: 0, begun: null, key: null, suggestion: null, preview: null });
    this.kind = this.kinds[0].kind;
    this.leg = "left";
    this.gain = 1;
    this.shown = null;
    this.listeners = [];
    this.length = Math.min(this.length, this.duration);
  }

  listen(listener) {
    this.listeners.push(listener);
  }

  changed() {
    for (const listener of this.listeners) listener();
  }

  get to() {
    return Math.min(this.from + this.length, this.duration);
  }

  get chosen() {
    return this.marks.of(this.key);
  }

  textOf(kind) {
    return this.kinds.find((one) => one.kind === kind)?.text ?? kind;
  }

  colourOf(kind) {
    return this.kinds.find((one) => one.kind === kind)?.colour ?? "plug-in";
  }

  nameOf(label) {
    const leg = label.leg === "both" ? "both legs" : `${label.leg} leg`;
    return `${this.textOf(label.kind)}, ${leg}, ${this.clock.text(label.onset_s, 2)}, ${durationText(label.end_s - label.onset_s)}`;
  }

  // The window

  show(from) {
    this.from = ms(clamp(from, 0, this.duration - this.length));
    this.cursor = clamp(this.cursor, this.from, this.to);
    this.changed();
  }

  // To the window beside it, with the cursor at its begin.
  page(way) {
    const before = this.from;
    this.from = ms(clamp(this.from + way * this.length, 0, this.duration - this.length));
    if (this.from === before) return this.say(way > 0 ? "This is the last window." : "This is the first window.");
    this.cursor = this.from;
    this.changed();
    this.say(`${this.clock.text(this.from)} to ${this.clock.text(this.to)}`);
  }

  resize(length) {
    const share = this.cursor - this.from < 0 ? 0.5 : (this.cursor - this.from) / this.length;
    this.length = Math.min(length, this.duration);
    this.show(this.cursor - share * this.length);
  }

  // So that a stretch is seen, or its begin where it is longer than the window; where it is already, nothing moves.
  reveal(onset, end = onset) {
    if (onset >= this.from && end <= this.to) return;
    const from = end - onset > this.length * LONG ? onset - this.length * BEFORE : (onset + end - this.length) / 2;
    this.from = ms(clamp(from, 0, this.duration - this.length));
  }

  move(seconds) {
    this.put(this.cursor + seconds);
    this.say(this.clock.text(this.cursor, 2));
  }

  put(t) {
    this.cursor = ms(clamp(t, 0, this.duration));
    if (this.cursor < this.from) this.from = ms(Math.max(0, this.from - this.length * Math.ceil((this.from - this.cursor) / this.length)));
    else if (this.cursor > this.to) this.from = ms(clamp(this.cursor, 0, this.duration - this.length));
    this.changed();
  }

  // Marks

  choose(label, { quietly = false } = {}) {
    this.key = label?.key ?? null;
    if (label) {
      this.cursor = label.onset_s;
      this.reveal(label.onset_s, label.end_s);
      if (!quietly) this.say(this.nameOf(label));
    }
    this.changed();
  }

  // The mark after the chosen one, or after the cursor; way -1 for the one before.
  step(way) {
    const { labels } = this.marks;
    const at = labels.findIndex((label) => label.key === this.key);
    const after = labels.findIndex((label) => label.onset_s > this.cursor);
    const near = way > 0 ? after : (after === -1 ? labels.length : after) - 1;
    const label = labels[at === -1 ? near : at + way];
    if (label) this.choose(label);
    else this.say(labels.length ? "No further mark." : "No mark yet.");
  }

  beginOrEnd() {
    if (this.begun === null) {
      this.begun = this.cursor;
      this.key = null;
      this.changed();
      return this.say(`Begun at ${this.clock.text(this.cursor, 2)}; move the cursor and press Enter again to end it.`);
    }
    const [onset_s, end_s] = [this.begun, this.cursor].sort((a, b) => a - b);
    if (end_s - onset_s < SHORTEST_S) return this.say("A mark needs a length: move the cursor first.");
    this.begun = null;
    this.add({ kind: this.kind, leg: this.leg, onset_s, end_s }, end_s);
  }

  add(facts, cursor = facts.onset_s) {
    const label = this.fitting({ key: newKey(), ...facts });
    this.act("add", label);
    this.key = label.key;
    this.cursor = clamp(cursor, this.from, this.to);
    this.changed();
    this.say(`Marked: ${this.nameOf(label)}.`);
    return label;
  }

  change(facts) {
    const before = this.chosen;
    if (!before) return;
    const label = this.fitting({ ...before, ...facts });
    if (Object.keys(label).every((name) => label[name] === before[name])) return;
    this.act("change", label);
    this.changed();
    this.say(`${this.nameOf(label)}.`);
  }

  nudge(edge, seconds) {
    const label = this.chosen;
    if (!label) return this.say("No mark is chosen: step to one first.");
    const t = ms(label[edge] + seconds);
    const longEnough = edge === "onset_s" ? label.end_s - t : t - label.onset_s;
    if (longEnough < SHORTEST_S || t < 0 || t > this.duration) return;
    this.cursor = t;
    this.reveal(t);
    this.change({ [edge]: t });
  }

  remove() {
    const label = this.chosen;
    if (!label) return this.say("No mark is chosen: step to one first.");
    this.act("delete", label);
    this.key = null;
    this.changed();
    this.say(`Deleted: ${this.nameOf(label)}.`);
  }

  undo() {
    this.taken("undo", this.marks.canUndo, "Taken back.", "There is nothing to take back.");
  }

  redo() {
    this.taken("redo", this.marks.canRedo, "Done again.", "There is nothing to do again.");
  }

  taken(word, can, said, otherwise) {
    if (!can) return this.say(otherwise);
    this.act(word, null);
    this.changed();
    this.say(said);
  }

  setKind(kind) {
    this.kind = kind;
    if (this.chosen) this.change({ kind });
    else this.say(this.textOf(kind));
    this.changed();
  }

  setLeg(leg) {
    this.leg = leg;
    if (this.chosen) this.change({ leg });
    else this.say(leg === "both" ? "both legs" : `${leg} leg`);
    this.changed();
  }

  drop() {
    this.begun = null;
    this.key = null;
    this.changed();
  }

  fitting(label) {
    const onset_s = ms(clamp(label.onset_s, 0, this.duration - SHORTEST_S));
    return { ...label, onset_s, end_s: ms(clamp(label.end_s, onset_s + SHORTEST_S, this.duration)) };
  }
}
