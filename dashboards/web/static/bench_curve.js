// The trade-off of the threshold in hand: a point for each of its values, drawn as they come, with the one that is set
// and the one of the named set.

import { follow, sentence } from "./bench_post.js";
import { fillTable } from "./bench_table.js";

const N_VALUES = 20;
const HEIGHT_PX = 280;
const LEAST_WIDTH_PX = 200;
const PAD = { left: 52, right: 16, top: 14, bottom: 38 };
const SPREAD = 1.08;
// Beside the ring around the value of the set, which may lie on the axis.
const CLEAR_PX = 12;
const VIEWS = {
  false_per_h: { x: "false_per_h", y: "sensitivity", names: ["False per hour", "Sensitivity"], needs: true },
  ppv: { x: "ppv", y: "sensitivity", names: ["PPV", "Sensitivity"], needs: true },
  f1: { x: "value", y: "f1", names: ["", "F1"], needs: true },
  index: { x: "value", y: "index_per_h", names: ["", "Periodic per hour"], needs: false },
};
const SHARES = new Set(["sensitivity", "ppv", "f1"]);
const COLUMNS = [["value", "Value"], ["f1", "F1"], ["sensitivity", "Sensitivity"], ["ppv", "PPV"], ["false_per_h", "False per hour"], ["index_per_h", "Periodic per hour"]];

export class Curve {
  constructor(api, sheet) {
    Object.assign(this, { api, sheet, points: new Map(), key: "", facts: null, width: LEAST_WIDTH_PX });
    this.host = sheet.querySelector("#curve");
    this.said = sheet.querySelector("#curve-said");
    this.table = sheet.querySelector("#curve-table");
    this.views = sheet.querySelector("#curve-views");
    this.views.addEventListener("change", () => this.draw());
    // To ask a page how wide it is has it laid out at once: it is told instead.
    new ResizeObserver(([{ contentRect }]) => {
      this.width = Math.max(Math.floor(contentRect.width), LEAST_WIDTH_PX);
      this.draw();
    }).observe(this.host);
  }

  // facts: the threshold in hand; setting says all else. A curve goes on while only its own threshold moves.
  async about(facts, setting) {
    const others = new Map([...setting.changes].filter(([name]) => name !== facts?.name));
    const key = JSON.stringify([facts?.name, setting.asked(others)]);
    if (key === this.key) return;
    this.stop();
    Object.assign(this, { key, facts, points: new Map(), hasReference: setting.reference !== "" });
    this.sheet.hidden = !facts || facts.low === null || !setting.keys.size;
    if (this.sheet.hidden) return;
    this.draw();
    const leaving = new AbortController();
    this.leaving = leaving;
    const values = valuesOf(facts);
    const body = { ...setting.asked(others), threshold: facts.name, values };
    this.said.textContent = `${facts.text}: 0 of ${values.length} values`;
    const told = await follow(`${this.api}/curve`, body, leaving.signal, (point) => {
      this.points.set(point.value, point);
      this.said.textContent = `${facts.text}: ${this.points.size} of ${values.length} values`;
      this.draw();
    });
    if (leaving.signal.aborted) return;
    const { x, y } = this.view;
    const known = [...this.points.values()].some((p) => p[x] !== null && p[y] !== null);
    this.said.textContent = told.said ? sentence(told.said) : known ? facts.text : `${facts.text}: not known at any of its values.`;
    this.fillTable();
  }

  stop() {
    this.leaving?.abort();
    this.key = "";
  }

  // What is set now: its agreement is known without a question.
  at(value, agreement) {
    this.now = { value, ...Object.fromEntries(agreement.map((one) => [one.name, one.value])) };
    if (!this.moveDot()) this.draw();
  }

  // Whether it was enough to move the dot of what is set: all else stays while a slider moves.
  moveDot() {
    const { mark, across, up, view } = this.drawn ?? {};
    if (!mark) return false;
    const at = [this.now[view.x], this.now[view.y]];
    if (!at.every(Number.isFinite) || at[0] > across.high || at[1] > up.high) return false;
    mark.setAttribute("cx", across.at(at[0]));
    mark.setAttribute("cy", up.at(at[1]));
    mark.firstChild.textContent = this.wordsOfNow();
    return true;
  }

  wordsOfNow() {
    return `${this.now.value} ${this.facts.unit}, set now`;
  }

  get view() {
    if (!this.hasReference) return VIEWS.index;
    return VIEWS[this.views.querySelector("input:checked").value];
  }

  draw() {
    this.drawn = null;
    if (this.sheet.hidden || !this.facts) return;
    for (const input of this.views.querySelectorAll("input")) input.disabled = !this.hasReference && VIEWS[input.value].needs;
    const { view, width } = this;
    const { x, y, names } = view;
    const points = [...this.points.values()].filter((p) => p[x] !== null && p[y] !== null).sort((a, b) => a.value - b.value);
    const now = this.now && Number.isFinite(this.now[x]) && Number.isFinite(this.now[y]) ? this.now : null;
    const all = now ? [...points, now] : points;
    const across = scale(x === "value" ? [this.facts.low, this.facts.high] : reach(x, all), PAD.left, width - PAD.right);
    const up = scale(reach(y, all), HEIGHT_PX - PAD.bottom, PAD.top);
    const place = (p) => [across.at(p[x]), up.at(p[y])];
    const svg = element("svg", { width, height: HEIGHT_PX, role: "img", "aria-label": this.words(points, x, y) });
    svg.append(...axes(across, up, width, [names[0] || `${this.facts.text}${this.facts.unit && `, ${this.facts.unit}`}`, names[1]]));
    if (points.length > 1) svg.append(element("path", { class: "curve-line", d: `M${points.map((p) => place(p).map((v) => v.toFixed(1)).join(" ")).join("L")}` }));
    for (const p of points) svg.append(dot(place(p), "curve-point", 3, `${p.value} ${this.facts.unit}`));
    const own = points.find((p) => p.value === this.facts.value);
    if (own) svg.append(dot(place(own), "curve-own", 8, `${own.value} ${this.facts.unit}, of the set`));
    if (now) {
      const mark = dot(place(now), "curve-now", 6, this.wordsOfNow());
      svg.append(mark);
      this.drawn = { mark, across, up, view };
    }
    this.host.replaceChildren(svg);
  }

  words(points, x, y) {
    return `${this.facts.text}: ${points.length} points of ${y.replaceAll("_", " ")} against ${x.replaceAll("_", " ")}; the table below has them`;
  }

  fillTable() {
    const points = [...this.points.values()].sort((a, b) => a.value - b.value);
    const text = (p, name) => (p[name] === null ? "not known" : name === "value" ? p[name] : p[name].toFixed(3));
    fillTable(this.table, COLUMNS.map(([, title]) => title), points.map((p) => COLUMNS.map(([name]) => text(p, name))));
  }
}

// The ends, the middle and what lies between, so that the whole curve is seen early; the value of the set first.
function valuesOf({ low, high, value }) {
  const even = Array.from({ length: N_VALUES + 1 }, (_, i) => Number((low + ((high - low) * i) / N_VALUES).toPrecision(6)));
  const known = new Set(typeof value === "number" ? [value] : []);
  for (let step = N_VALUES; step >= 1; step = Math.floor(step / 2)) for (let i = 0; i <= N_VALUES; i += step) known.add(even[i]);
  return [...known];
}

function reach(name, points) {
  if (SHARES.has(name)) return [0, 1];
  const highest = Math.max(...points.map((p) => p[name]), 0);
  return [0, highest > 0 ? highest * SPREAD : 1];
}

function scale([low, high], from, to) {
  return { low, high, at: (value) => from + ((value - low) / (high - low || 1)) * (to - from) };
}

function ticks({ low, high }) {
  const rough = (high - low) / 5;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((m) => m * power).find((s) => s >= rough);
  const found = [];
  for (let k = Math.ceil(low / step - 1e-9); k * step <= high + step * 1e-9; k++) found.push(Number((k * step).toPrecision(10)));
  return found;
}

function axes(across, up, width, [xName, yName]) {
  const parts = [];
  const bottom = HEIGHT_PX - PAD.bottom;
  for (const t of ticks(up)) {
    parts.push(element("line", { class: "grid", x1: PAD.left, x2: width - PAD.right, y1: up.at(t), y2: up.at(t) }));
    parts.push(text(PAD.left - CLEAR_PX, up.at(t) + 4, "end", t));
  }
  for (const t of ticks(across)) {
    parts.push(element("line", { class: "grid", x1: across.at(t), x2: across.at(t), y1: PAD.top, y2: bottom }));
    parts.push(text(across.at(t), bottom + 16, "middle", t));
  }
  parts.push(text((PAD.left + width - PAD.right) / 2, HEIGHT_PX - 4, "middle", xName, "name"));
  const side = text(12, (PAD.top + bottom) / 2, "middle", yName, "name");
  side.setAttribute("transform", `rotate(-90 12 ${(PAD.top + bottom) / 2})`);
  return [...parts, side];
}

function dot([cx, cy], name, r, said) {
  const circle = element("circle", { class: name, cx, cy, r });
  circle.append(Object.assign(document.createElementNS("http://www.w3.org/2000/svg", "title"), { textContent: said }));
  return circle;
}

function text(x, y, anchor, said, name = "tick-text") {
  const found = element("text", { class: name, x, y, "text-anchor": anchor });
  found.textContent = said;
  return found;
}

function element(name, attributes) {
  const made = document.createElementNS("http://www.w3.org/2000/svg", name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  return made;
}
