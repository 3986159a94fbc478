"""Runs of seconds that are looked at in pieces when they are long."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from detectors.runs import Run, RunFinder

if TYPE_CHECKING:
    from collections.abc import Iterable

    import numpy as np
    from numpy.typing import NDArray


class FramePiece(NamedTuple):
    """Frames ``[onset, end)`` of a run, and whether the run begins and ends with them."""

    onset: int
    end: int
    is_first: bool
    is_last: bool


class PieceFinder:
    """Find runs, and cut those that are longer than an event may be, without waiting for their end.

    Parameters
    ----------
    quiet : int
        A run ends where so many frames stay below.
    longest : int
        Frames of a piece, at most.

    Examples
    --------
    >>> import numpy as np
    >>> finder = PieceFinder(quiet=2, longest=3)
    >>> above = np.array([0, 1, 1, 1, 1, 0, 1, 0, 0], bool)
    >>> [(piece.onset, piece.end) for piece in finder.feed(above, start=0)]
    [(1, 4), (4, 7)]
    """

    def __init__(self, quiet: int, longest: int) -> None:
        self._finder = RunFinder(quiet)
        self._quiet = quiet
        self._longest = max(longest, quiet)
        self._given_until: int | None = None

    @property
    def onset(self) -> int | None:
        """First frame of the run that has not ended, as far as it was not given yet."""
        onset = self._finder.onset
        return onset if onset is None or self._given_until is None else max(onset, self._given_until)

    def feed(self, above: NDArray[np.bool_], start: int) -> list[FramePiece]:
        """Take frames, the first of which has the number `start`, and return what is complete."""
        pieces = self._cut(self._finder.feed(above, above, start))
        run_onset, onset = self._finder.onset, self.onset
        # Only when the quiet time has passed as well is it certain that the run goes on there.
        while onset is not None and start + len(above) >= onset + self._longest + self._quiet:
            pieces.append(FramePiece(onset, onset + self._longest, onset == run_onset, is_last=False))
            onset = self._given_until = onset + self._longest
        return pieces

    def close(self) -> list[FramePiece]:
        """End what is open where it was last above."""
        return self._cut(self._finder.close())

    def _cut(self, runs: Iterable[Run]) -> list[FramePiece]:
        pieces: list[FramePiece] = []
        for run in runs:
            start = run.onset if self._given_until is None else self._given_until
            while start < run.end:
                end = min(start + self._longest, run.end)
                pieces.append(FramePiece(start, end, start == run.onset, end == run.end))
                start = end
            self._given_until = None
        return pieces
