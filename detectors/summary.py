"""The numbers of a night (science.md 6.4), each null with a reason where there is no valid signal."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from detectors.annotations import asleep, hours_of
from detectors.events import EventKind, Stage
from detectors.indices import periodicity_index
from detectors.signal import NS_PER_S, Flag, Quantity, Track

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from detectors.combine import NightFacts
    from detectors.events import Event, StageSpan
    from detectors.signal import Leg

S_PER_H = 3600.0
S_PER_MIN = 60.0
# Grades by hours of good signal (science.md 7.3).
GRADE_A_H = 6.0
GRADE_B_H = 4.0
_SPOILT = int(Flag.SATURATED | Flag.FLAT | Flag.LINE | Flag.DISABLED)
_DISTURBING = frozenset(
    {EventKind.PERIODIC_SERIES, EventKind.CRAMP, EventKind.RESTLESSNESS, EventKind.AWAKENING, EventKind.BED_EXIT}
)
NO_SIGNAL = "no valid signal"
NO_STAGES = "no sleep stages were given and this version does not estimate sleep"


class ValidTime:
    """How long one stream gave a signal that can be scored.

    Parameters
    ----------
    sensor : str
        Sensor (and channel) of the stream.
    leg : Leg
        Its leg.
    quantity : Quantity
        What it measures.
    """

    def __init__(self, sensor: str, leg: Leg, quantity: Quantity) -> None:
        self.sensor = sensor
        self.leg = leg
        self.quantity = quantity
        self._good_s = 0.0
        self._counts: dict[tuple[int, float], int] = {}

    def add(self, track: Track) -> None:
        """Count the hops of a track whose quality allows scoring."""
        good = int(np.count_nonzero((track.quality & _SPOILT) == 0))
        key = (track.hop, track.stream.fs_hz)
        self._counts[key] = self._counts.get(key, 0) + good

    @property
    def hours(self) -> float:
        """Valid time, h."""
        return sum(n * hop / fs_hz for (hop, fs_hz), n in self._counts.items()) / S_PER_H

    @property
    def grade(self) -> str:
        """Grade of the stream: A, B or C."""
        if self.hours >= GRADE_A_H:
            return "A"
        return "B" if self.hours >= GRADE_B_H else "C"


def summarise(
    facts: NightFacts,
    valid: Mapping[tuple[str, Quantity], ValidTime],
    stages: Sequence[StageSpan],
    span_ns: tuple[int, int],
) -> Mapping[str, Any]:
    """Return the numbers of a night.

    Parameters
    ----------
    facts : NightFacts
        Combined movements and events.
    valid : mapping
        Valid time per sensor and quantity.
    stages : sequence of StageSpan
        Sleep stages scored by a person; without them periodic movements are counted per hour of
        recording, and ``sleep_basis`` says so.
    span_ns : tuple of int
        Begin and end of the night, UTC ns.

    Returns
    -------
    mapping
        Keys as in the JSON of ``soleus score``; ``reasons`` explains each null.
    """
    movement_h = _movement_hours(valid)
    emg_h = max((v.hours for v in valid.values() if v.quantity is Quantity.EMG), default=0.0)
    summary: dict[str, Any] = {
        "valid_h": {_label(v, valid): round(v.hours, 6) for v in valid.values()},
        "grade": {_label(v, valid): v.grade for v in valid.values()},
        "one_leg": facts.one_leg,
        "sleep_basis": "stages" if stages else "recording",
    }
    summary |= _movement_numbers(facts, movement_h, stages)
    summary |= _cramp_numbers(facts.events, emg_h)
    summary |= _sleep_numbers(stages)
    summary["longest_undisturbed_min"] = _longest_undisturbed_min(facts.events, span_ns) if movement_h else None
    summary["reasons"] = _reasons(summary, movement_h, emg_h)
    return summary


def _label(valid: ValidTime, others: Mapping[tuple[str, Quantity], ValidTime]) -> str:
    """Return the sensor's name, with the quantity where a sensor measures several."""
    shared = sum(1 for other in others.values() if other.sensor == valid.sensor) > 1
    return f"{valid.sensor}/{valid.quantity}" if shared else valid.sensor


def _movement_hours(valid: Mapping[tuple[str, Quantity], ValidTime]) -> float:
    """Return the hours in which movements could be found, h: the better leg's, by EMG where there is EMG."""
    by_leg: dict[Leg, dict[Quantity, float]] = {}
    for v in valid.values():
        hours = by_leg.setdefault(v.leg, {})
        hours[v.quantity] = max(hours.get(v.quantity, 0.0), v.hours)
    return max((h.get(Quantity.EMG, h.get(Quantity.ACCELERATION, 0.0)) for h in by_leg.values()), default=0.0)


def _movement_numbers(facts: NightFacts, hours: float, stages: Sequence[StageSpan]) -> dict[str, Any]:
    wasm, aasm = facts.wasm, facts.aasm
    if not hours:
        return dict.fromkeys(
            ("lm_per_h", "clm_per_h", "plms_wasm_per_h", "plms_aasm_per_h", "plmw_wasm_per_h", "periodicity_index"),
        )
    sleep_h = hours_of(stages, awake=False) if stages else hours
    wake_h = hours_of(stages, awake=True) if stages else 0.0
    asleep_wasm = [m for m in wasm if m.plm and asleep(m.onset_ns, stages)] if stages else [m for m in wasm if m.plm]
    asleep_aasm = [m for m in aasm if m.plm and asleep(m.onset_ns, stages)] if stages else [m for m in aasm if m.plm]
    awake_wasm = [m for m in wasm if m.plm and not asleep(m.onset_ns, stages)] if stages else []
    return {
        "lm_per_h": len(wasm) / hours,
        "clm_per_h": sum(m.clm for m in wasm) / hours,
        "plms_wasm_per_h": len(asleep_wasm) / sleep_h if sleep_h else None,
        "plms_aasm_per_h": len(asleep_aasm) / sleep_h if sleep_h else None,
        "plmw_wasm_per_h": len(awake_wasm) / wake_h if wake_h else None,
        "periodicity_index": periodicity_index([m for m in wasm if m.clm]),
    }


def _cramp_numbers(events: Collection[Event], hours: float) -> dict[str, Any]:
    if not hours:
        return dict.fromkeys(("cramp_probable", "cramp_possible", "cramp_total_s"))
    cramps = [event for event in events if event.kind is EventKind.CRAMP]
    shown = [event for event in cramps if event.measures["tier"] >= 1]
    probable = sum(1 for event in shown if event.measures["tier"] > 1)
    return {
        "cramp_probable": probable,
        "cramp_possible": len(shown) - probable,
        "cramp_total_s": sum(event.duration_s for event in shown),
    }


def _sleep_numbers(stages: Sequence[StageSpan]) -> dict[str, Any]:
    """Return sleep by the given stages; the names say that a page must call it an estimate all the same."""
    if not stages:
        return dict.fromkeys(("tst_est_h", "waso_est_min", "awakenings_est"))
    asleep = [span for span in stages if span.stage is not Stage.WAKE]
    if not asleep:
        return {"tst_est_h": 0.0, "waso_est_min": None, "awakenings_est": None}
    first, last = asleep[0].onset_ns, asleep[-1].end_ns
    wake = [span for span in stages if span.stage is Stage.WAKE and first <= span.onset_ns < last]
    return {
        "tst_est_h": sum(span.end_ns - span.onset_ns for span in asleep) / NS_PER_S / S_PER_H,
        "waso_est_min": sum(span.end_ns - span.onset_ns for span in wake) / NS_PER_S / S_PER_MIN,
        "awakenings_est": _runs(wake),
    }


def _runs(spans: Sequence[StageSpan]) -> int:
    """Count stretches of touching spans."""
    ends = {span.end_ns for span in spans}
    return sum(1 for span in spans if span.onset_ns not in ends)


def _longest_undisturbed_min(events: Collection[Event], span_ns: tuple[int, int]) -> float:
    """Return the longest stretch without a series, a cramp-like event or getting up, min."""
    at_ns, longest_ns = span_ns[0], 0
    for event in sorted((e for e in events if e.kind in _DISTURBING), key=lambda e: e.onset_ns):
        if event.kind is EventKind.CRAMP and event.measures["tier"] < 1:
            continue
        longest_ns = max(longest_ns, event.onset_ns - at_ns)
        at_ns = max(at_ns, event.end_ns)
    return max(longest_ns, span_ns[1] - at_ns) / NS_PER_S / S_PER_MIN


def _reasons(summary: Mapping[str, Any], movement_h: float, emg_h: float) -> dict[str, str]:
    reasons: dict[str, str] = {}
    for key, value in summary.items():
        if value is not None:
            continue
        if key.startswith("cramp"):
            reasons[key] = NO_SIGNAL if not emg_h else "unknown"
        elif key in {"tst_est_h", "waso_est_min", "awakenings_est", "plmw_wasm_per_h"}:
            reasons[key] = NO_STAGES if summary["sleep_basis"] == "recording" else "no wake in the stages"
        elif not movement_h:
            reasons[key] = NO_SIGNAL
        else:
            reasons[key] = (
                "fewer than two candidate movements" if key == "periodicity_index" else "no sleep in the stages"
            )
    return reasons
