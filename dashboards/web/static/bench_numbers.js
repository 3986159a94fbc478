// Numbers as tiles: the value, its interval, and how far it is from where the drag began.

const SIGNS = [
  ["0.9 to 1.0", "95 % interval over the people whose recordings these are"],
  ["+0.1, −0.1", "change since the threshold was taken in hand"],
];

export class Tiles {
  // explained: where the words of the numbers go.
  constructor(host, words, explained) {
    this.host = host;
    this.explained = explained;
    this.words = new Map(words.map((one) => [one.name, one]));
    this.began = null;
    this.now = [];
  }

  // What numbers are compared with from now on: those that are on the screen.
  remember() {
    this.began = new Map(this.now.map((one) => [one.name, one.value]));
  }

  forget() {
    this.began = null;
  }

  show(agreement) {
    this.now = agreement.filter(({ name }) => this.words.has(name));
    const names = this.now.map(({ name }) => name).join();
    if (this.host.dataset.names !== names) this.build(names);
    this.now.forEach((number, i) => this.fill(this.host.children[i], number));
  }

  build(names) {
    this.host.dataset.names = names;
    const words = this.now.map(({ name }) => this.words.get(name));
    this.host.replaceChildren(...words.map(tile));
    const lines = [...words.map(({ title, note }) => [title, note]), ...SIGNS];
    this.explained.replaceChildren(...lines.flatMap((line) => line.map((textContent, i) => Object.assign(document.createElement(i ? "dd" : "dt"), { textContent }))));
  }

  fill(item, { name, value, low, high, why = "" }) {
    const { digits, more_is_better: more, note, unknown } = this.words.get(name);
    const [data, interval, change] = ["data", ".interval", ".change"].map((part) => item.querySelector(part));
    const text = (x) => (x === null ? "–" : x.toFixed(digits));
    data.value = value ?? "";
    write(data, value === null ? "not known" : text(value));
    item.classList.toggle("missing", value === null);
    const range = low === null || high === null ? "" : `${text(low)} to ${text(high)}`;
    // Of a number that some recordings have, only how many have it not: there is little room.
    write(interval, value === null ? why || unknown : [range, why.split(";")[0]].filter(Boolean).join(", "));
    const title = why ? `${note}: ${why}` : note;
    if (item.title !== title) item.title = title;
    const before = this.began?.get(name) ?? null;
    const step = value === null || before === null ? 0 : Number((value - before).toFixed(digits));
    write(change, step ? `${step > 0 ? "+" : "−"}${Math.abs(step).toFixed(digits)}` : "");
    change.dataset.way = !step || more === null ? "" : step > 0 === more ? "better" : "worse";
    const scale = item.querySelector(".scale");
    if (scale) for (const [at, x] of Object.entries({ value, low: low ?? value, high: high ?? value, began: before ?? value })) scale.style.setProperty(`--${at}`, x ?? 0);
  }
}

// What stays as it is is not laid out again.
function write(part, said) {
  if (part.textContent !== said) part.textContent = said;
}

function tile({ name, title, note }) {
  const item = Object.assign(document.createElement("div"), { className: "tile" });
  item.dataset.number = name;
  item.title = note;
  const dt = Object.assign(document.createElement("dt"), { textContent: title });
  const dd = document.createElement("dd");
  const line = Object.assign(document.createElement("p"), { className: "tile-value" });
  const change = Object.assign(document.createElement("span"), { className: "change" });
  line.append(document.createElement("data"), change);
  dd.append(line);
  // Shares lie on a scale from 0 to 1.
  if (["f1", "sensitivity", "ppv"].includes(name)) {
    const scale = Object.assign(document.createElement("span"), { className: "scale" });
    scale.setAttribute("aria-hidden", "true");
    scale.append(...["reach", "from", "dot"].map((className) => Object.assign(document.createElement("i"), { className })));
    dd.append(scale);
  }
  dd.append(Object.assign(document.createElement("p"), { className: "interval" }));
  item.append(dt, dd);
  return item;
}
