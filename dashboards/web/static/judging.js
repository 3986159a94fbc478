// A person's word on events, and notes: shown at once, kept by the server, and asked for again where that failed.

import { draftOf, keepDraft } from "./drafts.js";
import { wordOf } from "./filters.js";
import { send } from "./post.js";

const SAID = { confirmed: "Confirmed by you", denied: "Denied by you", unjudged: "" };
const TOLD = new Map([[true, "Confirmed"], [false, "Denied"], [null, "Your word is taken back"]]);
const OF_BUTTON = { yes: true, no: false, "": null };

// A word that is on its way for longer says so.
const SLOW_MS = 500;
const slow = new Set();

// Where a word is read: a link of the list, or the buttons of an event.
export function showWord(event) {
  const word = wordOf(event);
  const told = slow.has(event.id) ? `${SAID[word] || "Taken back"}, saving …` : SAID[word];
  for (const place of document.querySelectorAll(`[data-word][data-event="${CSS.escape(event.id)}"]`)) {
    place.dataset.word = word;
    const said = place.querySelector(".words .told, .word");
    if (said) said.textContent = place.matches("a") ? told.toLowerCase() : told;
    for (const button of place.querySelectorAll("[name=confirmed]")) {
      if (button.value === "") button.disabled = word === "unjudged";
      else button.setAttribute("aria-pressed", String(OF_BUTTON[button.value] === event.confirmed));
    }
  }
}

export class Judging {
  // facts: {api, eventOf(id), nameOf(event), say(text), changed(event), kept()}
  constructor(facts) {
    Object.assign(this, facts);
    this.last = new Map();
    this.known = new Map();
    this.turns = new Map();
    this.wanted = new Map();
    this.unsaved = new Map();
    document.addEventListener("input", (e) => this.write(e.target));
    document.addEventListener("submit", (e) => this.submit(e));
    addEventListener("beforeunload", (e) => {
      if (this.wanted.size || this.unsaved.size) e.preventDefault();
    });
    for (const place of document.querySelectorAll(".unsaved")) place.querySelector("button").addEventListener("click", () => this.again());
  }

  submit(e) {
    const event = this.eventOf(e.target.closest(".judge")?.dataset.event);
    if (e.target.matches(".words") && event) {
      e.preventDefault();
      this.judge(event, OF_BUTTON[e.submitter?.value ?? ""]);
    } else if (e.target.matches(".note-form")) {
      e.preventDefault();
      this.note(e.target, event);
    }
  }

  write(field) {
    const form = field.closest(".note-form");
    if (form) keepDraft(placeOf(this.api, this.eventOf(form.closest(".judge")?.dataset.event)), field.value);
  }

  // Words on one event go one after the other, in the order in which they were said; another event waits for none.
  judge(event, word) {
    if ((event.confirmed ?? null) === word && !this.unsaved.has(event.id)) return;
    if (!this.known.has(event.id)) this.known.set(event.id, event.confirmed ?? null);
    const turn = (this.turns.get(event.id) ?? 0) + 1;
    this.turns.set(event.id, turn);
    this.wanted.set(event.id, word);
    this.unsaved.delete(event.id);
    this.show(event.id, word);
    this.say(`${TOLD.get(word)}: ${this.nameOf(event)}.`);
    const last = this.last.get(event.id) ?? Promise.resolve();
    this.last.set(
      event.id,
      last.then(() => this.save(event, word, turn)),
    );
    setTimeout(() => {
      if (this.turns.get(event.id) !== turn || !this.wanted.has(event.id)) return;
      slow.add(event.id);
      this.stay();
    }, SLOW_MS);
  }

  async save(event, word, turn) {
    const why = await send(`${this.api}/judgements`, { event: event.id, confirmed: word });
    if (!why) this.known.set(event.id, word);
    if (this.turns.get(event.id) !== turn) return;
    this.wanted.delete(event.id);
    slow.delete(event.id);
    if (why) {
      this.unsaved.set(event.id, { event, word, why });
      this.show(event.id, this.known.get(event.id));
    } else {
      this.known.delete(event.id);
      showWord(this.eventOf(event.id) ?? event);
    }
    this.tell();
    if (!why && this.wanted.size === 0) this.kept();
  }

  show(id, word) {
    const event = this.eventOf(id);
    if (!event) return;
    event.confirmed = word;
    showWord(event);
    this.changed(event);
    this.tell();
  }

  again() {
    for (const { event, word } of [...this.unsaved.values()]) this.judge(event, word);
  }

  // Facts that were read while a word was on its way do not know it yet.
  stay() {
    for (const [id, word] of this.wanted) {
      const event = this.eventOf(id);
      if (!event) continue;
      event.confirmed = word;
      showWord(event);
    }
  }

  tell() {
    const lost = [...this.unsaved.values()];
    for (const place of document.querySelectorAll(".unsaved")) {
      place.hidden = lost.length === 0;
      const names = lost.map(({ event }) => this.nameOf(event)).join("; ");
      place.querySelector("span").textContent = lost.length ? `Not saved: ${names}. ${lost[0].why[0].toUpperCase()}${lost[0].why.slice(1)}.` : "";
    }
  }

  async note(form, event) {
    const field = form.elements.text;
    const said = form.querySelector(".told");
    const text = field.value.trim();
    if (!text) return;
    said.textContent = "";
    const why = await send(`${this.api}/notes`, event ? { text, at_s: event.onset_s } : { text });
    said.textContent = why ? `Not saved: ${why}. Your words are still here.` : "Saved.";
    if (why) return;
    this.written(event, text);
    this.kept();
  }

  // The dialog may have been built anew meanwhile, and somebody may be writing on.
  written(event, text) {
    const place = placeOf(this.api, event);
    if (draftOf(place).trim() === text) keepDraft(place, "");
    for (const form of document.querySelectorAll(".note-form")) {
      const id = form.closest(".judge")?.dataset.event;
      if (id === event?.id && form.elements.text.value.trim() === text) form.elements.text.value = "";
    }
  }
}

function placeOf(api, event) {
  return `${api} ${event?.id ?? ""}`;
}

// What was being written on an event, or on the night, is there again.
export function showDraft(root, api, event) {
  const draft = draftOf(placeOf(api, event));
  if (!draft) return;
  root.querySelector(".note-form").elements.text.value = draft;
  const details = root.querySelector(".note-field");
  if (details) details.open = true;
}

// Open the field for a note of what is shown, and write into it.
export function writeNote(root) {
  const details = root.querySelector(".note-field");
  if (details) details.open = true;
  root.querySelector(".note-form textarea")?.focus();
}
