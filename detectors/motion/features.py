"""From acceleration samples to movement, resting level, gravity and tilt."""

from __future__ import annotations

from functools import partial, reduce
from typing import TYPE_CHECKING, Final

import numpy as np

from detectors.envelope import Levelling, Measured
from detectors.framing import MOTION_HOP_S, Framer, Piece, grid_of
from detectors.motion.bands import Bands, MotionBands, frame_means
from detectors.motion.quality import FrameQuality, SpikeHold
from detectors.resting import Levels, RestingLevel, RestingScale
from detectors.signal import Gap, Quantity, Unit
from detectors.track import Flag, Track, TrackName

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from detectors.criteria import Criteria
    from detectors.signal import Clock, SampleBlock, Stream

N_AXES: Final = 3
# Frames that are measured together when samples come in small blocks: half of the cost is in the calls. What is found
# in acceleration waits some seconds for gravity anyway.
_TOGETHER: Final = 3
GRAVITY: Final = (TrackName.GRAVITY_X_G, TrackName.GRAVITY_Y_G, TrackName.GRAVITY_Z_G)


class MotionFeatures:
    """Measure the acceleration of one sensor (science.md 4.3, 5.3, 5.4, 7.2).

    Parameters
    ----------
    stream : Stream
        Three axes, in g.
    criteria : Criteria
        ``motion`` for bands, envelope and quality, ``jerk`` and ``possible_episode`` for their
        bands, ``resting`` for the time constants of the resting level, ``orientation`` for the
        length of the mean that the tilt is taken from.

    Raises
    ------
    ValueError
        If the stream is not acceleration of three axes in g, or too slow for the band.

    Notes
    -----
    Tracks of one span come slow first, once per frame of about a second: ``resting_movement_g``,
    ``resting_movement_mad_g``, the mean of the frame as ``gravity_x_g``, ``gravity_y_g`` and
    ``gravity_z_g``, ``tilt_deg``, the angle of the z axis above the horizontal, from the mean of
    the last seconds, ``spread_g``, the largest standard deviation of an axis, ``activity_g``,
    the mean of what the movement band has above ``activity_g``, ``tremor_g`` and ``pulse_g``, the
    RMS of their bands. Then come, once per hop of about 20 ms, ``turn_g``, the distance between the
    means of the last tenth of a second and of that before it, ``jerk_g`` and ``movement_g``.
    A track is left out where the sampling rate leaves nothing of its band.
    Jumps that do not last are taken out before anything is measured.
    """

    def __init__(self, stream: Stream, criteria: Criteria) -> None:
        _expect_acceleration(stream)
        motion = criteria.motion
        self._stream = stream
        self._grid = grid_of(stream.fs_hz, MOTION_HOP_S)
        self._framer = Framer(stream, self._grid, _TOGETHER)
        self._spikes = SpikeHold(motion, stream.fs_hz)
        self._bands = MotionBands(stream, criteria, self._grid)
        self._quality = FrameQuality(motion)
        self._tilt = _Tilt(max(1, round(criteria.orientation.mean_s)))
        scale = RestingScale(motion.gate_g, motion.gate_ratio, motion.rise_g, motion.fall_g, motion.floor_g)
        resting = RestingLevel(criteria.resting, scale, self._bands.values_per_s)
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
        if piece.restart:
            self._spikes.restart()
        axes = self._spikes.feed(np.ascontiguousarray(piece.data.T))
        bands = self._bands.feed(piece, axes)
        if bands is None:
            return None
        n_frames = len(bands.frames[TrackName.ACTIVITY_G])
        frames = axes[:, bands.hops.inside].reshape(N_AXES, n_frames, -1)
        gravity = frame_means(frames)
        away = frames - gravity[:, :, np.newaxis]
        deviation = np.sqrt(frame_means(away * away))
        flags = self._quality.feed(frames, gravity, deviation, frames.shape[2] / self._stream.fs_hz)
        slow = dict(zip(GRAVITY, gravity, strict=True))
        slow[TrackName.TILT_DEG] = self._tilt.feed(gravity)
        slow[TrackName.SPREAD_G] = np.maximum.reduce(deviation, axis=0)
        usable = (flags & Flag.FLAT.value) == 0
        return self._bands.spans(bands.hops, usable), partial(self._tracks, piece.clock, bands, flags, slow)

    def _tracks(
        self,
        clock: Clock,
        bands: Bands,
        flags: NDArray[np.uint16],
        position: dict[TrackName, NDArray[np.float64]],
        levels: Levels,
    ) -> list[Track]:
        hops, stream, grid = bands.hops, self._stream, self._grid
        frame = hops.first // grid.hops_per_frame
        tracks: list[Track] = []
        if frame >= self._next_frame:
            self._next_frame = frame + len(levels.level)
            slow = {
                TrackName.RESTING_MOVEMENT_G: levels.level,
                TrackName.RESTING_MOVEMENT_MAD_G: levels.spread,
                **position,
                **bands.frames,
            }
            start = frame * grid.frame
            tracks = [Track(stream, clock, name, start, grid.frame, values, flags) for name, values in slow.items()]
        fast = {**bands.fast, TrackName.MOVEMENT_G: hops.envelope}
        hop_flags, start = hops.flags(flags), hops.first * grid.hop
        return tracks + [
            Track(stream, clock, name, start, grid.hop, values, hop_flags) for name, values in fast.items()
        ]


class _Tilt:
    """Angle of the z axis above the horizontal, from the mean of the last frames."""

    def __init__(self, n_frames: int) -> None:
        # Zeros before the first frame add nothing.
        self._tails = np.zeros((N_AXES, n_frames - 1))
        self._n_frames = n_frames

    def feed(self, gravity: NDArray[np.float64]) -> NDArray[np.float64]:
        known = np.concatenate((self._tails, gravity), axis=1)
        n_new = gravity.shape[1]
        self._tails = known[:, n_new:]
        # The length of a mean does not change an angle, so that sums do.
        x, y, z = reduce(np.add, (known[:, at : at + n_new] for at in range(self._n_frames)))
        tilt: NDArray[np.float64] = np.degrees(np.arctan2(z, np.sqrt(x * x + y * y)))
        return tilt


def _expect_acceleration(stream: Stream) -> None:
    if stream.quantity is not Quantity.ACCELERATION or stream.unit is not Unit.G or len(stream.axes) != N_AXES:
        got = f"{len(stream.axes)} x {stream.quantity} in {stream.unit}"
        msg = f"{stream.sensor}: stream is {got}, expected {N_AXES} axes of acceleration in g"
        raise ValueError(msg)
