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
    peak_g, peak_mad : float
        A jerk rises above ``B + max(peak_g, peak_mad * MAD)``, B and MAD being the median of the
        envelope and its median absolute deviation.
    level_s, level_every_s : float
        Both are taken from the last `level_s`, anew every `level_every_s`, s; before the first time
        nothing is found.
    width_share : float
        The width of a jerk is what lies above this share of its rise ...
    min_s, max_s : float
        ... and lasts from `min_s` to `max_s`, s.
    isolated_s : float
        So far around the peak nothing else happens, s ...
    max_busy_s : float
        ... and the leg turns for no longer than this, s.
    max_turn_deg, mean_s : float
        The leg lies as before, within this angle, degrees, between means of this length, s.
    min_fs_hz, full_fs_hz : float
        Below `min_fs_hz` nothing is found, below `full_fs_hz` the quality of what is found is low, Hz.

    Raises
    ------
    ValueError
        If a number is not positive or two limits contradict each other.
    """

    band_low_hz: float
    band_high_hz: float
    envelope_s: float
    peak_g: float
    peak_mad: float
    level_s: float
    level_every_s: float
    width_share: float
    min_s: float
    max_s: float
    isolated_s: float
    max_busy_s: float
    max_turn_deg: float
    mean_s: float
    min_fs_hz: float
    full_fs_hz: float

    def __post_init__(self) -> None:
        expect_positive("jerk", self)
        expect_rising("jerk", band_low_hz=self.band_low_hz, band_high_hz=self.band_high_hz)
        expect_rising("jerk", level_every_s=self.level_every_s, level_s=self.level_s)
        expect_rising("jerk", width_share=self.width_share, one=1.0)
        expect_rising("jerk", min_s=self.min_s, max_s=self.max_s, isolated_s=self.isolated_s)
        expect_rising("jerk", max_busy_s=self.max_busy_s, isolated_s=self.isolated_s)
        expect_rising("jerk", min_fs_hz=self.min_fs_hz, full_fs_hz=self.full_fs_hz)


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
