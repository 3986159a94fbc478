"""From acceleration samples to movement, resting level, gravity and tilt."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Final

import numpy as np

from detectors.envelope import Envelope, Hops, Levelling, Measured
from detectors.filters import band_pass, sliding_sum
from detectors.framing import MOTION_HOP_S, Framer, Piece, grid_of
from detectors.resting import Levels, RestingLevel, RestingScale
from detectors.signal import Gap, Quantity, Unit
from detectors.track import Flag, Track, TrackName

if TYPE_CHECKING:
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
        sections = band_pass(motion.filter_order, *band, stream.fs_hz)
        hop_s = self._grid.hop / stream.fs_hz
        self._envelope = Envelope(self._grid, hop_s, sections, motion.envelope_s, criteria.resting.sample_s)
        self._tilt = _Tilt(max(1, round(criteria.orientation.mean_s)))
        scale = RestingScale(motion.gate_g, motion.gate_ratio, motion.rise_g, motion.fall_g, motion.floor_g)
        resting = RestingLevel(criteria.resting, scale, self._envelope.values_per_s)
        self._levelling = Levelling(resting, self._measured)
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
        return self._levelling.feed(self._framer.feed(item))

    def finish(self) -> list[Track | Gap]:
        """Return what was held back."""
        return self._levelling.finish(self._framer.finish())

    def _measured(self, piece: Piece) -> Measured | None:
        """Measure one piece; None if it does not fill a hop."""
        hops = self._envelope.feed(piece)
        if hops is None:
            return None
        n_frames = max(1, len(hops.power) // self._grid.hops_per_frame)
        axes = [np.ascontiguousarray(axis).reshape(n_frames, -1) for axis in piece.data[hops.inside].T]
        gravity = np.stack([axis.sum(axis=1) / axis.shape[1] for axis in axes])
        dead = np.logical_and.reduce([(axis == axis[:, :1]).all(axis=1) for axis in axes])
        dead &= (gravity * gravity).sum(axis=0) < _LEAST_GRAVITY_G**2
        flags = np.where(dead, Flag.FLAT.value, Flag.GOOD.value).astype(np.uint16)
        tracks = partial(self._tracks, piece.clock, hops, flags, (*gravity, self._tilt.feed(gravity)))
        return self._envelope.spans(hops, ~dead), tracks

    def _tracks(
        self,
        clock: Clock,
        hops: Hops,
        flags: NDArray[np.uint16],
        position: tuple[NDArray[np.float64], ...],
        levels: Levels,
    ) -> list[Track]:
        frame = hops.first // self._grid.hops_per_frame
        tracks: list[Track] = []
        if frame >= self._next_frame:
            self._next_frame = frame + len(levels.level)
            slow = {
                TrackName.RESTING_MOVEMENT_G: levels.level,
                TrackName.RESTING_MOVEMENT_MAD_G: levels.spread,
                **dict(zip((*GRAVITY, TrackName.TILT_DEG), position, strict=True)),
            }
            at = (frame * self._grid.frame, self._grid.frame)
            tracks += [Track(self._stream, clock, name, *at, values, flags) for name, values in slow.items()]
        at = (hops.first * self._grid.hop, self._grid.hop)
        tracks.append(Track(self._stream, clock, TrackName.MOVEMENT_G, *at, hops.envelope, hops.flags(flags)))
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
