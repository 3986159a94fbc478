// The window: every stream drawn as lowest and highest, one group for each leg, and the marks over them.

import { paintClock, paintStream, scaleOf } from "./label_paint.js";
import { quantityText, unitText } from "./quantities.js";

const ORDER = ["left", "right", "both", "unknown"];
const TITLES = { left: "Left leg", right: "Right leg", both: "Both legs", unknown: "Leg not known" };
const NARROW_PX = 46;

const element = (name, className, text = "") => Object.assign(document.createElement(name), { className, textContent: text });

// Columns of the server as streams: {leg, name, unit, quantity, pieces: [{start_s, hop_s, low, high}] of each axis}
export function streamsOf(columns) {
  const found = new Map();
  for (const column of columns) {
    const key = `${column.leg} ${column.quantity === "emg" ? 0 : 1} ${column.sensor} ${column.quantity}`;
    if (!found.has(key)) found.set(key, { key, leg: column.leg, sensor: column.sensor, quantity: column.quantity, unit: column.unit, axes: new Map() });
    const { axes } = found.get(key);
    if (!axes.has(column.axis)) axes.set(column.axis, []);
    const pieces = axes.get(column.axis);
    if (column.extreme === "low") pieces.push({ start_s: column.start_s, hop_s: column.hop_s, low: column.values });
    else pieces.at(-1).high = column.values;
  }
  return [...found.values()].sort((a, b) => ORDER.indexOf(a.leg) - ORDER.indexOf(b.leg) || a.key.localeCompare(b.key));
}

export class Board {
  // facts: {host, desk, colours()}
  constructor(facts) {
    Object.assign(this, facts, { groups: [], streams: [], shape: "", beside: [] });
    this.clockCanvas = element("canvas", "clock-axis");
    this.clockCanvas.setAttribute("aria-hidden", "true");
  }

  get width() {
    return this.host.clientWidth;
  }

  // Streams of a window that has been loaded, or null while it has not.
  load(streams) {
    this.host.toggleAttribute("data-loading", streams === null);
    if (streams === null) return;
    const shape = streams.map((stream) => stream.key).join("|");
    if (shape !== this.shape || !this.groups.length) this.build(streams);
    this.shape = shape;
    this.streams = streams;
    this.paint();
  }

  build(streams) {
    const legs = ORDER.filter((leg) => streams.some((stream) => stream.leg === leg));
    this.groups = legs.map((leg) => this.group(leg, streams.filter((stream) => stream.leg === leg)));
    this.host.replaceChildren(...this.groups.map(({ root }) => root), this.clockCanvas);
    if (!streams.length) this.host.prepend(element("p", "quiet", "No signal was recorded here."));
  }

  group(leg, streams) {
    const root = element("section", "leg-group");
    root.dataset.leg = leg;
    root.setAttribute("aria-label", TITLES[leg]);
    const field = element("div", "field-of-leg");
    const rows = streams.map((stream) => {
      const row = element("div", `row row-${stream.quantity}`);
      const canvas = element("canvas", "");
      canvas.setAttribute("aria-hidden", "true");
      const name = element("span", "row-name");
      row.append(canvas, name);
      field.append(row);
      return { key: stream.key, canvas, name };
    });
    const layer = element("div", "marks");
    const cursor = element("div", "cursor");
    const beside = element("div", "beside-lane");
    field.append(layer, cursor, beside);
    root.append(element("h2", "leg-title", TITLES[leg]), field);
    return { leg, root, field, rows, layer, cursor, beside };
  }

  paint() {
    const colours = this.colours();
    const { from, length, gain, clock } = this.desk;
    const facts = { colours, clock, from, to: from + length, width: this.width };
    for (const { rows } of this.groups) {
      for (const { key, canvas, name } of rows) {
        const stream = this.streams.find((one) => one.key === key);
        const scale = scaleOf(stream, gain);
        paintStream(canvas, stream, { ...facts, scale });
        const axes = [...stream.axes.keys()];
        name.textContent = `${quantityText(stream.quantity)}${axes.length > 1 ? ` ${axes.join(" ")}` : ""} ±${scale.text} ${unitText(stream.unit)} · ${stream.sensor}`;
      }
    }
    paintClock(this.clockCanvas, facts);
    this.place();
  }

  // Marks, the cursor and what is begun, as they are now.
  place() {
    const { desk } = this;
    const labels = desk.marks.labels.map((label) => (label.key === desk.preview?.key ? desk.preview : label));
    if (desk.preview && !labels.includes(desk.preview)) labels.push(desk.preview);
    for (const group of this.groups) {
      const own = labels.filter((label) => this.isIn(group, label) && this.isSeen(label));
      group.layer.replaceChildren(...own.map((label) => this.mark(label)), ...this.extras(group));
      group.cursor.hidden = desk.cursor < desk.from || desk.cursor > desk.to;
      group.cursor.style.left = this.percent(desk.cursor);
      const beside = this.beside.filter((label) => this.isIn(group, label) && this.isSeen(label));
      group.beside.replaceChildren(...beside.map((label) => this.bar(label)));
      group.beside.hidden = this.beside.length === 0;
    }
  }

  isSeen({ onset_s, end_s }) {
    return onset_s < this.desk.from + this.desk.length && end_s > this.desk.from;
  }

  // A mark of a leg that has no sensor is seen on what there is.
  isIn(group, { leg }) {
    return leg === group.leg || leg === "both" || !["left", "right"].includes(group.leg) || !this.groups.some((one) => one.leg === leg);
  }

  percent(t) {
    return `${((t - this.desk.from) / this.desk.length) * 100}%`;
  }

  span(node, { onset_s, end_s }) {
    const { from, length } = this.desk;
    const [left, right] = [Math.max(onset_s, from - length), Math.min(end_s, from + 2 * length)];
    node.style.left = this.percent(left);
    node.style.width = `${((right - left) / length) * 100}%`;
    return node;
  }

  mark(label) {
    const { desk } = this;
    const node = this.span(element("div", `mark-box c-${desk.colourOf(label.kind)}`), label);
    node.dataset.key = label.key;
    node.dataset.kind = label.kind;
    if (((label.end_s - label.onset_s) / desk.length) * this.width > NARROW_PX) node.append(element("span", "mark-name", desk.textOf(label.kind)));
    if (label.key === desk.key) {
      node.dataset.chosen = "";
      for (const edge of ["onset_s", "end_s"]) {
        const handle = element("i", "handle");
        handle.dataset.edge = edge;
        node.append(handle);
      }
    }
    return node;
  }

  extras(group) {
    const { desk } = this;
    const found = [];
    if (desk.begun !== null) {
      const [onset_s, end_s] = [desk.begun, desk.cursor].sort((a, b) => a - b);
      const label = { leg: desk.leg, onset_s, end_s };
      if (this.isIn(group, label)) found.push(this.span(element("div", "mark-box begun"), label));
    }
    if (desk.suggestion && this.isIn(group, desk.suggestion) && this.isSeen(desk.suggestion)) {
      found.push(this.span(element("div", "suggested"), desk.suggestion));
    }
    return found;
  }

  bar(label) {
    const node = this.span(element("div", `bar-box c-${this.desk.colourOf(label.kind)}`), label);
    node.title = this.desk.nameOf(label);
    return node;
  }
}
