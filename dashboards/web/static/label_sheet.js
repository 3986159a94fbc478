// The marks of a rater as they will be: what the server has, and after it what is still on its way there.

const nothing = { labels: [], n_acts: 0, undoable: "", redoable: "", blind: false, was_open: true, finished: false };

function doOne(state, { do: word, label }) {
  const { labels, done, undone } = state;
  const set = (key, value) => (value ? labels.set(key, value) : labels.delete(key));
  if (word === "undo" || word === "redo") {
    const back = word === "undo";
    // What was done in an earlier page only the server knows: its sheet will say what becomes of it.
    const step = (back ? done : undone).pop() ?? null;
    if (step) set(step.key, back ? step.before : step.after);
    (back ? undone : done).push(step);
  } else if (word === "add" || word === "change" || word === "delete") {
    const after = word === "delete" ? null : label;
    done.push({ key: label.key, before: labels.get(label.key) ?? null, after });
    undone.length = 0;
    set(label.key, after);
  } else if (word === "blind" || word === "open") state.blind = word === "blind";
  else state.finished = word === "finish";
}

export class Marks {
  constructor() {
    this.server = nothing;
    this.done = [];
    this.undone = [];
    this.pending = [];
    this.find();
  }

  // The whole sheet, as the server has it now: nothing older than what is known. What another page, or an import, did
  // is nothing that this page could take back by itself.
  take(sheet) {
    if (sheet.n_acts < this.server.n_acts) return;
    if (sheet.n_acts !== this.server.n_acts) Object.assign(this, { done: [], undone: [] });
    this.server = sheet;
    this.find();
  }

  begin(entry) {
    this.pending.push(entry);
    this.find();
  }

  answered(entry, sheet) {
    const state = this.state();
    doOne(state, entry.body);
    if (sheet.n_acts >= this.server.n_acts) this.server = sheet;
    Object.assign(this, { done: state.done, undone: state.undone });
    this.forget(entry);
  }

  forget(entry) {
    this.pending = this.pending.filter((one) => one !== entry);
    this.find();
  }

  state() {
    const { labels, blind, finished } = this.server;
    return { labels: new Map(labels.map((one) => [one.key, one])), done: [...this.done], undone: [...this.undone], blind, finished };
  }

  find() {
    if (!this.pending.length && !this.server.undoable) this.done = [];
    if (!this.pending.length && !this.server.redoable) this.undone = [];
    const state = this.state();
    for (const { body } of this.pending) doOne(state, body);
    this.labels = [...state.labels.values()].sort((a, b) => a.onset_s - b.onset_s || a.end_s - b.end_s);
    this.blind = state.blind;
    this.finished = state.finished;
    this.canUndo = state.done.length > 0 || this.server.undoable !== "";
    this.canRedo = state.undone.length > 0 || (this.pending.length === 0 && this.server.redoable !== "");
  }

  of(key) {
    return this.labels.find((label) => label.key === key) ?? null;
  }
}
