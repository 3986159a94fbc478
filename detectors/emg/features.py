"""From EMG samples to envelope, resting level and signal quality."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Final

import numpy as np

from detectors.emg import wide
from detectors.emg.ecg import HeartBeat
from detectors.emg.electrode import ElectrodeWatch
from detectors.emg.line import LineRemoval, Mains
from detectors.emg.pops import Pops
from detectors.emg.quality import sample_flags
from detectors.emg.spectrum import FrameSpectrum
from detectors.emg.wide import WideBand
from detectors.envelope import Envelope, Levelling, Measured
from detectors.filters import band_pass
from detectors.framing import EMG_HOP_S, Framer, Piece, grid_of
from detectors.resting import Levels, RestingLevel, RestingScale
from detectors.signal import Gap, Quantity, Unit
from detectors.track import Flag, Track, TrackName

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from detectors.criteria import Criteria
    from detectors.emg.criteria import LegMovementCriteria, RestingCriteria
    from detectors.emg.spectrum import FrameSpectra
    from detectors.envelope import Band, Hops
    from detectors.signal import Clock, SampleBlock, Stream

# Seconds from which no resting level may be taken.
_NOT_RESTING: Final = int(Flag.SATURATED | Flag.FLAT | Flag.LINE | Flag.ELECTRODE_OFF)
# A larger rise, relative to the power below the band, is muscle all the same; a mean must not be its alone.
_HIGHEST_RISE: Final = 2.0


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
class _State:
    """What is known of a piece before its resting level; no spectra of a part of a frame."""

    hops: Hops
    lf_hf: NDArray[np.float64]
    line: NDArray[np.float64]
    spectra: FrameSpectra | None

    def rise(self, resting_uv: NDArray[np.float64], upper_share: float) -> NDArray[np.float64]:
        """Return the rise of the upper half of the band above rest, over the power below the band."""
        if self.spectra is None:
            return np.full(len(self.lf_hf), np.nan)
        rise_uv2 = self.spectra.upper_uv2 - upper_share * resting_uv**2
        limited = np.clip(rise_uv2, 0.0, _HIGHEST_RISE * self.spectra.low_uv2)
        return np.divide(limited, self.spectra.low_uv2, out=limited, where=self.spectra.low_uv2 > 0)


class EmgFeatures:
    """Measure one channel of EMG (science.md 1.6, 2.1-2.6).

    Parameters
    ----------
    stream : Stream
        One axis, in microvolt.
    criteria : Criteria
        ``leg_movement`` for band and envelope, ``resting`` and ``quality``.
    with_waveforms : bool
        Whether what twitches are found in is measured as well.

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

    def __init__(self, stream: Stream, criteria: Criteria, *, with_waveforms: bool = True) -> None:
        _expect_emg(stream)
        self._stream = stream
        self._criteria = criteria
        self._grid = grid_of(stream.fs_hz, EMG_HOP_S)
        self._framer = Framer(stream, self._grid)
        band = emg_band(stream.fs_hz, criteria.leg_movement)
        sections = band_pass(criteria.leg_movement.filter_order, *band, stream.fs_hz)
        hop_s = self._grid.hop / stream.fs_hz
        self._envelope = Envelope(
            self._grid, hop_s, sections, criteria.leg_movement.envelope_s, criteria.resting.sample_s
        )
        top_hz = criteria.leg_movement.nyquist_share * stream.fs_hz
        self._spectrum = FrameSpectrum(self._grid.frame, stream.fs_hz, band, top_hz, criteria.quality)
        self._mains = Mains()
        self._line = LineRemoval(self._grid.frame, stream.fs_hz, band[1], criteria.line)
        self._pops = Pops(self._grid, stream.fs_hz, criteria.electrode)
        self._heart = HeartBeat(self._grid, hop_s, criteria.ecg)
        self._electrode = ElectrodeWatch(self._grid.frame / stream.fs_hz, criteria, top_hz)
        sees_waveforms = with_waveforms and wide.applies(stream.fs_hz, criteria)
        self._wide = WideBand(stream, criteria) if sees_waveforms else None
        resting = RestingLevel(
            criteria.resting, _scale(criteria.resting), self._envelope.values_per_s, with_spread=False
        )
        self._levelling = Levelling(resting, self._measured)
        self._next_frame = 0
        self._last_line = 0.0
        self._others: list[Track] = []

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
            self._electrode.restart()
            self._heart.restart()
            self._pops.restart()
        band = self._envelope.band(piece)
        if band is None:
            self._others += [] if self._wide is None else self._wide.feed(piece, np.zeros(1, np.bool_))
            return None
        whole = band.inside.start == 0 and len(band.samples) % self._grid.frame == 0
        raw = piece.data[:, 0].reshape(-1, self._grid.frame) if whole else piece.data.T
        flags, span_uv = sample_flags(raw, self._criteria.quality)
        state = self._whole(raw, span_uv, band, flags) if whole else self._part(band)
        usable = (flags & _NOT_RESTING) == 0
        tracks, self._others = self._others, []
        beating = (flags & Flag.ECG.value) != 0
        tracks += [] if self._wide is None else self._wide.feed(piece, usable, beating)
        return self._envelope.spans(state.hops, usable), partial(self._tracks, piece.clock, flags, state, tracks)

    def _whole(
        self, raw: NDArray[np.float64], span_uv: NDArray[np.float64], band: Band, flags: NDArray[np.uint16]
    ) -> _State:
        """Measure whole frames: find and treat what is wrong with them."""
        spectra = self._spectrum.feed(raw)
        mains = self._mains.feed(spectra.line)
        both = (spectra.line, spectra.line_now, spectra.line_uv)
        line, line_now, line_uv = (values[np.arange(len(mains)), mains] for values in both)
        wanted = self._line.wanted(line, line_uv)
        if wanted.any():
            self._line.treat(band.samples.reshape(len(mains), -1), wanted, mains)
        hum_uv2 = np.where(wanted, line_uv * line_uv, 0.0)
        power = self._envelope.power(band)
        could_pop = span_uv > self._criteria.electrode.pop_uv
        flags[self._pops.feed(raw, could_pop, power.reshape(len(mains), -1))] |= Flag.POP.value
        flags[self._heart.feed(power)] |= Flag.ECG.value
        rms_uv = np.sqrt(power.reshape(len(mains), -1).sum(axis=1) / self._grid.hops_per_frame + hum_uv2)
        noise = self._spectrum.noise(spectra, rms_uv > self._criteria.electrode.poor_contact_uv)
        off = self._electrode.feed(spectra.mean_uv, np.stack((line_now, line), axis=1), rms_uv, noise)
        flags[off] |= Flag.ELECTRODE_OFF.value
        flags[line > self._criteria.line.treat_from] |= Flag.LINE_HIGH.value
        flags[self._line.too_strong(line, line_uv)] |= Flag.LINE.value
        flags[spectra.lf_hf > self._criteria.quality.motion_lf_hf] |= Flag.MOTION.value
        self._last_line = float(line[-1])
        return _State(self._envelope.hops(band, power), spectra.lf_hf, line, spectra)

    def _part(self, band: Band) -> _State:
        """Measure a part of a frame, which has no spectrum: nothing new can be said of it."""
        self._line.treat_part(band.samples, self._mains.chosen)
        hops = self._envelope.hops(band, self._envelope.power(band))
        return _State(hops, np.array([np.nan]), np.array([self._last_line]), None)

    def _tracks(
        self, clock: Clock, flags: NDArray[np.uint16], state: _State, others: list[Track], levels: Levels
    ) -> list[Track]:
        flags[levels.level > self._criteria.leg_movement.max_resting_uv] |= Flag.DISABLED.value
        flags[levels.level > self._criteria.electrode.poor_contact_uv] |= Flag.POOR_CONTACT.value
        flags[levels.renewing] |= Flag.UNSETTLED.value
        resting_flags = flags.copy()
        resting_flags[levels.stepped] |= Flag.NOISE_STEP.value
        hops = state.hops
        frame = hops.first // self._grid.hops_per_frame
        tracks: list[Track] = []
        if frame >= self._next_frame:
            slow = (frame * self._grid.frame, self._grid.frame)
            rise = state.rise(levels.level, self._spectrum.upper_share)
            tracks = [
                self._track(clock, TrackName.RESTING_UV, slow, levels.level, resting_flags),
                self._track(clock, TrackName.LF_HF_RATIO, slow, state.lf_hf, flags),
                self._track(clock, TrackName.RISE_RATIO, slow, rise, flags),
                self._track(clock, TrackName.LINE_RATIO, slow, state.line, flags),
            ]
            self._next_frame = frame + len(levels.level)
        fast, hop_flags = (hops.first * self._grid.hop, self._grid.hop), hops.flags(flags)
        return [
            *tracks,
            *others,
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
