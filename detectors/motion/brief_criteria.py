"""Brief jerks and possible episodes in acceleration."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from detectors.limits import expect_positive, expect_rising

# A cramp need not move the leg, and much else does: acceleration alone never says more than this (science.md 0.3, 3.7).
MAX_CONFIDENCE: Final = 0.40
_ROUNDING: Final = 1e-9


@dataclass(frozen=True, slots=True)
class JerkCriteria:
    """When a peak is a brief leg jerk (science.md 4.3).

    Parameters
    ----------
    band_low_hz, band_high_hz : float
        Band of a jerk, Hz.
    envelope_s : float
        Window of its RMS, s.
    peak_g, peak_mad, peak_ratio : float
        A jerk rises above ``B + max(peak_g, peak_mad * MAD, peak_ratio * B)``, B and MAD being the
        median of the envelope and its median absolute deviation.
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
    peak_ratio: float
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
    """When a pattern of movement is a possible episode, to be confirmed by the person (science.md 3.7).

    Parameters
    ----------
    quiet_s : float
        How long the leg has not moved before, s.
    abrupt_s, abrupt_g, abrupt_deg : float
        Within the first `abrupt_s` the movement reaches `abrupt_g`, or the leg turns by `abrupt_deg`.
    window_s, min_terms : float, int
        Within `window_s` of the onset at least `min_terms` of the following are seen, s.
    burst_g, burst_quiet_s, min_bursts : float, int
        So many bursts above `burst_g`, with at least `burst_quiet_s` below it between them.
    held_deg, held_s : float
        The leg is held, for at least `held_s`, at an orientation `held_deg` from the one before.
    tremor_low_hz, tremor_high_hz : float
        Band of a tremor, Hz.
    tremor_ratio, tremor_s : float
        The tremor is above so many times its quiet level for `tremor_s`, with the movement below `burst_g`.
    end_quiet_s, max_s : float
        The leg has not moved for `end_quiet_s` again at most `max_s` after the onset, s.
    mean_s, guard_s : float
        Length of the mean of gravity before the onset, and its distance, s.
    max_hole_s : float
        Signal that is missing for longer ends what is known, s.
    base_confidence, weight_held, weight_tremor, weight_upright : float
        Confidence of the pattern, and what the leg held, the tremor, and a person upright add to it.

    Raises
    ------
    ValueError
        If a number is not positive, two limits contradict each other, or the confidence can rise
        above :data:`MAX_CONFIDENCE`.
    """

    quiet_s: float
    abrupt_s: float
    abrupt_g: float
    abrupt_deg: float
    window_s: float
    min_terms: int
    burst_g: float
    burst_quiet_s: float
    min_bursts: int
    held_deg: float
    held_s: float
    tremor_low_hz: float
    tremor_high_hz: float
    tremor_ratio: float
    tremor_s: float
    end_quiet_s: float
    max_s: float
    mean_s: float
    guard_s: float
    max_hole_s: float
    base_confidence: float
    weight_held: float
    weight_tremor: float
    weight_upright: float

    def __post_init__(self) -> None:
        group = "possible_episode"
        expect_positive(group, self)
        expect_rising(group, abrupt_s=self.abrupt_s, window_s=self.window_s, max_s=self.max_s)
        expect_rising(group, abrupt_s=self.abrupt_s, end_quiet_s=self.end_quiet_s, max_s=self.max_s)
        expect_rising(group, burst_g=self.burst_g, abrupt_g=self.abrupt_g)
        expect_rising(group, tremor_low_hz=self.tremor_low_hz, tremor_high_hz=self.tremor_high_hz)
        expect_rising(group, tremor_s=self.tremor_s, window_s=self.window_s)
        expect_rising(group, held_s=self.held_s, window_s=self.window_s)
        most = self.base_confidence + self.weight_held + self.weight_tremor + self.weight_upright
        if most > MAX_CONFIDENCE + _ROUNDING:
            msg = f"{group}: the confidence can reach {most:g}, expected at most {MAX_CONFIDENCE:g} without EMG"
            raise ValueError(msg)
