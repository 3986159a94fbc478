"""The EMG of one simulated leg, chunk by chunk."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from detectors.simulate.randomness import Purpose
from detectors.simulate.shaped import ShapedNoise, amplifier, band, shwedyk

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from detectors.simulate.character import LegCharacter
    from detectors.simulate.regimes import EmgRegime
    from detectors.simulate.truth import Burst, LegPlan, Rotation

CHUNK_S = 60.0
TIBIALIS_ANTERIOR = "tibialis anterior"
# Movement artefacts lie here (science.md 9.1), Hz.
ARTEFACT_HZ = (1.0, 15.0)
THIRD_HARMONIC = 0.3
# Mains amplitude wanders slowly, as when a person turns in an electric field.
LINE_DRIFT_HZ = 0.002
LINE_DRIFT = 0.4
QRS_S = 0.012
HEART_WANDER = 0.05
# A pop has gone after this many decay times.
POP_DECAYS = 8.0
DIP_WIDTH_SHARE = 0.1


@dataclass(frozen=True, slots=True)
class EmgSetup:
    """What the EMG of a leg is made from.

    Parameters
    ----------
    seed, leg : int
        Seed of the night and number of the leg.
    fs_hz : float
        Sampling rate, Hz.
    muscles : tuple of str
        One channel each.
    plan : LegPlan
        What happens.
    character : LegCharacter
        What stays the same.
    regime : EmgRegime
        The kind of night.
    """

    seed: int
    leg: int
    fs_hz: float
    muscles: tuple[str, ...]
    plan: LegPlan
    character: LegCharacter
    regime: EmgRegime


class EmgChunks:
    """Minutes of EMG, each computed as a whole, so that cutting the night otherwise changes nothing.

    Parameters
    ----------
    setup : EmgSetup
        What the signal is made from.
    """

    __slots__ = ("_amplifier", "_artefact", "_muscle", "_setup", "samples")

    def __init__(self, setup: EmgSetup) -> None:
        self._setup = setup
        self.samples = round(CHUNK_S * setup.fs_hz)
        character = setup.character
        spectrum = shwedyk(character.spectrum_low_hz, character.spectrum_high_hz)
        self._muscle = ShapedNoise(spectrum, setup.fs_hz, self.samples)
        self._amplifier = ShapedNoise(amplifier(setup.regime.pink_corner_hz), setup.fs_hz, self.samples)
        self._artefact = ShapedNoise(band(*ARTEFACT_HZ), setup.fs_hz, self.samples)

    def __call__(self, number: int) -> NDArray[np.float32]:
        """Return chunk `number`, µV, shape (samples, n_muscles)."""
        setup = self._setup
        t_s = (number * self.samples + np.arange(self.samples)) / setup.fs_hz
        disturbance = self._disturbance(t_s)
        bursts = [burst for burst in setup.plan.bursts if burst.onset_s < t_s[-1] and burst.end_s > t_s[0]]
        moved = self._moved(t_s)
        columns = np.empty((self.samples, len(setup.muscles)), dtype=np.float32)
        for channel, muscle in enumerate(setup.muscles):
            place = (setup.seed, setup.leg)
            noise = self._amplifier.chunk(*place, Purpose.AMPLIFIER, channel, number)
            column = setup.character.noise_uv * noise.astype(np.float64) + disturbance
            if bursts:
                carrier = self._muscle.chunk(*place, Purpose.MUSCLE, channel, number)
                column += _envelope_uv(t_s, bursts, muscle) * carrier
            if moved is not None:
                column += moved * self._artefact.chunk(*place, Purpose.MOTION, channel, number)
            columns[:, channel] = column
        return columns

    def _disturbance(self, t_s: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return mains, heart and pops: what every channel of the leg picks up alike, µV."""
        character, regime = self._setup.character, self._setup.regime
        total = np.zeros(len(t_s))
        if character.line_uv > 0:
            phase = 2.0 * np.pi * regime.line_hz * t_s + character.phase_rad[0]
            drift = 1.0 + LINE_DRIFT * np.sin(2.0 * np.pi * LINE_DRIFT_HZ * t_s + character.phase_rad[1])
            total += character.line_uv * drift * (np.sin(phase) + THIRD_HARMONIC * np.sin(3.0 * phase))
        if character.ecg_uv > 0:
            total += character.ecg_uv * _heart(t_s, character)
        for pop in self._setup.plan.pops:
            after_s = t_s - pop.onset_s
            if after_s[-1] >= 0.0 and after_s[0] < POP_DECAYS * pop.decay_s:
                seen = (after_s >= 0.0) & (after_s < POP_DECAYS * pop.decay_s)
                total[seen] += pop.height_uv * np.exp(-after_s[seen] / pop.decay_s)
        return total

    def _moved(self, t_s: NDArray[np.float64]) -> NDArray[np.float64] | None:
        """Return the level of the movement artefact, µV, or None where the leg rests."""
        level_uv = self._setup.character.motion_artefact_uv
        near = [turn for turn in self._setup.plan.rotations if turn.onset_s < t_s[-1] and turn.end_s > t_s[0]]
        if level_uv <= 0 or not near:
            return None
        moved = np.zeros(len(t_s))
        for turn in near:
            np.maximum(moved, _turning(t_s, turn), out=moved)
        return level_uv * moved


def _envelope_uv(t_s: NDArray[np.float64], bursts: list[Burst], muscle: str) -> NDArray[np.float64]:
    """Return the level of the muscle's activity, µV RMS."""
    level = np.zeros(len(t_s))
    for burst in bursts:
        first, last = np.searchsorted(t_s, (burst.onset_s, burst.end_s))
        share = 1.0 if muscle == TIBIALIS_ANTERIOR else burst.calf_share
        shape = share * burst.amplitude_uv * burst_shape(t_s[first:last], burst)
        np.maximum(level[first:last], shape, out=level[first:last])
    return level


def burst_shape(t_s: NDArray[np.float64], burst: Burst) -> NDArray[np.float64]:
    """Return the envelope of a burst relative to its plateau.

    Parameters
    ----------
    t_s : ndarray of float64, shape (n_samples,)
        Times inside the burst, from the start of the night, s.
    burst : Burst
        The burst.

    Returns
    -------
    ndarray of float64, shape (n_samples,)
        Zero at onset and end, about one on the plateau.
    """
    since_s, until_s = t_s - burst.onset_s, burst.end_s - t_s
    rise = np.clip(since_s / burst.rise_s, 0.0, 1.0)
    fall = np.clip(until_s / burst.fall_s, 0.0, 1.0)
    shape = np.asarray(0.25 * (1.0 - np.cos(np.pi * rise)) * (1.0 - np.cos(np.pi * fall)))
    length_s = burst.end_s - burst.onset_s
    for centre, depth in burst.dips:
        distance = (since_s - centre * length_s) / (DIP_WIDTH_SHARE * length_s)
        shape *= 1.0 - depth * np.exp(-(distance**2))
    wander = np.zeros(len(t_s))
    for hz, size, phase_rad in burst.sway:
        wander += size * np.sin(2.0 * np.pi * hz * since_s + phase_rad)
    return np.asarray(shape * np.exp(wander))


def _heart(t_s: NDArray[np.float64], character: LegCharacter) -> NDArray[np.float64]:
    """Return QRS complexes of unit height, their rate wandering with breath."""
    sway = HEART_WANDER * np.sin(2.0 * np.pi * character.breathing_hz * t_s + character.phase_rad[1])
    beats = character.heart_hz * t_s + sway * character.heart_hz / character.breathing_hz / (2.0 * np.pi)
    since_s = (beats - np.round(beats)) / character.heart_hz
    return np.asarray(np.exp(-((since_s / QRS_S) ** 2)) - 0.5 * np.exp(-(((since_s - 2.0 * QRS_S) / QRS_S) ** 2)))


def _turning(t_s: NDArray[np.float64], turn: Rotation) -> NDArray[np.float64]:
    """Return 1 while a leg turns and 0 while it rests or is held, with smooth edges."""
    out = _hump(t_s, turn.onset_s, turn.out_s)
    if turn.back_s <= 0.0:
        return out
    return np.maximum(out, _hump(t_s, turn.end_s - turn.back_s, turn.back_s))


def _hump(t_s: NDArray[np.float64], onset_s: float, length_s: float) -> NDArray[np.float64]:
    """Return a raised cosine over one stretch."""
    share = np.clip((t_s - onset_s) / length_s, 0.0, 1.0)
    return np.asarray(0.5 * (1.0 - np.cos(2.0 * np.pi * share)))
