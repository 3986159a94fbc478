// Where a threshold comes from: a card beside the button that was pressed.

const GAP_PX = 6;
const EDGE_PX = 8;

export class SourceCard {
  constructor(card) {
    this.card = card;
    this.button = null;
    card.addEventListener("toggle", (e) => {
      if (e.newState === "closed" && card.contains(document.activeElement)) this.button?.focus({ preventScroll: true });
    });
  }

  open(button, { name, text, unit, value, published, changed, source, url }) {
    const { card } = this;
    const title = Object.assign(document.createElement("h3"), { id: "source-title", textContent: text });
    const code = Object.assign(document.createElement("code"), { textContent: name });
    const set = value === null ? "none" : typeof value === "boolean" ? (value ? "yes" : "no") : `${value} ${unit}`;
    const facts = document.createElement("dl");
    for (const [term, said] of [["In this set", set], [published ? "Published" : changed ? "Changed" : "Our own", source || "not told"]]) {
      const line = document.createElement("div");
      line.append(Object.assign(document.createElement("dt"), { textContent: term }), Object.assign(document.createElement("dd"), { textContent: said }));
      facts.append(line);
    }
    const close = Object.assign(document.createElement("button"), { type: "button", textContent: "Close" });
    close.addEventListener("click", () => card.hidePopover());
    const parts = [title, code, facts];
    if (url) parts.push(Object.assign(document.createElement("a"), { href: url, textContent: "Read it there", rel: "noreferrer", target: "_blank" }));
    card.replaceChildren(...parts, close);
    this.button = button;
    card.showPopover();
    this.place(button);
    (card.querySelector("a") ?? close).focus({ preventScroll: true });
  }

  place(button) {
    const at = button.getBoundingClientRect();
    const { offsetWidth: width, offsetHeight: height } = this.card;
    const below = at.bottom + GAP_PX + height < innerHeight;
    this.card.style.left = `${Math.max(EDGE_PX, Math.min(at.left, innerWidth - width - EDGE_PX))}px`;
    this.card.style.top = `${Math.max(EDGE_PX, below ? at.bottom + GAP_PX : at.top - GAP_PX - height)}px`;
  }
}
