// What others marked, shown beside the own marks, and how far two agree; nothing of it while one scores blind.

import { element } from "./label_element.js";

const AGAIN_MS = 1500;
// What rounds to zero has no sign.
const text = (value) => (value === null ? "–" : value.toFixed(2).replace(/^-(?=[0.]+$)/, "").replace("-", "−"));

export class Others {
  // facts: {api, rater(), desk, board}
  constructor(facts) {
    Object.assign(this, facts, { marks: {}, raters: [], shown: "", turn: 0 });
    this.host = document.getElementById("others-body");
    this.host.addEventListener("change", (e) => e.target.matches("#beside") && this.beside(e.target.value));
    this.desk.listen(() => this.age());
    this.host.addEventListener("click", (e) => e.target.matches("#others-again") && this.load());
  }

  hide() {
    this.turn += 1;
    this.marks = {};
    this.board.beside = [];
    this.host.replaceChildren(element("p", { className: "quiet", textContent: "You score blind: what others marked, what Soleus found and how far you agree is hidden." }));
  }

  async load() {
    const turn = ++this.turn;
    const query = new URLSearchParams({ rater: this.rater() });
    if (!this.host.childElementCount || this.host.querySelector(":scope > .quiet:only-child")) this.host.replaceChildren(element("p", { className: "quiet", textContent: "Looking …" }));
    const found = await asked(`${this.api}/others?${query}`);
    if (turn !== this.turn) return;
    if (!found) return void this.host.replaceChildren(element("p", { className: "quiet", textContent: "Soleus does not answer." }), this.again());
    Object.assign(this, found);
    const compared = this.own();
    const names = Object.keys(this.marks);
    const rows = await Promise.all(names.map((other) => asked(`${this.api}/agreement?${new URLSearchParams({ rater: this.rater(), other })}`)));
    if (turn !== this.turn) return;
    this.compared = compared;
    this.show(names, rows);
    // What Soleus found comes as soon as it is known.
    if (this.opening) setTimeout(() => turn === this.turn && this.load(), AGAIN_MS);
  }

  show(names, rows) {
    if (!names.length) return void this.host.replaceChildren(element("p", { className: "quiet", textContent: "Nobody else has marked anything here." }));
    const choice = element("select", { id: "beside" }, new Option("Nobody", ""), ...names.map((name) => new Option(`${name} (${this.marks[name].length})`, name)));
    choice.value = names.includes(this.shown) ? this.shown : "";
    this.beside(choice.value);
    const line = element("div", { className: "suggest-asked" }, element("label", { className: "field" }, "Show beside the own marks", choice), this.again());
    const words = element("p", { className: "quiet", textContent: "F1 of marks that belong together, the median distance of their onsets, and kappa per second. Agreement says how alike two score, not who is right." });
    const aged = element("p", { id: "others-aged", textContent: "Your marks have changed since: compare again.", hidden: true });
    this.host.replaceChildren(line, aged, this.table(names, rows), words);
    this.age();
  }

  own() {
    return JSON.stringify(this.desk.marks.labels);
  }

  // The table is of the marks as they were when it was asked for.
  age() {
    const aged = document.getElementById("others-aged");
    if (aged) aged.hidden = this.own() === this.compared;
  }

  again() {
    return element("button", { type: "button", id: "others-again", textContent: "Compare again" });
  }

  table(names, rows) {
    const heads = ["With", "Class", "Own", "Other", "Both", "F1", "Kappa", "Onset, s"];
    const head = element("tr", {}, ...heads.map((name) => Object.assign(element("th", { textContent: name }), { scope: "col" })));
    const body = element("tbody", {});
    names.forEach((name, i) => {
      const card = this.raters.find(({ rater }) => rater === name);
      const who = card ? `${name}${card.blind ? ", blind" : ""}${card.finished ? ", finished" : ""}` : name;
      for (const row of rows[i] ?? []) {
        const cells = [who, row.text, row.n_one, row.n_other, row.n_both, text(row.f1), text(row.kappa), text(row.onset_off_s)];
        body.append(element("tr", {}, ...cells.map((value) => element("td", { textContent: value }))));
      }
    });
    const table = element("table", { id: "agreement" }, element("caption", { className: "visually-hidden", textContent: "Agreement between raters" }), element("thead", {}, head), body);
    const frame = element("div", { className: "scrolled", tabIndex: 0 }, table);
    frame.setAttribute("role", "region");
    frame.setAttribute("aria-label", "Agreement between raters");
    return frame;
  }

  beside(name) {
    this.shown = name;
    this.board.beside = this.marks[name] ?? [];
    this.desk.changed();
  }
}

// What the server answers, or null.
async function asked(url) {
  const answer = await fetch(url).catch(() => null);
  return answer?.ok ? answer.json().catch(() => null) : null;
}
