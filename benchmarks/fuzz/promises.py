"""What a decoder promises of what it says, whatever it was fed."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from detectors.signal import Gap, GapCause, SampleBlock, Watermark
from ingest.decoders.base import Status
from ingest.decoders.reading import LARGEST_SAMPLE
from ingest.stream_key import stream_key

if TYPE_CHECKING:
    from detectors.signal import Clock, Stream
    from ingest.decoders.base import Decoder, Item, StatusKind


class Promises:
    """Hears everything that one decoder says and tells which of its promises that breaks.

    Parameters
    ----------
    largest : float
        No sample is larger, in any unit.

    Notes
    -----
    Within a segment, blocks and gaps of known length follow each other without overlap and without a hole: whatever
    lies between the first sample and the last came, once, or is said to be missing, once. A gap of unknown length (a
    stream that is silent) begins where the next block or gap will, and is replaced by it; after the one that ends a
    segment nothing more comes of it. Samples that a sensor sends again lie in that order, too: they are waited for.

    The time of samples rises, a clock only grows by knots at its end, no sample is from before a watermark, watermarks
    rise, segments count up, samples are numbers that a converter can give, and what was counted rises.
    """

    def __init__(self, largest: float = LARGEST_SAMPLE) -> None:
        self._largest = largest
        self._streams: dict[object, _Promised] = {}
        self._current: _Promised | None = None
        self._counts: dict[StatusKind, float] = {}
        self._totals = (0, 0)

    def broken_by(self, item: Item) -> list[str]:
        """Return the promises that an item breaks, in words."""
        if isinstance(item, SampleBlock):
            return self._of(item.stream).block(item)
        if isinstance(item, Gap):
            return self._of(item.stream).gap(item)
        if isinstance(item, Watermark):
            return self._of(item.stream).watermark(item)
        return self._status(item) if isinstance(item, Status) else []

    def broken_in_all(self, decoder: Decoder) -> list[str]:
        """Return what is wrong with the totals of a decoder since they were asked for last."""
        before, self._totals = self._totals, (decoder.n_late, sum(decoder.n_refilled.values()))
        named = zip(("late", "refilled"), before, self._totals, strict=True)
        return [
            f"{now} {what} samples after {then}, expected as many or more" for what, then, now in named if now < then
        ]

    def _of(self, stream: Stream) -> _Promised:
        current = self._current
        if current is None or current.stream is not stream:
            key = stream_key(stream)
            if key not in self._streams:
                self._streams[key] = _Promised(stream, self._largest)
            self._current = current = self._streams[key]
        return current

    def _status(self, status: Status) -> list[str]:
        count = status.values.get("count")
        if count is not None:
            before, self._counts[status.kind] = self._counts.get(status.kind, 0.0), count
            if count <= before:
                return [f"the count of what is {status.kind.value} is {count:g} after {before:g}, expected more"]
        return []


class _Promised:
    """What one stream has said so far, over all its segments."""

    def __init__(self, stream: Stream, largest: float) -> None:
        self._largest = largest
        self._floor_ns: int | None = None
        self._begin(stream)

    def _begin(self, stream: Stream) -> None:
        self.stream = stream
        self._next: int | None = None
        self._last_ns: int | None = None
        self._clock: Clock | None = None
        self._is_over = False

    def block(self, block: SampleBlock) -> list[str]:
        """Take samples."""
        broken = [] if block.stream is self.stream else self._segment(block.stream)
        data, clock = block.data, block.clock
        n_samples = len(data)
        if not n_samples:
            return [*broken, "a block without samples, expected some"]
        if not (data.max() <= self._largest and data.min() >= -self._largest):
            broken.append(f"samples from {data.min()} to {data.max()}, expected numbers within {self._largest:g}")
        if self._is_over or block.start != self._next is not None:
            broken.append(self._misplaced("a block", block.start))
        if clock is not self._clock:
            broken += self._other_clock(clock)
        self._next = block.start + n_samples
        first_ns = clock.at(block.start)
        if self._last_ns is not None and first_ns <= self._last_ns:
            broken.append(f"a sample at {first_ns} ns, expected one after {self._last_ns}")
        self._last_ns = first_ns if n_samples == 1 else clock.at(self._next - 1)
        if self._last_ns - first_ns < n_samples - 1:
            broken.append(f"{n_samples} samples from {first_ns} to {self._last_ns} ns, expected times that rise")
        if self._floor_ns is not None and first_ns < self._floor_ns:
            broken.append(f"a sample at {first_ns} ns, expected none from before the watermark of {self._floor_ns}")
        return broken

    def gap(self, gap: Gap) -> list[str]:
        """Take what is missing."""
        broken = [] if gap.stream is self.stream else self._segment(gap.stream)
        if self._is_over or gap.first_missing != self._next is not None:
            broken.append(self._misplaced(f"a gap ({gap.cause.value})", gap.first_missing))
        if gap.clock is not self._clock:
            broken += self._other_clock(gap.clock)
        if gap.n_missing is None:
            self._is_over = self._is_over or gap.cause is GapCause.END
            self._next = gap.first_missing
            return broken
        if gap.n_missing < 1:
            broken.append(f"a gap of {gap.n_missing} samples, expected 1 or more")
        self._next = gap.first_missing + gap.n_missing
        return broken

    def watermark(self, mark: Watermark) -> list[str]:
        """Take the time from before which nothing comes any more."""
        broken = [] if mark.stream is self.stream else self._segment(mark.stream)
        if self._floor_ns is not None and mark.t_ns <= self._floor_ns:
            broken.append(f"a watermark of {mark.t_ns} ns after one of {self._floor_ns}, expected a later one")
        self._floor_ns = mark.t_ns
        return broken

    def _segment(self, stream: Stream) -> list[str]:
        before = self.stream
        if stream.segment > before.segment:
            self._begin(stream)
            return []
        self.stream = stream
        if stream == before:
            return []
        if stream.segment == before.segment:
            return [f"{stream}, expected the same as earlier in this segment: {before}"]
        return [f"segment {stream.segment} after {before.segment}, expected that they count up"]

    def _misplaced(self, what: str, start: int) -> str:
        expected = "nothing after the end of the segment" if self._is_over else f"{self._next}"
        return f"{what} at index {start}, expected {expected}"

    def _other_clock(self, clock: Clock) -> list[str]:
        before, self._clock = self._clock, clock
        knots = clock.knots
        broken = []
        if before is not None and knots[: len(before.knots)] != before.knots:
            broken.append("the clock has changed what it said before, expected more knots at its end only")
        if not (math.isfinite(knots[-1].fs_hz) and knots[-1].fs_hz > 0):
            broken.append(f"a clock at {knots[-1].fs_hz} Hz, expected a positive rate")
        return broken
