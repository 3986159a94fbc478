"""One simulated night, scored by us and by the peer: rows of plain values that can be kept."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from benchmarks.accuracy.peer import peer_rows
from benchmarks.playing import played, recorded
from detectors.criteria import named
from detectors.events import Stage
from detectors.signal import NS_PER_S
from detectors.simulate import simulate_night
from detectors.simulate.character import character
from detectors.simulate.truth import SpanKind

if TYPE_CHECKING:
    from benchmarks.accuracy.conditions import Condition
    from detectors.pipeline import Score
    from detectors.simulate import SimulatedNight, TruthEvent
    from detectors.simulate.truth import TruthSpan

    Row = dict[str, Any]

CRITERIA = "wasm-2016"
S_PER_H = 3600.0


def night_rows(condition: Condition, seed: int, hours: float) -> Row:
    """Simulate a night and return what was found in it and what truly was.

    Parameters
    ----------
    condition : Condition
        Kind of night and how it is recorded.
    seed : int
        Seed of the night.
    hours : float
        Length, h.

    Returns
    -------
    dict
        ``found`` and ``truth`` (one row per event), ``valid_h``, the level of noise of each leg, hours of
        sleep, what ``psgscoring`` finds, and the processor time that scoring took, s.
    """
    night = simulate_night(hours, seed, condition.regime, **condition.rates(seed))
    recording = recorded(night, condition.quantities)
    began = time.process_time()
    score = played(recording, named(CRITERIA))
    return {
        "condition": condition.name,
        "seed": seed,
        "hours": hours,
        "found": found_rows(score),
        "truth": truth_rows(night),
        "valid_h": {name: valid for name, valid in score.summary["valid_h"].items() if valid is not None},
        "sleep_h": {
            "true": sum(span.end_s - span.onset_s for span in night.stages if span.stage is not Stage.WAKE) / S_PER_H,
            "est": score.summary["tst_est_h"],
        },
        "noise_uv": {
            leg.leg.value: character(seed, number, night.regime).noise_uv for number, leg in enumerate(night.legs)
        },
        "scoring_s": time.process_time() - began,
        "peer": peer_rows(night) if condition.has_emg else None,
    }


def found_rows(score: Score) -> list[Row]:
    """Return the events that count as found; times in s from the start of the recording."""
    return [
        {
            "kind": event.kind.value,
            "leg": event.leg.value,
            "onset_s": event.onset_ns / NS_PER_S,
            "end_s": event.end_ns / NS_PER_S,
            "tier": event.measures.get("tier", 2.0),
            # Movements in a rhythmic train are told and take no part in any series.
            "in_train": bool(event.measures.get("in_train", 0.0)),
        }
        for event in score.events
    ]


def truth_rows(night: SimulatedNight) -> list[Row]:
    """Return what truly happened, and where the signal was bad."""
    rows = [
        _truth(event, clear=event.clear)
        | {
            "amplitude_uv": event.amplitude_uv,
            "angle_deg": event.angle_deg,
            "cause": event.cause.value if event.cause else None,
        }
        for event in night.truth
    ]
    # The other stretches are events as well.
    return rows + [_truth(span, clear=False) for span in night.spans if span.kind is SpanKind.BAD_QUALITY]


def _truth(one: TruthEvent | TruthSpan, *, clear: bool) -> Row:
    return {
        "kind": one.kind.value,
        "leg": one.leg.value,
        "onset_s": one.onset_s,
        "end_s": one.end_s,
        "clear": clear,
        "amplitude_uv": 0.0,
        "angle_deg": 0.0,
        "cause": None,
    }
