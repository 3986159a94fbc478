"""How a leg stands: vertical, lying, walking."""

from __future__ import annotations

from dataclasses import dataclass

from detectors.limits import expect_positive, expect_rising

_LAST_AXIS = 2


@dataclass(frozen=True, slots=True)
class PostureCriteria:
    """When a leg is vertical, and when that is getting out of bed (science.md 5.4).

    Parameters
    ----------
    long_axis : int
        Number of the sensor's axis that lies along the shank: 0, 1 or 2 for x, y or z.
    mean_s : float
        Length of the mean of gravity, s.
    gravity_tolerance_g : float
        The mean counts only while its length differs from 1 g by less than this, g.
    upright_deg : float
        From this angle to the vertical down, the leg becomes vertical, degrees.
    lying_deg : float
        From this angle up it stops being vertical, degrees.
    min_s : float
        Shortest stretch of a vertical leg, s.
    max_piece_s : float
        Longer stretches are told in pieces of this length, s.
    step_g : float
        Least movement of a step, g.
    step_low_hz, step_high_hz : float
        Slowest and fastest walk, steps per second.
    min_steps : int
        A walk has this many steps in a row.
    standing_s : float
        A leg that is vertical for this long has left the bed without a walk, s.

    Raises
    ------
    ValueError
        If a number is not positive or two limits contradict each other.
    """

    long_axis: int
    mean_s: float
    gravity_tolerance_g: float
    upright_deg: float
    lying_deg: float
    min_s: float
    max_piece_s: float
    step_g: float
    step_low_hz: float
    step_high_hz: float
    min_steps: int
    standing_s: float

    def __post_init__(self) -> None:
        expect_positive("posture", self, or_zero=("long_axis",))
        if self.long_axis not in range(_LAST_AXIS + 1):
            msg = f"posture.long_axis is {self.long_axis}, expected 0, 1 or 2 for x, y or z"
            raise ValueError(msg)
        expect_rising("posture", upright_deg=self.upright_deg, lying_deg=self.lying_deg, right_angle=90.0)
        expect_rising("posture", min_s=self.min_s, standing_s=self.standing_s, max_piece_s=self.max_piece_s)
        expect_rising("posture", step_low_hz=self.step_low_hz, step_high_hz=self.step_high_hz)
