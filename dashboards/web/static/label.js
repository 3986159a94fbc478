// The page Label: who labels, then the signals, the marks and everything that is done to them.

import { NightClock } from "./clocktime.js";
import { Unanswered, ask, fetchColumns } from "./columns.js";
import { Board, streamsOf } from "./label_board.js";
import { Desk } from "./label_desk.js";
import { listenToKeys } from "./label_keys.js";
import { Others } from "./label_others.js";
import { Outbox, newKey } from "./label_outbox.js";
import { Overview } from "./label_overview.js";
import { OwnMarks } from "./label_own.js";
import { listenToPointer } from "./label_pointer.js";
import { Marks } from "./label_sheet.js";
import { Suggest } from "./label_suggest.js";
import { Windows } from "./label_windows.js";
import { askHow, askName, choseOpen, lastRater, remember, rememberOpen } from "./label_who.js";
import { palette } from "./palette.js";

const $ = (id) => document.getElementById(id);
const place = $("label");
const OVERVIEW_BUCKETS = 900;
let rater = "";
let colours = palette();
const marks = new Marks();

function say(text) {
  $("announce").textContent = text;
}

// Resolves with the sheet of a rater, or with what is wrong with the name, or with the marks of everybody.
async function sheetOf(name) {
  const answer = await fetch(`${place.dataset.api}/sheet?${new URLSearchParams({ rater: name })}`).catch(() => null);
  const said = await answer?.json().catch(() => null);
  if (answer?.ok && said) return said;
  if (answer?.status === 400) return said?.error ?? "this is no name";
  if (answer?.status === 503 && said?.error) return said.error;
  throw new Unanswered("sheet");
}

async function whoLabels(remembered) {
  let said = "";
  for (let name = remembered || (await askName()); ; name = await askName(said)) {
    const sheet = await sheetOf(name);
    if (typeof sheet !== "string") return { name, sheet };
    said = `${sheet[0].toUpperCase()}${sheet.slice(1)}.`;
  }
}

async function start() {
  const facts = await (await ask(place.dataset.api)).json();
  const { name, sheet } = await whoLabels(lastRater());
  rater = name;
  remember(rater);
  for (const node of document.querySelectorAll(".rater-name")) node.textContent = rater;
  const blind = sheet.begun || choseOpen(facts.key, rater) ? null : await askHow();
  marks.take(sheet);
  work(facts, blind);
}

function work(facts, blind) {
  const { api } = place.dataset;
  const to = `${api}/acts`;
  const clock = new NightClock(facts);
  const isOurs = (entry) => entry.to === to && entry.body.rater === rater;
  const outbox = new Outbox({
    answered: (entry, sheet) => {
      if (!isOurs(entry)) return;
      marks.answered(entry, sheet);
      if (["blind", "open"].includes(entry.body.do)) shut();
      desk.changed();
    },
    refused: (entry, why) => {
      marks.forget(entry);
      $("refused").hidden = false;
      $("refused").firstElementChild.textContent = `Not saved: ${entry.body.do} of ${entry.body.rater}: ${why}.`;
      refresh();
    },
    told: (n, why) => {
      const waiting = why ? `${n === 1 ? "1 act is" : `${n} acts are`} kept in this browser and not saved yet: ${why}.` : "Saving …";
      const text = n ? waiting : "Saved.";
      if ($("saved").textContent !== text) $("saved").textContent = text;
      $("saved").classList.toggle("bad", n > 0 && why !== "");
    },
  });
  const act = (word, label) => {
    const body = { rater, key: newKey(), do: word, ...(label ? { label } : {}) };
    marks.begin(outbox.put(to, body));
  };
  const desk = new Desk({ marks, duration: facts.duration_s, kinds: facts.kinds, clock, act, say });
  const board = new Board({ host: $("board"), desk, colours: () => colours });
  const overview = new Overview({ canvas: $("overview"), desk, colours: () => colours });
  const own = new OwnMarks(desk);
  const others = new Others({ api, rater: () => rater, desk, board });
  const suggest = new Suggest({ api, recording: facts.key, rater: () => rater, desk, outbox });
  const windows = new Windows({ api, desk, shown: (streams) => board.load(streams) });

  // What a blind rater may not see is not asked for either.
  function shut() {
    $("blind-badge").textContent = marks.blind ? "Scores blind" : marks.server.was_open ? "Sees others" : "";
    $("unblind").hidden = !marks.blind;
    suggest.hide(marks.blind);
    if (marks.blind) others.hide();
    else if (!outbox.waiting.some((entry) => isOurs(entry) && entry.body.do === "open")) others.load();
  }

  async function refresh() {
    const sheet = await sheetOf(rater).catch(() => null);
    if (!sheet || typeof sheet === "string" || outbox.waiting.some(isOurs)) return;
    const before = marks.blind;
    marks.take(sheet);
    if (marks.blind !== before) shut();
    desk.changed();
  }

  const draw = drawer({ desk, board, overview, own, windows, clock });
  desk.listen(draw);
  listenToPointer(board, desk);
  const lengths = [...$("length").options].map((option) => Number(option.value));
  const setLength = (seconds) => {
    $("length").value = seconds;
    desk.resize(seconds);
  };
  listenToKeys(desk, { suggest, lengths, setLength });
  listenToTools(desk, { act, refresh, outbox, setLength, shut, exported: `${api}/export`, imported: `${api}/import` });
  document.addEventListener("visibilitychange", () => document.hidden || refresh());
  document.addEventListener("themechange", () => {
    colours = palette();
    board.paint();
    overview.paint();
  });
  new ResizeObserver(draw).observe($("board"));

  place.hidden = false;
  outbox.adopt();
  for (const entry of outbox.waiting.filter(isOurs)) marks.begin(entry);
  if (blind !== null) act(blind ? "blind" : "open", null);
  if (blind === false) rememberOpen(facts.key, rater);
  const at = Number(new URLSearchParams(location.search).get("at"));
  if (Number.isFinite(at) && at > 0) {
    desk.cursor = Math.min(at, desk.duration);
    desk.show(at - desk.length / 2);
  }
  shut();
  outbox.told(outbox.waiting.length, "");
  desk.changed();
  suggest.arrive();
  $("desk").focus({ preventScroll: true });
  const buckets = new URLSearchParams({ from: 0, to: facts.duration_s, buckets: OVERVIEW_BUCKETS });
  fetchColumns(`${api}/signals?${buckets}`).then((header) => overview.load(streamsOf(header.columns)), unanswered);
}

// Whatever was changed is drawn once, when the browser draws anyway.
function drawer({ desk, board, overview, own, windows, clock }) {
  let waiting = false;
  let shown = "";
  return () => {
    if (waiting) return;
    waiting = true;
    requestAnimationFrame(() => {
      waiting = false;
      const window = `${desk.from} ${desk.length} ${desk.gain} ${board.width}`;
      windows.want(board.width);
      if (window !== shown && board.streams.length) board.paint();
      else board.place();
      shown = window;
      overview.paint();
      own.show();
      $("span").textContent = `${clock.text(desk.from)} to ${clock.text(desk.to)}`;
      $("cursor-said").textContent = `cursor ${clock.text(desk.cursor, 2)} (${desk.cursor.toFixed(2)} s)`;
      $("undo").disabled = !desk.marks.canUndo;
      $("redo").disabled = !desk.marks.canRedo;
      $("undo").title = `Undo (u)${desk.marks.server.undoable ? `: ${desk.marks.server.undoable}` : ""}`;
      const { kind, leg } = desk.chosen ?? desk;
      for (const [name, value] of [["kind", kind], ["leg", leg]]) {
        const choice = document.querySelector(`#desk [name=${name}][value="${value}"]`);
        if (choice) choice.checked = true;
      }
      Object.assign(place.dataset, { from: desk.from, to: desk.to, cursor: desk.cursor, n: desk.marks.labels.length });
    });
  };
}

function listenToTools(desk, { act, refresh, outbox, setLength, shut, exported, imported }) {
  const clicks = { undo: () => desk.undo(), redo: () => desk.redo(), back: () => desk.page(-1), on: () => desk.page(1) };
  for (const [id, click] of Object.entries(clicks)) $(id).addEventListener("click", click);
  $("length").addEventListener("change", (e) => setLength(Number(e.target.value)));
  $("desk").addEventListener("change", (e) => {
    if (e.target.name === "kind") desk.setKind(e.target.value);
    if (e.target.name === "leg") desk.setLeg(e.target.value);
  });
  // After a click the keys are those of the desk again.
  $("desk").addEventListener("click", (e) => e.detail > 0 && e.target.closest("button, [type=radio]")?.blur());
  $("refused").querySelector("button").addEventListener("click", () => ($("refused").hidden = true));
  $("rater-change").addEventListener("click", async () => {
    place.hidden = true;
    const { name } = await whoLabels("");
    remember(name);
    location.reload();
  });
  $("unblind").addEventListener("click", () => $("lift").showModal());
  $("lift-no").addEventListener("click", () => $("lift").close());
  $("lift-yes").addEventListener("click", () => {
    $("lift").close();
    act("open", null);
    shut();
  });
  for (const form of ["tsv", "edf"]) $(`export-${form}`).href = `${exported}?${new URLSearchParams({ rater, form })}`;
  $("import").addEventListener("submit", async (e) => {
    e.preventDefault();
    const [file] = e.target.elements.file.files;
    $("import-said").textContent = "Importing …";
    await outbox.empty();
    const before = desk.marks.labels.length;
    const answer = await fetch(`${imported}?${new URLSearchParams({ rater, name: file.name })}`, {
      method: "POST",
      headers: { "content-type": "application/octet-stream" },
      body: file,
    }).catch(() => null);
    const said = await answer?.json().catch(() => null);
    const n = (said?.labels?.length ?? 0) - before;
    $("import-said").textContent = answer?.ok ? `${n} ${n === 1 ? "mark" : "marks"} added.` : `Not imported: ${said?.error ?? "Soleus does not answer"}.`;
    if (answer?.ok) await refresh();
  });
}

function unanswered(error) {
  if (!(error instanceof Unanswered)) throw error;
  say("The signals cannot be read: Soleus does not answer. Load the page again to try again.");
}

start().catch((error) => {
  unanswered(error);
  $("label").before(Object.assign(document.createElement("p"), { className: "unsaved", textContent: $("announce").textContent }));
});
