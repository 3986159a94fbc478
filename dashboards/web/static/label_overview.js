// The whole recording: how active the muscles were, the own marks, and where the window is.

import { penOf } from "./label_paint.js";

const MARKS_PX = 9;
const LEAST_PX = 2;
// Most of a night the muscle rests.
const RESTS = 0.5;

export class Overview {
  // facts: {canvas, desk, colours()}
  constructor(facts) {
    Object.assign(this, facts, { streams: [] });
    let dragging = false;
    const go = (e) => {
      const box = this.canvas.getBoundingClientRect();
      this.desk.show(((e.clientX - box.left) / box.width) * this.desk.duration - this.desk.length / 2);
    };
    this.canvas.addEventListener("pointerdown", (e) => {
      if (e.button !== 0) return;
      dragging = true;
      this.canvas.setPointerCapture(e.pointerId);
      go(e);
    });
    this.canvas.addEventListener("pointermove", (e) => dragging && go(e));
    for (const type of ["pointerup", "pointercancel"]) this.canvas.addEventListener(type, () => (dragging = false));
  }

  load(streams) {
    this.streams = streams.filter((stream) => stream.quantity === "emg").map(({ axes }) => [...axes.values()].map((pieces) => ({ pieces, ...scaleOf(pieces) })));
    this.paint();
  }

  paint() {
    const { desk, canvas } = this;
    const width = canvas.clientWidth;
    const { pen, height } = penOf(canvas, width);
    const colours = this.colours();
    const perS = width / desk.duration;
    const room = height - MARKS_PX;
    pen.fillStyle = colours.trace;
    this.streams.forEach((axes, k) => {
      const share = room / this.streams.length;
      for (const axis of axes) shape(pen, axis, { top: k * share, share, perS });
    });
    for (const label of desk.marks.labels) {
      pen.fillStyle = colours[`c-${desk.colourOf(label.kind)}`];
      pen.fillRect(label.onset_s * perS, room + 1, Math.max(LEAST_PX, (label.end_s - label.onset_s) * perS), MARKS_PX - 2);
    }
    pen.strokeStyle = colours.accent;
    pen.lineWidth = 2;
    pen.strokeRect(Math.max(desk.from * perS, 1), 1, Math.min(Math.max(desk.length * perS, 3), width - 2), height - 2);
  }
}

const reach = ({ low, high }, i) => Math.max(0, high[i] - low[i]);

// How active a muscle is where it rests, and how far it gets from there, as a logarithm.
function scaleOf(pieces) {
  const known = pieces.flatMap((piece) => Array.from(piece.low, (_low, i) => reach(piece, i))).filter((v) => v > 0);
  const rest = known.sort((a, b) => a - b)[Math.floor(known.length * RESTS)] || 1;
  return { rest, most: Math.max(Math.log((known.at(-1) ?? rest) / rest), 1) };
}

// Upwards from where the muscle rests, on a logarithmic scale: a cramp is a hundred times a twitch.
function shape(pen, { pieces, rest, most }, { top, share, perS }) {
  for (const piece of pieces) {
    for (let i = 0; i < piece.low.length; i++) {
      const tall = 1 + (Math.max(0, Math.log(reach(piece, i) / rest)) / most) * (share - 3);
      if (tall > 0) pen.fillRect((piece.start_s + i * piece.hop_s) * perS, top + share - tall, Math.max(piece.hop_s * perS, 0.6), tall);
    }
  }
}
