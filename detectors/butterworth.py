"""Butterworth band-passes in second-order sections, the same to the bit as those of ``scipy.signal``.

They are designed here because importing ``scipy.signal`` costs more than an hour of a night does; a test
holds both against each other.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

# Twice the rate that the plane is warped for: the usual choice, with edges given in parts of half the sampling rate.
_WARP = 4.0
_REAL_WITHIN = 100 * np.finfo(np.float64).eps


def sections_of(order: int, low_hz: float, high_hz: float, fs_hz: float) -> NDArray[np.float64]:
    """Design a Butterworth band-pass.

    Parameters
    ----------
    order : int
        Order of the prototype; the filter has twice as many poles.
    low_hz, high_hz : float
        Pass band, Hz, ``0 < low_hz < high_hz < fs_hz / 2``.
    fs_hz : float
        Sampling rate, Hz.

    Returns
    -------
    ndarray of float64, shape (order, 6)
        Second-order sections, the pole nearest to the unit circle last.

    Examples
    --------
    >>> sections_of(1, 10.0, 20.0, 100.0).round(3)
    array([[ 0.245,  0.   , -0.245,  1.   , -0.933,  0.51 ]])
    """
    edges = _WARP * np.tan(np.pi * (np.array([low_hz, high_hz]) / (fs_hz / 2)) / 2.0)
    width, centre = float(edges[1] - edges[0]), float(np.sqrt(edges[0] * edges[1]))
    prototype: NDArray[np.complex128] = -np.exp(
        1j * np.pi * np.arange(1 - order, order, 2, dtype=np.float64) / (2 * order)
    )
    scaled = prototype * width / 2
    apart = np.sqrt(scaled**2 - centre**2)
    analog: NDArray[np.complex128] = np.concatenate((scaled + apart, scaled - apart))
    gain = width**order * np.real(np.prod(_WARP - np.zeros(order, np.complex128)) / np.prod(_WARP - analog))
    poles: NDArray[np.complex128] = (_WARP + analog) / (_WARP - analog)
    sections = _paired(order, poles)
    sections[0, :3] *= gain
    return sections


def _paired(order: int, poles: NDArray[np.complex128]) -> NDArray[np.float64]:
    """Give each pair of poles the two zeros nearest to it: of +1 and -1 there are as many as the order."""
    left = _one_of_each_pair(poles)
    zeros = np.repeat([-1.0, 1.0], order)
    sections = np.zeros((order, 6))
    for number in range(order - 1, -1, -1):
        first, left = _taken(left, _worst(left))
        if first.imag:
            second = first.conjugate()
        else:
            real = np.flatnonzero(left.imag == 0)
            second, left = _taken(left, real[_worst(left[real])])
        near, zeros = _taken(zeros, np.argsort(np.abs(zeros - first))[0])
        next_near, zeros = _taken(zeros, np.argsort(np.abs(zeros - first))[0])
        sections[number, :3] = _quadratic(near, next_near).real
        sections[number, 3:] = _quadratic(first, second).real
    return sections


def _one_of_each_pair(poles: NDArray[np.complex128]) -> NDArray[np.complex128]:
    """Return the upper one of each conjugate pair, then real poles, each group by its real part."""
    ordered = poles[np.lexsort((abs(poles.imag), poles.real))]
    real = abs(ordered.imag) <= _REAL_WITHIN * abs(ordered)
    upper, lower = ordered[~real & (ordered.imag > 0)], ordered[~real & (ordered.imag < 0)]
    # Rounding may make the two of a pair differ: their mean is taken.
    return np.concatenate(((upper + lower.conj()) / 2, ordered[real].real))


def _worst(poles: NDArray[np.complex128]) -> int:
    """Return which pole lies nearest to the unit circle."""
    return int(np.argmin(np.abs(1 - np.abs(poles))))


def _taken(values: NDArray[np.complex128], at: int) -> tuple[complex, NDArray[np.complex128]]:
    return values[at], np.delete(values, at)


def _quadratic(first: complex, second: complex) -> NDArray[np.complex128]:
    """Multiply out ``(x - first) (x - second)``."""
    return np.convolve(np.convolve([1.0], [1.0, -first]), [1.0, -second])


def steady_state(b: NDArray[np.float64], a: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return what a filter remembers after it has seen nothing but ones for ever.

    Parameters
    ----------
    b, a : ndarray of float64, shape (n,)
        Numerator and denominator, ``a[0]`` being 1.

    Returns
    -------
    ndarray of float64, shape (n - 1,)
        The state that goes on with a constant input of 1.

    Examples
    --------
    >>> steady_state(np.array([0.5, 0.0]), np.array([1.0, -0.5]))
    array([0.5])
    """
    n_states = len(a) - 1
    companion = np.eye(n_states, k=-1)
    companion[0] = -a[1:]
    return np.linalg.solve(np.eye(n_states) - companion.T, b[1:] - a[1:] * b[0])


def steady_states(sections: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return what each section remembers after the filter has seen nothing but ones for ever.

    Parameters
    ----------
    sections : ndarray of float64, shape (n_sections, 6)
        The filter.

    Returns
    -------
    ndarray of float64, shape (n_sections, 2)
        One state per section.

    Examples
    --------
    >>> steady_states(sections_of(1, 10.0, 20.0, 100.0)).round(3)
    array([[-0.245, -0.245]])
    """
    states, gain = np.empty((len(sections), 2)), 1.0
    for state, section in zip(states, sections, strict=True):
        b, a = section[:3], section[3:]
        state[:] = gain * steady_state(b, a)
        gain *= b.sum() / a.sum()
    return states


def response_at(sections: NDArray[np.float64], hz: NDArray[np.float64], fs_hz: float) -> NDArray[np.complex128]:
    """Return what a filter does to sinusoids.

    Parameters
    ----------
    sections : ndarray of float64, shape (n_sections, 6)
        The filter.
    hz : ndarray of float64, shape (n,)
        Frequencies, Hz.
    fs_hz : float
        Sampling rate, Hz.

    Returns
    -------
    ndarray of complex128, shape (n,)
        Gain and phase.

    Examples
    --------
    >>> abs(response_at(sections_of(2, 10.0, 20.0, 100.0), np.array([10.0, 20.0]), 100.0)).round(3)
    array([0.707, 0.707])
    """
    delay = np.exp(-1j * (2 * math.pi * hz / fs_hz))
    response = np.ones(len(hz), np.complex128)
    for b0, b1, b2, a0, a1, a2 in sections:
        response *= ((b2 * delay + b1) * delay + b0) / ((a2 * delay + a1) * delay + a0)
    return response
