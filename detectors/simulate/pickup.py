"""What the electrodes of a simulated leg pick up besides muscles: mains, heart, pops; and when they come off."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from detectors.simulate.plan import Contact, ContactKind

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    from detectors.simulate.character import LegCharacter
    from detectors.simulate.plan import Pop, Rotation, Wave

THIRD_HARMONIC = 0.3
# Mains amplitude wanders slowly, as when a person turns in an electric field; its frequency a little.
LINE_DRIFT_HZ, LINE_DRIFT = 0.002, 0.4
LINE_WANDER_HZ, LINE_WANDER_RAD = 0.005, 1.5
QRS_S = 0.012
# The rate of the heart sways with breath and with pressure waves of ten seconds, 5 % together.
HEART_BREATH, HEART_PRESSURE, PRESSURE_HZ = 0.05, 0.04, 0.1
# A free input hums, and its noise is flat and larger than that of a skin.
FREE_NOISE_FACTOR = 3.0
RAIL_UV = 3200.0


class Contacts(NamedTuple):
    """How the electrodes sit at every sample.

    Parameters
    ----------
    noise, gain : ndarray of float64, shape (n_samples,)
        Factors of the noise, and of everything.
    hum_uv : ndarray of float64, shape (n_samples,)
        Hum from outside, µV.
    free_uv, rail_uv : ndarray of float64, shape (n_samples,)
        Hum of a free input, and the end of the range where the input sits there, µV; NaN elsewhere.
    """

    noise: NDArray[np.float64]
    gain: NDArray[np.float64]
    hum_uv: NDArray[np.float64]
    free_uv: NDArray[np.float64]
    rail_uv: NDArray[np.float64]


def contacts_at(t_s: NDArray[np.float64], contacts: Iterable[Contact]) -> Contacts:
    """Return how the electrodes sit at every sample.

    Parameters
    ----------
    t_s : ndarray of float64, shape (n_samples,)
        Times, s.
    contacts : iterable of Contact
        What is wrong with them.

    Returns
    -------
    Contacts
        Factors and levels.
    """
    ones, nothing = np.ones(len(t_s)), np.full(len(t_s), np.nan)
    state = Contacts(ones, ones.copy(), np.zeros(len(t_s)), nothing, nothing.copy())
    for contact in contacts:
        first, last = np.searchsorted(t_s, (contact.onset_s, contact.end_s))
        match contact.kind:
            case ContactKind.POOR:
                state.noise[first:last] *= contact.value
            case ContactKind.GAIN:
                state.gain[first:last] = contact.value
            case ContactKind.HUM:
                state.hum_uv[first:last] += contact.value
            case ContactKind.OFF_NOISE:
                state.free_uv[first:last] = contact.value
            case ContactKind.OFF_RAIL:
                state.rail_uv[first:last] = RAIL_UV * contact.value
    return state


def mains(t_s: NDArray[np.float64], line_hz: float, phase_rad: float) -> NDArray[np.float64]:
    """Return mains hum of unit amplitude, slowly wandering, with a third harmonic."""
    wander = LINE_WANDER_RAD * np.sin(2.0 * np.pi * LINE_WANDER_HZ * t_s + 2.0 * phase_rad)
    phase = 2.0 * np.pi * line_hz * t_s + phase_rad + wander
    drift = 1.0 + LINE_DRIFT * np.sin(2.0 * np.pi * LINE_DRIFT_HZ * t_s + 3.0 * phase_rad)
    sine = np.sin(phase)
    # sin(3x) = 3 sin(x) - 4 sin(x)^3
    return np.asarray(drift * sine * (1.0 + THIRD_HARMONIC * (3.0 - 4.0 * sine * sine)))


def heart(t_s: NDArray[np.float64], character: LegCharacter) -> NDArray[np.float64]:
    """Return QRS complexes of unit height, their rate swaying with breath and blood pressure."""
    two_pi = 2.0 * np.pi
    breath = np.sin(two_pi * character.breathing_hz * t_s + character.phase_rad[1])
    pressure = np.sin(two_pi * PRESSURE_HZ * t_s + character.phase_rad[2])
    beats = character.heart_hz * t_s + character.heart_hz / two_pi * (
        HEART_BREATH / character.breathing_hz * breath + HEART_PRESSURE / PRESSURE_HZ * pressure
    )
    since_s = (beats - np.round(beats)) / character.heart_hz
    near = np.flatnonzero(np.abs(since_s) < 6.0 * QRS_S)
    share = since_s[near] / QRS_S
    total = np.zeros(len(t_s))
    total[near] = np.exp(-(share**2)) - 0.5 * np.exp(-((share - 2.0) ** 2))
    return total


def popping(t_s: NDArray[np.float64], pops: Iterable[Pop]) -> NDArray[np.float64]:
    """Return steps of the electrodes that decay, µV."""
    total = np.zeros(len(t_s))
    for pop in pops:
        first, last = np.searchsorted(t_s, (pop.onset_s, pop.end_s))
        total[first:last] += pop.height_uv * np.exp(-(t_s[first:last] - pop.onset_s) / pop.decay_s)
    return total


def shaking(t_s: NDArray[np.float64], turns: Iterable[Rotation], waves: Iterable[Wave]) -> NDArray[np.float64]:
    """Return how much the leads shake, 0 to 1: while a leg turns, not while it rests or is held."""
    shaken = np.zeros(len(t_s))
    for turn in turns:
        parts = [(turn.onset_s, turn.out_s)]
        if turn.back_s > 0.0:
            parts.append((turn.end_s - turn.back_s, turn.back_s))
        for onset_s, length_s in parts:
            first, last = np.searchsorted(t_s, (onset_s, onset_s + length_s))
            share = (t_s[first:last] - onset_s) / length_s
            hump = 0.5 * (1.0 - np.cos(2.0 * np.pi * share))
            np.maximum(shaken[first:last], hump, out=shaken[first:last])
    for wave in waves:
        if wave.shakes_leads:
            first, last = np.searchsorted(t_s, (wave.onset_s, wave.end_s))
            fading = np.exp(-(t_s[first:last] - wave.onset_s) / wave.decay_s)
            np.maximum(shaken[first:last], fading, out=shaken[first:last])
    return shaken
