"""When weak sustained activity in the EMG is told."""

from __future__ import annotations

from dataclasses import dataclass

from detectors.limits import expect_positive, expect_rising


@dataclass(frozen=True, slots=True)
class TonicCriteria:
    """When a weak rise is low-level sustained activity (science.md 3.5).

    Parameters
    ----------
    window_s : float
        Window of the RMS, s.
    rise_uv, rise_ratio : float
        The RMS lies above ``L + max(rise_uv, rise_ratio * L)``, L being the level of rest here ...
    high_uv, high_ratio : float
        ... and its median not above ``L + max(high_uv, high_ratio * L)``: that is not weak.
    bridged_s : float
        Gaps up to this length are bridged, s.
    min_s, max_s : float
        Shortest event, and length of the pieces that longer ones come in, s.
    level_s, level_share : float
        L is the value that this share of the RMS of the last so many seconds lies below.
    level_step_s : float
        L is measured this often, s.
    seed_s : float
        So much signal is needed before anything is said, s.
    max_lf_hf, max_line_share : float
        Power below the band, relative to the band, and share of mains in it, above which it is an artefact.

    Raises
    ------
    ValueError
        If a number is not positive or two limits contradict each other.
    """

    window_s: float
    rise_uv: float
    rise_ratio: float
    high_uv: float
    high_ratio: float
    bridged_s: float
    min_s: float
    max_s: float
    level_s: float
    level_share: float
    level_step_s: float
    seed_s: float
    max_lf_hf: float
    max_line_share: float

    def __post_init__(self) -> None:
        expect_positive("tonic", self)
        expect_rising("tonic", rise_uv=self.rise_uv, high_uv=self.high_uv)
        expect_rising("tonic", rise_ratio=self.rise_ratio, high_ratio=self.high_ratio)
        expect_rising("tonic", bridged_s=self.bridged_s, min_s=self.min_s, max_s=self.max_s)
        expect_rising("tonic", window_s=self.window_s, min_s=self.min_s)
        expect_rising("tonic", level_step_s=self.level_step_s, seed_s=self.seed_s, level_s=self.level_s)
        expect_rising("tonic", level_share=self.level_share, one=1.0)
        expect_rising("tonic", max_line_share=self.max_line_share, one=1.0)
