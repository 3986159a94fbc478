// Every threshold: a slider, a field and the way back, in groups that fold; what matters for the class stands first.

import { SourceCard } from "./bench_source.js";

const OPEN_AT_FIRST = 1;
let made = 0;

export class Thresholds {
  // moved(name, value, at) is told of each new value, or of null for the set's own; held(name) of the one in hand.
  constructor(host, { moved, grasped }) {
    Object.assign(this, { host, moved, grasped });
    this.rows = new Map();
    this.card = new SourceCard(document.getElementById("source"));
    this.find = document.getElementById("find");
    this.found = document.getElementById("found");
    this.find.addEventListener("input", () => this.filter());
  }

  // thresholds in the order of the set; order: groups that matter for the class, most first.
  build(thresholds, order, changes) {
    this.rows = new Map(thresholds.map((one) => [one.name, new Row(this, one)]));
    this.groups = new Map();
    for (const row of this.rows.values()) {
      const { group, group_title: title } = row.facts;
      if (!this.groups.has(group)) this.groups.set(group, makeGroup(group, title));
      this.groups.get(group).querySelector("ol").append(row.item);
    }
    this.host.replaceChildren();
    this.arrange(order);
    [...this.host.children].slice(0, OPEN_AT_FIRST).forEach((group) => (group.open = true));
    this.show(changes);
    this.filter();
  }

  arrange(order) {
    const place = (name) => (order.includes(name) ? order.indexOf(name) : order.length);
    const sorted = [...this.groups].sort(([a], [b]) => place(a) - place(b)).map(([, group]) => group);
    for (const group of sorted) group.classList.toggle("matters", order.includes(group.dataset.group));
    this.host.append(...sorted);
  }

  show(changes) {
    for (const [name, row] of this.rows) row.show(changes.get(name) ?? null);
    for (const group of this.groups.values()) count(group);
  }

  // While a slider moves nothing else is looked at.
  showOne(name, changed) {
    const row = this.rows.get(name);
    row.show(changed);
    count(this.groups.get(row.facts.group));
  }

  refuse(name, said) {
    this.refused?.refuse("");
    this.refused = said ? this.rows.get(name) : null;
    this.refused?.refuse(said);
  }

  // The one in hand: its curve is drawn, and the page shows which it is.
  hold(name) {
    for (const [other, row] of this.rows) row.item.classList.toggle("held", other === name);
    const group = this.rows.get(name)?.item.closest("details");
    if (group) group.open = true;
  }

  filter() {
    const words = this.find.value.toLowerCase().split(/\s+/).filter(Boolean);
    let n = 0;
    for (const row of this.rows.values()) {
      const fits = words.every((word) => row.words.includes(word));
      row.item.hidden = !fits;
      n += fits;
    }
    for (const group of this.groups.values()) {
      const left = group.querySelectorAll(".threshold:not([hidden])").length;
      group.hidden = !left;
      if (words.length && left) group.open = true;
    }
    this.found.textContent = words.length ? `${n} of ${this.rows.size} thresholds` : "";
  }
}

class Row {
  constructor(thresholds, facts) {
    Object.assign(this, { thresholds, facts });
    this.words = [facts.name, facts.text, facts.group_title, facts.source].join(" ").toLowerCase();
    this.id = `threshold-${(made += 1)}`;
    this.item = Object.assign(document.createElement("li"), { className: "threshold" });
    this.item.dataset.name = facts.name;
    this.own = written(facts.value);
    const head = Object.assign(document.createElement("div"), { className: "threshold-head" });
    this.label = Object.assign(document.createElement("label"), { htmlFor: this.id, textContent: facts.text });
    head.append(this.label, this.sourceButton());
    this.item.append(head, this.controls(), this.alert());
    this.item.addEventListener("focusin", () => thresholds.grasped(facts.name));
    this.item.addEventListener("pointerdown", () => thresholds.grasped(facts.name, true));
  }

  sourceButton() {
    const { published, changed, source } = this.facts;
    const button = Object.assign(document.createElement("button"), { type: "button", className: "source", textContent: published ? "published" : changed ? "changed" : "our own" });
    button.setAttribute("aria-label", `Source of ${this.facts.text}: ${source || "not told"}`);
    button.classList.toggle("is-published", published);
    button.addEventListener("click", () => this.thresholds.card.open(button, this.facts));
    return button;
  }

  controls() {
    const { facts } = this;
    const line = Object.assign(document.createElement("div"), { className: "threshold-move" });
    if (facts.low !== null && facts.high !== null) line.append(this.makeSlider());
    line.append(this.makeField());
    if (facts.unit) line.append(Object.assign(document.createElement("span"), { className: "unit", textContent: facts.unit }));
    this.reset = Object.assign(document.createElement("button"), { type: "button", className: "reset", textContent: `back to ${this.own}` });
    this.reset.addEventListener("click", () => {
      this.thresholds.moved(facts.name, null);
      this.field.focus();
    });
    line.append(this.reset);
    return line;
  }

  makeSlider() {
    const { low, high, step, text, unit, changed } = this.facts;
    const value = changed ? this.facts.before : this.facts.value;
    const box = Object.assign(document.createElement("span"), { className: "slider" });
    this.slider = Object.assign(document.createElement("input"), { type: "range", min: low, max: high, step: step ?? "any" });
    this.slider.setAttribute("aria-label", text);
    this.slider.addEventListener("input", (e) => {
      const moved = tidy(Number(this.slider.value));
      this.field.value = moved;
      this.slider.setAttribute("aria-valuetext", `${moved} ${unit}`);
      this.tell(moved, e.timeStamp);
    });
    const mark = Object.assign(document.createElement("i"), { className: "own", title: `${value} ${unit} in the ${changed ? "set that this one started from" : "set"}` });
    mark.style.setProperty("--at", Math.min(1, Math.max(0, (value - low) / (high - low))));
    mark.hidden = typeof value !== "number";
    box.append(this.slider, mark);
    return box;
  }

  makeField() {
    const { value, choices, unit, text } = this.facts;
    if (typeof value === "boolean" || choices.length) {
      this.field = document.createElement("select");
      const known = typeof value === "boolean" ? [["true", "yes"], ["false", "no"]] : choices.map((one) => [one, one.replaceAll("_", " ")]);
      this.field.append(...known.map(([option, said]) => new Option(said, option)));
      this.field.addEventListener("change", (e) => this.tell(this.field.value, e.timeStamp));
    } else {
      this.field = Object.assign(document.createElement("input"), { type: "text", inputMode: "decimal", autocomplete: "off", spellcheck: false });
      this.field.addEventListener("input", (e) => this.typed(e.timeStamp));
      this.field.addEventListener("blur", () => this.show(this.now));
    }
    this.field.id = this.id;
    this.field.className = "value";
    if (unit) this.field.setAttribute("aria-label", `${text}, ${unit}`);
    return this.field;
  }

  alert() {
    this.said = Object.assign(document.createElement("p"), { className: "threshold-said", hidden: true });
    this.said.setAttribute("role", "alert");
    return this.said;
  }

  // Half a number is none yet, and nothing is asked.
  typed(at) {
    const text = this.field.value.trim().replace(",", ".");
    const none = text === "none";
    const is = none || (text !== "" && Number.isFinite(Number(text)));
    this.field.setAttribute("aria-invalid", String(!is));
    if (is) this.tell(text, at);
  }

  tell(value, at) {
    this.thresholds.moved(this.facts.name, String(value) === this.own ? null : String(value), at);
  }

  // changed: what it is instead of what the set says, as text, or null.
  show(changed) {
    this.now = changed;
    const value = changed ?? this.own;
    if (document.activeElement !== this.field || changed === null) this.field.value = value;
    this.field.setAttribute("aria-invalid", "false");
    if (this.slider && Number.isFinite(Number(value))) {
      this.slider.value = value;
      this.slider.setAttribute("aria-valuetext", `${value} ${this.facts.unit}`);
    }
    this.item.classList.toggle("changed", changed !== null);
    this.reset.hidden = changed === null;
  }

  refuse(said) {
    this.said.textContent = said;
    this.said.hidden = !said;
    if (said) this.field.setAttribute("aria-invalid", "true");
  }
}

function makeGroup(name, title) {
  const group = Object.assign(document.createElement("details"), { className: "threshold-group" });
  group.dataset.group = name;
  const summary = document.createElement("summary");
  summary.append(title, Object.assign(document.createElement("span"), { className: "count" }));
  group.append(summary, document.createElement("ol"));
  return group;
}

function count(group) {
  const n = group.querySelectorAll(".threshold.changed").length;
  group.querySelector(".count").textContent = n ? `${n} changed` : "";
}

// As `--set` takes it.
function written(value) {
  return value === null ? "none" : String(value);
}

// What a slider says, without the noise of its steps.
function tidy(value) {
  return Number(value.toPrecision(10));
}
