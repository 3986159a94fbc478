"""What is called sleep, and what is called not worn."""

from __future__ import annotations

from dataclasses import dataclass

from detectors.limits import expect_positive, expect_rising


@dataclass(frozen=True, slots=True)
class SleepCriteria:
    """When a leg looks asleep (science.md 6.1, 6.3).

    Parameters
    ----------
    awakening_s : float
        Shortest awakening, s.

    Raises
    ------
    ValueError
        If a number is not positive.
    """

    awakening_s: float

    def __post_init__(self) -> None:
        expect_positive("sleep", self)


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
        Amplitude of a faint breath, g, and how far its rate spreads, Hz: a sensor in whose noise it would not
        reach the ratio says nothing by not showing it.
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
