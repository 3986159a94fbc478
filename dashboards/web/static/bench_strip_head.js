// What stands before the strip of a recording: its name, whether it is made up, and where it is marked.

export function headOf(recording) {
  const head = Object.assign(document.createElement("div"), { className: "strip-head" });
  const key = encodeURIComponent(recording.key);
  const name = document.createElement(recording.is_night ? "a" : "span");
  if (recording.is_night) name.href = `/night/${key}`;
  Object.assign(name, { className: "strip-name", textContent: recording.name, title: recording.name });
  head.append(name);
  if (recording.simulated) head.append(badge());
  const label = Object.assign(document.createElement("a"), { className: "strip-label", href: `/label/${key}`, textContent: "Label" });
  label.setAttribute("aria-label", `Label ${recording.name}`);
  head.append(label);
  return head;
}

export function badge() {
  return Object.assign(document.createElement("span"), { className: "badge", textContent: "simulated" });
}
