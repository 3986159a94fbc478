"""Steps of a walk, as peaks of the movement at a walking pace."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from detectors.motion.posture_criteria import PostureCriteria


class Walk(NamedTuple):
    """Steps that belong to a walk, and how fast they follow each other (0 without steps)."""

    steps: int = 0
    cadence_hz: float = 0.0


def walk_in(movement_g: NDArray[np.float64], hop_hz: float, criteria: PostureCriteria) -> Walk:
    """Count the steps of a stretch.

    Parameters
    ----------
    movement_g : ndarray of float64, shape (n_hops,)
        RMS of the dynamic acceleration, g.
    hop_hz : float
        Values per second.
    criteria : PostureCriteria
        ``step_g``, ``step_low_hz``, ``step_high_hz`` and ``min_steps``.

    Returns
    -------
    Walk
        Peaks of at least ``step_g`` that follow each other at ``step_low_hz`` to ``step_high_hz``,
        ``min_steps`` or more in a row.

    Examples
    --------
    >>> from detectors.criteria import named
    >>> t_s = np.arange(500) / 50.0
    >>> walk_in(0.2 + 0.1 * np.cos(2 * np.pi * 1.25 * t_s), 50.0, named("wasm-2016").posture)
    Walk(steps=12, cadence_hz=1.25)
    """
    apart = max(1, math.floor(hop_hz / criteria.step_high_hz))
    peaks = peaks_of(movement_g, criteria.step_g, apart)
    slowest = hop_hz / criteria.step_low_hz
    breaks = np.flatnonzero(np.diff(peaks) > slowest) + 1
    trains = [train for train in np.split(peaks, breaks) if len(train) >= criteria.min_steps]
    if not trains:
        return Walk()
    between = np.concatenate([np.diff(train) for train in trains])
    return Walk(sum(map(len, trains)), hop_hz / float(np.median(between)))


def peaks_of(values: NDArray[np.float64], lowest: float, apart: int) -> NDArray[np.intp]:
    """Find values that are higher than their neighbours, the higher ones first where they stand too close.

    Parameters
    ----------
    values : ndarray of float64, shape (n,)
        The values; of several equal ones in a row the middle is the peak.
    lowest : float
        Least height of a peak.
    apart : int
        Least distance between two peaks, values.

    Returns
    -------
    ndarray of int, shape (n_peaks,)
        Where they are, as ``scipy.signal.find_peaks`` finds them.

    Examples
    --------
    >>> peaks_of(np.array([0.0, 2.0, 1.0, 3.0, 3.0, 3.0, 0.0]), 1.0, 2)
    array([1, 4])
    >>> peaks_of(np.array([0.0, 2.0, 1.0, 3.0, 3.0, 3.0, 0.0]), 1.0, 4)
    array([4])
    """
    edges = np.flatnonzero(values[1:] != values[:-1]) + 1
    rising = values[edges] > values[edges - 1]
    tops = np.flatnonzero(rising[:-1] & ~rising[1:])
    peaks: NDArray[np.intp] = (edges[tops] + edges[tops + 1] - 1) // 2
    peaks = peaks[values[peaks] >= lowest]
    kept = np.ones(len(peaks), np.bool_)
    for at in np.argsort(values[peaks])[::-1].tolist():
        if kept[at]:
            kept[np.abs(peaks - peaks[at]) < apart] = False
            kept[at] = True
    return peaks[kept]
