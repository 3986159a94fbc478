"""One peak of the wide band, measured and compared with every rule (science.md 4.2)."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

from detectors.events import Step
from detectors.resting import quantile

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from detectors.emg.brief_criteria import TwitchCriteria

FASCICULATION_LIKE: Final = 1
BRIEF_BURST: Final = 2
JERK: Final = 3
# The median absolute deviation of Gaussian noise, in standard deviations.
_MAD_OF_SIGMA: Final = 0.6745
_HALF: Final = 0.5
# The energy of a peak is compared with that of half a second on both sides.
_AROUND_S: Final = 0.5
# Samples above the level of the width that lie closer than this belong together: a potential crosses zero.
_BRIDGED_S: Final = 0.01
# Means before and after a peak keep this far away from it: filters and electrodes round its edges.
_ASIDE_S: Final = 0.01


class Extent(NamedTuple):
    """Samples ``[start, stop)`` of a twitch, and the length of its widest potential or burst."""

    start: int
    stop: int
    widest: int


@dataclass(frozen=True, slots=True)
class Signal:
    """A stretch of the signal around a candidate.

    Parameters
    ----------
    start : int
        Index of the first sample.
    raw, filtered : ndarray of float64, shape (n_samples,)
        As it came, and in the wide band, µV.
    fs_hz : float
        Sampling rate, Hz.
    """

    start: int
    raw: NDArray[np.float64]
    filtered: NDArray[np.float64]
    fs_hz: float

    def inside(self, values: NDArray[np.float64], start: int, stop: int) -> NDArray[np.float64]:
        """Return the values of samples ``[start, stop)`` as far as they are known."""
        return values[max(start - self.start, 0) : max(stop - self.start, 0)]

    def samples(self, seconds: float) -> int:
        """Return the nearest number of samples, at least 1."""
        return max(1, round(seconds * self.fs_hz))


def extent(around: Signal, run: tuple[int, int], levels_uv: tuple[float, float], criteria: TwitchCriteria) -> Extent:
    """Return how far a twitch reaches: every potential of it that exceeds the limit, at its full width.

    Parameters
    ----------
    around : Signal
        The signal, as far as the twitch may reach.
    run : tuple of int
        From the first to the last sample that exceeds the limit.
    levels_uv : tuple of float
        Level that the width is measured at, and level that a potential exceeds, µV.
    criteria : TwitchCriteria
        ``refractory_s`` is used: what lies closer is one potential, or one burst.

    Returns
    -------
    Extent
        The twitch.
    """
    height = np.abs(around.filtered)
    limit_uv = levels_uv[1]
    above = np.flatnonzero(height > min(levels_uv))
    breaks = np.flatnonzero(np.diff(above) >= around.samples(_BRIDGED_S))
    firsts = above[np.concatenate(([0], breaks + 1))]
    lasts = above[np.append(breaks, len(above) - 1)]
    real = [
        (first, last)
        for first, last in zip(firsts.tolist(), lasts.tolist(), strict=True)
        if first < run[1] - around.start and last >= run[0] - around.start and height[first : last + 1].max() > limit_uv
    ]
    begun, widest = real[0][0], 0
    for (_, last), (following, _) in pairwise([*real, (len(height) + around.samples(criteria.refractory_s), 0)]):
        if following - last >= around.samples(criteria.refractory_s):
            begun, widest = following, max(widest, last + 1 - begun)
    return Extent(around.start + real[0][0], around.start + real[-1][1] + 1, widest)


def amplitudes(around: Signal, run: tuple[int, int], limit_uv: float, criteria: TwitchCriteria) -> dict[str, float]:
    """Return the heights of a twitch and the number of its potentials.

    Parameters
    ----------
    around : Signal
        The signal.
    run : tuple of int
        From the first to the last sample that exceeds the limit.
    limit_uv : float
        Level that a potential exceeds, µV.
    criteria : TwitchCriteria
        Distances.

    Returns
    -------
    dict of str to float
        ``peak_uv``, ``peak_to_peak_uv``, ``n_potentials``.
    """
    height = np.abs(around.inside(around.filtered, *run))
    peak = run[0] + int(np.argmax(height))
    beside = around.samples(criteria.amplitude_s)
    near = around.inside(around.filtered, peak - beside, peak + beside + 1)
    over = np.flatnonzero(height > limit_uv)
    return {
        "peak_uv": float(height.max()),
        "peak_to_peak_uv": float(near.max() - near.min()),
        "n_potentials": float(1 + np.count_nonzero(np.diff(over) >= around.samples(criteria.refractory_s))),
    }


def width_class(width_s: float, criteria: TwitchCriteria) -> int:
    """Return 1 fasciculation-like, 2 brief burst, 3 jerk; a width is the time above three sigmas.

    Examples
    --------
    >>> from detectors.proposed.brief import TWITCH
    >>> [width_class(width_s, TWITCH) for width_s in (0.049, 0.050, 0.199, 0.200)]
    [1, 2, 2, 3]
    """
    if width_s < criteria.fasciculation_s:
        return FASCICULATION_LIKE
    return BRIEF_BURST if width_s < criteria.burst_s else JERK


def energy_step(around: Signal, run: tuple[int, int], criteria: TwitchCriteria) -> Step:
    """Return the comparison of the Teager-Kaiser energy of a twitch with that around it, µV²."""
    beside = around.samples(_AROUND_S)
    wide = around.inside(around.filtered, run[0] - beside, run[1] + beside)
    energy = wide[1:-1] ** 2 - wide[:-2] * wide[2:]
    enough = criteria.tkeo_ratio * quantile(energy, _HALF)
    first = run[0] - max(run[0] - beside, around.start) - 1
    highest = float(energy[max(first, 0) : max(first, 0) + run[1] - run[0]].max(initial=0.0))
    return Step("tkeo_ratio", highest, enough, highest > enough)


def artefact_steps(around: Signal, reach: Extent, criteria: TwitchCriteria) -> list[Step]:
    """Return the comparisons that tell a twitch from a moving cable and from a step of the electrode."""
    beside = around.samples(criteria.lf_hf_s)
    raw = _level(around.inside(around.raw, reach.start - beside, reach.stop + beside))
    spectrum = np.fft.rfft(raw * np.hanning(len(raw)))
    power = spectrum.real**2 + spectrum.imag**2
    hz = np.fft.rfftfreq(len(raw), 1 / around.fs_hz)
    high = float(power[(hz >= criteria.band_low_hz) & (hz <= criteria.band_high_hz)].sum())
    lf_hf = float(power[hz < criteria.band_low_hz].sum()) / high if high > 0 else 0.0
    aside, length = around.samples(_ASIDE_S), around.samples(criteria.step_s)
    before = around.inside(around.raw, reach.start - aside - length, reach.start - aside)
    after = around.inside(around.raw, reach.stop + aside, reach.stop + aside + length)
    steps = [Step("max_lf_hf", lf_hf, criteria.max_lf_hf, lf_hf <= criteria.max_lf_hf)]
    if len(before) and len(after):
        step_uv = abs(float(after.mean()) - float(before.mean()))
        wide = around.samples(_AROUND_S)
        # A step would be part of the scatter of both sides together.
        sides = ((reach.start - wide, reach.start - aside), (reach.stop + aside, reach.stop + wide))
        limit = criteria.step_sigma * min(_scatter(around.inside(around.raw, *side)) for side in sides)
        steps.append(Step("step_sigma", step_uv, limit, step_uv <= limit))
    return steps


def heart_step(
    near: NDArray[np.float64], peaks_uv: NDArray[np.float64], peak_uv: float, criteria: TwitchCriteria
) -> Step:
    """Return the comparison of a twitch with the peaks around it: a heart beats regularly and alike.

    Parameters
    ----------
    near : ndarray of float64, shape (n,)
        Times of the peaks around and of the twitch itself, rising, s.
    peaks_uv : ndarray of float64, shape (n,)
        Their heights, µV.
    peak_uv : float
        Height of the twitch, µV.
    criteria : TwitchCriteria
        What a heart does.

    Returns
    -------
    Step
        Its value is the coefficient of variation of the intervals, beats that were missed filled in and single
        twitches between beats left aside; 1 if there are too few of them or the interval is none of a heart.

    Examples
    --------
    >>> from detectors.proposed.brief import TWITCH
    >>> beats = np.array([0.0, 1.0, 2.05, 3.0, 5.0, 6.1, 7.0, 8.05, 9.0])
    >>> heart_step(beats, np.full(9, 20.0), 20.0, TWITCH).held
    False
    """
    cv = 1.0
    if len(near) - 1 >= criteria.min_beats:
        intervals = np.diff(near)
        beat_s = float(np.median(intervals))
        single = intervals / np.maximum(np.round(intervals / beat_s), 1.0)
        if criteria.beat_low_s <= beat_s <= criteria.beat_high_s:
            cv = _scatter(single) / beat_s
    alike = bool(peak_uv <= criteria.beat_ratio * np.median(peaks_uv))
    return Step("beat_cv", cv, criteria.beat_cv, not (cv < criteria.beat_cv and alike))


def _level(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return values without the line through them."""
    place = np.arange(len(values)) - (len(values) - 1) / 2
    slope = float((place * values).sum()) / max(float((place * place).sum()), 1.0)
    level: NDArray[np.float64] = values - values.mean() - slope * place
    return level


def _scatter(values: NDArray[np.float64]) -> float:
    """Return the standard deviation of values, less than half of which stick out."""
    return quantile(np.abs(values - quantile(values, _HALF)), _HALF) / _MAD_OF_SIGMA
