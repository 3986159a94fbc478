// Which events are shown: the form decides, the address keeps it, the list and the charts follow.

const ONE_LEG = ["left", "right"];
const TIERS = { "cramp-probable": "2", "cramp-possible": "1" };
const WORDS = new Map([[true, "confirmed"], [false, "denied"], [null, "unjudged"]]);

export function wordOf(event) {
  return WORDS.get(event.confirmed ?? null);
}

export class Filters {
  constructor(form, night, view) {
    this.form = form;
    this.night = night;
    this.view = view;
    form.addEventListener("change", () => this.changed());
    form.addEventListener("submit", (e) => {
      e.preventDefault();
      this.changed();
    });
    form.addEventListener("click", (e) => {
      if (!e.target.closest("#filter-none")) return;
      e.preventDefault();
      this.clear();
    });
    view.passes = (event) => this.passes(event);
    this.read();
  }

  // What the form says now, once, as every event is asked for with every stroke of a plot.
  read() {
    const form = new FormData(this.form);
    const boxes = [...this.form.querySelectorAll("[name=class]")];
    this.off = new Set(boxes.filter((box) => !box.checked).map((box) => box.value));
    this.all = this.off.size === 0;
    this.one = Object.fromEntries(["leg", "tier", "word", "quality"].map((name) => [name, form.get(name) ?? ""]));
  }

  passes(event) {
    const { leg, tier, word, quality } = this.one;
    return (
      event.class !== null &&
      !this.off.has(event.class) &&
      (!leg || event.leg === leg || !ONE_LEG.includes(event.leg)) &&
      (!tier || (TIERS[event.class] ?? tier) === tier) &&
      (!word || wordOf(event) === word) &&
      !(quality === "good" && event.quality !== "good")
    );
  }

  get query() {
    const query = new URLSearchParams();
    const on = [...this.form.querySelectorAll("[name=class]:checked")].map((box) => box.value);
    if (!this.all) for (const name of on.length ? on : [""]) query.append("class", name);
    for (const [name, value] of Object.entries(this.one)) if (value) query.set(name, value);
    return query.size ? `?${query}` : "";
  }

  changed() {
    this.read();
    history.replaceState(null, "", location.pathname + this.query + location.hash);
    this.apply();
    this.view.tell();
  }

  clear() {
    for (const box of this.form.querySelectorAll("[name=class]")) box.checked = true;
    for (const select of this.form.querySelectorAll("select")) select.value = "";
    document.getElementById("filter-quality").checked = false;
    this.changed();
  }

  // The list: what is left out is hidden, and each class says how many are left.
  apply() {
    const passing = new Set(this.night.events.filter((event) => this.passes(event)).map((event) => event.id));
    for (const group of document.querySelectorAll("#events .group")) {
      const links = [...group.querySelectorAll("a.event")];
      let left = 0;
      for (const link of links) {
        const is = passing.has(link.dataset.event);
        link.parentElement.hidden = !is;
        left += is;
      }
      const count = group.querySelector(".count");
      count.textContent = left === links.length ? left : `${left} of ${links.length}`;
    }
  }
}
