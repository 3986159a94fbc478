"""A leg that is held where it turned to, and comes back: the whole of that is one movement."""

from __future__ import annotations

from typing import TYPE_CHECKING

from detectors.events import Step
from detectors.motion.orientation import Means, OrientationChange

if TYPE_CHECKING:
    from detectors.motion.criteria import MotionCriteria


class HeldLeg:
    """Find when a leg is back where it lay before a movement.

    A contraction that holds the foot up is silent in the dynamic acceleration, and a slow return is
    nearly so; but gravity shows both.

    Parameters
    ----------
    criteria : MotionCriteria
        ``held_deg``, ``held_after_s`` and ``max_held_s``.
    orientation : OrientationChange
        Knows gravity.
    frame : int
        Samples per frame.
    fs_hz : float
        Sampling rate, Hz.
    """

    def __init__(self, criteria: MotionCriteria, orientation: OrientationChange, frame: int, fs_hz: float) -> None:
        self._least_deg = criteria.held_deg
        self._means = Means(frame / fs_hz, criteria.held_after_s)
        self._longest = round(criteria.max_held_s * fs_hz)
        self._orientation = orientation
        self._frame = frame

    def latest(self, span: tuple[int, int]) -> int:
        """Return the sample by which the leg has to be back, for a movement of samples ``[onset, end)``."""
        return span[0] + self._longest

    def judged_at(self, span: tuple[int, int]) -> int:
        """Return the sample from which on it is known whether the leg is held, and if it is, whether it comes back."""
        known = self._orientation.known_at(span[1], self._means)
        angles = self._orientation.after_deg(span, self._means, known)
        held = bool(angles) and (angles[0][1] or 0.0) >= self._least_deg
        return max(known, self.latest(span) + self._frame) if held else known

    def step(self, span: tuple[int, int]) -> Step:
        """Return the comparison that says whether what happened was all: it does not hold for a leg held elsewhere."""
        known = self._orientation.known_at(span[1], self._means)
        angles = self._orientation.after_deg(span, self._means, known)
        held_deg = (angles[0][1] or 0.0) if angles else 0.0
        return Step("held_deg", held_deg, self._least_deg, self.back(span) is None)

    def back(self, span: tuple[int, int]) -> int | None:
        """Return the sample at which the leg is back; None if it was not held, or does not come back in time."""
        angles = self._orientation.after_deg(span, self._means, self.latest(span) + self._frame)
        before_deg = 0.0
        for number, (start, angle) in enumerate(angles):
            if angle is None:
                return None
            if angle < self._least_deg:
                return start if number else None
            following = angles[number + 1][1] if number + 1 < len(angles) else None
            if following is not None and following < self._least_deg and before_deg > 0.0:
                # The mean of the last second in which the leg was held tells for how much of it that was so.
                return start + round(self._frame * min(angle / before_deg, 1.0))
            before_deg = angle
        return None
