"""What one motion sensor did during the night, second by second: small enough to keep, enough for sleep and wear."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, TypeVar

import numpy as np

from detectors.framing import MOTION_HOP_S, grid_of
from detectors.signal import NS_PER_S
from detectors.track import Flag, TrackName

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    from detectors.annotations import Span
    from detectors.signal import Clock, Leg, Stream
    from detectors.track import Track

Value = TypeVar("Value", bound=np.generic)

_COLUMNS: Final = {
    TrackName.GRAVITY_X_G: 0,
    TrackName.GRAVITY_Y_G: 1,
    TrackName.GRAVITY_Z_G: 2,
    TrackName.ACTIVITY_G: 3,
    TrackName.SPREAD_G: 4,
    TrackName.PULSE_G: 5,
}
_GRAVITY: Final = slice(0, 3)
_ACTIVITY, _SPREAD, _PULSE = 3, 4, 5
_FIRST_ROWS: Final = 1024
_GROWTH: Final = 8


@dataclass(frozen=True, slots=True)
class Frames:
    """Frames of about a second, in order of time; frames that a gap left out are not there.

    Parameters
    ----------
    sensor : str
        The sensor.
    leg : Leg
        Its leg.
    frame_s : float
        Length of a frame, s.
    start_ns : ndarray of int64, shape (n_frames,)
        When each frame begins, UTC, ns.
    gravity_g : ndarray of float32, shape (n_frames, 3)
        Mean acceleration, g.
    activity_g : ndarray of float32, shape (n_frames,)
        Mean of what the dynamic acceleration exceeds its dead band by, g; NaN where it was not measured.
    spread_g : ndarray of float32, shape (n_frames,)
        Largest standard deviation over the axes, g; NaN where it was not measured.
    pulse_g : ndarray of float32, shape (n_frames,)
        RMS of the acceleration in the band of the heart beat, g; NaN where it was not measured.
    """

    sensor: str
    leg: Leg
    frame_s: float
    start_ns: NDArray[np.int64]
    gravity_g: NDArray[np.float32]
    activity_g: NDArray[np.float32]
    spread_g: NDArray[np.float32]
    pulse_g: NDArray[np.float32]


class MotionCourse:
    """Collect what the whole-night functions need from the tracks of one acceleration sensor.

    Parameters
    ----------
    stream : Stream
        Acceleration; its sensor, leg and rate are used. Later segments of it go into the same course.

    Notes
    -----
    A frame takes 38 bytes: about 1.1 MB for 8 h. Frames carry the time that their own clock gives
    them, so that gaps and restarts of the sensor show as jumps of time. Frames of a dead sensor are
    left out.
    """

    def __init__(self, stream: Stream) -> None:
        self._stream = stream
        self._frame = grid_of(stream.fs_hz, MOTION_HOP_S).frame
        self._numbers = np.empty(_FIRST_ROWS, np.int32)
        self._start_ns = np.empty(_FIRST_ROWS, np.int64)
        self._values = np.empty((_FIRST_ROWS, len(_COLUMNS)), np.float32)
        self._flags = np.empty(_FIRST_ROWS, np.uint16)
        self._n_rows = self._segment_row = 0
        self._segment = stream.segment
        self._left_out: tuple[Span, ...] = ()
        self._latest = (stream.segment, 0, 0)
        self._frames: Frames | None = None

    @property
    def stream(self) -> Stream:
        """The stream of the first segment."""
        return self._stream

    def feed(self, track: Track) -> None:
        """Take one track; those that are not measured once per frame are passed over.

        Parameters
        ----------
        track : Track
            In the order of the samples.

        Raises
        ------
        ValueError
            If it belongs to another sensor.
        """
        column = _COLUMNS.get(track.name)
        if column is None or not len(track.values):
            return
        if track.stream.sensor != self._stream.sensor:
            msg = f"{self._stream.sensor}: got a track of {track.stream.sensor}, expected one of this sensor"
            raise ValueError(msg)
        self._frames = None
        rows = self._rows(track)
        self._values[rows, column] = track.values
        self._flags[rows] |= track.quality

    def frames(self) -> Frames:
        """Return the frames so far, without those of a dead sensor and those that were left out.

        Where none is left out they are no copies, and good until the next track.
        """
        if self._frames is not None:
            return self._frames
        start_ns, values = self._start_ns[: self._n_rows], self._values[: self._n_rows]
        used = (self._flags[: self._n_rows] & Flag.FLAT.value) == 0
        used &= np.isfinite(values[:, _GRAVITY]).all(axis=1)
        if (start_ns[1:] < start_ns[:-1]).any():
            # A clock that is corrected may step back.
            order = np.argsort(start_ns, kind="stable")
            start_ns, values, used = start_ns[order], values[order], used[order]
        if self._left_out:
            used &= ~inside(start_ns, self._left_out)
        if not used.all():
            start_ns, values = start_ns[used], values[used]
        self._frames = Frames(
            self._stream.sensor,
            self._stream.leg,
            self._frame / self._stream.fs_hz,
            start_ns,
            values[:, _GRAVITY],
            values[:, _ACTIVITY],
            values[:, _SPREAD],
            values[:, _PULSE],
        )
        return self._frames

    def leave_out(self, spans: Iterable[Span]) -> None:
        """Leave out the frames that begin in some stretches from now on."""
        self._left_out, self._frames = (*self._left_out, *spans), None

    def without(self, spans: Iterable[Span]) -> MotionCourse:
        """Return the course without the frames that begin in some stretches, such as those in which it was not worn."""
        course = MotionCourse(self._stream)
        course.__dict__.update(self.__dict__)
        course.leave_out(spans)
        return course

    def _rows(self, track: Track) -> slice:
        """Return where the frames of a track stand, making room for new ones."""
        first, n_frames = track.start // track.hop, len(track.values)
        if (track.stream.segment, first, n_frames) == self._latest:
            # The tracks of a span come one after another.
            return slice(self._n_rows - n_frames, self._n_rows)
        if track.stream.segment != self._segment:
            self._segment, self._segment_row = track.stream.segment, self._n_rows
        known = self._numbers[self._segment_row : self._n_rows]
        row = self._segment_row + int(np.searchsorted(known, first))
        stop = row + n_frames
        if stop > self._n_rows:
            # The part of a frame before a gap may be there already.
            self._grow(stop)
            new = slice(self._n_rows, stop)
            numbers = np.arange(first + self._n_rows - row, first + n_frames)
            self._numbers[new] = numbers
            self._start_ns[new] = times_ns(track.clock, numbers * self._frame)
            self._values[new] = np.nan
            self._flags[new] = 0
            self._n_rows = stop
            self._latest = (self._segment, first, n_frames)
        return slice(row, stop)

    def _grow(self, n_rows: int) -> None:
        size = len(self._numbers)
        if n_rows <= size:
            return
        # Twice as many would be too many of a long night: by an eighth, and a copy of each row costs next to nothing.
        size = max(n_rows, size + size // _GROWTH)
        # One after the other: the earlier one of each is free before the next is made.
        self._numbers = _longer(self._numbers, size)
        self._start_ns = _longer(self._start_ns, size)
        self._values = _longer(self._values, size)
        self._flags = _longer(self._flags, size)


def _longer(rows: NDArray[Value], n_rows: int) -> NDArray[Value]:
    """Return rows with room for more behind them."""
    longer = np.empty((n_rows, *rows.shape[1:]), rows.dtype)
    longer[: len(rows)] = rows
    return longer


def times_ns(clock: Clock, indices: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the UTC time of many samples, as :meth:`detectors.signal.Clock.at` gives it.

    Parameters
    ----------
    clock : Clock
        The clock in force at the last of them.
    indices : ndarray of int64, shape (n,)
        Sample indices, rising.

    Returns
    -------
    ndarray of int64, shape (n,)
        UTC, ns.

    Examples
    --------
    >>> from detectors.signal import Clock, Knot
    >>> clock = Clock((Knot(0, 0, 500.0), Knot(1000, 2_000_100_000, 500.0)))
    >>> times_ns(clock, np.array([500, 1000])).tolist()
    [1000000000, 2000100000]
    """
    times = np.empty(len(indices), np.int64)
    at = 0
    while at < len(indices):
        position = max(bisect_right(clock.knots, int(indices[at]), key=lambda knot: knot.index), 1)
        knot = clock.knots[position - 1]
        more = position < len(clock.knots)
        stop = int(np.searchsorted(indices, clock.knots[position].index)) if more else len(indices)
        away = (indices[at:stop].astype(np.int64) - knot.index) * NS_PER_S
        times[at:stop] = knot.time_ns + np.rint(away / knot.fs_hz).astype(np.int64)
        at = stop
    return times


def inside(times: NDArray[np.int64], spans: Iterable[Span]) -> NDArray[np.bool_]:
    """Return which instants lie in any of some stretches.

    Parameters
    ----------
    times : ndarray of int64, shape (n,)
        UTC, ns, rising.
    spans : iterable of Span
        Half open stretches, in any order.

    Returns
    -------
    ndarray of bool, shape (n,)
        Whether each does.
    """
    found = np.zeros(len(times), np.bool_)
    edges = np.searchsorted(times, np.array(list(spans), np.int64).reshape(-1, 2)).tolist()
    for first, stop in edges:
        found[first:stop] = True
    return found
