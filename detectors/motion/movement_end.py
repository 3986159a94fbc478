"""Where a movement ends: where the leg last turned, not where the filter has stopped ringing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from detectors.motion.bands import hops_in
from detectors.runs import Trace

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from detectors.framing import Grid
    from detectors.runs import Run
    from detectors.signal import Stream
    from detectors.track import Track

# The distance between two neighbouring means is over after both windows; it falls through a
# threshold well below its peak when the leg has been still for three quarters of them.
_LATE_WINDOWS: Final = 1.5


class MovementEnd:
    """Find the end of movements in the ``turn_g`` track.

    Parameters
    ----------
    stream : Stream
        Acceleration of three axes.
    grid : Grid
        Hops and frames.
    turn_s : float
        Length of each of the two means that the track compares, s.
    """

    def __init__(self, stream: Stream, grid: Grid, turn_s: float) -> None:
        self._hop = grid.hop
        self._late = round(_LATE_WINDOWS * hops_in(turn_s, grid.hop / stream.fs_hz) * grid.hop)
        self._turning = Trace(np.bool_)
        self._track: Track | None = None

    def note(self, track: Track) -> None:
        """Take the track of the span whose movement comes next."""
        self._track = track

    def look(self, offset_g: NDArray[np.float64]) -> None:
        """Keep where the leg turns in the span noted last, given the threshold of each of its frames."""
        if self._track is not None:
            turning = self._track.values.reshape(len(offset_g), -1) > offset_g
            self._turning.append(self._track.start // self._hop, turning.ravel())

    def forget_before(self, hop: int) -> None:
        """Drop what lies before a hop."""
        self._turning.forget_before(hop)

    def sample(self, run: Run, stop_hop: int, span: tuple[int, int]) -> int:
        """Return the sample at which the movement of a run ends.

        Parameters
        ----------
        run : Run
            Hops, as the band shows them.
        stop_hop : int
            Where the signal ends.
        span : tuple of int
            Onset and end of the run, samples.

        Returns
        -------
        int
            Where the leg turned for the last time; the end of the run if that is not known, or the
            leg was still turning at the end of the signal.
        """
        onset, end = span
        turning = np.flatnonzero(self._turning.between(run.onset, run.end))
        if not len(turning) or run.onset + int(turning[-1]) + 1 >= stop_hop:
            return end
        last_hop = run.onset + int(turning[-1]) + 1
        return min(max(last_hop * self._hop - self._late, onset), end)
