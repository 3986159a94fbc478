// The marks of the rater beside the signals: the chosen one in figures, all of them as a list, what is saved.

import { durationText } from "./clocktime.js";
import { element } from "./label_element.js";

const MOST_ROWS = 500;

export class OwnMarks {
  constructor(desk) {
    this.desk = desk;
    this.form = document.getElementById("chosen");
    this.list = document.getElementById("own-list");
    this.told = "";
    this.form.addEventListener("change", (e) => this.changed(e.target));
    this.form.addEventListener("submit", (e) => e.preventDefault());
    this.list.addEventListener("click", (e) => {
      const label = desk.marks.of(e.target.closest("button")?.dataset.key);
      if (label) desk.choose(label);
    });
    for (const [id, act] of [["mark-before", () => desk.step(-1)], ["mark-after", () => desk.step(1)], ["delete", () => desk.remove()]]) {
      document.getElementById(id).addEventListener("click", act);
    }
    document.getElementById("finished").addEventListener("change", (e) => {
      desk.act(e.target.checked ? "finish" : "unfinish", null);
      desk.changed();
    });
  }

  // A begin after the end is none: the field says what it was again.
  changed(field) {
    const { chosen } = this.desk;
    if (!chosen || !["onset_s", "end_s"].includes(field.name)) return;
    const value = field.valueAsNumber;
    const fits = field.name === "onset_s" ? value < chosen.end_s : value > chosen.onset_s;
    if (Number.isFinite(value) && fits) this.desk.change({ [field.name]: value });
    else this.desk.say("A mark ends after it begins.");
    this.show();
  }

  show() {
    const { desk, form } = this;
    const { chosen, marks } = desk;
    form.classList.toggle("none", !chosen);
    form.querySelector("b").textContent = chosen ? `${desk.textOf(chosen.kind)}, ${chosen.leg}` : marks.labels.length ? "No mark chosen" : "Drag across a signal, or press Enter, to mark";
    for (const name of ["onset_s", "end_s"]) {
      const field = form.elements[name];
      field.disabled = !chosen;
      if (document.activeElement !== field || !chosen || field.valueAsNumber !== chosen[name]) field.value = chosen ? chosen[name].toFixed(3) : "";
    }
    document.getElementById("delete").disabled = !chosen;
    for (const id of ["mark-before", "mark-after"]) document.getElementById(id).disabled = !marks.labels.length;
    document.getElementById("finished").checked = marks.finished;
    document.getElementById("finished-note").hidden = !marks.blind;
    this.rows();
  }

  // Made anew only where a mark has changed: a window that moves along changes none.
  rows() {
    const { desk } = this;
    const now = JSON.stringify([desk.marks.labels, desk.key]);
    if (now === this.told) return;
    this.told = now;
    const { labels } = desk.marks;
    const counts = new Map();
    for (const { kind } of labels) counts.set(kind, (counts.get(kind) ?? 0) + 1);
    const sum = [...counts].map(([kind, n]) => `${n} × ${desk.textOf(kind).toLowerCase()}`).join(", ");
    const list = element("ol", { className: "own-rows" });
    for (const label of labels.slice(0, MOST_ROWS)) list.append(element("li", {}, this.row(label)));
    this.list.replaceChildren(element("p", { className: "quiet", id: "own-sum", textContent: sum || "Nothing is marked yet." }), list);
  }

  row(label) {
    const { desk } = this;
    const swatch = element("i", { className: `swatch c-${desk.colourOf(label.kind)}` });
    swatch.setAttribute("aria-hidden", "true");
    const time = element("time", { textContent: desk.clock.text(label.onset_s) });
    const what = element("span", { textContent: desk.textOf(label.kind) });
    const rest = element("span", { className: "quiet", textContent: `${label.leg}, ${durationText(label.end_s - label.onset_s)}` });
    const button = element("button", { type: "button", className: "own-row" }, swatch, time, what, rest);
    button.dataset.key = label.key;
    if (label.key === desk.key) button.setAttribute("aria-current", "true");
    return button;
  }
}
