// The button of a running night that marks this moment; the marker appears among the events a few seconds later.

import { send } from "./post.js";

const SAID_MS = 4000;

export function listenToMark() {
  const button = document.getElementById("mark");
  if (!button) return;
  const said = document.getElementById("marked");
  button.addEventListener("click", async () => {
    const why = await send(button.dataset.to, { label: "marker" }, { 409: "the night is over" });
    said.textContent = why ? `Not marked: ${why}.` : "Marked.";
    setTimeout(() => (said.textContent = ""), SAID_MS);
  });
}
