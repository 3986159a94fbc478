"""The envelope of a muscle's activity."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from detectors.simulate.plan import Burst

DIP_WIDTH_SHARE = 0.1
# A beat of a rhythm rises and falls in this share of its length.
BEAT_EDGE_SHARE = 0.3


def burst_shape(t_s: NDArray[np.float64], burst: Burst) -> NDArray[np.float64]:
    """Return the envelope of a burst relative to its plateau.

    Parameters
    ----------
    t_s : ndarray of float64, shape (n_samples,)
        Times inside the burst, rising, from the start of the night, s.
    burst : Burst
        The burst.

    Returns
    -------
    ndarray of float64, shape (n_samples,)
        Zero at onset and end, about one on the plateau.
    """
    since_s, until_s = t_s - burst.onset_s, burst.end_s - t_s
    if burst.pulses:
        return _beats(since_s, burst)
    rise = np.clip(since_s / burst.rise_s, 0.0, 1.0)
    fall = np.clip(until_s / burst.fall_s, 0.0, 1.0)
    shape = np.asarray(0.25 * (1.0 - np.cos(np.pi * rise)) * (1.0 - np.cos(np.pi * fall)))
    length_s = burst.end_s - burst.onset_s
    for centre, depth in burst.dips:
        distance = (since_s - centre * length_s) / (DIP_WIDTH_SHARE * length_s)
        shape *= 1.0 - depth * np.exp(-(distance**2))
    if burst.sway:
        wander = np.zeros(len(t_s))
        for hz, size, phase_rad in burst.sway:
            wander += size * np.sin(2.0 * np.pi * hz * since_s + phase_rad)
        shape *= np.exp(wander)
    return shape


def _beats(since_s: NDArray[np.float64], burst: Burst) -> NDArray[np.float64]:
    """Return the envelope of a rhythm: a beat with soft edges for each pulse."""
    shape = np.zeros(len(since_s))
    if not len(since_s):
        return shape
    for begin_s, length_s, height in burst.pulses:
        if begin_s > since_s[-1] or begin_s + length_s < since_s[0]:
            continue
        first, last = np.searchsorted(since_s, (begin_s, begin_s + length_s))
        edge_s = BEAT_EDGE_SHARE * length_s
        inside_s = since_s[first:last] - begin_s
        away_s = np.minimum(inside_s, length_s - inside_s)
        beat = 0.5 * height * (1.0 - np.cos(np.pi * np.clip(away_s / edge_s, 0.0, 1.0)))
        np.maximum(shape[first:last], beat, out=shape[first:last])
    return shape
