"""Numbers of a night of leg movements, each exactly as it is defined.

All of them are functions of the finished list. Intervals run from onset to onset between
consecutive candidates (CLM), over the whole list, whatever lies between them.
"""

from __future__ import annotations

import math
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from detectors.annotations import asleep, hours_of, nanoseconds, stage_at
from detectors.events import Stage
from detectors.published import LM_INDICES
from detectors.signal import NS_PER_S, Leg

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from detectors.events import StageSpan
    from detectors.rules.combined import CombinedMovement
    from detectors.rules.series import Series
    from detectors.rules.series_criteria import IndexCriteria

__all__ = [
    "Histogram",
    "asleep",
    "awake",
    "bilateral_percent",
    "hours_of",
    "imi_histogram",
    "imi_log_histogram",
    "imi_mode_s",
    "intervals_ns",
    "isolated",
    "log_imi_spread",
    "mean_series_length",
    "per_hour",
    "periodicity_index",
    "plms_by_hour",
    "short_interval",
]

NS_PER_H = 3600 * NS_PER_S


class Histogram(NamedTuple):
    """Counts between edges; a bin contains its lower edge, the last one also its upper."""

    edges: tuple[float, ...]
    counts: tuple[int, ...]


def awake(t_ns: int, stages: Sequence[StageSpan]) -> bool:
    """Return whether an instant lies in scored wake; unscored time does not."""
    return stage_at(t_ns, stages) is Stage.WAKE


def per_hour(n: int, hours: float) -> float | None:
    """Return a rate, 1/h; None where there are no hours."""
    return n / hours if hours > 0 else None


def intervals_ns(movements: Sequence[CombinedMovement]) -> list[int]:
    """Return the intervals between consecutive candidates, ns.

    Parameters
    ----------
    movements : sequence of CombinedMovement
        Combined movements by onset; what is no candidate is passed over.

    Returns
    -------
    list of int
        One less than there are candidates.
    """
    onsets_ns = [movement.onset_ns for movement in movements if movement.clm]
    return [later - earlier for earlier, later in pairwise(onsets_ns)]


def periodicity_index(movements: Sequence[CombinedMovement], criteria: IndexCriteria = LM_INDICES) -> float | None:
    """Return the periodicity index of Ferri 2006.

    Parameters
    ----------
    movements : sequence of CombinedMovement
        Combined movements by onset.
    criteria : IndexCriteria
        What a periodic interval is, and how many in a row count.

    Returns
    -------
    float or None
        Periodic intervals that lie in runs of at least three, over all intervals: 0 to 1. None for
        fewer than two candidates.

    Notes
    -----
    An interval of exactly 10 s is not periodic here, though it may lie inside a series. The looser
    "periodic movements over all movements" of some reviews is another number.

    References
    ----------
    Ferri R et al. New approaches to the study of periodic leg movements during sleep in restless
    legs syndrome. Sleep 2006;29:759-769.
    """
    intervals = intervals_ns(movements)
    if not intervals:
        return None
    over_ns, up_to_ns = nanoseconds(criteria.periodic_over_s), nanoseconds(criteria.periodic_up_to_s)
    periodic = run = 0
    for interval_ns in (*intervals, 0):
        if over_ns < interval_ns <= up_to_ns:
            run += 1
            continue
        periodic += run if run >= criteria.periodic_run else 0
        run = 0
    return periodic / len(intervals)


def short_interval(
    movements: Sequence[CombinedMovement], criteria: IndexCriteria = LM_INDICES
) -> list[CombinedMovement]:
    """Return the candidates that follow another one after less than 10 s (SILMS)."""
    candidates = [movement for movement in movements if movement.clm]
    short_ns = nanoseconds(criteria.short_below_s)
    later = zip(intervals_ns(candidates), candidates[1:], strict=True)
    return [movement for interval_ns, movement in later if interval_ns < short_ns]


def isolated(movements: Sequence[CombinedMovement], criteria: IndexCriteria = LM_INDICES) -> list[CombinedMovement]:
    """Return the candidates that are neither in a series nor short-interval movements (ISOLMS)."""
    short = {movement.parts for movement in short_interval(movements, criteria)}
    return [m for m in movements if m.clm and not m.plm and m.parts not in short]


def log_imi_spread(
    movements: Sequence[CombinedMovement], criteria: IndexCriteria = LM_INDICES
) -> tuple[float | None, float | None]:
    """Return mean and standard deviation of the natural logarithm of the intervals from 10 to 90 s.

    Parameters
    ----------
    movements : sequence of CombinedMovement
        Combined movements by onset.
    criteria : IndexCriteria
        The range of intervals, inclusive.

    Returns
    -------
    tuple of float or None
        Mean and sample standard deviation of ln(interval / 1 s); None where there are too few.
    """
    low_ns, high_ns = nanoseconds(criteria.spread_from_s), nanoseconds(criteria.spread_to_s)
    logs = [math.log(i / NS_PER_S) for i in intervals_ns(movements) if low_ns <= i <= high_ns]
    if not logs:
        return None, None
    return float(np.mean(logs)), float(np.std(logs, ddof=1)) if len(logs) > 1 else None


def imi_histogram(movements: Sequence[CombinedMovement], criteria: IndexCriteria = LM_INDICES) -> Histogram:
    """Return the histogram of intervals in bins of 2 s from 0 to 100 s; longer ones are left out."""
    n_bins = round(criteria.histogram_to_s / criteria.histogram_bin_s)
    edges = np.arange(n_bins + 1) * criteria.histogram_bin_s
    values = [interval_ns / NS_PER_S for interval_ns in intervals_ns(movements)]
    return _histogram(values, edges)


def imi_log_histogram(movements: Sequence[CombinedMovement], criteria: IndexCriteria = LM_INDICES) -> Histogram:
    """Return the histogram of the intervals' natural logarithm in bins of 0.1, from 1 s to 100 s and over."""
    n_bins = math.ceil(math.log(criteria.histogram_to_s) / criteria.histogram_log_bin)
    edges = np.arange(n_bins + 1) * criteria.histogram_log_bin
    values = [math.log(i / NS_PER_S) for i in intervals_ns(movements) if i > 0]
    return _histogram(values, edges)


def _histogram(values: Sequence[float], edges: NDArray[np.floating]) -> Histogram:
    counts, _ = np.histogram(values, edges)
    return Histogram(tuple(float(edge) for edge in edges), tuple(int(count) for count in counts))


def imi_mode_s(movements: Sequence[CombinedMovement], criteria: IndexCriteria = LM_INDICES) -> float | None:
    """Return the middle of the fullest bin of the histogram, s; the first one if several are equal."""
    histogram = imi_histogram(movements, criteria)
    if not any(histogram.counts):
        return None
    fullest = histogram.counts.index(max(histogram.counts))
    return (histogram.edges[fullest] + histogram.edges[fullest + 1]) / 2


def bilateral_percent(movements: Sequence[CombinedMovement]) -> float | None:
    """Return the share of combined movements that both legs made, %; None without movements."""
    if not movements:
        return None
    return 100 * sum(movement.leg is Leg.BOTH for movement in movements) / len(movements)


def mean_series_length(series: Sequence[Series]) -> float | None:
    """Return the mean number of movements in a series; None without series."""
    return sum(one.n for one in series) / len(series) if series else None


def plms_by_hour(movements: Sequence[CombinedMovement], stages: Sequence[StageSpan]) -> tuple[int, ...]:
    """Return the periodic movements in sleep, hour by hour since sleep onset.

    Parameters
    ----------
    movements : sequence of CombinedMovement
        Combined movements by onset.
    stages : sequence of StageSpan
        Sleep stages by onset.

    Returns
    -------
    tuple of int
        One count for each hour that was begun before the last sleep ended; empty without sleep.
    """
    sleep = [span for span in stages if span.stage is not Stage.WAKE]
    if not sleep:
        return ()
    counts = [0] * -(-(sleep[-1].end_ns - sleep[0].onset_ns) // NS_PER_H)
    for movement in movements:
        if movement.plm and asleep(movement.onset_ns, stages):
            counts[(movement.onset_ns - sleep[0].onset_ns) // NS_PER_H] += 1
    return tuple(counts)
