// What stays in view while thresholds are moved: the numbers, and where there is one column alone, the strips. The style
// sheet is told how high they are, so that nothing at hand lies behind them.

const GAP_PX = 8;
const ONE_COLUMN = matchMedia("(max-width: 62rem) and (min-height: 34rem)");

export function stick(root) {
  const [numbers, sheet, thresholds] = [".agreement", ".strips-sheet", ".thresholds"].map((part) => root.querySelector(part));
  const strips = sheet.querySelector(".strips");
  let here = false;
  const measure = () => {
    const stuck = here && ONE_COLUMN.matches;
    root.classList.toggle("at-thresholds", stuck);
    const head = Math.round(strips.getBoundingClientRect().top - sheet.getBoundingClientRect().top);
    const below = stuck ? sheet.offsetHeight - head : 0;
    const { style } = document.documentElement;
    style.setProperty("--numbers", `${numbers.offsetHeight}px`);
    style.setProperty("--strips-head", `${head}px`);
    style.setProperty("--stuck", `${numbers.offsetHeight + below + GAP_PX}px`);
  };
  const sizes = new ResizeObserver(measure);
  for (const part of [numbers, sheet]) sizes.observe(part);
  ONE_COLUMN.addEventListener("change", measure);
  // Past the thresholds there is something else to read, and on the way to them all of the strips is to be seen.
  const seen = () => {
    const { top, bottom } = thresholds.getBoundingClientRect();
    const now = top < innerHeight / 2 && bottom > innerHeight / 2;
    if (now === here) return;
    here = now;
    measure();
  };
  addEventListener("scroll", seen, { passive: true });
  seen();
}
