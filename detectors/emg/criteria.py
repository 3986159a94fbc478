"""What the EMG detectors compare, with nothing left to default."""

from __future__ import annotations

from dataclasses import dataclass

from detectors.limits import expect_positive, expect_rising


@dataclass(frozen=True, slots=True)
class AmplitudeRule:
    """What a published standard says about the amplitude of a leg movement.

    Parameters
    ----------
    onset_uv : float
        Rise above the resting EMG that starts a movement, µV.
    offset_uv : float
        Rise above the resting EMG that is not exceeded again once a movement has ended, µV.
    quiet_s : float
        How long it must not be exceeded, s; the movement ends where that period starts.
    min_s : float
        Shortest movement, s.
    morphology_s : float
        Length of the stretch whose median counts for the shape of a movement, s.
    morphology_uv : float
        Rise of that median above the resting EMG, µV.

    Raises
    ------
    ValueError
        If a number is not positive or the offset is not below the onset.
    """

    onset_uv: float
    offset_uv: float
    quiet_s: float
    min_s: float
    morphology_s: float
    morphology_uv: float

    def __post_init__(self) -> None:
        expect_positive("amplitude rule", self)
        expect_rising("amplitude rule", offset_uv=self.offset_uv, onset_uv=self.onset_uv)


@dataclass(frozen=True, slots=True)
class LegMovementCriteria:
    """The band and envelope of the EMG, and what makes a leg movement of it.

    Parameters
    ----------
    band_low_hz, band_high_hz : float
        Pass band of the amplitude path, Hz.
    nyquist_share : float
        The upper edge lies at most at this share of the sampling rate.
    filter_order : int
        Order of the Butterworth prototype; the band-pass has twice as many poles.
    envelope_s : float
        Window of the causal RMS envelope, s.
    onset_uv, onset_ratio : float
        A movement starts above ``B + max(onset_uv, onset_ratio * B)``, B being the resting level;
        a ratio of 0 leaves the published rule alone.
    offset_uv, offset_ratio : float
        It ends where ``B + max(offset_uv, offset_ratio * B)`` is not exceeded for `quiet_s`.
    quiet_s : float
        Length of the quiet period that ends a movement, s.
    onset_lead_s : float
        Activity begins so long before the envelope, moved back by its delay, crosses the threshold, s.
    min_s : float
        Shortest movement from threshold to threshold, s. There is no longest one.
    morphology_s : float
        Somewhere in the movement the median of this long a stretch lies above the offset threshold, s.
    max_resting_uv : float
        Above this resting level amplitude rules do not apply, µV RMS.
    max_lf_hf : float
        A movement with more power below the band than this, relative to the band, is an artefact ...
    min_rise_ratio : float
        ... unless the upper half of the band, which artefact hardly reaches, rises above rest by
        at least this share of the power below the band.

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
    onset_uv: float
    onset_ratio: float
    offset_uv: float
    offset_ratio: float
    quiet_s: float
    onset_lead_s: float
    min_s: float
    morphology_s: float
    max_resting_uv: float
    max_lf_hf: float
    min_rise_ratio: float

    def __post_init__(self) -> None:
        expect_positive("leg_movement", self, or_zero=("onset_ratio", "offset_ratio", "onset_lead_s"))
        expect_rising("leg_movement", band_low_hz=self.band_low_hz, band_high_hz=self.band_high_hz)
        expect_rising("leg_movement", nyquist_share=self.nyquist_share, nyquist=0.5)
        expect_rising("leg_movement", offset_uv=self.offset_uv, onset_uv=self.onset_uv)
        if self.offset_ratio > 0:
            expect_rising("leg_movement", offset_ratio=self.offset_ratio, onset_ratio=self.onset_ratio)


@dataclass(frozen=True, slots=True)
class RestingCriteria:
    """How the resting level follows the quiet signal and nothing else.

    Parameters
    ----------
    sample_s : float
        Distance between the envelope values that are looked at, s.
    seed_s : float
        Length of usable signal that the first level is taken from, s.
    seed_wait_s : float
        Longest wait for it, s.
    seed_quantile : float
        Quantile of a stretch that a level is taken from when nothing is known yet.
    gate_uv, gate_ratio : float
        Values below ``B + max(gate_uv, gate_ratio * B)`` are quiet.
    buffer_s : float
        Length of the quiet signal whose median is the target, s.
    rise_uv, rise_ratio : float
        The level rises by at most ``rise_uv + rise_ratio * B`` in a second.
    fall_uv, fall_ratio : float
        It falls by at most ``fall_uv + fall_ratio * B`` in a second.
    escape_s : float
        After this long without a quiet value the noise floor itself must have changed, s.
    target_s : float
        The target is measured this often, s.
    guard_s : float
        Length of the trailing stretch that the level is compared with, s.
    guard_ratio : float
        The level must stay within this factor of that stretch's quantile ...
    guard_hold_s : float
        ... or is taken from it after this long, s.
    loss_s : float
        After so long without a usable value the level may have changed, s ...
    renew_s : float
        ... and is taken from the first usable values of this length, s.
    floor_uv : float
        Lowest level; no electrode is quieter, µV RMS.

    Raises
    ------
    ValueError
        If a number is not positive or two limits contradict each other.
    """

    sample_s: float
    seed_s: float
    seed_wait_s: float
    seed_quantile: float
    gate_uv: float
    gate_ratio: float
    buffer_s: float
    rise_uv: float
    rise_ratio: float
    fall_uv: float
    fall_ratio: float
    escape_s: float
    target_s: float
    guard_s: float
    guard_ratio: float
    guard_hold_s: float
    loss_s: float
    renew_s: float
    floor_uv: float

    def __post_init__(self) -> None:
        expect_positive("resting", self)
        expect_rising("resting", seed_quantile=self.seed_quantile, one=1.0)
        expect_rising("resting", fall_ratio=self.fall_ratio, one=1.0)
        if not self.guard_ratio > 1:
            msg = f"resting.guard_ratio is {self.guard_ratio}, expected more than 1"
            raise ValueError(msg)
        expect_rising("resting", sample_s=self.sample_s, seed_s=self.seed_s, seed_wait_s=self.seed_wait_s)
        expect_rising("resting", sample_s=self.sample_s, buffer_s=self.buffer_s, escape_s=self.escape_s)


@dataclass(frozen=True, slots=True)
class QualityCriteria:
    """When a second of EMG cannot be trusted.

    Parameters
    ----------
    flat_uv : float
        Standard deviation of a flat line, µV; also two values only make a flat line.
    clip_share : float
        Share of samples at the extreme of a second that makes it saturated ...
    clip_span_uv : float
        ... if the second spans at least this much, µV.
    line_average_s : float
        Length over which mains power is averaged, s.
    max_line_share : float
        Share of the band's power at 50 or 60 Hz and harmonics above which it is an open electrode
        rather than muscle, so that no resting level is taken.
    motion_lf_hf : float
        Power below the band, relative to the band, of a movement artefact.
    low_hz : float
        Lower edge of the power below the band, Hz; its upper edge is the band's lower one.

    Raises
    ------
    ValueError
        If a number is not positive or two limits contradict each other.
    """

    flat_uv: float
    clip_share: float
    clip_span_uv: float
    line_average_s: float
    max_line_share: float
    motion_lf_hf: float
    low_hz: float

    def __post_init__(self) -> None:
        expect_positive("quality", self)
        expect_rising("quality", clip_share=self.clip_share, one=1.0)
        expect_rising("quality", max_line_share=self.max_line_share, one=1.0)
