"""Filters whose output does not depend on how their input was cut, bit for bit."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING

import numpy as np

from detectors.butterworth import response_at, sections_of, steady_states
from detectors.kernels import filter_sections

if TYPE_CHECKING:
    from numpy.typing import NDArray

# Points on the frequency axis that the delay of a filter is read at; the delay changes slowly inside a pass band.
_DELAY_POINTS = 512


# A night asks for the same few bands dozens of times, and a design takes milliseconds.
@functools.lru_cache(maxsize=64)
def _designed(order: int, low_hz: float, high_hz: float, fs_hz: float) -> NDArray[np.float64]:
    return sections_of(order, low_hz, high_hz, fs_hz)


def band_pass(order: int, low_hz: float, high_hz: float, fs_hz: float) -> NDArray[np.float64]:
    """Design a Butterworth band-pass.

    Parameters
    ----------
    order : int
        Order of the prototype; the filter has twice as many poles.
    low_hz, high_hz : float
        Pass band, Hz.
    fs_hz : float
        Sampling rate, Hz.

    Returns
    -------
    ndarray of float64, shape (order, 6)
        Second-order sections.

    Raises
    ------
    ValueError
        If the sampling rate leaves no band.
    """
    if not low_hz < high_hz < fs_hz / 2:
        msg = f"a band of {low_hz:g}-{high_hz:g} Hz needs more than {2 * low_hz:g} samples per second, got {fs_hz:g}"
        raise ValueError(msg)
    return _designed(order, low_hz, high_hz, fs_hz).copy()


def band_delay_s(sections: NDArray[np.float64], low_hz: float, high_hz: float, fs_hz: float) -> float:
    """Return the median group delay inside a band.

    Parameters
    ----------
    sections : ndarray of float64, shape (n_sections, 6)
        The filter.
    low_hz, high_hz : float
        The band, Hz.
    fs_hz : float
        Sampling rate, Hz.

    Returns
    -------
    float
        Delay, s.

    Examples
    --------
    >>> 0.003 < band_delay_s(band_pass(2, 20.0, 100.0, 250.0), 20.0, 100.0, 250.0) < 0.006
    True
    """
    hz = np.linspace(low_hz, high_hz, _DELAY_POINTS)
    phase = np.unwrap(np.angle(response_at(sections, hz, fs_hz)))
    return float(np.median(-np.diff(phase) / np.diff(hz)) / (2 * np.pi))


class SectionFilter:
    """A causal filter in second-order sections that starts in the steady state of its first sample.

    Parameters
    ----------
    sections : ndarray of float64, shape (n_sections, 6)
        The filter.
    """

    def __init__(self, sections: NDArray[np.float64]) -> None:
        self._sections = sections
        self._steady = steady_states(sections)
        self._state: NDArray[np.float64] | None = None

    def restart(self) -> None:
        """Forget everything; the next sample is the first."""
        self._state = None

    def feed(self, data: NDArray[np.float64]) -> NDArray[np.float64]:
        """Filter the next samples, shape (n_samples, n_axes), n_samples at least 1; what is returned may be changed."""
        if self._state is None:
            # The first sample is the same however the stream is cut, the mean of a first block is not.
            self._state = data[0][:, np.newaxis, np.newaxis] * self._steady
        rows = data.T.copy()
        filter_sections(self._sections, rows, self._state)
        return rows.T


class SlidingMean:
    """Mean of the last values; what lies before the first value counts as zero.

    Parameters
    ----------
    width : int
        Number of values.
    """

    def __init__(self, width: int) -> None:
        self.width = width
        self._tail = np.zeros(width - 1)

    def restart(self) -> None:
        """Forget everything; the next value is the first."""
        self._tail = np.zeros(self.width - 1)

    def feed(self, values: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return one mean for each of the next values."""
        known = np.concatenate((self._tail, values))
        self._tail = known[len(values) :]
        return sliding_sum(known, self.width) / self.width


def sliding_max(values: NDArray[np.float64], width: int) -> NDArray[np.float64]:
    """Return the maximum of a window around each value, which is cut off at both ends.

    Parameters
    ----------
    values : ndarray of float64, shape (n,)
        The values.
    width : int
        Values in the window, an odd number.

    Returns
    -------
    ndarray of float64, shape (n,)
        The maxima.

    Examples
    --------
    >>> sliding_max(np.array([1.0, 5.0, 2.0, 0.0, 0.0]), 3)
    array([5., 5., 5., 2., 0.])
    """
    highest, length = np.pad(values, width // 2, mode="edge"), 1
    # A maximum of maxima: each step doubles the window, and the last one lays two of them over each other.
    while 2 * length <= width:
        highest = np.maximum(highest[:-length], highest[length:])
        length *= 2
    rest = width - length
    return np.maximum(highest[: len(highest) - rest], highest[rest:])


def sliding_sum(values: NDArray[np.float64], width: int) -> NDArray[np.float64]:
    """Sum every `width` consecutive values.

    Parameters
    ----------
    values : ndarray of float64, shape (n,)
        The values.
    width : int
        Values per sum, at most n.

    Returns
    -------
    ndarray of float64, shape (n - width + 1,)
        The sums.

    Notes
    -----
    Sums of 1, 2, 4, ... values are added element by element, so that each sum adds its values in
    the same order wherever it stands: a running sum would depend on what came before.

    Examples
    --------
    >>> sliding_sum(np.array([1.0, 2.0, 4.0, 8.0]), 3)
    array([ 7., 14.])
    """
    n_sums = len(values) - width + 1
    total: NDArray[np.float64] | None = None
    doubled, length, at = values, 1, 0
    while True:
        if width & length:
            part = doubled[at : at + n_sums]
            total = part.copy() if total is None else np.add(total, part, out=total)
            at += length
        length *= 2
        if length > width:
            return np.zeros(n_sums) if total is None else total
        half = length // 2
        doubled = doubled[half:] + doubled[:-half]


def hop_means(values: NDArray[np.float64], hop: int) -> NDArray[np.float64]:
    """Average every `hop` consecutive values.

    Parameters
    ----------
    values : ndarray of float64, shape (n_hops * hop,)
        The values.
    hop : int
        Values per mean.

    Returns
    -------
    ndarray of float64, shape (n_hops,)
        The means, added column by column: the same wherever a hop stands.
    """
    columns = values.reshape(-1, hop)
    total = columns[:, 0].copy()
    for column in range(1, hop):
        total += columns[:, column]
    return total / hop
