"""From blocks of any size to whole hops and frames, the same ones however the stream was cut."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from detectors.signal import Gap, GapCause

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from detectors.signal import Clock, SampleBlock, Stream

EMG_HOP_S = 0.010
MOTION_HOP_S = 0.020
FRAME_S = 1.0
# Long blocks are cut to this many frames: a call costs little per sample, and memory stays small.
MAX_FRAMES = 600


@dataclass(frozen=True, slots=True)
class Grid:
    """Hops and frames of a stream, counted from sample 0 of its segment.

    Parameters
    ----------
    hop : int
        Samples per hop.
    hops_per_frame : int
        Hops per frame; a frame is as close to one second as whole hops come.
    """

    hop: int
    hops_per_frame: int

    @property
    def frame(self) -> int:
        """Samples per frame."""
        return self.hop * self.hops_per_frame


def grid_of(fs_hz: float, hop_s: float) -> Grid:
    """Return the grid of a sampling rate.

    Parameters
    ----------
    fs_hz : float
        Sampling rate, Hz.
    hop_s : float
        Wanted length of a hop, s: ``EMG_HOP_S`` or ``MOTION_HOP_S``.

    Returns
    -------
    Grid
        At least one sample per hop and one hop per frame.

    Examples
    --------
    >>> grid_of(500.0, EMG_HOP_S)
    Grid(hop=5, hops_per_frame=100)
    """
    hop = max(1, round(fs_hz * hop_s))
    return Grid(hop, max(1, round(fs_hz * FRAME_S / hop)))


@dataclass(frozen=True, slots=True)
class Piece:
    """Consecutive samples: whole frames on the grid, or the part of one frame that a gap left over.

    Parameters
    ----------
    start : int
        Index of the first sample.
    data : ndarray of float64, shape (n_samples, n_axes)
        The samples.
    clock : Clock
        The clock in force.
    restart : bool
        Whether nothing is known of the samples before. Up to the end of the first whole frame after
        that, pieces lie within one frame.
    """

    start: int
    data: NDArray[np.float64]
    clock: Clock
    restart: bool


class Framer:
    """Gather blocks to pieces.

    Parameters
    ----------
    stream : Stream
        The stream.
    grid : Grid
        Its hops and frames.
    together : int
        Whole frames come in multiples of so many, counted from sample 0, unless a gap or the end
        comes first: small blocks then cost less, and what is found waits as much longer.

    Notes
    -----
    Samples that are not finite are missing: a stretch of them comes out as one :class:`Gap` once
    its end is known.
    """

    def __init__(self, stream: Stream, grid: Grid, together: int = 1) -> None:
        self._stream = stream
        self._grid = grid
        self._together = together
        self._pending: list[NDArray[np.floating]] = []
        self._start = 0
        self._stop: int | None = None
        self._restart = self._alone = True
        self._missing_from: int | None = None
        self._clock: Clock | None = None

    def feed(self, item: SampleBlock | Gap) -> Iterator[Piece | Gap]:
        """Take consecutive samples, or a gap.

        Parameters
        ----------
        item : SampleBlock or Gap
            In order; samples that are left out without a gap are one.

        Yields
        ------
        Piece or Gap
            What is complete now. Take all of them before feeding again: they are made one by one,
            so that a long block is never held twice.

        Raises
        ------
        ValueError
            If samples come twice.
        """
        self._clock = item.clock
        if isinstance(item, Gap):
            yield from self._cut()
            yield from self._reported(item.first_missing, item.clock)
            yield item
            self._stop = None
            return
        yield from self._jumped(item)
        for start, stop, finite in _stretches(item.data):
            if finite:
                yield from self._reported(item.start + start, item.clock)
                yield from self._gathered(item.data[start:stop], item.start + start, item.clock)
            elif self._missing_from is None:
                yield from self._cut()
                self._missing_from = item.start + start
        self._stop = item.stop

    def finish(self) -> Iterator[Piece | Gap]:
        """Yield the frames that wait, and what is left of the last one."""
        yield from self._cut()

    def _jumped(self, block: SampleBlock) -> list[Piece | Gap]:
        """Turn a jump of the sample count that nobody reported into a gap."""
        expected = self._stop
        if expected is None or block.start == expected:
            return []
        if block.start < expected:
            msg = f"{self._stream.sensor}: block starts at sample {block.start}, expected {expected} or later"
            raise ValueError(msg)
        gap = Gap(self._stream, block.clock, expected, block.start - expected, GapCause.MALFORMED)
        return [*self._cut(), *self._reported(expected, block.clock), gap]

    def _reported(self, stop: int, clock: Clock) -> list[Piece | Gap]:
        """Return the gap of the samples that were not finite."""
        if self._missing_from is None:
            return []
        first, self._missing_from = self._missing_from, None
        return [Gap(self._stream, clock, first, stop - first, GapCause.MALFORMED)]

    def _gathered(self, data: NDArray[np.floating], start: int, clock: Clock) -> Iterator[Piece]:
        """Cut complete frames; after a restart the first of them stand alone."""
        frame, stop, at = self._grid.frame, start + len(data), 0
        if not self._pending:
            self._start = start
        while True:
            first = self._start
            limit = first - first % frame + frame if self._alone else first + MAX_FRAMES * frame
            whole = min(limit, stop - stop % (frame if self._alone else frame * self._together))
            if whole <= first:
                break
            yield Piece(first, self._joined(data[at : whole - start], whole - first), clock, self._restart)
            self._start, self._restart, at = whole, False, whole - start
            self._alone = self._alone and first % frame != 0
        if at < len(data):
            self._pending.append(data[at:].copy())

    def _joined(self, data: NDArray[np.floating], n_samples: int) -> NDArray[np.float64]:
        """Return what waited and what came as one array of its own."""
        joined = np.empty((n_samples, data.shape[1]))
        at = 0
        for part in (*self._pending, data):
            joined[at : at + len(part)] = part
            at += len(part)
        self._pending = []
        return joined

    def _cut(self) -> list[Piece | Gap]:
        """Return the whole frames and the part of one that wait, and start anew with the next sample."""
        pending, self._pending = self._pending, []
        restart, self._restart, self._alone = self._restart, True, True
        if not pending or self._clock is None:
            return []
        data = np.concatenate(pending).astype(np.float64)
        stop = self._start + len(data)
        whole = max(stop - stop % self._grid.frame - self._start, 0)
        pieces: list[Piece | Gap] = []
        if whole:
            pieces.append(Piece(self._start, data[:whole], self._clock, restart))
            restart = False
        if whole < len(data):
            pieces.append(Piece(self._start + whole, data[whole:], self._clock, restart))
        return pieces


def _stretches(data: NDArray[np.floating]) -> Iterator[tuple[int, int, bool]]:
    """Cut rows into stretches that are finite and stretches that are not."""
    known = np.isfinite(data)
    if known.all():
        if len(data):
            yield 0, len(data), True
        return
    finite = known.all(axis=1)
    edges = [0, *(np.flatnonzero(finite[1:] != finite[:-1]) + 1).tolist(), len(data)]
    for start, stop in pairwise(edges):
        yield start, stop, bool(finite[start])
