// One event in a dialog over the night. Its neighbours are fetched before they are asked for.

import { CloseUp, fetchSpan, note, spanOf, unanswered } from "./closeup.js";
import { ask } from "./columns.js";
import { showDraft, showWord } from "./judging.js";

const KEPT = 6;

export class Detail {
  constructor(shared) {
    this.shared = shared;
    this.dialog = document.getElementById("detail");
    this.body = document.getElementById("detail-body");
    this.position = document.getElementById("detail-position");
    this.closeUp = null;
    this.event = null;
    this.ahead = new Map();
    this.dialog.addEventListener("close", () => this.clear());
    document.getElementById("detail-close").addEventListener("click", () => this.dialog.close());
    document.getElementById("detail-earlier").addEventListener("click", () => shared.step(-1));
    document.getElementById("detail-later").addEventListener("click", () => shared.step(1));
  }

  get isOpen() {
    return this.dialog.open;
  }

  get view() {
    return this.closeUp?.view ?? null;
  }

  clear() {
    this.closeUp?.destroy();
    this.closeUp = null;
    this.body.replaceChildren();
    this.event = null;
    delete this.dialog.dataset.ready;
  }

  // The page of an event and its samples; asked for once, however often it is stepped over.
  fetch(event) {
    let known = this.ahead.get(event.id);
    if (!known) {
      known = { page: null, raw: fetchSpan(this.shared, event, spanOf(event, this.shared.night.duration_s)) };
      this.ahead.set(event.id, known);
      if (this.ahead.size > KEPT) this.ahead.delete(this.ahead.keys().next().value);
    }
    known.page ??= ask(this.shared.pageOf(event)).then((response) => response.text()).catch(unanswered);
    return known;
  }

  // The page that was fetched before a word or a note is no longer what the server would say; samples stay the same.
  forget(event) {
    const known = this.ahead.get(event.id);
    if (known) known.page = null;
  }

  async open(event) {
    this.clear();
    this.event = event;
    if (!this.dialog.open) this.dialog.showModal();
    const heading = Object.assign(document.createElement("p"), { className: "quiet", textContent: `${event.title}, ${this.shared.lineOf(event)}` });
    this.body.append(heading);
    this.place();
    const { page, raw } = this.fetch(event);
    const html = await page;
    if (this.event !== event) return;
    const article = html && new DOMParser().parseFromString(html, "text/html").querySelector("article");
    this.body.replaceChildren(article || note("Soleus does not answer."));
    if (!article) this.ahead.delete(event.id);
    if (article) {
      showWord(event);
      showDraft(article, this.shared.api, event);
    }
    this.dialog.scrollTop = 0;
    if (article) {
      const closeUp = new CloseUp(article.querySelector(".detail-charts"), event, this.shared);
      this.closeUp = closeUp;
      await closeUp.draw(raw);
      if (!(await raw)) this.ahead.delete(event.id);
    }
    if (this.event !== event) return;
    this.dialog.dataset.ready = event.id;
    for (const next of this.shared.around(event)) if (next) this.fetch(next);
  }

  // Where among those that are shown it is, and whether there is one before and after.
  place() {
    if (!this.event) return;
    const [before, after] = this.shared.around(this.event);
    const { at, of } = this.shared.positionOf(this.event);
    this.position.textContent = at ? `${at} of ${of}` : "";
    document.getElementById("detail-earlier").disabled = !before;
    document.getElementById("detail-later").disabled = !after;
  }

  resize() {
    this.closeUp?.resize();
  }
}
