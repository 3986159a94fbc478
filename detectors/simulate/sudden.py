"""Twitches of a simulated night: fasciculations, fragmentary myoclonus, quick jerks."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from detectors.events import EventKind
from detectors.simulate.happenings import ELECTROMECHANICAL_S, LEVER_M, Body, Happening, within
from detectors.simulate.plan import Burst, Potential, Rotation
from detectors.simulate.randomness import log_uniform
from detectors.simulate.truth import Cause, TruthEvent

if TYPE_CHECKING:
    from detectors.signal import Leg

FASCICULATION_S = (0.008, 0.020)
MYOCLONUS_S = (0.075, 0.150)
MYOCLONUS_UV = (50.0, 200.0)
JERK_S = (0.1, 0.3)
JERK_UV = (40.0, 150.0)
JERK_DEG = (1.0, 2.8)
JERK_OUT_S = (0.08, 0.16)
# A burst of noise is about five times as high from peak to peak as its RMS.
PEAK_TO_PEAK = 5.0
# Half the height must stand well above six times the noise, or above 15 µV (science.md 4.2).
CLEAR_SIGMAS, CLEAR_PEAK_UV, CLEAR_FACTOR = 6.0, 15.0, 1.5
EDGE_SHARE = 0.35


def clear_twitch_uv(noise_uv: float) -> float:
    """Return the height from which a twitch is clear, µV from peak to peak."""
    return 2.0 * CLEAR_FACTOR * max(CLEAR_SIGMAS * noise_uv, CLEAR_PEAK_UV)


def fasciculation(rng: np.random.Generator, t_s: float, leg: Leg, body: Body) -> Happening:
    """Draw a potential of one motor unit that fires by itself."""
    length_s = within(rng, FASCICULATION_S)
    height_uv = log_uniform(rng, *body.regime.other.fasciculation_uv)
    potential = Potential(t_s, length_s, height_uv, int(rng.integers(2, 4)))
    truth = TruthEvent(
        kind=EventKind.TWITCH,
        leg=leg,
        onset_s=t_s,
        end_s=t_s + length_s,
        amplitude_uv=height_uv,
        clear=height_uv >= clear_twitch_uv(body.noise_uv[leg]),
        rise_10_s=t_s,
        cause=Cause.FASCICULATION,
    )
    return Happening(leg, (truth,), potentials=(potential,))


def myoclonus(rng: np.random.Generator, t_s: float, leg: Leg, body: Body) -> Happening:
    """Draw a potential of fragmentary myoclonus."""
    height_uv = log_uniform(rng, *MYOCLONUS_UV)
    burst = _brief(t_s, within(rng, MYOCLONUS_S), height_uv / PEAK_TO_PEAK)
    return Happening(leg, (_twitch(burst, leg, height_uv, body, Cause.MYOCLONUS),), (burst,))


def jerk(rng: np.random.Generator, t_s: float, leg: Leg, body: Body) -> Happening:
    """Draw a quick jerk that turns the leg there and back at once."""
    amplitude_uv = log_uniform(rng, *JERK_UV)
    burst = _brief(t_s, within(rng, JERK_S), amplitude_uv)
    rotation = Rotation(
        onset_s=t_s + ELECTROMECHANICAL_S,
        out_s=within(rng, JERK_OUT_S),
        hold_s=0.0,
        back_s=1.5 * within(rng, JERK_OUT_S),
        angle_deg=within(rng, JERK_DEG),
        axis=(0.0, 1.0, 0.0),
        lever_m=within(rng, LEVER_M),
    )
    moved = TruthEvent(
        kind=EventKind.BRIEF_JERK,
        leg=leg,
        onset_s=rotation.onset_s,
        end_s=rotation.end_s,
        amplitude_uv=amplitude_uv,
        clear=True,
        rise_10_s=rotation.onset_s,
        angle_deg=rotation.angle_deg,
        cause=Cause.JERK,
    )
    twitch = _twitch(burst, leg, amplitude_uv * PEAK_TO_PEAK, body, Cause.JERK)
    return Happening(leg, (twitch, moved), (burst,), (rotation,))


def potential_shape(share: np.ndarray, n_phases: int) -> np.ndarray:
    """Return a potential of two or three phases, from peak to peak 1: a derivative of a Gaussian.

    Parameters
    ----------
    share : ndarray of float64, shape (n_samples,)
        Share of its length that has passed, 0 to 1.
    n_phases : int
        Two or three.

    Returns
    -------
    ndarray of float64, shape (n_samples,)
        The potential.
    """
    x = 6.0 * (share - 0.5)
    bell = np.exp(-0.5 * x**2)
    biphasic = n_phases == 2  # noqa: PLR2004 - two phases
    if biphasic:
        return np.asarray(-x * bell / (2.0 * np.exp(-0.5)))
    return np.asarray((1.0 - x**2) * bell / (1.0 + 2.0 * np.exp(-1.5)))


def _brief(t_s: float, length_s: float, amplitude_uv: float) -> Burst:
    edge_s = EDGE_SHARE * length_s
    return Burst(t_s, t_s + length_s, amplitude_uv, edge_s, edge_s, calf_share=0.5)


def _twitch(burst: Burst, leg: Leg, height_uv: float, body: Body, cause: Cause) -> TruthEvent:
    return TruthEvent(
        kind=EventKind.TWITCH,
        leg=leg,
        onset_s=burst.onset_s,
        end_s=burst.end_s,
        amplitude_uv=height_uv,
        clear=height_uv >= clear_twitch_uv(body.noise_uv[leg]),
        rise_10_s=burst.onset_s,
        cause=cause,
    )
