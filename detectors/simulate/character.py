"""What stays the same all night: the noise and spectrum of a leg, the rhythm of breath and heart of its owner."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from detectors.simulate.randomness import Purpose, generator

if TYPE_CHECKING:
    from detectors.simulate.regimes import Regime

BREATHING_HZ = (0.2, 0.3)
HEART_HZ = (0.75, 1.4)
# A relaxed leg of somebody lying: its long axis (x) is level and the front of the shank points up.
LYING = (0.0, 0.0, 1.0)


@dataclass(frozen=True, slots=True)
class LegCharacter:
    """The constants of one leg for one night.

    Parameters
    ----------
    noise_uv : float
        Noise of the EMG channels, µV RMS.
    spectrum_low_hz, spectrum_high_hz : float
        Corner frequencies of the muscle's spectrum, Hz.
    n_units : int
        Motor units that the electrodes see.
    line_uv, ecg_uv, motion_artefact_uv : float
        Amplitudes of what does not come from the muscle, µV.
    noise_g : float
        Noise of the acceleration, g RMS per axis.
    breathing_g, ballistic_g : float
        Amplitudes of breath and heart beat in the acceleration, g.
    breathing_hz, heart_hz : float
        Their frequencies, the same for both legs, Hz.
    phase_rad : tuple of float
        Phases of mains, breath and heart, rad; those of breath and heart are the same for both legs.
    """

    noise_uv: float
    spectrum_low_hz: float
    spectrum_high_hz: float
    n_units: int
    line_uv: float
    ecg_uv: float
    motion_artefact_uv: float
    noise_g: float
    breathing_g: float
    ballistic_g: float
    breathing_hz: float
    heart_hz: float
    phase_rad: tuple[float, float, float]


def character(seed: int, leg: int, regime: Regime) -> LegCharacter:
    """Draw the constants of one leg.

    Parameters
    ----------
    seed : int
        Seed of the night.
    leg : int
        Number of the leg.
    regime : Regime
        Ranges to draw from.

    Returns
    -------
    LegCharacter
        The constants.
    """
    rng = generator(seed, leg, Purpose.CHANNEL)
    person = generator(seed, 0, Purpose.PERSON, 1)
    emg, acceleration = regime.emg, regime.acceleration
    breath_rad, heart_rad = person.uniform(0.0, 2.0 * np.pi, 2)
    return LegCharacter(
        noise_uv=float(rng.uniform(*emg.noise_uv)),
        spectrum_low_hz=float(rng.uniform(*emg.spectrum_low_hz)),
        spectrum_high_hz=float(rng.uniform(*emg.spectrum_high_hz)),
        n_units=round(rng.uniform(*emg.units)),
        line_uv=float(rng.uniform(*emg.line_uv)),
        ecg_uv=float(rng.uniform(*emg.ecg_uv)),
        motion_artefact_uv=float(rng.uniform(*emg.motion_artefact_uv)),
        noise_g=float(rng.uniform(*acceleration.noise_g)),
        breathing_g=float(rng.uniform(*acceleration.breathing_g)),
        ballistic_g=float(rng.uniform(*acceleration.ballistic_g)),
        breathing_hz=float(person.uniform(*BREATHING_HZ)),
        heart_hz=float(person.uniform(*HEART_HZ)),
        phase_rad=(float(rng.uniform(0.0, 2.0 * np.pi)), float(breath_rad), float(heart_rad)),
    )
