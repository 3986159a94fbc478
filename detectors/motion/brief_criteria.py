"""Brief jerks and possible episodes in acceleration."""

from __future__ import annotations

from dataclasses import dataclass

from detectors.limits import expect_positive, expect_rising


@dataclass(frozen=True, slots=True)
class JerkCriteria:
    """When a peak is a brief leg jerk (science.md 4.3).

    Parameters
    ----------
    band_low_hz, band_high_hz : float
        Band of a jerk, Hz.
    envelope_s : float
        Window of its RMS, s.
    peak_g : float
        Least height of a peak, g.

    Raises
    ------
    ValueError
        If a number is not positive.
    """

    band_low_hz: float
    band_high_hz: float
    envelope_s: float
    peak_g: float

    def __post_init__(self) -> None:
        expect_positive("jerk", self)
        expect_rising("jerk", band_low_hz=self.band_low_hz, band_high_hz=self.band_high_hz)


@dataclass(frozen=True, slots=True)
class PossibleEpisodeCriteria:
    """When a burst of movement is a possible episode (science.md 3.7).

    Parameters
    ----------
    quiet_s : float
        How long the leg has been quiet before, s.
    tremor_low_hz, tremor_high_hz : float
        Band of a tremor, Hz.

    Raises
    ------
    ValueError
        If a number is not positive.
    """

    quiet_s: float
    tremor_low_hz: float
    tremor_high_hz: float

    def __post_init__(self) -> None:
        expect_positive("possible_episode", self)
        expect_rising("possible_episode", tremor_low_hz=self.tremor_low_hz, tremor_high_hz=self.tremor_high_hz)
