"""When things happen in a simulated night; what they look like is drawn elsewhere."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from detectors.simulate.randomness import clipped_log_normal

if TYPE_CHECKING:
    from collections.abc import Iterable

    from detectors.simulate.regimes import CrampRegime, MovementRegime, ShiftRegime

# The first minutes stay still: that is where a detector learns the resting level.
SETTLE_S = 150.0
# The night ends still too, so that the last event has an end.
TAIL_S = 15.0
# A cramp needs quiet around it to have a beginning and an end.
CRAMP_MARGIN_S = 20.0
SHIFT_MARGIN_S = 8.0
MOVEMENT_MARGIN_S = 1.5
CRAMP_SIGMA = 0.9
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
    """When a movement starts and the series that it belongs to."""

    onset_s: float
    series: int | None


def free(span: Span, taken: Iterable[Span]) -> bool:
    """Return whether a span touches none of the taken ones."""
    return all(span.end_s <= other.onset_s or other.end_s <= span.onset_s for other in taken)


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
    """Place turns of the body clear of the cramps, the first of them early."""
    taken = [cramp.widened(CRAMP_MARGIN_S + SHIFT_MARGIN_S) for cramp in cramps]
    spans = []
    onset_s = SETTLE_S + float(rng.uniform(0.1, 0.4)) * regime.interval_s[0]
    while onset_s < duration_s - TAIL_S - regime.duration_s[1]:
        span = Span(onset_s, onset_s + float(rng.uniform(*regime.duration_s)))
        if free(span.widened(SHIFT_MARGIN_S), taken):
            spans.append(span)
        onset_s += float(rng.uniform(*regime.interval_s))
    return spans


def movement_times(rng: np.random.Generator, duration_s: float, regime: MovementRegime) -> list[MovementTime]:
    """Place periodic series, isolated movements and followers at a short interval, in order of time."""
    times = _series_times(rng, duration_s, regime)
    n_isolated = rng.poisson(regime.isolated_per_h * duration_s / 3600.0)
    isolated = rng.uniform(SETTLE_S, max(duration_s, SETTLE_S + 1.0), n_isolated)
    times += [MovementTime(float(onset_s), None) for onset_s in isolated]
    followers = [
        MovementTime(time.onset_s + float(rng.uniform(*SHORT_INTERVAL_S)), None)
        for time in times
        if rng.random() < regime.short_interval_share
    ]
    return sorted(times + followers, key=lambda time: time.onset_s)


def _series_times(rng: np.random.Generator, duration_s: float, regime: MovementRegime) -> list[MovementTime]:
    """Place periodic series, rarer towards the morning as in restless legs."""
    times: list[MovementTime] = []
    onset_s = SETTLE_S + float(rng.uniform(0.0, 60.0))
    series = 0
    while onset_s < duration_s:
        median_s = float(rng.uniform(*regime.interval_s))
        for _ in range(int(rng.uniform(*regime.series_length))):
            times.append(MovementTime(onset_s, series))
            onset_s += clipped_log_normal(rng, median_s, PERIODIC_SIGMA, PERIODIC_LIMITS_S)
        series += 1
        pause_s = regime.series_gap_s * float(rng.uniform(0.3, 1.0)) * (0.6 + 0.8 * onset_s / duration_s)
        onset_s += PERIODIC_LIMITS_S[1] + pause_s
    return times
