// Presses that are not kept with a night yet: every page sends them, however long ago and on whichever page they were.

import { postJson, whyLater } from "./post.js";

const STORED = "soleus-presses";
const FIRST_WAIT_MS = 2000;
const LONGEST_WAIT_MS = 30000;
// The server takes none that is older.
const LONGEST_AGE_MS = 24 * 3600 * 1000;
const CRAMP = "cramp";

// This page's memory is what counts; the browser's storage is a copy, which may be full, forbidden or shut at any time.
const presses = new Map();
const done = new Set();
const listeners = [];
const state = { sending: false, failures: 0, timer: null, why: "", saved: [] };

// A listener hears {waiting, lost, saved, why}: presses on their way, presses that nobody takes, those that were kept.
export function listen(listener) {
  listeners.push(listener);
  listener(found());
}

export function keep(press) {
  presses.set(press.name, press);
  copy();
  state.failures = 0;
  state.saved = [];
  state.why = "";
  send();
}

// Somebody has read that these cannot be kept.
export function letGo() {
  for (const { name } of found().lost) forget(name);
  tell();
}

export function timeOf(press) {
  const at = new Date(press.at);
  const time = at.toTimeString().slice(0, 8);
  if (at.toDateString() === new Date().toDateString()) return time;
  return `${time} on ${at.toLocaleDateString("en-GB", { day: "numeric", month: "long" })}`;
}

function found() {
  const all = [...presses.values()].sort((a, b) => a.at - b.at);
  const lost = all.filter((press) => press.refused || Date.now() - press.at >= LONGEST_AGE_MS);
  return { waiting: all.filter((press) => !lost.includes(press)), lost, saved: state.saved, why: state.why };
}

function tell() {
  for (const listener of listeners) listener(found());
}

function read() {
  try {
    const stored = JSON.parse(localStorage.getItem(STORED) ?? "[]");
    return Array.isArray(stored) ? stored.filter((press) => press?.name && press.to && Number.isFinite(press.at)) : [];
  } catch {
    return [];
  }
}

// What another page of this browser has put there stays.
function copy() {
  for (const press of read()) if (!presses.has(press.name) && !done.has(press.name)) presses.set(press.name, press);
  try {
    localStorage.setItem(STORED, JSON.stringify([...presses.values()]));
  } catch {
    // They live as long as the page.
  }
}

function forget(name) {
  done.add(name);
  presses.delete(name);
  copy();
}

// Send what waits, oldest first, one at a time; what cannot be sent now is tried again, less and less often.
async function send() {
  if (state.sending) return;
  state.sending = true;
  clearTimeout(state.timer);
  try {
    for (let press = found().waiting[0]; press; press = found().waiting[0]) {
      const answer = await post(press);
      state.why = whyLater(answer);
      if (state.why) return void later();
      took(press, answer.status);
    }
  } finally {
    state.sending = false;
    tell();
  }
}

function took(press, answer) {
  state.failures = 0;
  if (answer < 300) {
    state.saved.push(press);
    forget(press.name);
  } else {
    presses.set(press.name, { ...press, refused: answer });
    copy();
  }
  tell();
}

function later() {
  const wait = Math.min(FIRST_WAIT_MS * 2 ** state.failures++, LONGEST_WAIT_MS);
  state.timer = setTimeout(send, wait);
}

function post(press) {
  const age = Math.max(0, Date.now() - press.at) / 1000;
  return postJson(press.to, { ...(press.says ?? { label: press.label ?? CRAMP }), age_s: age, press: press.name });
}

// Another page has sent some of them, or has new ones.
function heard(e) {
  if (e.key !== STORED) return;
  const before = namesIn(e.oldValue);
  const now = namesIn(e.newValue);
  for (const name of before) {
    if (now.has(name)) continue;
    done.add(name);
    presses.delete(name);
  }
  for (const press of read()) if (!done.has(press.name)) presses.set(press.name, press);
  tell();
}

function namesIn(text) {
  try {
    return new Set(JSON.parse(text ?? "[]").map((press) => press.name));
  } catch {
    return new Set();
  }
}

function pressOf(press) {
  return `the press of ${timeOf(press)}`;
}

function counted(all) {
  return all.length === 1 ? `The press of ${timeOf(all[0])} is` : `${all.length} presses, the first of ${timeOf(all[0])}, are`;
}

function fateOf(press) {
  return `${pressOf(press)} ${press.refused ? `was refused (${press.refused})` : "is too old to be kept"}`;
}

// The line under the bar: what waits and what was sent where no button of the page says it, and what nobody takes.
function showLine(line) {
  const said = line.firstElementChild;
  const button = Object.assign(document.createElement("button"), { type: "button", textContent: "I have read it" });
  const own = !document.querySelector("#press, #mark");
  button.addEventListener("click", letGo);
  listen(({ waiting, lost, saved, why }) => {
    const parts = [];
    if (own && why && waiting.length) parts.push(`${counted(waiting)} kept in this browser and not saved yet: ${why}.`);
    else if (own && saved.length) parts.push(`Saved: ${saved.map(pressOf).join("; ")}.`);
    if (lost.length) parts.push(`Not saved: ${lost.map(fateOf).join("; ")}. Write it down as a note.`);
    const text = parts.join(" ");
    if (said.textContent !== text) said.textContent = text;
    if (lost.length) line.append(button);
    else button.remove();
  });
}

copy();
showLine(document.getElementById("waiting"));
addEventListener("online", send);
addEventListener("storage", heard);
document.addEventListener("visibilitychange", () => document.hidden || send());
send();
