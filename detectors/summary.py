"""The numbers of a night (science.md 6.4), each null with a reason where there is no valid signal."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from detectors.annotations import Span, asleep
from detectors.events import EventKind, Stage
from detectors.indices import awake, per_hour, periodicity_index
from detectors.signal import NS_PER_S

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from detectors.combine import NightFacts
    from detectors.combined import CombinedMovement
    from detectors.criteria import Criteria
    from detectors.events import Event, StageSpan
    from detectors.valid_hours import NightValidity, StreamValidity
    from detectors.validity import ValidTimes

S_PER_H = 3600.0
S_PER_MIN = 60.0
_DISTURBING = frozenset(
    {EventKind.PERIODIC_SERIES, EventKind.CRAMP, EventKind.RESTLESSNESS, EventKind.AWAKENING, EventKind.BED_EXIT}
)
NO_SIGNAL = "no valid signal"
NO_STAGES = "no sleep stages were given and this version does not estimate sleep"


def summarise(
    facts: NightFacts,
    times: ValidTimes,
    criteria: Criteria,
    *,
    stages: Sequence[StageSpan] = (),
    span_ns: tuple[int, int],
) -> Mapping[str, Any]:
    """Return the numbers of a night.

    Parameters
    ----------
    facts : NightFacts
        Combined movements and events.
    times : ValidTimes
        When each stream could be scored.
    criteria : Criteria
        ``validity`` is used.
    stages : sequence of StageSpan
        Sleep stages scored by a person; without them periodic movements are counted per hour of
        recording, and ``sleep_basis`` says so.
    span_ns : tuple of int
        Begin and end of the night, UTC ns.

    Returns
    -------
    mapping
        Keys as in the JSON of ``soleus score``; ``reasons`` explains each null. Hours are hours of
        valid signal, of the better leg.
    """
    valid = times.without(facts.events)
    emg_h = valid.emg_h()
    labels = {_label(one, valid): one for one in valid.streams}
    period = Span(*span_ns)
    summary: dict[str, Any] = {
        "valid_h": {label: round(one.epochs.hours, 6) for label, one in labels.items()},
        "grade": {label: one.grade(criteria.validity, period) for label, one in labels.items()},
        "one_leg": valid.legs == 1,
        "sleep_basis": "stages" if stages else "recording",
    }
    summary |= _movement_numbers(facts, valid, stages)
    summary |= _cramp_numbers(facts.events, emg_h)
    summary |= _sleep_numbers(stages)
    summary["longest_undisturbed_min"] = _longest_undisturbed_min(facts.events, valid.covered(), span_ns)
    summary["reasons"] = _reasons(summary, valid.movement_h(), emg_h)
    return summary


def _label(one: StreamValidity, others: NightValidity) -> str:
    """Return the sensor's name, with the quantity where a sensor measures several."""
    shared = sum(1 for other in others.streams if other.sensor == one.sensor) > 1
    return f"{one.sensor}/{one.quantity}" if shared else one.sensor


def _movement_numbers(facts: NightFacts, valid: NightValidity, stages: Sequence[StageSpan]) -> dict[str, Any]:
    hours = valid.movement_h()
    sleep = [Span(span.onset_ns, span.end_ns) for span in stages if span.stage is not Stage.WAKE]
    wake = [Span(span.onset_ns, span.end_ns) for span in stages if span.stage is Stage.WAKE]
    sleep_h = valid.movement_h(sleep) if stages else hours

    def in_sleep(movement: CombinedMovement) -> bool:
        return not stages or asleep(movement.onset_ns, stages)

    wasm, aasm = ([m for m in movements if m.plm] for movements in (facts.wasm, facts.aasm))
    return {
        "lm_per_h": per_hour(len(facts.wasm), hours),
        "clm_per_h": per_hour(sum(m.clm for m in facts.wasm), hours),
        "plms_wasm_per_h": per_hour(sum(map(in_sleep, wasm)), sleep_h),
        "plms_aasm_per_h": per_hour(sum(map(in_sleep, aasm)), sleep_h),
        "plmw_wasm_per_h": per_hour(sum(awake(m.onset_ns, stages) for m in wasm), valid.movement_h(wake)),
        "periodicity_index": periodicity_index(facts.wasm) if hours else None,
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


def _longest_undisturbed_min(
    events: Collection[Event], covered: Sequence[Span], span_ns: tuple[int, int]
) -> float | None:
    """Return the longest stretch that was scored and had no series, cramp-like event or getting up, min."""
    disturbed = sorted(
        (event.onset_ns, event.end_ns)
        for event in events
        if event.kind in _DISTURBING and event.measures.get("tier", 1) >= 1
    )
    longest_ns = 0
    for span in covered:
        at_ns, stop_ns = max(span.onset_ns, span_ns[0]), min(span.end_ns, span_ns[1])
        for onset_ns, end_ns in disturbed:
            if at_ns < end_ns and onset_ns < stop_ns:
                longest_ns = max(longest_ns, onset_ns - at_ns)
                at_ns = end_ns
        longest_ns = max(longest_ns, stop_ns - at_ns)
    return longest_ns / NS_PER_S / S_PER_MIN if covered else None


def _reasons(summary: Mapping[str, Any], movement_h: float, emg_h: float) -> dict[str, str]:
    """Return why each number is missing."""
    return {key: _reason(key, summary, movement_h, emg_h) for key, value in summary.items() if value is None}


def _reason(key: str, summary: Mapping[str, Any], movement_h: float, emg_h: float) -> str:
    by_sleep = {"tst_est_h", "waso_est_min", "awakenings_est", "plmw_wasm_per_h"}
    if key in by_sleep and summary["sleep_basis"] == "recording":
        return NO_STAGES
    if key in {"waso_est_min", "awakenings_est"}:
        return "no sleep in the stages"
    if not (emg_h if key.startswith("cramp") else movement_h):
        return NO_SIGNAL
    if key == "periodicity_index":
        return "fewer than two candidate movements"
    if key == "longest_undisturbed_min":
        return "no half minute of unbroken signal"
    return f"no valid signal in scored {'wake' if key == 'plmw_wasm_per_h' else 'sleep'}"
