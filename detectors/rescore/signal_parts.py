"""The parts of a channel between gaps, and the runs between two thresholds in them."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from detectors.emg.slow import SLOW, SlowTracks
from detectors.runs import Run
from detectors.signal import Gap

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from detectors.framing import Grid
    from detectors.rescore.segments import Segment
    from detectors.signal import Clock
    from detectors.track import Track, TrackName


class SignalPart(NamedTuple):
    """Consecutive hops without a gap.

    Parameters
    ----------
    first, stop : int
        Hops ``[first, stop)``, counted from sample 0.
    signal_first : int
        First hop of the signal that an onset is not moved back beyond.
    broken : bool
        Whether a gap ends it, and not the segment.
    values : ndarray of float64, shape (n_hops,)
        Envelope or power of the hops.
    flags : ndarray of uint16, shape (n_hops,)
        Flags of the hops.
    clock : Clock
        In force at its end.
    slow : SlowTracks
        Level and ratios of its frames.
    """

    first: int
    stop: int
    signal_first: int
    broken: bool
    values: NDArray[np.float64]
    flags: NDArray[np.uint16]
    clock: Clock
    slow: SlowTracks


def signal_parts(segment: Segment, grid: Grid, name: TrackName) -> list[SignalPart]:
    """Return the parts of a segment between which a detector that reads a track is interrupted.

    Parameters
    ----------
    segment : Segment
        The tracks.
    grid : Grid
        Its hops and frames.
    name : TrackName
        The track; the slow ones are read as well.

    Returns
    -------
    list of SignalPart
        In order.
    """
    parts: list[SignalPart] = []
    waiting: list[Track] = []
    slow, slow_stop = SlowTracks(grid), 0
    stop = signal_first = 0
    for item in segment.items():
        if isinstance(item, Gap) or (item.name in {*SLOW, name} and item.start > stop):
            parts += _part(waiting, slow, signal_first, broken=True)
            waiting = []
        if isinstance(item, Gap):
            continue
        if item.name in SLOW:
            if item.name is SLOW[0]:
                # What is known of frames before a hole is forgotten behind it, and asked for before it.
                slow, slow_stop = (slow if item.start == slow_stop else SlowTracks(grid)), item.stop
            slow.note(item)
        elif item.name is name and len(item.values):
            signal_first = signal_first if item.start == stop else item.start // item.hop
            stop = item.stop
            waiting.append(item)
    return [*parts, *_part(waiting, slow, signal_first, broken=False)]


def _part(tracks: list[Track], slow: SlowTracks, signal_first: int, *, broken: bool) -> list[SignalPart]:
    if not tracks:
        return []
    values, flags = _whole([track.values for track in tracks]), _whole([track.quality for track in tracks])
    first = tracks[0].start // tracks[0].hop
    return [SignalPart(first, first + len(values), signal_first, broken, values, flags, tracks[-1].clock, slow)]


class FrameSearch:
    """Find the runs between two thresholds that are constant over a frame, looking only where one is exceeded.

    Parameters
    ----------
    first : int
        Number of the first hop.
    values : ndarray of float64, shape (n_hops,)
        What is compared.
    per_frame : int
        Hops of a frame; frames are counted from hop 0.
    """

    def __init__(self, first: int, values: NDArray[np.float64], per_frame: int) -> None:
        self._first, self._values, self._per_frame = first, values, per_frame
        self._lead = first % per_frame
        edges = np.arange(-self._lead, len(values), per_frame)
        self._highest = np.maximum.reduceat(values, np.maximum(edges, 0))
        self._ends: tuple[NDArray[np.float64], int, NDArray[np.int64]] | None = None

    def runs(self, onset: NDArray[np.float64], offset: NDArray[np.float64], quiet: int) -> list[Run]:
        """Return the runs.

        Parameters
        ----------
        onset, offset : ndarray of float64, shape (n_frames,)
            The thresholds of every frame of the segment, from frame 0 on.
        quiet : int
            A run ends where so many hops stay at or below the lower one, or with the signal.

        Returns
        -------
        list of Run
            As :class:`detectors.runs.RunFinder` finds them.
        """
        first = self._first // self._per_frame
        frames = slice(first, first + len(self._highest))
        onsets = self._above(onset[frames])
        if not len(onsets):
            return []
        ends = self._ending(offset[frames], quiet)
        # Of each stretch between two ends the first hop above the higher threshold, where there is one.
        first_in = np.searchsorted(onsets, ends)
        begins = np.append(0, first_in[:-1])
        has = begins < first_in
        return [Run(*pair) for pair in zip(onsets[begins[has]].tolist(), ends[has].tolist(), strict=True)]

    def _ending(self, offset: NDArray[np.float64], quiet: int) -> NDArray[np.int64]:
        """Return the hops before which a run ends; kept, as other onsets are often tried with the same offset."""
        if self._ends is None or self._ends[1] != quiet or not np.array_equal(self._ends[0], offset):
            active = self._above(offset)
            # The last hop before each pause that is long enough, and the last one of all.
            self._ends = offset, quiet, active[np.append(np.diff(active) > quiet, True)] + 1
        return self._ends[2]

    def _above(self, limit: NDArray[np.float64]) -> NDArray[np.int64]:
        """Return the hops whose value is above the threshold of their frame."""
        frames = np.flatnonzero(self._highest > limit)
        if not len(frames):
            return frames
        begins = frames * self._per_frame - self._lead
        hops = begins[:, np.newaxis] + np.arange(self._per_frame)
        limits = limit[frames, np.newaxis]
        if hops[0, 0] < 0 or hops[-1, -1] >= len(self._values):
            inside = (hops >= 0) & (hops < len(self._values))
            above = inside & (self._values[np.where(inside, hops, 0)] > limits)
        else:
            # Whole rows are taken in half of the time of single values.
            above = sliding_window_view(self._values, self._per_frame)[begins] > limits
        found: NDArray[np.int64] = hops[above] + self._first
        return found


def _whole(parts: list[NDArray[Any]]) -> NDArray[Any]:
    """Return parts that follow each other as one array, without a copy where they are parts of one."""
    first = parts[0]
    follows = all(
        later.base is first.base and earlier.ctypes.data + earlier.nbytes == later.ctypes.data
        for earlier, later in pairwise(parts)
    )
    if first.base is None or not follows:
        return np.concatenate(parts)
    return np.lib.stride_tricks.as_strided(first, (sum(map(len, parts)),), writeable=False)
