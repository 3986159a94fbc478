"""The parts of a night in which a leg movement could lie under any threshold that is tried later."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from detectors.emg.slow import SLOW, Rises, SlowTracks
from detectors.framing import EMG_HOP_S, grid_of
from detectors.runs import Run, RunFinder, Trace
from detectors.signal import Gap
from detectors.track import TrackName

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    from detectors.emg.criteria import LegMovementCriteria
    from detectors.signal import Clock, Stream
    from detectors.track import Track


class Stretch(NamedTuple):
    """Consecutive hops of a channel, and what is known of their seconds.

    Parameters
    ----------
    first : int
        Number of the first hop.
    signal : Run
        Hops of the signal without a gap that it lies in, as far as they were known.
    envelope : ndarray of float64, shape (n_hops,)
        The envelope, µV; one hop past the end where there is one.
    flags : ndarray of uint16, shape (n_hops,)
        Flags of the hops.
    frame : int
        Number of the first frame.
    slow : mapping of TrackName to ndarray
        The slow tracks of its frames.
    frame_flags : ndarray of uint16, shape (n_frames,)
        Flags of the frames.
    """

    first: int
    signal: Run
    envelope: NDArray[np.float64]
    flags: NDArray[np.uint16]
    frame: int
    slow: dict[TrackName, NDArray[np.float64]]
    frame_flags: NDArray[np.uint16]


class ActiveStretches:
    """Keep where the envelope of a channel is up, until it is taken, and nothing else of it.

    Parameters
    ----------
    stream : Stream
        One channel of EMG.
    criteria : LegMovementCriteria
        What a movement is.
    share : float
        Thresholds and times may later be lower or longer by this share.
    most_s : float
        With more activity than this nothing is kept, s.

    Attributes
    ----------
    clock : Clock or None
        The clock in force at the last hop.
    overfull : bool
        Whether there was more activity.
    n_waiting : int
        Hops of the stretches that were not taken yet.
    longest_quiet : int
        Hops of the longest quiet period that ends a movement.

    Notes
    -----
    A stretch begins above the lowest onset threshold and ends where the lowest offset threshold is
    not exceeded for the longest quiet period; every movement under any variant lies in one.
    """

    def __init__(self, stream: Stream, criteria: LegMovementCriteria, share: float, most_s: float) -> None:
        self.stream = stream
        self.clock: Clock | None = None
        self.overfull = False
        self.n_waiting = 0
        self._kept: list[Stretch] = []
        self._grid = grid_of(stream.fs_hz, EMG_HOP_S)
        self._n_hops, self._most_hops = 0, round(most_s * stream.fs_hz / self._grid.hop)
        lower = 1 - share
        self._rises = Rises(
            (lower * criteria.onset_uv, lower * criteria.onset_ratio),
            (lower * criteria.offset_uv, lower * criteria.offset_ratio),
            criteria.max_resting_uv,
        )
        self.longest_quiet = max(1, round((1 + share) * criteria.quiet_s * stream.fs_hz / self._grid.hop))
        self._finder = RunFinder(self.longest_quiet)
        self._slow = SlowTracks(self._grid)
        self._frames = {name: Trace() for name in SLOW}
        self._frame_flags = Trace(np.uint16)
        self._envelope, self._flags = Trace(), Trace(np.uint16)
        self._first = self._stop = 0

    def feed(self, item: Track | Gap) -> None:
        """Take one track, or a gap, in the order in which the features give them."""
        if self.overfull:
            return
        if isinstance(item, Gap):
            self.close()
        elif item.name in SLOW:
            self._note(item)
        elif item.name is TrackName.ENVELOPE_UV and len(item.values):
            self._search(item)

    def close(self) -> None:
        """End the stretch that is open; the signal does."""
        self._keep(self._finder.close())
        self._forget()

    def taken(self) -> list[Stretch]:
        """Return the stretches that have ended since the last call, and forget them."""
        taken, self._kept, self.n_waiting = self._kept, [], 0
        return taken

    def _note(self, track: Track) -> None:
        if track.start > self._stop * self._grid.hop:
            self.close()
        self._slow.note(track)
        frame = track.start // track.hop
        self._frames[track.name].append(frame, track.values)
        if track.name is TrackName.RESTING_UV:
            self._frame_flags.append(frame, track.quality)

    def _search(self, track: Track) -> None:
        first, n_hops = track.start // track.hop, len(track.values)
        if first != self._stop:
            self.close()
            self._first = first
        self._envelope.append(first, track.values)
        self._flags.append(first, track.quality)
        self._stop, self.clock = first + n_hops, track.clock
        onset_uv, offset_uv = self._slow.thresholds_uv(first, n_hops, self._rises)
        self._keep(self._finder.feed(track.values > onset_uv, track.values > offset_uv, first))
        self._forget()

    def _keep(self, runs: Iterable[Run]) -> None:
        per_frame = self._grid.hops_per_frame
        for run in runs:
            stop = min(run.end + 1, self._stop)
            frames = Run(run.onset // per_frame, (stop - 1) // per_frame + 1)
            self._n_hops += stop - run.onset
            self.n_waiting += stop - run.onset
            self._kept.append(
                Stretch(
                    run.onset,
                    Run(self._first, self._stop),
                    self._envelope.between(run.onset, stop).copy(),
                    self._flags.between(run.onset, stop).copy(),
                    frames.onset,
                    {name: trace.padded(*frames) for name, trace in self._frames.items()},
                    self._frame_flags.padded(*frames),
                )
            )

    def _forget(self) -> None:
        """Drop what no open stretch needs, or everything once it is too much."""
        keep = self._stop if self._finder.onset is None else self._finder.onset
        if self._n_hops + self._stop - keep > self._most_hops:
            self._finder.close()
            self.overfull, self._kept, self.n_waiting, keep = True, [], 0, self._stop
        self._envelope.forget_before(keep)
        self._flags.forget_before(keep)
        self._slow.forget_before(keep)
        for trace in (*self._frames.values(), self._frame_flags):
            trace.forget_before(keep // self._grid.hops_per_frame)
