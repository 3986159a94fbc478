"""A finished recording, read piece by piece."""

from __future__ import annotations

import heapq
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

import numpy as np

from detectors.layout import laid_out
from detectors.memory import keep_freed_memory
from detectors.signal import Clock, Knot, SampleBlock, Stream

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from numpy.typing import ArrayLike, NDArray

    from detectors.events import StageSpan
    from detectors.layout import Layout
    from detectors.signal import Gap


# Ten minutes: long enough that a call costs little per sample, short enough for any memory.
READ_S = 600.0


class SampleSource(Protocol):
    """One stream of a recording, read on demand so that a night never has to fit into memory."""

    @property
    def stream(self) -> Stream:
        """What is measured."""
        ...

    @property
    def clock(self) -> Clock:
        """From sample index to UTC."""
        ...

    @property
    def n_samples(self) -> int:
        """Length in samples."""
        ...

    def read(self, start: int, stop: int) -> NDArray[np.floating]:
        """Return samples ``[start, stop)`` in the stream's unit, shape (n_samples, n_axes)."""
        ...


@dataclass(frozen=True, slots=True)
class ArraySource:
    """A stream that is in memory already.

    Parameters
    ----------
    stream : Stream
        What is measured.
    clock : Clock
        From sample index to UTC.
    data : ndarray of float, shape (n_samples, n_axes)
        All samples, in ``stream.unit``.
    """

    stream: Stream
    clock: Clock
    data: NDArray[np.floating]

    @property
    def n_samples(self) -> int:
        """Length in samples."""
        return len(self.data)

    def read(self, start: int, stop: int) -> NDArray[np.floating]:
        """Return samples ``[start, stop)``, shape (n_samples, n_axes)."""
        return self.data[start:stop]


@dataclass(frozen=True, slots=True)
class Recording:
    """One night, or any other stretch, of one person.

    Parameters
    ----------
    name : str
        What to call it, usually the file name.
    start_ns : int
        UTC of time zero, ns; onsets in seconds count from here.
    sources : tuple of SampleSource
        The streams.
    stages : tuple of StageSpan
        Sleep stages scored by a person; empty where nobody scored.
    layout : Layout, optional
        What of the sources was measured, and when; all of it, by their clocks, if not given.
    """

    name: str
    start_ns: int
    sources: tuple[SampleSource, ...]
    stages: tuple[StageSpan, ...] = ()
    layout: Layout | None = None

    @property
    def duration_s(self) -> float:
        """Length of the longest stream, s."""
        return max((source.n_samples / source.stream.fs_hz for source in self.sources), default=0.0)

    @property
    def span_ns(self) -> tuple[int, int]:
        """From when to when it lasts, UTC ns."""
        if self.layout is not None:
            return self.layout.span_ns
        end_ns = max((source.clock.at(source.n_samples) for source in self.sources), default=self.start_ns)
        return self.start_ns, end_ns

    def items(self, block_samples: int | None) -> Iterator[SampleBlock | Gap]:
        """Yield samples and gaps, in order within a stream, in blocks of so many samples (a few minutes if None)."""
        keep_freed_memory()
        if self.layout is not None:
            return laid_out(self.layout, self.sources, block_samples)
        return blocks(self.sources, block_samples)


def recording_of(arrays: Mapping[Stream, ArrayLike], *, start_ns: int = 0, name: str = "recording") -> Recording:
    """Return the recording of arrays that begin together and keep their nominal rates.

    Parameters
    ----------
    arrays : mapping of Stream to array_like of float, shape (n_samples, n_axes)
        Samples in the stream's unit, by what they measure; shape (n_samples,) where it has one axis.
    start_ns : int
        UTC of the first samples, ns.
    name : str
        What to call it.

    Returns
    -------
    Recording
        What :func:`detectors.score` takes.

    Raises
    ------
    ValueError
        If an array does not have the stream's axes, or does not hold real numbers.

    Examples
    --------
    >>> import numpy as np
    >>> from detectors.signal import Leg, Quantity, Unit
    >>> shin = Stream("shin", Leg.LEFT, "tibialis anterior", Quantity.EMG, Unit.MICROVOLT, ("ta",), 500.0)
    >>> recording_of({shin: np.zeros(60 * 500)}).duration_s
    60.0
    """
    return Recording(name, start_ns, tuple(_source(*item, start_ns) for item in arrays.items()))


def _source(stream: Stream, samples: ArrayLike, start_ns: int) -> ArraySource:
    n_axes, data = len(stream.axes), np.asarray(samples)
    if data.dtype.kind not in "fiu":
        msg = f"{stream.sensor}: the array is of {data.dtype}, expected numbers in {stream.unit}"
        raise ValueError(msg)
    columns = data[:, None] if data.ndim == 1 else data
    if columns.ndim != 2 or columns.shape[1] != n_axes:  # noqa: PLR2004 - rows and columns
        msg = f"{stream.sensor}: the array has shape {data.shape}, expected (n_samples, {n_axes})"
        raise ValueError(msg)
    return ArraySource(stream, steady_clock(start_ns, stream.fs_hz), columns)


def steady_clock(start_ns: int, fs_hz: float) -> Clock:
    """Return the clock of a stream that starts at `start_ns` and keeps its nominal rate.

    Parameters
    ----------
    start_ns : int
        UTC of sample 0, ns.
    fs_hz : float
        Sampling rate, Hz.

    Returns
    -------
    Clock
        A clock with one knot.

    Examples
    --------
    >>> steady_clock(0, 250.0).at(250)
    1000000000
    """
    return Clock((Knot(0, start_ns, fs_hz),))


def blocks(sources: Sequence[SampleSource], block_samples: int | None) -> Iterator[SampleBlock]:
    """Cut all sources, the block that begins earliest first.

    Parameters
    ----------
    sources : sequence of SampleSource
        The streams of a recording.
    block_samples : int or None
        Samples per block; a few minutes of each stream if None.

    Yields
    ------
    SampleBlock
        In order within a stream.
    """
    cuts = [_cut(source, block_samples) for source in sources]
    queue = [(source.clock.at(0), number) for number, source in enumerate(sources) if source.n_samples]
    heapq.heapify(queue)
    while queue:
        _, number = heapq.heappop(queue)
        block = next(cuts[number])
        yield block
        if block.stop < sources[number].n_samples:
            heapq.heappush(queue, (block.clock.at(block.stop), number))


def _cut(source: SampleSource, block_samples: int | None) -> Iterator[SampleBlock]:
    """Cut one source; a few minutes are read at a time, however short the blocks are."""
    few_minutes = max(1, round(READ_S * source.stream.fs_hz))
    length = block_samples or few_minutes
    piece = max(1, few_minutes // length) * length
    for first in range(0, source.n_samples, piece):
        data = source.read(first, min(first + piece, source.n_samples))
        for start in range(0, len(data), length):
            yield SampleBlock(source.stream, source.clock, first + start, data[start : start + length])
