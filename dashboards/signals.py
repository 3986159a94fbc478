"""Signals as a page draws them: tracks, raw samples, and a long stretch in few values."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from detectors.signal import Leg, Quantity, Unit
    from detectors.track import TrackName


@dataclass(frozen=True, slots=True)
class TrackView:
    """A track as a page draws it.

    Parameters
    ----------
    sensor : str
        Sensor it was derived from.
    leg : Leg
        Leg of the sensor.
    name : TrackName
        What the values are; the unit is in the name.
    start_ns : int
        UTC of the start of the first value, ns.
    hop_s : float
        Time from one value to the next, s.
    values : ndarray of float32, shape (n,)
        The values; NaN where nothing was measured.
    """

    sensor: str
    leg: Leg
    name: TrackName
    start_ns: int
    hop_s: float
    values: NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class RawView:
    """Consecutive raw samples of one stream, without a gap inside.

    Parameters
    ----------
    sensor : str
        Sensor that measured them.
    leg : Leg
        Leg of the sensor.
    quantity : Quantity
        What is measured.
    unit : Unit
        Unit of the samples.
    axes : tuple of str
        Names of the columns.
    start_ns : int
        UTC of the first sample, ns.
    fs_hz : float
        Sampling rate, Hz.
    data : ndarray of float32, shape (n_samples, n_axes)
        The samples.
    """

    sensor: str
    leg: Leg
    quantity: Quantity
    unit: Unit
    axes: tuple[str, ...]
    start_ns: int
    fs_hz: float
    data: NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Stretch:
    """A short piece of a night at full resolution.

    Parameters
    ----------
    signals : tuple of RawView
        Raw samples of the sensor that was asked for, every quantity that it measures; a gap starts a new view.
    tracks : tuple of TrackView
        ``envelope_uv`` and ``resting_uv`` (and others, where they are at hand) of the same stretch on the hop grid of
        the detectors; a gap starts a new view.
    """

    signals: tuple[RawView, ...]
    tracks: tuple[TrackView, ...] = ()


class UnreadableLogError(Exception):
    """The samples of a night cannot be read; what was scored of it stands. The message is for a person."""


@dataclass(frozen=True, slots=True)
class ExtremesView:
    """A stretch of one stream in few values, so that no peak is lost and a night opens as fast as a second.

    Parameters
    ----------
    sensor : str
        Sensor that measured it.
    leg : Leg
        Leg of the sensor.
    quantity : Quantity
        What is measured.
    unit : Unit
        Unit of the samples.
    axes : tuple of str
        Names of the columns.
    start_ns : int
        UTC of the first sample of the first bucket, ns.
    hop_s : float
        Time from one bucket to the next, s.
    low, high : ndarray of float32, shape (n_buckets, n_axes)
        Lowest and highest sample of each bucket; NaN where nothing was measured.
    whole : bool
        Whether this is all of the stretch; False while the night runs, or while they are made for the first time.
    """

    sensor: str
    leg: Leg
    quantity: Quantity
    unit: Unit
    axes: tuple[str, ...]
    start_ns: int
    hop_s: float
    low: NDArray[np.float32]
    high: NDArray[np.float32]
    whole: bool = True
