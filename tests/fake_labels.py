"""A label book in memory, and a bench that has signals and suggestions and nothing else."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from dashboards.bench import Studio
from dashboards.bench_values import (
    Answer,
    BenchNight,
    BenchRecording,
    Learned,
    Number,
    SavedCriteria,
    Setting,
    Suggestion,
)
from dashboards.labelling import NOTHING, Act, ActWay, Agreement, BlindError, Label, RaterCard, Sheet
from detectors.events import EventKind
from detectors.signal import Leg
from tests import synthetic_night as synthetic
from tests import synthetic_signal as signal

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence

    from dashboards.bench_values import Asked, CurvePoint, Flip, Reach, Threshold
    from dashboards.signals import ExtremesView
    from detectors.events import Event

SHORT = "ten-minutes"
WHOLE = "whole-night"
DAMAGED = "damaged"
SHORT_START_S = 4_560.0
SHORT_S = 600.0
KINDS = (
    "leg_movement", "cramp", "tonic", "twitch", "brief_jerk", "rhythmic_train", "clonus", "shift", "restlessness",
    "upright", "bed_exit", "awakening",
)  # fmt: skip
SOLEUS = "Soleus"
REPLACED_SAID = "there is another recording of this name"
BLIND_SAID = "this rater scores blind: what others marked is not shown"


def _found() -> tuple[Label, ...]:
    """Return the movements of the synthetic night in its ten minutes."""
    labels: list[Label] = []
    for event in synthetic.events():
        onset_s, end_s = (
            round((t_ns - synthetic.START_NS) / 1e9 - SHORT_START_S, 3) for t_ns in (event.onset_ns, event.end_ns)
        )
        if event.kind is EventKind.LEG_MOVEMENT and onset_s >= 0 and end_s <= SHORT_S:
            labels.append(Label(f"t{len(labels)}", event.kind, event.leg, onset_s, end_s))
    return tuple(labels)


TRUTH = _found()
"""What Soleus found in the short recording."""


def _is_label(recording: str, label: Label) -> bool:
    duration_s = synthetic.DURATION_S if recording == WHOLE else SHORT_S
    return label.kind in {*KINDS, NOTHING} and 0 <= label.onset_s < label.end_s <= duration_s


@dataclass(slots=True)
class Pad:
    """Everything that one rater did in one recording; an act is kept with what its label was before."""

    done: list[tuple[Act, Label | None]] = field(default_factory=list)
    undone: list[tuple[Act, Label | None]] = field(default_factory=list)
    labels: dict[str, Label] = field(default_factory=dict)
    keys: list[str] = field(default_factory=list)
    blind: bool = False
    was_open: bool = True
    finished: bool = False

    def put(self, act: Act) -> None:
        """Do an act, and remember how to take it back."""
        self.done.append((act, self.labels.get(act.label.key)))
        self.set(act.label.key, None if act.way is ActWay.DELETE else act.label)

    def set(self, key: str, label: Label | None) -> None:
        if label is None:
            self.labels.pop(key, None)
        else:
            self.labels[key] = label

    def sheet(self) -> Sheet:
        """Return what the page is told."""
        words = [f"{pairs[-1][0].way} {pairs[-1][0].label.kind}" if pairs else "" for pairs in (self.done, self.undone)]
        labels = tuple(sorted(self.labels.values(), key=lambda label: label.onset_s))
        return Sheet(labels, len(self.keys), words[0], words[1], self.blind, self.was_open, self.finished)


@dataclass(slots=True)
class FakeLabels:
    """A label book; what it was asked by others while somebody scored blind is not answered."""

    pads: dict[tuple[str, str], Pad] = field(default_factory=dict)
    replaced: str = ""
    """The recording in whose place there is another one since."""

    def kinds(self) -> Sequence[str]:
        return KINDS

    def raters(self, recording: str) -> Sequence[RaterCard]:
        found = [(rater, pad) for (where, rater), pad in sorted(self.pads.items()) if where == recording]
        return [RaterCard(rater, len(pad.labels), pad.blind, pad.finished) for rater, pad in found]

    def blind_raters(self, recordings: Collection[str]) -> Mapping[str, Sequence[str]]:
        found: dict[str, list[str]] = {}
        for (where, rater), pad in sorted(self.pads.items()):
            if where in recordings and pad.blind and not pad.finished:
                found.setdefault(where, []).append(rater)
        return found

    def sheet(self, recording: str, rater: str) -> Sheet:
        if recording == self.replaced:
            raise ValueError(REPLACED_SAID)
        pad = self.pads.get((recording, rater))
        return pad.sheet() if pad else Sheet(())

    def act(self, recording: str, rater: str, act: Act) -> Sheet:
        if act.way is not ActWay.DELETE and not _is_label(recording, act.label):
            message = (
                f"{act.label.kind} from {act.label.onset_s:g} to {act.label.end_s:g} s lies outside of the recording"
            )
            raise ValueError(message)
        pad = self._pad(recording, rater)
        if act.key not in pad.keys:
            pad.keys.append(act.key)
            pad.put(act)
            pad.undone.clear()
        return pad.sheet()

    def undo(self, recording: str, rater: str, key: str) -> Sheet:
        pad = self._pad(recording, rater)
        if key not in pad.keys and pad.done:
            act, before = pad.done.pop()
            pad.undone.append((act, pad.labels.get(act.label.key)))
            pad.set(act.label.key, before)
        pad.keys.append(key)
        return pad.sheet()

    def redo(self, recording: str, rater: str, key: str) -> Sheet:
        pad = self._pad(recording, rater)
        if key not in pad.keys and pad.undone:
            pad.put(pad.undone.pop()[0])
        pad.keys.append(key)
        return pad.sheet()

    def set_blind(self, recording: str, rater: str, *, blind: bool) -> Sheet:
        pad = self._pad(recording, rater)
        fresh = not pad.keys and not pad.blind
        pad.blind, pad.was_open = blind, not blind or (pad.was_open and not fresh)
        return pad.sheet()

    def finish(self, recording: str, rater: str, *, finished: bool) -> Sheet:
        pad = self._pad(recording, rater)
        pad.finished = finished
        return pad.sheet()

    def others(self, recording: str, rater: str) -> Mapping[str, Sequence[Label]]:
        self._open(recording, rater)
        marks = {
            name: self.sheet(recording, name).labels
            for where, name in self.pads
            if where == recording and name != rater
        }
        return {**marks, SOLEUS: TRUTH}

    def agreement(self, recording: str, rater: str, other: str) -> Sequence[Agreement]:
        theirs = self.others(recording, rater)[other]
        own = self.sheet(recording, rater).labels
        both = sum(any(mark[1:] == other_mark[1:] for other_mark in theirs) for mark in own)
        f1 = 2 * both / (len(own) + len(theirs)) if own and theirs else None
        return [Agreement("leg_movement", len(own), len(theirs), both, f1, None, 0.0 if both else None)]

    def exported(self, recording: str, rater: str, form: str) -> bytes:
        if form not in {"tsv", "edf"}:
            message = f"form is {form!r}, expected tsv or edf"
            raise ValueError(message)
        rows = ["onset\tduration\ttrial_type\tleg"]
        labels = self.sheet(recording, rater).labels
        rows += [f"{one.onset_s:.3f}\t{one.end_s - one.onset_s:.3f}\t{one.kind}\t{one.leg}" for one in labels]
        return "\n".join([*rows, ""]).encode()

    def imported(self, recording: str, rater: str, name: str, content: bytes) -> Sheet:
        lines = content.decode().splitlines()
        if not lines or not lines[0].startswith("onset\t"):
            message = f"{name} has no columns, expected onset, duration, trial_type, leg"
            raise ValueError(message)
        pad = self._pad(recording, rater)
        for n, line in enumerate(lines[1:]):
            onset, duration, kind, leg = line.split("\t")
            label = Label(f"{name} {n}", kind, leg, float(onset), round(float(onset) + float(duration), 3))
            pad.keys.append(f"{name} act {n}")
            pad.put(Act(pad.keys[-1], ActWay.ADD, label))
        return pad.sheet()

    def _pad(self, recording: str, rater: str) -> Pad:
        return self.pads.setdefault((recording, rater), Pad())

    def _open(self, recording: str, rater: str) -> None:
        pad = self.pads.get((recording, rater))
        if pad and pad.blind:
            raise BlindError(BLIND_SAID)


@dataclass(slots=True)
class FakeLabelBench:
    """A bench of ten minutes, and of the whole synthetic night around them."""

    events: tuple[Event, ...] = field(default_factory=synthetic.events)
    asked: list[Asked] = field(default_factory=list)
    still_opening: int = 0

    def recordings(self) -> Sequence[BenchRecording]:
        night = BenchRecording(
            WHOLE, "Synthetic night", "s1", synthetic.START_NS, synthetic.UTC_OFFSET_S, float(synthetic.DURATION_S),
            simulated=True,
        )  # fmt: skip
        start_ns = synthetic.to_ns(SHORT_START_S)
        short = replace(night, key=SHORT, name="Ten minutes", start_ns=start_ns, duration_s=SHORT_S)
        return short, night, replace(short, key=DAMAGED, problem="damaged.edf: no header")

    def recording(self, key: str) -> BenchRecording:
        return {one.key: one for one in self.recordings()}[key]

    def signals(self, key: str, onset_s: float, end_s: float, n_buckets: int) -> Sequence[ExtremesView]:
        recording = self.recording(key)
        stop_s = min(end_s, recording.duration_s)
        since_s = (recording.start_ns - synthetic.START_NS) / 1e9
        span_ns = synthetic.to_ns(since_s + max(onset_s, 0.0)), synthetic.to_ns(since_s + stop_s)
        return [view for leg in (Leg.LEFT, Leg.RIGHT) for view in signal.extremes(self.events, leg, span_ns, n_buckets)]

    def words(self) -> Sequence[str]:
        return (EventKind.LEG_MOVEMENT, EventKind.CRAMP)

    def suggestions(self, asked: Asked, rater: str, n: int) -> Sequence[Suggestion]:  # noqa: ARG002 - of nobody
        self.asked.append(asked)
        why = "peak 7.9 µV is 0.1 µV below the onset level"
        found = [Suggestion(asked.keys[0], 100.0 + 60 * i, 101.5 + 60 * i, "left", asked.word, why) for i in range(3)]
        found += [Suggestion(key, 200.0, 201.0, "right", asked.word, why) for key in asked.keys[1:]]
        return found[:n]

    def learned(self, asked: Asked, rater: str) -> Learned:
        self.asked.append(asked)
        if not rater.startswith("A"):
            return Learned(1, 0, why="one answer is too few, expected 10")
        setting = replace(asked.setting, changes=(("leg_movement.onset_uv", "7.5"),))
        return Learned(7, 5, (Number("f1", 0.9, 0.8, 0.95),), (Number("f1", 0.8, 0.7, 0.9),), setting)

    def close(self) -> None:
        pass

    def criteria(self) -> Sequence[str]:
        return (Setting().criteria,)

    def thresholds(self, criteria: str) -> Sequence[Threshold]:  # noqa: ARG002 - it has none
        return ()

    def look(self, asked: Asked) -> Answer:
        self.still_opening -= 1
        return Answer(tuple(BenchNight(key, opening=self.still_opening >= 0) for key in asked.keys), ())

    def settle(self, asked: Asked) -> Answer:  # noqa: ARG002 - it finds nothing
        return Answer((), ())

    def curve(self, asked: Asked, threshold: str, values: Sequence[float]) -> Iterator[CurvePoint]:  # noqa: ARG002 - none
        return iter(())

    def flips(self, asked: Asked, before: Setting) -> Sequence[Flip]:  # noqa: ARG002 - it finds nothing
        return ()

    def robustness(self, key: str, setting: Setting) -> Sequence[Reach]:  # noqa: ARG002 - it has none
        return ()

    def save(self, name: str, asked: Asked, reason: str) -> SavedCriteria:  # noqa: ARG002 - it keeps nothing
        return SavedCriteria(name, f"{name}.toml", "")


def label_studio(labels: FakeLabels | None = None) -> Studio:
    """Return a studio in which one can label."""
    return Studio(FakeLabelBench(), labels or FakeLabels())
