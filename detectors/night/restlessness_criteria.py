"""What is called restlessness."""

from __future__ import annotations

from dataclasses import dataclass

from detectors.limits import expect_positive, expect_rising


@dataclass(frozen=True, slots=True)
class RestlessnessCriteria:
    """When movements are a large movement of the leg (science.md 5.5).

    Parameters
    ----------
    gap_s : float
        Movements of a leg less than this apart belong together, s.
    min_s : float
        Shortest, s.
    max_s : float
        A longer one is prolonged, s.
    peak_g : float
        Acceleration above which it counts as a sign, g.
    orientation_deg : float
        Change of the leg's position from which on it counts as a sign, degrees.
    emg_s : float
        Time with leg movements in EMG from which on it counts as a sign, s.
    min_signs : int
        Fewest signs; the fourth is that the other leg moves as well.
    piece_s : float
        What goes on for longer is told in pieces of this length, s.

    Raises
    ------
    ValueError
        If a number is not positive or two limits contradict each other.
    """

    gap_s: float
    min_s: float
    max_s: float
    peak_g: float
    orientation_deg: float
    emg_s: float
    min_signs: int
    piece_s: float

    def __post_init__(self) -> None:
        expect_positive("restlessness", self)
        expect_rising("restlessness", gap_s=self.gap_s, piece_s=self.piece_s)
        expect_rising("restlessness", min_s=self.min_s, max_s=self.max_s, piece_s=self.piece_s)
        expect_rising("restlessness", orientation_deg=self.orientation_deg, half_turn=180.0)
