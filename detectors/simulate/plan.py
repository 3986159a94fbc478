"""What makes things happen in the signals of a simulated leg."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from detectors.simulate.truth import TruthEvent

Axis = tuple[float, float, float]
# What decays exponentially has gone after this many decay times.
DECAYS = 8.0


class Firing(StrEnum):
    """How the motor units of a muscle fire."""

    VOLUNTARY = "voluntary"
    """Regularly, recruited by size; movements and spasms too."""
    CRAMP = "cramp"
    """Irregularly, with doublets, each unit for half a minute, driven together at 1.3 to 1.5 Hz."""


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
        Slow modulation: frequency (Hz), relative amplitude, phase (rad).
    calf_share : float
        Level in the calf relative to the tibialis anterior.
    pulses : tuple of (float, float, float)
        Beginning and length (s from the onset) and relative height of each beat of a rhythm; without
        any, the muscle is active all the time.
    firing : Firing
        How the motor units fire.
    """

    onset_s: float
    end_s: float
    amplitude_uv: float
    rise_s: float
    fall_s: float
    dips: tuple[tuple[float, float], ...] = ()
    sway: tuple[tuple[float, float, float], ...] = ()
    calf_share: float = 1.0
    pulses: tuple[tuple[float, float, float], ...] = ()
    firing: Firing = Firing.VOLUNTARY


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
    towards : tuple of float, optional
        Where gravity points afterwards; angle and axis then follow from where it pointed before.
    """

    onset_s: float
    out_s: float
    hold_s: float
    back_s: float
    angle_deg: float
    axis: Axis
    lever_m: float
    towards: Axis | None = None

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

    @property
    def end_s(self) -> float:
        """When it has gone, s."""
        return self.onset_s + DECAYS * self.decay_s


@dataclass(frozen=True, slots=True)
class Potential:
    """A single potential of a motor unit that fires by itself.

    Parameters
    ----------
    onset_s : float
        Start, s.
    length_s : float
        Time from its start to its end, s.
    height_uv : float
        From peak to peak, µV.
    n_phases : int
        Two or three.
    """

    onset_s: float
    length_s: float
    height_uv: float
    n_phases: int

    @property
    def end_s(self) -> float:
        """When it has gone, s."""
        return self.onset_s + self.length_s


@dataclass(frozen=True, slots=True)
class Walk:
    """Steps of the leg.

    Parameters
    ----------
    onset_s, end_s : float
        From the start of the night, s.
    stride_hz : float
        Strides per second: half the steps of both legs, Hz.
    phase : float
        Share of a stride at the onset.
    """

    onset_s: float
    end_s: float
    stride_hz: float
    phase: float


@dataclass(frozen=True, slots=True)
class Wave:
    """A decaying oscillation of sensor and bed that no muscle of this leg makes.

    Parameters
    ----------
    onset_s : float
        Start, s.
    hz : float
        Frequency, Hz.
    decay_s : float
        Time constant, s.
    height_g : float
        Height, g.
    axis : tuple of float
        Direction in the sensor's frame.
    shakes_leads : bool
        Whether it shakes the leads of the electrodes as a movement of the leg does.
    """

    onset_s: float
    hz: float
    decay_s: float
    height_g: float
    axis: Axis
    shakes_leads: bool

    @property
    def end_s(self) -> float:
        """When it has gone, s."""
        return self.onset_s + DECAYS * self.decay_s


class ContactKind(StrEnum):
    """What is wrong with the electrodes."""

    OFF_NOISE = "off_noise"
    """Off: hum and flat noise of a free input."""
    OFF_RAIL = "off_rail"
    """Off: the input sits at the end of its range."""
    POOR = "poor"
    """Poor contact: noise and hum rise by a factor."""
    GAIN = "gain"
    """Everything is larger or smaller by a factor, until the end of the night."""
    HUM = "hum"
    """A field from outside adds hum, µV."""


@dataclass(frozen=True, slots=True)
class Contact:
    """A stretch in which the electrodes are not as they were put on."""

    kind: ContactKind
    onset_s: float
    end_s: float
    value: float


@dataclass(frozen=True, slots=True)
class Table:
    """A stretch in which the sensors lie on a table, gravity pointing one way."""

    onset_s: float
    end_s: float
    gravity: Axis


@dataclass(frozen=True, slots=True)
class LegPlan:
    """Everything that happens to one leg, each list in order of time."""

    bursts: tuple[Burst, ...]
    rotations: tuple[Rotation, ...]
    potentials: tuple[Potential, ...]
    walks: tuple[Walk, ...]
    waves: tuple[Wave, ...]
    pops: tuple[Pop, ...]
    contacts: tuple[Contact, ...]
    tables: tuple[Table, ...]
    truth: tuple[TruthEvent, ...]
