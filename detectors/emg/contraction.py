"""The shape of a sustained contraction, measured over all of it (science.md 3.4)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy import ndimage, signal

from detectors.filters import sliding_sum

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from detectors.emg.cramp_criteria import CrampCriteria
    from detectors.runs import Run, Trace

_RISEN = 0.9
_BEGUN = 0.2


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

    def modulation(self, criteria: CrampCriteria) -> float:
        """Return the relative fluctuation of the amplitude in the band of rhythmic movement."""
        rms_uv = self.rms(criteria.modulation_window_s)
        hz, density = self._spectrum(rms_uv / rms_uv.mean(), criteria.rhythm_segment_s)
        inside = (hz >= criteria.modulation_low_hz) & (hz <= criteria.modulation_high_hz)
        return float(np.sqrt(density[inside].sum() * (hz[1] - hz[0])))

    def rhythm(self, criteria: CrampCriteria) -> tuple[float, float]:
        """Look for a clonus-like rhythm.

        Parameters
        ----------
        criteria : CrampCriteria
            Windows and frequencies.

        Returns
        -------
        share : float
            Share of the fluctuation that lies around its strongest frequency.
        prominence : float
            Height of that peak over the median.
        """
        rms_uv = self.rms(criteria.rhythm_window_s)
        around_uv = ndimage.uniform_filter1d(
            rms_uv, max(1, round(criteria.rhythm_mean_s * self.hop_hz)), mode="nearest"
        )
        hz, density = self._spectrum(rms_uv / around_uv, criteria.rhythm_segment_s)
        whole = (hz >= criteria.rhythm_floor_hz) & (hz <= criteria.rhythm_ceiling_hz)
        sought = np.flatnonzero((hz >= criteria.rhythm_low_hz) & (hz <= criteria.rhythm_high_hz))
        peak = sought[np.argmax(density[sought])]
        near = np.abs(hz - hz[peak]) <= criteria.rhythm_half_width_hz
        total, middle = float(density[whole].sum()), float(np.median(density[whole]))
        if middle == 0:
            return 0.0, 0.0
        return float(density[near & whole].sum()) / total, float(density[peak]) / middle

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
        length = min(round(segment_s * self.hop_hz), len(values))
        hz, density = signal.welch(values, fs=self.hop_hz, nperseg=length)
        return hz, density
