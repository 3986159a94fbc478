// The page of one event: its signals, and the person's word on it, without leaving the page.

import { CloseUp, fetchSpan, spanOf } from "./closeup.js";
import { NightClock } from "./clocktime.js";
import { Unanswered, ask, fetchColumns } from "./columns.js";
import { sensorOf } from "./events.js";
import { Judging, showDraft, writeNote } from "./judging.js";
import { isSwitchedOff } from "./letters.js";
import { palette } from "./palette.js";

const article = document.querySelector("article.event-detail");
const { api, event: id } = article.dataset;
const host = article.querySelector(".detail-charts");
const ZOOMS = ["+", "=", "-"];
const KEYS = { y: "yes", n: "no", u: "" };

function listen(closeUp) {
  addEventListener("keydown", (e) => {
    if (e.ctrlKey || e.metaKey || e.altKey || e.target.matches("textarea")) return;
    if (isSwitchedOff(e.key) || (e.repeat && !ZOOMS.includes(e.key))) return;
    if (Object.hasOwn(KEYS, e.key)) article.querySelector(`[name=confirmed][value="${KEYS[e.key]}"]`).click();
    else if (e.key === "e") writeNote(article);
    else if (e.key === "+" || e.key === "=") closeUp().view.zoom(0.5);
    else if (e.key === "-") closeUp().view.zoom(2);
    else return;
    e.preventDefault();
  });
}

async function start() {
  const night = await (await ask(api)).json();
  const event = night.events.find((candidate) => candidate.id === id);
  if (!event) return;
  let colours = palette();
  let tracks = null;
  const shared = {
    night,
    api,
    clock: new NightClock(night),
    colours: () => colours,
    sensorOf: () => sensorOf(night, event),
    tracks: () => (tracks ??= fetchColumns(`${api}/tracks`)),
  };
  let closeUp = null;
  const draw = async () => {
    closeUp?.destroy();
    host.replaceChildren();
    closeUp = new CloseUp(host, event, shared);
    await closeUp.draw(fetchSpan(shared, event, spanOf(event, night.duration_s)));
    host.dataset.ready = "true";
  };
  new Judging({
    api,
    eventOf: (wanted) => (wanted === id ? event : null),
    nameOf: () => event.title,
    // The place beside the buttons says it.
    say: () => {},
    changed: () => {},
    kept: () => {},
  });
  showDraft(article, api, event);
  listen(() => closeUp);
  document.addEventListener("themechange", () => {
    colours = palette();
    draw();
  });
  new ResizeObserver(() => closeUp?.resize()).observe(host);
  await draw();
}

start().catch((error) => {
  if (!(error instanceof Unanswered)) throw error;
  host.textContent = "The signals cannot be drawn: Soleus does not answer. Reload the page to try again.";
});
