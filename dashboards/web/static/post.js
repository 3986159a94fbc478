// Send a few words to the server; what comes back is why it did not take them, or nothing.

const REFUSED = {
  401: "sign in again",
  403: "this page is too old, load it again",
  404: "it is no longer there",
  409: "it cannot be kept",
  413: "it is too long",
  429: "too many at once, try again",
};

const TIMEOUT_MS = 10000;

export async function send(url, body, refused = REFUSED) {
  const answer = await fetch(url, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
    signal: AbortSignal.timeout(TIMEOUT_MS),
    keepalive: true,
  }).catch(() => null);
  if (answer?.ok) return "";
  return refused[answer?.status] ?? REFUSED[answer?.status] ?? (answer ? "Soleus could not keep it" : "Soleus does not answer");
}
