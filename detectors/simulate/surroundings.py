"""What surrounds the legs of a simulated night: sleep, the contact of the electrodes, the bed and a table."""

from __future__ import annotations

from dataclasses import dataclass

Range = tuple[float, float]


@dataclass(frozen=True, slots=True)
class SleepRegime:
    """How the night is spent.

    Parameters
    ----------
    latency_s : Range
        From the start of the recording to sleep, s.
    cycle_s : Range
        Length of a cycle of sleep stages, s.
    awakenings : Range
        Awakenings in eight hours.
    awakening_s : Range
        Length of an awakening, s, log-uniform.
    toilet_share : float
        Share of the awakenings in which the bed is left.
    upright_s : Range
        Time out of bed, s.
    restless_per_h : float
        Turns of the body per hour of wakefulness.
    """

    latency_s: Range
    cycle_s: Range
    awakenings: Range
    awakening_s: Range
    toilet_share: float
    upright_s: Range
    restless_per_h: float


@dataclass(frozen=True, slots=True)
class ContactRegime:
    """What happens to the electrodes, per hour and leg.

    Parameters
    ----------
    pops_per_h : float
        Electrode pops.
    pop_uv : Range
        Height of a pop's step, µV.
    off_per_h : float
        Times that an electrode comes off.
    off_s : Range
        How long it stays off, s, log-uniform.
    poor_per_h : float
        Times of poor contact: more noise and more hum.
    poor_s : Range
        How long, s, log-uniform.
    gain_steps_per_h : float
        Steps of the gain to 0.6 or 1.8 times what it was at the start.
    humming_per_h : float
        Times that a field from outside (a heating blanket) hums in the leads.
    """

    pops_per_h: float
    pop_uv: Range
    off_per_h: float
    off_s: Range
    poor_per_h: float
    poor_s: Range
    gain_steps_per_h: float
    humming_per_h: float


@dataclass(frozen=True, slots=True)
class BedRegime:
    """What moves the sensors besides the legs.

    Parameters
    ----------
    partner_per_h : float
        Movements of somebody else in the bed.
    partner_g : Range
        Height of the waves that they send through the mattress, g, log-uniform.
    knocks_per_h : float
        Knocks on bed and cable: they shake sensor and leads, no muscle acts.
    table_share : float
        Share of the nights in which the sensors lie on a table for a while.
    table_s : Range
        For how long, s.
    """

    partner_per_h: float
    partner_g: Range
    knocks_per_h: float
    table_share: float
    table_s: Range
