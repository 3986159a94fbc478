// Who labels, and whether blind: asked once, remembered by this browser.

const NAME = "soleus-rater";
const NAMES = "soleus-raters";
const OPENED = "soleus-open ";
const MOST_NAMES = 12;
const $ = (id) => document.getElementById(id);

function kept(use, otherwise) {
  try {
    return use(localStorage) ?? otherwise;
  } catch {
    return otherwise;
  }
}

function names() {
  const stored = kept((storage) => JSON.parse(storage.getItem(NAMES) ?? "[]"), []);
  return Array.isArray(stored) ? stored.filter((name) => typeof name === "string") : [];
}

export const lastRater = () => kept((storage) => storage.getItem(NAME), "");

export function remember(rater) {
  kept((storage) => {
    storage.setItem(NAME, rater);
    storage.setItem(NAMES, JSON.stringify([rater, ...names().filter((name) => name !== rater)].slice(0, MOST_NAMES)));
  });
}

// Of a rater who chose to see the others and has marked nothing yet the server knows nothing.
export function choseOpen(recording, rater) {
  return kept((storage) => storage.getItem(`${OPENED}${recording} ${rater}`), "") !== "";
}

export function rememberOpen(recording, rater) {
  kept((storage) => storage.setItem(`${OPENED}${recording} ${rater}`, "yes"));
}

// Resolves with a name that somebody typed; said is what was wrong with the last one.
export function askName(said = "") {
  const form = $("who");
  form.hidden = false;
  $("raters").replaceChildren(...names().map((name) => new Option(name, name)));
  $("who-said").hidden = !said;
  $("who-said").textContent = said;
  const field = form.elements.rater;
  if (!said) field.value = lastRater();
  field.focus();
  field.select();
  return submitted(form, () => field.value.trim());
}

// Resolves with whether to score blind.
export function askHow() {
  const form = $("how");
  form.hidden = false;
  form.querySelector("[name=blind]:checked").focus();
  return submitted(form, () => form.elements.blind.value === "yes");
}

function submitted(form, valueOf) {
  return new Promise((done) => {
    form.addEventListener(
      "submit",
      (e) => {
        e.preventDefault();
        form.hidden = true;
        done(valueOf());
      },
      { once: true },
    );
  });
}
