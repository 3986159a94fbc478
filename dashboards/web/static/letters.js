// Keys of one sign can be switched off in the keyboard help, as speech input and a knee on the keyboard press them too
// (WCAG 2.1.4). Arrows, Enter and Escape are none of them.

const STORED = "soleus-letter-keys";
const OFF = "off";
const box = document.getElementById("letter-keys");

let on = read();
if (box) {
  box.checked = on;
  box.addEventListener("change", () => {
    on = box.checked;
    try {
      localStorage.setItem(STORED, on ? "on" : OFF);
    } catch {
      // It holds as long as the page.
    }
  });
}
// Another page of this browser has switched them.
addEventListener("storage", (e) => {
  if (e.key !== STORED) return;
  on = e.newValue !== OFF;
  if (box) box.checked = on;
});

export function isSwitchedOff(key) {
  return !on && key.length === 1;
}

function read() {
  try {
    return localStorage.getItem(STORED) !== OFF;
  } catch {
    return true;
  }
}
