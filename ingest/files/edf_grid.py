"""Samples with times of their own on the even grid of a file."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from detectors.signal import NS_PER_S

if TYPE_CHECKING:
    from collections.abc import Iterator

    from detectors.signal import Clock, SampleBlock, Stream

MOST_ERROR = 0.75
"""In samples: half a sample would let a clock that lies between two places jump to and fro."""


class Run(NamedTuple):
    """Samples ``[first, stop)`` of a block that follow each other from `position` on."""

    position: int
    first: int
    stop: int


class Span(NamedTuple):
    """Samples ``[start, stop)`` of a stream without their values."""

    stream: Stream
    clock: Clock
    start: int
    stop: int


class Grid:
    """Places of one channel; the samples of its streams come in the order of time.

    Parameters
    ----------
    start_ns : int
        UTC of place 0.
    fs_hz : float
        Places per second.

    Notes
    -----
    Samples keep following each other until they are 0.75 of a step away from their time; then a place is left free
    or a sample is left out. A crystal that is 50 ppm off does that once in 40 s at 500 Hz.

    Examples
    --------
    >>> import numpy as np
    >>> from detectors.recording import steady_clock
    >>> from detectors.signal import Leg, Quantity, SampleBlock, Stream, Unit
    >>> stream = Stream("left", Leg.LEFT, "", Quantity.EMG, Unit.MICROVOLT, ("ch1",), 500.0)
    >>> block = SampleBlock(stream, steady_clock(2_000_000_000, 500.0), 0, np.zeros((3, 1)))
    >>> Grid(1_000_000_000, 500.0).place(block)
    [Run(position=500, first=0, stop=3)]
    """

    __slots__ = (
        "_before",
        "_claimed",
        "_fs_hz",
        "_shift",
        "_start_ns",
        "free",
        "n_left_out",
        "n_overlap",
        "n_repeated",
        "worst",
    )

    def __init__(self, start_ns: int, fs_hz: float) -> None:
        self._start_ns = start_ns
        self._fs_hz = fs_hz
        self._before: tuple[Stream, int] | None = None
        self._claimed = False
        """Whether a stretch began, and all places of it so far were taken."""
        self._shift = 0
        self.free = 0
        """The first place behind all samples so far."""
        self.worst = 0.0
        """How far a sample is from its time at most, in steps."""
        self.n_left_out = 0
        """Samples of a clock that is fast, which have no place of their own."""
        self.n_overlap = 0
        """Samples that begin before those of an earlier stretch end: two stretches claim the same time."""
        self.n_repeated = 0

    def place(self, block: SampleBlock | Span) -> list[Run]:
        """Return where the samples of a block go; never before :attr:`free`."""
        runs = []
        follows = self._before == (block.stream, block.start)
        if not follows:
            self._shift = round(self._offset(block.clock, block.start))
        self._before = block.stream, block.stop
        for low, high in self._even_pieces(block):
            position, first = low + self._shift, low - block.start
            overlap = min(max(self.free - position, 0), high - low)
            self._claimed = self._claimed or not follows
            if self._claimed:
                self.n_overlap += overlap
            else:
                self.n_left_out += overlap
                self.n_repeated += max(position - self.free, 0)
            if overlap < high - low:
                self._claimed = False
                runs.append(Run(position + overlap, first + overlap, high - block.start))
                self.free = position + high - low
            follows = True
        return runs

    def _even_pieces(self, block: SampleBlock | Span) -> Iterator[tuple[int, int]]:
        """Yield pieces ``[low, high)`` of sample indices; the shift in force is that of the piece."""
        borders = [knot.index for knot in block.clock.knots if block.start < knot.index < block.stop]
        for low, high in zip([block.start, *borders], [*borders, block.stop], strict=True):
            yield from self._pieces(block.clock, low, high)

    def _pieces(self, clock: Clock, low: int, high: int) -> Iterator[tuple[int, int]]:
        """Yield pieces of a stretch in which the clock is one line."""
        while low < high:
            first, last = self._offset(clock, low), self._offset(clock, high - 1)
            if abs(first - self._shift) > MOST_ERROR:
                self._shift = round(first)
            stop = high
            if abs(last - self._shift) > MOST_ERROR:
                slope = (last - first) / (high - 1 - low)
                room = MOST_ERROR + (self._shift - first if slope > 0 else first - self._shift)
                stop = min(low + int(room / abs(slope)) + 1, high - 1)
                last = first + slope * (stop - 1 - low)
            self.worst = max(self.worst, abs(first - self._shift), abs(last - self._shift))
            yield low, stop
            low = stop

    def _offset(self, clock: Clock, index: int) -> float:
        """Return how many places a sample lies behind its index."""
        return (clock.at(index) - self._start_ns) * self._fs_hz / NS_PER_S - index
