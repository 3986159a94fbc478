// Send a few words to the server; what comes back is why it did not take them, or nothing.

import { SIGN_IN } from "./columns.js";

const SIGN_IN_AGAIN = "sign in again";
export const UNANSWERED = "Soleus does not answer";
const REFUSED = {
  [SIGN_IN]: SIGN_IN_AGAIN,
  403: "this page is too old, load it again",
  404: "it is no longer there",
  409: "it cannot be kept",
  413: "it is too long",
  429: "too many at once, try again",
};

const TIMEOUT_MS = 10000;
const TOO_MANY = 429;
const SERVER_ERROR = 500;
const UNAVAILABLE = 503;

// The answer, or null if there was none; on its way although the page is left.
export function postJson(url, body) {
  return fetch(url, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
    signal: AbortSignal.timeout(TIMEOUT_MS),
    keepalive: true,
  }).catch(() => null);
}

export async function send(url, body, refused = REFUSED) {
  const answer = await postJson(url, body);
  if (answer?.ok) return "";
  return refused[answer?.status] ?? REFUSED[answer?.status] ?? (answer ? "Soleus could not keep it" : UNANSWERED);
}

// Why what waits is to be sent again later, or nothing where the server has decided on it.
export function whyLater(answer, said) {
  if (answer?.status === SIGN_IN) return SIGN_IN_AGAIN;
  if (answer?.status === UNAVAILABLE && said?.error) return said.error;
  return !answer || answer.status === TOO_MANY || answer.status >= SERVER_ERROR ? UNANSWERED : "";
}
