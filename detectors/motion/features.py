"""From acceleration samples to movement, resting level, gravity and tilt."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from detectors.filters import SectionFilter, SlidingMean, band_pass, hop_means, sliding_sum
from detectors.framing import MOTION_HOP_S, Framer, Piece, grid_of
from detectors.resting import RestingLevel, RestingScale, Spans
from detectors.signal import Flag, Gap, Quantity, Track, TrackName, Unit

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    from detectors.criteria import Criteria
    from detectors.motion.criteria import MotionCriteria
    from detectors.signal import Clock, SampleBlock, Stream

N_AXES: Final = 3
GRAVITY: Final = (TrackName.GRAVITY_X_G, TrackName.GRAVITY_Y_G, TrackName.GRAVITY_Z_G)
# A sensor that measures less than this while nothing changes is not at rest but dead: at rest it measures 1 g.
_LEAST_GRAVITY_G: Final = 0.5


def motion_band(fs_hz: float, criteria: MotionCriteria) -> tuple[float, float]:
    """Return the pass band of the dynamic path.

    Parameters
    ----------
    fs_hz : float
        Sampling rate, Hz.
    criteria : MotionCriteria
        The wanted band.

    Returns
    -------
    tuple of float
        Lower and upper edge, Hz.
    """
    return criteria.band_low_hz, min(criteria.band_high_hz, criteria.nyquist_share * fs_hz)


@dataclass(frozen=True, slots=True)
class _Measured:
    """A piece after everything but the resting level."""

    first_hop: int
    clock: Clock
    movement: NDArray[np.float64]
    gravity: NDArray[np.float64]
    tilt: NDArray[np.float64]
    flags: NDArray[np.uint8]
    settling: int
    spans: Spans


class MotionFeatures:
    """Measure the acceleration of one sensor (science.md 5.3, 5.4).

    Parameters
    ----------
    stream : Stream
        Three axes, in g.
    criteria : Criteria
        ``motion`` for band and envelope, ``resting`` for the time constants of the resting level,
        ``orientation`` for the length of the mean that the tilt is taken from.

    Raises
    ------
    ValueError
        If the stream is not acceleration of three axes in g, or too slow for the band.

    Notes
    -----
    Tracks of one span come slow first, once per frame of about a second: ``resting_movement_g``,
    ``resting_movement_mad_g``, the mean of the frame as ``gravity_x_g``, ``gravity_y_g`` and
    ``gravity_z_g``, and ``tilt_deg``, the angle of the z axis above the horizontal, from the mean
    of the last seconds. Then comes ``movement_g`` once per hop of about 20 ms.
    """

    def __init__(self, stream: Stream, criteria: Criteria) -> None:
        _expect_acceleration(stream)
        motion = criteria.motion
        self._stream = stream
        self._grid = grid_of(stream.fs_hz, MOTION_HOP_S)
        self._framer = Framer(stream, self._grid)
        band = motion_band(stream.fs_hz, motion)
        self._filter = SectionFilter(band_pass(motion.filter_order, *band, stream.fs_hz))
        hop_s = self._grid.hop / stream.fs_hz
        self._window = SlidingMean(max(1, round(motion.envelope_s / hop_s)))
        self._tilt = _Tilt(max(1, round(criteria.orientation.mean_s)))
        self._sample_every = max(1, round(criteria.resting.sample_s / hop_s))
        scale = RestingScale(motion.gate_g, motion.gate_ratio, motion.rise_g, motion.fall_g, motion.floor_g)
        self._resting = RestingLevel(criteria.resting, scale, 1 / (self._sample_every * hop_s))
        self._held: list[_Measured | Gap] = []
        self._next_frame = 0

    def feed(self, item: SampleBlock | Gap) -> list[Track | Gap]:
        """Take consecutive samples, or a gap.

        Parameters
        ----------
        item : SampleBlock or Gap
            In order.

        Returns
        -------
        list of Track or Gap
            What is known now.
        """
        self._measure(self._framer.feed(item))
        return self._released() if self._resting.ready else []

    def finish(self) -> list[Track | Gap]:
        """Return what was held back."""
        self._measure(self._framer.finish())
        self._resting.settle()
        return self._released()

    def _measure(self, pieces: Iterable[Piece | Gap]) -> None:
        for piece in pieces:
            if isinstance(piece, Gap):
                self._held.append(piece)
                continue
            measured = self._measured(piece)
            if measured is not None:
                self._resting.offer(measured.spans)
                self._held.append(measured)

    def _measured(self, piece: Piece) -> _Measured | None:
        """Measure one piece; None if it does not fill a hop."""
        hop = self._grid.hop
        if piece.restart:
            self._filter.restart()
            self._window.restart()
        filtered = self._filter.feed(piece.data)
        lead = -piece.start % hop
        n_hops = (len(filtered) - lead) // hop
        if n_hops < 1:
            return None
        inside = slice(lead, lead + n_hops * hop)
        x, y, z = (np.ascontiguousarray(axis) for axis in filtered[inside].T)
        movement = np.sqrt(self._window.feed(hop_means(x * x + y * y + z * z, hop)))
        n_frames = max(1, n_hops // self._grid.hops_per_frame)
        axes = [np.ascontiguousarray(axis).reshape(n_frames, -1) for axis in piece.data[inside].T]
        gravity = np.stack([axis.sum(axis=1) / axis.shape[1] for axis in axes])
        dead = np.logical_and.reduce([(axis == axis[:, :1]).all(axis=1) for axis in axes])
        dead &= (gravity * gravity).sum(axis=0) < _LEAST_GRAVITY_G**2
        flags = np.where(dead, Flag.FLAT.value, Flag.GOOD.value).astype(np.uint8)
        settling = min(self._window.width, n_hops) if piece.restart else 0
        rows = movement.reshape(n_frames, -1)
        first = self._sample_every - 1
        first += -(-max(settling - first, 0) // self._sample_every) * self._sample_every
        spans = Spans(rows[:, first :: self._sample_every], ~dead)
        first_hop = (piece.start + lead) // hop
        return _Measured(first_hop, piece.clock, movement, gravity, self._tilt.feed(gravity), flags, settling, spans)

    def _released(self) -> list[Track | Gap]:
        """Give what was measured its resting level, and let it go."""
        held, self._held = self._held, []
        out: list[Track | Gap] = []
        for item in held:
            out += [item] if isinstance(item, Gap) else self._tracks(item)
        return out

    def _tracks(self, measured: _Measured) -> list[Track | Gap]:
        levels = self._resting.follow(measured.spans)
        hop_flags = np.repeat(measured.flags, len(measured.movement) // len(measured.flags))
        hop_flags[: measured.settling] |= Flag.UNSETTLED.value
        frame = measured.first_hop // self._grid.hops_per_frame
        tracks: list[Track | Gap] = []
        if frame >= self._next_frame:
            self._next_frame = frame + len(levels.level)
            slow = {
                TrackName.RESTING_MOVEMENT_G: levels.level,
                TrackName.RESTING_MOVEMENT_MAD_G: levels.spread,
                **dict(zip(GRAVITY, measured.gravity, strict=True)),
                TrackName.TILT_DEG: measured.tilt,
            }
            at = (frame * self._grid.frame, self._grid.frame)
            tracks += [
                Track(self._stream, measured.clock, name, *at, values, measured.flags) for name, values in slow.items()
            ]
        at = (measured.first_hop * self._grid.hop, self._grid.hop)
        tracks.append(Track(self._stream, measured.clock, TrackName.MOVEMENT_G, *at, measured.movement, hop_flags))
        return tracks


class _Tilt:
    """Angle of the z axis above the horizontal, from the mean of the last frames."""

    def __init__(self, n_frames: int) -> None:
        self._tails = np.empty((N_AXES, 0))
        self._n_frames = n_frames

    def feed(self, gravity: NDArray[np.float64]) -> NDArray[np.float64]:
        n_new = gravity.shape[1]
        known = np.concatenate((self._tails, gravity), axis=1)
        self._tails = known[:, -(self._n_frames - 1) :] if self._n_frames > 1 else known[:, :0]
        missing = self._n_frames - 1 + n_new - known.shape[1]
        padded = np.concatenate((np.zeros((N_AXES, missing)), known), axis=1)
        # The length of a mean does not change an angle, so that sums do.
        x, y, z = (sliding_sum(axis, self._n_frames) for axis in padded)
        tilt: NDArray[np.float64] = np.degrees(np.arctan2(z, np.sqrt(x * x + y * y)))
        return tilt


def _expect_acceleration(stream: Stream) -> None:
    if stream.quantity is not Quantity.ACCELERATION or stream.unit is not Unit.G or len(stream.axes) != N_AXES:
        got = f"{len(stream.axes)} x {stream.quantity} in {stream.unit}"
        msg = f"{stream.sensor}: stream is {got}, expected {N_AXES} axes of acceleration in g"
        raise ValueError(msg)
