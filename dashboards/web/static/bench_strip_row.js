// The strip of a recording: what was found above its middle, the marks of the reference below. What both have lies at
// the middle, what only one has at the edge, so that the place says it as well as the colour.

import { headOf } from "./bench_strip_head.js";
import { NightClock, durationText } from "./clocktime.js";

const LEGS = { l: "left leg", r: "right leg", b: "both legs", u: "" };
const STATES = { h: "found and marked", f: "found, not marked", m: "marked, not found", "-": "found" };
const COUNTED = ["h", "f", "m"];
const REACH_PX = 6;
const LEAST_DRAG_PX = 6;
// Shares of the height of a strip: [top, bottom] of what is found alone, found with a mark, marked and found, marked alone.
const LANES = { f: [0.02, 0.24], h: [0.27, 0.49], H: [0.51, 0.73], m: [0.76, 0.98], "-": [0.1, 0.49], gone: [0.02, 0.49] };

export class Row {
  constructor(strips, recording) {
    Object.assign(this, { strips, recording, events: null, marks: null, marksOf: null, before: null });
    this.item = document.createElement("li");
    this.item.dataset.key = recording.key;
    this.box = Object.assign(document.createElement("div"), { className: "strip-box" });
    this.canvas = document.createElement("canvas");
    this.canvas.setAttribute("aria-hidden", "true");
    this.band = Object.assign(document.createElement("div"), { className: "strip-band", hidden: true });
    this.box.append(this.canvas, this.band);
    this.said = Object.assign(document.createElement("p"), { className: "strip-said" });
    this.item.append(headOf(recording), this.box, this.said);
    this.pen = this.canvas.getContext("2d");
    this.listen();
  }

  take(night, marks) {
    this.item.classList.toggle("opening", night.opening);
    if (night.opening) {
      this.said.classList.add("in-words");
      return void (this.said.textContent = "being opened …");
    }
    this.problem = night.problem;
    this.events = night.events;
    this.marks = { ...this.marks, ...night.marks };
    this.marksOf = marks;
    this.say();
  }

  say() {
    const n = (columns, letter) => columns.state.split(letter).length - 1;
    const { events, marks, said } = this;
    this.item.dataset.found = events.state.length;
    const judged = !this.problem && (marks.state.length > 0 || /[hf]/.test(events.state));
    said.classList.toggle("in-words", !judged);
    if (!judged) return void (said.textContent = this.problem || `${events.state.length} found`);
    if (said.children.length !== COUNTED.length) said.replaceChildren(...COUNTED.map(counted));
    COUNTED.forEach((letter, i) => write(said.children[i].firstChild, String(n(letter === "m" ? marks : events, letter))));
  }

  resize(height) {
    const ratio = devicePixelRatio || 1;
    const width = Math.max(this.box.clientWidth, 60);
    this.canvas.style.height = `${height}px`;
    const size = { width: Math.round(width * ratio), height: Math.round(height * ratio) };
    for (const side in size) if (this.canvas[side] !== size[side]) this.canvas[side] = size[side];
  }

  draw({ min, max }, colours) {
    const { pen, canvas, events, marks } = this;
    const { width, height } = canvas;
    const perS = width / (max - min);
    pen.clearRect(0, 0, width, height);
    pen.fillStyle = colours.faint;
    pen.fillRect(-min * perS, 0, this.recording.duration_s * perS, height);
    if (!events) return;
    const span = { min, max, perS };
    if (this.before && this.before !== events) this.outline(span, colours.soft);
    pen.fillStyle = colours.paper;
    pen.fillRect(0, Math.round(height / 2) - 1, width, Math.max(1, Math.round(height / 40)));
    this.paint(events, span, { h: [colours["c-periodic"], "h"], f: [colours["c-cramp-probable"], "f"], "-": [colours.trace, "-"] });
    this.paint(marks, span, { h: [colours["c-periodic"], "H"], m: [colours["c-twitch"], "m"] });
  }

  // What touches is one stroke, however many events it holds; each event lies where it happened, also where many do.
  paint(columns, { min, max, perS }, styles) {
    const { onset_s, end_s, state } = columns;
    if (!onset_s) return;
    const least = Math.max(1, Math.round(devicePixelRatio));
    for (const [letter, [colour, lane]] of Object.entries(styles)) {
      const [top, bottom] = LANES[lane].map((share) => Math.round(share * this.canvas.height));
      this.pen.fillStyle = colour;
      let from = 0;
      let until = -Infinity;
      const stroke = () => until > from && this.pen.fillRect(from, top, until - from, bottom - top);
      for (let i = 0; i < onset_s.length; i++) {
        if (state[i] !== letter || end_s[i] < min || onset_s[i] > max) continue;
        const left = Math.round((onset_s[i] - min) * perS);
        if (left > until) {
          stroke();
          from = left;
        }
        until = Math.max(until, left + least, Math.round((end_s[i] - min) * perS));
      }
      stroke();
    }
  }

  // What was there when the drag began and is gone.
  outline({ min, perS }, colour) {
    const { before, events, pen, canvas } = this;
    const here = new Set(events.onset_s);
    const [top, bottom] = LANES.gone.map((share) => Math.round(share * canvas.height));
    pen.strokeStyle = colour;
    pen.lineWidth = Math.max(1, Math.round(devicePixelRatio / 2));
    pen.globalAlpha = 0.55;
    for (let i = 0; i < before.onset_s.length; i++) {
      if (here.has(before.onset_s[i])) continue;
      const left = Math.round((before.onset_s[i] - min) * perS) + 0.5;
      pen.strokeRect(left, top + 0.5, Math.max(2, (before.end_s[i] - before.onset_s[i]) * perS), bottom - top - 1);
    }
    pen.globalAlpha = 1;
  }

  timeAt(x) {
    const box = this.canvas.getBoundingClientRect();
    const { min, max } = this.strips.view;
    return min + ((x - box.left) / box.width) * (max - min);
  }

  // The event under the pointer, in the half of the strip that it is in.
  eventAt(e) {
    const box = this.canvas.getBoundingClientRect();
    const below = e.clientY > box.top + box.height / 2;
    const columns = below && this.marks?.onset_s?.length ? this.marks : this.events;
    if (!columns) return null;
    const t = this.timeAt(e.clientX);
    const { min, max } = this.strips.view;
    const reach = (REACH_PX * (max - min)) / box.width;
    let best = null;
    for (let i = 0; i < columns.onset_s.length; i++) {
      const off = Math.max(columns.onset_s[i] - t, t - columns.end_s[i], 0);
      if (off <= (best ? best.off : reach)) best = { off, i, columns };
    }
    return best && eventOf(best.columns, best.i);
  }

  listen() {
    const { canvas, strips, band } = this;
    let from = null;
    canvas.addEventListener("pointerdown", (e) => {
      from = { x: e.clientX, touch: e.pointerType === "touch" };
      if (!from.touch) canvas.setPointerCapture(e.pointerId);
    });
    canvas.addEventListener("pointermove", (e) => {
      if (!from) return this.hover(e);
      if (from.touch) {
        const { min, max } = strips.view;
        strips.view.shift(((from.x - e.clientX) * (max - min)) / canvas.clientWidth);
        from.x = e.clientX;
      } else this.mark(from.x, e.clientX);
    });
    canvas.addEventListener("pointerup", (e) => {
      const begun = from;
      from = null;
      band.hidden = true;
      if (!begun || Math.abs(e.clientX - begun.x) < LEAST_DRAG_PX) return this.press(e);
      if (!begun.touch) strips.view.show(...[begun.x, e.clientX].map((x) => this.timeAt(x)).sort((a, b) => a - b));
    });
    for (const type of ["pointercancel", "lostpointercapture"]) canvas.addEventListener(type, () => (from = null));
    canvas.addEventListener("pointerleave", () => (strips.readout.textContent = ""));
    canvas.addEventListener("dblclick", () => strips.view.reset());
  }

  mark(a, b) {
    const left = this.canvas.getBoundingClientRect().left;
    this.band.hidden = Math.abs(a - b) < LEAST_DRAG_PX;
    Object.assign(this.band.style, { left: `${Math.min(a, b) - left}px`, width: `${Math.abs(a - b)}px` });
  }

  hover(e) {
    const { readout } = this.strips;
    const event = this.eventAt(e);
    this.canvas.classList.toggle("on-event", event !== null);
    const when = new NightClock(this.recording).text((event ?? { onset_s: this.timeAt(e.clientX) }).onset_s);
    readout.textContent = event
      ? [`${this.recording.name}, ${when}`, durationText(event.end_s - event.onset_s), LEGS[event.leg], STATES[event.state]].filter(Boolean).join(", ")
      : `${this.recording.name}, ${when}`;
  }

  press(e) {
    const event = this.eventAt(e);
    if (event) this.strips.open(this.recording, event);
  }
}

function eventOf(columns, i) {
  return {
    onset_s: columns.onset_s[i],
    end_s: columns.end_s[i],
    leg: columns.leg[i],
    state: columns.state[i],
    page: columns.page[i] ?? "",
  };
}

// What stays as it is is not laid out again.
function write(text, said) {
  if (text.data !== said) text.data = said;
}

function counted(state) {
  const words = STATES[state];
  const part = Object.assign(document.createElement("span"), { className: `n-${state}`, title: words, textContent: "0" });
  part.append(Object.assign(document.createElement("span"), { className: "visually-hidden", textContent: ` ${words}, ` }));
  return part;
}
