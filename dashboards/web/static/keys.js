// The keyboard: arrows step, y and n and u judge, e writes, plus and minus zoom, Escape goes back, m marks this moment.

import { isSwitchedOff } from "./letters.js";

const REPEATED = ["ArrowLeft", "ArrowRight", "+", "=", "-"];
const ZOOM_IN = 0.5;

export function listenToKeys({ view, detail, step, choose, open, judge, write, mark }) {
  const help = document.getElementById("help");
  document.getElementById("help-open").addEventListener("click", () => help.showModal());
  document.getElementById("help-close").addEventListener("click", () => help.close());
  const current = () => (detail.isOpen ? detail.view : view);
  const about = () => (!detail.isOpen && view.chosen ? view.chosen.onset_s : undefined);
  document.getElementById("zoom-in").addEventListener("click", () => view.zoom(ZOOM_IN, about()));
  document.getElementById("zoom-out").addEventListener("click", () => view.zoom(1 / ZOOM_IN, about()));
  document.getElementById("zoom-all").addEventListener("click", () => view.reset());
  const actions = {
    ArrowLeft: () => step(-1),
    ArrowRight: () => step(1),
    y: () => judge(true),
    n: () => judge(false),
    u: () => judge(null),
    e: () => write(),
    "+": () => current()?.zoom(ZOOM_IN, about()),
    "=": () => current()?.zoom(ZOOM_IN, about()),
    "-": () => current()?.zoom(1 / ZOOM_IN, about()),
    "?": () => help.open || help.showModal(),
    m: () => mark?.press(),
    Escape: () => {
      if (!view.whole) view.reset();
      else if (view.chosen) choose(null);
    },
    Enter: () => view.chosen && open(view.chosen),
  };
  addEventListener("keydown", (e) => {
    if (e.ctrlKey || e.metaKey || e.altKey) return;
    if (e.target.matches("textarea")) return void inNote(e);
    // A box or a list of the filters keeps the keys that it uses itself.
    if (e.target.matches("select, input:not([type=checkbox])") && e.key !== "Escape") return;
    // A focused button or link does its own Enter; an open dialog closes itself with Escape.
    if (e.key === "Enter" && (detail.isOpen || e.target.closest("a, button, summary"))) return;
    if (e.key === "Escape" && (detail.isOpen || help.open)) return;
    if (isSwitchedOff(e.key) || (e.repeat && !REPEATED.includes(e.key))) return;
    if (help.open || !Object.hasOwn(actions, e.key)) return;
    e.preventDefault();
    actions[e.key]();
  });
}

// Escape leaves the field and not the dialog around it.
function inNote(e) {
  if (e.key !== "Escape") return;
  e.preventDefault();
  e.target.blur();
}
