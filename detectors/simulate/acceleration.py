"""The acceleration of one simulated leg, chunk by chunk."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from detectors.simulate.kinematics import STANDARD_GRAVITY, resolved, rotated, turn_g
from detectors.simulate.pieces import by_chunk
from detectors.simulate.randomness import Purpose, generator

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from detectors.simulate.character import LegCharacter
    from detectors.simulate.plan import LegPlan, Walk, Wave
    from detectors.simulate.regimes import AccelerationRegime

CHUNK_S = 60.0
BREATHING_AXIS = (0.1, 0.4, 0.9)
HEART_AXIS = (0.9, 0.3, 0.3)
# The recoil of a beat is no sine: its second harmonic is as strong.
HEART_HARMONIC = 0.8
# Wandering of 1/f: octaves of equal size from half an hour up to half a minute.
DRIFT_PERIODS_S = (1800.0, 800.0, 370.0, 170.0, 80.0, 37.0)
# The shank swings by this angle in walking; the heel strikes once in a stride, the other heel is felt too.
GAIT_DEG, GAIT_LEVER_M = 20.0, 0.35
STRIKE_S, STRIKE_G, OTHER_STRIKE_G = 0.025, 1.1, 0.25
STRIKE_SHARE = 0.35


@dataclass(frozen=True, slots=True)
class AccelerationSetup:
    """What the acceleration of a leg is made from.

    Parameters
    ----------
    seed, leg : int
        Seed of the night and number of the leg.
    fs_hz : float
        Sampling rate, Hz.
    plan : LegPlan
        What happens.
    character : LegCharacter
        What stays the same.
    regime : AccelerationRegime
        The kind of night.
    """

    seed: int
    leg: int
    fs_hz: float
    plan: LegPlan
    character: LegCharacter
    regime: AccelerationRegime


class AccelerationChunks:
    """Minutes of acceleration, each computed as a whole.

    Parameters
    ----------
    setup : AccelerationSetup
        What the signal is made from.
    """

    __slots__ = ("_drift_rad", "_gravity", "_setup", "_since_s", "_turns", "_waves", "samples")

    def __init__(self, setup: AccelerationSetup) -> None:
        self._setup = setup
        self.samples = round(CHUNK_S * setup.fs_hz)
        chunk_s = self.samples / setup.fs_hz
        turns, postures = resolved(setup.plan.rotations)
        self._since_s = np.array([since_s for since_s, _ in postures])
        self._gravity = np.array([direction for _, direction in postures])
        self._turns = by_chunk(turns, chunk_s)
        tables = setup.plan.tables
        # What shakes the bed does not shake a table.
        bed = [w for w in setup.plan.waves if not any(t.onset_s <= w.onset_s < t.end_s for t in tables)]
        self._waves = by_chunk(bed, chunk_s)
        shape = (3, len(DRIFT_PERIODS_S))
        self._drift_rad = generator(setup.seed, setup.leg, Purpose.DRIFT).uniform(0.0, 2.0 * np.pi, shape)

    def __call__(self, number: int) -> NDArray[np.float32]:
        """Return chunk `number`, g, shape (samples, 3)."""
        setup = self._setup
        t_s = (number * self.samples + np.arange(self.samples)) / setup.fs_hz
        gravity = self._gravity[np.searchsorted(self._since_s, t_s, side="right") - 1]
        total = gravity + self._living(t_s)
        for turn in self._turns.get(number, ()):
            first, last = np.searchsorted(t_s, (turn.onset_s, turn.end_s))
            total[first:last] += turn_g(t_s[first:last], turn, gravity[first:last])
        for wave in self._waves.get(number, ()):
            first, last = np.searchsorted(t_s, (wave.onset_s, wave.end_s))
            total[first:last] += _wave_g(t_s[first:last], wave)
        for walk in setup.plan.walks:
            first, last = np.searchsorted(t_s, (walk.onset_s, walk.end_s))
            if first < last:
                total[first:last] += _gait_g(t_s[first:last], walk, gravity[first:last])
        noise = generator(setup.seed, setup.leg, Purpose.ACCELERATION, number).standard_normal(total.shape)
        total += setup.character.noise_g * noise
        step_g = setup.regime.step_g
        return np.asarray(step_g * np.rint(total / step_g), dtype=np.float32)

    def _living(self, t_s: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return breath, heart beat and slow wandering, g, shape (n_samples, 3); nothing on a table."""
        character = self._setup.character
        breath = np.sin(2.0 * np.pi * character.breathing_hz * t_s + character.phase_rad[1])
        beat_rad = 2.0 * np.pi * character.heart_hz * t_s + character.phase_rad[2]
        heart = np.sin(beat_rad) + HEART_HARMONIC * np.sin(2.0 * beat_rad)
        living = character.breathing_g * breath[:, None] * np.array(BREATHING_AXIS)
        living += character.ballistic_g * heart[:, None] * np.array(HEART_AXIS)
        octave_g = self._setup.regime.drift_g * float(np.sqrt(2.0 / len(DRIFT_PERIODS_S)))
        for axis, phases_rad in enumerate(self._drift_rad):
            for period_s, phase_rad in zip(DRIFT_PERIODS_S, phases_rad, strict=True):
                living[:, axis] += octave_g * np.sin(2.0 * np.pi * t_s / period_s + phase_rad)
        for table in self._setup.plan.tables:
            living[(t_s >= table.onset_s) & (t_s < table.end_s)] = 0.0
        return np.asarray(living)


def _wave_g(t_s: NDArray[np.float64], wave: Wave) -> NDArray[np.float64]:
    """Return a decaying oscillation, g."""
    since_s = t_s - wave.onset_s
    swing = wave.height_g * np.exp(-since_s / wave.decay_s) * np.sin(2.0 * np.pi * wave.hz * since_s)
    return np.asarray(swing[:, None] * np.array(wave.axis))


def _gait_g(t_s: NDArray[np.float64], walk: Walk, gravity: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return what walking adds to gravity: the swing of the shank and the strikes of the heels, g."""
    strides = (t_s - walk.onset_s) * walk.stride_hz + walk.phase
    turn_rad = 2.0 * np.pi * strides
    angle_rad = np.deg2rad(GAIT_DEG) * np.sin(turn_rad)
    rate = 2.0 * np.pi * walk.stride_hz
    added = rotated(gravity, (0.0, 1.0, 0.0), angle_rad) - gravity
    added[:, 2] -= GAIT_LEVER_M / STANDARD_GRAVITY * rate**2 * angle_rad
    for share, height_g in ((STRIKE_SHARE, STRIKE_G), (STRIKE_SHARE + 0.5, OTHER_STRIKE_G)):
        away_s = (strides - share - np.round(strides - share)) / walk.stride_hz
        added[:, 0] += height_g * np.exp(-0.5 * (away_s / STRIKE_S) ** 2)
    return np.asarray(added)
