"""What was done a moment ago, so that it is not done again at once."""

from __future__ import annotations

import time
from collections import OrderedDict
from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable

Thing = TypeVar("Thing", bound="Hashable")


class Recent(Generic[Thing]):
    """Things of the last few seconds, the newest of them only where there are many.

    Parameters
    ----------
    within_s : float
        How long a thing is recent, s.
    most : int
        Holds so many and forgets the oldest for a new one: memory stays flat however much is done in that time.
    clock_s : callable
        Returns a time that only goes on, s.

    Examples
    --------
    >>> recent = Recent(5.0, most=2, clock_s=lambda: 0.0)
    >>> for thing in "abc":
    ...     recent.add(thing)
    >>> "a" in recent, "c" in recent, len(recent)
    (False, True, 2)
    """

    def __init__(self, within_s: float, *, most: int, clock_s: Callable[[], float] = time.monotonic) -> None:
        self._within_s = within_s
        self._most = most
        self._clock_s = clock_s
        self._at_s: OrderedDict[Thing, float] = OrderedDict()

    def __len__(self) -> int:
        """Return how many are held."""
        return len(self._at_s)

    def __contains__(self, thing: Thing) -> bool:
        """Return whether it was done a moment ago."""
        at_s = self._at_s.get(thing)
        return at_s is not None and self._clock_s() - at_s < self._within_s

    def add(self, thing: Thing) -> None:
        """Note that it is done now, and forget what is no longer recent."""
        now_s = self._clock_s()
        self._at_s[thing] = now_s
        self._at_s.move_to_end(thing)
        while len(self._at_s) > self._most or now_s - next(iter(self._at_s.values())) >= self._within_s:
            self._at_s.popitem(last=False)

    def discard(self, thing: Thing) -> None:
        """Forget it."""
        self._at_s.pop(thing, None)

    def clear(self) -> None:
        """Forget everything."""
        self._at_s.clear()
