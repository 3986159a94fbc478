"""Courses of a night made second by second: a leg or a table, as the motion features would measure them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from detectors.recording import steady_clock
from detectors.signal import Leg
from detectors.sleep.course import MotionCourse
from detectors.track import Track, TrackName
from tests.made_legs import motion_stream

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

NAMES = (
    TrackName.GRAVITY_X_G,
    TrackName.GRAVITY_Y_G,
    TrackName.GRAVITY_Z_G,
    TrackName.ACTIVITY_G,
    TrackName.SPREAD_G,
    TrackName.PULSE_G,
)
NOISE_G = 0.004
# White noise of NOISE_G per axis at 50 Hz: in the mean of a second, and in the band of the heart beat.
FRAME_NOISE_G = NOISE_G / np.sqrt(50)
PULSE_NOISE_G = NOISE_G * np.sqrt(3 * 2 * 1.33 / 50)
ALONG, ACROSS, FRONT = 0, 1, 2


@dataclass(slots=True)
class MadeNight:
    """Columns of a night, one row per second; draw on them, then make a course.

    Parameters
    ----------
    seconds : int
        Length.
    seed : int
        Seed of the noise.
    """

    gravity_g: NDArray[np.float64]
    activity_g: NDArray[np.float64]
    spread_g: NDArray[np.float64]
    pulse_g: NDArray[np.float64]

    @classmethod
    def table(cls, seconds: int, seed: int = 1) -> MadeNight:
        """Return a sensor that lies on a table."""
        gravity_g = np.random.default_rng(seed).normal(0, FRAME_NOISE_G, (seconds, 3))
        gravity_g[:, FRONT] += 1.0
        flat = np.full(seconds, NOISE_G)
        return cls(gravity_g, np.zeros(seconds), flat, np.full(seconds, PULSE_NOISE_G))

    @classmethod
    def leg(cls, seconds: int, seed: int = 1, *, breath_g: float = 0.0015) -> MadeNight:
        """Return a leg that lies still and breathes."""
        night = cls.table(seconds, seed)
        rate_hz = 0.25 + 0.02 * np.random.default_rng(seed + 1).standard_normal(seconds)
        breath = breath_g * np.sin(2 * np.pi * np.cumsum(rate_hz))
        night.gravity_g += breath[:, np.newaxis] * np.array([0.1, 0.4, 0.9])
        return night

    def turn(self, at_s: int, degrees: float) -> None:
        """Roll the leg about its long axis, with the movement that this takes."""
        turn = np.radians(degrees)
        later = self.gravity_g[at_s:].copy()
        self.gravity_g[at_s:, ACROSS] = later[:, ACROSS] * np.cos(turn) + later[:, FRONT] * np.sin(turn)
        self.gravity_g[at_s:, FRONT] = later[:, FRONT] * np.cos(turn) - later[:, ACROSS] * np.sin(turn)
        self.move(at_s, 2, abs(degrees) / 120 * 0.15)

    def move(self, at_s: int, length_s: int, activity_g: float) -> None:
        """Move the leg and leave it as it was."""
        self.activity_g[at_s : at_s + length_s] += activity_g
        self.spread_g[at_s : at_s + length_s] += activity_g

    def restless(self, from_s: int, to_s: int, seed: int = 5) -> None:
        """Be awake: turn and move every half minute or so."""
        rng = np.random.default_rng(seed)
        at_s = from_s
        while at_s < to_s - 5:
            self.turn(at_s, float(rng.uniform(15, 60)) * rng.choice((-1, 1)))
            self.move(at_s, 4, float(rng.uniform(0.03, 0.1)))
            at_s += int(rng.integers(8, 45))

    def stand(self, from_s: int, to_s: int) -> None:
        """Stand up and walk about."""
        self.gravity_g[from_s:to_s] = self.gravity_g[from_s:to_s][:, [FRONT, ACROSS, ALONG]]
        self.move(from_s, to_s - from_s, 0.15)

    def course(
        self, leg: Leg = Leg.LEFT, *, missing: Sequence[tuple[int, int]] = (), start_ns: int = 0, block_s: int = 300
    ) -> MotionCourse:
        """Return the course that the tracks of the night give, gaps left out."""
        stream = replace(motion_stream(), sensor=f"{leg}-ankle", leg=leg)
        clock, course = steady_clock(start_ns, stream.fs_hz), MotionCourse(stream)
        columns = (*self.gravity_g.T, self.activity_g, self.spread_g, self.pulse_g)
        present = np.ones(len(self.activity_g), bool)
        for first, stop in missing:
            present[first:stop] = False
        edges = np.flatnonzero(np.diff(np.concatenate(([0], present.astype(int), [0]))))
        for first, stop in zip(edges[0::2].tolist(), edges[1::2].tolist(), strict=True):
            for at in range(first, stop, block_s):
                until = min(at + block_s, stop)
                for name, values in zip(NAMES, columns, strict=True):
                    quality = np.zeros(until - at, np.uint16)
                    course.feed(Track(stream, clock, name, at * 50, 50, values[at:until], quality))
        return course
