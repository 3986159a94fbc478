"""Samples and gaps: the values that flow from a sensor to a detector.

A stream is one quantity of one sensor with one sample count. Time inside a stream is that count;
a :class:`Clock` turns it into UTC nanoseconds when two streams have to meet.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

NS_PER_S = 1_000_000_000
S_PER_MIN = 60.0
S_PER_H = 3600.0


class Leg(StrEnum):
    """The leg that a sensor is worn on."""

    LEFT = "left"
    RIGHT = "right"
    BOTH = "both"
    UNKNOWN = "unknown"


class Quantity(StrEnum):
    """What a stream measures."""

    EMG = "emg"
    ACCELERATION = "acceleration"
    ROTATION = "rotation"
    OTHER = "other"


class Unit(StrEnum):
    """The unit of a stream's samples."""

    MICROVOLT = "uV"
    G = "g"
    DEGREES_PER_SECOND = "dps"
    COUNTS = "counts"


@dataclass(frozen=True, slots=True)
class Stream:
    """One quantity of one sensor, with one sample count.

    Parameters
    ----------
    sensor : str
        Name of the sensor, as the wearer configured it.
    leg : Leg
        The leg it is worn on.
    site : str
        Muscle or place, for example ``tibialis anterior`` or ``ankle``.
    quantity : Quantity
        What is measured.
    unit : Unit
        Unit of every sample.
    axes : tuple of str
        Names of the columns of a block, for example ``("x", "y", "z")``.
    fs_hz : float
        Nominal sampling rate, Hz.
    segment : int
        Counts up when the origin of the sample count is lost (reboot, unknown loss).

    Raises
    ------
    ValueError
        If the rate is not positive and finite, or there is no axis.
    """

    sensor: str
    leg: Leg
    site: str
    quantity: Quantity
    unit: Unit
    axes: tuple[str, ...]
    fs_hz: float
    segment: int = 0

    def __post_init__(self) -> None:
        if not (math.isfinite(self.fs_hz) and self.fs_hz > 0):
            msg = f"{self.sensor}: fs_hz is {self.fs_hz}, expected a positive sampling rate in Hz"
            raise ValueError(msg)
        if not self.axes:
            msg = f"{self.sensor}: a stream needs at least one axis, got none"
            raise ValueError(msg)


@dataclass(frozen=True, slots=True)
class Knot:
    """One point of a clock: sample `index` happened at `time_ns`, and samples follow at `fs_hz`."""

    index: int
    time_ns: int
    fs_hz: float


@dataclass(frozen=True, slots=True)
class Clock:
    """A line from sample index to UTC, in pieces.

    Knots are added during the night and never change, and :meth:`at` uses the last knot at or
    before an index, so the time of a sample does not depend on how the stream was cut.

    Parameters
    ----------
    knots : tuple of Knot
        At least one, with strictly rising indices.

    Raises
    ------
    ValueError
        If there is no knot or the indices do not rise.

    Examples
    --------
    >>> clock = Clock((Knot(0, 0, 500.0), Knot(1000, 2_000_100_000, 500.0)))
    >>> clock.at(500), clock.at(1000)
    (1000000000, 2000100000)
    """

    knots: tuple[Knot, ...]

    def __post_init__(self) -> None:
        if not self.knots:
            msg = "a clock needs at least one knot, got none"
            raise ValueError(msg)
        if len(self.knots) > 1 and self.knots[-2].index >= self.knots[-1].index:
            msg = f"knots must rise: {self.knots[-2].index} is followed by {self.knots[-1].index}"
            raise ValueError(msg)

    def at(self, index: int) -> int:
        """Return the UTC time of a sample, ns; before the first knot its line is extended."""
        knot = self.knots[max(bisect_right(self.knots, index, key=lambda knot: knot.index) - 1, 0)]
        return knot.time_ns + round((index - knot.index) * NS_PER_S / knot.fs_hz)

    def index_at(self, t_ns: int) -> int:
        """Return the sample that a UTC time, ns, falls into; the inverse of :meth:`at` where time was not moved."""
        knot = self.knots[max(bisect_right(self.knots, t_ns, key=lambda knot: knot.time_ns) - 1, 0)]
        return knot.index + round((t_ns - knot.time_ns) * knot.fs_hz / NS_PER_S)

    def with_knot(self, knot: Knot) -> Clock:
        """Return the clock with one more knot at its end; ValueError if time would run backwards there."""
        if knot.time_ns < (least_ns := self.at(knot.index - 1)):
            msg = f"knot at sample {knot.index} is at {knot.time_ns} ns, expected {least_ns} ns or later"
            raise ValueError(msg)
        return Clock((*self.knots, knot))


@dataclass(frozen=True, slots=True)
class SampleBlock:
    """Consecutive samples of one stream, with no gap inside.

    Parameters
    ----------
    stream : Stream
        Where the samples come from.
    clock : Clock
        The clock in force at the last sample of the block.
    start : int
        Index of the first sample, counted from the start of the segment.
    data : ndarray of float, shape (n_samples, n_axes)
        Samples in ``stream.unit``; n_samples may be 0.

    Raises
    ------
    ValueError
        If the shape does not fit the stream.
    """

    stream: Stream
    clock: Clock
    start: int
    data: NDArray[np.floating]

    def __post_init__(self) -> None:
        n_axes = len(self.stream.axes)
        if self.data.ndim != 2 or self.data.shape[1] != n_axes:  # noqa: PLR2004 - rows and columns
            msg = f"{self.stream.sensor}: data has shape {self.data.shape}, expected (n_samples, {n_axes})"
            raise ValueError(msg)

    @property
    def stop(self) -> int:
        """Index after the last sample."""
        return self.start + len(self.data)


class GapCause(StrEnum):
    """Why samples are missing."""

    AIR = "air"
    DEVICE = "device"
    RECONNECT = "reconnect"
    MALFORMED = "malformed"
    SILENCE = "silence"
    END = "end"


@dataclass(frozen=True, slots=True)
class Gap:
    """Samples that are missing; the only way to say so.

    Parameters
    ----------
    stream : Stream
        Where they are missing.
    clock : Clock
        The clock in force.
    first_missing : int
        Index of the first missing sample.
    n_missing : int or None
        How many, or None while the stream is silent and the end is not known.
    cause : GapCause
        Why.
    """

    stream: Stream
    clock: Clock
    first_missing: int
    n_missing: int | None
    cause: GapCause


@dataclass(frozen=True, slots=True)
class Watermark:
    """No sample of `stream` from before `t_ns` will come any more."""

    stream: Stream
    t_ns: int
