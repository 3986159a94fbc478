"""What is wrong with a channel of EMG: mains, heart beat, an electrode that came off."""

from __future__ import annotations

from dataclasses import dataclass

from detectors.limits import expect_positive, expect_rising


@dataclass(frozen=True, slots=True)
class LineCriteria:
    """When mains noise is taken out of the EMG (science.md 2.2).

    Parameters
    ----------
    treat_from : float
        Share of mains in the band above which a second is flagged, and the ones after it treated.
    treat_to : float
        Share above which it may be an electrode fault ...
    weak_uv : float
        ... where the signal is stronger than this, µV RMS, and has become so: see ``electrode``.
    strong_uv : float
        Mains above this and above `treat_to` is left as it is, µV RMS: a cable hums less, a loose
        electrode more.
    hold_s : float
        Treatment goes on for so long after the share was last above `treat_from`, s; a strong
        contraction makes the share small, not the mains.
    harmonics_share : float
        Harmonics up to so many times the band's upper edge are subtracted.

    Raises
    ------
    ValueError
        If a number is not positive or two limits contradict each other.
    """

    treat_from: float
    treat_to: float
    weak_uv: float
    strong_uv: float
    hold_s: float
    harmonics_share: float

    def __post_init__(self) -> None:
        expect_positive("line", self)
        expect_rising("line", treat_from=self.treat_from, treat_to=self.treat_to)


@dataclass(frozen=True, slots=True)
class EcgCriteria:
    """When the EMG shows the heart beat, and what is taken for a beat (science.md 2.4).

    Parameters
    ----------
    block_s, every_s : float
        Length of the stretch in which beats are looked for, and from one to the next, s.
    peak_s : float
        Window that a beat fills in the power, s.
    peak_ratio : float
        Power of a peak over the median of the stretch, and over what is around it.
    inner_s, outer_s : float
        What is around a peak lies between so long before and after it, s; up to the inner edge a
        beat is replaced by it.
    distance_s : float
        Peaks closer than this are one, s.
    min_interval_s, max_interval_s : float
        Shortest and longest interval between two beats, s.
    max_variation : float
        Largest coefficient of variation of the intervals.
    min_share : float
        Share of the expected beats that have to be seen.
    tolerance : float
        A peak is a beat if it comes a whole number of intervals after an earlier one, give or take
        this share of an interval ...
    max_missed : float
        ... of which so many may have been hidden.

    Raises
    ------
    ValueError
        If a number is not positive or two limits contradict each other.
    """

    block_s: float
    every_s: float
    peak_s: float
    peak_ratio: float
    inner_s: float
    outer_s: float
    distance_s: float
    min_interval_s: float
    max_interval_s: float
    max_variation: float
    min_share: float
    tolerance: float
    max_missed: float

    def __post_init__(self) -> None:
        expect_positive("ecg", self, or_zero=("max_missed",))
        expect_rising("ecg", inner_s=self.inner_s, outer_s=self.outer_s, min_interval_s=self.min_interval_s)
        expect_rising("ecg", block_s=self.block_s, every_s=self.every_s)
        expect_rising("ecg", distance_s=self.distance_s, min_interval_s=self.min_interval_s)
        expect_rising(
            "ecg", min_interval_s=self.min_interval_s, max_interval_s=self.max_interval_s, block_s=self.block_s
        )
        expect_rising("ecg", min_share=self.min_share, one=1.0)
        expect_rising("ecg", tolerance=self.tolerance, half=0.5)


@dataclass(frozen=True, slots=True)
class ElectrodeCriteria:
    """When an electrode is off the skin, pops, or has poor contact (science.md 7.1).

    Parameters
    ----------
    line_s : float
        More mains in the band than ``quality.max_line_share`` for so long, s, ...
    line_ratio : float
        ... while the RMS is so many times that of earlier quiet seconds, ...
    line_alone_s : float
        ... or for so long where it is above ``line.strong_uv``, s; it is above ``line.weak_uv`` in any case.
    drift_uv_per_s : float
        The mean of the raw signal moves faster than this, µV per second, ...
    drift_s : float
        ... in one direction for so long, s.
    noise_ratio : float
        The RMS is so many times that of earlier quiet seconds ...
    noise_hum_ratio : float
        ... or so many times where there is more mains than ``line.treat_from`` ...
    noise_s : float
        ... for so long, s, ...
    noise_flatness : float
        ... and its spectrum is flat: no part of it is stronger than another by more than this factor.
    noise_top_hz : float
        Where the sensor records up to here, Hz, it is flat as well if ...
    noise_upper_flatness : float
        ... its upper three quarters are, by this factor, ...
    noise_slope : float
        ... and the lowest quarter is stronger than they are by no more than this.
    noise_max_s : float
        After so long flat noise is not an open electrode any more but the new noise floor, s.
    reference_s : float
        Length of the signal that the earlier RMS is taken from, s ...
    reference_quantile : float
        ... as this quantile.
    poor_contact_uv : float
        Resting level above which contact is poor, µV RMS; weaker noise is no open electrode.
    max_span_s : float
        A longer time without electrode comes in several events, s.
    pop_ratio : float
        A pop changes the signal by more than so many times the median change within two samples ...
    pop_uv : float
        ... and by more than this, µV, which no small muscle potential does.
    pop_recovery_s : float
        What goes on for longer is not a pop, s.
    pop_settling_s : float
        The band needs so long to recover after a pop, s.

    Raises
    ------
    ValueError
        If a number is not positive or two limits contradict each other.
    """

    line_s: float
    line_ratio: float
    line_alone_s: float
    drift_uv_per_s: float
    drift_s: float
    noise_ratio: float
    noise_hum_ratio: float
    noise_s: float
    noise_flatness: float
    noise_top_hz: float
    noise_upper_flatness: float
    noise_slope: float
    noise_max_s: float
    reference_s: float
    reference_quantile: float
    poor_contact_uv: float
    max_span_s: float
    pop_ratio: float
    pop_uv: float
    pop_recovery_s: float
    pop_settling_s: float

    def __post_init__(self) -> None:
        expect_positive("electrode", self)
        expect_rising("electrode", reference_quantile=self.reference_quantile, one=1.0)
        expect_rising("electrode", line_s=self.line_s, line_alone_s=self.line_alone_s)
        expect_rising("electrode", noise_s=self.noise_s, noise_max_s=self.noise_max_s)
        expect_rising("electrode", one=1.0, noise_ratio=self.noise_ratio)
        if self.noise_hum_ratio < self.noise_ratio:
            msg = f"electrode: noise_hum_ratio is {self.noise_hum_ratio}, expected noise_ratio or more"
            raise ValueError(msg)
        expect_rising("electrode", one=1.0, noise_flatness=self.noise_flatness)
        expect_rising("electrode", one=1.0, noise_upper_flatness=self.noise_upper_flatness)
        expect_rising("electrode", one=1.0, noise_slope=self.noise_slope)
