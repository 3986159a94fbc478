"""The one clock of a night, so that a night can be played faster than it lasts.

Recorder, virtual sensors, recovery ladder and packet log take their time from here; at speed 1 it is
the computer's own, and it goes on while the computer sleeps.
"""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

# Python's own monotonic clock stands still while Linux or macOS sleeps. Linux has one that does not; the one that macOS
# calls monotonic does not either; what Windows calls monotonic counts sleep already, and it has no such call.
_CLOCK = getattr(time, "CLOCK_BOOTTIME", getattr(time, "CLOCK_MONOTONIC", None))


def steady_ns() -> int:
    """Return the time since the computer was started, the time that it slept included, ns.

    Examples
    --------
    >>> before_ns = steady_ns()
    >>> steady_ns() >= before_ns
    True
    """
    return time.monotonic_ns() if _CLOCK is None else time.clock_gettime_ns(_CLOCK)


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
        :func:`steady_ns` at time zero; shared by all processes of one computer.
    clock : callable
        Tells the time since the computer was started, ns.
    wall : callable
        Tells UTC, ns (used only when `speed` is 1).

    Raises
    ------
    ValueError
        If the speed is not at least 1.
    """

    speed: float = 1.0
    epoch_ns: int = 0
    origin_ns: int = 0
    clock: Callable[[], int] = field(default=steady_ns, repr=False, compare=False)
    wall: Callable[[], int] = field(default=time.time_ns, repr=False, compare=False)

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
            return self.clock()
        return int((self.clock() - self.origin_ns) * self.speed)

    def now_ns(self) -> int:
        """Return UTC of the night, ns."""
        if not self.compressed:
            return self.wall()
        return self.epoch_ns + self.mono_ns()

    async def sleep(self, seconds: float) -> None:
        """Sleep for `seconds` of the night."""
        await asyncio.sleep(seconds / self.speed)

    def patience_s(self, seconds: float, *, least_wall_s: float = 1.0) -> float:
        """Return a time-out in seconds of the night that leaves the real machine at least `least_wall_s`."""
        return max(seconds, least_wall_s * self.speed) if self.compressed else seconds
