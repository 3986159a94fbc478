// One plot that follows a view: the options all plots share, drag to zoom, slide to move, double click for everything.

const FONT = "11px system-ui, -apple-system, 'Segoe UI', Roboto, sans-serif";
const LABEL_PX = 74;
const X_AXIS_PX = 26;
const GUTTER_PX = 70;

export function axisStyle(colours) {
  return { stroke: colours.soft, font: FONT, grid: { stroke: colours.faint, width: 1 }, ticks: { show: false }, border: { show: false } };
}

// A drag belongs to the plot that it began in; only the cursor is shared.
const isHover = (type) => type === "mousemove" || type === "mouseleave";

// With the axis under it, where it has one.
export function fullHeight(facts) {
  return facts.height + (facts.showX ? X_AXIS_PX : 0);
}

// facts: {host, width, view, clock, colours, height, data, series, y: {range, splits, values, distr}, showX, sync, hooks}
export function makePlot(facts) {
  const { host, view, clock, colours, y } = facts;
  const width = facts.width ?? Math.max(host.clientWidth, 120);
  const options = {
    width,
    height: fullHeight(facts),
    padding: [6, 10, facts.showX ? 0 : 4, 0],
    legend: { show: false },
    scales: { x: { time: false, range: () => [view.min, view.max] }, y: { range: y.range, distr: y.distr ?? 1 } },
    axes: [
      {
        ...axisStyle(colours),
        // Never hidden: uPlot 1.6.32 draws no axis after a hidden one.
        size: facts.showX ? X_AXIS_PX : 0,
        gap: 4,
        splits: (u, _i, min, max) => clock.splits(min, max, Math.max(2, Math.floor((u.width - GUTTER_PX) / LABEL_PX))),
        values: (u, splits) => (facts.showX ? fitting(clock.labels(splits), splits, u, view) : splits.map(() => "")),
      },
      { ...axisStyle(colours), size: GUTTER_PX, gap: 6, space: 12, splits: y.splits, values: y.values, filter: (_u, splits) => splits },
    ],
    series: [{}, ...facts.series],
    cursor: {
      y: false,
      points: facts.points === false ? { show: false } : { size: 6 },
      drag: { x: true, y: false, setScale: false, dist: 6 },
      bind: { dblclick: () => null },
      sync: { key: facts.sync, setSeries: false, scales: ["x", null], filters: { pub: isHover, sub: isHover } },
    },
    hooks: {
      ...facts.hooks,
      setSelect: [
        (u) => {
          if (u.select.width < 3) return;
          view.show(u.posToVal(u.select.left, "x"), u.posToVal(u.select.left + u.select.width, "x"));
          u.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
        },
      ],
    },
  };
  const plot = new uPlot(options, facts.data, host);
  plot.over.addEventListener("dblclick", () => view.reset());
  slide(plot, view);
  return plot;
}

// A label that would be cut off at the right edge is left out.
function fitting(labels, splits, u, view) {
  const perPx = (view.max - view.min) / (u.width - GUTTER_PX);
  return labels.map((label, i) => ((view.max - splits[i]) / perPx < label.length * 3.2 - 10 ? "" : label));
}

// A finger moves along the night; vertical movement still scrolls the page.
function slide(plot, view) {
  let last = null;
  plot.over.addEventListener("pointerdown", (e) => {
    last = e.pointerType === "touch" && !view.whole ? e.clientX : null;
  });
  plot.over.addEventListener("pointermove", (e) => {
    if (last === null || e.pointerType !== "touch") return;
    view.shift(((last - e.clientX) * (view.max - view.min)) / plot.over.clientWidth);
    last = e.clientX;
  });
  for (const type of ["pointerup", "pointercancel"]) plot.over.addEventListener(type, () => (last = null));
}

// Call back with the time of a click that was not the end of a drag.
export function onClick(plot, callback) {
  let down = 0;
  plot.over.addEventListener("pointerdown", (e) => (down = e.clientX));
  plot.over.addEventListener("click", (e) => {
    if (Math.abs(e.clientX - down) > 4) return;
    const box = plot.over.getBoundingClientRect();
    callback(plot.posToVal(e.clientX - box.left, "x"), (e.clientY - box.top) / box.height);
  });
}

// Follow the view: the span of every plot, redrawn once per frame however often it changed, with what it shows of it.
export function follow(strips, view) {
  let waiting = false;
  view.listen(() => {
    if (waiting) return;
    waiting = true;
    requestAnimationFrame(() => {
      waiting = false;
      for (const { plot, refresh } of strips()) {
        plot.batch(() => {
          refresh?.();
          plot.setScale("x", { min: view.min, max: view.max });
          plot.redraw(false, true);
        });
      }
    });
  });
}
