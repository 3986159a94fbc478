"""The motor units of a muscle: trains of potentials that add up to the signal of its activity."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy import fft, ndimage

from detectors.simulate.envelope import burst_shape
from detectors.simulate.plan import Firing
from detectors.simulate.randomness import Purpose, generator
from detectors.simulate.shaped import GRID, shwedyk

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from detectors.simulate.plan import Burst

# Amplitudes at the electrodes are log-uniform over this range (Fuglevand-type models; science.md 9.1).
AMPLITUDE_RANGE = 30.0
# A unit is recruited at a share of the plateau between these, small units first.
RECRUITED = (0.02, 0.6)
# So many of the smallest are active as soon as the muscle is.
FIRST_UNITS = 12
# Potentials of one muscle differ in shape: so many are drawn, each 8 to 20 ms long with tails that fade.
N_SHAPES = 6
POTENTIAL_S = 0.04
CORNER_SPREAD = 0.15
# Firing: mean rate, spread of the mean over the units, and how far it falls at a weak drive.
RATE_PPS = {Firing.VOLUNTARY: 12.0, Firing.CRAMP: 14.5}
RATE_SPREAD = 0.2
RATE_FLOOR = 0.6
# Intervals vary by 15 to 25 % in voluntary activity, by 45 % in a cramp, where 4 % are doublets (Minetto 2009).
INTERVAL_COV = {Firing.VOLUNTARY: 0.2, Firing.CRAMP: 0.45}
SHORTEST_INTERVAL = 0.25
DOUBLET_SHARE = 0.04
DOUBLET_S = (0.003, 0.008)
# A unit of a cramp fires for about 24 s and pauses half as long.
ACTIVE_S, PAUSE_S = 24.0, 12.0
# Step of the grid on which drive and recruitment are known, s; longer for long bursts.
STEP_S = 0.01
LONG_STEP_S = 0.05
LONG_S = 30.0
LEAST_POWER = 1e-12


@dataclass(frozen=True, slots=True)
class Pool:
    """The motor units that one pair of electrodes sees.

    Parameters
    ----------
    amplitudes : ndarray of float64, shape (n_units,)
        Rising.
    recruited : ndarray of float64, shape (n_units,)
        Share of the plateau from which each is active.
    rates : ndarray of float64, shape (n_units,)
        Relative mean rates.
    shapes : ndarray of int64, shape (n_units,)
        Which potential each has.
    potentials : ndarray of float64, shape (n_shapes, n_taps)
        Potentials of unit energy.
    """

    amplitudes: NDArray[np.float64]
    recruited: NDArray[np.float64]
    rates: NDArray[np.float64]
    shapes: NDArray[np.int64]
    potentials: NDArray[np.float64]


def drawn_pool(rng: np.random.Generator, n_units: int, corners_hz: tuple[float, float], fs_hz: float) -> Pool:
    """Draw the motor units of a muscle.

    Parameters
    ----------
    rng : numpy.random.Generator
        Source of randomness.
    n_units : int
        How many.
    corners_hz : tuple of float
        Corner frequencies of the spectrum that they add up to, Hz.
    fs_hz : float
        Sampling rate, Hz.

    Returns
    -------
    Pool
        The units, small ones first.
    """
    amplitudes = np.sort(np.exp(rng.uniform(0.0, np.log(AMPLITUDE_RANGE), n_units)))
    low, high = RECRUITED
    recruited = low * (high / low) ** np.linspace(0.0, 1.0, n_units)
    recruited[:FIRST_UNITS] = 0.0
    rates = np.clip(1.0 + RATE_SPREAD * rng.standard_normal(n_units), 0.5, 1.5)
    potentials = np.stack([_potential(rng, corners_hz, fs_hz) for _ in range(N_SHAPES)])
    return Pool(amplitudes, recruited, rates, rng.permutation(np.arange(n_units) % N_SHAPES), potentials)


class MotorUnits:
    """The activity of one muscle as unit-variance signals, burst by burst.

    Parameters
    ----------
    place : tuple of int
        Seed of the night, number of the leg, number of the channel.
    pool : Pool
        The units.
    fs_hz : float
        Sampling rate, Hz.
    """

    __slots__ = ("_fs_hz", "_place", "_pool")

    def __init__(self, place: tuple[int, int, int], pool: Pool, fs_hz: float) -> None:
        self._place = place
        self._pool = pool
        self._fs_hz = fs_hz

    def carrier(self, number: int, burst: Burst) -> tuple[int, NDArray[np.float32]]:
        """Return what the units add up to in one burst, before its envelope.

        Parameters
        ----------
        number : int
            Number of the burst on this leg.
        burst : Burst
            The burst.

        Returns
        -------
        int
            Sample of the night at which it begins.
        ndarray of float32, shape (n_samples,)
            Variance about one wherever the muscle is active.
        """
        seed, leg, channel = self._place
        rng = generator(seed, leg, Purpose.UNITS, channel, number)
        first = int(burst.onset_s * self._fs_hz)
        n_samples = int(burst.end_s * self._fs_hz) + 2 - first
        step_s = STEP_S if burst.end_s - burst.onset_s < LONG_S else LONG_STEP_S
        times_s = np.arange(0.0, n_samples / self._fs_hz + step_s, step_s)
        shape = burst_shape(burst.onset_s + times_s, burst)
        share = np.clip(shape / max(float(shape.max()), LEAST_POWER), 0.0, 1.0)
        active = _active(rng, self._pool, share, step_s, burst.firing)
        drive = np.where(share > 0.0, RATE_FLOOR + (1.0 - RATE_FLOOR) * share, 0.0) * RATE_PPS[burst.firing]
        fired = np.cumsum(drive) * step_s
        power = np.zeros(len(times_s))
        total = np.zeros(n_samples)
        # The units of one potential at a time, so that a long cramp does not fill the memory.
        for shape_number, potential in enumerate(self._pool.potentials):
            some = np.flatnonzero(self._pool.shapes == shape_number)
            if not len(some):
                continue
            rates, amplitudes = self._pool.rates[some], self._pool.amplitudes[some]
            train_s, unit = trains(rng, rates, (fired, times_s), burst.firing)
            kept = active[some[unit], np.minimum((train_s / step_s).astype(np.int64), len(times_s) - 1)]
            samples = np.minimum((train_s[kept] * self._fs_hz).astype(np.int64), n_samples - 1)
            total += _same(np.bincount(samples, amplitudes[unit[kept]], n_samples).astype(np.float64), potential)
            power += (rates * amplitudes**2) @ active[some]
        lowest = RATE_FLOOR * RATE_PPS[burst.firing]
        expected = np.sqrt(np.maximum(drive, lowest) * np.maximum(power, LEAST_POWER) / self._fs_hz)
        # A potential goes on after its unit has stopped: what is left of it must not be blown up.
        expected = ndimage.maximum_filter1d(expected, 2 * round(POTENTIAL_S / step_s / 2.0) + 1)
        total /= np.interp(np.arange(n_samples) / self._fs_hz, times_s, expected)
        return first, total.astype(np.float32)


def _same(signal: NDArray[np.float64], kernel: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return a convolution as long as the signal, centred on the kernel's middle."""
    begin = len(kernel) // 2
    return np.asarray(np.convolve(signal, kernel)[begin : begin + len(signal)])


def trains(
    rng: np.random.Generator,
    rates: NDArray[np.float64],
    drive: tuple[NDArray[np.float64], NDArray[np.float64]],
    firing: Firing,
) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Draw when some units fire: a renewal process of each, stretched by the common drive.

    Parameters
    ----------
    rng : numpy.random.Generator
        Source of randomness.
    rates : ndarray of float64, shape (n_units,)
        Rates relative to the mean.
    drive : tuple of ndarray of float64, shape (n_steps,)
        How often a unit of mean rate has fired until each time, rising, and the times, s.
    firing : Firing
        How regularly they fire.

    Returns
    -------
    ndarray of float64, shape (n_firings,)
        Times, s; in order within a unit, doublets after all others.
    ndarray of int64, shape (n_firings,)
        Which unit fires.
    """
    fired, times_s = drive
    cov = INTERVAL_COV[firing]
    longest = int(1.3 * fired[-1] * float(rates.max())) + 10
    intervals = np.maximum(1.0 + cov * rng.standard_normal((len(rates), longest)), SHORTEST_INTERVAL)
    intervals[:, 0] *= rng.random(len(rates))
    places = np.cumsum(intervals, axis=1) / rates[:, None]
    unit, column = np.nonzero(places < fired[-1])
    train_s = np.interp(places[unit, column], fired, times_s)
    if firing is Firing.CRAMP:
        again = rng.random(len(train_s)) < DOUBLET_SHARE
        doublets_s = train_s[again] + rng.uniform(*DOUBLET_S, int(again.sum()))
        train_s, unit = np.concatenate([train_s, doublets_s]), np.concatenate([unit, unit[again]])
    return train_s, unit


def _active(
    rng: np.random.Generator, pool: Pool, share: NDArray[np.float64], step_s: float, firing: Firing
) -> NDArray[np.bool_]:
    """Return which units are active at each step of the grid, shape (n_units, n_steps)."""
    active = share[None, :] >= pool.recruited[:, None]
    if firing is not Firing.CRAMP:
        return active
    steps = np.arange(len(share)) * step_s
    turns = int(2.0 * steps[-1] / (ACTIVE_S + PAUSE_S)) + 10
    for number in range(len(active)):
        lengths_s = rng.gamma(2.0, 0.5, turns) * np.where(np.arange(turns) % 2, PAUSE_S, ACTIVE_S)
        begins_s = np.cumsum(lengths_s) - rng.random() * (ACTIVE_S + PAUSE_S)
        active[number] &= np.searchsorted(begins_s, steps) % 2 == 0
    # A cramp goes on: where by chance nobody would fire, the smallest do.
    nobody = active.sum(axis=0) < FIRST_UNITS
    active[:FIRST_UNITS, nobody] = True
    return active


def _potential(rng: np.random.Generator, corners_hz: tuple[float, float], fs_hz: float) -> NDArray[np.float64]:
    """Draw a potential of two or three phases whose spectrum is that of surface EMG."""
    low_hz, high_hz = (corner * np.exp(CORNER_SPREAD * rng.standard_normal()) for corner in corners_hz)
    spectrum = shwedyk(float(low_hz), float(high_hz))(fft.rfftfreq(GRID, 1.0 / fs_hz))
    turned = spectrum * np.exp(1j * rng.uniform(0.0, 2.0 * np.pi))
    n_taps = int(POTENTIAL_S * fs_hz) | 1
    kernel = np.roll(fft.irfft(turned, GRID), n_taps // 2)[:n_taps] * np.hanning(n_taps + 2)[1:-1]
    kernel -= kernel.mean()
    return np.asarray(kernel / np.sqrt(np.sum(kernel**2)))
