// The bench: what is chosen and moved goes to the server, and what comes back is drawn.

import { Asking } from "./bench_asking.js";
import { Choices } from "./bench_choices.js";
import { Curve } from "./bench_curve.js";
import { Tiles } from "./bench_numbers.js";
import { Flips, Robustness, Saving, addressOf, compared, fillNumbers } from "./bench_panels.js";
import { get, sentence } from "./bench_post.js";
import { Setting } from "./bench_setting.js";
import { stick } from "./bench_sticky.js";
import { Strips } from "./bench_strips.js";
import { Thresholds } from "./bench_thresholds.js";
import { Veils } from "./bench_veils.js";
import { durationText } from "./clocktime.js";
import { View } from "./view.js";

const ADDRESS_MS = 250;
const HOUR_S = 3600;
const ZOOM_IN = 0.5;
const STEP = 0.5;
const by = (id) => document.getElementById(id);
const KEY = { h: "found and marked", f: "found, not marked (top edge)", m: "marked, not found (bottom edge)", "-": "found" };
const EXCUSED = "found, counts neither way";

class Bench {
  constructor(root, choices) {
    this.root = root;
    this.api = root.dataset.api;
    this.setting = new Setting(choices);
    this.fresh = true;
    this.groups = new Map(choices.classes.map(({ word, groups }) => [word, groups]));
    this.view = new View(0, HOUR_S);
    this.strips = new Strips(by("strips"), by("axis"), by("readout"), this.view, (recording, event) => location.assign(this.setting.carry(addressOf(recording, event))));
    this.tiles = new Tiles(by("tiles"), choices.numbers, by("explained"));
    this.veils = new Veils(by("veils"));
    this.thresholds = new Thresholds(by("groups"), { moved: (...how) => this.move(...how), grasped: (...what) => this.grasp(...what) });
    this.asking = new Asking(this.api, {
      body: () => this.body(),
      shown: (...answer) => this.show(...answer),
      said: (text) => this.refuse(text),
      busy: (what) => this.say(what),
    });
    this.curve = new Curve(this.api, by("curve-sheet"));
    this.flips = new Flips(this.api, by("flips"), by("flips-said"));
    this.robustness = new Robustness(this.api, by("robust-sheet"), this.setting, (name) => this.thresholds.rows.get(name)?.facts.text ?? name);
    this.chosen = new Choices(this.setting, (what) => this.choose(what));
    this.saving = new Saving(this.api, by("save-sheet"), this.setting, (name) => this.chosen.add(name));
    this.listen();
  }

  listen() {
    by("zoom-in").addEventListener("click", () => this.view.zoom(ZOOM_IN));
    by("zoom-out").addEventListener("click", () => this.view.zoom(1 / ZOOM_IN));
    by("zoom-all").addEventListener("click", () => this.view.reset());
    by("earlier").addEventListener("click", () => this.view.shift(-STEP * (this.view.max - this.view.min)));
    by("later").addEventListener("click", () => this.view.shift(STEP * (this.view.max - this.view.min)));
    this.view.listen(() => this.sayScope());
    by("reset-all").addEventListener("click", () => this.resetAll());
    for (const press of ["click", "auxclick"]) this.root.addEventListener(press, (e) => this.carry(e.target.closest("a[href]")));
    addEventListener("pagehide", () => this.curve.stop());
    // Somebody may have begun to score blind since.
    document.addEventListener("visibilitychange", () => document.hidden || this.root.hidden || this.asking.ask());
  }

  carry(link) {
    if (link) link.href = this.setting.carry(link.getAttribute("href"));
  }

  async begin() {
    this.choose("keys", false);
    await this.loadThresholds();
    this.root.hidden = by("choose").hidden = false;
    stick(this.root);
    this.strips.resize();
    this.asking.ask();
  }

  async loadThresholds() {
    const { criteria, word, changes } = this.setting;
    const answer = await get(`${this.api}/thresholds/${encodeURIComponent(criteria)}`);
    // Another set was chosen while this one came.
    if (criteria !== this.setting.criteria) return;
    if (!answer.value) return this.refuse(answer.said);
    this.thresholds.build(answer.value, this.groups.get(word), changes);
    if (!this.thresholds.rows.has(this.setting.held)) this.setting.held = first(answer.value, this.groups.get(word));
    this.thresholds.hold(this.setting.held);
    by("reset-all").hidden = !changes.size;
  }

  body() {
    const asked = this.setting.asked();
    return { ...asked, marks: !this.strips.has(asked) };
  }

  // One of the choices above has changed; asks: whether anything is to be asked for.
  async choose(what, asks = true) {
    const { setting } = this;
    this.startAfresh();
    if (what === "keys" && setting.keys.size && setting.reference && !setting.scorers().includes(setting.reference)) setting.reference = setting.scorers()[0] ?? "";
    this.chosen.show();
    if (what === "word") {
      this.thresholds.arrange(this.groups.get(setting.word));
      setting.held = first([...this.thresholds.rows.values()].map(({ facts }) => facts), this.groups.get(setting.word));
      this.thresholds.hold(setting.held);
    }
    if (what === "keys") {
      this.view.first = 0;
      this.view.last = Math.max(...setting.chosen().map((one) => one.duration_s), 1);
      this.view.reset();
      this.strips.choose(setting.chosen());
      this.robustness.choose();
      by("readout").textContent = setting.keys.size ? "" : "No recording is chosen.";
    }
    by("to-compare").href = compared(setting);
    this.sayKey();
    if (what === "criteria") {
      await this.loadThresholds();
      // A plug-in of one set is not in another.
      for (const name of setting.changes.keys()) if (!this.thresholds.rows.has(name)) setting.changes.delete(name);
      by("reset-all").hidden = !setting.changes.size;
    }
    this.keep();
    if (asks) this.asking.ask();
  }

  startAfresh() {
    this.fresh = true;
    this.tiles.forget();
    this.strips.forget();
  }

  // A threshold is taken in hand: what it does is told from here.
  grasp(name, again = false) {
    if (again || name !== this.setting.held) this.fresh = true;
    if (name === this.setting.held) return;
    this.setting.held = name;
    this.thresholds.hold(name);
    this.keep();
    this.drawCurve();
  }

  move(name, value, at) {
    const { changes } = this.setting;
    if (this.fresh) {
      this.fresh = false;
      this.tiles.remember();
      this.strips.remember();
      this.began = changes.get(name) ?? this.thresholds.rows.get(name).own;
    }
    if (value === null) changes.delete(name);
    else changes.set(name, value);
    this.thresholds.showOne(name, value);
    by("reset-all").hidden = !changes.size;
    this.keep();
    this.asking.ask(at ?? performance.now());
  }

  resetAll() {
    this.startAfresh();
    this.setting.changes.clear();
    this.thresholds.show(this.setting.changes);
    by("reset-all").hidden = true;
    by("find").focus();
    this.keep();
    this.asking.ask(performance.now());
  }

  show(answer, asked, settled) {
    this.thresholds.refuse("", "");
    by("bench-said").hidden = true;
    this.strips.show(answer, asked);
    this.veils.show(answer.nights, this.setting.chosen());
    this.nOpening = answer.nights.filter((night) => night.opening).length;
    this.tiles.show(answer.agreement);
    this.sayKey();
    const row = this.thresholds.rows.get(this.setting.held);
    if (row) this.curve.at(Number(asked.changes[this.setting.held] ?? row.own), answer.agreement);
    this.root.toggleAttribute("data-settled", settled);
    if (!settled) return;
    fillNumbers(by("numbers"), answer, this.setting.chosen());
    this.flips.about(this.setting);
    this.robustness.about();
    this.drawCurve();
  }

  drawCurve() {
    const facts = this.thresholds.rows.get(this.setting.held)?.facts ?? null;
    if (this.root.hasAttribute("data-settled")) this.curve.about(facts, this.setting);
  }

  // A value that cannot be: the picture stays as it was, and the threshold that is named says why; that in hand first.
  refuse(text) {
    const { held, changes } = this.setting;
    const names = text.match(/[\w.]+/g) ?? [];
    const named = [held, ...names].find((name) => names.includes(name) && changes.has(name));
    if (this.thresholds.rows.has(named)) return this.thresholds.refuse(named, text);
    by("bench-said").textContent = sentence(text);
    by("bench-said").hidden = false;
  }

  say(what) {
    const busy = String(!["", "refused"].includes(what));
    if (this.root.getAttribute("aria-busy") !== busy) this.root.setAttribute("aria-busy", busy);
    const { setting } = this;
    const moved = this.tiles.began && this.thresholds.rows.get(setting.held);
    const since = moved ? ` Changes are against ${this.began} ${moved.facts.unit}, where the hand began.` : "";
    const opening = this.nOpening ? `Opening ${this.nOpening} of ${setting.keys.size} recordings …` : "";
    const words = { look: opening, settle: "Scoring in full …", "": setting.keys.size ? "Scored in full, as by soleus score." : "", refused: "The picture is that of the values before: these cannot be scored." };
    const said = `${words[what]}${since}`;
    if (by("state").textContent !== said) by("state").textContent = said;
  }

  sayScope() {
    const { view } = this;
    by("span").textContent = view.whole ? "" : durationText(view.max - view.min);
  }

  sayKey() {
    const judged = this.setting.reference !== "";
    const letters = judged ? ["h", "f", "m", ...(this.strips.excuses() ? ["-"] : [])] : ["-"];
    if (by("key").dataset.letters === letters.join(judged)) return;
    by("key").dataset.letters = letters.join(judged);
    by("key").replaceChildren(
      ...letters.map((letter) => {
        const item = Object.assign(document.createElement("li"), { className: `key-${letter === "-" ? "none" : letter}`, textContent: judged && letter === "-" ? EXCUSED : KEY[letter] });
        return item;
      }),
    );
  }

  // A browser takes an address only so often.
  keep() {
    clearTimeout(this.keeping);
    this.keeping = setTimeout(() => this.setting.keep(), ADDRESS_MS);
  }
}

// The first one that a slider moves, of what matters for the class: one of a paper rather than of how signals are made.
function first(thresholds, groups) {
  const sliding = thresholds.filter(({ low }) => low !== null);
  const here = sliding.filter(({ group }) => group === groups[0]);
  return (here.find(({ published }) => published) ?? here[0] ?? sliding[0])?.name ?? "";
}

async function start() {
  const root = by("bench");
  const answer = await get(root.dataset.api);
  if (answer.value) return new Bench(root, answer.value).begin();
  by("bench-said").textContent = `${sentence(answer.said)} Reload the page to try again.`;
  by("bench-said").hidden = false;
}

start();
