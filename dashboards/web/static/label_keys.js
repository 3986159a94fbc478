// The keyboard alone is enough: the dialog of the page says which keys there are.

import { isSwitchedOff } from "./letters.js";

const FAR_S = 1;
const NEAR_S = 0.1;
const FINE_S = 0.01;
const TALLER = 1.5;
// Outside of the desk these are for the page: it is scrolled, and links are followed.
const OF_THE_DESK = ["ArrowLeft", "ArrowRight", "ArrowUp", "ArrowDown", "PageUp", "PageDown", "Home", "End", "Enter", "Delete", "Backspace"];
const ONCE = ["Enter", "m", "u", "U", "y", "x", "c", "n", "Delete", "Backspace", "?"];

export function listenToKeys(desk, { suggest, lengths, setLength }) {
  const help = document.getElementById("help");
  document.getElementById("help-open").addEventListener("click", () => help.showModal());
  document.getElementById("help-close").addEventListener("click", () => help.close());
  const nextLength = () => setLength(lengths[(lengths.indexOf(desk.length) + 1) % lengths.length]);
  const gain = (factor) => {
    desk.gain *= factor;
    desk.changed();
  };
  const actions = {
    PageUp: () => desk.page(-1),
    PageDown: () => desk.page(1),
    Home: () => desk.put(0),
    End: () => desk.put(desk.duration),
    ArrowLeft: (e) => desk.move(e.shiftKey ? -NEAR_S : -FAR_S),
    ArrowRight: (e) => desk.move(e.shiftKey ? NEAR_S : FAR_S),
    ",": () => desk.move(-FINE_S),
    ".": () => desk.move(FINE_S),
    Enter: () => desk.beginOrEnd(),
    m: () => desk.beginOrEnd(),
    ArrowUp: () => desk.step(-1),
    ArrowDown: () => desk.step(1),
    k: () => desk.step(-1),
    j: () => desk.step(1),
    a: (e) => desk.nudge("onset_s", e.shiftKey ? -FINE_S : -NEAR_S),
    s: (e) => desk.nudge("onset_s", e.shiftKey ? FINE_S : NEAR_S),
    d: (e) => desk.nudge("end_s", e.shiftKey ? -FINE_S : -NEAR_S),
    f: (e) => desk.nudge("end_s", e.shiftKey ? FINE_S : NEAR_S),
    l: () => desk.setLeg("left"),
    r: () => desk.setLeg("right"),
    b: () => desk.setLeg("both"),
    Delete: () => desk.remove(),
    Backspace: () => desk.remove(),
    u: (e) => (e.shiftKey ? desk.redo() : desk.undo()),
    w: nextLength,
    "+": () => gain(TALLER),
    "=": () => gain(TALLER),
    "-": () => gain(1 / TALLER),
    n: () => suggest.next(),
    y: () => suggest.yes(),
    x: () => suggest.no(),
    c: () => suggest.fix(),
    Escape: () => {
      desk.drop();
      document.getElementById("desk").focus({ preventScroll: true });
    },
    "?": () => help.showModal(),
  };
  desk.kinds.slice(0, 9).forEach(({ kind }, i) => (actions[i + 1] = () => desk.setKind(kind)));

  addEventListener("keydown", (e) => {
    if (document.querySelector("dialog[open]") || document.getElementById("label").hidden) return;
    const key = e.key.length === 1 ? e.key.toLowerCase() : e.key;
    if (e.target.matches("input:not([type=radio], [type=checkbox]), select, textarea") && key !== "Escape") return;
    if ((e.ctrlKey || e.metaKey) && !e.altKey && (key === "z" || key === "y")) {
      e.preventDefault();
      return void (key === "y" || e.shiftKey ? desk.redo() : desk.undo());
    }
    if (e.ctrlKey || e.metaKey || e.altKey || isSwitchedOff(e.key) || !Object.hasOwn(actions, key)) return;
    if (OF_THE_DESK.includes(key) && !ofTheDesk(e.target, key)) return;
    if (e.repeat && ONCE.includes(key)) return;
    e.preventDefault();
    actions[key](e);
  });
}

function ofTheDesk(target, key) {
  if (target === document.body) return true;
  if (!target.closest("#desk")) return false;
  // A button or a link does its own Enter, and a choice its own arrows.
  if (key === "Enter") return !target.closest("a, button, summary");
  return !(key.startsWith("Arrow") && target.matches("[type=radio]"));
}
