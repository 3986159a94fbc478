"""When things happen in a simulated night; what they look like is drawn elsewhere."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from detectors.signal import S_PER_H
from detectors.simulate.randomness import clipped_log_normal, log_uniform
from detectors.simulate.regimes import Course
from detectors.simulate.structure import HIGHEST_RATE

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    from detectors.simulate.regimes import CrampRegime, MovementRegime, ShiftRegime
    from detectors.simulate.structure import Structure
    from detectors.simulate.surroundings import Range

# The first minutes stay still: that is where a detector learns the resting level.
SETTLE_S = 150.0
# The night ends still too, so that the last event has an end.
TAIL_S = 15.0
# A cramp needs quiet around it to have a beginning and an end.
CRAMP_MARGIN_S = 20.0
SHIFT_MARGIN_S = 8.0
MOVEMENT_MARGIN_S = 1.5
CRAMP_SIGMA = 0.9
# Weak cramps that creep in last long enough to be felt at all.
CREEPING_LEAST_S = 60.0
# A cramp never fills more of a short night than this share.
CRAMP_NIGHT_SHARE = 0.25
PERIODIC_LIMITS_S = (10.5, 88.0)
PERIODIC_SIGMA = 0.25
SHORT_INTERVAL_S = (2.0, 4.0)


class Span(NamedTuple):
    """A stretch of the night, ``[onset, end)``, s."""

    onset_s: float
    end_s: float

    def widened(self, margin_s: float) -> Span:
        """Return the span with a margin on both sides."""
        return Span(self.onset_s - margin_s, self.end_s + margin_s)


class MovementTime(NamedTuple):
    """When a movement starts, the series that it belongs to, and whether it follows another closely."""

    onset_s: float
    series: int | None
    follows: bool = False


def free(span: Span, taken: Iterable[Span]) -> bool:
    """Return whether a span touches none of the taken ones."""
    return all(span.end_s <= other.onset_s or other.end_s <= span.onset_s for other in taken)


def free_of(onsets_s: NDArray[np.float64], length_s: float, taken: Iterable[Span]) -> NDArray[np.bool_]:
    """Return which of many spans of one length touch none of the taken ones."""
    spans = sorted(taken)
    if not spans:
        return np.ones(len(onsets_s), dtype=np.bool_)
    begins = np.array([span.onset_s for span in spans])
    ends = np.maximum.accumulate([span.end_s for span in spans])
    # All that begin before a span ends: the latest end among them decides.
    before = np.searchsorted(begins, onsets_s + length_s, side="left")
    latest = np.where(before > 0, ends[np.maximum(before - 1, 0)], -np.inf)
    return np.asarray(latest <= onsets_s, dtype=np.bool_)


def place(
    rng: np.random.Generator, lengths_s: list[float], window: Span, taken: list[Span], margin_s: float
) -> list[Span]:
    """Place spans at random where they and a margin are free, and take their room.

    Parameters
    ----------
    rng : numpy.random.Generator
        Source of randomness.
    lengths_s : list of float
        Length of each, s; one that finds no room in a few trials is left out.
    window : Span
        Where they may lie.
    taken : list of Span
        What is taken; what is placed is added, with its margin.
    margin_s : float
        Room on both sides, s.

    Returns
    -------
    list of Span
        In order of time.
    """
    trials = 20
    placed = []
    for length_s in lengths_s:
        last_s = window.end_s - length_s - margin_s
        first_s = window.onset_s + margin_s
        starts_s = rng.uniform(first_s, max(first_s, last_s), trials)
        if last_s <= first_s:
            continue
        for start_s in starts_s:
            span = Span(float(start_s), float(start_s) + length_s)
            if free(span.widened(margin_s), taken):
                placed.append(span)
                taken.append(span.widened(margin_s))
                break
    return sorted(placed)


def poisson(rng: np.random.Generator, per_h: float, duration_s: float) -> int:
    """Return how often something happens."""
    return int(rng.poisson(per_h * duration_s / S_PER_H))


def cramp_times(rng: np.random.Generator, duration_s: float, regime: CrampRegime) -> list[Span]:
    """Place one cramp in each started stratum of the night that has room for it."""
    spans = []
    longest_s = max(regime.duration_s[0], CRAMP_NIGHT_SHARE * duration_s)
    limits = (regime.duration_s[0], min(regime.duration_s[1], longest_s))
    for stratum in range(int(np.ceil(duration_s / regime.stratum_s))):
        length_s = clipped_log_normal(rng, regime.median_s, CRAMP_SIGMA, limits)
        first_s = max(stratum * regime.stratum_s, SETTLE_S) + CRAMP_MARGIN_S
        last_s = min((stratum + 1) * regime.stratum_s, duration_s - TAIL_S) - CRAMP_MARGIN_S - length_s
        if last_s > first_s:
            onset_s = float(rng.uniform(first_s, last_s))
            spans.append(Span(onset_s, onset_s + length_s))
    return spans


def shift_times(rng: np.random.Generator, duration_s: float, regime: ShiftRegime, cramps: list[Span]) -> list[Span]:
    """Place turns of the body clear of what is taken, the first of them early."""
    taken = [cramp.widened(SHIFT_MARGIN_S) for cramp in cramps]
    spans: list[Span] = []
    if not math.isfinite(regime.interval_s[0]):
        return spans
    onset_s = SETTLE_S + float(rng.uniform(0.1, 0.4)) * regime.interval_s[0]
    while onset_s < duration_s - TAIL_S - regime.duration_s[1]:
        span = Span(onset_s, onset_s + float(rng.uniform(*regime.duration_s)))
        if free(span.widened(SHIFT_MARGIN_S), taken):
            spans.append(span)
        onset_s += float(rng.uniform(*regime.interval_s))
    return spans


def movement_times(
    rng: np.random.Generator, duration_s: float, regime: MovementRegime, structure: Structure
) -> list[MovementTime]:
    """Place periodic series, isolated movements and followers at a short interval, in order of time."""
    times = _series_times(rng, duration_s, regime, structure)
    n_isolated = rng.poisson(HIGHEST_RATE * regime.isolated_per_h * duration_s / S_PER_H)
    isolated = rng.uniform(SETTLE_S, max(duration_s, SETTLE_S + 1.0), n_isolated)
    kept = rng.random(n_isolated) * HIGHEST_RATE < [structure.rate_at(float(t_s)) for t_s in isolated]
    times += [MovementTime(float(onset_s), None) for onset_s in isolated[kept]]
    followers = [
        MovementTime(time.onset_s + float(rng.uniform(*SHORT_INTERVAL_S)), None, follows=True)
        for time in times
        if rng.random() < regime.short_interval_share
    ]
    return sorted(times + followers, key=lambda time: time.onset_s)


def _series_times(
    rng: np.random.Generator, duration_s: float, regime: MovementRegime, structure: Structure
) -> list[MovementTime]:
    """Place periodic series, each with a rhythm of its own."""
    times: list[MovementTime] = []
    onset_s = SETTLE_S + float(rng.uniform(0.0, 60.0))
    series = 0
    gap_s = regime.series_gap_s * float(np.exp(regime.severity * rng.standard_normal()))
    if regime.course is Course.BELL and math.isfinite(gap_s):
        onset_s = structure.after(onset_s, gap_s * float(rng.random()) * _pause(regime.course, 0.0))
    while onset_s < duration_s and math.isfinite(gap_s):
        median_s = float(rng.uniform(*regime.interval_s))
        for _ in range(int(rng.uniform(*regime.series_length))):
            times.append(MovementTime(onset_s, series))
            onset_s += clipped_log_normal(rng, median_s, PERIODIC_SIGMA, PERIODIC_LIMITS_S)
        series += 1
        pause_s = gap_s * float(rng.uniform(0.3, 1.0)) * _pause(regime.course, onset_s / duration_s)
        onset_s = structure.after(onset_s + PERIODIC_LIMITS_S[1], pause_s)
    return times


def _pause(course: Course, share: float) -> float:
    """Return the relative pause between two series at a share of the night."""
    return 0.4 + 1.6 * share if course is Course.DECLINE else 0.4 + 2.4 * abs(share - 0.5)


def lengths_within(rng: np.random.Generator, count: int, limits: Range) -> list[float]:
    """Return lengths whose logarithm is uniform inside limits, s."""
    return [log_uniform(rng, *limits) for _ in range(count)]
