"""What the detector of cramp-like contractions compares, with nothing left to default."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from detectors.limits import expect_positive, expect_rising

# With two, one of them still lies in the band where the number of hops in a segment is rounded.
_LINES_SOUGHT: Final = 2


@dataclass(frozen=True, slots=True)
class CrampCriteria:
    """What makes a cramp-like contraction of sustained EMG, and how sure one can be of it.

    Parameters
    ----------
    smoothing_s : float
        Window of the RMS that the thresholds apply to, s.
    onset_uv, onset_ratio : float
        A contraction starts above ``B + max(onset_uv, onset_ratio * B)``, B being the resting level.
    offset_uv, offset_ratio : float
        It ends where ``B + max(offset_uv, offset_ratio * B)`` is not exceeded for `quiet_s`.
    quiet_s : float
        Length of the quiet period that ends it, s; shorter pauses are bridged.
    min_s : float
        Shortest contraction, s; a shorter one is a leg movement.
    possible_min_s : float
        Longest one, s, that is shown as a leg movement only; stored all the same.
    probable_min_s : float
        Shortest one that may be called probable, s.
    max_s : float
        Longest one, s; what lasts as long is ``tonic``: a noise floor, or muscle tone.
    duty_window_s, min_duty : float
        Share of the contraction in which the RMS over this window, s, exceeds the offset threshold.
    core_pause_s : float
        Where that share is too small, the longest part without such a pause is looked at instead, s.
    modulation_window_s, modulation_low_hz, modulation_high_hz, max_modulation : float
        Relative fluctuation of the RMS over this window, s, between two frequencies, Hz.
    rhythm_window_s, rhythm_mean_s, rhythm_segment_s : float
        Windows of the rhythm test: of the RMS, of the mean it is divided by, of the spectrum, s.
    rhythm_low_hz, rhythm_high_hz : float
        Where a clonus-like peak is looked for, Hz.
    rhythm_floor_hz, rhythm_ceiling_hz, rhythm_half_width_hz : float
        Extent of the spectrum that the peak is compared with, and half the width of the peak, Hz.
    rhythm_share, rhythm_prominence : float
        A rhythm has more than this share of the power in its peak, and a peak this many times the median.
    max_lf_hf : float
        Power below the EMG band, relative to the band, above which it is a movement artefact.
    max_line_share : float
        Share of mains in the band above which it is an electrode fault.
    merge_s : float
        Contractions of one leg closer than this are one episode, s.
    rest_before_s : float
        The leg should have been at rest this long before, s.
    context_s : float
        What follows within this time counts as a consequence, s.
    consequence_min_s : float
        Shortest movement that counts as one, s.
    full_duration_s : float
        Duration at which the duration term is 1, s; it is 0 at `min_s`.
    no_amplitude_ratio, full_amplitude_ratio : float
        Ratio of the 95th percentile to the resting level at which the amplitude term is 0 and 1.
    full_modulation : float
        Modulation at which the stationarity term is 1; it is 0 at `max_modulation`.
    no_profile, full_profile : float
        Ratio of decay to rise time at which the profile term is 0 and 1.
    weight_duration, weight_amplitude, weight_stationarity, weight_cleanliness : float
        Weights of the terms that EMG of one channel gives.
    weight_profile : float
        Weight of the term that EMG may give.
    weight_muscle, weight_twitches : float
        Weights of the terms that another channel gives, and twitches afterwards.
    weight_rest_before, weight_consequence : float
        Weights of the terms that only context gives.
    low_quality_factor : float
        What the confidence is multiplied by where the signal cannot be trusted.
    cap_without_context : float
        Highest confidence where no context is known.
    possible_confidence, probable_confidence : float
        From these on a contraction is called possible, and probable.

    Raises
    ------
    ValueError
        If a number is not positive or two limits contradict each other.
    """

    smoothing_s: float
    onset_uv: float
    onset_ratio: float
    offset_uv: float
    offset_ratio: float
    quiet_s: float
    min_s: float
    possible_min_s: float
    probable_min_s: float
    max_s: float
    duty_window_s: float
    min_duty: float
    core_pause_s: float
    modulation_window_s: float
    modulation_low_hz: float
    modulation_high_hz: float
    max_modulation: float
    rhythm_window_s: float
    rhythm_mean_s: float
    rhythm_segment_s: float
    rhythm_low_hz: float
    rhythm_high_hz: float
    rhythm_floor_hz: float
    rhythm_ceiling_hz: float
    rhythm_half_width_hz: float
    rhythm_share: float
    rhythm_prominence: float
    max_lf_hf: float
    max_line_share: float
    merge_s: float
    rest_before_s: float
    context_s: float
    consequence_min_s: float
    full_duration_s: float
    no_amplitude_ratio: float
    full_amplitude_ratio: float
    full_modulation: float
    no_profile: float
    full_profile: float
    weight_duration: float
    weight_amplitude: float
    weight_stationarity: float
    weight_cleanliness: float
    weight_profile: float
    weight_muscle: float
    weight_twitches: float
    weight_rest_before: float
    weight_consequence: float
    low_quality_factor: float
    cap_without_context: float
    possible_confidence: float
    probable_confidence: float

    @property
    def longest_window_s(self) -> float:
        """The longest window of an RMS that is measured of a contraction, s."""
        return max(self.smoothing_s, self.duty_window_s, self.modulation_window_s, self.rhythm_window_s)

    def __post_init__(self) -> None:
        weights = tuple(name for name in self.__dataclass_fields__ if name.startswith("weight_"))
        expect_positive("cramp", self, or_zero=("onset_ratio", "offset_ratio", *weights))
        expect_rising("cramp", offset_uv=self.offset_uv, onset_uv=self.onset_uv)
        if self.offset_ratio > 0:
            expect_rising("cramp", offset_ratio=self.offset_ratio, onset_ratio=self.onset_ratio)
        expect_rising("cramp", core_pause_s=self.core_pause_s, quiet_s=self.quiet_s)
        expect_rising("cramp", quiet_s=self.quiet_s, min_s=self.min_s, possible_min_s=self.possible_min_s)
        expect_rising("cramp", possible_min_s=self.possible_min_s, probable_min_s=self.probable_min_s, max_s=self.max_s)
        expect_rising("cramp", min_s=self.min_s, full_duration_s=self.full_duration_s)
        expect_rising("cramp", duty_window_s=self.duty_window_s, min_s=self.min_s)
        expect_rising("cramp", modulation_low_hz=self.modulation_low_hz, modulation_high_hz=self.modulation_high_hz)
        expect_rising("cramp", full_modulation=self.full_modulation, max_modulation=self.max_modulation)
        expect_rising(
            "cramp", no_amplitude_ratio=self.no_amplitude_ratio, full_amplitude_ratio=self.full_amplitude_ratio
        )
        expect_rising("cramp", no_profile=self.no_profile, full_profile=self.full_profile)
        self._check_rhythm()
        self._check_shares()

    def _check_rhythm(self) -> None:
        expect_rising(
            "cramp",
            rhythm_floor_hz=self.rhythm_floor_hz,
            rhythm_low_hz=self.rhythm_low_hz,
            rhythm_high_hz=self.rhythm_high_hz,
            rhythm_ceiling_hz=self.rhythm_ceiling_hz,
        )
        resolving_s = _LINES_SOUGHT / (self.rhythm_high_hz - self.rhythm_low_hz)
        for name in ("rhythm_segment_s", "min_s"):
            if not getattr(self, name) > resolving_s:
                msg = (
                    f"cramp.{name} is {getattr(self, name)}, expected more than {resolving_s:.3g}: "
                    "a shorter spectrum has no line between rhythm_low_hz and rhythm_high_hz"
                )
                raise ValueError(msg)

    def _check_shares(self) -> None:
        expect_rising(
            "cramp", possible_confidence=self.possible_confidence, probable_confidence=self.probable_confidence
        )
        shares = (
            "min_duty",
            "rhythm_share",
            "max_line_share",
            "low_quality_factor",
            "cap_without_context",
            "probable_confidence",
        )
        for name in shares:
            if getattr(self, name) > 1:
                msg = f"cramp.{name} is {getattr(self, name)}, expected at most 1"
                raise ValueError(msg)
