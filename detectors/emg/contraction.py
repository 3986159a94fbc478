"""The shape of a sustained contraction, measured over all of it (science.md 3.4)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from detectors.filters import sliding_sum
from detectors.runs import Run

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from detectors.emg.cramp_criteria import CrampCriteria
    from detectors.runs import Trace

_RISEN = 0.9
_BEGUN = 0.2
# Noise falls below half of its level in 4 % of its time, a clonus in a third of it.
_FALLEN = 0.5
_BROKEN_SHARE = 0.1


class Rhythm(NamedTuple):
    """The strongest rhythm of a contraction, and how far it stands out.

    Parameters
    ----------
    hz : float
        Beats per second.
    share : float
        Share of the fluctuation that lies around this frequency.
    prominence : float
        Height of the peak over the median.
    depth : float
        Fluctuation around this frequency, relative to the amplitude.
    half : float
        Fluctuation around half of the frequency, relative to it: above 1 it is an overtone.
    """

    hz: float
    share: float
    prominence: float
    depth: float
    half: float


@dataclass(frozen=True, slots=True)
class Contraction:
    """Power of a stretch of hops and what lies around it.

    Parameters
    ----------
    power : Trace
        Mean square of every hop, µV².
    run : Run
        The stretch.
    hop_hz : float
        Hops per second.
    """

    power: Trace
    run: Run
    hop_hz: float

    def rms(self, window_s: float) -> NDArray[np.float64]:
        """Return the RMS over a window centred on each hop, µV.

        Parameters
        ----------
        window_s : float
            The window, s.

        Returns
        -------
        ndarray of float64, shape (n_hops,)
            What lies outside the known signal counts as zero.
        """
        width = max(1, round(window_s * self.hop_hz))
        before = width // 2
        power = self.power.padded(self.run.onset - before, self.run.end + width - before - 1)
        root: NDArray[np.float64] = np.sqrt(sliding_sum(power, width) / width)
        return root

    def duty(self, criteria: CrampCriteria, offset_uv: float) -> float:
        """Return the share of the contraction that lies above the offset threshold."""
        return float(np.mean(self.rms(criteria.duty_window_s) > offset_uv))

    def core(self, criteria: CrampCriteria, offset_uv: float) -> Run:
        """Return the longest part without a pause of ``core_pause_s``: a patchy beginning or end is cut off."""
        above = np.flatnonzero(self.rms(criteria.duty_window_s) > offset_uv)
        if not len(above):
            return self.run
        breaks = np.flatnonzero(np.diff(above) > criteria.core_pause_s * self.hop_hz)
        firsts, lasts = above[np.concatenate(([0], breaks + 1))], above[np.append(breaks, len(above) - 1)]
        longest = int(np.argmax(lasts - firsts))
        return Run(self.run.onset + int(firsts[longest]), self.run.onset + int(lasts[longest]) + 1)

    def modulation(self, criteria: CrampCriteria) -> float:
        """Return the relative fluctuation of the amplitude in the band of rhythmic movement, of the middle segment."""
        rms_uv = self.rms(criteria.modulation_window_s)
        hz, density = self._spectra(rms_uv, criteria.rhythm_segment_s)
        inside = (hz >= criteria.modulation_low_hz) & (hz <= criteria.modulation_high_hz)
        power = density[:, inside].sum(axis=1) * (hz[1] - hz[0])
        # A leg that struggles for some seconds of a minute changes a mean, and not what the contraction is like.
        return float(np.sqrt(np.median(power)))

    def is_broken(self, criteria: CrampCriteria) -> bool:
        """Say whether the amplitude falls often enough for a rhythm to be looked for in a short contraction."""
        rms_uv = self.rms(criteria.rhythm_window_s)
        return bool(np.count_nonzero(rms_uv < _FALLEN * rms_uv.mean()) >= _BROKEN_SHARE * len(rms_uv))

    def rhythm(self, criteria: CrampCriteria) -> Rhythm:
        """Look for a clonus-like rhythm.

        Parameters
        ----------
        criteria : CrampCriteria
            Windows and frequencies.

        Returns
        -------
        Rhythm
            The strongest one; all zero if the amplitude does not fluctuate at all.
        """
        rms_uv = self.rms(criteria.rhythm_window_s)
        width = max(1, round(criteria.rhythm_mean_s * self.hop_hz))
        around_uv = sliding_sum(np.pad(rms_uv, (width // 2, (width - 1) // 2), mode="edge"), width) / width
        hz, density = self._spectrum(rms_uv / around_uv, criteria.rhythm_segment_s)
        whole = (hz >= criteria.rhythm_floor_hz) & (hz <= criteria.rhythm_ceiling_hz)
        sought = np.flatnonzero((hz >= criteria.rhythm_low_hz) & (hz <= criteria.rhythm_high_hz))
        peak = sought[np.argmax(density[sought])]
        total, middle = float(density[whole].sum()), float(np.median(density[whole]))
        if middle == 0:
            return Rhythm(0.0, 0.0, 0.0, 0.0, 0.0)
        near, half = (
            float(density[(np.abs(hz - at_hz) <= criteria.rhythm_half_width_hz) & whole].sum())
            for at_hz in (hz[peak], hz[peak] / 2)
        )
        depth = float(np.sqrt(near * (hz[1] - hz[0])))
        return Rhythm(float(hz[peak]), near / total, float(density[peak]) / middle, depth, half / near)

    def profile(self, window_s: float) -> float:
        """Return how much longer the decay takes than the rise.

        Parameters
        ----------
        window_s : float
            Window of the RMS, s.

        Returns
        -------
        float
            Time from 90 % down to 20 % over time from 20 % up to 90 % of the height.
        """
        rms_uv = self.rms(window_s)
        height_uv = rms_uv.max()
        risen = np.flatnonzero(rms_uv >= _RISEN * height_uv)
        begun = np.flatnonzero(rms_uv >= _BEGUN * height_uv)
        rise = max(int(risen[0] - begun[0]), 1)
        decay = max(int(begun[-1] - risen[-1]), 1)
        return decay / rise

    def _spectrum(
        self, values: NDArray[np.float64], segment_s: float
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Return Welch's spectrum of values around 1."""
        hz, density = self._spectra(values, segment_s, relative=False)
        return hz, density.mean(axis=0)

    def _spectra(
        self, values: NDArray[np.float64], segment_s: float, *, relative: bool = True
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Return spectra of half-overlapping segments under a Hann window, each without or relative to its mean."""
        length = min(round(segment_s * self.hop_hz), len(values))
        segments = np.lib.stride_tricks.sliding_window_view(values, length)[:: length - length // 2]
        means = segments.mean(axis=1, keepdims=True)
        around = segments / means - 1 if relative else segments - means
        window = 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(length) / length)
        spectra = np.fft.rfft(around * window)
        density: NDArray[np.float64] = (spectra.real**2 + spectra.imag**2) * (2 / (self.hop_hz * (window**2).sum()))
        return np.arange(density.shape[1], dtype=np.float64) * (self.hop_hz / length), density
