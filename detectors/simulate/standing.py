"""Leaving the bed in a simulated night: standing up, walking, standing, walking back, lying down."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from detectors.events import EventKind
from detectors.simulate.happenings import LEVER_M, Happening, within
from detectors.simulate.plan import Axis, Burst, Rotation, Walk
from detectors.simulate.randomness import log_uniform
from detectors.simulate.truth import Cause, TruthEvent

if TYPE_CHECKING:
    from detectors.signal import Leg
    from detectors.simulate.timetable import Span

# The long axis of the leg (x) points up.
STANDING: Axis = (1.0, 0.0, 0.0)
RISE_S = (1.2, 2.5)
# From standing up to the first step, and from the last step to lying down.
PAUSE_S = (1.0, 3.0)
WALK_SHARE = (0.15, 0.3)
STEPS_HZ = (1.6, 2.0)
GAIT_UV = (30.0, 150.0)
# The tibialis anterior lifts the foot and lets it down again: two pulses of a stride.
SWING_PULSE, STRIKE_PULSE = (0.05, 0.25), (0.35, 0.2)
STRIKE_HEIGHT = 0.6
SWAY_PULSE_S, SWAY_PAUSE_S, SWAY_HEIGHT = (0.3, 1.5), (0.5, 4.0), (0.1, 0.3)
EFFORT_S, EFFORT_HEIGHT = 1.5, 0.8
ROLL_DEG = (-40.0, 40.0)


def visit(rng: np.random.Generator, span: Span, legs: tuple[Leg, ...]) -> list[Happening]:
    """Draw a visit to the toilet.

    Parameters
    ----------
    rng : numpy.random.Generator
        Source of randomness.
    span : Span
        From standing up to lying down again.
    legs : tuple of Leg
        Both legs.

    Returns
    -------
    list of Happening
        One per leg; the steps alternate.
    """
    rise_s, lie_s = within(rng, RISE_S), within(rng, RISE_S)
    length_s = span.end_s - span.onset_s
    there_s = span.onset_s + rise_s + within(rng, PAUSE_S)
    walked_s = within(rng, WALK_SHARE) * length_s
    back_s = span.end_s - lie_s - within(rng, PAUSE_S) - walked_s
    stride_hz = within(rng, STEPS_HZ) / 2.0
    amplitude_uv = log_uniform(rng, *GAIT_UV)
    happenings = []
    for number, leg in enumerate(legs):
        phase = number / len(legs)
        walks = tuple(Walk(onset_s, onset_s + walked_s, stride_hz, phase) for onset_s in (there_s, back_s))
        roll = np.deg2rad(within(rng, ROLL_DEG))
        lying = (0.0, float(np.sin(roll)), float(np.cos(roll)))
        lever_m = within(rng, LEVER_M)
        up = Rotation(span.onset_s, rise_s, 0.0, 0.0, 90.0, (0.0, 1.0, 0.0), lever_m, STANDING)
        down = Rotation(span.end_s - lie_s, lie_s, 0.0, 0.0, 90.0, (0.0, 1.0, 0.0), lever_m, lying)
        burst = _gait(rng, span, walks, amplitude_uv)
        happenings.append(Happening(leg, _truth(leg, span, burst, (rise_s, lie_s)), (burst,), (up, down), walks=walks))
    return happenings


def _gait(rng: np.random.Generator, span: Span, walks: tuple[Walk, ...], amplitude_uv: float) -> Burst:
    """Return the activity of one leg: effort at both ends, gait, and balance in between."""
    pulses = [(0.0, EFFORT_S, EFFORT_HEIGHT), (span.end_s - span.onset_s - EFFORT_S, EFFORT_S, EFFORT_HEIGHT)]
    for walk in walks:
        stride_s = 1.0 / walk.stride_hz
        for stride in range(int((walk.end_s - walk.onset_s) * walk.stride_hz) - 1):
            begin_s = walk.onset_s - span.onset_s + (stride + 1.0 - walk.phase) * stride_s
            for (share, length), height in ((SWING_PULSE, 1.0), (STRIKE_PULSE, STRIKE_HEIGHT)):
                pulses.append((begin_s + share * stride_s, length * stride_s, height * within(rng, (0.7, 1.3))))
    t_s = walks[0].end_s
    while (t_s := t_s + within(rng, SWAY_PAUSE_S)) < walks[1].onset_s:
        pulses.append((t_s - span.onset_s, within(rng, SWAY_PULSE_S), within(rng, SWAY_HEIGHT)))
    return Burst(span.onset_s, span.end_s, amplitude_uv, 1e-3, 1e-3, calf_share=1.2, pulses=tuple(pulses))


def _truth(leg: Leg, span: Span, burst: Burst, edges_s: tuple[float, float]) -> tuple[TruthEvent, ...]:
    """Return that the leg was up and out of bed, and that its muscles worked all the time."""
    upright = (span.onset_s + edges_s[0] / 2.0, span.end_s - edges_s[1] / 2.0)
    events = []
    for kind, (onset_s, end_s), clear in (
        (EventKind.LEG_MOVEMENT, span, False),
        (EventKind.UPRIGHT, upright, True),
        (EventKind.BED_EXIT, upright, True),
    ):
        amplitude_uv = burst.amplitude_uv if kind is EventKind.LEG_MOVEMENT else 0.0
        events.append(TruthEvent(kind, leg, onset_s, end_s, amplitude_uv, clear, None, onset_s, 90.0, Cause.STANDING))
    return tuple(events)
