"""The wide band of the EMG: its noise, and the raw signal around what sticks out of it (science.md 4.2)."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from detectors.filters import SectionFilter, band_pass
from detectors.framing import EMG_HOP_S, grid_of
from detectors.resting import quantile
from detectors.track import Track, TrackName

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from detectors.criteria import Criteria
    from detectors.emg.brief_criteria import TwitchCriteria
    from detectors.framing import Piece
    from detectors.signal import Clock, Stream

# The median absolute value of Gaussian noise, in standard deviations.
_MEDIAN_OF_SIGMA = 0.6745
# Samples of a second that its median is taken from: the noise is a median of many such seconds.
_LOOKED_AT = 62
# Before anything is known the quieter part of the first seconds is taken for rest.
_FIRST_SHARE = 0.25


def applies(fs_hz: float, criteria: Criteria) -> bool:
    """Return whether a sampling rate is high enough for twitches.

    Parameters
    ----------
    fs_hz : float
        Sampling rate, Hz.
    criteria : Criteria
        ``twitch`` is used.

    Returns
    -------
    bool
        Whether :class:`WideBand` can be built.

    Examples
    --------
    >>> from detectors.criteria import named
    >>> applies(128.0, named("wasm-2016")), applies(200.0, named("wasm-2016"))
    (False, True)
    """
    return fs_hz >= criteria.twitch.min_fs_hz


def wide_band(fs_hz: float, criteria: TwitchCriteria) -> tuple[float, float]:
    """Return the pass band.

    Parameters
    ----------
    fs_hz : float
        Sampling rate, Hz.
    criteria : TwitchCriteria
        The wanted band.

    Returns
    -------
    tuple of float
        Lower and upper edge, Hz.
    """
    return criteria.band_low_hz, min(criteria.band_high_hz, criteria.nyquist_share * fs_hz)


def wide_sections(fs_hz: float, criteria: TwitchCriteria) -> NDArray[np.float64]:
    """Return the filter of the wide band, shape (order, 6)."""
    return band_pass(criteria.filter_order, *wide_band(fs_hz, criteria), fs_hz)


def limit_uv(sigma_uv: NDArray[np.float64], fs_hz: float, criteria: TwitchCriteria) -> NDArray[np.float64]:
    """Return the height that a peak exceeds, µV; not a number where sigma is not known."""
    if fs_hz < criteria.shape_fs_hz:
        return np.maximum(criteria.transient_uv, criteria.transient_sigma * sigma_uv)
    return np.maximum(criteria.peak_uv, criteria.peak_sigma * sigma_uv)


@dataclass(slots=True)
class _Last:
    """The frame before: its samples, and whether it stuck out and was passed on."""

    start: int
    samples: NDArray[np.float64]
    stands_out: bool
    passed_on: bool


class WideBand:
    """Measure the noise of the wide band, and pass on the raw signal where something sticks out of it.

    Parameters
    ----------
    stream : Stream
        One channel of EMG, fast enough for :func:`applies`.
    criteria : Criteria
        ``twitch`` is used.

    Notes
    -----
    Tracks: ``waveform_uv``, raw samples, of every frame in which the filtered signal exceeds the
    limit of a peak, the frame before and the frame after; then ``wide_noise_uv`` once per frame,
    the noise in force there, from earlier frames (not a number in the first seconds). Stretches do
    not depend on how the stream is cut, and once the noise of a frame has come, all of its signal
    has, except for a frame that is passed on because of the next one.
    """

    def __init__(self, stream: Stream, criteria: Criteria) -> None:
        self._stream = stream
        self._criteria = criteria.twitch
        self._frame = grid_of(stream.fs_hz, EMG_HOP_S).frame
        self._filter = SectionFilter(wide_sections(stream.fs_hz, criteria.twitch))
        self._noise = WideNoise(criteria.twitch)
        shaped = stream.fs_hz >= criteria.twitch.shape_fs_hz
        self._peak_sigma = criteria.twitch.peak_sigma if shaped else criteria.twitch.transient_sigma
        self._stride = max(1, self._frame // _LOOKED_AT)
        self._last: _Last | None = None
        self._stop: int | None = None
        self._next_frame = 0

    def feed(self, piece: Piece, usable: NDArray[np.bool_], beating: NDArray[np.bool_] | None = None) -> list[Track]:
        """Take the next piece.

        Parameters
        ----------
        piece : Piece
            Whole frames, or a part of one.
        usable : ndarray of bool, shape (n_frames,)
            Whether noise may be measured in each frame.
        beating : ndarray of bool, shape (n_frames,), optional
            Where the heart is seen; there its usual height counts as noise as well.

        Returns
        -------
        list of Track
            Stretches of the signal, the first of which may begin one frame before the piece, then the noise.
        """
        if piece.restart or piece.start != self._stop:
            self._filter.restart()
            self._last = None
        self._stop = piece.start + len(piece.data)
        whole = piece.start % self._frame == 0 and len(piece.data) % self._frame == 0
        filtered = self._filter.feed(piece.data)
        height = np.abs(filtered, out=filtered).reshape(-1, self._frame if whole else len(piece.data))
        first = piece.start // self._frame
        highest_uv = height.max(axis=1)
        sigma_uv, beat_uv = self._noise.feed(first, _typical(height, self._stride), highest_uv, usable & whole)
        if beating is not None and beating.any():
            # A twitch stands above the heart by the same factor as above noise.
            share = self._criteria.beat_ratio / self._peak_sigma
            sigma_uv = np.where(beating, np.maximum(sigma_uv, share * beat_uv), sigma_uv)
        stands_out = highest_uv > limit_uv(sigma_uv, self._stream.fs_hz, self._criteria)
        tracks = self._waveforms(piece, height.shape[1], stands_out)
        if first < self._next_frame:
            return tracks
        self._next_frame = first + len(sigma_uv)
        at = (first * self._frame, self._frame)
        return [*tracks, self._track(piece.clock, TrackName.WIDE_NOISE_UV, at, sigma_uv)]

    def _waveforms(self, piece: Piece, length: int, stands_out: NDArray[np.bool_]) -> list[Track]:
        """Return the stretches of frames that stand out or have a neighbour that does."""
        last, raw = self._last, piece.data[:, 0]
        before = last is not None and last.stands_out
        wanted = stands_out.copy()
        wanted[1:] |= stands_out[:-1]
        wanted[:-1] |= stands_out[1:]
        wanted[0] |= before
        tracks = []
        if last is not None and stands_out[0] and not last.passed_on:
            tracks.append(self._track(piece.clock, TrackName.WAVEFORM_UV, (last.start, 1), last.samples))
        edges = np.flatnonzero(np.diff(wanted, prepend=False, append=False)) * length
        for start, stop in edges.reshape(-1, 2).tolist():
            place = (piece.start + start, 1)
            tracks.append(self._track(piece.clock, TrackName.WAVEFORM_UV, place, raw[start:stop].copy()))
        start = piece.start + len(raw) - length
        self._last = _Last(start, raw[-length:].copy(), bool(stands_out[-1]), bool(wanted[-1]))
        return tracks

    def _track(self, clock: Clock, name: TrackName, place: tuple[int, int], values: NDArray[np.float64]) -> Track:
        return Track(self._stream, clock, name, *place, values, np.zeros(len(values), np.uint16))


class WideNoise:
    """Follow the noise of the quiet seconds.

    Parameters
    ----------
    criteria : TwitchCriteria
        Time constants and the gate.
    """

    def __init__(self, criteria: TwitchCriteria) -> None:
        self._step = max(1, round(criteria.noise_step_s))
        self._size = max(1, round(criteria.noise_s))
        self._patience = max(1, round(criteria.noise_escape_s / self._step))
        self._gate_ratio = criteria.noise_gate_ratio
        self._waiting: list[NDArray[np.float64]] = []
        self._recent = self._quiet = np.empty((2, 0))
        self._loud_steps = 0
        self._sigma_uv = self._highest_uv = math.nan

    def feed(
        self,
        first: int,
        typical_uv: NDArray[np.float64],
        highest_uv: NDArray[np.float64],
        usable: NDArray[np.bool_],
    ) -> NDArray[np.float64]:
        """Take frames and return the noise in force in each of them, which comes from earlier ones.

        Parameters
        ----------
        first : int
            Number of the first frame.
        typical_uv : ndarray of float64, shape (n_frames,)
            Noise of each frame, µV.
        highest_uv : ndarray of float64, shape (n_frames,)
            Highest peak of each frame, µV.
        usable : ndarray of bool, shape (n_frames,)
            Whether to believe them.

        Returns
        -------
        ndarray of float64, shape (2, n_frames)
            Noise, and usual height of a quiet frame, µV; not a number before the first is known.
        """
        both = np.stack((typical_uv, highest_uv))
        whole = bool(usable.all())
        in_force = np.empty((2, len(typical_uv)))
        at = 0
        while at < len(typical_uv):
            stop = min(len(typical_uv), at + self._step - (first + at) % self._step)
            in_force[:, at:stop] = [[self._sigma_uv], [self._highest_uv]]
            self._waiting.append(both[:, at:stop] if whole else both[:, at:stop][:, usable[at:stop]])
            if (first + stop) % self._step == 0:
                self._measure()
            at = stop
        return in_force

    def _measure(self) -> None:
        """Move on to the next noise."""
        known = self._waiting[0] if len(self._waiting) == 1 else np.concatenate(self._waiting, axis=1)
        self._waiting = []
        if not known.size:
            return
        self._recent = np.concatenate((self._recent, known), axis=1)[:, -self._size :]
        if math.isnan(self._sigma_uv):
            self._sigma_uv = quantile(self._recent[0], _FIRST_SHARE)
        is_quiet = known[0] <= self._gate_ratio * self._sigma_uv
        n_quiet = np.count_nonzero(is_quiet)
        self._loud_steps = 0 if n_quiet else self._loud_steps + 1
        if n_quiet:
            quiet = known if n_quiet == len(is_quiet) else known[:, is_quiet]
            self._quiet = np.concatenate((self._quiet, quiet), axis=1)[:, -self._size :]
        if self._loud_steps >= self._patience:
            self._quiet, self._loud_steps = self._recent, 0
        if self._quiet.size:
            rank = (self._quiet.shape[1] - 1) // 2
            ordered = self._quiet.copy()
            ordered.partition(rank)
            self._sigma_uv, self._highest_uv = ordered[:, rank].tolist()


def _typical(height: NDArray[np.float64], stride: int) -> NDArray[np.float64]:
    """Return the standard deviation that noise with the median height of each row has."""
    looked_at = height[:, ::stride]
    rank = looked_at.shape[1] // 2
    return np.partition(looked_at, rank, axis=1)[:, rank] / _MEDIAN_OF_SIGMA
