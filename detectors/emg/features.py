"""From EMG samples to envelope, resting level and signal quality."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from detectors.emg.quality import sample_flags
from detectors.emg.spectrum import FrameSpectrum
from detectors.envelope import Envelope, Hops, Levelling, Measured
from detectors.filters import band_pass
from detectors.framing import EMG_HOP_S, Framer, Piece, grid_of
from detectors.resting import Levels, RestingLevel, RestingScale
from detectors.signal import Gap, Quantity, Unit
from detectors.track import Flag, Track, TrackName

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from detectors.criteria import Criteria
    from detectors.emg.criteria import LegMovementCriteria, RestingCriteria
    from detectors.emg.spectrum import Ratios
    from detectors.signal import Clock, SampleBlock, Stream


def emg_band(fs_hz: float, criteria: LegMovementCriteria) -> tuple[float, float]:
    """Return the pass band of the amplitude path.

    Parameters
    ----------
    fs_hz : float
        Sampling rate, Hz.
    criteria : LegMovementCriteria
        The wanted band.

    Returns
    -------
    tuple of float
        Lower and upper edge, Hz.
    """
    return criteria.band_low_hz, min(criteria.band_high_hz, criteria.nyquist_share * fs_hz)


class EmgFeatures:
    """Measure one channel of EMG (science.md 1.6, 2.1-2.6).

    Parameters
    ----------
    stream : Stream
        One axis, in microvolt.
    criteria : Criteria
        ``leg_movement`` for band and envelope, ``resting`` and ``quality``.

    Raises
    ------
    ValueError
        If the stream is not one channel of EMG in microvolt, or too slow for the band.

    Notes
    -----
    Tracks of one span come slow first: ``resting_uv``, ``lf_hf_ratio`` and ``line_ratio`` once per
    frame of about a second, then ``power_uv2`` and ``envelope_uv`` once per hop of about 10 ms. The
    resting level of a frame comes from earlier frames only. Until the first resting level is known
    nothing comes out.

    After a gap filters start anew, the resting level goes on. A part of a frame has no spectrum:
    its ``lf_hf_ratio`` is not a number.
    """

    def __init__(self, stream: Stream, criteria: Criteria) -> None:
        _expect_emg(stream)
        self._stream = stream
        self._quality = criteria.quality
        self._max_resting_uv = criteria.leg_movement.max_resting_uv
        self._grid = grid_of(stream.fs_hz, EMG_HOP_S)
        self._framer = Framer(stream, self._grid)
        band = emg_band(stream.fs_hz, criteria.leg_movement)
        sections = band_pass(criteria.leg_movement.filter_order, *band, stream.fs_hz)
        hop_s = self._grid.hop / stream.fs_hz
        self._envelope = Envelope(
            self._grid, hop_s, sections, criteria.leg_movement.envelope_s, criteria.resting.sample_s
        )
        self._spectrum = FrameSpectrum(self._grid.frame, stream.fs_hz, band, criteria.quality)
        resting = RestingLevel(
            criteria.resting, _scale(criteria.resting), self._envelope.values_per_s, with_spread=False
        )
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
            self._spectrum.restart()
        hops = self._envelope.feed(piece)
        if hops is None:
            return None
        whole = hops.inside.start == 0 and len(hops.power) % self._grid.hops_per_frame == 0
        frames = piece.data[:, 0].reshape(-1, self._grid.frame) if whole else piece.data.T
        ratios = self._spectrum.feed(piece.data[:, 0]) if whole else self._spectrum.unknown()
        flags = sample_flags(frames, self._quality)
        flags[ratios.line > self._quality.max_line_share] |= Flag.LINE.value
        usable = flags == Flag.GOOD
        flags[ratios.lf_hf > self._quality.motion_lf_hf] |= Flag.MOTION.value
        spans = self._envelope.spans(hops, usable)
        return spans, partial(self._tracks, piece.clock, hops, flags, ratios)

    def _tracks(
        self, clock: Clock, hops: Hops, frame_flags: NDArray[np.uint16], ratios: Ratios, levels: Levels
    ) -> list[Track]:
        frame_flags[levels.level > self._max_resting_uv] |= Flag.DISABLED.value
        hop_flags = hops.flags(frame_flags)
        resting_flags = frame_flags.copy()
        resting_flags[levels.stepped] |= Flag.NOISE_STEP.value
        frame = hops.first // self._grid.hops_per_frame
        tracks: list[Track] = []
        if frame >= self._next_frame:
            slow = (frame * self._grid.frame, self._grid.frame)
            tracks = [
                self._track(clock, TrackName.RESTING_UV, slow, levels.level, resting_flags),
                self._track(clock, TrackName.LF_HF_RATIO, slow, ratios.lf_hf, frame_flags),
                self._track(clock, TrackName.LINE_RATIO, slow, ratios.line, frame_flags),
            ]
            self._next_frame = frame + len(levels.level)
        fast = (hops.first * self._grid.hop, self._grid.hop)
        return [
            *tracks,
            self._track(clock, TrackName.POWER_UV2, fast, hops.power, hop_flags),
            self._track(clock, TrackName.ENVELOPE_UV, fast, hops.envelope, hop_flags),
        ]

    def _track(
        self,
        clock: Clock,
        name: TrackName,
        grid: tuple[int, int],
        values: NDArray[np.float64],
        quality: NDArray[np.uint16],
    ) -> Track:
        return Track(self._stream, clock, name, *grid, values, quality)


def _expect_emg(stream: Stream) -> None:
    if stream.quantity is not Quantity.EMG or stream.unit is not Unit.MICROVOLT or len(stream.axes) != 1:
        got = f"{len(stream.axes)} x {stream.quantity} in {stream.unit}"
        msg = f"{stream.sensor}: stream is {got}, expected one channel of EMG in uV"
        raise ValueError(msg)


def _scale(criteria: RestingCriteria) -> RestingScale:
    return RestingScale(criteria.gate_uv, criteria.gate_ratio, criteria.rise_uv, criteria.fall_uv, criteria.floor_uv)
