"""Bursts of muscle activity, and the rhythm that they make."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from detectors.filters import sliding_max

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from detectors.emg.brief_criteria import RhythmCriteria


class Burst(NamedTuple):
    """Hops ``[onset, end)`` of a burst, and its height, µV."""

    onset: int
    end: int
    peak_uv: float


class Shape(NamedTuple):
    """The amplitude of a stretch: quick enough to see single bursts, and slow enough to see their level, µV."""

    quick_uv: NDArray[np.float64]
    level_uv: NDArray[np.float64]


def find_bursts(shape: Shape, limits_uv: tuple[float, float], hop_hz: float, criteria: RhythmCriteria) -> list[Burst]:
    """Find bursts by how far the amplitude falls between them.

    Parameters
    ----------
    shape : Shape
        The amplitude.
    limits_uv : tuple of float
        What a burst rises above, and what it lasts above, µV.
    hop_hz : float
        Hops per second.
    criteria : RhythmCriteria
        Windows and shares.

    Returns
    -------
    list of Burst
        In order; hops counted from the start of the stretch. None if there are too few for a train.
    """
    onset_uv, offset_uv = limits_uv
    reach = 1 + 2 * round(criteria.nearby_s * hop_hz)
    nearby_uv = sliding_max(shape.level_uv, reach)
    above = shape.quick_uv > np.maximum(offset_uv, criteria.offset_share * nearby_uv)
    edges = np.flatnonzero(np.diff(above, prepend=False, append=False))
    starts, ends = edges[0::2], edges[1::2]
    if len(starts) < criteria.min_bursts:
        return []
    depth_uv = shape.quick_uv / np.maximum(offset_uv, criteria.pause_share * nearby_uv)
    deepest = np.minimum.reduceat(depth_uv, ends[:-1])
    apart = (starts[1:] - ends[:-1] >= round(criteria.min_pause_s * hop_hz)) & (deepest < 1)
    starts, ends = starts[np.concatenate(([True], apart))], ends[np.append(apart, True)]
    found = (
        Burst(start, end, float(shape.quick_uv[start:end].max()))
        for start, end in zip(starts.tolist(), ends.tolist(), strict=True)
    )
    return [burst for burst in found if burst.peak_uv > onset_uv]


def chains(bursts: list[Burst], hop_hz: float, criteria: RhythmCriteria) -> list[list[Burst]]:
    """Put bursts that could follow one rhythm together.

    Parameters
    ----------
    bursts : list of Burst
        In order.
    hop_hz : float
        Hops per second.
    criteria : RhythmCriteria
        Lengths and intervals.

    Returns
    -------
    list of list of Burst
        Chains of bursts that are like their neighbours, at intervals in the range of a train that
        change slowly; a burst that is too long ends one, a burst that is too short is passed over.

    Examples
    --------
    >>> from detectors.proposed.brief import RHYTHM
    >>> at = [Burst(onset, onset + 30, 20.0) for onset in (0, 100, 200, 310, 900, 1000)]
    >>> [len(chain) for chain in chains(at, 100.0, RHYTHM)]
    [4, 2]
    """
    made: list[list[Burst]] = []
    chain: list[Burst] = []
    for burst in bursts:
        length_s = (burst.end - burst.onset) / hop_hz
        if length_s < criteria.min_burst_s:
            continue
        if length_s > criteria.max_burst_s:
            made.append(chain)
            chain = []
        elif not chain or _follows(chain, burst, hop_hz, criteria):
            chain.append(burst)
        else:
            made.append(chain)
            # The burst before may have been the first of the next rhythm.
            chain = [chain[-1], burst] if _follows(chain[-1:], burst, hop_hz, criteria) else [burst]
    made.append(chain)
    return [chain for chain in made if chain]


def joined(trains: list[list[Burst]], hop_hz: float, criteria: RhythmCriteria) -> list[list[Burst]]:
    """Join trains between which not more than a beat or two was lost.

    Parameters
    ----------
    trains : list of list of Burst
        In order.
    hop_hz : float
        Hops per second.
    criteria : RhythmCriteria
        Intervals and regularity.

    Returns
    -------
    list of list of Burst
        Fewer and longer trains, each as regular as a train has to be.
    """
    made: list[list[Burst]] = []
    for train in trains:
        together = [*made[-1], *train] if made else train
        near = made and (train[0].onset - made[-1][-1].onset) / hop_hz <= criteria.max_interval_s
        alike = near and _within(_interval(made[-1]), _interval(train), criteria.max_change)
        if alike and regularity(together) <= max_cv(len(together), criteria):
            made[-1] = together
        else:
            made.append(train)
    return made


def max_cv(n_bursts: float, criteria: RhythmCriteria) -> float:
    """Return how much the intervals of so many bursts may scatter."""
    return criteria.max_cv_few if n_bursts <= criteria.few_bursts else criteria.max_cv


def regularity(chain: list[Burst]) -> float:
    """Return the coefficient of variation of the intervals from onset to onset."""
    intervals = np.diff([burst.onset for burst in chain])
    return float(intervals.std() / intervals.mean())


def _follows(chain: list[Burst], burst: Burst, hop_hz: float, criteria: RhythmCriteria) -> bool:
    """Say whether a burst could be the next of a chain."""
    interval = burst.onset - chain[-1].onset
    if not criteria.min_interval_s <= interval / hop_hz <= criteria.max_interval_s:
        return False
    last = chain[-1]
    alike = _within(burst.peak_uv, last.peak_uv, criteria.max_unlike)
    alike &= _within(burst.end - burst.onset, last.end - last.onset, criteria.max_unlike)
    return alike and (len(chain) == 1 or _within(interval, last.onset - chain[-2].onset, criteria.max_change))


def _interval(train: list[Burst]) -> float:
    """Return the median time from onset to onset, hops."""
    return float(np.median(np.diff([burst.onset for burst in train])))


def _within(one: float, other: float, factor: float) -> bool:
    """Say whether two values differ by at most a factor."""
    return max(one, other) <= factor * min(one, other)
