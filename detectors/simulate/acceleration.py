"""The acceleration of one simulated leg, chunk by chunk."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from detectors.simulate.character import LYING
from detectors.simulate.randomness import Purpose, generator

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from detectors.simulate.character import LegCharacter
    from detectors.simulate.truth import LegPlan, Rotation

CHUNK_S = 60.0
STANDARD_GRAVITY = 9.80665
BREATHING_AXIS = (0.1, 0.4, 0.9)
HEART_AXIS = (0.9, 0.3, 0.3)


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
    noise_g : float
        White noise, g RMS per axis.
    """

    seed: int
    leg: int
    fs_hz: float
    plan: LegPlan
    character: LegCharacter
    noise_g: float


class AccelerationChunks:
    """Minutes of acceleration, each computed as a whole.

    Parameters
    ----------
    setup : AccelerationSetup
        What the signal is made from.
    """

    __slots__ = ("_postures", "_setup", "samples")

    def __init__(self, setup: AccelerationSetup) -> None:
        self._setup = setup
        self.samples = round(CHUNK_S * setup.fs_hz)
        self._postures = _postures(setup.plan.rotations)

    def __call__(self, number: int) -> NDArray[np.float32]:
        """Return chunk `number`, g, shape (samples, 3)."""
        setup = self._setup
        t_s = (number * self.samples + np.arange(self.samples)) / setup.fs_hz
        starts_s = [start_s for start_s, _ in self._postures]
        held = np.searchsorted(starts_s, t_s, side="right") - 1
        gravity = np.array([direction for _, direction in self._postures])[held]
        total = gravity + self._living(t_s)
        for turn in setup.plan.rotations:
            if turn.onset_s < t_s[-1] and turn.end_s > t_s[0]:
                first, last = np.searchsorted(t_s, (turn.onset_s, turn.end_s))
                total[first:last] += _turn_g(t_s[first:last], turn, gravity[first:last])
        noise = generator(setup.seed, setup.leg, Purpose.ACCELERATION, number).standard_normal(total.shape)
        return np.asarray(total + setup.noise_g * noise, dtype=np.float32)

    def _living(self, t_s: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return breath and heart beat, g, shape (n_samples, 3)."""
        character = self._setup.character
        breath = np.sin(2.0 * np.pi * character.breathing_hz * t_s + character.phase_rad[1])
        heart = np.sin(2.0 * np.pi * character.heart_hz * t_s + character.phase_rad[2])
        return np.asarray(
            character.breathing_g * breath[:, None] * np.array(BREATHING_AXIS)
            + character.ballistic_g * heart[:, None] * np.array(HEART_AXIS)
        )


def _postures(rotations: tuple[Rotation, ...]) -> list[tuple[float, NDArray[np.float64]]]:
    """Return since when gravity has which direction in the sensor's frame."""
    postures = [(-np.inf, np.array(LYING))]
    for turn in rotations:
        if turn.back_s <= 0.0:
            turned = _rotated(postures[-1][1][None, :], turn.axis, np.array([np.deg2rad(turn.angle_deg)]))[0]
            postures.append((turn.end_s, turned / np.linalg.norm(turned)))
    return postures


def _turn_g(t_s: NDArray[np.float64], turn: Rotation, gravity: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return what a turn adds to resting gravity: tilt, tangential and centripetal acceleration, g."""
    out, out_rate, out_push = _minimum_jerk((t_s - turn.onset_s) / turn.out_s, turn.out_s)
    if turn.back_s > 0.0:
        back, back_rate, back_push = _minimum_jerk((t_s - (turn.end_s - turn.back_s)) / turn.back_s, turn.back_s)
        out, out_rate, out_push = out - back, out_rate - back_rate, out_push - back_push
    angle_rad = np.deg2rad(turn.angle_deg)
    tilt = _rotated(gravity, turn.axis, angle_rad * out) - gravity
    # The lever lies along the leg, or across it when the leg rolls.
    lever = np.cross(turn.axis, (0.0, 0.0, 1.0)) if abs(turn.axis[0]) < 1.0 else np.array([0.0, 1.0, 0.0])
    lever = lever / np.linalg.norm(lever)
    tangent = np.cross(turn.axis, lever)
    scale = turn.lever_m / STANDARD_GRAVITY
    tangential = scale * angle_rad * out_push
    centripetal = -scale * (angle_rad * out_rate) ** 2
    return np.asarray(tilt + tangential[:, None] * tangent + centripetal[:, None] * lever)


def _minimum_jerk(
    share: NDArray[np.float64], length_s: float
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Return position (0 to 1), speed (1/s) and acceleration (1/s²) of a minimum-jerk move."""
    s = np.clip(share, 0.0, 1.0)
    position = s**3 * (10.0 - 15.0 * s + 6.0 * s**2)
    speed = 30.0 * s**2 * (1.0 - s) ** 2 / length_s
    push = 60.0 * s * (1.0 - s) * (1.0 - 2.0 * s) / length_s**2
    return position, speed, push


def _rotated(
    vectors: NDArray[np.float64], axis: tuple[float, float, float], angle_rad: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Return vectors turned about an axis by one angle each (Rodrigues' formula)."""
    unit = np.array(axis)
    cos, sin = np.cos(angle_rad)[:, None], np.sin(angle_rad)[:, None]
    along = np.sum(vectors * unit, axis=1, keepdims=True)
    return np.asarray(vectors * cos + np.cross(unit, vectors) * sin + unit * along * (1.0 - cos))
