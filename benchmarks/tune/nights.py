"""Simulated nights as `soleus tune` takes them: one subject each, made from its seed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from benchmarks.playing import recorded
from detectors.evaluate.marks import Mark, MarkedNight
from detectors.simulate import simulate_night
from detectors.simulate.splits import TUNING_SEEDS
from detectors.simulate.truth import SpanKind
from soleus.tune.nights import Case, NightSource

if TYPE_CHECKING:
    from collections.abc import Sequence

    from detectors.simulate import SimulatedNight

REGIMES = ("clean", "hard")


@dataclass(frozen=True, slots=True)
class Simulated:
    """Makes a night; can be sent to another process.

    Parameters
    ----------
    seed : int
        Seed of the night; says whether its ranges are those for tuning.
    regime : str
        Kind of night.
    hours : float
        Length, h.
    """

    seed: int
    regime: str
    hours: float

    def __call__(self) -> Case:
        """Return the recording and its truth."""
        night = simulate_night(self.hours, self.seed, self.regime)
        return Case(recorded(night), truth_of(night))


def sources(seeds: Sequence[int], hours: float) -> list[NightSource]:
    """Return a night for each seed, the regimes by turns."""
    return [
        NightSource(f"{regime}-{seed}", f"{regime}-{seed}", Simulated(seed, regime, hours))
        for seed, regime in ((seed, REGIMES[seed % len(REGIMES)]) for seed in seeds)
    ]


def tuning_seeds(first: int, n: int) -> range:
    """Return seeds whose nights are drawn from the ranges for tuning.

    Raises
    ------
    ValueError
        If there are not so many.
    """
    seeds = TUNING_SEEDS[first : first + n]
    if len(seeds) < n:
        msg = f"{first + n} nights asked for, expected at most {len(TUNING_SEEDS)}"
        raise ValueError(msg)
    return seeds


def truth_of(night: SimulatedNight) -> MarkedNight:
    """Return what truly happens, and where the signal is bad."""
    events = [
        Mark(
            event.kind.value,
            event.leg.value,
            event.onset_s,
            event.end_s,
            clear=event.clear,
            cause=event.cause.value if event.cause else "",
            amplitude_uv=event.amplitude_uv,
            angle_deg=event.angle_deg,
        )
        for event in night.truth
    ]
    bad = [
        Mark(span.kind.value, span.leg.value, span.onset_s, span.end_s, clear=False)
        for span in night.spans
        if span.kind is SpanKind.BAD_QUALITY
    ]
    noise_uv = {leg.leg.value: leg.character.noise_uv for leg in night.legs}
    return MarkedNight((*events, *bad), night.duration_s / 3600.0, noise_uv=noise_uv)
