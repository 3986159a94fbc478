"""What stays the same on one leg all night: its noise, its spectrum, its rhythm of breath and heart."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from detectors.simulate.randomness import Purpose, generator

if TYPE_CHECKING:
    from detectors.simulate.regimes import Regime

BREATHING_HZ = (0.2, 0.3)
HEART_HZ = (0.9, 1.3)
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
    line_uv, ecg_uv, motion_artefact_uv : float
        Amplitudes of what does not come from the muscle, µV.
    breathing_g, ballistic_g : float
        Amplitudes of breath and heart beat in the acceleration, g.
    breathing_hz, heart_hz : float
        Their frequencies, Hz.
    phase_rad : tuple of float
        Phases of mains, breath and heart, rad.
    """

    noise_uv: float
    spectrum_low_hz: float
    spectrum_high_hz: float
    line_uv: float
    ecg_uv: float
    motion_artefact_uv: float
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
    emg, acceleration = regime.emg, regime.acceleration
    phases = rng.uniform(0.0, 2.0 * np.pi, 3)
    return LegCharacter(
        noise_uv=float(rng.uniform(*emg.noise_uv)),
        spectrum_low_hz=float(rng.uniform(*emg.spectrum_low_hz)),
        spectrum_high_hz=float(rng.uniform(*emg.spectrum_high_hz)),
        line_uv=float(rng.uniform(*emg.line_uv)),
        ecg_uv=float(rng.uniform(*emg.ecg_uv)),
        motion_artefact_uv=float(rng.uniform(*emg.motion_artefact_uv)),
        breathing_g=float(rng.uniform(*acceleration.breathing_g)),
        ballistic_g=float(rng.uniform(*acceleration.ballistic_g)),
        breathing_hz=float(rng.uniform(*BREATHING_HZ)),
        heart_hz=float(rng.uniform(*HEART_HZ)),
        phase_rad=(float(phases[0]), float(phases[1]), float(phases[2])),
    )
