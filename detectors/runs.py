"""Stretches between two thresholds, found from their edges, and the values that lie under them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray


class Run(NamedTuple):
    """A stretch of hops ``[onset, end)``, counted from sample 0 of the segment."""

    onset: int
    end: int


@dataclass(slots=True)
class _Open:
    """A run that has not ended: its onset, and where it was last above the lower threshold."""

    onset: int
    active_until: int


class RunFinder:
    """Find runs that start above one threshold and end where a lower one is not exceeded for a while.

    Parameters
    ----------
    quiet : int
        Number of hops that the lower threshold must not be exceeded; the run ends where they begin.

    Examples
    --------
    >>> finder = RunFinder(quiet=2)
    >>> values = np.array([0, 1, 5, 5, 1, 0, 1, 0, 0, 1])
    >>> finder.feed(values > 4, values > 0, start=0)
    [Run(onset=2, end=7)]
    """

    def __init__(self, quiet: int) -> None:
        self._quiet = quiet
        self._open: _Open | None = None

    @property
    def onset(self) -> int | None:
        """Onset of the run that has not ended."""
        return None if self._open is None else self._open.onset

    def feed(self, above_onset: NDArray[np.bool_], above_offset: NDArray[np.bool_], start: int) -> list[Run]:
        """Take the next hops.

        Parameters
        ----------
        above_onset, above_offset : ndarray of bool, shape (n_hops,)
            Whether each hop exceeds the thresholds; the first implies the second.
        start : int
            Number of the first hop, which follows the last one.

        Returns
        -------
        list of Run
            The runs that ended.
        """
        onsets = np.flatnonzero(above_onset) + start
        if self._open is None and not len(onsets):
            return []
        rises, falls = _edges(above_offset, start)
        if self._open is not None:
            falls = np.concatenate(([self._open.active_until], falls))
        else:
            rises = rises[1:]
        stop = start + len(above_offset)
        ends = falls[np.append(rises, stop) - falls >= self._quiet]
        runs, onset = _paired(onsets, ends, start, self.onset)
        self._open = None if onset is None else _Open(onset, int(falls[-1]))
        return runs

    def close(self) -> list[Run]:
        """End what is open where it was last above the lower threshold."""
        closed, self._open = self._open, None
        return [] if closed is None else [Run(closed.onset, closed.active_until)]


def _edges(above: NDArray[np.bool_], start: int) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Return where stretches begin, and where they end."""
    changes = np.flatnonzero(above[1:] != above[:-1]) + 1
    if above[0]:
        changes = np.concatenate(([0], changes))
    if above[-1]:
        changes = np.append(changes, len(above))
    return changes[0::2] + start, changes[1::2] + start


def _paired(
    onsets: NDArray[np.intp], ends: NDArray[np.intp], start: int, onset: int | None
) -> tuple[list[Run], int | None]:
    """Give each onset the next end; what begins before that end is the same run."""
    runs: list[Run] = []
    position = start
    while True:
        if onset is None:
            at = int(np.searchsorted(onsets, position))
            if at == len(onsets):
                return runs, None
            onset = int(onsets[at])
        at = int(np.searchsorted(ends, onset, side="right"))
        if at == len(ends):
            return runs, onset
        position = int(ends[at])
        runs.append(Run(onset, position))
        onset = None


class Trace:
    """The values of the last while, by their number.

    Parameters
    ----------
    dtype : dtype
        Type of the values.

    Notes
    -----
    Where numbers are left out, what lies before the hole is forgotten.
    """

    def __init__(self, dtype: Any = np.float64) -> None:
        self._empty = np.empty(0, dtype)
        self._parts: list[NDArray[Any]] = []
        self._start = 0
        self._stop = 0

    @property
    def start(self) -> int:
        """Number of the first value that is still known."""
        return self._start

    @property
    def stop(self) -> int:
        """Number after the last value."""
        return self._stop

    def append(self, start: int, values: NDArray[Any]) -> None:
        """Add values, the first of which has the number `start`."""
        if start != self._stop or not self._parts:
            self._parts, self._start = [], start
        self._parts.append(values)
        self._stop = start + len(values)

    def between(self, start: int, stop: int) -> NDArray[Any]:
        """Return the values ``[start, stop)`` as far as they are known."""
        start, stop = max(start, self._start), min(stop, self._stop)
        if start >= stop:
            return self._empty
        if len(self._parts) > 1:
            self._parts = [np.concatenate(self._parts)]
        return self._parts[0][start - self._start : stop - self._start]

    def padded(self, start: int, stop: int) -> NDArray[Any]:
        """Return the values ``[start, stop)``, zeros standing for what is not known."""
        known = self.between(start, stop)
        before = min(max(self._start - start, 0), stop - start)
        return np.concatenate(
            (np.zeros(before, known.dtype), known, np.zeros(stop - start - before - len(known), known.dtype))
        )

    def part(self, start: int, stop: int) -> Trace:
        """Return the values ``[start, stop)``, as far as they are known, as a trace that knows no others.

        How much is known around an event depends on how the stream was cut; what is measured of the
        event must not.
        """
        part = Trace(self._empty.dtype)
        part.append(max(start, self._start), self.between(start, stop))
        return part

    def forget_before(self, start: int) -> None:
        """Drop what lies before `start`."""
        while self._parts and self._start + len(self._parts[0]) <= start:
            self._start += len(self._parts.pop(0))
        if self._parts and start > self._start:
            self._parts[0] = self._parts[0][start - self._start :]
            self._start = start
