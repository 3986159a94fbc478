// The button of a running night that marks this moment; the marker appears among the events a few seconds later.

const SAID_MS = 4000;

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
    const over = answer?.status === 409;
    said.textContent = answer?.ok ? "Marked." : over ? "Not marked: the night is over." : "Not marked: Soleus does not answer.";
    setTimeout(() => (said.textContent = ""), SAID_MS);
  });
}
