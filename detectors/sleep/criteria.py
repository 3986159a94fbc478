"""What is called sleep, and what is called not worn."""

from __future__ import annotations

from dataclasses import dataclass

from detectors.limits import expect_positive, expect_rising
from detectors.quality.epoch_tally import EPOCH_S

# A median over fewer seconds is not a steady state but every twitch of the angle.
SHORTEST_MEDIAN_S = 60.0


@dataclass(frozen=True, slots=True)
class SleepWindowRule:
    """A published rule for the window that sleep lies in, from the angle of a limb.

    Parameters
    ----------
    bin_s : float
        Length of the means that the angle is taken from, s.
    median_s : float
        Length of the rolling median of its change, s.
    quantile, ratio : float
        The limb is still below this quantile of the medians times this ratio, ...
    least_deg, most_deg : float
        ... which is kept between these limits, degrees.
    block_s : float
        Longer stretches of a still limb are blocks, s.
    gap_s : float
        Blocks that lie closer than this are joined, s.
    """

    bin_s: float
    median_s: float
    quantile: float
    ratio: float
    least_deg: float
    most_deg: float
    block_s: float
    gap_s: float


@dataclass(frozen=True, slots=True)
class InactivityRule:
    """A published rule for sleep from the angle: no change of more than `change_deg` for `still_s`."""

    change_deg: float
    still_s: float


@dataclass(frozen=True, slots=True)
class ActivityRule:
    """A published rule for wake from a weighted sum of activity.

    Parameters
    ----------
    scale : float
        Factor of the sum.
    weights : tuple of float
        Weights of consecutive minutes.
    minutes_before : int
        How many of them lie before the minute that is scored.
    wake_sum : float
        A minute with a larger sum is wake, g s.
    """

    scale: float
    weights: tuple[float, ...]
    minutes_before: int
    wake_sum: float


@dataclass(frozen=True, slots=True)
class SleepCriteria:
    """When a leg looks asleep (science.md 6.1, 6.3).

    Parameters
    ----------
    bin_s : float
        Length of the means that the angle of the leg is taken from, s; a part of 30 s.
    median_s : float
        Length of the rolling median of the angle's change, s.
    window_quantile, window_ratio : float
        The leg is still below this quantile of the medians times this ratio, ...
    window_least_deg, window_most_deg : float
        ... which is kept between these limits, degrees.
    block_s : float
        Longer stretches of a still leg are blocks, s.
    gap_s : float
        Blocks that lie closer than this are joined to the sleep period window, s.
    change_deg, still_s : float
        First vote: sleep where the angle does not change by more than this, degrees, for this long, s.
    wake_sum : float
        Second vote: wake where the weighted sum of activity is larger, g s.
    activity_gain : float
        What our activity is multiplied with before it is weighted.
    isolated_min_s, isolated_max_s : float
        Shortest and longest movement that is taken out of the activity, s.
    isolated_change_deg : float
        Such a movement leaves the leg turned by less than this, degrees.
    isolated_apart_s : float
        No other movement lies this close to it, s.
    isolated_margin_s : float
        What is taken out with it before and after, s.
    onset_s : float
        Sleep begins with the first stretch of this length, s, ...
    onset_wake_s : float
        ... that has at most this much wake in it, s.
    awakening_s, long_awakening_s : float
        Shortest awakening, and shortest one that is counted as long, s.
    in_bed_s : float
        A leg that does not get vertical for this long is in bed, s.
    min_known_s : float
        Shorter recordings say nothing about sleep, s.

    Raises
    ------
    ValueError
        If a number is not positive or two limits contradict each other.
    """

    bin_s: float
    median_s: float
    window_quantile: float
    window_ratio: float
    window_least_deg: float
    window_most_deg: float
    block_s: float
    gap_s: float
    change_deg: float
    still_s: float
    wake_sum: float
    activity_gain: float
    isolated_min_s: float
    isolated_max_s: float
    isolated_change_deg: float
    isolated_apart_s: float
    isolated_margin_s: float
    onset_s: float
    onset_wake_s: float
    awakening_s: float
    long_awakening_s: float
    in_bed_s: float
    min_known_s: float

    def __post_init__(self) -> None:
        expect_positive("sleep", self, or_zero=("onset_wake_s", "isolated_apart_s", "isolated_margin_s"))
        if EPOCH_S % self.bin_s:
            msg = f"sleep.bin_s is {self.bin_s}, expected a part of {EPOCH_S:g} s, such as 5 or 10"
            raise ValueError(msg)
        expect_rising("sleep", bin_s=self.bin_s, median_s=self.median_s, block_s=self.block_s)
        if self.median_s < SHORTEST_MEDIAN_S:
            msg = f"sleep.median_s is {self.median_s}, expected {SHORTEST_MEDIAN_S:g} or more: a turn takes seconds"
            raise ValueError(msg)
        if self.onset_s < EPOCH_S:
            msg = f"sleep.onset_s is {self.onset_s}, expected {EPOCH_S:g} or more: sleep is judged in such epochs"
            raise ValueError(msg)
        expect_rising("sleep", bin_s=self.bin_s, still_s=self.still_s)
        expect_rising("sleep", window_quantile=self.window_quantile, one=1.0)
        expect_rising("sleep", window_least_deg=self.window_least_deg, window_most_deg=self.window_most_deg)
        expect_rising("sleep", isolated_min_s=self.isolated_min_s, isolated_max_s=self.isolated_max_s)
        expect_rising("sleep", onset_wake_s=self.onset_wake_s, onset_s=self.onset_s)
        expect_rising("sleep", awakening_s=self.awakening_s, long_awakening_s=self.long_awakening_s)


@dataclass(frozen=True, slots=True)
class WearCriteria:
    """When a sensor is not worn (science.md 7.2).

    Parameters
    ----------
    min_s : float
        Shortest stretch, s; whole minutes are looked at.
    max_sd_g : float
        Standard deviation that every axis stays below, g.
    max_range_g : float
        Range of the means of a second that every axis stays below, g.
    coarse_g : float
        A sensor whose samples spread less than this is too coarse to show breath or heart beat, g.
    respiration_low_hz, respiration_high_hz : float
        Band of breathing, Hz.
    respiration_segment_s : float
        Length of the pieces that the spectrum is averaged over, s.
    min_respiration_ratio : float
        From this height of a peak over the median of the band on, somebody breathes.
    faint_breath_g, breath_width_hz : float
        Amplitude of a faint breath, g, and how far its rate spreads, Hz: a sensor with more noise in that band
        than such a breath says nothing by not showing one.
    pulse_width_hz : float
        Width of the band of the heart beat as the noise sees it, Hz.
    min_pulse_ratio : float
        From this ratio to the noise on, a heart beats.
    handling_s : float
        How far before and after a stretch somebody may have handled the sensor, s.
    handling_deg : float
        A sensor that was turned this way and that by so much in total was handled, degrees.
    least_turn_deg : float
        Turns from one second to the next that are smaller do not add up, degrees.
    electrode_off_share : float
        Share of a stretch in which an electrode is off that is enough.

    Raises
    ------
    ValueError
        If a number is not positive or two limits contradict each other.
    """

    min_s: float
    max_sd_g: float
    max_range_g: float
    coarse_g: float
    respiration_low_hz: float
    respiration_high_hz: float
    respiration_segment_s: float
    min_respiration_ratio: float
    faint_breath_g: float
    breath_width_hz: float
    pulse_width_hz: float
    min_pulse_ratio: float
    handling_s: float
    handling_deg: float
    least_turn_deg: float
    electrode_off_share: float

    def __post_init__(self) -> None:
        expect_positive("wear", self)
        expect_rising("wear", minute_s=60.0, respiration_segment_s=self.respiration_segment_s, min_s=self.min_s)
        expect_rising("wear", coarse_g=self.coarse_g, max_sd_g=self.max_sd_g, max_range_g=self.max_range_g)
        # A frame takes a second: what is faster than half a turn per frame cannot be seen in its means.
        expect_rising(
            "wear",
            respiration_low_hz=self.respiration_low_hz,
            respiration_high_hz=self.respiration_high_hz,
            half_a_frame_hz=0.5,
        )
        expect_rising("wear", least_turn_deg=self.least_turn_deg, handling_deg=self.handling_deg)
        expect_rising("wear", nothing=0.0, electrode_off_share=self.electrode_off_share, more_than_all=1.001)
