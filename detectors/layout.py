"""Which samples of a recording were measured when, where a file holds more, or less, than was measured."""

from __future__ import annotations

import heapq
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from detectors.signal import NS_PER_S, Gap, SampleBlock

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    import numpy as np
    from numpy.typing import NDArray

    from detectors.recording import SampleSource
    from detectors.signal import Clock, Leg, Stream

READ_S = 600.0
"""As long as a piece of any other recording."""
LEAD_NS = 10 * NS_PER_S
"""The first sample of a stream comes before what others have of the same time: longer than any sample lasts."""


class Stretch(NamedTuple):
    """Samples that follow each other.

    Parameters
    ----------
    stream : Stream
        Whose they are, with its segment.
    clock : Clock
        Of the whole segment.
    first, n_samples : int
        Index of the first one, and how many.
    place : int
        Which sample of the source the first one is; without a meaning where `data` is given.
    data : ndarray of float, shape (n_samples, n_axes), optional
        The samples, if the source does not hold them.
    """

    stream: Stream
    clock: Clock
    first: int
    n_samples: int
    place: int
    data: NDArray[np.floating] | None = None


Part: TypeAlias = Stretch | Gap


class Layout(NamedTuple):
    """What of a recording's sources was measured, and when.

    Parameters
    ----------
    parts : tuple of tuple of (Stretch or Gap)
        For each source, in the order of its samples.
    span_ns : tuple of int
        First sample and latest known time of the recording, UTC ns; what counts per hour rests on it.
    movement_sensors : mapping of Leg to str
        Which sensor scores the movements of a leg.
    """

    parts: tuple[tuple[Part, ...], ...]
    span_ns: tuple[int, int]
    movement_sensors: Mapping[Leg, str]


def laid_out(layout: Layout, sources: Sequence[SampleSource], block_samples: int | None) -> Iterator[SampleBlock | Gap]:
    """Cut all sources into what was measured, what begins earliest first.

    Parameters
    ----------
    layout : Layout
        What was measured.
    sources : sequence of SampleSource
        In the order of the layout.
    block_samples : int or None
        Samples per block; a few minutes of each stream if None.

    Yields
    ------
    SampleBlock or Gap
        In order within a source. No block goes on past the time at which another stream begins, which must be known
        by then.
    """
    begins_ns = sorted(_begins_ns(layout))
    pieces = [
        _pieces(source, parts, begins_ns, block_samples) for source, parts in zip(sources, layout.parts, strict=True)
    ]
    queue = [(t_ns, number, item) for number, one in enumerate(pieces) for t_ns, item in _next(one)]
    heapq.heapify(queue)
    while queue:
        _, number, item = heapq.heappop(queue)
        yield item
        for t_ns, following in _next(pieces[number]):
            heapq.heappush(queue, (t_ns, number, following))


def _next(pieces: Iterator[tuple[int, SampleBlock | Gap]]) -> Iterator[tuple[int, SampleBlock | Gap]]:
    """Yield the next one, if there is one."""
    item = next(pieces, None)
    if item is not None:
        yield item


def _begins_ns(layout: Layout) -> Iterator[int]:
    for parts in layout.parts:
        known: set[Stream] = set()
        for part in parts:
            if isinstance(part, Stretch) and part.stream not in known:
                known.add(part.stream)
                yield part.clock.at(part.first)


def _pieces(
    source: SampleSource, parts: Sequence[Part], begins_ns: Sequence[int], block_samples: int | None
) -> Iterator[tuple[int, SampleBlock | Gap]]:
    """Yield what a source holds, with the time at which it begins, UTC ns."""
    length = block_samples or max(1, round(READ_S * source.stream.fs_hz))
    known: set[Stream] = set()
    for part in parts:
        if isinstance(part, Gap):
            yield part.clock.at(part.first_missing), part
            continue
        stop = part.first + part.n_samples
        cuts = {part.clock.index_at(t_ns) for t_ns in begins_ns} | set(range(part.first, stop, length))
        if part.stream not in known:
            cuts.add(part.first + 1)
        borders = sorted(cut for cut in cuts if part.first < cut < stop)
        for low, high in zip([part.first, *borders], [*borders, stop], strict=True):
            lead_ns = 0 if part.stream in known else LEAD_NS
            known.add(part.stream)
            block = SampleBlock(part.stream, part.clock, low, _samples(source, part, low, high))
            yield part.clock.at(low) - lead_ns, block


def _samples(source: SampleSource, part: Stretch, low: int, high: int) -> NDArray[np.floating]:
    if part.data is not None:
        return part.data[low - part.first : high - part.first]
    return source.read(part.place + low - part.first, part.place + high - part.first)
