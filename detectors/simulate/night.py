"""A whole simulated night, played out piece by piece."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from detectors.simulate.acceleration import AccelerationChunks, AccelerationSetup
from detectors.simulate.agenda import LEGS, plan_night
from detectors.simulate.character import character
from detectors.simulate.emg import TIBIALIS_ANTERIOR, EmgChunks, EmgSetup
from detectors.simulate.regimes import Regime, named_regime

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from detectors.signal import Leg
    from detectors.simulate.truth import TruthEvent

S_PER_H = 3600.0
EMG_FS_HZ = 500.0
ACCELERATION_FS_HZ = 50.0


class LegSignal:
    """EMG and acceleration of one leg, made when they are asked for.

    Any piece of the night is the same to the bit whatever was asked for before. One chunk of each
    signal is kept, so that reading on is cheap and a night never has to fit into memory.

    Parameters
    ----------
    leg : Leg
        The leg.
    truth : tuple of TruthEvent
        What happens to it, in order of time.
    emg : EmgSetup
        What the EMG is made from.
    acceleration : AccelerationSetup
        What the acceleration is made from.
    duration_s : float
        Length of the night, s.

    Examples
    --------
    >>> signal = simulate_night(0.1, seed=1, regime="clean").legs[0]
    >>> signal.emg(0, 100).shape, signal.acceleration(0, 50).shape
    ((100, 1), (50, 3))
    >>> bool((signal.emg(0, 100)[40:60] == signal.emg(40, 60)).all())
    True
    """

    __slots__ = (
        "_acceleration",
        "_emg",
        "acceleration_fs_hz",
        "emg_fs_hz",
        "leg",
        "muscles",
        "n_acceleration",
        "n_emg",
        "truth",
    )

    def __init__(
        self,
        leg: Leg,
        truth: tuple[TruthEvent, ...],
        emg: EmgSetup,
        acceleration: AccelerationSetup,
        duration_s: float,
    ) -> None:
        self.leg = leg
        self.truth = truth
        self.muscles = emg.muscles
        self.emg_fs_hz = emg.fs_hz
        self.acceleration_fs_hz = acceleration.fs_hz
        self.n_emg = round(duration_s * emg.fs_hz)
        self.n_acceleration = round(duration_s * acceleration.fs_hz)
        emg_chunks, acceleration_chunks = EmgChunks(emg), AccelerationChunks(acceleration)
        self._emg = _Reader(emg_chunks, emg_chunks.samples, self.n_emg)
        self._acceleration = _Reader(acceleration_chunks, acceleration_chunks.samples, self.n_acceleration)

    def emg(self, start: int, stop: int) -> NDArray[np.float32]:
        """Return EMG samples ``[start, stop)``.

        Parameters
        ----------
        start, stop : int
            Sample indices from the start of the night.

        Returns
        -------
        ndarray of float32, shape (stop - start, n_muscles)
            EMG, µV.

        Raises
        ------
        ValueError
            If the range does not lie inside the night.
        """
        return self._emg.read(start, stop)

    def acceleration(self, start: int, stop: int) -> NDArray[np.float32]:
        """Return acceleration samples ``[start, stop)``.

        Parameters
        ----------
        start, stop : int
            Sample indices from the start of the night.

        Returns
        -------
        ndarray of float32, shape (stop - start, 3)
            Acceleration along x (the leg), y and z, g.

        Raises
        ------
        ValueError
            If the range does not lie inside the night.
        """
        return self._acceleration.read(start, stop)


@dataclass(frozen=True, slots=True)
class SimulatedNight:
    """Two legs for a night, and the truth about them.

    Parameters
    ----------
    seed : int
        Seed that it was made from.
    regime : Regime
        Kind of night.
    duration_s : float
        Length, s.
    legs : tuple of LegSignal
        Left and right.
    """

    seed: int
    regime: Regime
    duration_s: float
    legs: tuple[LegSignal, ...]

    @property
    def truth(self) -> tuple[TruthEvent, ...]:
        """What happens on both legs, in order of time."""
        return tuple(sorted((event for leg in self.legs for event in leg.truth), key=lambda event: event.onset_s))


def simulate_night(
    hours: float,
    seed: int,
    regime: Regime | str,
    *,
    muscles: tuple[str, ...] = (TIBIALIS_ANTERIOR,),
    emg_fs_hz: float = EMG_FS_HZ,
    acceleration_fs_hz: float = ACCELERATION_FS_HZ,
) -> SimulatedNight:
    """Simulate a night of both legs with known truth.

    Parameters
    ----------
    hours : float
        Length, h.
    seed : int
        Seed, not negative; the same seed gives the same night.
    regime : Regime or str
        Kind of night, or its name (``clean``, ``hard``).
    muscles : tuple of str
        One EMG channel each; movements are strong in the tibialis anterior, cramps in any other muscle.
    emg_fs_hz, acceleration_fs_hz : float
        Sampling rates, Hz.

    Returns
    -------
    SimulatedNight
        Both legs, made when they are asked for, and the truth.

    Raises
    ------
    ValueError
        If the length is not positive, the seed is negative or the regime is unknown.

    Notes
    -----
    Numbers found on simulated nights say that the code works; they say nothing about people.

    Examples
    --------
    >>> night = simulate_night(0.5, seed=3, regime="clean")
    >>> [leg.leg.value for leg in night.legs], sum(event.kind == "cramp" for event in night.truth)
    (['left', 'right'], 1)
    """
    if not (np.isfinite(hours) and hours > 0):
        msg = f"hours is {hours}, expected a positive length of the night"
        raise ValueError(msg)
    if seed < 0:
        msg = f"seed is {seed}, expected a whole number from 0"
        raise ValueError(msg)
    chosen = named_regime(regime) if isinstance(regime, str) else regime
    duration_s = hours * S_PER_H
    plans = plan_night(duration_s, seed, chosen)
    legs = []
    for number, leg in enumerate(LEGS):
        plan, constants = plans[leg], character(seed, number, chosen)
        emg = EmgSetup(seed, number, emg_fs_hz, muscles, plan, constants, chosen.emg)
        noise_g = chosen.acceleration.noise_g
        acceleration = AccelerationSetup(seed, number, acceleration_fs_hz, plan, constants, noise_g)
        legs.append(LegSignal(leg, plan.truth, emg, acceleration, duration_s))
    return SimulatedNight(seed, chosen, duration_s, tuple(legs))


class _Reader:
    """Ranges of samples out of whole chunks, keeping the last chunk."""

    __slots__ = ("_chunk", "_held", "_make", "_number", "_size")

    def __init__(self, make: Callable[[int], NDArray[np.float32]], chunk: int, size: int) -> None:
        self._make = make
        self._chunk = chunk
        self._size = size
        self._number = -1
        self._held = np.empty((0, 0), dtype=np.float32)

    def read(self, start: int, stop: int) -> NDArray[np.float32]:
        """Return samples ``[start, stop)``."""
        if not 0 <= start <= stop <= self._size:
            msg = f"samples [{start}, {stop}) asked for, expected a range inside [0, {self._size})"
            raise ValueError(msg)
        pieces = []
        for number in range(start // self._chunk, max(start, stop - 1) // self._chunk + 1):
            first = number * self._chunk
            pieces.append(self._minute(number)[max(start - first, 0) : stop - first])
        return np.concatenate(pieces)

    def _minute(self, number: int) -> NDArray[np.float32]:
        """Return one chunk, made once while reading on."""
        if number != self._number:
            self._held = self._make(number)
            self._number = number
        return self._held
