// Why lists of a recording are not shown: somebody scores it blind, and may be the one who looks at this page.

const MOST_NAMES = 3;

export class Veils {
  constructor(list) {
    this.list = list;
    this.told = "";
  }

  // Recordings with the same reason stand in one line.
  show(nights, recordings) {
    const names = new Map(recordings.map(({ key, name }) => [key, name]));
    const reasons = new Map();
    for (const { key, veil } of nights) if (veil && names.has(key)) reasons.set(veil, [...(reasons.get(veil) ?? []), names.get(key)]);
    const lines = [...reasons].map(([veil, of]) => `${listed(of)}: ${veil}.`);
    if (lines.join() === this.told) return;
    this.told = lines.join();
    this.list.hidden = !lines.length;
    this.list.replaceChildren(...lines.map((textContent) => Object.assign(document.createElement("li"), { textContent })));
  }
}

function listed(names) {
  const more = names.length - MOST_NAMES;
  return names.slice(0, MOST_NAMES).join(", ") + (more > 0 ? ` and ${more} more` : "");
}
