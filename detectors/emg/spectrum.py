"""The spectrum of every second of EMG: movement artefact below the band, mains inside it."""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Final

import numpy as np

from detectors.filters import sliding_sum

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from detectors.emg.criteria import QualityCriteria

MAINS_HZ: Final = (50.0, 60.0)
# Half the width of a mains line (science.md 2.2): its own drift and one bin of the window.
_LINE_HALF_WIDTH_HZ: Final = 1.5
# Power of a signal from the squares of one side of its spectrum under the Hann window, times the square of its length.
_HANN_POWER: Final = 3
# Noise is looked at from here to the upper end of what a converter passes, in so many parts, at every third bin.
_NOISE_FROM_HZ: Final = 2.0
_NOISE_PARTS: Final = 4
_NOISE_STEP: Final = 3


@dataclass(frozen=True, slots=True)
class FrameSpectra:
    """What the spectrum of each frame says.

    Parameters
    ----------
    lf_hf : ndarray of float64, shape (n_frames,)
        Power below the band over power in the band.
    line : ndarray of float64, shape (n_frames, 2)
        Share of 50 and of 60 Hz mains in the band, averaged over the last seconds.
    line_now : ndarray of float64, shape (n_frames, 2)
        The same of each frame alone.
    line_uv : ndarray of float64, shape (n_frames, 2)
        Level of the mains, averaged over the last seconds, µV RMS.
    low_uv2, upper_uv2 : ndarray of float64, shape (n_frames,)
        Power below the band, and in the upper half of the band without mains, µV².
    mean_uv : ndarray of float64, shape (n_frames,)
        Mean of the raw samples, µV.
    whole : ndarray of complex128, shape (n_frames, n_bins)
        The spectra themselves, for :meth:`FrameSpectrum.noise`.
    """

    lf_hf: NDArray[np.float64]
    line: NDArray[np.float64]
    line_now: NDArray[np.float64]
    line_uv: NDArray[np.float64]
    low_uv2: NDArray[np.float64]
    upper_uv2: NDArray[np.float64]
    mean_uv: NDArray[np.float64]
    whole: NDArray[np.complex128]


class FrameSpectrum:
    """Band powers of frames.

    Parameters
    ----------
    frame : int
        Samples per frame.
    fs_hz : float
        Sampling rate, Hz.
    band : tuple of float
        Edges of the EMG band, Hz.
    top_hz : float
        What is recorded reaches up to here, Hz.
    criteria : QualityCriteria
        Lower edge of the low band; length of the average.

    Attributes
    ----------
    upper_share : float
        Share of the upper half in the power of white noise in the band.

    Notes
    -----
    The Hann window is applied to the spectrum, as a sum of three neighbours: only the bins up to
    the band's upper edge are needed, and the mean is removed by leaving out bin 0. The upper half
    of the band begins at the geometric mean of its edges: movement artefact falls so steeply that
    next to nothing of it is left there.
    """

    def __init__(
        self, frame: int, fs_hz: float, band: tuple[float, float], top_hz: float, criteria: QualityCriteria
    ) -> None:
        self._frame = frame
        bin_hz = fs_hz / frame
        self._n_bins = min(int(band[1] / bin_hz), frame // 2 - 1) + 1
        hz: NDArray[np.float64] = np.arange(1, self._n_bins, dtype=np.float64) * bin_hz
        # Rounding must not put the bin on the lower edge outside.
        low_hz, split_hz = criteria.low_hz * (1 - 1 / frame), math.sqrt(band[0] * band[1])
        low, high, split = (int(at) for at in np.searchsorted(hz, (low_hz, band[0], split_hz)))
        self._low, self._high, self._lower = slice(low, high), slice(high, self._n_bins - 1), slice(high, split)
        self._lines = tuple(_near(hz, mains_hz, band[0]) for mains_hz in MAINS_HZ)
        self._upper_lines = np.unique(np.concatenate(self._lines))
        self._upper_lines = self._upper_lines[self._upper_lines >= split]
        n_high = self._n_bins - 1 - high
        self.upper_share = (self._n_bins - 1 - split - len(self._upper_lines)) / n_high
        self._noise_bins, self._noise_cuts = _noise_bins(frame, bin_hz, band[0], top_hz)
        self._n_average = max(1, round(criteria.line_average_s))
        self._tails = [np.zeros(self._n_average - 1) for _ in range(1 + len(MAINS_HZ))]

    def feed(self, frames: NDArray[np.float64]) -> FrameSpectra:
        """Return what whole frames say, samples of shape (n_frames, frame)."""
        whole = np.fft.rfft(frames)
        mean_uv = whole[:, 0].real / self._frame
        whole[:, 0] = 0
        # Real and imaginary parts lie beside each other: what is done to both alike is faster on plain numbers.
        parts = whole.view(np.float64)[:, : 2 * (self._n_bins + 1)]
        windowed = 2 * parts[:, 2:-2]
        windowed -= parts[:, :-4]
        windowed -= parts[:, 4:]
        windowed *= windowed
        power = windowed[:, ::2] + windowed[:, 1::2]
        high = power[:, self._high].sum(axis=1)
        low = power[:, self._low].sum(axis=1)
        # Taken, not indexed: the memory order of an indexed copy, and so that of a sum, depends on the number of rows.
        lines = [np.take(power, bins, axis=1).sum(axis=1) for bins in self._lines]
        upper = high - power[:, self._lower].sum(axis=1) - np.take(power, self._upper_lines, axis=1).sum(axis=1)
        sums = [self._averaged(at, part) for at, part in enumerate((high, *lines))]
        to_uv2 = 1 / (_HANN_POWER * self._frame**2)
        return FrameSpectra(
            _ratio(low, high),
            np.stack([_ratio(line, sums[0]) for line in sums[1:]], axis=1),
            np.stack([_ratio(line, high) for line in lines], axis=1),
            np.sqrt(np.stack(sums[1:], axis=1) * (to_uv2 / self._n_average)),
            low * to_uv2,
            upper * to_uv2,
            mean_uv,
            whole,
        )

    def noise(self, spectra: FrameSpectra, rows: NDArray[np.bool_]) -> NDArray[np.float64]:
        """Return the mean power per bin in parts of all that is recorded; 0 in frames that are not asked for.

        Parameters
        ----------
        spectra : FrameSpectra
            The spectra.
        rows : ndarray of bool, shape (n_frames,)
            Frames that are asked for.

        Returns
        -------
        ndarray of float64, shape (n_frames, n_parts)
            Any unit. There is no window, so that strong slow signals do not look flat.
        """
        noise = np.zeros((len(rows), len(self._noise_cuts) - 1))
        if rows.any():
            noise[rows] = self._densities(spectra.whole[rows])
        return noise

    def _densities(self, spectrum: NDArray[np.complex128]) -> NDArray[np.float64]:
        bins = np.take(spectrum, self._noise_bins, axis=1)
        power = bins.real**2 + bins.imag**2
        parts = [power[:, first:stop].sum(axis=1) / (stop - first) for first, stop in pairwise(self._noise_cuts)]
        return np.stack(parts, axis=1)

    def _averaged(self, at: int, power: NDArray[np.float64]) -> NDArray[np.float64]:
        known = np.concatenate((self._tails[at], power))
        self._tails[at] = known[len(power) :]
        return sliding_sum(known, self._n_average)


def _near(hz: NDArray[np.float64], mains_hz: float, from_hz: float) -> NDArray[np.intp]:
    """Return the bins of a mains frequency and of its harmonics."""
    away = np.abs(hz - mains_hz * np.maximum(np.round(hz / mains_hz), 1))
    return np.flatnonzero((away <= _LINE_HALF_WIDTH_HZ) & (hz >= from_hz))


def _noise_bins(frame: int, bin_hz: float, low_hz: float, top_hz: float) -> tuple[NDArray[np.intp], list[int]]:
    """Return the bins in which noise is looked at, mains left out, and where among them each part begins."""
    bins = np.arange(0, frame // 2 + 1, _NOISE_STEP)
    hz = (bins * bin_hz).astype(np.float64)
    lines = np.concatenate([bins[_near(hz, mains_hz, 0.0)] for mains_hz in MAINS_HZ])
    bins = bins[(hz >= _NOISE_FROM_HZ) & (hz <= top_hz) & ~np.isin(bins, lines)]
    edges_hz = (_NOISE_FROM_HZ, *np.linspace(low_hz, top_hz, _NOISE_PARTS + 1)[:-1])
    return bins, [*np.searchsorted(bins * bin_hz, edges_hz).tolist(), len(bins)]


def _ratio(part: NDArray[np.float64], whole: NDArray[np.float64]) -> NDArray[np.float64]:
    """Divide, a silent whole giving 0."""
    return np.divide(part, whole, out=np.zeros_like(part), where=whole > 0)
