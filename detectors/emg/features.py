"""From EMG samples to envelope, resting level and signal quality."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from detectors.emg.quality import sample_flags
from detectors.emg.spectrum import FrameSpectrum, Ratios
from detectors.filters import SectionFilter, SlidingMean, band_pass, hop_means
from detectors.framing import EMG_HOP_S, Framer, Piece, grid_of
from detectors.resting import RestingLevel, RestingScale, Spans
from detectors.signal import Flag, Gap, Quantity, Track, TrackName, Unit

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    from detectors.criteria import Criteria
    from detectors.emg.criteria import LegMovementCriteria, RestingCriteria
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


@dataclass(frozen=True, slots=True)
class _Measured:
    """A piece after everything but the resting level."""

    first_hop: int
    clock: Clock
    power: NDArray[np.float64]
    envelope: NDArray[np.float64]
    flags: NDArray[np.uint8]
    settling: int
    ratios: Ratios
    spans: Spans


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
        self._filter = SectionFilter(band_pass(criteria.leg_movement.filter_order, *band, stream.fs_hz))
        hop_s = self._grid.hop / stream.fs_hz
        self._window = SlidingMean(max(1, round(criteria.leg_movement.envelope_s / hop_s)))
        self._spectrum = FrameSpectrum(self._grid.frame, stream.fs_hz, band, criteria.quality)
        self._sample_every = max(1, round(criteria.resting.sample_s / hop_s))
        values_per_s = 1 / (self._sample_every * hop_s)
        self._resting = RestingLevel(criteria.resting, _scale(criteria.resting), values_per_s, with_spread=False)
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
            for stage in (self._filter, self._window, self._spectrum):
                stage.restart()
        filtered = self._filter.feed(piece.data)[:, 0]
        lead = -piece.start % hop
        n_hops = (len(filtered) - lead) // hop
        if n_hops < 1:
            return None
        filtered = filtered[lead : lead + n_hops * hop]
        power = hop_means(filtered * filtered, hop)
        envelope = np.sqrt(self._window.feed(power))
        whole = lead == 0 and n_hops % self._grid.hops_per_frame == 0
        frames = piece.data[:, 0].reshape(-1, self._grid.frame) if whole else piece.data.T
        ratios = self._spectrum.feed(piece.data[:, 0]) if whole else self._spectrum.unknown()
        flags = sample_flags(frames, self._quality)
        flags[ratios.line > self._quality.max_line_share] |= Flag.LINE.value
        usable = flags == Flag.GOOD
        flags[ratios.lf_hf > self._quality.motion_lf_hf] |= Flag.MOTION.value
        settling = min(self._window.width, n_hops) if piece.restart else 0
        spans = self._spans(envelope, usable, settling)
        first = (piece.start + lead) // hop
        return _Measured(first, piece.clock, power, envelope, flags, settling, ratios, spans)

    def _spans(self, envelope: NDArray[np.float64], usable: NDArray[np.bool_], settling: int) -> Spans:
        """Pick the values that the resting level looks at."""
        rows = envelope.reshape(len(usable), -1)
        first = self._sample_every - 1
        skipped = -(-max(settling - first, 0) // self._sample_every)
        return Spans(rows[:, first + skipped * self._sample_every :: self._sample_every], usable)

    def _released(self) -> list[Track | Gap]:
        """Give what was measured its resting level, and let it go."""
        held, self._held = self._held, []
        out: list[Track | Gap] = []
        for item in held:
            out += [item] if isinstance(item, Gap) else self._tracks(item)
        return out

    def _tracks(self, measured: _Measured) -> list[Track | Gap]:
        levels = self._resting.follow(measured.spans)
        frame_flags = measured.flags.copy()
        frame_flags[levels.level > self._max_resting_uv] |= Flag.DISABLED.value
        hop_flags = np.repeat(frame_flags, len(measured.envelope) // len(frame_flags))
        hop_flags[: measured.settling] |= Flag.UNSETTLED.value
        resting_flags = frame_flags.copy()
        resting_flags[levels.stepped] |= Flag.NOISE_STEP.value
        per_frame = self._grid.hops_per_frame
        frame = measured.first_hop // per_frame
        tracks: list[Track | Gap] = []
        if frame >= self._next_frame:
            slow = (frame * self._grid.frame, self._grid.frame)
            tracks = [
                self._track(measured.clock, TrackName.RESTING_UV, slow, levels.level, resting_flags),
                self._track(measured.clock, TrackName.LF_HF_RATIO, slow, measured.ratios.lf_hf, frame_flags),
                self._track(measured.clock, TrackName.LINE_RATIO, slow, measured.ratios.line, frame_flags),
            ]
            self._next_frame = frame + len(levels.level)
        fast = (measured.first_hop * self._grid.hop, self._grid.hop)
        return [
            *tracks,
            self._track(measured.clock, TrackName.POWER_UV2, fast, measured.power, hop_flags),
            self._track(measured.clock, TrackName.ENVELOPE_UV, fast, measured.envelope, hop_flags),
        ]

    def _track(
        self,
        clock: Clock,
        name: TrackName,
        grid: tuple[int, int],
        values: NDArray[np.float64],
        quality: NDArray[np.uint8],
    ) -> Track:
        return Track(self._stream, clock, name, *grid, values, quality)


def _expect_emg(stream: Stream) -> None:
    if stream.quantity is not Quantity.EMG or stream.unit is not Unit.MICROVOLT or len(stream.axes) != 1:
        got = f"{len(stream.axes)} x {stream.quantity} in {stream.unit}"
        msg = f"{stream.sensor}: stream is {got}, expected one channel of EMG in uV"
        raise ValueError(msg)


def _scale(criteria: RestingCriteria) -> RestingScale:
    return RestingScale(criteria.gate_uv, criteria.gate_ratio, criteria.rise_uv, criteria.fall_uv, criteria.floor_uv)
