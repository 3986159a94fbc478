// Colours of the style sheet, resolved for the theme in force: a canvas does not understand variables.

const NAMES = [
  "paper", "ink", "soft", "line", "faint", "accent", "trace", "trace-fill", "trace-2", "trace-2-fill", "trace-3", "level",
  "c-cramp-probable", "c-cramp-possible", "c-series", "c-periodic", "c-movement", "c-sustained", "c-twitch", "c-position", "c-plug-in",
  "c-no-signal", "c-marker",
];

export function palette() {
  const probe = document.createElement("span");
  probe.hidden = true;
  document.body.append(probe);
  const colours = {};
  for (const name of NAMES) {
    probe.style.color = `var(--${name})`;
    colours[name] = getComputedStyle(probe).color;
  }
  probe.remove();
  return colours;
}

// The same colour, more transparent.
export function faded(colour, alpha) {
  const [r, g, b] = colour.match(/[\d.]+/g);
  return `rgba(${r}, ${g}, ${b}, ${alpha})`;
}

// A pattern of slanted lines for what is uncertain or missing.
export function hatch(ctx, colour, ratio) {
  const size = Math.round(6 * ratio);
  const tile = document.createElement("canvas");
  tile.width = tile.height = size;
  const pen = tile.getContext("2d");
  pen.strokeStyle = colour;
  pen.lineWidth = 1.5 * ratio;
  pen.beginPath();
  for (const shift of [-size, 0, size]) {
    pen.moveTo(shift, size);
    pen.lineTo(shift + size, 0);
  }
  pen.stroke();
  return ctx.createPattern(tile, "repeat");
}
