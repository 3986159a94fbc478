"""Random numbers that depend only on what they are for, never on the order of asking."""

from __future__ import annotations

from enum import IntEnum

import numpy as np


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
