// Which classes there are, and a switch for each.

export function fillLegend(host, night, view) {
  const present = night.classes.filter(({ name }) => night.events.some((event) => event.class === name));
  const names = present.map(({ name }) => name).join();
  if (host.dataset.names === names) return;
  host.dataset.names = names;
  host.replaceChildren(
    ...present.map(({ name, legend }) => {
      const button = document.createElement("button");
      button.type = "button";
      button.dataset.class = name;
      button.setAttribute("aria-pressed", String(!view.hidden.has(name)));
      const swatch = Object.assign(document.createElement("span"), { className: `swatch c-${name}` });
      swatch.setAttribute("aria-hidden", "true");
      button.append(swatch, legend);
      button.addEventListener("click", () => {
        view.toggle(name);
        button.setAttribute("aria-pressed", String(!view.hidden.has(name)));
      });
      return button;
    }),
  );
}
