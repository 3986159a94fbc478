// The raster and the charts are drawn by the server. This adds: classes that can be hidden, and what lies under the pointer.
import { ask } from "./columns.js";
import { durationText, NightClock } from "./clocktime.js";

const TIERS = { 2: ", probable", 1: ", possible" };
const LEAST_PX = 6;

const raster = document.getElementById("raster");
const readout = document.getElementById("readout");

// One button for each class; the list is plain text without scripts.
function addToggles() {
  for (const item of raster.querySelectorAll("[data-class]")) {
    const button = document.createElement("button");
    button.type = "button";
    button.append(...item.childNodes);
    button.setAttribute("aria-pressed", "true");
    button.addEventListener("click", () => {
      const shown = button.getAttribute("aria-pressed") !== "true";
      button.setAttribute("aria-pressed", String(shown));
      for (const path of raster.querySelectorAll(`path.m-${item.dataset.class}`)) path.toggleAttribute("hidden", !shown);
    });
    item.append(button);
  }
}

// Events of each night, from columns: [{kind, tier, leg, onset_s, duration_s, confirmed}, ...]
function eventsByNight(weeks) {
  const { events } = weeks;
  const found = weeks.nights.map(() => []);
  events.night.forEach((night, i) => {
    const one = {};
    for (const name of Object.keys(events)) one[name] = events[name][i];
    found[night].push(one);
  });
  return found;
}

function eventText(titles, night, event) {
  const clock = new NightClock(night).text(event.onset_s, 1);
  const leg = { both: "both legs", unknown: "leg not known" }[event.leg] ?? `${event.leg} leg`;
  const word = event.confirmed === null ? "" : event.confirmed ? ", confirmed by you" : ", denied by you";
  return `${night.day}, ${clock}: ${titles[event.kind]}${TIERS[event.tier] ?? ""}, ${leg}, ${durationText(event.duration_s)}${word}`;
}

// The event nearest to the pointer, cramps first, as far as a few pixels.
function nearest(events, t, reach) {
  const away = (e) => Math.max(e.onset_s - t, t - e.onset_s - e.duration_s, 0) - (e.kind === "cramp" ? reach : 0);
  const best = events.reduce((a, b) => (a === null || away(b) < away(a) ? b : a), null);
  return best && away(best) <= reach ? best : null;
}

function followPointer(weeks) {
  const byNight = eventsByNight(weeks);
  const from = Number(raster.dataset.from);
  const span = Number(raster.dataset.to) - from;
  const noon = 43200;
  for (const row of raster.querySelectorAll("a[data-night]")) {
    const number = Number(row.dataset.night);
    const night = weeks.nights[number];
    // Where the night begins, in seconds since noon of its evening.
    const begin = (new NightClock(night).zero - noon + 86400) % 86400;
    row.addEventListener("pointermove", (e) => {
      const box = row.querySelector("svg").getBoundingClientRect();
      const perPx = span / box.width;
      const event = nearest(byNight[number], from + (e.clientX - box.left) * perPx - begin, LEAST_PX * perPx);
      readout.textContent = event ? eventText(weeks.titles, night, event) : "";
    });
    row.addEventListener("pointerleave", () => (readout.textContent = ""));
    row.addEventListener("focus", () => (readout.textContent = row.textContent.trim()));
  }
}

addToggles();
ask(raster.dataset.api)
  .then((answer) => answer.json())
  .then((weeks) => {
    followPointer(weeks);
    raster.dataset.ready = "";
  })
  .catch((error) => {
    readout.textContent = "What lies under the pointer could not be loaded.";
    raster.dataset.failed = error.message;
  });
