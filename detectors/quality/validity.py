"""When a stream gave a signal that can be scored, in epochs of half a minute."""

from __future__ import annotations

from array import array
from dataclasses import dataclass
from typing import TYPE_CHECKING

from detectors.quality.epoch_tally import LEADING, EpochClass, EpochTally
from detectors.quality.valid_hours import NightValidity, StreamValidity, ValidEpochs
from detectors.signal import Gap

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

    from detectors.events import Event
    from detectors.quality.criteria import ValidityCriteria
    from detectors.signal import Clock, Leg, Quantity, Stream
    from detectors.track import Track


class EpochQuality:
    """Say which half minutes of a segment are bad, while it goes on.

    Parameters
    ----------
    stream : Stream
        The stream that the tracks are derived from.
    criteria : ValidityCriteria
        What is bad.

    Notes
    -----
    Epochs lie on multiples of 30 s from sample 0 of the segment. One is judged when its last hop,
    or the gap in place of it, has come; the last one at :meth:`finish`, by what there was of it. The
    first one counts from its own beginning, also where the signal began later.

    Examples
    --------
    >>> import numpy as np
    >>> from detectors.proposed.validity import VALIDITY
    >>> from detectors.recording import steady_clock
    >>> from detectors.signal import Leg, Quantity, Stream, Unit
    >>> from detectors.track import Flag, Track, TrackName
    >>> stream = Stream("left-shin", Leg.LEFT, "ta", Quantity.EMG, Unit.MICROVOLT, ("ta",), 500.0)
    >>> flags = np.zeros(9000, np.uint16)
    >>> flags[4000:4100] = Flag.ELECTRODE_OFF
    >>> track = Track(stream, steady_clock(0, 500.0), TrackName.ENVELOPE_UV, 0, 5, np.ones(9000), flags)
    >>> quality = EpochQuality(stream, VALIDITY)
    >>> quality.feed(track)
    >>> quality.judged, quality.bad(0, 15_000), quality.bad(14_999, 15_001), quality.bad(30_000, 31_000)
    (45000, False, True, False)
    """

    def __init__(self, stream: Stream, criteria: ValidityCriteria) -> None:
        self._leading = LEADING.get(stream.quantity)
        self._criteria = criteria
        self._tally = EpochTally(stream)
        self._bad: set[int] = set()
        self._begun = False
        self._next = 0
        self._stop = 0

    @property
    def judged(self) -> int:
        """Sample index before which every epoch is judged."""
        return self._next * self._tally.length

    def feed(self, item: Track | Gap) -> None:
        """Take one track, or a gap, in the order in which the features give them."""
        if isinstance(item, Gap):
            if item.n_missing is not None:
                self._reach(item.first_missing, item.first_missing + item.n_missing)
        elif item.name is self._leading and len(item.values):
            self._tally.add(item)
            self._reach(item.start, item.stop)

    def finish(self) -> None:
        """Judge the last epoch; the segment is over."""
        if self._stop > self.judged:
            self._judge(self._next + 1)

    def bad(self, start: int, end: int) -> bool:
        """Return whether the samples ``[start, end)`` touch a bad epoch that was judged and not forgotten."""
        length = self._tally.length
        return bool(self._bad) and any(
            n in self._bad for n in range(start // length, max(end - 1, start) // length + 1)
        )

    def forget_before(self, sample: int) -> None:
        """Drop the epochs that end before a sample; nothing is asked about them any more."""
        self._bad = {number for number in self._bad if (number + 1) * self._tally.length > sample}

    def _reach(self, start: int, stop: int) -> None:
        if not self._begun:
            self._begun, self._next = True, start // self._tally.length
        self._stop = max(stop, self._stop)
        self._judge(self._stop // self._tally.length)

    def _judge(self, until: int) -> None:
        """Judge the epochs before number `until`."""
        for number in range(self._next, until):
            if self._tally.judge(number, self._criteria, self._stop) is EpochClass.BAD:
                self._bad.add(number)
        self._next = max(until, self._next)
        self._tally.forget_before(self._next)


class _Segment:
    """The epochs of a segment: of those that are over only what is asked for later, 13 bytes each."""

    def __init__(self, stream: Stream, clock: Clock) -> None:
        self.clock, self.fs_hz, self.tally = clock, stream.fs_hz, EpochTally(stream)
        self._numbers, self._clean, self._classes = array("q"), array("i"), array("b")

    def add(self, track: Track, criteria: ValidityCriteria) -> None:
        """Count the hops of a track, and judge the epochs that are over by it."""
        self.clock = track.clock
        self.tally.add(track)
        over = self.tally.stop // self.tally.length
        for number, clean, quality in list(self._judged(criteria, over)):
            self._numbers.append(number)
            self._clean.append(clean)
            self._classes.append(quality)
        self.tally.forget_before(over)

    def epochs(self, criteria: ValidityCriteria) -> Iterator[tuple[int, int, EpochClass]]:
        """Yield number, hops in which something could be found, and class of every epoch that has a hop."""
        yield from zip(self._numbers, self._clean, map(EpochClass, self._classes), strict=True)
        yield from self._judged(criteria, self.tally.stop)

    def _judged(self, criteria: ValidityCriteria, before: int) -> Iterator[tuple[int, int, EpochClass]]:
        """Yield the epochs that are still counted, as far as their numbers lie before one."""
        for number in (known for known in self.tally.numbers() if known < before):
            yield number, self.tally.clean(number), self.tally.judge(number, criteria, self.tally.stop)


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
    criteria : ValidityCriteria
        What is bad, and how many hours a grade needs.
    """

    def __init__(self, sensor: str, leg: Leg, quantity: Quantity, criteria: ValidityCriteria) -> None:
        self.sensor = sensor
        self.leg = leg
        self.quantity = quantity
        self._criteria = criteria
        self._segments: dict[int, _Segment] = {}
        self._epochs: ValidEpochs | None = None

    def add(self, track: Track) -> None:
        """Count the hops of a leading track."""
        self._epochs = None
        stream = track.stream
        if stream.segment not in self._segments:
            self._segments[stream.segment] = _Segment(stream, track.clock)
        self._segments[stream.segment].add(track, self._criteria)

    @property
    def fs_hz(self) -> float:
        """Highest sampling rate of its segments, Hz; 0 before any signal."""
        return max((segment.fs_hz for segment in self._segments.values()), default=0.0)

    def epochs(self) -> ValidEpochs:
        """Return the epochs that are not bad."""
        if self._epochs is None:
            rows = [row for segment in self._segments.values() for row in _rows(segment, self._criteria)]
            self._epochs = ValidEpochs.of(rows)
        return self._epochs


def _rows(segment: _Segment, criteria: ValidityCriteria) -> Iterator[tuple[int, int, float, bool]]:
    tally, hop_s, end_ns, after = segment.tally, segment.tally.hop / segment.fs_hz, 0, -1
    for number, clean, quality in segment.epochs(criteria):
        if quality is EpochClass.BAD:
            continue
        onset_ns = end_ns if number == after else segment.clock.at(number * tally.length)
        after = number + 1
        end_ns = segment.clock.at(after * tally.length)
        yield onset_ns, end_ns, clean * hop_s, quality is EpochClass.GOOD


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

    def without(self, events: Collection[Event]) -> NightValidity:
        """Return the valid time outside of the stretches in which a sensor was not worn or an electrode off.

        Parameters
        ----------
        events : collection of Event
            Events of the night; those of other kinds change nothing.

        Returns
        -------
        NightValidity
            The valid epochs of every stream.
        """
        each = {id(valid): valid for valid in (*self.streams.values(), *self.scoring.values())}
        known = {
            key: StreamValidity(valid.sensor, valid.leg, valid.quantity, valid.epochs(), valid.fs_hz).without(events)
            for key, valid in each.items()
        }
        return NightValidity(
            tuple(known[id(valid)] for valid in self.streams.values()),
            {leg: known[id(valid)] for leg, valid in self.scoring.items()},
        )
