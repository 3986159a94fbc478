"""What really happened in a simulated night, and what makes it happen in the signals."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from detectors.events import EventKind
    from detectors.signal import Leg


@dataclass(frozen=True, slots=True)
class TruthEvent:
    """Something that happens in a simulated night.

    Parameters
    ----------
    kind : EventKind
        ``leg_movement``, ``cramp`` or ``shift``.
    leg : Leg
        The leg; a bilateral movement is two events.
    onset_s, end_s : float
        ``[onset, end)`` from the start of the night, s; the envelope is above zero in between.
    amplitude_uv : float
        Level of the plateau, µV RMS; 0 where no muscle takes part.
    clear : bool
        Whether it stands clear of the noise, so that a detector is expected to find it.
    series : int or None
        Number of the periodic series that it belongs to.
    rise_10_s : float
        When the envelope reaches 10 % of the plateau, from the start of the night, s.
    angle_deg : float
        How far the leg turns, degrees; 0 where acceleration shows nothing.
    """

    kind: EventKind
    leg: Leg
    onset_s: float
    end_s: float
    amplitude_uv: float
    clear: bool
    series: int | None = None
    rise_10_s: float = 0.0
    angle_deg: float = 0.0

    @property
    def duration_s(self) -> float:
        """Length, s."""
        return self.end_s - self.onset_s


@dataclass(frozen=True, slots=True)
class Burst:
    """Muscle activity with an envelope that starts and ends at zero.

    Parameters
    ----------
    onset_s, end_s : float
        From the start of the night, s.
    amplitude_uv : float
        Level of the plateau in the tibialis anterior, µV RMS.
    rise_s, fall_s : float
        Raised-cosine rise and fall, s.
    dips : tuple of (float, float)
        Centre (share of the duration) and depth (share of the level) of each dip between sub-bursts.
    sway : tuple of (float, float, float)
        Slow modulation of a cramp: frequency (Hz), relative amplitude, phase (rad).
    calf_share : float
        Level in the calf relative to the tibialis anterior.
    """

    onset_s: float
    end_s: float
    amplitude_uv: float
    rise_s: float
    fall_s: float
    dips: tuple[tuple[float, float], ...] = ()
    sway: tuple[tuple[float, float, float], ...] = ()
    calf_share: float = 1.0


@dataclass(frozen=True, slots=True)
class Rotation:
    """A minimum-jerk turn of the leg.

    Parameters
    ----------
    onset_s : float
        Start, s.
    out_s : float
        Time of the turn, s.
    hold_s : float
        Time before it turns back, s.
    back_s : float
        Time of the way back, s; 0 when the leg stays in its new posture.
    angle_deg : float
        How far, degrees.
    axis : tuple of float
        Unit vector in the sensor's frame.
    lever_m : float
        Distance of the sensor from the joint, m.
    """

    onset_s: float
    out_s: float
    hold_s: float
    back_s: float
    angle_deg: float
    axis: tuple[float, float, float]
    lever_m: float

    @property
    def end_s(self) -> float:
        """When the leg rests again, s."""
        return self.onset_s + self.out_s + self.hold_s + self.back_s


@dataclass(frozen=True, slots=True)
class Pop:
    """A step of the electrode that decays exponentially."""

    onset_s: float
    height_uv: float
    decay_s: float


@dataclass(frozen=True, slots=True)
class LegPlan:
    """Everything that happens to one leg, each list in order of time."""

    bursts: tuple[Burst, ...]
    rotations: tuple[Rotation, ...]
    pops: tuple[Pop, ...]
    truth: tuple[TruthEvent, ...]
