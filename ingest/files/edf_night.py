"""A simulated night as the channels of a recorder: labels, steps, stored numbers."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from detectors.signal import Leg
from ingest.files.edf_channels import AXES, MUSCLES

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from detectors.simulate import LegSignal, SimulatedNight

    Read = Callable[[int, int], NDArray[np.floating]]

STORED_MIN, STORED_MAX = -32768, 32767
# A clinical amplifier's step; ±3.2 mV holds five times the level of the strongest cramp.
EMG_STEP_UV = 0.1
# The step of a 16-bit accelerometer of ±8 g.
ACCELERATION_STEP_G = 0.00025
SIDES = {Leg.LEFT: "L", Leg.RIGHT: "R"}


@dataclass(frozen=True, slots=True)
class Written:
    """One channel of the file.

    Parameters
    ----------
    label, unit : str
        As they stand in the header.
    step : float
        Size of one stored number, in `unit`.
    n_per_s : int
        Samples per second.
    read : callable
        Returns samples ``[start, stop)`` in `unit`, shape (stop - start,).
    """

    label: str
    unit: str
    step: float
    n_per_s: int
    read: Read

    @property
    def physical_range(self) -> tuple[float, float]:
        """What the smallest and the largest stored number mean, in `unit`; eight characters hold them."""
        return round(STORED_MIN * self.step, 5), round(STORED_MAX * self.step, 5)

    def stored(self, begin_s: int, end_s: int) -> NDArray[np.int16]:
        """Return the stored numbers of whole seconds.

        Parameters
        ----------
        begin_s, end_s : int
            Seconds from the start of the night.

        Returns
        -------
        ndarray of int16, shape (end_s - begin_s, n_per_s)
            What lies beyond the range stops at its end, as in a recorder.
        """
        samples = self.read(begin_s * self.n_per_s, end_s * self.n_per_s)
        stored: NDArray[np.int16] = np.clip(np.rint(samples / self.step), STORED_MIN, STORED_MAX).astype(np.int16)
        return stored.reshape(end_s - begin_s, self.n_per_s)


def written_channels(night: SimulatedNight) -> list[Written]:
    """Return the channels of a night: of each leg its muscles, then its acceleration.

    Parameters
    ----------
    night : SimulatedNight
        The night.

    Returns
    -------
    list of Written
        In the order of the file.

    Raises
    ------
    ValueError
        If a muscle has no label, or a second does not hold a whole number of samples.

    Examples
    --------
    >>> from detectors.simulate import simulate_night
    >>> [channel.label for channel in written_channels(simulate_night(0.01, seed=1, regime="clean"))][:4]
    ['EMG TA-L', 'ACC-L x', 'ACC-L y', 'ACC-L z']
    """
    return [channel for leg in night.legs for channel in (*_emg(leg), *_acceleration(leg))]


def _emg(leg: LegSignal) -> list[Written]:
    codes = {muscle: code for code, muscle in MUSCLES.items()}
    unknown = [muscle for muscle in leg.muscles if muscle not in codes]
    if unknown:
        msg = f"{leg.leg}: muscle is {unknown[0]!r}, expected one of {', '.join(codes)}"
        raise ValueError(msg)
    labels = [f"EMG {codes[muscle].upper()}-{SIDES[leg.leg]}" for muscle in leg.muscles]
    n_per_s = _whole(leg.emg_fs_hz, leg.leg)
    return [
        Written(label, "uV", EMG_STEP_UV, n_per_s, partial(_column, leg.emg, number))
        for number, label in enumerate(labels)
    ]


def _acceleration(leg: LegSignal) -> list[Written]:
    n_per_s = _whole(leg.acceleration_fs_hz, leg.leg)
    return [
        Written(
            f"ACC-{SIDES[leg.leg]} {axis}",
            "g",
            ACCELERATION_STEP_G,
            n_per_s,
            partial(_column, leg.acceleration, number),
        )
        for number, axis in enumerate(AXES)
    ]


def _column(read: Read, number: int, start: int, stop: int) -> NDArray[np.floating]:
    return read(start, stop)[:, number]


def _whole(fs_hz: float, leg: Leg) -> int:
    if not fs_hz.is_integer():
        msg = f"{leg}: sampling rate is {fs_hz} Hz, expected whole samples per second"
        raise ValueError(msg)
    return int(fs_hz)
