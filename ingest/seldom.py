"""Something that is done at most every so often, however often there is a reason for it."""

from __future__ import annotations

import math
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable


class Seldom:
    """Tells whether it is time again.

    Parameters
    ----------
    every_s : float
        At most once within so long, s.
    clock_s : callable
        Returns a time that only goes on, s.

    Examples
    --------
    >>> times_s = iter([0.0, 59.0, 60.0])
    >>> seldom = Seldom(60.0, lambda: next(times_s))
    >>> seldom.is_time(), seldom.is_time(), seldom.is_time()
    (True, False, True)
    """

    def __init__(self, every_s: float, clock_s: Callable[[], float] = time.monotonic) -> None:
        self._every_s = every_s
        self._clock_s = clock_s
        self._again_at_s = -math.inf

    def is_time(self) -> bool:
        """Return whether it is time, and if so begin to wait for the next."""
        now_s = self._clock_s()
        if now_s < self._again_at_s:
            return False
        self._again_at_s = now_s + self._every_s
        return True
