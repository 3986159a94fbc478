"""What the acceleration detectors compare, with nothing left to default."""

from __future__ import annotations

from dataclasses import dataclass

from detectors.limits import expect_positive, expect_rising


@dataclass(frozen=True, slots=True)
class MotionCriteria:
    """The band and envelope of the acceleration, and what makes a movement of it.

    Parameters
    ----------
    band_low_hz, band_high_hz : float
        Pass band of the dynamic path, Hz.
    nyquist_share : float
        The upper edge lies at most at this share of the sampling rate.
    filter_order : int
        Order of the Butterworth prototype; the band-pass has twice as many poles.
    envelope_s : float
        Window of the RMS of the vector, s.
    onset_g, onset_mad : float
        A movement starts above ``B + max(onset_g, onset_mad * MAD)``, B being the resting level.
    offset_g, offset_mad : float
        It ends where ``B + max(offset_g, offset_mad * MAD)`` is not exceeded for `quiet_s`.
    quiet_s : float
        Length of the quiet period that ends a movement, s.
    min_s : float
        Shortest movement, s.
    held_deg, held_after_s, max_held_s : float
        A leg that from `held_after_s` after a movement lies `held_deg` or more from where it lay, and
        is back within `max_held_s` of the onset, was held there: that is one movement.
    min_peak_g : float
        A movement with one crossing of the onset threshold reaches this, g ...
    min_crossings : int
        ... or crosses it this often.
    delay_s : float
        Delay of filter and envelope together that onset and end are corrected by, s.
    turn_s : float
        Length of each of the two neighbouring means whose distance shows that the leg still turns, s.
    gate_g, gate_ratio : float
        Values below ``B + max(gate_g, gate_ratio * B)`` are quiet.
    rise_g, fall_g : float
        Least change of the resting level in a second, g, besides the relative one.
    floor_g : float
        Lowest resting level, g.
    adapt_s : float
        After this long the onset threshold adapts to the night, s ...
    adapt_minute_s : float
        ... from the lowest envelope of each such stretch, s, ...
    adapt_quantile, adapt_ratio : float
        ... whose quantile times this ratio it does not fall below.
    activity_g : float
        Activity is what the dynamic path has above this, g.
    pulse_low_hz, pulse_high_hz : float
        Band in which a worn sensor feels the heart, Hz.
    spike_g, spike_s : float
        A jump of more than `spike_g` between two samples that lasts `spike_s` or less, one sample at
        least, is replaced by the sample before it.
    range_g, clip_margin_g : float
        Values within the margin of the range are clipped, g.
    rail_g, rail_samples : float, int
        A value of this size, g, that is kept for so many samples is the range of the sensor.
    stuck_g, stuck_s, stuck_beside_g : float
        An axis whose standard deviation stays below `stuck_g` for `stuck_s` while that of another
        axis reaches `stuck_beside_g` does not follow.
    dead_g : float
        A sensor that does not change and measures less than this is dead: at rest it measures 1 g.
    still_g, norm_low_g, norm_high_g : float
        Where the standard deviation stays below `still_g` the length of gravity should lie between
        the two others, g.

    Raises
    ------
    ValueError
        If a number is not positive or two limits contradict each other.
    """

    band_low_hz: float
    band_high_hz: float
    nyquist_share: float
    filter_order: int
    envelope_s: float
    onset_g: float
    onset_mad: float
    offset_g: float
    offset_mad: float
    quiet_s: float
    min_s: float
    held_deg: float
    held_after_s: float
    max_held_s: float
    min_peak_g: float
    min_crossings: int
    delay_s: float
    turn_s: float
    gate_g: float
    gate_ratio: float
    rise_g: float
    fall_g: float
    floor_g: float
    adapt_s: float
    adapt_minute_s: float
    adapt_quantile: float
    adapt_ratio: float
    activity_g: float
    pulse_low_hz: float
    pulse_high_hz: float
    spike_g: float
    spike_s: float
    range_g: float
    clip_margin_g: float
    rail_g: float
    rail_samples: int
    stuck_g: float
    stuck_s: float
    stuck_beside_g: float
    dead_g: float
    still_g: float
    norm_low_g: float
    norm_high_g: float

    def __post_init__(self) -> None:
        expect_positive("motion", self, or_zero=("onset_mad", "offset_mad", "delay_s"))
        expect_rising("motion", band_low_hz=self.band_low_hz, band_high_hz=self.band_high_hz)
        expect_rising("motion", nyquist_share=self.nyquist_share, nyquist=0.5)
        expect_rising("motion", offset_g=self.offset_g, onset_g=self.onset_g)
        if self.offset_mad > 0:
            expect_rising("motion", offset_mad=self.offset_mad, onset_mad=self.onset_mad)
        expect_rising("motion", floor_g=self.floor_g, gate_g=self.gate_g)
        expect_rising("motion", adapt_minute_s=self.adapt_minute_s, adapt_s=self.adapt_s)
        expect_rising("motion", adapt_quantile=self.adapt_quantile, one=1.0)
        expect_rising("motion", pulse_low_hz=self.pulse_low_hz, pulse_high_hz=self.pulse_high_hz)
        expect_rising("motion", clip_margin_g=self.clip_margin_g, rail_g=self.rail_g, range_g=self.range_g)
        expect_rising("motion", stuck_g=self.stuck_g, stuck_beside_g=self.stuck_beside_g)
        expect_rising("motion", norm_low_g=self.norm_low_g, one=1.0, norm_high_g=self.norm_high_g)
        expect_rising("motion", dead_g=self.dead_g, norm_low_g=self.norm_low_g)


@dataclass(frozen=True, slots=True)
class OrientationCriteria:
    """When the leg lies differently after a movement.

    Parameters
    ----------
    mean_s : float
        Length of the means of gravity before and after, s.
    guard_s : float
        Distance of the means from the movement, s.
    shift_deg : float
        From this angle on a movement is a shift, degrees.
    major_deg : float
        From this angle on the shift is a major one, degrees.

    Raises
    ------
    ValueError
        If a number is not positive or two limits contradict each other.
    """

    mean_s: float
    guard_s: float
    shift_deg: float
    major_deg: float

    def __post_init__(self) -> None:
        expect_positive("orientation", self)
        expect_rising("orientation", shift_deg=self.shift_deg, major_deg=self.major_deg, half_turn=180.0)
