"""Mains in the EMG: which frequency it has, and how it is taken out (science.md 2.2)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from detectors.emg.spectrum import MAINS_HZ

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from detectors.emg.quality_criteria import LineCriteria

# Every multiple of a tenth of a second holds whole periods of 50 and of 60 Hz and of their harmonics.
_PARTS_PER_FRAME: Final = 10
_NOTHING_UV2: Final = 1e-12
# Frames that one wave after the other is subtracted from while they lie in a cache.
_TOGETHER: Final = 64


class Mains:
    """Find out which mains frequency there is.

    Notes
    -----
    The frequency whose share has the larger sum of squares so far: seconds with strong mains decide,
    hours of noise do not.
    """

    def __init__(self) -> None:
        self._sums = np.zeros((1, len(MAINS_HZ)))

    def feed(self, shares: NDArray[np.float64]) -> NDArray[np.intp]:
        """Take the shares of the next frames, and return which of ``MAINS_HZ`` is the one by then.

        Parameters
        ----------
        shares : ndarray of float64, shape (n_frames, 2)
            Share of each frequency in the band.

        Returns
        -------
        ndarray of int, shape (n_frames,)
            Number of the frequency.
        """
        sums = np.cumsum(np.concatenate((self._sums, shares * shares)), axis=0)
        self._sums = sums[-1:]
        chosen: NDArray[np.intp] = np.argmax(sums[1:], axis=1)
        return chosen

    @property
    def chosen(self) -> int:
        """Number of the frequency by now."""
        return int(np.argmax(self._sums[0]))


class LineRemoval:
    """Subtract mains from the band-passed signal of frames whose predecessors have enough of it.

    Parameters
    ----------
    frame : int
        Samples per frame.
    fs_hz : float
        Sampling rate, Hz.
    high_hz : float
        Upper edge of the band, Hz.
    criteria : LineCriteria
        When, and which harmonics.

    Notes
    -----
    A sinusoid and its harmonics are fitted to each frame alone by least squares. The tenths of a
    second are weighted by the inverse of their power, so that the quiet part of a frame decides and
    a burst in it neither feeds into the rest nor rings on, as it would with a notch.
    """

    def __init__(self, frame: int, fs_hz: float, high_hz: float, criteria: LineCriteria) -> None:
        self._criteria = criteria
        self._hold = round(criteria.hold_s * fs_hz / frame)
        self._last: NDArray[np.bool_] | None = None
        self._since = self._hold + 1
        self._part = frame // _PARTS_PER_FRAME
        t_s = np.arange(frame) / fs_hz
        self._waves = tuple(_waves(t_s, mains_hz, criteria.harmonics_share * high_hz, fs_hz) for mains_hz in MAINS_HZ)

    def wanted(self, shares: NDArray[np.float64], levels_uv: NDArray[np.float64]) -> NDArray[np.bool_]:
        """Take share and level of mains of the next frames, and return which of them to treat.

        Parameters
        ----------
        shares : ndarray of float64, shape (n_frames,)
            Share of mains in the band, untreated.
        levels_uv : ndarray of float64, shape (n_frames,)
            Level of the mains, µV RMS.

        Returns
        -------
        ndarray of bool, shape (n_frames,)
            Decided from earlier frames only; the very first frame decides for itself.
        """
        above, fitting = shares > self._criteria.treat_from, ~self.too_strong(shares, levels_uv)
        states = np.stack((above, fitting), axis=1)
        # Before the first frame there is none: it speaks for itself.
        above, fitting = np.concatenate((states[:1] if self._last is None else self._last, states[:-1])).T
        self._last = states[-1:]
        hits = np.flatnonzero(above & fitting)
        numbers = np.arange(len(shares))
        last = np.full(len(shares), -1 - self._since)
        last[hits] = hits
        since = numbers - np.maximum.accumulate(last)
        self._since = min(int(since[-1]), self._hold + 1)
        wanted: NDArray[np.bool_] = fitting & (since <= self._hold)
        return wanted

    def too_strong(self, shares: NDArray[np.float64], levels_uv: NDArray[np.float64]) -> NDArray[np.bool_]:
        """Return in which frames mains is an electrode fault rather than something to subtract."""
        strong: NDArray[np.bool_] = (shares > self._criteria.treat_to) & (levels_uv > self._criteria.strong_uv)
        return strong

    def treat(self, frames: NDArray[np.float64], wanted: NDArray[np.bool_], mains: NDArray[np.intp]) -> None:
        """Subtract mains from some frames, in place.

        Parameters
        ----------
        frames : ndarray of float64, shape (n_frames, n_samples)
            Band-passed samples, µV.
        wanted : ndarray of bool, shape (n_frames,)
            Which frames to treat.
        mains : ndarray of int, shape (n_frames,)
            Which of ``MAINS_HZ`` it is.
        """
        for number, waves in enumerate(self._waves):
            chosen = wanted & (mains == number)
            if not chosen.any() or not len(waves):
                continue
            rows = frames if chosen.all() else frames[chosen]
            _subtract(rows, self._amplitudes(rows, waves), waves)
            if rows is not frames:
                frames[chosen] = rows

    def treat_part(self, samples: NDArray[np.float64], mains: int) -> None:
        """Subtract mains from a part of a frame, in place, where whole frames are treated by now.

        Parameters
        ----------
        samples : ndarray of float64, shape (n_samples,)
            Band-passed samples, µV; a part shorter than a tenth of a frame is left as it is.
        mains : int
            Which of ``MAINS_HZ`` it is.
        """
        waves = self._waves[mains][:, : len(samples)]
        goes_on = self._last is not None and self._last[0, 1] and self._since <= self._hold
        if goes_on and len(waves) and len(samples) >= self._part:
            samples -= self._amplitudes(samples[np.newaxis], waves)[0] @ waves

    def _amplitudes(self, rows: NDArray[np.float64], waves: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the amplitude of each wave in each row, shape (n_rows, n_waves)."""
        n_parts = min(rows.shape[1] // self._part, _PARTS_PER_FRAME)
        used = n_parts * self._part
        parts = rows[:, :used].reshape(-1, n_parts, self._part)
        weights = 1 / np.maximum(np.einsum("kpn,kpn->kp", parts, parts), _NOTHING_UV2)
        weights *= (2 / self._part) / weights.sum(axis=1)[:, np.newaxis]
        shaped = waves[:, :used].reshape(-1, n_parts, self._part)
        return np.stack([(weights * np.einsum("kpn,pn->kp", parts, wave)).sum(axis=1) for wave in shaped], axis=1)


def _subtract(rows: NDArray[np.float64], amplitudes: NDArray[np.float64], waves: NDArray[np.float64]) -> None:
    """Subtract waves from rows, in place."""
    line = np.empty_like(rows[:_TOGETHER])
    for first in range(0, len(rows), _TOGETHER):
        part = rows[first : first + _TOGETHER]
        for amplitude, wave in zip(amplitudes[first : first + _TOGETHER].T, waves, strict=True):
            part -= np.multiply(amplitude[:, np.newaxis], wave, out=line[: len(part)])


def _waves(t_s: NDArray[np.float64], mains_hz: float, to_hz: float, fs_hz: float) -> NDArray[np.float64]:
    """Return sine and cosine of a frequency and of its harmonics, shape (n_waves, n_samples)."""
    phases = [2 * np.pi * hz * t_s for hz in np.arange(mains_hz, to_hz + 1, mains_hz) if hz < fs_hz / 2]
    waves = [wave for phase in phases for wave in (np.sin(phase), np.cos(phase))]
    return np.array(waves).reshape(-1, len(t_s))
