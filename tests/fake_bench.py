"""A bench that really scores something simple: candidates with a height and a length, against two thresholds."""

from __future__ import annotations

import random
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Final

from dashboards.bench_values import (
    Answer,
    BenchEvent,
    BenchNight,
    BenchRecording,
    CurvePoint,
    Flip,
    Learned,
    Number,
    Reach,
    SavedCriteria,
    Setting,
    Suggestion,
    Threshold,
    UnknownSettingError,
)
from tests.fakes import NIGHT_ID
from tests.synthetic_night import START_NS, UTC_OFFSET_S

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from dashboards.bench_values import Asked
    from dashboards.signals import ExtremesView

NIGHT_S: Final = 28_800.0
N_CANDIDATES: Final = 700
SCORER: Final = "human"
WASM: Final = "wasm-2016"
EASY: Final = "easy"
ONSET, MIN_S = "leg_movement.onset_uv", "leg_movement.min_s"
FERRI: Final = "Ferri et al., WASM 2016"
DOI: Final = "https://doi.org/10.1016/j.sleep.2016.10.010"
OURS: Final = "measured on simulated nights"
PAPER: Final[dict[str, Any]] = {"published": True, "source": FERRI, "url": DOI}
OWN: Final[dict[str, Any]] = {"published": False, "source": OURS}
THRESHOLDS: Final = (
    Threshold(
        ONSET, "Rise above the resting level that starts a movement", "µV", 8.0, low=1.0, high=30.0, step=0.5, **PAPER
    ),
    Threshold(MIN_S, "Shortest movement", "s", 0.5, low=0.1, high=2.0, step=0.05, **PAPER),
    Threshold("leg_movement.relative", "Whether the onset follows the resting level", "", value=False, **OWN),
    Threshold(
        "resting.quantile", "Share of samples below the resting level", "", 0.5, low=0.05, high=0.95, step=0.05, **OWN
    ),
    Threshold("wasm.lm_max_s", "Longest movement", "s", None, **PAPER),
    Threshold("wasm.short_imi", "What a short interval does", "", "ends", choices=("ends", "dropped"), **PAPER),
    Threshold("cramp.min_s", "Shortest cramp-like contraction", "s", 10.0, low=1.0, high=60.0, step=1.0, **OWN),
)


@dataclass(frozen=True, slots=True)
class Candidate:
    """Muscle activity that may be a movement."""

    onset_s: float
    end_s: float
    leg: str
    height_uv: float
    marked: bool


def candidates(key: str) -> tuple[Candidate, ...]:
    """Return the activity of a recording; it depends on its name alone."""
    chance = random.Random(key)  # noqa: S311 - no secret
    onsets_s = sorted(chance.uniform(10.0, NIGHT_S - 20.0) for _ in range(N_CANDIDATES))
    made = []
    for onset_s in onsets_s:
        height_uv = 2.0 + chance.expovariate(1 / 9.0)
        marked = height_uv + chance.gauss(0.0, 2.0) > 9.0
        end_s = onset_s + chance.uniform(0.2, 4.0)
        made.append(Candidate(onset_s, end_s, chance.choice(("left", "right")), height_uv, marked))
    return tuple(made)


@dataclass(slots=True)
class FakeBench:
    """A stored night and simulated files, one of which cannot be read.

    Parameters
    ----------
    n_recordings : int
        How many can be scored.
    scored : bool
        Whether somebody marked events in them.
    """

    n_recordings: int = 3
    scored: bool = True
    saved: dict[str, Setting] = field(default_factory=lambda: {EASY: Setting(WASM, ((ONSET, "5"),))})
    asked: list[Asked] = field(default_factory=list)
    closed: list[int] = field(default_factory=list)
    _cache: dict[str, tuple[Candidate, ...]] = field(default_factory=dict)

    def recordings(self) -> tuple[BenchRecording, ...]:
        made: dict[str, Any] = {"simulated": True, "duration_s": NIGHT_S, "scorers": (SCORER,) if self.scored else ()}
        night = BenchRecording(NIGHT_ID, "14 March 2026", "person", START_NS, UTC_OFFSET_S, is_night=True, **made)
        files = [
            BenchRecording(f"night-{n:02d}", f"night-{n:02d}.edf", f"subject {n}", START_NS, **made)
            for n in range(1, self.n_recordings)
        ]
        broken = BenchRecording("broken", "broken.edf", "", 0, problem="broken.edf: 12 bytes, expected an EDF header")
        return (night, *files, broken) if self.n_recordings else ()

    def recording(self, key: str) -> BenchRecording:
        return {one.key: one for one in self.recordings()}[key]

    def criteria(self) -> tuple[str, ...]:
        return (WASM, *self.saved)

    def words(self) -> tuple[str, ...]:
        return "leg_movement", "cramp"

    def thresholds(self, criteria: str) -> tuple[Threshold, ...]:
        values = dict(self._setting(Setting(criteria)).changes)
        return tuple(replace(one, value=float(values[one.name])) if one.name in values else one for one in THRESHOLDS)

    def look(self, asked: Asked) -> Answer:
        self.asked.append(asked)
        nights = tuple(self._night(key, asked) for key in asked.keys)
        return Answer(nights, agreement(nights))

    def settle(self, asked: Asked) -> Answer:
        return self.look(asked)

    def curve(self, asked: Asked, threshold: str, values: Sequence[float]) -> Iterator[CurvePoint]:
        told = 0
        try:
            for value in values:
                changed = {**dict(asked.setting.changes), threshold: f"{value:g}"}
                answer = self.look(replace(asked, setting=Setting(asked.setting.criteria, tuple(changed.items()))))
                known = {number.name: number.value for number in answer.agreement}
                told += 1
                yield CurvePoint(
                    value, *(known.get(name) for name in ("f1", "sensitivity", "ppv", "false_per_h", "index_per_h"))
                )
        finally:
            self.closed.append(told)

    def flips(self, asked: Asked, before: Setting) -> tuple[Flip, ...]:
        found = []
        for key in asked.keys:
            old = {event.onset_s: event for event in self._night(key, replace(asked, setting=before)).events}
            new = {event.onset_s: event for event in self._night(key, asked).events}
            for onset_s in sorted(old.keys() ^ new.keys()):
                way = "gained" if onset_s in new else "lost"
                found.append(Flip(key, way, old.get(onset_s), new.get(onset_s)))
        return tuple(found)

    def robustness(self, key: str, setting: Setting) -> tuple[Reach, ...]:
        self._known(key)
        self._setting(setting)
        return (
            Reach("plms_wasm_per_h", 12.4, 10.1, 15.2, ONSET),
            Reach("lm_per_h", 40.0, 31.5, 44.0, MIN_S),
            Reach("cramp_probable", None, None, None),
        )

    def save(self, name: str, asked: Asked, reason: str) -> SavedCriteria:
        if not name or "/" in name:
            msg = f"the name is {name!r}, expected letters, digits and dashes"
            raise ValueError(msg)
        if name in self.criteria():
            msg = f"there is a set {name} already, choose another name"
            raise ValueError(msg)
        self.saved[name] = self._setting(asked.setting)
        return SavedCriteria(name, f"criteria/{name}.toml", f"# {reason}\ncriteria = {WASM!r}\n")

    def signals(self, key: str, onset_s: float, end_s: float, n_buckets: int) -> Sequence[ExtremesView]:
        raise NotImplementedError

    def suggestions(self, asked: Asked, rater: str, n: int) -> Sequence[Suggestion]:
        raise NotImplementedError

    def learned(self, asked: Asked, rater: str) -> Learned:
        raise NotImplementedError

    def close(self) -> None:
        pass

    def _known(self, key: str) -> tuple[Candidate, ...]:
        if key not in [one.key for one in self.recordings() if not one.problem]:
            raise KeyError(key)
        if key not in self._cache:
            self._cache[key] = candidates(key)
        return self._cache[key]

    def _setting(self, setting: Setting) -> Setting:
        """Return what a setting comes to, over the published set."""
        if setting.criteria not in self.criteria():
            msg = f"criteria: there is no set {setting.criteria!r}"
            raise UnknownSettingError(msg)
        values = dict(self.saved[setting.criteria].changes) if setting.criteria in self.saved else {}
        names = [one.name for one in THRESHOLDS]
        for name, value in setting.changes:
            if name not in names:
                msg = f"there is no threshold {name!r}"
                raise UnknownSettingError(msg)
            if name in {ONSET, MIN_S} and not _is_positive(value):
                msg = f"{name} = {value}: expected a number above 0"
                raise UnknownSettingError(msg)
            values[name] = value
        return Setting(WASM, tuple(values.items()))

    def _night(self, key: str, asked: Asked) -> BenchNight:
        known = self._known(key)
        values = dict(self._setting(asked.setting).changes)
        onset_uv, min_s = float(values.get(ONSET, "8")), float(values.get(MIN_S, "0.5"))
        judged = bool(asked.reference) and self.scored
        events, marks = [], []
        for one in known if asked.word == "leg_movement" else known[::50]:
            found = one.height_uv >= onset_uv and one.end_s - one.onset_s >= min_s
            if found:
                state = ("hit" if one.marked else "false") if judged else ""
                page = "kept" if key == NIGHT_ID else ""
                events.append(BenchEvent(one.onset_s, one.end_s, one.leg, asked.word, state, page))
            if one.marked and judged:
                state = "hit" if found else "missed"
                marks.append(BenchEvent(one.onset_s, one.end_s, one.leg, asked.word, state))
        return BenchNight(key, tuple(events), tuple(marks), {"lm_per_h": len(events) * 3600 / NIGHT_S})


def agreement(nights: Sequence[BenchNight]) -> tuple[Number, ...]:
    """Return the numbers of nights, with intervals that are made up."""
    hours = len(nights) * NIGHT_S / 3600
    found = sum(len(night.events) for night in nights)
    index = Number("index_per_h", found / hours, found / hours * 0.9, found / hours * 1.1)
    marked = sum(len(night.marks) for night in nights)
    if not marked:
        return (index,)
    hits = sum(event.state == "hit" for night in nights for event in night.events)
    shares = {"f1": 2 * hits / (found + marked), "sensitivity": hits / marked, "ppv": hits / found if found else None}
    told = [
        Number(name, value, None if value is None else value * 0.95, None if value is None else min(1.0, value * 1.05))
        for name, value in shares.items()
    ]
    off = abs(found - marked) / hours
    return (*told, Number("false_per_h", (found - hits) / hours), index, Number("index_off_per_h", off))


def _is_positive(value: str) -> bool:
    try:
        return float(value) > 0
    except ValueError:
        return False
