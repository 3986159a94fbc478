"""Random numbers that depend only on what they are for, never on the order of asking."""

from __future__ import annotations

from enum import IntEnum
from typing import TYPE_CHECKING

import numpy as np

from detectors.simulate.regimes import AmplitudeLaw

if TYPE_CHECKING:
    from detectors.simulate.surroundings import Range

# A log-normal law spreads two standard deviations to each end of its range.
SIGMAS_OF_A_RANGE = 4.0


class Purpose(IntEnum):
    """What a stream of random numbers is for."""

    CRAMPS = 0
    SHIFTS = 1
    MOVEMENTS = 2
    POPS = 3
    CHANNEL = 4
    MUSCLE = 5
    AMPLIFIER = 6
    MOTION = 7
    ACCELERATION = 8
    STRUCTURE = 9
    AFTERMATH = 10
    STANDING = 11
    RHYTHMS = 12
    SUSTAINED = 13
    SUDDEN = 14
    CONTACT = 15
    BED = 16
    PERSON = 17
    UNITS = 18
    FREE_INPUT = 19
    FAULTS = 20
    TABLE = 21
    DRIFT = 22
    TAILS = 23


def generator(seed: int, leg: int, purpose: Purpose, *place: int) -> np.random.Generator:
    """Return the random numbers of one place of a night.

    Parameters
    ----------
    seed : int
        Seed of the night, not negative.
    leg : int
        Number of the leg.
    purpose : Purpose
        What they are for.
    *place : int
        Channel and chunk, where they differ by these.

    Returns
    -------
    numpy.random.Generator
        A fresh generator; the same arguments give the same numbers.
    """
    return np.random.default_rng(np.random.SeedSequence([seed, leg, int(purpose), *place]))


def log_uniform(rng: np.random.Generator, low: float, high: float) -> float:
    """Return a number whose logarithm is uniform in ``[low, high)``."""
    return float(np.exp(rng.uniform(np.log(low), np.log(high))))


def clipped_log_normal(rng: np.random.Generator, median: float, sigma: float, limits: tuple[float, float]) -> float:
    """Return a log-normal number inside limits."""
    return float(np.clip(median * np.exp(sigma * rng.standard_normal()), *limits))


def level(rng: np.random.Generator, limits: Range, law: AmplitudeLaw) -> float:
    """Return a level inside limits, spread by a law."""
    if law is AmplitudeLaw.LOG_UNIFORM:
        return log_uniform(rng, *limits)
    low, high = limits
    return clipped_log_normal(rng, float(np.sqrt(low * high)), float(np.log(high / low)) / SIGMAS_OF_A_RANGE, limits)
