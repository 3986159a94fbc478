"""A night looked through before it is written as EDF+: its channels, their ranges and rates, and what is missing."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from detectors.signal import NS_PER_S, Gap, GapCause, SampleBlock, Stream
from ingest.files.edf_grid import Span
from ingest.files.edf_steps import Survey
from ingest.stream_key import stream_key

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from ingest.stream_key import StreamKey

GATHERED_S = 10.0
CRYSTAL = 500e-6
"""A sampling rate that is further from what the sensor says of itself is measured instead."""
LEAST_MEASURED_S = 60.0
RECORD_MS = (1000, 4000)
"""The shortest and the longest data record; a second unless the rates need another length."""
MOST_RATE_ERROR = 20e-6
MOST_RECORD_BYTES = 61_440
"""EDF recommends no longer data record."""
MS_PER_S = 1000


class Missing(NamedTuple):
    """A stretch without samples: UTC ns, and why."""

    start_ns: int
    stop_ns: int
    causes: tuple[str, ...]


class Signal:
    """One stream of one sensor over the whole night, whatever segments it has.

    Parameters
    ----------
    stream : Stream
        Its first segment.
    """

    def __init__(self, stream: Stream) -> None:
        self.stream = stream
        self.axes = [Survey() for _ in stream.axes]
        self.first = np.zeros(len(stream.axes))
        self.first_ns = self.stop_ns = 0
        self.n_samples = 0
        self.missing: list[Missing] = []
        self.items: list[Span | Gap] = []
        """What came and what did not, in order."""
        self._before: tuple[Stream, int] | None = None
        self._causes: list[str] = []
        self._longest = (0, 0)
        self._segment = (0, 0)

    def feed(self, block: SampleBlock) -> None:
        """Take samples; they come in order."""
        start_ns = block.clock.at(block.start)
        if self._before is None:
            self.first_ns, self.first = start_ns, block.data[0].astype(np.float64)
        elif self._before != (block.stream, block.start) and start_ns > self.stop_ns:
            causes = tuple(dict.fromkeys(self._causes)) or (GapCause.SILENCE.value,)
            self.missing.append(Missing(self.stop_ns, start_ns, causes))
        if self._before is None or self._before[0] != block.stream:
            self._segment = (block.start, start_ns)
        self._causes = []
        self._before = block.stream, block.stop
        self.items.append(Span(block.stream, block.clock, block.start, block.stop))
        self.stop_ns = block.clock.at(block.stop)
        self._longest = max(self._longest, (self.stop_ns - self._segment[1], block.stop - self._segment[0]))
        self.n_samples += len(block.data)
        for axis, survey in enumerate(self.axes):
            survey.feed(block.data[:, axis])

    def note(self, gap: Gap) -> None:
        """Learn why the next samples are missing."""
        self.items.append(gap)
        if gap.n_missing != 0:
            self._causes.append(gap.cause.value)

    @property
    def fs_hz(self) -> float:
        """The sampling rate; measured where the sensor does not keep its own."""
        span_ns, n_samples = self._longest
        if span_ns < LEAST_MEASURED_S * NS_PER_S:
            return self.stream.fs_hz
        measured_hz = n_samples * NS_PER_S / span_ns
        return self.stream.fs_hz if abs(measured_hz / self.stream.fs_hz - 1) <= CRYSTAL else measured_hz


def gathered(items: Iterable[object]) -> Iterator[SampleBlock | Gap]:
    """Yield blocks joined to some seconds, and gaps; in order within a stream.

    Parameters
    ----------
    items : iterable
        What decoders say; everything but samples and gaps is left out.
    """
    held: dict[Stream, list[SampleBlock]] = {}
    for item in items:
        if isinstance(item, SampleBlock) and len(item.data):
            blocks = held.setdefault(item.stream, [])
            full = blocks and item.stop - blocks[0].start > GATHERED_S * item.stream.fs_hz
            if blocks and (full or blocks[-1].stop != item.start):
                yield _joined(blocks)
                blocks.clear()
            blocks.append(item)
        elif isinstance(item, Gap):
            if item.stream in held:
                yield _joined(held.pop(item.stream))
            yield item
    yield from map(_joined, held.values())


def surveyed(items: Iterable[SampleBlock | Gap]) -> list[Signal]:
    """Look through a night.

    Parameters
    ----------
    items : iterable of SampleBlock or Gap
        All of it, see :func:`gathered`.

    Returns
    -------
    list of Signal
        Those with samples: left leg first, EMG before acceleration.
    """
    signals: dict[StreamKey, Signal] = {}
    for item in items:
        signal = signals.setdefault(stream_key(item.stream), Signal(replace(item.stream, segment=0)))
        if isinstance(item, SampleBlock):
            signal.feed(item)
        else:
            signal.note(item)
    order = ("emg", "acceleration", "rotation", "other")
    kept = [signal for signal in signals.values() if signal.n_samples]
    return sorted(kept, key=lambda one: (one.stream.leg, one.stream.sensor, order.index(one.stream.quantity)))


def record_ms(rates: Sequence[tuple[float, int]]) -> int:
    """Return a length of data record in which every rate has a whole number of samples, or a second if there is none.

    Parameters
    ----------
    rates : sequence of (float, int)
        Sampling rate in Hz, and how many channels have it.

    Returns
    -------
    int
        Milliseconds.

    Examples
    --------
    >>> record_ms([(500.0, 2), (50.0, 6)]), record_ms([(976.563, 2), (97.656, 3)]), record_ms([(12.5, 3)])
    (1000, 1024, 1040)
    """
    for length_ms in range(RECORD_MS[0], RECORD_MS[1] + 1):
        exact = [fs_hz * length_ms / MS_PER_S for fs_hz, _ in rates]
        n_bytes = 2 * sum(count * n_axes for count, (_, n_axes) in zip(exact, rates, strict=True))
        whole = all(round(count) and abs(round(count) / count - 1) <= MOST_RATE_ERROR for count in exact)
        if whole and n_bytes <= MOST_RECORD_BYTES:
            return length_ms
    return RECORD_MS[0]


def _joined(blocks: Sequence[SampleBlock]) -> SampleBlock:
    if len(blocks) == 1:
        return blocks[0]
    return replace(blocks[-1], start=blocks[0].start, data=np.concatenate([block.data for block in blocks]))
