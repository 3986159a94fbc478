// Questions of the bench to the server: what it answers, or in one line why it does not.

import { SIGN_IN } from "./columns.js";

const SILENT = "Soleus does not answer";

// What was said as a sentence; a name at its begin stays as it is.
export function sentence(said) {
  const begun = said.replace(/^[a-z]+(?=[ ,])/, (word) => word[0].toUpperCase() + word.slice(1));
  return /[.?!]$/.test(begun) ? begun : `${begun}.`;
}

// Returns {value}, {said} where it was refused, or {left: true} where nobody waits for it any more.
export async function post(url, body, signal) {
  return told(() => sent(url, body, signal), signal);
}

export async function get(url) {
  return told(() => fetch(url));
}

// Calls back with each line of an answer as it comes; returns as above, without a value.
export async function follow(url, body, signal, line) {
  return told(async () => {
    const response = await sent(url, body, signal);
    if (!response.ok) return response;
    const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
    let rest = "";
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return null;
      const lines = (rest + value).split("\n");
      rest = lines.pop();
      for (const text of lines) line(JSON.parse(text));
    }
  }, signal);
}

function sent(url, body, signal) {
  return fetch(url, { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(body), signal });
}

async function told(work, signal) {
  try {
    const response = await work();
    if (response === null) return {};
    // The session is over: the page itself leads to where one signs in again, and back.
    if (response.status === SIGN_IN) location.reload();
    const value = await response.json();
    return response.ok ? { value } : { said: value.error ?? SILENT };
  } catch (error) {
    if (signal?.aborted) return { left: true };
    if (error instanceof TypeError || error instanceof SyntaxError || error.name === "AbortError") return { said: SILENT };
    throw error;
  }
}
