"""Stretches of samples that were given up: what comes of them later is late, everything else that is old came twice."""

from __future__ import annotations

from bisect import bisect_right
from operator import itemgetter

_MOST_STRETCHES = 4096
"""A night that loses every thirtieth packet gives up so many in half an hour; older ones no sensor has any more."""
_STOP = itemgetter(1)


class GivenUp:
    """Stretches ``[start, stop)`` of one sample count, each given up once, in rising order.

    Examples
    --------
    >>> given_up = GivenUp()
    >>> given_up.add(100, 200)
    >>> given_up.claim(150, 250), given_up.claim(150, 250), given_up.claim(90, 210)
    (50, 0, 50)
    """

    def __init__(self) -> None:
        self._stretches: list[tuple[int, int]] = []

    def add(self, start: int, stop: int) -> None:
        """Give up one more stretch, behind all others."""
        self._stretches.append((start, stop))
        del self._stretches[:-_MOST_STRETCHES]

    def claim(self, start: int, stop: int) -> int:
        """Return how many of the samples ``[start, stop)`` were given up; from now on they are not."""
        first = last = bisect_right(self._stretches, start, key=_STOP)
        n_claimed, rest = 0, []
        while last < len(self._stretches) and self._stretches[last][0] < stop:
            lost = self._stretches[last]
            n_claimed += min(lost[1], stop) - max(lost[0], start)
            rest += [part for part in ((lost[0], start), (stop, lost[1])) if part[0] < part[1]]
            last += 1
        self._stretches[first:last] = rest
        return n_claimed
