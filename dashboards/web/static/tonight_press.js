// The button "Cramp now": said at once, kept in this browser until it is kept with the night, and pressed once.

import { SIGN_IN } from "./columns.js";

const STORED = "soleus-presses";
const AGAIN_AFTER_MS = 5000;
const BUZZ_MS = [120, 60, 120];
const FIRST_WAIT_MS = 2000;
const LONGEST_WAIT_MS = 30000;
const TIMEOUT_MS = 10000;
const LONGEST_AGE_MS = 24 * 3600 * 1000;
const MOST_WAITING = 50;
const LABEL = "cramp";
const TOO_MANY = 429;
const SERVER_ERROR = 500;

export class Press {
  constructor(form) {
    this.form = form;
    this.button = form.querySelector("button");
    this.said = form.querySelector("[role=status]");
    this.words = this.button.textContent;
    this.pressedAt = -AGAIN_AFTER_MS;
    this.sending = false;
    this.failures = 0;
    this.timer = null;
    form.addEventListener("submit", (e) => {
      e.preventDefault();
      this.press();
    });
    addEventListener("online", () => this.send());
    document.addEventListener("visibilitychange", () => document.hidden || this.send());
    this.send();
  }

  press() {
    const now = performance.now();
    if (now - this.pressedAt < AGAIN_AFTER_MS) return;
    this.pressedAt = now;
    const at = new Date();
    this.acknowledge(at);
    const name = crypto.getRandomValues(new Uint32Array(3)).join("-");
    keep([...waiting(), { to: this.form.dataset.marks, name, at: at.getTime() }]);
    clearTimeout(this.timer);
    this.failures = 0;
    this.send();
  }

  // Before anything is sent: somebody half asleep must not wait to know that it was heard.
  acknowledge(at) {
    navigator.vibrate?.(BUZZ_MS);
    const time = at.toTimeString().slice(0, 8);
    this.button.textContent = `Noted ${time}`;
    this.button.dataset.pressed = "";
    this.button.setAttribute("aria-disabled", "true");
    this.say("");
    setTimeout(() => {
      this.button.textContent = this.words;
      delete this.button.dataset.pressed;
      this.button.removeAttribute("aria-disabled");
    }, AGAIN_AFTER_MS);
  }

  say(text, bad = false) {
    this.said.textContent = text;
    this.said.classList.toggle("bad", bad);
  }

  // Send what waits, oldest first, one at a time; what cannot be sent now is tried again, less and less often.
  async send() {
    if (this.sending) return;
    this.sending = true;
    clearTimeout(this.timer);
    try {
      for (let press = next(); press; press = next()) {
        const answer = await post(press);
        if (answer === SIGN_IN) return void this.say("Not saved yet: sign in again, then it is sent.", true);
        if (answer === null || answer === TOO_MANY || answer >= SERVER_ERROR) return void this.later();
        keep(waiting().filter((other) => other.name !== press.name));
        this.failures = 0;
        if (answer < 300) this.say(`Saved: ${clock(press.at)}.`);
        else this.say(`Not saved: the press of ${clock(press.at)} was refused (${answer}).`, true);
      }
    } finally {
      this.sending = false;
    }
  }

  later() {
    const wait = Math.min(FIRST_WAIT_MS * 2 ** this.failures++, LONGEST_WAIT_MS);
    const n = waiting().length;
    this.say(`Not saved yet: Soleus does not answer. ${n === 1 ? "It is" : `${n} presses are`} kept here and sent again.`, true);
    this.timer = setTimeout(() => this.send(), wait);
  }
}

// Without storage (a private window may have none) the presses live as long as the page.
let inMemory = [];

function waiting() {
  try {
    const stored = JSON.parse(localStorage.getItem(STORED) ?? "[]");
    return Array.isArray(stored) ? stored.filter((press) => Date.now() - press?.at < LONGEST_AGE_MS) : [];
  } catch {
    return inMemory;
  }
}

function keep(presses) {
  inMemory = presses.slice(-MOST_WAITING);
  try {
    localStorage.setItem(STORED, JSON.stringify(inMemory));
  } catch {
    // inMemory has them.
  }
}

function next() {
  return waiting()[0];
}

// Returns the status of the answer, or null if there was none.
async function post(press) {
  const age = Math.max(0, Date.now() - press.at) / 1000;
  const answer = await fetch(press.to, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ label: LABEL, age_s: age, press: press.name }),
    signal: AbortSignal.timeout(TIMEOUT_MS),
    keepalive: true,
  }).catch(() => null);
  return answer?.status ?? null;
}

function clock(at) {
  return new Date(at).toTimeString().slice(0, 8);
}
