"""Sustained contractions of a simulated night that are no cramp: holds on purpose, and tonic spasms."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from detectors.events import EventKind
from detectors.simulate.cramps import CLEAR_CRAMP_RATIO, CLEAR_CRAMP_S
from detectors.simulate.happenings import RISE_10_SHARE, Body, Happening, swing, within
from detectors.simulate.plan import Burst
from detectors.simulate.randomness import clipped_log_normal, log_uniform
from detectors.simulate.timetable import Span
from detectors.simulate.truth import Cause, TruthEvent

if TYPE_CHECKING:
    from detectors.signal import Leg

HOLD_S = (5.0, 60.0)
HOLD_UV = (15.0, 150.0)
HOLD_RISE_S = (0.2, 0.8)
SPASM_MEDIAN_S, SPASM_SIGMA, SPASM_LIMITS_S = 25.0, 0.7, (6.0, 150.0)
SPASM_RATIO = (8.0, 60.0)
SPASM_RISE_S = (0.1, 0.6)
SPASM_FALL_SHARE = (0.2, 0.5)
SWAY_HZ = (0.1, 1.5)
SWAY_DEPTH = (0.05, 0.2)
# A spasm often pulls the leg with it.
PULLS_SHARE = 0.7
PULL_DEG = (3.0, 20.0)


def hold_length_s(rng: np.random.Generator) -> float:
    """Draw how long somebody holds a contraction, s."""
    return log_uniform(rng, *HOLD_S)


def spasm_length_s(rng: np.random.Generator) -> float:
    """Draw how long a spasm lasts, s."""
    return clipped_log_normal(rng, SPASM_MEDIAN_S, SPASM_SIGMA, SPASM_LIMITS_S)


def hold(rng: np.random.Generator, span: Span, leg: Leg) -> Happening:
    """Draw a contraction that is held on purpose; EMG alone cannot tell it from a cramp, so it is never clear."""
    rise_s = within(rng, HOLD_RISE_S)
    burst = _contraction(rng, span, log_uniform(rng, *HOLD_UV), (rise_s, within(rng, HOLD_RISE_S)))
    return Happening(leg, (_truth(burst, leg, EventKind.TONIC, Cause.HOLD, clear=False),), (burst,))


def spasm(rng: np.random.Generator, span: Span, leg: Leg, body: Body) -> Happening:
    """Draw a tonic spasm: at once there, slow to fade, often pulling the leg; "spasm-like or cramp-like"."""
    length_s = span.end_s - span.onset_s
    ratio = log_uniform(rng, *SPASM_RATIO)
    edges_s = (within(rng, SPASM_RISE_S), within(rng, SPASM_FALL_SHARE) * length_s)
    burst = _contraction(rng, span, ratio * body.noise_uv[leg], edges_s)
    pulled = swing(rng, Span(span.onset_s, span.end_s), log_uniform(rng, *PULL_DEG))
    clear = length_s >= CLEAR_CRAMP_S and ratio >= CLEAR_CRAMP_RATIO
    truth = _truth(burst, leg, EventKind.CRAMP, Cause.SPASM, clear=clear)
    return Happening(leg, (truth,), (burst,), (pulled,) if rng.random() < PULLS_SHARE else ())


def _contraction(rng: np.random.Generator, span: Span, amplitude_uv: float, edges_s: tuple[float, float]) -> Burst:
    sway = tuple(
        (log_uniform(rng, *SWAY_HZ), within(rng, SWAY_DEPTH), float(rng.uniform(0.0, 2.0 * np.pi))) for _ in range(2)
    )
    return Burst(span.onset_s, span.end_s, amplitude_uv, *edges_s, sway=sway, calf_share=1.0)


def _truth(burst: Burst, leg: Leg, kind: EventKind, cause: Cause, *, clear: bool) -> TruthEvent:
    return TruthEvent(
        kind=kind,
        leg=leg,
        onset_s=burst.onset_s,
        end_s=burst.end_s,
        amplitude_uv=burst.amplitude_uv,
        clear=clear,
        rise_10_s=burst.onset_s + RISE_10_SHARE * burst.rise_s,
        cause=cause,
    )
