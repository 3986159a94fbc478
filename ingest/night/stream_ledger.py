"""What came of one stream of a night, and what did not, sample by sample."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from detectors.signal import NS_PER_S
from ingest.night.losses import CAUSE_OF_GAP, Cause, Loss, Losses

if TYPE_CHECKING:
    from collections.abc import Iterator

    from detectors.signal import Clock, Gap, SampleBlock, Stream

NS_PER_H = 3600 * NS_PER_S
LEAST_START_NS = NS_PER_S
"""A stream that is there this soon was there from the start; packets take their time."""


@dataclass(slots=True)
class HourCount:
    """Samples of one hour of the night."""

    received: int = 0
    missing: int = 0


@dataclass(frozen=True, slots=True)
class SegmentSpan:
    """One segment of a stream.

    Parameters
    ----------
    number : int
        The segment.
    first, stop : int
        Samples ``[first, stop)`` of the sensor's own count.
    start_ns, end_ns : int
        The same on the segment's clock, UTC ns.
    """

    number: int
    first: int
    stop: int
    start_ns: int
    end_ns: int


@dataclass(frozen=True, slots=True)
class StreamCount:
    """The account of one stream over a whole night.

    Parameters
    ----------
    stream : Stream
        The stream, as it was in its first segment.
    expected : int
        What the sensor counted from its first to its last sample, and, where nobody counted (before the first, after
        the last, between two segments), the time at the nominal rate.
    received : int
        What came.
    losses : tuple of Loss
        What did not, by time.
    hours : mapping of int to HourCount
        By hour from the start of the night.
    segments : tuple of SegmentSpan
        Its segments.
    """

    stream: Stream
    expected: int
    received: int
    losses: tuple[Loss, ...]
    hours: dict[int, HourCount]
    segments: tuple[SegmentSpan, ...]

    @property
    def missing(self) -> int:
        """How many samples did not come."""
        return sum(loss.n_missing for loss in self.losses)

    @property
    def unexplained(self) -> int:
        """Samples that were expected, did not come, and lie in no gap: not 0 only where a decoder errs."""
        return self.expected - self.received - self.missing

    @property
    def rate_hz(self) -> float:
        """Samples per second as they came, by the clock; the nominal rate of a stream that was too short to tell."""
        n_samples = sum(segment.stop - segment.first for segment in self.segments)
        length_ns = sum(segment.end_ns - segment.start_ns for segment in self.segments)
        return n_samples * NS_PER_S / length_ns if length_ns >= NS_PER_S else self.stream.fs_hz


class StreamLedger:
    """Counts one stream of one sensor, over all its segments.

    Parameters
    ----------
    stream : Stream
        The stream.
    origin_ns : int
        UTC of the start of the night, ns; hours count from here.

    Notes
    -----
    What is expected comes from the sample index, what is missing from the gaps, and what was received from the
    blocks, each on its own; that the three agree is a check of the decoder, not of an addition.
    """

    def __init__(self, stream: Stream, origin_ns: int) -> None:
        self._stream = stream
        self._origin_ns = origin_ns
        self._received = 0
        self._uncounted = 0
        self._losses = Losses()
        self._hours: dict[int, HourCount] = {}
        self._segments: list[SegmentSpan] = []
        self._number = stream.segment
        self._clock: Clock | None = None
        self._first = self._stop = self._hour_stop = 0
        self._hour_count = HourCount()
        self.link_lost = False
        self.malformed = False
        """Whether something that could not be read came since the last samples."""
        self.unrecorded = False
        """Whether the computer dropped something since the last samples."""

    def put(self, block: SampleBlock) -> None:
        """Count samples that came."""
        n_samples, start, stop = len(block.data), block.start, block.stop
        self._received += n_samples
        link_was_lost, self.link_lost, self.malformed, self.unrecorded = self.link_lost, False, False, False
        if start == self._stop and stop <= self._hour_stop and block.stream.segment == self._number:
            # Nearly every packet: the one that follows, within the hour.
            self._clock, self._stop = block.clock, stop
            self._hour_count.received += n_samples
            return
        self._reach(block, start, stop, after_link_loss=link_was_lost)
        hour = self._hour(block.clock.at(start))
        for hour, n_here in self._by_hour(block.clock, start, n_samples):
            self._hours.setdefault(hour, HourCount()).received += n_here
        self._hour_count = self._hours.setdefault(hour, HourCount())
        self._hour_stop = block.clock.index_at(self._origin_ns + (hour + 1) * NS_PER_H)

    def miss(self, gap: Gap) -> None:
        """Count samples that did not come; of a gap whose end is not known yet the end will tell."""
        if gap.n_missing is None:
            return
        stop = gap.first_missing + gap.n_missing
        self._reach(gap, gap.first_missing, stop, after_link_loss=self.link_lost)
        cause = CAUSE_OF_GAP[gap.cause]
        if cause is Cause.AIR and (self.unrecorded or self.malformed):
            cause = Cause.COLLECTOR if self.unrecorded else Cause.MALFORMED
        self._losses.add(Loss(gap.clock.at(gap.first_missing), gap.clock.at(stop), gap.n_missing, cause))
        for hour, n_here in self._by_hour(gap.clock, gap.first_missing, gap.n_missing):
            self._hours.setdefault(hour, HourCount()).missing += n_here

    def count(self, span_ns: tuple[int, int], end_cause: Cause | None) -> StreamCount:
        """Return the account, as if the night ended now.

        Parameters
        ----------
        span_ns : tuple of int
            Begin and end of the night, UTC ns.
        end_cause : Cause or None
            Why nothing comes from the last sample to the end; None if nothing more is expected.
        """
        segments = (*self._segments, *self._open_segment())
        if not segments:
            return self._count_absent(span_ns, end_cause or Cause.SILENCE)
        hours = {hour: HourCount(count.received, count.missing) for hour, count in self._hours.items()}
        edges = []
        if segments[0].start_ns - span_ns[0] > LEAST_START_NS:
            edges += self._timed(span_ns[0], segments[0].start_ns, Cause.START)
        if end_cause is not None:
            edges += self._timed(segments[-1].end_ns, span_ns[1], end_cause)
        for edge in edges:
            for hour, n_here in self._timed_hours(edge):
                hours.setdefault(hour, HourCount()).missing += n_here
        expected = sum(segment.stop - segment.first for segment in segments) + self._uncounted
        return StreamCount(
            self._stream,
            expected + sum(edge.n_missing for edge in edges),
            self._received,
            tuple(sorted((*self._losses, *edges))),
            dict(sorted(hours.items())),
            segments,
        )

    def _count_absent(self, span_ns: tuple[int, int], cause: Cause) -> StreamCount:
        """Return the account of a stream that the sensor announced and of which nothing came."""
        losses = tuple(self._timed(*span_ns, cause))
        hours = {hour: HourCount(0, n_here) for loss in losses for hour, n_here in self._timed_hours(loss)}
        return StreamCount(self._stream, sum(loss.n_missing for loss in losses), 0, losses, hours, ())

    @property
    def heard(self) -> bool:
        """Whether anything is known of its samples, be it that they are missing."""
        return self._clock is not None or bool(self._segments)

    @property
    def end_ns(self) -> int:
        """UTC of the end of the last sample that is known of, ns."""
        return self._origin_ns if self._clock is None else self._clock.at(self._stop)

    @property
    def start_ns(self) -> int:
        """UTC of the first sample, ns."""
        return next((segment.start_ns for segment in (*self._segments, *self._open_segment())), self._origin_ns)

    def _reach(self, item: SampleBlock | Gap, first: int, stop: int, *, after_link_loss: bool) -> None:
        """Extend the segment to what an item speaks of, or begin the next."""
        if self._clock is not None and item.stream.segment != self._number:
            before = self._open_segment()
            self._segments += before
            cause = Cause.RECONNECT if after_link_loss else Cause.DEVICE
            self._between(before[0].end_ns, item.clock.at(first), cause)
            self._clock = None
        if self._clock is None:
            self._number, self._first, self._stop = item.stream.segment, first, stop
        self._clock, self._first, self._stop = item.clock, min(self._first, first), max(self._stop, stop)

    def _open_segment(self) -> list[SegmentSpan]:
        clock = self._clock
        if clock is None:
            return []
        return [SegmentSpan(self._number, self._first, self._stop, clock.at(self._first), clock.at(self._stop))]

    def _between(self, end_ns: int, start_ns: int, cause: Cause) -> None:
        """Count what is lost between two segments, whose counts say nothing about it."""
        for loss in self._timed(end_ns, start_ns, cause):
            self._losses.add(loss)
            self._uncounted += loss.n_missing
            for hour, n_here in self._timed_hours(loss):
                self._hours.setdefault(hour, HourCount()).missing += n_here

    def _timed(self, start_ns: int, end_ns: int, cause: Cause) -> list[Loss]:
        """Return the loss of a stretch that nobody counted, if it is a sample or more."""
        n_missing = round((end_ns - start_ns) * self._stream.fs_hz / NS_PER_S)
        return [Loss(start_ns, end_ns, n_missing, cause, counted=False)] if n_missing > 0 else []

    def _hour(self, t_ns: int) -> int:
        return max(0, t_ns - self._origin_ns) // NS_PER_H

    def _by_hour(self, clock: Clock, first: int, n_samples: int) -> Iterator[tuple[int, int]]:
        """Split samples at the hours of the night."""
        start_ns = clock.at(first)
        hour = self._hour(start_ns)
        if self._hour(start_ns + round(n_samples * NS_PER_S / self._stream.fs_hz)) == hour:
            yield hour, n_samples
            return
        at, stop = first, first + n_samples
        while at < stop:
            next_hour_at = clock.index_at(self._origin_ns + (hour + 1) * NS_PER_H)
            until = min(max(next_hour_at, at), stop)
            yield hour, until - at
            at, hour = until, hour + 1

    def _timed_hours(self, loss: Loss) -> Iterator[tuple[int, int]]:
        """Split a loss that nobody counted at the hours of the night."""
        told, hour = 0, self._hour(loss.start_ns)
        while told < loss.n_missing:
            until_ns = min(loss.end_ns, self._origin_ns + (hour + 1) * NS_PER_H)
            until = round((until_ns - loss.start_ns) * loss.n_missing / loss.length_ns)
            yield hour, until - told
            told, hour = until, hour + 1
