// The diary: a press is said at once and sent until it is kept; a form that cannot be sent keeps what is in it.

import { draftOf, keepDraft } from "./drafts.js";
import { Press } from "./tonight_press.js";
import { listen } from "./waiting.js";

const TIMEOUT_MS = 10000;
const SIGN_IN = "/login";

// The entries as the server tells them now.
async function showEntries() {
  const answer = await fetch(location.pathname, { signal: AbortSignal.timeout(TIMEOUT_MS) }).catch(() => null);
  if (!answer?.ok) return;
  const fresh = new DOMParser().parseFromString(await answer.text(), "text/html").getElementById("entries");
  if (fresh) document.getElementById("entries").replaceWith(document.adoptNode(fresh));
}

function listenToLegs(form) {
  const said = document.getElementById("press-said");
  for (const button of form.querySelectorAll(".leg-now")) {
    const says = { kind: form.elements.kind.value, words: { leg: button.value } };
    const press = new Press({ button, said, to: form.dataset.to, says });
    button.addEventListener("click", (e) => {
      e.preventDefault();
      press.press();
    });
  }
  let shown = 0;
  listen(({ saved }) => {
    if (saved.length > shown) showEntries();
    shown = saved.length;
  });
}

const fieldsOf = (form) => [...form.elements].filter((field) => field.name && field.type !== "hidden");

// Returns whether something that was not saved is there again.
function showDraft(form) {
  let draft;
  try {
    draft = JSON.parse(draftOf(form.dataset.draft) || "{}");
  } catch {
    return false;
  }
  const changed = fieldsOf(form).filter((field) => Object.hasOwn(draft, field.name) && field.value !== draft[field.name]);
  for (const field of changed) field.value = draft[field.name];
  return changed.length > 0;
}

function keepFields(form) {
  keepDraft(form.dataset.draft, JSON.stringify(Object.fromEntries(fieldsOf(form).map((field) => [field.name, field.value]))));
}

// Returns the address of the page that shows the entry; throws why there is none.
async function sent(form) {
  const answer = await fetch(form.action, {
    method: "POST",
    body: new URLSearchParams(new FormData(form)),
    signal: AbortSignal.timeout(TIMEOUT_MS),
  }).catch(() => {
    throw new Error("Soleus does not answer");
  });
  if (new URL(answer.url).pathname === SIGN_IN) throw new Error("sign in again");
  if (answer.ok) return answer.url;
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const why = page.querySelector("#form-said, .message p")?.textContent.trim().replace(/\.$/, "");
  throw new Error(why || "Soleus could not keep it");
}

function listenToForm(form) {
  const told = form.querySelector(".told");
  if (showDraft(form)) told.textContent = "What you wrote before is here again. It is not saved yet.";
  form.addEventListener("input", () => keepFields(form));
  form.addEventListener("submit", async (e) => {
    e.preventDefault();
    told.textContent = "Saving …";
    try {
      const to = await sent(form);
      keepDraft(form.dataset.draft, "");
      location.assign(to);
    } catch (error) {
      told.textContent = `Not saved: ${error.message}. What you wrote is still here.`;
    }
  });
}

const legs = document.getElementById("press");
if (legs) listenToLegs(legs);
for (const form of document.querySelectorAll(".diary-form")) listenToForm(form);
