"""The one clock of a night, so that a night can be played faster than it lasts.

Recorder, virtual sensors, recovery ladder and packet log take their time from here; at speed 1 it is
the computer's own.
"""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass

NS_PER_S = 1_000_000_000


@dataclass(frozen=True, slots=True)
class Timebase:
    """Time of the night, possibly compressed.

    Parameters
    ----------
    speed : float
        Seconds of the night per second of the wall clock; 1 is real time.
    epoch_ns : int
        UTC of the night's time zero, ns (used only when `speed` is not 1).
    origin_ns : int
        ``time.monotonic_ns()`` at time zero; shared by all processes of one computer.

    Raises
    ------
    ValueError
        If the speed is not at least 1.
    """

    speed: float = 1.0
    epoch_ns: int = 0
    origin_ns: int = 0

    def __post_init__(self) -> None:
        if not self.speed >= 1.0:
            msg = f"speed is {self.speed}, expected 1 or more"
            raise ValueError(msg)

    @property
    def compressed(self) -> bool:
        """Whether the night runs faster than the wall clock."""
        return self.speed != 1.0

    def mono_ns(self) -> int:
        """Return monotonic time of the night, ns."""
        if not self.compressed:
            return time.monotonic_ns()
        return int((time.monotonic_ns() - self.origin_ns) * self.speed)

    def now_ns(self) -> int:
        """Return UTC of the night, ns."""
        if not self.compressed:
            return time.time_ns()
        return self.epoch_ns + self.mono_ns()

    async def sleep(self, seconds: float) -> None:
        """Sleep for `seconds` of the night."""
        await asyncio.sleep(seconds / self.speed)

    def patience_s(self, seconds: float, *, least_wall_s: float = 1.0) -> float:
        """Return a time-out in seconds of the night that leaves the real machine at least `least_wall_s`."""
        return max(seconds, least_wall_s * self.speed) if self.compressed else seconds
