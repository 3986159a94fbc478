"""When a stream gave a signal that can be scored, in bins of half a minute."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from detectors.annotations import Span
from detectors.signal import NS_PER_S, Clock, Quantity
from detectors.track import Flag

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from detectors.signal import Leg
    from detectors.track import Track

S_PER_H = 3600.0
BIN_S = 30.0
# A bin with less valid signal than this share is one in which nothing could have been seen (science.md 7.3).
LEAST_SHARE = 0.8
# Grades by hours of good signal (science.md 7.3).
GRADE_A_H = 6.0
GRADE_B_H = 4.0
_SPOILT = int(Flag.SATURATED | Flag.FLAT | Flag.LINE | Flag.DISABLED)


class _Segment(NamedTuple):
    """The good hops of a segment in each bin from its sample 0, and how long bins (samples) and hops (s) are."""

    clock: Clock
    length: int
    hop_s: float
    counts: dict[int, int]


class ValidTime:
    """How long one stream gave a signal that can be scored, and when.

    Parameters
    ----------
    sensor : str
        Sensor (and channel) of the stream.
    leg : Leg
        Its leg.
    quantity : Quantity
        What it measures.
    """

    def __init__(self, sensor: str, leg: Leg, quantity: Quantity) -> None:
        self.sensor = sensor
        self.leg = leg
        self.quantity = quantity
        self._segments: dict[int, _Segment] = {}

    def add(self, track: Track) -> None:
        """Count the hops of a track whose quality allows scoring."""
        stream = track.stream
        length = max(1, round(BIN_S * stream.fs_hz))
        counts = self._segments[stream.segment].counts if stream.segment in self._segments else {}
        starts = track.start + track.hop * np.flatnonzero((track.quality & _SPOILT) == 0)
        for number, count in zip(*np.unique(starts // length, return_counts=True), strict=True):
            counts[int(number)] = counts.get(int(number), 0) + int(count)
        self._segments[stream.segment] = _Segment(track.clock, length, track.hop / stream.fs_hz, counts)

    def bins(self) -> Iterator[tuple[int, int, float]]:
        """Yield begin and end of each bin with valid signal, UTC ns, and its valid seconds."""
        for segment in self._segments.values():
            for number, count in sorted(segment.counts.items()):
                start_ns = segment.clock.at(number * segment.length)
                yield start_ns, segment.clock.at((number + 1) * segment.length), count * segment.hop_s

    @property
    def hours(self) -> float:
        """Valid time, h."""
        return sum(sum(segment.counts.values()) * segment.hop_s for segment in self._segments.values()) / S_PER_H

    def hours_in(self, spans: Iterable[Span]) -> float:
        """Return the valid time of the bins whose middle lies in one of some spans, h."""
        edges = sorted(spans)
        onsets = np.array([span.onset_ns for span in edges], dtype=np.int64)
        valid_s = 0.0
        for start_ns, end_ns, good_s in self.bins():
            middle_ns = (start_ns + end_ns) // 2
            position = int(np.searchsorted(onsets, middle_ns, side="right")) - 1
            if position >= 0 and middle_ns < edges[position].end_ns:
                valid_s += good_s
        return valid_s / S_PER_H

    @property
    def grade(self) -> str:
        """Grade of the stream: A, B or C."""
        if self.hours >= GRADE_A_H:
            return "A"
        return "B" if self.hours >= GRADE_B_H else "C"


@dataclass(frozen=True, slots=True)
class ValidTimes:
    """The valid time of all streams of a night.

    Parameters
    ----------
    streams : mapping
        Valid time by sensor and quantity.
    scoring : mapping of Leg to ValidTime
        The stream that scores the movements of each leg.
    """

    streams: Mapping[tuple[str, Quantity], ValidTime]
    scoring: Mapping[Leg, ValidTime]

    @property
    def movement_h(self) -> float:
        """Hours in which movements could be found: the better leg's."""
        return max((valid.hours for valid in self.scoring.values()), default=0.0)

    def movement_h_in(self, spans: Iterable[Span]) -> float:
        """Return the hours inside some spans in which movements could be found: the better leg's."""
        inside = list(spans)
        return max((valid.hours_in(inside) for valid in self.scoring.values()), default=0.0)

    @property
    def legs(self) -> int:
        """How many legs gave a signal in which movements could be found."""
        return sum(valid.hours > 0 for valid in self.scoring.values())

    def covered(self) -> list[Span]:
        """Return the stretches in which at least one leg could be scored, UTC ns, joined and in order."""
        spans = sorted(
            Span(start_ns, end_ns)
            for valid in self.scoring.values()
            for start_ns, end_ns, good_s in valid.bins()
            if good_s * NS_PER_S >= LEAST_SHARE * (end_ns - start_ns)
        )
        joined: list[Span] = []
        for span in spans:
            if joined and span.onset_ns <= joined[-1].end_ns + NS_PER_S:
                joined[-1] = Span(joined[-1].onset_ns, max(joined[-1].end_ns, span.end_ns))
            else:
                joined.append(span)
        return joined
