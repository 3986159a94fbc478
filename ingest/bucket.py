"""How much may come over a network: some at once, then one a second."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ingest.errors import DecodeError

if TYPE_CHECKING:
    from collections.abc import Callable


class Bucket:
    """A bucket of room that everything that comes takes one of, and that fills up again by one a second.

    Parameters
    ----------
    most : int
        As many may come at once.
    clock_s : callable
        Returns a time that only goes on, s.
    """

    def __init__(self, most: int, clock_s: Callable[[], float]) -> None:
        self._most = most
        self._clock_s = clock_s
        self._room = float(most)
        self._room_at_s = clock_s()

    def take(self) -> None:
        """Take the room for one.

        Raises
        ------
        DecodeError
            If there is none left.
        """
        now_s = self._clock_s()
        self._room = min(self._most, self._room + now_s - self._room_at_s)
        self._room_at_s = now_s
        if self._room < 1:
            msg = f"more than {self._most} came at once and one a second after that"
            raise DecodeError(msg)
        self._room -= 1
