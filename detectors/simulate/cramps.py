"""Cramps of a simulated night, and what follows them: waking, stretching, leaving the bed, twitches."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from detectors.events import EventKind
from detectors.simulate.happenings import RISE_10_SHARE, Body, Happening, drawn_burst, swing, within
from detectors.simulate.plan import Burst, Firing
from detectors.simulate.randomness import log_uniform
from detectors.simulate.sudden import fasciculation
from detectors.simulate.timetable import CRAMP_MARGIN_S, CREEPING_LEAST_S, Span
from detectors.simulate.truth import Cause, TruthEvent

if TYPE_CHECKING:
    from detectors.signal import Leg
    from detectors.simulate.plan import Rotation

CLEAR_CRAMP_S = 15.0
CLEAR_CRAMP_RATIO = 5.0
CALF_SHARE_OF_CRAMP = 1.8
CRAMP_DECAY_SHARE = (0.1, 0.4)
# Slow wandering below 0.5 Hz, and the common drive of 1.3 to 1.5 Hz that motor units show in a cramp (Minetto 2009).
SWAY_HZ = ((0.03, 0.1), (0.1, 0.4), (1.3, 1.5))
SWAY_DEPTH = ((0.05, 0.15), (0.03, 0.1), (0.03, 0.08))
# Weak cramps that creep in before waking (the only overnight recordings known; science.md 3.2).
CREEPING_RATIO = (2.0, 6.0)
CREEPING_RISE_S = (20.0, 60.0)
# 41 ± 11 s from the onset to waking; a sleeper does not wake before or lie on much longer.
WAKES_S, WAKES_SPREAD_S, WAKES_LIMITS_S = 41.0, 11.0, (15.0, 90.0)
AWAKE_S = (90.0, 480.0)
STILL_UNTIL_WAKING_SHARE = 0.4
STRUGGLE_PAUSE_S = (4.0, 15.0)
STRUGGLE_S = (0.8, 2.5)
STRUGGLE_DEG = (2.0, 10.0)
STRETCH_PAUSE_S = (1.0, 3.0)
STRETCH_S = (4.0, 10.0)
STRETCH_DEG = (15.0, 30.0)
STRETCH_OUT_S = (0.5, 1.2)
STRETCH_UV = (30.0, 120.0)
TWITCHES_S = 60.0
EXIT_PAUSE_S = (5.0, 20.0)


class Aftermath(NamedTuple):
    """What follows a cramp: the stretch of wakefulness, its happenings, and when the sleeper leaves the bed."""

    awake: Span
    happening: Happening
    exit_s: float | None


def cramp(rng: np.random.Generator, span: Span, leg: Leg, body: Body) -> Happening:
    """Draw a cramp: it builds up, wanders, fades; the leg lies still.

    Parameters
    ----------
    rng : numpy.random.Generator
        Source of randomness.
    span : Span
        When.
    leg : Leg
        Which leg.
    body : Body
        Whose.

    Returns
    -------
    Happening
        The cramp; a creeping one is weak and never clear.
    """
    regime = body.regime.cramps
    length_s = span.end_s - span.onset_s
    creeping = rng.random() < regime.creeping_share and length_s >= CREEPING_LEAST_S
    ratio = log_uniform(rng, *(CREEPING_RATIO if creeping else regime.ratio))
    # Three time constants of an exponential build-up, as a raised cosine.
    build_up_s = within(rng, CREEPING_RISE_S) if creeping else 3.0 * within(rng, regime.rise_s)
    rise_s = min(build_up_s, length_s / (2.0 if creeping else 3.0))
    sway = tuple(
        (within(rng, hz), within(rng, depth), float(rng.uniform(0.0, 2.0 * np.pi)))
        for hz, depth in zip(SWAY_HZ, SWAY_DEPTH, strict=True)
    )
    burst = Burst(
        onset_s=span.onset_s,
        end_s=span.end_s,
        amplitude_uv=ratio * body.noise_uv[leg],
        rise_s=rise_s,
        fall_s=within(rng, CRAMP_DECAY_SHARE) * length_s,
        sway=sway,
        calf_share=CALF_SHARE_OF_CRAMP,
        firing=Firing.CRAMP,
    )
    truth = TruthEvent(
        kind=EventKind.CRAMP,
        leg=leg,
        onset_s=burst.onset_s,
        end_s=burst.end_s,
        amplitude_uv=burst.amplitude_uv,
        clear=not creeping and length_s >= CLEAR_CRAMP_S and ratio >= CLEAR_CRAMP_RATIO,
        rise_10_s=burst.onset_s + RISE_10_SHARE * rise_s,
        cause=Cause.CREEPING if creeping else Cause.CRAMP,
    )
    return Happening(leg, (truth,), (burst,))


def aftermath(rng: np.random.Generator, struck: Happening, body: Body) -> Aftermath | None:
    """Draw what follows a cramp, or None when the sleeper sleeps on.

    Parameters
    ----------
    rng : numpy.random.Generator
        Source of randomness.
    struck : Happening
        The cramp.
    body : Body
        Whose.

    Returns
    -------
    Aftermath or None
        Waking, movements of the leg, a stretch, twitches, and the time of leaving the bed.
    """
    regime = body.regime.cramps
    wakes, leaves = rng.random() < regime.wakes_share, rng.random() < regime.exit_share
    (event,) = struck.truth
    wakes_s = event.onset_s + float(np.clip(rng.normal(WAKES_S, WAKES_SPREAD_S), *WAKES_LIMITS_S))
    if not wakes:
        return None
    stretch_s = max(event.end_s, wakes_s) + within(rng, STRETCH_PAUSE_S)
    burst = drawn_burst(rng, stretch_s, stretch_s + within(rng, STRETCH_S), log_uniform(rng, *STRETCH_UV))
    turn = swing(rng, Span(burst.onset_s, burst.end_s), within(rng, STRETCH_DEG))
    turn = replace(turn, out_s=within(rng, STRETCH_OUT_S))
    stretched = TruthEvent(
        kind=EventKind.LEG_MOVEMENT,
        leg=event.leg,
        onset_s=burst.onset_s,
        end_s=burst.end_s,
        amplitude_uv=burst.amplitude_uv,
        clear=False,
        rise_10_s=burst.onset_s + RISE_10_SHARE * burst.rise_s,
        angle_deg=turn.angle_deg,
        cause=Cause.STRETCH,
    )
    rest_s = burst.end_s + 1.0
    n_twitches = int(within(rng, regime.twitches))
    twitches = [
        fasciculation(rng, float(t_s), event.leg, body) for t_s in rest_s + rng.uniform(0.0, TWITCHES_S, n_twitches)
    ]
    calm_s = max(rest_s + TWITCHES_S * bool(n_twitches), event.end_s + CRAMP_MARGIN_S)
    exit_s = calm_s + within(rng, EXIT_PAUSE_S) if leaves else None
    happening = Happening(
        event.leg,
        (stretched, *(one for twitch in twitches for one in twitch.truth)),
        (burst,),
        (*_struggle(rng, event, wakes_s), turn),
        tuple(one for twitch in twitches for one in twitch.potentials),
    )
    return Aftermath(Span(wakes_s, max(rest_s, exit_s or 0.0) + within(rng, AWAKE_S)), happening, exit_s)


def _struggle(rng: np.random.Generator, event: TruthEvent, wakes_s: float) -> list[Rotation]:
    """Draw how the leg moves during a cramp: 40 % lie still until they wake."""
    still = rng.random() < STILL_UNTIL_WAKING_SHARE
    t_s = (wakes_s if still else event.onset_s) + within(rng, STRUGGLE_PAUSE_S)
    turns = []
    while t_s + STRUGGLE_S[1] < event.end_s:
        turns.append(swing(rng, Span(t_s, t_s + within(rng, STRUGGLE_S)), log_uniform(rng, *STRUGGLE_DEG)))
        t_s += STRUGGLE_S[1] + within(rng, STRUGGLE_PAUSE_S)
    return turns
