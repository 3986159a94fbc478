// The page Tonight: the stream comes in, traces and words go out; keys; the button.

import { Unanswered, ask } from "./columns.js";
import { isSwitchedOff } from "./letters.js";
import { Feed } from "./tonight_feed.js";
import { Press } from "./tonight_press.js";
import { Strip } from "./tonight_strips.js";

const WORDS_EVERY_MS = 5000;
const PICTURE_MS = 1000 / 25;
const HALF_A_SCREEN_MS = 8;
const FOLLOW_S = 0.25;
const MOST_BEHIND_S = 1;
const LEAST_WIDTH = 2000;
const SPAN_KEYS = { 1: 10, 3: 30, 6: 60 };
const SAID = {
  asking: () => "Asking for the traces …",
  live: () => "Live.",
  held: () => "Held: the traces stand still, the night goes on.",
  lost: (s) => `No connection to Soleus. The night goes on; this page tries again in ${s} s.`,
  busy: (s) => `Too many pages follow this night. This one tries again in ${s} s.`,
  away: () => "Not reading while nobody looks.",
  over: () => "The night has ended.",
};

const page = document.getElementById("tonight");
const state = document.getElementById("stream-state");
const host = document.getElementById("strips");
const held = document.getElementById("pause");
const help = document.getElementById("help");
const form = document.getElementById("press");
const press = new Press({
  button: document.getElementById("cramp"),
  said: document.getElementById("press-said"),
  to: form.dataset.marks,
  label: "cramp",
});

export const strips = new Map();
export const shown = {
  span: 10,
  held: false,
  to: -Infinity,
  drawnAt: -Infinity,
  due: -Infinity,
  waiting: false,
  zero: null,
  frames: 0,
  drawn: 0,
  stream: "asking",
};

function say(stream, seconds) {
  shown.stream = stream;
  const which = stream === "live" && shown.held ? "held" : stream;
  const text = SAID[which](seconds);
  if (state.textContent !== text) state.textContent = text;
  state.dataset.state = which;
  if (stream === "over") end();
}

// The night has ended: nothing can be marked any more, and the whole of it is on another page.
function end() {
  form.dataset.over = "";
  press.end();
  const link = document.createElement("a");
  link.href = page.querySelector(".whole").href;
  link.textContent = "See the night.";
  state.append(" ", link);
}

function take(frame) {
  // Times of another start of the night do not fit those that are here.
  if (shown.zero !== frame.zero_ns) {
    shown.zero = frame.zero_ns;
    shown.to = -Infinity;
    strips.clear();
    host.replaceChildren();
  }
  for (const column of frame.columns) {
    const key = Strip.key(column);
    if (!strips.has(key)) {
      document.getElementById("traces").hidden = false;
      strips.set(key, new Strip(host, column));
    }
    strips.get(key).push(column);
  }
  if (frame.sensors) frame.sensors.forEach(showSensor);
  shown.frames += 1;
  drawSoon();
}

function showSensor({ name, title, sign, words, muscle_active: active }) {
  const item = document.querySelector(`#sensors [data-sensor="${CSS.escape(name)}"]`);
  // The page is of a night that had other sensors.
  if (!item) return;
  const bad = sign !== "good" && sign !== "waiting";
  item.classList.toggle("bad", bad);
  item.querySelector(".sign").dataset.sign = sign;
  put(item.querySelector(".whose"), title);
  put(item.querySelector(".says"), words.join(", "));
  for (const strip of strips.values()) {
    if (strip.sensor !== name && !strip.sensor.startsWith(`${name}.`)) continue;
    if (strip.quantity === "emg") put(strip.says, active ? "muscle active" : "");
  }
}

function put(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

// 25 pictures a second while there is something to move, none else.
function drawSoon() {
  if (shown.waiting || shown.held) return;
  shown.waiting = true;
  const now = performance.now();
  shown.due = Math.max(shown.due + PICTURE_MS, now);
  setTimeout(() => requestAnimationFrame(drawNext), shown.due - now - HALF_A_SCREEN_MS);
}

function drawNext() {
  shown.waiting = false;
  if (shown.held) return;
  draw();
  if (shown.to < newest()) drawSoon();
}

function newest() {
  return Math.max(...[...strips.values()].map((strip) => strip.end));
}

// Samples come in bursts, as the radio brings them: what is seen follows them a quarter of a second behind, and evenly.
function follow() {
  const end = newest();
  const now = performance.now();
  const passed = (now - shown.drawnAt) / 1000;
  shown.drawnAt = now;
  const behind = (end - shown.to) * Math.exp(-passed / FOLLOW_S);
  const pixel = shown.span / LEAST_WIDTH;
  shown.to = behind > pixel ? end - Math.min(behind, MOST_BEHIND_S) : end;
}

function draw() {
  if (!strips.size) return;
  if (!shown.held) follow();
  for (const strip of strips.values()) strip.draw(shown.to, shown.span);
  // An attribute that changes with each picture would cost more than the picture.
  if (!shown.drawn) page.dataset.drawn = "";
  shown.drawn += 1;
}

function hold() {
  shown.held = !shown.held;
  held.setAttribute("aria-pressed", shown.held);
  held.textContent = shown.held ? "Go on" : "Hold";
  host.toggleAttribute("data-held", shown.held);
  say(shown.stream);
  if (!shown.held) draw();
}

function setSpan(seconds) {
  shown.span = seconds;
  for (const button of document.querySelectorAll("[data-span]")) button.setAttribute("aria-pressed", Number(button.dataset.span) === seconds);
  put(document.getElementById("oldest"), `${seconds} s ago`);
  draw();
}

// The server's own words, every few seconds, while somebody looks; another night has a page of its own.
async function keepWords() {
  if (!document.hidden) {
    try {
      const fresh = new DOMParser().parseFromString(await (await ask(location.pathname)).text(), "text/html");
      const night = fresh.getElementById("tonight")?.dataset.night;
      if (night && night !== page.dataset.night) location.reload();
      const next = fresh.getElementById("so-far");
      const now = document.getElementById("so-far");
      // A link that somebody is about to follow stays where it is.
      if (next && next.innerHTML !== now.innerHTML && !now.contains(document.activeElement)) now.innerHTML = next.innerHTML;
    } catch (error) {
      if (!(error instanceof Unanswered)) throw error;
    }
  }
  setTimeout(keepWords, WORDS_EVERY_MS);
}

form.addEventListener("submit", (e) => {
  e.preventDefault();
  press.press();
});
for (const button of document.querySelectorAll("[data-span]")) button.addEventListener("click", () => setSpan(Number(button.dataset.span)));
held.addEventListener("click", hold);
document.getElementById("help-open").addEventListener("click", () => help.showModal());
document.getElementById("help-close").addEventListener("click", () => help.close());
addEventListener("keydown", (e) => {
  if (e.ctrlKey || e.metaKey || e.altKey || e.repeat || help.open || e.target.matches("input, textarea, select")) return;
  if (isSwitchedOff(e.key)) return;
  if (e.key === "c") press.press();
  else if (e.key === "p") hold();
  else if (e.key === "?") help.showModal();
  else if (Object.hasOwn(SPAN_KEYS, e.key)) setSpan(SPAN_KEYS[e.key]);
});
document.addEventListener("themechange", () => {
  for (const strip of strips.values()) strip.build();
  draw();
});
addEventListener("resize", () => {
  for (const strip of strips.values()) strip.resize();
  draw();
});
new Feed(page.dataset.live, take, say);
setTimeout(keepWords, WORDS_EVERY_MS);
