// A button for one moment, "Cramp now" or "Mark this moment": said at once, and sent until it is kept with the night.

import { keep, listen, timeOf } from "./waiting.js";

const AGAIN_AFTER_MS = 5000;
const BUZZ_MS = [120, 60, 120];

export class Press {
  // facts: {button, said, to, label} or {button, said, to, says}: what is pressed, where it is answered, where it is sent
  // and what it means, in a word or as the body that is sent
  constructor(facts) {
    Object.assign(this, facts);
    this.words = this.button.textContent;
    this.pressedAt = -AGAIN_AFTER_MS;
    this.over = false;
    listen((presses) => this.tell(presses));
  }

  press() {
    if (this.over) return void this.say("The night has ended: nothing can be marked any more.");
    const now = performance.now();
    if (now - this.pressedAt < AGAIN_AFTER_MS) return;
    this.pressedAt = now;
    const at = new Date();
    this.acknowledge(at);
    const name = crypto.getRandomValues(new Uint32Array(3)).join("-");
    keep({ to: this.to, label: this.label, says: this.says, name, at: at.getTime() });
  }

  // Before anything is sent: somebody half asleep must not wait to know that it was heard.
  acknowledge(at) {
    navigator.vibrate?.(BUZZ_MS);
    this.button.textContent = `Noted ${timeOf({ at })}`;
    this.button.dataset.pressed = "";
    this.button.setAttribute("aria-disabled", "true");
    this.say("");
    setTimeout(() => {
      this.button.textContent = this.words;
      delete this.button.dataset.pressed;
      this.button.removeAttribute("aria-disabled");
    }, AGAIN_AFTER_MS);
  }

  // What was pressed before goes on its way.
  end() {
    this.over = true;
    this.button.hidden = true;
  }

  tell({ waiting, saved, why }) {
    const them = waiting.length === 1 ? "It is" : `${waiting.length} presses are`;
    if (why && waiting.length) this.say(`Not saved yet: ${why}. ${them} kept here and sent again.`, true);
    else if (saved.length) this.say(`Saved: ${saved.map(timeOf).join(", ")}.`);
  }

  say(text, bad = false) {
    if (this.said.textContent !== text) this.said.textContent = text;
    this.said.classList.toggle("bad", bad);
  }
}
