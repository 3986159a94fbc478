"""Rhythms of a simulated night: foot tremor, high-frequency movements, alternating legs, clonus."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from detectors.events import EventKind
from detectors.simulate.happenings import ELECTROMECHANICAL_S, LEVER_M, Body, Happening, clear_movement_uv, within
from detectors.simulate.plan import Burst, Rotation
from detectors.simulate.randomness import clipped_log_normal, log_uniform
from detectors.simulate.truth import Cause, TruthEvent

if TYPE_CHECKING:
    from detectors.signal import Leg

LEVEL_UV = (15.0, 120.0)
# Beats differ in time and height, most where a person makes them (relative standard deviations).
JITTER = 0.08
CLONUS_JITTER = 0.02
HEIGHT_SPREAD = 0.15
# A beat moves the foot before the next begins.
SWING_SHARE = 0.45
LEAST_BEATS = 5


class Rhythm(NamedTuple):
    """Beats of one leg.

    Parameters
    ----------
    hz : float
        Beats per second.
    beat_s : float
        Length of a beat, s.
    length_s : float
        Length of the train, s.
    late : float
        Share of a period that this leg comes later.
    jitter : float
        Spread of the beats, relative to the period.
    angle_deg : float
        How far a beat turns the leg, degrees; 0 for not at all.
    """

    hz: float
    beat_s: float
    length_s: float
    late: float
    jitter: float
    angle_deg: float


def tremor(rng: np.random.Generator, body: Body) -> tuple[Rhythm, Cause]:
    """Draw a train of foot tremor or of high-frequency leg movements (science.md 1.7)."""
    angle_deg = log_uniform(rng, 1.0, 5.0) if rng.random() < body.visible_share else 0.0
    if rng.random() < 0.5:  # noqa: PLR2004 - a fair coin
        hz = float(np.clip(rng.normal(1.6, 0.6), 0.6, 3.5))
        beat_s, cause = min(within(rng, (0.25, 0.5)), 0.6 / hz), Cause.HIGH_FREQUENCY
    else:
        hz = within(rng, (0.5, 1.6))
        beat_s, cause = min(within(rng, (0.25, 1.0)), 0.6 / hz), Cause.TREMOR
    length_s = max(LEAST_BEATS / hz, clipped_log_normal(rng, 11.0, 0.6, (5.0, 60.0)))
    return Rhythm(hz, beat_s, length_s, 0.0, JITTER, angle_deg), cause


def alternating(rng: np.random.Generator) -> Rhythm:
    """Draw alternating leg muscle activation: bursts of 100 to 500 ms at 0.5 to 3 Hz, one leg after the other."""
    hz = log_uniform(rng, 0.5, 3.0)
    beat_s = min(within(rng, (0.1, 0.5)), 0.45 / hz)
    return Rhythm(hz, beat_s, max(LEAST_BEATS / hz, within(rng, (5.0, 30.0))), 0.0, JITTER, 0.0)


def clonus(rng: np.random.Generator) -> Rhythm:
    """Draw clonus: 5 to 8 Hz, 40 % of the time active, 5 to 40 s."""
    hz = within(rng, (5.0, 8.0))
    return Rhythm(hz, 0.4 / hz, log_uniform(rng, 5.0, 40.0), 0.0, CLONUS_JITTER, log_uniform(rng, 0.5, 3.0))


def train(rng: np.random.Generator, onset_s: float, leg: Leg, rhythm: Rhythm, cause: Cause, body: Body) -> Happening:
    """Draw the beats of one leg.

    Parameters
    ----------
    rng : numpy.random.Generator
        Source of randomness.
    onset_s : float
        When the first leg begins, s.
    leg : Leg
        Which leg.
    rhythm : Rhythm
        How it beats.
    cause : Cause
        What it is.
    body : Body
        Whose.

    Returns
    -------
    Happening
        One burst with a pulse per beat, the turns of the leg, and the truth: one event.
    """
    period_s = 1.0 / rhythm.hz
    beats = np.arange(int(rhythm.length_s / period_s)) * period_s + rhythm.late * period_s
    beats[1:] += rng.normal(0.0, rhythm.jitter * period_s, len(beats) - 1)
    heights = np.exp(HEIGHT_SPREAD * rng.standard_normal(len(beats)))
    first_s, end_s = onset_s + float(beats[0]), onset_s + float(beats[-1]) + rhythm.beat_s
    amplitude_uv = log_uniform(rng, *LEVEL_UV)
    pulses = tuple((float(t_s - beats[0]), rhythm.beat_s, float(h)) for t_s, h in zip(beats, heights, strict=True))
    burst = Burst(first_s, end_s, amplitude_uv, 1e-3, 1e-3, calf_share=0.8, pulses=pulses)
    turns = _turns(onset_s + beats, rhythm, within(rng, LEVER_M)) if rhythm.angle_deg else ()
    kind = EventKind.CLONUS if cause is Cause.CLONUS else EventKind.RHYTHMIC_TRAIN
    truth = TruthEvent(
        kind=kind,
        leg=leg,
        onset_s=first_s,
        end_s=end_s,
        amplitude_uv=amplitude_uv,
        clear=amplitude_uv >= clear_movement_uv(body.noise_uv[leg]),
        rise_10_s=first_s,
        angle_deg=rhythm.angle_deg,
        cause=cause,
    )
    return Happening(leg, (truth,), (burst,), turns)


def _turns(beats_s: np.ndarray, rhythm: Rhythm, lever_m: float) -> tuple[Rotation, ...]:
    """Return the turn of each beat."""
    swing_s = SWING_SHARE / rhythm.hz
    return tuple(
        Rotation(
            onset_s=float(t_s) + ELECTROMECHANICAL_S,
            out_s=min(swing_s, 0.4),
            hold_s=0.0,
            back_s=min(swing_s, 0.4),
            angle_deg=rhythm.angle_deg,
            axis=(0.0, 1.0, 0.0),
            lever_m=lever_m,
        )
        for t_s in beats_s
    )
