"""The spectrum of every second of EMG: movement artefact below the band, mains inside it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from detectors.filters import sliding_sum

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from detectors.emg.criteria import QualityCriteria

MAINS_HZ: Final = (50.0, 60.0)
# Half the width of a mains line (science.md 2.2): its own drift and one bin of the window.
_LINE_HALF_WIDTH_HZ: Final = 1.5


@dataclass(frozen=True, slots=True)
class Ratios:
    """What the spectrum of each frame says.

    Parameters
    ----------
    lf_hf : ndarray of float64, shape (n_frames,)
        Power below the band over power in the band.
    line : ndarray of float64, shape (n_frames,)
        Share of mains in the band, averaged over the last seconds.
    """

    lf_hf: NDArray[np.float64]
    line: NDArray[np.float64]


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
    criteria : QualityCriteria
        Lower edge of the low band; length of the average.

    Notes
    -----
    The Hann window is applied to the spectrum, as a sum of three neighbours: only the bins up to
    the band's upper edge are needed, and the mean is removed by leaving out bin 0.
    """

    def __init__(self, frame: int, fs_hz: float, band: tuple[float, float], criteria: QualityCriteria) -> None:
        self._frame = frame
        bin_hz = fs_hz / frame
        self._n_bins = min(int(band[1] / bin_hz), frame // 2 - 1) + 1
        hz: NDArray[np.float64] = np.arange(1, self._n_bins, dtype=np.float64) * bin_hz
        self._low = slice(*np.searchsorted(hz, (criteria.low_hz * (1 - 1 / frame), band[0])).tolist())
        self._high = slice(int(np.searchsorted(hz, band[0])), self._n_bins - 1)
        self._lines = tuple(_line_bins(hz, mains_hz, band) for mains_hz in MAINS_HZ)
        self._n_average = max(1, round(criteria.line_average_s))
        self._tails = [np.zeros(self._n_average - 1) for _ in range(1 + len(MAINS_HZ))]
        self._last_line = 0.0

    def restart(self) -> None:
        """Forget everything; the next frame is the first."""
        self._tails = [np.zeros(self._n_average - 1) for _ in self._tails]

    def feed(self, samples: NDArray[np.float64]) -> Ratios:
        """Return the ratios of whole frames, samples of shape (n_frames * frame,)."""
        spectrum = np.fft.rfft(samples.reshape(-1, self._frame))[:, : self._n_bins + 1]
        spectrum[:, 0] = 0
        windowed = 2 * spectrum[:, 1:-1] - spectrum[:, :-2] - spectrum[:, 2:]
        power = windowed.real**2 + windowed.imag**2
        high = power[:, self._high].sum(axis=1)
        low = power[:, self._low].sum(axis=1)
        sums = [self._averaged(0, high)]
        sums += [self._averaged(1 + at, power[:, bins].sum(axis=1)) for at, bins in enumerate(self._lines)]
        line = _ratio(np.maximum.reduce(sums[1:]), sums[0])
        self._last_line = float(line[-1])
        return Ratios(_ratio(low, high), line)

    def unknown(self) -> Ratios:
        """Return what can be said of a part of a frame: nothing new."""
        return Ratios(np.array([np.nan]), np.array([self._last_line]))

    def _averaged(self, at: int, power: NDArray[np.float64]) -> NDArray[np.float64]:
        known = np.concatenate((self._tails[at], power))
        self._tails[at] = known[len(power) :]
        return sliding_sum(known, self._n_average)


def _line_bins(hz: NDArray[np.float64], mains_hz: float, band: tuple[float, float]) -> NDArray[np.intp]:
    """Return the bins of a mains frequency and of its harmonics inside the band."""
    harmonics = np.arange(mains_hz, band[1] + _LINE_HALF_WIDTH_HZ, mains_hz)
    near = [np.flatnonzero((np.abs(hz - line_hz) <= _LINE_HALF_WIDTH_HZ) & (hz >= band[0])) for line_hz in harmonics]
    return np.concatenate([np.empty(0, np.intp), *near])


def _ratio(part: NDArray[np.float64], whole: NDArray[np.float64]) -> NDArray[np.float64]:
    """Divide, a silent whole giving 0."""
    return np.divide(part, whole, out=np.zeros_like(part), where=whole > 0)
