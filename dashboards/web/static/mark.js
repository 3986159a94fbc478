// The button of a running night that marks this moment; the marker appears among the events a few seconds later.

const SAID_MS = 4000;
const REFUSED = { 401: "sign in again.", 409: "the night is over.", 429: "too many at once, try again." };

export function listenToMark() {
  const button = document.getElementById("mark");
  if (!button) return;
  const said = document.getElementById("marked");
  button.addEventListener("click", async () => {
    const answer = await fetch(button.dataset.to, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ label: "marker" }),
    }).catch(() => null);
    said.textContent = answer?.ok ? "Marked." : `Not marked: ${REFUSED[answer?.status] ?? "Soleus does not answer."}`;
    setTimeout(() => (said.textContent = ""), SAID_MS);
  });
}
