// What raters did, on its way to the server: one act after the other, kept in this browser until the server has it.

import { UNANSWERED, postJson, whyLater } from "./post.js";

const STORED = "soleus-acts ";
const FIRST_WAIT_MS = 500;
const LONGEST_WAIT_MS = 10000;
const NOT_FOUND = 404;

const page = fresh();
let n = 0;

function fresh() {
  return crypto.getRandomValues(new Uint32Array(3)).join("-");
}

// A name that nothing else has: of an act, or of a mark.
export function newKey() {
  n += 1;
  return `${page}-${n}`;
}

export class Outbox {
  // facts: {answered(entry, sheet), refused(entry, why), told(n waiting, why)}
  constructor(facts) {
    Object.assign(this, facts, { waiting: [], aside: [], sending: false, failures: 0, timer: 0, kept: true, why: "" });
    addEventListener("online", () => this.send());
    document.addEventListener("visibilitychange", () => document.hidden || this.send());
    addEventListener("beforeunload", (e) => this.waiting.length && !this.kept && e.preventDefault());
  }

  // What pages left behind that were closed, or crashed. Of one that is still there an act comes twice, and counts once.
  adopt() {
    let names = [];
    try {
      names = Object.keys(localStorage).filter((key) => key.startsWith(STORED));
    } catch {
      // Then there is nothing to find.
    }
    this.waiting.push(...names.flatMap(read).sort((a, b) => a.at - b.at));
    this.copy();
    // Rather twice in the browser than not at all.
    if (this.kept) for (const name of names) localStorage.removeItem(name);
    this.send();
  }

  put(to, body) {
    const entry = { to, body, at: Date.now() };
    this.waiting.push(entry);
    this.copy();
    this.told(this.waiting.length, this.why);
    this.failures = 0;
    this.send();
    return entry;
  }

  copy() {
    try {
      const stored = [...this.aside, ...this.waiting];
      if (stored.length) localStorage.setItem(STORED + page, JSON.stringify(stored));
      else localStorage.removeItem(STORED + page);
      this.kept = true;
    } catch {
      // They live as long as the page.
      this.kept = false;
    }
  }

  async send() {
    if (this.sending) return;
    this.sending = true;
    clearTimeout(this.timer);
    try {
      while (this.waiting.length) {
        const [entry] = this.waiting;
        const answer = await postJson(entry.to, entry.body);
        const said = await answer?.json().catch(() => null);
        // What says yes and nothing more was never Soleus, or broke off half way.
        this.why = answer?.ok && !said ? UNANSWERED : whyLater(answer, said);
        if (this.why) return void this.later();
        this.took(entry, answer, said);
      }
    } finally {
      this.sending = false;
      this.told(this.waiting.length, this.why);
    }
  }

  took(entry, answer, said) {
    this.failures = 0;
    this.waiting.shift();
    // The server may have been started without this recording: the next page tries again.
    if (answer.status === NOT_FOUND) this.aside.push(entry);
    this.copy();
    if (answer.ok) this.answered(entry, said);
    else this.refused(entry, said?.error ?? `it was refused (${answer.status})`);
    this.told(this.waiting.length, this.why);
  }

  later() {
    const wait = Math.min(FIRST_WAIT_MS * 2 ** this.failures++, LONGEST_WAIT_MS);
    this.timer = setTimeout(() => this.send(), wait);
  }

  // Resolves when nothing waits any more.
  async empty() {
    while (this.waiting.length) await new Promise((done) => setTimeout(done, 50));
  }
}

function read(name) {
  try {
    const stored = JSON.parse(localStorage.getItem(name));
    return stored.filter((entry) => entry?.to?.startsWith("/api/label/") && entry.body?.key && Number.isFinite(entry.at));
  } catch {
    return [];
  }
}
