"""Twitches, rhythmic trains and weak tonic activity in the EMG."""

from __future__ import annotations

from dataclasses import dataclass

from detectors.limits import expect_positive, expect_rising


@dataclass(frozen=True, slots=True)
class TwitchCriteria:
    """When a peak is a twitch (science.md 4.2).

    Parameters
    ----------
    band_low_hz, band_high_hz : float
        Pass band, Hz.
    nyquist_share : float
        The upper edge lies at most at this share of the sampling rate.
    filter_order : int
        Order of the Butterworth prototype; the band-pass has twice as many poles.
    min_fs_hz : float
        Below this sampling rate nothing is said, Hz.
    shape_fs_hz : float
        Below this sampling rate nothing is said about the width: events are brief EMG transients, Hz.
    noise_s : float
        Length of the quiet signal that sigma is measured from, s.
    noise_step_s : float
        Sigma is measured this often, s.
    noise_gate_ratio : float
        Seconds with at most so many times sigma are quiet.
    noise_escape_s : float
        After this long without a quiet second the noise itself must have changed, s.
    peak_uv, peak_sigma : float
        A peak is higher than ``max(peak_uv, peak_sigma * sigma)``, µV.
    transient_uv, transient_sigma : float
        The same below `shape_fs_hz`.
    tkeo_ratio : float
        Its Teager-Kaiser energy is more than so many times the median around it.
    refractory_s : float
        Peaks closer than this are one potential, s.
    merge_s : float
        Potentials closer than this are one twitch, s.
    width_sigma, width_share : float
        A potential lasts as long as it exceeds ``max(width_sigma * sigma, width_share * peak)``.
    min_width_s, fasciculation_s, burst_s, max_s : float
        Widths at which a spike of the electronics becomes fasciculation-like, then a brief burst,
        then a jerk, then a leg movement, which is not scored here, s.
    isolation_s, isolation_uv, isolation_ratio : float
        So long before and after, s, the RMS is below ``B + max(isolation_uv, isolation_ratio * B)``.
    lf_hf_s, max_lf_hf : float
        In so much signal before and after, s, power below the band relative to the band.
    step_s, step_sigma : float
        The means of so much raw signal before and after, s, differ by at most so many sigmas of it.
    boundary_s : float
        A peak this close to missing samples is not looked at, s.
    amplitude_s : float
        The peak-to-peak amplitude is taken from so much signal before and after the peak, s.
    beat_low_s, beat_high_s : float
        Range of the interval between heart beats, s.
    beat_cv : float
        Peaks whose intervals scatter less than this come from the heart ...
    beat_ratio : float
        ... unless they are so many times as high as the others.
    beat_window_s, min_beats : float
        Peaks within this time before and after are compared, s, if there are so many of them.

    Raises
    ------
    ValueError
        If a number is not positive or two limits contradict each other.
    """

    band_low_hz: float
    band_high_hz: float
    nyquist_share: float
    filter_order: int
    min_fs_hz: float
    shape_fs_hz: float
    noise_s: float
    noise_step_s: float
    noise_gate_ratio: float
    noise_escape_s: float
    peak_uv: float
    peak_sigma: float
    transient_uv: float
    transient_sigma: float
    tkeo_ratio: float
    refractory_s: float
    merge_s: float
    width_sigma: float
    width_share: float
    min_width_s: float
    fasciculation_s: float
    burst_s: float
    max_s: float
    isolation_s: float
    isolation_uv: float
    isolation_ratio: float
    lf_hf_s: float
    max_lf_hf: float
    step_s: float
    step_sigma: float
    boundary_s: float
    amplitude_s: float
    beat_low_s: float
    beat_high_s: float
    beat_cv: float
    beat_ratio: float
    beat_window_s: float
    min_beats: float

    def __post_init__(self) -> None:
        expect_positive("twitch", self)
        expect_rising("twitch", band_low_hz=self.band_low_hz, band_high_hz=self.band_high_hz)
        expect_rising("twitch", nyquist_share=self.nyquist_share, nyquist=0.5)
        lowest_hz = self.band_low_hz / self.nyquist_share
        expect_rising("twitch", band_low_hz_over_nyquist_share=lowest_hz, min_fs_hz=self.min_fs_hz)
        expect_rising(
            "twitch", noise_step_s=self.noise_step_s, noise_s=self.noise_s, noise_escape_s=self.noise_escape_s
        )
        expect_rising("twitch", one=1.0, noise_gate_ratio=self.noise_gate_ratio)
        expect_rising("twitch", width_sigma=self.width_sigma, peak_sigma=self.peak_sigma)
        expect_rising("twitch", width_share=self.width_share, one=1.0)
        expect_rising("twitch", refractory_s=self.refractory_s, merge_s=self.merge_s)
        expect_rising(
            "twitch",
            min_width_s=self.min_width_s,
            fasciculation_s=self.fasciculation_s,
            burst_s=self.burst_s,
            max_s=self.max_s,
        )
        expect_rising(
            "twitch", beat_low_s=self.beat_low_s, beat_high_s=self.beat_high_s, beat_window_s=self.beat_window_s
        )


@dataclass(frozen=True, slots=True)
class RhythmCriteria:
    """When bursts are a rhythmic train (science.md 1.7), and when a rhythm is a clonus.

    Parameters
    ----------
    onset_uv, onset_ratio : float
        A burst rises above ``B + max(onset_uv, onset_ratio * B)``, B being the resting level.
    offset_uv, offset_ratio : float
        It lasts as long as it exceeds ``B + max(offset_uv, offset_ratio * B)`` ...
    offset_share : float
        ... and this share of the highest level within `nearby_s`.
    pause_share : float
        In a pause it falls below the same rise, or below this share.
    nearby_s : float
        How far before and after a level counts as near, s.
    window_s, level_s : float
        Windows of the RMS that bursts are found in, and that the level nearby is taken from, s.
    min_pause_s : float
        Shorter pauses are bridged, s.
    min_burst_s, max_burst_s : float
        Shortest and longest burst, s; a longer one ends a train.
    min_interval_s, max_interval_s : float
        Shortest and longest time from onset to onset, s.
    max_change, max_unlike : float
        Intervals, and lengths and heights of bursts, differ from the last one's by at most these factors.
    min_bursts : float
        Fewest bursts in a train.
    max_cv, few_bursts, max_cv_few : float
        Largest coefficient of variation of the intervals, and a smaller one up to so many bursts.
    max_lf_hf : float
        Power below the band, relative to the band, above which a train is a moving cable.
    heart_burst_s, heart_cv : float
        Bursts shorter than this, s, whose heights scatter less than this are heart beats.
    longest_s : float
        Longer trains come in pieces of this length, s.
    tremor_burst_s, movement_burst_s : float
        From these lengths on bursts are those of a foot tremor, and leg movements, s.
    clonus_min_s : float
        Shortest clonus, s.
    clonus_low_hz, clonus_high_hz : float
        Slowest and fastest clonus, Hz.
    clonus_min_depth, clonus_short_depth : float
        Least fluctuation of the amplitude at that rate, relative to the amplitude; the second one
        below ``cramp.min_s``.
    clonus_band_hz : float
        Width of the band that these are for, Hz.
    clonus_max_half : float
        Most fluctuation at half of that rate, relative to it: otherwise it is an overtone.

    Raises
    ------
    ValueError
        If a number is not positive or two limits contradict each other.
    """

    onset_uv: float
    onset_ratio: float
    offset_uv: float
    offset_ratio: float
    offset_share: float
    pause_share: float
    nearby_s: float
    window_s: float
    level_s: float
    min_pause_s: float
    min_burst_s: float
    max_burst_s: float
    min_interval_s: float
    max_interval_s: float
    max_change: float
    max_unlike: float
    min_bursts: float
    max_cv: float
    few_bursts: float
    max_cv_few: float
    max_lf_hf: float
    heart_burst_s: float
    heart_cv: float
    longest_s: float
    tremor_burst_s: float
    movement_burst_s: float
    clonus_min_s: float
    clonus_low_hz: float
    clonus_high_hz: float
    clonus_min_depth: float
    clonus_short_depth: float
    clonus_band_hz: float
    clonus_max_half: float

    def __post_init__(self) -> None:
        expect_positive("rhythm", self, or_zero=("onset_ratio", "offset_ratio"))
        expect_rising("rhythm", offset_uv=self.offset_uv, onset_uv=self.onset_uv)
        expect_rising("rhythm", pause_share=self.pause_share, offset_share=self.offset_share, one=1.0)
        expect_rising("rhythm", window_s=self.window_s, level_s=self.level_s)
        expect_rising("rhythm", min_pause_s=self.min_pause_s, min_interval_s=self.min_interval_s)
        expect_rising(
            "rhythm",
            min_burst_s=self.min_burst_s,
            tremor_burst_s=self.tremor_burst_s,
            movement_burst_s=self.movement_burst_s,
            max_burst_s=self.max_burst_s,
        )
        expect_rising("rhythm", min_interval_s=self.min_interval_s, max_interval_s=self.max_interval_s)
        expect_rising("rhythm", max_interval_s=self.max_interval_s, longest_s=self.longest_s)
        expect_rising("rhythm", one=1.0, max_change=self.max_change)
        expect_rising("rhythm", one=1.0, max_unlike=self.max_unlike)
        expect_rising("rhythm", two=2.0, min_bursts=self.min_bursts)
        expect_rising("rhythm", max_cv_few=self.max_cv_few, max_cv=self.max_cv)
        expect_rising("rhythm", clonus_low_hz=self.clonus_low_hz, clonus_high_hz=self.clonus_high_hz)
