// Notes that are being written: kept by what they are on until they are saved, over steps, a rebuilt dialog and a reload.

const STORED = "soleus-drafts";
const drafts = new Map(read());

export function draftOf(place) {
  return drafts.get(place) ?? "";
}

export function keepDraft(place, text) {
  if (text.trim()) drafts.set(place, text);
  else drafts.delete(place);
  try {
    sessionStorage.setItem(STORED, JSON.stringify([...drafts]));
  } catch {
    // They live as long as the page.
  }
}

function read() {
  try {
    const stored = JSON.parse(sessionStorage.getItem(STORED) ?? "[]");
    return Array.isArray(stored) ? stored.filter((pair) => Array.isArray(pair) && pair.every((part) => typeof part === "string")) : [];
  } catch {
    return [];
  }
}
