"""The tracks of every channel of a recording, by the phases in which its streams join the night."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import chain
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from detectors.annotations import Span
from detectors.channels import channels, tibialis_first
from detectors.parts import emg_parts, motion_parts
from detectors.rescore.plan import items_of
from detectors.signal import Gap, Quantity
from detectors.track import Track

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from detectors.chain import Features
    from detectors.criteria import Criteria
    from detectors.recording import Recording
    from detectors.rescore.held_arrays import TrackStore
    from detectors.rescore.plan import Plan
    from detectors.signal import Clock, SampleBlock, Stream


class Piece(NamedTuple):
    """What the features of a channel said in one phase.

    Parameters
    ----------
    items : tuple of (Track or Gap)
        In the order in which they said it.
    clock : Clock or None
        In force at the end of the phase; None before the first sample.
    """

    items: tuple[Track | Gap, ...]
    clock: Clock | None


@dataclass(frozen=True, slots=True)
class Segment:
    """One channel from its first sample to its last, or to where its count of samples began anew.

    Parameters
    ----------
    channel : Stream
        The channel.
    opens : int
        The phase in which it joined.
    pieces : tuple of Piece
        One for each phase from there on; the last one ends it.
    lost_after : Span or None
        From its end to the first sample of the segment that follows, UTC ns.
    """

    channel: Stream
    opens: int
    pieces: tuple[Piece, ...]
    lost_after: Span | None

    @property
    def closes(self) -> int:
        """The phase in which it ends."""
        return self.opens + len(self.pieces) - 1

    def items(self) -> Iterable[Track | Gap]:
        """Return what the features said in all phases."""
        return chain.from_iterable(piece.items for piece in self.pieces)


class _Growing:
    """A segment whose samples are being measured."""

    def __init__(self, channel: Stream, opens: int, features: Features) -> None:
        self.channel, self._opens, self._features = channel, opens, features
        self._pieces: list[tuple[list[Track | Gap], Clock | None]] = [([], None)]
        self._clock: Clock | None = None
        self._stop = 0
        self.lost_after: Span | None = None

    @property
    def heard_until_ns(self) -> int | None:
        return None if self._clock is None else self._clock.at(self._stop)

    def feed(self, item: SampleBlock | Gap, phase: int) -> None:
        self._reach(phase)
        self._clock = item.clock
        if not isinstance(item, Gap):
            self._stop = item.stop
        elif item.n_missing is not None:
            self._stop = item.first_missing + item.n_missing
        self._pieces[-1] = (self._pieces[-1][0], item.clock)
        self._pieces[-1][0].extend(self._features.feed(item))

    def ended(self, phase: int, store: TrackStore) -> Segment:
        self._reach(phase)
        self._pieces[-1][0].extend(self._features.finish())
        tracks = _held([item for items, _ in self._pieces for item in items], store)
        pieces, at = [], 0
        for items, clock in self._pieces:
            pieces.append(Piece(tuple(tracks[at : at + len(items)]), clock))
            at += len(items)
        return Segment(self.channel, self._opens, tuple(pieces), self.lost_after)

    def _reach(self, phase: int) -> None:
        while self._opens + len(self._pieces) - 1 < phase:
            self._pieces.append(([], self._clock))


def segments_of(
    criteria: Criteria, recording: Recording, plan: Plan, quantity: Quantity, store: TrackStore
) -> tuple[Segment, ...]:
    """Measure all channels of one quantity.

    Parameters
    ----------
    criteria : Criteria
        What the features read.
    recording : Recording
        The recording; streams of other quantities are not read.
    plan : Plan
        Its channels.
    quantity : Quantity
        EMG or acceleration.
    store : TrackStore
        Where the values of the tracks are held.

    Returns
    -------
    tuple of Segment
        In the order of `plan.openings`.
    """
    features = _features(criteria, quantity)
    openings = [one for one in plan.openings if one.channel.quantity is quantity]
    growing = {one.channel: _Growing(one.channel, one.phase, features(one.channel)) for one in openings}
    current: dict[str, _Growing] = {}
    ended: dict[Stream, Segment] = {}
    split: dict[Stream, tuple[Stream, ...]] = {}
    for item in items_of(recording, (quantity,)):
        if item.stream not in plan.phases:
            continue
        if item.stream not in split:
            split[item.stream] = _joining(item.stream, quantity)
            phase = plan.phases[item.stream]
            for channel in sorted(split[item.stream], key=tibialis_first):
                earlier, current[channel.sensor] = current.get(channel.sensor), growing[channel]
                if earlier is not None:
                    earlier.lost_after = _lost(earlier.heard_until_ns, item)
                    ended[earlier.channel] = earlier.ended(phase, store)
        at = max(plan.phases[stream] for stream in split)
        for axis, channel in enumerate(split[item.stream]):
            if channel not in ended:
                growing[channel].feed(_column(item, channel, axis), at)
    return tuple(
        ended[one.channel] if one.channel in ended else growing[one.channel].ended(plan.last, store) for one in openings
    )


def _features(criteria: Criteria, quantity: Quantity) -> Callable[[Stream], Features]:
    parts = emg_parts(criteria, scores_movements=True) if quantity is Quantity.EMG else motion_parts(criteria)
    return parts.features


def _joining(stream: Stream, quantity: Quantity) -> tuple[Stream, ...]:
    return channels(stream) if stream.quantity is quantity else ()


def _lost(until_ns: int | None, item: SampleBlock | Gap) -> Span | None:
    """Return what is lost between two segments."""
    first_ns = item.clock.at(item.first_missing if isinstance(item, Gap) else item.start)
    return None if until_ns is None or first_ns <= until_ns else Span(until_ns, first_ns)


def _column(item: SampleBlock | Gap, channel: Stream, axis: int) -> SampleBlock | Gap:
    if len(item.stream.axes) == len(channel.axes):
        return item
    if isinstance(item, Gap):
        return replace(item, stream=channel)
    return replace(item, stream=channel, data=item.data[:, axis : axis + 1])


def _held(items: Sequence[Track | Gap], store: TrackStore) -> list[Track | Gap]:
    """Return tracks whose values are parts of one array for each name, as long as the segment."""
    places: dict[str, list[int]] = {}
    for number, item in enumerate(items):
        if isinstance(item, Track):
            places.setdefault(item.name, []).append(number)
    tracks = [[item for n in numbers if isinstance(item := items[n], Track)] for numbers in places.values()]
    values = store.keep([np.concatenate([track.values for track in several]) for several in tracks])
    quality = store.keep([np.concatenate([track.quality for track in several]) for several in tracks])
    held = list(items)
    for numbers, several, of_values, of_quality in zip(places.values(), tracks, values, quality, strict=True):
        at = 0
        for number, track in zip(numbers, several, strict=True):
            part = slice(at, at + len(track.values))
            held[number] = replace(track, values=of_values[part], quality=of_quality[part])
            at = part.stop
    return held
