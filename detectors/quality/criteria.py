"""What signal counts, and how much of it a number needs."""

from __future__ import annotations

from dataclasses import dataclass

from detectors.limits import expect_positive, expect_rising

_MAY_BE_ZERO = ("max_flat_share", "max_off_share", "min_index_h", "grade_b_h", "low_weight")


@dataclass(frozen=True, slots=True)
class ValidityCriteria:
    """When half a minute of signal is bad, and how many valid hours a number needs (science.md 7.3).

    A share is one of the time of an epoch of 30 s, and a limit that is reached is still held.

    Parameters
    ----------
    max_dropout_share : float
        Missing samples; above it the epoch is bad.
    max_saturated_share : float
        Seconds in which the EMG was saturated, or the acceleration clipped.
    max_flat_share : float
        Seconds of a flat line or of an axis that is stuck.
    max_off_share : float
        Seconds in which an electrode was off.
    max_unscored_share : float
        Seconds in which the rules of amplitude do not apply, because the resting level is too high
        or the mains drown the muscle.
    max_doubtful_share : float
        Seconds with anything else that is worth a flag; above it the epoch is not good but usable.
    min_index_h : float
        Valid hours that an index per hour needs, h; 0 lets every night have its index.
    grade_a_h, grade_a_share : float
        Good hours of grade A, h, and their share of the sleep period, or of the recording.
    grade_b_h : float
        Valid hours of grade B, h.
    low_weight : float
        What a movement in a bad epoch counts for in counts per hour.
    vary_share : float
        By how much each threshold is changed to see how far an index depends on it.
    compare_per_h : float
        The index that variants are compared with, 1/h.

    Raises
    ------
    ValueError
        If a number is not positive or two limits contradict each other.
    """

    max_dropout_share: float
    max_saturated_share: float
    max_flat_share: float
    max_off_share: float
    max_unscored_share: float
    max_doubtful_share: float
    min_index_h: float
    grade_a_h: float
    grade_a_share: float
    grade_b_h: float
    low_weight: float
    vary_share: float
    compare_per_h: float

    def __post_init__(self) -> None:
        expect_positive("validity", self, or_zero=_MAY_BE_ZERO)
        for name in ("max_dropout_share", "max_unscored_share", "max_saturated_share", "vary_share"):
            expect_rising("validity", **{name: getattr(self, name), "one": 1.0})
        expect_rising("validity", grade_b_h=self.grade_b_h, grade_a_h=self.grade_a_h)
        if max(self.grade_a_share, self.low_weight) > 1:
            msg = "validity: grade_a_share or low_weight is more than 1, expected a share"
            raise ValueError(msg)
