"""The agenda of a simulated night: what happens to each leg, and the truth about it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from detectors.signal import Leg
from detectors.simulate.character import character
from detectors.simulate.happenings import Happening, cramp, movement, shift
from detectors.simulate.randomness import Purpose, generator, log_uniform
from detectors.simulate.timetable import (
    CRAMP_MARGIN_S,
    MOVEMENT_MARGIN_S,
    SHIFT_MARGIN_S,
    TAIL_S,
    MovementTime,
    Span,
    cramp_times,
    free,
    movement_times,
    shift_times,
)
from detectors.simulate.truth import LegPlan, Pop

if TYPE_CHECKING:
    import numpy as np

    from detectors.simulate.regimes import EmgRegime, Regime

LEGS = (Leg.LEFT, Leg.RIGHT)
BILATERAL_LAG_S = 0.15
POP_DECAY_S = (0.05, 1.0)
S_PER_H = 3600.0


def plan_night(duration_s: float, seed: int, regime: Regime) -> dict[Leg, LegPlan]:
    """Decide what happens to both legs.

    Parameters
    ----------
    duration_s : float
        Length of the night, s.
    seed : int
        Seed of the night.
    regime : Regime
        Kind of night.

    Returns
    -------
    dict of Leg to LegPlan
        Everything that happens, in order of time, with the truth.
    """
    noise_uv = {leg: character(seed, number, regime).noise_uv for number, leg in enumerate(LEGS)}
    rng = generator(seed, 0, Purpose.CRAMPS)
    cramps = cramp_times(rng, duration_s, regime.cramps)
    happenings: list[Happening] = []
    for span in cramps:
        leg = LEGS[int(rng.integers(len(LEGS)))]
        happenings.append(cramp(rng, span, leg, noise_uv[leg], regime))
    rng = generator(seed, 0, Purpose.SHIFTS)
    shifts = shift_times(rng, duration_s, regime.shifts, cramps)
    happenings += [shift(rng, span, leg, noise_uv[leg], regime) for span in shifts for leg in LEGS]
    reserved = [span.widened(CRAMP_MARGIN_S) for span in cramps] + [span.widened(SHIFT_MARGIN_S) for span in shifts]
    rng = generator(seed, 0, Purpose.MOVEMENTS)
    times = movement_times(rng, duration_s, regime.movements)
    movements = [happening for time in times for happening in _movement(rng, time, noise_uv, regime)]
    happenings += _undisturbed(movements, reserved, duration_s - TAIL_S)
    return {leg: _leg_plan(leg, number, happenings, duration_s, seed, regime) for number, leg in enumerate(LEGS)}


def _movement(
    rng: np.random.Generator, time: MovementTime, noise_uv: dict[Leg, float], regime: Regime
) -> list[Happening]:
    """Draw a movement of one leg or of both."""
    first = LEGS[int(rng.integers(len(LEGS)))]
    happenings = [movement(rng, time, first, noise_uv[first], regime)]
    if rng.random() < regime.movements.bilateral_share:
        second = LEGS[1 - LEGS.index(first)]
        later = time._replace(onset_s=time.onset_s + float(rng.normal(0.0, BILATERAL_LAG_S)))
        happenings.append(movement(rng, later, second, noise_uv[second], regime))
    return happenings


def _undisturbed(movements: list[Happening], reserved: list[Span], last_s: float) -> list[Happening]:
    """Return the movements that keep clear of cramps, turns, the night's end and earlier movements of the same leg."""
    kept = []
    rest_from_s = dict.fromkeys(LEGS, 0.0)
    for happening in sorted(movements, key=lambda item: item.onset_s):
        (event,) = happening.truth
        span = Span(event.onset_s, event.end_s)
        if event.onset_s >= rest_from_s[event.leg] and event.end_s <= last_s and free(span, reserved):
            kept.append(happening)
            rest_from_s[event.leg] = event.end_s + MOVEMENT_MARGIN_S
    return kept


def _leg_plan(
    leg: Leg, number: int, happenings: list[Happening], duration_s: float, seed: int, regime: Regime
) -> LegPlan:
    """Gather what happens to one leg, in order of time."""
    mine = sorted((item for item in happenings if item.leg == leg), key=lambda item: item.onset_s)
    return LegPlan(
        bursts=tuple(item.burst for item in mine if item.burst),
        rotations=tuple(item.rotation for item in mine if item.rotation),
        pops=_pops(generator(seed, number, Purpose.POPS), duration_s, regime.emg),
        truth=tuple(sorted((event for item in mine for event in item.truth), key=lambda event: event.onset_s)),
    )


def _pops(rng: np.random.Generator, duration_s: float, regime: EmgRegime) -> tuple[Pop, ...]:
    """Draw the electrode pops of one leg."""
    onsets_s = sorted(rng.uniform(0.0, duration_s, rng.poisson(regime.pops_per_h * duration_s / S_PER_H)))
    signs = rng.choice((-1.0, 1.0), len(onsets_s))
    return tuple(
        Pop(float(onset_s), float(sign) * log_uniform(rng, *regime.pop_uv), float(rng.uniform(*POP_DECAY_S)))
        for onset_s, sign in zip(onsets_s, signs, strict=True)
    )
