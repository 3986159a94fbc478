// Events as the charts see them: which are shown, what lies under the pointer, how bands and lanes are painted.

import { faded, hatch } from "./palette.js";

const FRONT = ["series", "no-signal", "position", "movement", "periodic", "twitch", "plug-in", "sustained", "cramp-possible", "cramp-probable", "marker"];
const NARROWEST_BAND_PX = 1.5;
const REACH_PX = 5;

export function onLeg(event, leg) {
  return event.leg === leg || event.leg === "both" || event.leg === "unknown";
}

export function shown(events, view) {
  return events.filter((event) => view.passes(event));
}

// The event under a point: on its lane where the pointer is on one, else the foremost class, then the shortest.
export function eventAt(events, t, secondsPerPx, classes) {
  const reach = REACH_PX * secondsPerPx;
  const near = events.filter((e) => (!classes || classes.includes(e.class)) && e.onset_s - reach <= t && t <= e.end_s + reach);
  const rank = (e) => FRONT.indexOf(e.class) * 1e6 - (e.end_s - e.onset_s) - 10 * Math.max(0, e.onset_s - t, t - e.end_s);
  return near.reduce((best, e) => (best && rank(best) >= rank(e) ? best : e), null);
}

function spanPx(u, event) {
  const left = u.valToPos(event.onset_s, "x", true);
  const right = u.valToPos(event.end_s, "x", true);
  return [left, right];
}

function clipped(u, paint) {
  const { ctx, bbox } = u;
  ctx.save();
  ctx.beginPath();
  ctx.rect(bbox.left, bbox.top, bbox.width, bbox.height);
  ctx.clip();
  paint(ctx, bbox, devicePixelRatio);
  ctx.restore();
}

// A contraction is often marked as a movement too; two bands on each other would be a third colour.
function within(event, cramps) {
  if (event.class !== "movement" && event.class !== "periodic") return false;
  return cramps.some((c) => c.leg === event.leg && c.onset_s < event.end_s && event.onset_s < c.end_s);
}

// Bands behind a trace. Short events are left to the lanes until the view is close enough to see their width.
export function paintBands(u, events, view, colours) {
  clipped(u, (ctx, bbox, ratio) => {
    const cramps = events.filter((event) => event.class.startsWith("cramp"));
    for (const event of events) {
      if (event.class === "series" || within(event, cramps) || event.end_s < view.min || event.onset_s > view.max) continue;
      const [left, right] = spanPx(u, event);
      const strong = event.class.startsWith("cramp") || event.class === "marker";
      if (!strong && right - left < NARROWEST_BAND_PX * ratio) continue;
      const colour = colours[`c-${event.class}`];
      ctx.fillStyle = event.class === "no-signal" ? hatch(ctx, faded(colour, 0.35), ratio) : faded(colour, strong ? 0.3 : 0.2);
      ctx.fillRect(left, bbox.top, Math.max(right - left, 2 * ratio), bbox.height);
    }
    paintChosen(u, ctx, view, colours, ratio);
  });
}

function paintChosen(u, ctx, view, colours, ratio) {
  if (!view.chosen) return;
  const [left, right] = spanPx(u, view.chosen);
  ctx.strokeStyle = colours.ink;
  ctx.lineWidth = ratio;
  ctx.setLineDash([3 * ratio, 3 * ratio]);
  for (const x of right - left < 3 * ratio ? [left] : [left, right]) {
    ctx.beginPath();
    ctx.moveTo(x, u.bbox.top);
    ctx.lineTo(x, u.bbox.top + u.bbox.height);
    ctx.stroke();
  }
  ctx.setLineDash([]);
}

// One row per lane; shapes differ as well as colours: full, hatched with an outline, thin, and a diamond for a marker.
export function paintLanes(u, events, view, colours, lanes) {
  clipped(u, (ctx, bbox, ratio) => {
    const row = bbox.height / lanes.length;
    ctx.fillStyle = colours.faint;
    lanes.forEach((_, i) => ctx.fillRect(bbox.left, bbox.top + (i + 0.5) * row - ratio / 2, bbox.width, ratio));
    const order = [...events].sort((a, b) => FRONT.indexOf(a.class) - FRONT.indexOf(b.class));
    for (const event of order) {
      if (event.end_s < view.min || event.onset_s > view.max) continue;
      const lane = lanes.findIndex((l) => l.classes.includes(event.class));
      if (lane >= 0) paintOne(u, ctx, event, bbox.top + lane * row, row, colours[`c-${event.class}`], ratio, colours.ink);
    }
    paintChosen(u, ctx, view, colours, ratio);
  });
}

function paintOne(u, ctx, event, top, row, colour, ratio, ink) {
  const [left, right] = spanPx(u, event);
  const width = Math.max(right - left, (event.class.startsWith("cramp") ? 3 : 1.25) * ratio);
  const pad = 2.5 * ratio;
  ctx.globalAlpha = event.confirmed === false ? 0.35 : 1;
  ctx.fillStyle = colour;
  if (event.class === "series") ctx.fillRect(left, top + row - 3.5 * ratio, width, 2 * ratio);
  else if (event.class === "marker") diamond(ctx, left, top + row / 2, row / 2 - ratio);
  else if (event.class === "cramp-possible" || event.class === "no-signal") {
    ctx.fillStyle = hatch(ctx, faded(colour, 0.8), ratio);
    ctx.strokeStyle = colour;
    ctx.lineWidth = ratio;
    ctx.fillRect(left, top + pad, width, row - 2 * pad);
    ctx.strokeRect(left, top + pad, width, row - 2 * pad);
  } else ctx.fillRect(left, top + pad, width, row - 2 * pad);
  ctx.globalAlpha = 1;
  if (event.confirmed === true || event.confirmed === false) paintWord(ctx, event.confirmed, (left + right) / 2, top, row, ink, ratio);
}

// The person's word: a dot above what was confirmed, a stroke through what was denied.
function paintWord(ctx, confirmed, x, top, row, ink, ratio) {
  ctx.fillStyle = ink;
  if (!confirmed) return void ctx.fillRect(x - 5 * ratio, top + row / 2 - ratio / 2, 10 * ratio, 1.5 * ratio);
  ctx.beginPath();
  ctx.arc(x, top + 2 * ratio, 2 * ratio, 0, 2 * Math.PI);
  ctx.fill();
}

function diamond(ctx, x, y, r) {
  ctx.beginPath();
  ctx.moveTo(x, y - r);
  ctx.lineTo(x + r, y);
  ctx.lineTo(x, y + r);
  ctx.lineTo(x - r, y);
  ctx.fill();
}

// Whose samples to draw around an event: its own sensor's, or where no sensor told of it (an awakening is an estimate),
// those of a sensor on its leg.
export function sensorOf(night, event) {
  const own = night.sensors.some(({ name }) => event.sensor === name || event.sensor.startsWith(`${name}.`));
  return own ? event.sensor : ((night.sensors.find((s) => onLeg(event, s.leg)) ?? night.sensors[0])?.name ?? "");
}
