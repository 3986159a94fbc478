// What is looked at: the set of thresholds, the class, the reference, and recordings with all and none.

import { badge } from "./bench_strip_head.js";
import { durationText } from "./clocktime.js";

export class Choices {
  // changed(what) is told of every choice: "criteria", "word", "reference" or "keys".
  constructor(setting, changed) {
    Object.assign(this, { setting, changed });
    this.criteria = document.getElementById("criteria");
    this.word = document.getElementById("class");
    this.reference = document.getElementById("reference");
    this.list = document.getElementById("recordings");
    this.said = document.getElementById("pick-said");
    document.getElementById("choose").addEventListener("submit", (e) => e.preventDefault());
    for (const [name, select] of [["criteria", this.criteria], ["word", this.word], ["reference", this.reference]]) {
      select.addEventListener("change", () => {
        setting[name] = select.value;
        changed(name);
      });
    }
    this.list.addEventListener("change", () => this.pick((key) => this.boxes.get(key).checked));
    document.getElementById("pick-all").addEventListener("click", () => this.pick(() => true));
    document.getElementById("pick-none").addEventListener("click", () => this.pick(() => false));
    const marked = new Set(setting.scorable.filter((one) => one.scorers.length).map((one) => one.key));
    const those = document.getElementById("pick-marked");
    those.hidden = marked.size === 0 || marked.size === setting.scorable.length;
    those.addEventListener("click", () => this.pick((key) => marked.has(key)));
    this.build();
  }

  build() {
    const { setting } = this;
    this.boxes = new Map();
    this.list.replaceChildren(...setting.choices.recordings.map((one) => this.line(one)));
    this.word.replaceChildren(...setting.choices.classes.map(({ word, title }) => new Option(title, word)));
    this.show();
  }

  line(recording) {
    const item = document.createElement("li");
    const label = Object.assign(document.createElement("label"), { className: "check" });
    const box = Object.assign(document.createElement("input"), { type: "checkbox", value: recording.key, disabled: recording.problem !== "" });
    const name = Object.assign(document.createElement("span"), { textContent: recording.name });
    if (recording.simulated) name.append(" ", badge());
    const about = recording.problem || [durationText(recording.duration_s), recording.veil || (recording.scorers.length ? `marked by ${recording.scorers.join(", ")}` : "no marks")].join(", ");
    name.append(Object.assign(document.createElement("span"), { className: recording.problem ? "problem" : "about", textContent: about }));
    label.append(box, name);
    item.append(label);
    if (!recording.problem) this.boxes.set(recording.key, box);
    return item;
  }

  pick(is) {
    this.setting.keys = new Set([...this.boxes.keys()].filter(is));
    this.changed("keys");
  }

  // A set that was just saved can be chosen from now on.
  add(name) {
    const { criteria } = this.setting.choices;
    if (!criteria.includes(name)) criteria.push(name);
    this.show();
  }

  show() {
    const { setting } = this;
    this.criteria.replaceChildren(...setting.choices.criteria.map((name) => new Option(name, name)));
    this.criteria.value = setting.criteria;
    this.word.value = setting.word;
    const scorers = setting.scorers();
    // Chosen before the recordings were: it stays, and says that nobody of that name marked these.
    const here = setting.reference && !scorers.includes(setting.reference) ? [setting.reference] : [];
    this.reference.replaceChildren(new Option("nobody", ""), ...[...scorers, ...here].map((name) => new Option(name, name)));
    this.reference.value = setting.reference;
    for (const [key, box] of this.boxes) box.checked = setting.keys.has(key);
    const [n, all] = [setting.keys.size, setting.scorable.length];
    this.said.textContent = all === 1 ? "1 recording" : n === all ? `All ${all} recordings` : `${n} of ${all} recordings`;
  }
}
