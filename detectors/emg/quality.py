"""Seconds of EMG that cannot be trusted, seen from their samples."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from detectors.track import Flag

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from detectors.emg.criteria import QualityCriteria

# A signal takes its extreme once by chance, and a slow converter's twice.
_FEWEST_CLIPPED = 3
# Samples that have to take one of two values before the whole second is looked at.
_PROBE = 8


def sample_flags(
    frames: NDArray[np.float64], criteria: QualityCriteria
) -> tuple[NDArray[np.uint16], NDArray[np.float64]]:
    """Find flat and saturated seconds (science.md 7.1).

    Parameters
    ----------
    frames : ndarray of float64, shape (n_frames, n_samples)
        Raw samples, µV.
    criteria : QualityCriteria
        When a second is flat or saturated.

    Returns
    -------
    flags : ndarray of uint16, shape (n_frames,)
        ``Flag.FLAT`` and ``Flag.SATURATED``.
    span_uv : ndarray of float64, shape (n_frames,)
        Largest minus smallest sample, µV.

    Notes
    -----
    The full scale of a sensor is not known here: a second is saturated when it repeats its own
    extreme. Only seconds that could be either are looked at closely.
    """
    highest, lowest = frames.max(axis=1), frames.min(axis=1)
    span = highest - lowest
    flags = np.zeros(len(frames), np.uint16)
    at_extreme = (frames[:, :_PROBE] == highest[:, np.newaxis]) | (frames[:, :_PROBE] == lowest[:, np.newaxis])
    could_be_flat = (span <= criteria.flat_uv * np.sqrt(2 * frames.shape[1])) | at_extreme.all(axis=1)
    closely = np.flatnonzero(could_be_flat | (span >= criteria.clip_span_uv))
    seconds = frames[closely]
    n_high = np.count_nonzero(seconds == highest[closely, np.newaxis], axis=1)
    n_low = np.count_nonzero(seconds == lowest[closely, np.newaxis], axis=1)
    still = could_be_flat[closely]
    still[still] = seconds[still].std(axis=1) < criteria.flat_uv
    flat = still | (n_high + n_low >= frames.shape[1])
    repeats = np.maximum(n_high, n_low) >= max(criteria.clip_share * frames.shape[1], _FEWEST_CLIPPED)
    saturated = ~flat & repeats & (span[closely] >= criteria.clip_span_uv)
    flags[closely[flat]] = Flag.FLAT.value
    flags[closely[saturated]] = Flag.SATURATED.value
    return flags, span
