// Below the strips: which events flipped, every number of each night, how far indices hang on thresholds, and saving.

import { NightClock, durationText } from "./clocktime.js";
import { post, sentence } from "./bench_post.js";
import { fillTable } from "./bench_table.js";

const MOST_ROWS = 300;
const KNOWN = "From the lowest to the highest that each index becomes as its thresholds move a little.";
const UNKNOWN = "Nothing is known of this recording: it cannot be scored, or is being opened.";
const NO_RECORDING = "No recording is chosen.";
const WAYS = { gained: "comes", lost: "goes", moved: "moves" };

// Where an event can be looked at: its own page, or its moment where marks are made.
export function addressOf(recording, event) {
  const key = encodeURIComponent(recording.key);
  if (event.page) return `/night/${key}/event/${event.page.split("/").map(encodeURIComponent).join("/")}`;
  return `/label/${key}?at=${event.onset_s.toFixed(3)}`;
}

export class Flips {
  constructor(api, host, said) {
    Object.assign(this, { api, host, said });
  }

  async about(setting) {
    this.leaving?.abort();
    if (!setting.changes.size || !setting.keys.size) {
      this.host.replaceChildren();
      return void (this.said.textContent = setting.keys.size ? `Every threshold is as in ${setting.criteria}: nothing flips.` : NO_RECORDING);
    }
    this.leaving = new AbortController();
    const body = { ...setting.asked(), before: { criteria: setting.criteria, changes: {} } };
    const answer = await post(`${this.api}/flips`, body, this.leaving.signal);
    if (answer.left) return;
    if (answer.said) return void (this.said.textContent = sentence(answer.said));
    const counts = Object.entries(WAYS).map(([way]) => answer.value.filter((flip) => flip.way === way).length);
    const [gained, lost, moved] = counts;
    this.said.textContent = `Against ${setting.criteria}: ${gained} come, ${lost} go, ${moved} move.`;
    const of = Map.groupBy(answer.value, (flip) => flip.key);
    this.host.replaceChildren(...setting.chosen().filter((one) => of.has(one.key)).map((one, i) => group(one, of.get(one.key), i === 0)));
  }
}

function group(recording, flips, open) {
  const details = Object.assign(document.createElement("details"), { className: "flip-group" });
  const summary = document.createElement("summary");
  summary.append(recording.name, Object.assign(document.createElement("span"), { className: "count", textContent: flips.length }));
  details.append(summary);
  // Hundreds of rows: made when somebody looks.
  details.addEventListener("toggle", () => details.open && details.children.length === 1 && details.append(...rows(recording, flips)));
  details.open = open;
  return details;
}

function rows(recording, flips) {
  const clock = new NightClock(recording);
  const list = Object.assign(document.createElement("ol"), { className: "flip-list" });
  list.append(
    ...flips.slice(0, MOST_ROWS).map((flip) => {
      const event = flip.after ?? flip.before;
      const link = Object.assign(document.createElement("a"), { className: "flip-row", href: addressOf(recording, flip.before?.page ? flip.before : event) });
      link.dataset.way = flip.way;
      const part = (name, textContent) => link.append(Object.assign(document.createElement(name), { textContent }));
      part("span", WAYS[flip.way]);
      link.firstChild.className = "way";
      part("time", clock.text(event.onset_s));
      part("span", event.leg);
      part("span", durationText(event.end_s - event.onset_s));
      const item = document.createElement("li");
      item.append(link);
      return item;
    }),
  );
  if (flips.length <= MOST_ROWS) return [list];
  return [list, Object.assign(document.createElement("p"), { className: "quiet", textContent: `The first ${MOST_ROWS} of ${flips.length}.` })];
}

// Every number that a night has, a column for each night.
export function fillNumbers(table, answer, recordings) {
  const names = [...new Set(answer.nights.flatMap((night) => Object.keys(night.numbers)))];
  const name = new Map(recordings.map((one) => [one.key, one.name]));
  const rows = names.map((one) => [one, ...answer.nights.map((night) => said(night.numbers[one]))]);
  fillTable(table, ["Number", ...answer.nights.map((night) => name.get(night.key))], rows);
}

export class Robustness {
  constructor(api, sheet, setting, words) {
    Object.assign(this, { api, sheet, setting, words });
    this.select = sheet.querySelector("#robust-key");
    this.said = sheet.querySelector("#robust-said");
    this.table = sheet.querySelector("#robust");
    sheet.addEventListener("toggle", () => this.about());
    this.select.addEventListener("change", () => this.about());
  }

  choose() {
    const { value } = this.select;
    this.select.replaceChildren(...this.setting.chosen().map((one) => new Option(one.name, one.key)));
    if (this.setting.keys.has(value)) this.select.value = value;
    this.about();
  }

  async about() {
    this.leaving?.abort();
    if (!this.sheet.open || !this.select.value) return;
    this.leaving = new AbortController();
    this.said.textContent = "Scoring with each threshold a little lower and higher …";
    const { criteria, changes } = this.setting.asked();
    const answer = await post(`${this.api}/robustness`, { key: this.select.value, criteria, changes }, this.leaving.signal);
    if (answer.left) return;
    const known = answer.value?.length ? KNOWN : UNKNOWN;
    this.said.textContent = answer.said ? sentence(answer.said) : known;
    this.fill(answer.value ?? []);
  }

  fill(reaches) {
    const rows = reaches.map((one) => [one.name, said(one.value), ...(one.why ? [`not known: ${one.why}`, "", ""] : [said(one.low), said(one.high), this.words(one.widest)])]);
    fillTable(this.table, ["Index", "Now", "Lowest", "Highest", "Moved most by"], rows);
  }
}

export class Saving {
  // saved(name) is told of a set that was written.
  constructor(api, sheet, setting, saved) {
    const form = sheet.querySelector("form");
    const said = sheet.querySelector("#save-said");
    const host = sheet.querySelector("#saved");
    form.addEventListener("submit", async (e) => {
      e.preventDefault();
      const [name, reason] = ["#save-name", "#save-reason"].map((id) => form.querySelector(id).value.trim());
      const button = form.querySelector("button");
      button.disabled = true;
      const answer = setting.keys.size ? await post(`${api}/save`, { ...setting.asked(), name, reason }) : { said: NO_RECORDING };
      button.disabled = false;
      said.hidden = !answer.said;
      said.textContent = answer.said ? sentence(answer.said) : "";
      if (answer.said) return form.querySelector("#save-name").focus();
      host.replaceChildren(...tellSaved(answer.value, setting));
      form.reset();
      saved(answer.value.name);
    });
  }
}

function tellSaved({ name, path, text }, setting) {
  const line = document.createElement("p");
  const code = Object.assign(document.createElement("code"), { textContent: `soleus score --criteria ${quoted(path)} FILE` });
  line.append(`Saved as ${name}. On the command line: `, code);
  const compare = Object.assign(document.createElement("a"), { href: compared(setting, name), textContent: `Compare it with ${setting.criteria}` });
  const file = document.createElement("details");
  file.append(Object.assign(document.createElement("summary"), { textContent: "What is in the file" }), Object.assign(document.createElement("pre"), { textContent: text, tabIndex: 0 }));
  const links = document.createElement("p");
  links.append(compare);
  return [line, links, file];
}

// The page that compares two sets, for what is chosen.
export function compared(setting, other = "") {
  const query = new URLSearchParams({ a: setting.criteria, b: other, word: setting.word, ref: setting.reference });
  for (const key of setting.keys) query.append("r", key);
  return `${document.getElementById("bench").dataset.compare}?${query}`;
}

// A path as a shell takes it.
function quoted(path) {
  return /^[\w./-]+$/.test(path) ? path : `'${path.replaceAll("'", "'\\''")}'`;
}

function said(value) {
  return value === null || value === undefined ? "not known" : Number.isInteger(value) ? value : value.toFixed(2);
}
