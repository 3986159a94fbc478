// Runs before the first paint, so that a chosen theme does not flash; without a choice the system's is used.
"use strict";
(() => {
  const root = document.documentElement;
  // A browser that keeps nothing, or refuses to, still shows the page and switches it.
  const kept = (use) => {
    try {
      return use(localStorage);
    } catch {
      return null;
    }
  };
  const stored = kept((storage) => storage.getItem("theme"));
  if (stored === "light" || stored === "dark") root.dataset.theme = stored;
  addEventListener("DOMContentLoaded", () => {
    const button = document.getElementById("theme");
    const systemDark = matchMedia("(prefers-color-scheme: dark)");
    const changed = () => document.dispatchEvent(new CustomEvent("themechange"));
    systemDark.addEventListener("change", changed);
    // Paper is white: the charts are drawn again in light colours for as long as it takes.
    let before;
    addEventListener("beforeprint", () => {
      before = root.dataset.theme;
      root.dataset.theme = "light";
      changed();
    });
    addEventListener("afterprint", () => {
      if (before) root.dataset.theme = before;
      else delete root.dataset.theme;
      changed();
    });
    button.hidden = false;
    button.addEventListener("click", () => {
      const isDark = root.dataset.theme ? root.dataset.theme === "dark" : systemDark.matches;
      root.dataset.theme = isDark ? "light" : "dark";
      kept((storage) => storage.setItem("theme", root.dataset.theme));
      changed();
    });
  });
})();
