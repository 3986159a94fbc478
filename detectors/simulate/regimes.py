"""What a simulated night is made of: noise, movements, cramps and posture, as named sets.

The ranges follow the literature where there is any (science.md 9); the rest is a proposal that a
detector must never be tuned on. A pair is a range ``(low, high)`` that a value is drawn from.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

Range = tuple[float, float]


@dataclass(frozen=True, slots=True)
class EmgRegime:
    """What an EMG channel shows besides the muscle's bursts.

    Parameters
    ----------
    noise_uv : Range
        Amplifier and skin noise, µV RMS; 0.7 to 3 is good contact, 5 to 12 poor.
    pink_corner_hz : float
        Below this frequency the noise rises as 1/f, Hz.
    spectrum_low_hz, spectrum_high_hz : Range
        The two corner frequencies of the Shwedyk spectrum of the muscle, Hz.
    line_hz : float
        Mains frequency, Hz.
    line_uv : Range
        Amplitude of the mains hum, µV; a third harmonic of 30 % is added.
    ecg_uv : Range
        Amplitude of the QRS complex in the leg, µV.
    pops_per_h : float
        Electrode pops per hour.
    pop_uv : Range
        Height of a pop's step, µV.
    motion_artefact_uv : Range
        Artefact of 1 to 15 Hz while the leg moves, µV RMS.
    """

    noise_uv: Range
    pink_corner_hz: float
    spectrum_low_hz: Range
    spectrum_high_hz: Range
    line_hz: float
    line_uv: Range
    ecg_uv: Range
    pops_per_h: float
    pop_uv: Range
    motion_artefact_uv: Range


@dataclass(frozen=True, slots=True)
class AccelerationRegime:
    """What an accelerometer on a still leg shows.

    Parameters
    ----------
    noise_g : float
        White noise, g RMS per axis.
    breathing_g : Range
        Amplitude of breathing at 0.2 to 0.3 Hz, g.
    ballistic_g : Range
        Amplitude of the heart beat's recoil at 0.9 to 1.3 Hz, g.
    """

    noise_g: float
    breathing_g: Range
    ballistic_g: Range


@dataclass(frozen=True, slots=True)
class MovementRegime:
    """How often and how the legs move.

    Parameters
    ----------
    series_gap_s : float
        Mean pause between two periodic series, s.
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
    visible_share : float
        Share that turns the leg, so that acceleration shows it; Terrill et al. found 61 %.
    amplitude_uv : Range
        Level of the EMG, µV RMS, log-uniform.
    angle_deg : Range
        Rotation of a visible movement, degrees, log-uniform.
    """

    series_gap_s: float
    series_length: Range
    interval_s: Range
    isolated_per_h: float
    short_interval_share: float
    bilateral_share: float
    visible_share: float
    amplitude_uv: Range
    angle_deg: Range


@dataclass(frozen=True, slots=True)
class CrampRegime:
    """How often and how the calf cramps.

    Parameters
    ----------
    stratum_s : float
        One cramp falls into each started stretch of this length, s.
    median_s : float
        Median of the log-normal duration, s.
    duration_s : Range
        Limits of the duration, s.
    ratio : Range
        Level relative to the noise of the channel, log-uniform.
    rise_s : Range
        Time constant of the build-up, s.
    """

    stratum_s: float
    median_s: float
    duration_s: Range
    ratio: Range
    rise_s: Range


@dataclass(frozen=True, slots=True)
class ShiftRegime:
    """How often and how the body turns.

    Parameters
    ----------
    interval_s : Range
        Pause between two turns, s.
    angle_deg : Range
        Change of the leg's orientation, degrees.
    duration_s : Range
        Time of the turn, s.
    """

    interval_s: Range
    angle_deg: Range
    duration_s: Range


@dataclass(frozen=True, slots=True)
class Regime:
    """A named kind of night.

    Parameters
    ----------
    name : str
        Name that ``--regime`` takes.
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
    """

    name: str
    emg: EmgRegime
    acceleration: AccelerationRegime
    movements: MovementRegime
    cramps: CrampRegime
    shifts: ShiftRegime


CLEAN = Regime(
    name="clean",
    emg=EmgRegime(
        noise_uv=(1.0, 1.6),
        pink_corner_hz=15.0,
        spectrum_low_hz=(40.0, 60.0),
        spectrum_high_hz=(90.0, 120.0),
        line_hz=50.0,
        line_uv=(0.0, 0.3),
        ecg_uv=(0.0, 0.0),
        pops_per_h=0.0,
        pop_uv=(0.0, 0.0),
        motion_artefact_uv=(0.0, 0.0),
    ),
    acceleration=AccelerationRegime(noise_g=0.003, breathing_g=(0.0005, 0.002), ballistic_g=(0.0005, 0.001)),
    movements=MovementRegime(
        series_gap_s=1700.0,
        series_length=(5.0, 24.0),
        interval_s=(22.0, 30.0),
        isolated_per_h=4.0,
        short_interval_share=0.06,
        bilateral_share=0.58,
        visible_share=0.7,
        amplitude_uv=(14.0, 200.0),
        angle_deg=(3.0, 15.0),
    ),
    cramps=CrampRegime(
        stratum_s=7200.0, median_s=50.0, duration_s=(16.0, 240.0), ratio=(15.0, 100.0), rise_s=(0.5, 3.0)
    ),
    shifts=ShiftRegime(interval_s=(1500.0, 3300.0), angle_deg=(25.0, 110.0), duration_s=(1.0, 3.5)),
)

HARD = Regime(
    name="hard",
    emg=replace(
        CLEAN.emg,
        noise_uv=(3.5, 7.0),
        pink_corner_hz=25.0,
        spectrum_low_hz=(28.0, 42.0),
        spectrum_high_hz=(68.0, 95.0),
        line_uv=(0.5, 2.5),
        ecg_uv=(5.0, 30.0),
        pops_per_h=3.0,
        pop_uv=(200.0, 3000.0),
        motion_artefact_uv=(20.0, 150.0),
    ),
    acceleration=AccelerationRegime(noise_g=0.006, breathing_g=(0.001, 0.003), ballistic_g=(0.0005, 0.002)),
    movements=MovementRegime(
        series_gap_s=1200.0,
        series_length=(4.0, 26.0),
        interval_s=(18.0, 34.0),
        isolated_per_h=7.0,
        short_interval_share=0.15,
        bilateral_share=0.5,
        visible_share=0.5,
        amplitude_uv=(8.0, 160.0),
        angle_deg=(1.0, 12.0),
    ),
    cramps=replace(CLEAN.cramps, duration_s=(8.0, 600.0), ratio=(2.5, 40.0), rise_s=(0.5, 20.0)),
    shifts=ShiftRegime(interval_s=(700.0, 2400.0), angle_deg=(15.0, 120.0), duration_s=(1.0, 5.0)),
)


def named_regime(name: str) -> Regime:
    """Return the regime of a name.

    Parameters
    ----------
    name : str
        ``clean`` or ``hard``.

    Returns
    -------
    Regime
        The regime.

    Raises
    ------
    ValueError
        If there is no regime of that name.

    Examples
    --------
    >>> named_regime("clean").name
    'clean'
    """
    regimes = {regime.name: regime for regime in (CLEAN, HARD)}
    if name not in regimes:
        msg = f"regime is {name!r}, expected one of {', '.join(regimes)}"
        raise ValueError(msg)
    return regimes[name]
