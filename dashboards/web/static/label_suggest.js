// Suggestions: what a label would tell most about, why, and what the answers changed.

import { NOTHING } from "./label_desk.js";

const HANDED_OVER = "soleus-suggestion";
const N = 10;
const OPENING = 202;
const AGAIN_MS = 1000;
const MOST_ASKED = 120;
const $ = (id) => document.getElementById(id);

export class Suggest {
  // facts: {api, recording, rater(), desk, outbox}
  constructor(facts) {
    Object.assign(this, facts, { waiting: [], now: null });
    $("suggest-next").addEventListener("click", () => this.next());
    $("suggestion-yes").addEventListener("click", () => this.yes());
    $("suggestion-fix").addEventListener("click", () => this.fix());
    $("suggestion-no").addEventListener("click", () => this.no());
    $("learn").addEventListener("click", () => this.learn());
    for (const id of ["suggest-word", "suggest-all"]) $(id).addEventListener("change", () => this.clear());
  }

  hide(blind) {
    $("suggest-body").hidden = blind;
    $("suggest-blind").hidden = !blind;
    if (blind) this.clear();
  }

  get blind() {
    return this.desk.marks.blind;
  }

  clear() {
    this.waiting = [];
    this.take(null);
    this.say("");
  }

  query() {
    const query = new URLSearchParams({ rater: this.rater(), word: $("suggest-word").value });
    if ($("suggest-all").checked) query.set("in", "all");
    // The thresholds of the bench that one came from.
    const here = new URLSearchParams(location.search);
    if (here.has("criteria")) query.set("criteria", here.get("criteria"));
    for (const change of here.getAll("set")) query.append("set", change);
    return query;
  }

  // What is shown counts as skipped; those that come next are asked for only when there are none.
  async next() {
    if (this.blind) return this.desk.say("You score blind: there are no suggestions.");
    if (!this.waiting.length) {
      this.say("Looking …");
      await this.outbox.empty();
      const query = this.query();
      query.set("n", N);
      const { found, why } = await asked(`${this.api}/suggestions?${query}`, (text) => this.say(text));
      if (why) return this.say(why);
      this.waiting = found;
    }
    this.say("");
    const one = this.waiting.shift();
    if (!one) {
      this.take(null);
      return this.say("There is nothing to suggest.");
    }
    if (one.key !== this.recording) return this.leave(one);
    this.take(one);
  }

  take(one) {
    this.now = one;
    this.desk.suggestion = one;
    $("suggestion").hidden = !one;
    if (one) {
      const { clock } = this.desk;
      $("suggestion-what").textContent = `${one.text}, ${one.leg} leg, ${clock.text(one.onset_s, 2)} to ${clock.text(one.end_s, 2)}?`;
      $("suggestion-why").textContent = one.why;
      this.desk.key = null;
      this.desk.cursor = one.onset_s;
      this.desk.reveal(one.onset_s, one.end_s);
      this.desk.say(`Suggestion: ${$("suggestion-what").textContent} ${one.why}.`);
    }
    this.desk.changed();
    if (one) bringIntoView($("suggestion"));
  }

  yes() {
    if (!this.answer(this.now?.kind)) return;
    this.next();
  }

  no() {
    if (!this.answer(NOTHING)) return;
    this.next();
  }

  fix() {
    const label = this.answer(this.now?.kind);
    if (!label) return;
    this.take(null);
    this.desk.choose(label);
  }

  answer(kind) {
    const { now } = this;
    if (!now) return this.desk.say("There is no suggestion: ask for one first.");
    const leg = ["left", "right", "both"].includes(now.leg) ? now.leg : this.desk.leg;
    return this.desk.add({ kind, leg, onset_s: now.onset_s, end_s: now.end_s });
  }

  // It is in another recording: its page takes the suggestion over.
  async leave(one) {
    await this.outbox.empty();
    try {
      sessionStorage.setItem(HANDED_OVER, JSON.stringify({ one, word: $("suggest-word").value }));
    } catch {
      // Then its page begins at the place, without the question.
    }
    const query = new URLSearchParams(location.search);
    query.set("at", one.onset_s);
    location.assign(`/label/${encodeURIComponent(one.key)}?${query}`);
  }

  arrive() {
    try {
      const handed = JSON.parse(sessionStorage.getItem(HANDED_OVER));
      sessionStorage.removeItem(HANDED_OVER);
      if (handed?.one?.key !== this.recording || this.blind) return;
      $("suggest-word").value = handed.word;
      $("suggest-all").checked = true;
      this.take(handed.one);
    } catch {
      // Nothing was handed over.
    }
  }

  async learn() {
    const place = $("learned");
    place.textContent = "Looking …";
    await this.outbox.empty();
    const { found, why } = await asked(`${this.api}/learned?${this.query()}`, (text) => (place.textContent = text));
    if (why) return void (place.textContent = why);
    place.replaceChildren(...told(found).map((line) => Object.assign(document.createElement("p"), { textContent: line })));
  }

  say(words) {
    $("suggest-said").textContent = words;
  }
}

// With as much as there is room for of the signals, which stand above it.
function bringIntoView(place) {
  const { top, bottom } = place.getBoundingClientRect();
  if (top < 0 || bottom > innerHeight) place.scrollIntoView({ block: "end" });
}

// {found} or {why}; a recording that is being opened is asked about again until it is.
async function asked(url, wait) {
  for (let n = 0; ; n += 1) {
    const answer = await fetch(url).catch(() => null);
    const found = await answer?.json().catch(() => null);
    if (answer?.ok && found && answer.status !== OPENING) return { found };
    if (answer?.status !== OPENING || n >= MOST_ASKED) return { why: `${sentence(found?.error ?? found?.opening ?? "Soleus does not answer")}.` };
    wait("Opening the recording …");
    await new Promise((done) => setTimeout(done, AGAIN_MS));
  }
}

const sentence = (text) => text[0].toUpperCase() + text.slice(1);
const percent = (number) => (number?.value === null || !number ? "not known" : number.value.toFixed(2));

function told({ n_yes, n_no, agreement, as_it_was, criteria, changes, why }) {
  const lines = [`Answered so far: ${n_yes} yes, ${n_no} no.`];
  if (!changes.length) return [...lines, why || "The thresholds fit the answers as they are."];
  const f1 = (numbers) => percent(numbers.find(({ name }) => name === "f1"));
  lines.push(`On these answers F1 goes from ${f1(as_it_was)} to ${f1(agreement)} with the thresholds that fit them best; on other nights it was not tried.`);
  lines.push(`soleus score --criteria ${criteria} ${changes.map(([name, value]) => `--set ${name}=${value}`).join(" ")}`);
  return lines;
}
