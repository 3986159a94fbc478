// The button of a running night that marks this moment; the marker appears among the events a few seconds later.

import { Press } from "./tonight_press.js";

// Returns what marks this moment, or null where the night is over.
export function markOf(button) {
  if (!button) return null;
  const said = document.getElementById("marked");
  const press = new Press({ button, said, to: button.dataset.to, label: "marker" });
  button.addEventListener("click", () => press.press());
  return press;
}
