"""What a simulated night is made of, as ranges that its values are drawn from.

A pair is a range ``(low, high)``. The values stand in `detectors.simulate.ranges`, one module per regime.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from detectors.simulate.splits import Split
    from detectors.simulate.surroundings import BedRegime, ContactRegime, Range, SleepRegime


class AmplitudeLaw(StrEnum):
    """How the levels of movements are spread over their range."""

    LOG_UNIFORM = "log_uniform"
    LOG_NORMAL = "log_normal"


class Course(StrEnum):
    """How movements are spread over the night (Ferri et al. 2006)."""

    DECLINE = "decline"
    """As in restless legs: most in the first third, 30 to 50 % of that in the last."""
    BELL = "bell"
    """As in people without: most in the middle."""


@dataclass(frozen=True, slots=True)
class EmgRegime:
    """What an EMG channel shows, and how the muscle's potentials look in it.

    Parameters
    ----------
    noise_uv : Range
        Amplifier and skin noise, µV RMS; 0.7 to 3 is good contact, 5 to 12 poor.
    tail_share : float
        How far the noise is drawn from Gaussian (0) to Laplacian (1).
    pink_corner_hz : float
        Below this frequency the noise rises as 1/f, Hz.
    spectrum_low_hz, spectrum_high_hz : Range
        The two corner frequencies of the Shwedyk spectrum of the muscle, Hz.
    units : Range
        Motor units that the electrodes see.
    line_hz : float
        Mains frequency, Hz.
    line_uv : Range
        Amplitude of the mains hum, µV; a third harmonic of 30 % is added.
    ecg_uv : Range
        Amplitude of the QRS complex in the leg, µV.
    motion_artefact_uv : Range
        Artefact of 1 to 15 Hz while the leg moves, µV RMS.
    """

    noise_uv: Range
    tail_share: float
    pink_corner_hz: float
    spectrum_low_hz: Range
    spectrum_high_hz: Range
    units: Range
    line_hz: float
    line_uv: Range
    ecg_uv: Range
    motion_artefact_uv: Range


@dataclass(frozen=True, slots=True)
class AccelerationRegime:
    """What an accelerometer on a still leg shows.

    Parameters
    ----------
    noise_g : Range
        White noise, g RMS per axis.
    drift_g : float
        Slow wandering of each axis, g RMS.
    step_g : float
        Size of the sensor's smallest step, g.
    breathing_g : Range
        Amplitude of breathing at 0.2 to 0.3 Hz, g.
    ballistic_g : Range
        Amplitude of the heart beat's recoil, g.
    """

    noise_g: Range
    drift_g: float
    step_g: float
    breathing_g: Range
    ballistic_g: Range


@dataclass(frozen=True, slots=True)
class MovementRegime:
    """How often and how the legs move.

    Parameters
    ----------
    series_gap_s : float
        Mean pause between two periodic series, s; no series at all if infinite.
    severity : float
        How much that pause differs between nights: standard deviation of its logarithm.
    series_length : Range
        Movements in a series.
    interval_s : Range
        Median interval from onset to onset inside a series, s.
    isolated_per_h : float
        Movements outside a series per hour.
    short_interval_share : float
        Share of movements that are followed by another within 2 to 4 s.
    bilateral_share : float
        Share in which both legs take part; Ferri et al. found 58 %.
    visible_share : Range
        Share that turns the leg, so that acceleration shows it; Terrill et al. found 61 % (30 to 95).
    amplitude_uv : Range
        Level of the EMG, µV RMS.
    amplitude_law : AmplitudeLaw
        How the levels are spread over that range.
    spike_share : float
        Share that a short jerk of the same muscle precedes.
    angle_deg : Range
        Rotation of a visible movement, degrees, log-uniform.
    course : Course
        How movements are spread over the night.
    """

    series_gap_s: float
    severity: float
    series_length: Range
    interval_s: Range
    isolated_per_h: float
    short_interval_share: float
    bilateral_share: float
    visible_share: Range
    amplitude_uv: Range
    amplitude_law: AmplitudeLaw
    spike_share: float
    angle_deg: Range
    course: Course


@dataclass(frozen=True, slots=True)
class CrampRegime:
    """How often and how the calf cramps.

    Parameters
    ----------
    stratum_s : float
        One cramp falls into each started stretch of this length, s; no cramp at all if infinite.
    median_s : float
        Median of the log-normal duration, s.
    duration_s : Range
        Limits of the duration, s.
    ratio : Range
        Level relative to the noise of the channel, log-uniform.
    rise_s : Range
        Time constant of the build-up, s.
    creeping_share : float
        Share that creeps in over 20 to 60 s and stays at 2 to 6 times rest.
    wakes_share : float
        Share that wakes the sleeper about 41 s after the onset, who then stretches the leg.
    exit_share : float
        Share of those in which the sleeper leaves the bed.
    twitches : Range
        Twitches in the minute after a cramp.
    """

    stratum_s: float
    median_s: float
    duration_s: Range
    ratio: Range
    rise_s: Range
    creeping_share: float
    wakes_share: float
    exit_share: float
    twitches: Range


@dataclass(frozen=True, slots=True)
class ShiftRegime:
    """How often and how the body turns.

    Parameters
    ----------
    interval_s : Range
        Pause between two turns, s; no turn at all if infinite.
    angle_deg : Range
        Change of the leg's orientation, degrees.
    duration_s : Range
        Time of the turn, s.
    large_share : float
        Share that is a large movement: several seconds of irregular movement before the turn.
    large_s : Range
        Length of a large movement, s.
    """

    interval_s: Range
    angle_deg: Range
    duration_s: Range
    large_share: float
    large_s: Range


@dataclass(frozen=True, slots=True)
class OtherRegime:
    """What else the muscles do, and how often: per hour and leg, or per hour where both take part.

    Parameters
    ----------
    fasciculations_per_h : Range
        Potentials of 8 to 20 ms at rest, log-uniform over the nights.
    fasciculation_uv : Range
        Their height from peak to peak, µV, log-uniform.
    myoclonus_per_h : Range
        Potentials of fragmentary myoclonus, 75 to 150 ms, log-uniform over the nights.
    jerks_per_h : float
        Quick jerks of the leg.
    trains_per_h : float
        Trains of foot tremor or of high-frequency leg movements.
    alternating_per_h : float
        Trains that alternate between the legs.
    clonus_per_h : float
        Stretches of clonus.
    spasms_per_h : float
        Tonic spasms, as in spasticity.
    holds_per_h : float
        Contractions that are held on purpose, 5 to 60 s, while awake.
    """

    fasciculations_per_h: Range
    fasciculation_uv: Range
    myoclonus_per_h: Range
    jerks_per_h: float
    trains_per_h: float
    alternating_per_h: float
    clonus_per_h: float
    spasms_per_h: float
    holds_per_h: float


@dataclass(frozen=True, slots=True)
class Regime:
    """A named kind of night.

    Parameters
    ----------
    name : str
        Name that ``--regime`` takes.
    split : Split
        What nights of these ranges may be used for.
    emg : EmgRegime
        The EMG channels.
    acceleration : AccelerationRegime
        The accelerometers.
    movements : MovementRegime
        Leg movements.
    cramps : CrampRegime
        Cramps.
    shifts : ShiftRegime
        Turns of the body.
    other : OtherRegime
        What else the muscles do.
    sleep : SleepRegime
        How the night is spent.
    contact : ContactRegime
        What happens to the electrodes.
    bed : BedRegime
        What moves the sensors besides the legs.
    """

    name: str
    split: Split
    emg: EmgRegime
    acceleration: AccelerationRegime
    movements: MovementRegime
    cramps: CrampRegime
    shifts: ShiftRegime
    other: OtherRegime
    sleep: SleepRegime
    contact: ContactRegime
    bed: BedRegime
