// What is looked at: recordings, thresholds, class and reference. The address keeps it, so that a link or a reload
// brings it back.

const MOST_AT_FIRST = 30;
const MOVEMENT = "leg_movement";
const LABEL = "/label/";

export class Setting {
  constructor(choices) {
    this.choices = choices;
    this.scorable = choices.recordings.filter((one) => !one.problem);
    this.changes = new Map();
    this.read(new URLSearchParams(location.search));
  }

  // What the address says, and where it says nothing what a person most likely wants.
  read(query) {
    const { choices } = this;
    const known = new Set(this.scorable.map((one) => one.key));
    const asked = query.getAll("r").filter((key) => known.has(key));
    this.keys = new Set(asked.length || query.has("r") ? asked : this.usual());
    this.criteria = one(query.get("criteria"), choices.criteria) ?? choices.criteria[0];
    const words = choices.classes.map(({ word }) => word);
    this.word = one(query.get("word"), words) ?? one(MOVEMENT, words) ?? words[0];
    const scorers = this.scorers();
    this.reference = query.has("ref") ? (one(query.get("ref"), scorers) ?? "") : (scorers[0] ?? "");
    this.changes = new Map(query.getAll("set").map((text) => split(text)).filter(([name, value]) => name && value));
    this.held = query.get("at") ?? "";
  }

  // What is chosen where nobody chose.
  usual() {
    return this.scorable.slice(0, MOST_AT_FIRST).map((one) => one.key);
  }

  // Who marked events in what is chosen, whoever marked most recordings first; of as many the server's order stays, which
  // has lists of files before a rater who may just have begun.
  scorers() {
    const n = new Map();
    for (const recording of this.chosen()) for (const name of recording.scorers) n.set(name, (n.get(name) ?? 0) + 1);
    return [...n.keys()].sort((a, b) => n.get(b) - n.get(a));
  }

  chosen() {
    return this.scorable.filter((one) => this.keys.has(one.key));
  }

  // What is sent to the server.
  asked(changes = this.changes) {
    const { criteria, word, reference } = this;
    return { keys: this.chosen().map((one) => one.key), criteria, changes: Object.fromEntries(changes), word, reference };
  }

  query() {
    const query = new URLSearchParams();
    query.set("criteria", this.criteria);
    query.set("word", this.word);
    query.set("ref", this.reference);
    for (const [name, value] of this.changes) query.append("set", `${name}=${value}`);
    if (this.held) query.set("at", this.held);
    const usual = this.usual();
    const isUsual = this.keys.size === usual.length && usual.every((key) => this.keys.has(key));
    if (!isUsual) for (const key of this.keys.size ? this.keys : [""]) query.append("r", key);
    return query;
  }

  keep() {
    history.replaceState(null, "", `${location.pathname}?${this.query()}`);
  }

  // Where marks are made leads back to what is looked at here, and suggests by the same thresholds.
  carry(address) {
    const url = new URL(address, location.href);
    if (!url.pathname.startsWith(LABEL)) return address;
    const query = this.query();
    query.delete("at");
    if (this.held) query.set("held", this.held);
    const at = url.searchParams.get("at");
    if (at !== null) query.set("at", at);
    return `${url.pathname}?${query}`;
  }
}

function one(value, known) {
  return known.includes(value) ? value : null;
}

function split(text) {
  const at = text.indexOf("=");
  return at < 0 ? ["", ""] : [text.slice(0, at), text.slice(at + 1)];
}
