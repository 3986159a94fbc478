"""How a leg turns: minimum-jerk rotations and the acceleration that a sensor on it measures."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from detectors.simulate.character import LYING

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from detectors.simulate.plan import Axis, Rotation

STANDARD_GRAVITY = 9.80665
# Two directions this close are one; there is no axis to turn about.
PARALLEL = 1e-9


def resolved(rotations: tuple[Rotation, ...]) -> tuple[tuple[Rotation, ...], list[tuple[float, NDArray[np.float64]]]]:
    """Find how a leg lies all night.

    Parameters
    ----------
    rotations : tuple of Rotation
        In order of time.

    Returns
    -------
    tuple of Rotation
        The same, each with axis and angle.
    list of (float, ndarray of float64, shape (3,))
        Since when gravity has which direction in the sensor's frame, s and unit vectors.
    """
    postures: list[tuple[float, NDArray[np.float64]]] = [(-np.inf, np.array(LYING))]
    turns = []
    for rotation in rotations:
        gravity = postures[-1][1]
        turn = rotation if rotation.towards is None else _towards(rotation, rotation.towards, gravity)
        turns.append(turn)
        if turn.back_s <= 0.0:
            turned = rotated(gravity[None, :], turn.axis, np.array([np.deg2rad(turn.angle_deg)]))[0]
            postures.append((turn.end_s, turned / np.linalg.norm(turned)))
    return tuple(turns), postures


def turn_g(t_s: NDArray[np.float64], turn: Rotation, gravity: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return what a turn adds to resting gravity: tilt, tangential and centripetal acceleration, g.

    Parameters
    ----------
    t_s : ndarray of float64, shape (n_samples,)
        Times inside the turn, s.
    turn : Rotation
        The turn, resolved.
    gravity : ndarray of float64, shape (n_samples, 3)
        Gravity in the sensor's frame before the turn, g.

    Returns
    -------
    ndarray of float64, shape (n_samples, 3)
        What is added, g.
    """
    out, out_rate, out_push = _minimum_jerk((t_s - turn.onset_s) / turn.out_s, turn.out_s)
    if turn.back_s > 0.0:
        back, back_rate, back_push = _minimum_jerk((t_s - (turn.end_s - turn.back_s)) / turn.back_s, turn.back_s)
        out, out_rate, out_push = out - back, out_rate - back_rate, out_push - back_push
    angle_rad = np.deg2rad(turn.angle_deg)
    tilt = rotated(gravity, turn.axis, angle_rad * out) - gravity
    # The lever lies along the leg, or across it when the leg rolls.
    lever = np.cross(turn.axis, (0.0, 0.0, 1.0)) if abs(turn.axis[0]) < 1.0 else np.array([0.0, 1.0, 0.0])
    size = float(np.linalg.norm(lever))
    lever = lever / size if size > PARALLEL else np.array([1.0, 0.0, 0.0])
    tangent = np.cross(turn.axis, lever)
    scale = turn.lever_m / STANDARD_GRAVITY
    tangential = scale * angle_rad * out_push
    centripetal = -scale * (angle_rad * out_rate) ** 2
    return np.asarray(tilt + tangential[:, None] * tangent + centripetal[:, None] * lever)


def rotated(vectors: NDArray[np.float64], axis: Axis, angle_rad: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return vectors turned about an axis by one angle each (Rodrigues' formula).

    Parameters
    ----------
    vectors : ndarray of float64, shape (n, 3)
        What to turn.
    axis : tuple of float
        Unit vector.
    angle_rad : ndarray of float64, shape (n,)
        By how much, rad.

    Returns
    -------
    ndarray of float64, shape (n, 3)
        Turned.
    """
    unit = np.array(axis)
    cos, sin = np.cos(angle_rad)[:, None], np.sin(angle_rad)[:, None]
    along = np.sum(vectors * unit, axis=1, keepdims=True)
    return np.asarray(vectors * cos + np.cross(unit, vectors) * sin + unit * along * (1.0 - cos))


def _towards(rotation: Rotation, towards: Axis, gravity: NDArray[np.float64]) -> Rotation:
    """Return a turn with the axis and angle that bring gravity to where it shall point."""
    axis = np.cross(gravity, towards)
    sine = float(np.linalg.norm(axis))
    angle_deg = float(np.rad2deg(np.arctan2(sine, float(np.dot(gravity, towards)))))
    # Where nothing (or half a turn) is to be done any axis across gravity will do.
    axis = axis if sine > PARALLEL else np.cross(gravity, np.roll(gravity, 1) + np.array([0.0, 0.3, 0.7]))
    x, y, z = axis / np.linalg.norm(axis)
    return replace(rotation, axis=(float(x), float(y), float(z)), angle_deg=angle_deg, towards=None)


def _minimum_jerk(
    share: NDArray[np.float64], length_s: float
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Return position (0 to 1), speed (1/s) and acceleration (1/s²) of a minimum-jerk move."""
    s = np.clip(share, 0.0, 1.0)
    position = s**3 * (10.0 - 15.0 * s + 6.0 * s**2)
    speed = 30.0 * s**2 * (1.0 - s) ** 2 / length_s
    push = 60.0 * s * (1.0 - s) * (1.0 - 2.0 * s) / length_s**2
    return position, speed, push
