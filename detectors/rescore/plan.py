"""Which channels a recording has, when each of them joins the night, and which of them score movements."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

from detectors.channels import channels, is_scored, tibialis_first
from detectors.quality.epoch_tally import EPOCH_S
from detectors.signal import NS_PER_S, Gap, Quantity
from detectors.unscored import why_unscored

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

    from numpy.typing import NDArray

    from detectors.criteria import Criteria
    from detectors.recording import Recording, SampleSource
    from detectors.signal import Clock, Leg, SampleBlock, Stream

# A half minute, less than a crystal that is too fast makes of it.
_NOTHING_SAID_S: Final = 0.9 * EPOCH_S


@dataclass(frozen=True, slots=True)
class _Unread:
    """A source whose samples are not looked at: all of them are zero, and take no memory."""

    source: SampleSource

    @property
    def stream(self) -> Stream:
        return self.source.stream

    @property
    def clock(self) -> Clock:
        return self.source.clock

    @property
    def n_samples(self) -> int:
        return self.source.n_samples

    def read(self, start: int, stop: int) -> NDArray[np.floating]:
        rows = max(min(stop, self.n_samples) - start, 0)
        return np.broadcast_to(np.float32(0), (rows, len(self.stream.axes)))


def items_of(recording: Recording, quantities: Collection[Quantity]) -> Iterator[SampleBlock | Gap]:
    """Yield the items of a recording; only what measures some quantities is read, all else is zero."""
    sources = tuple(one if one.stream.quantity in quantities else _Unread(one) for one in recording.sources)
    return replace(recording, sources=sources).items(None)


class Opening(NamedTuple):
    """A channel that joins the night.

    Parameters
    ----------
    channel : Stream
        One channel of EMG, or an acceleration sensor.
    phase : int
        In which phase; a phase lasts until another stream joins.
    closes : int
        The phase in which a later segment of the same channel takes its place, or the last one.
    scores_movements : bool
        Whether the movements of its leg are found in this channel of EMG.
    """

    channel: Stream
    phase: int
    closes: int
    scores_movements: bool


@dataclass(frozen=True, slots=True)
class Plan:
    """The channels of a recording.

    Parameters
    ----------
    openings : tuple of Opening
        In the order in which they join.
    phases : mapping of Stream to int
        When each stream joins; those that no rule can be applied to are left out.
    last : int
        The last phase.
    unscored : mapping of str to str
        Streams that no rule can be applied to, and why.
    """

    openings: tuple[Opening, ...]
    phases: Mapping[Stream, int]
    last: int
    unscored: Mapping[str, str]


def plan_of(criteria: Criteria, recording: Recording) -> Plan:
    """Return the channels of a recording.

    Parameters
    ----------
    criteria : Criteria
        Whether a stream can be scored may depend on the bands.
    recording : Recording
        The recording.

    Returns
    -------
    Plan
        As :class:`detectors.pipeline.Pipeline` would open them.
    """
    layout = recording.layout
    if layout is None:
        known = [source.stream for source in recording.sources if is_scored(source.stream)]
        heard = [source.stream for source in recording.sources if source.n_samples]
        phases = dict.fromkeys(known, 0)
        opened = [(channel, 0) for channel in sorted((c for one in known for c in channels(one)), key=tibialis_first)]
    else:
        begins_ns, gap_ns = _begins(recording)
        heard = list(begins_ns)
        known = [stream for stream in heard if why_unscored(stream, criteria) is None]
        phases = _phases({stream: begins_ns[stream] for stream in known}, gap_ns)
        opened = [(c, number) for one, number in phases.items() for c in sorted(channels(one), key=tibialis_first)]
    unscored = {stream: why_unscored(stream, criteria) for stream in heard if stream not in phases}
    last = max(phases.values(), default=0)
    return Plan(
        tuple(_openings(opened, last, {} if layout is None else layout.movement_sensors)),
        phases,
        last,
        {f"{stream.sensor}/{stream.quantity}": why for stream, why in unscored.items() if why is not None},
    )


def _begins(recording: Recording) -> tuple[dict[Stream, int], float]:
    """Return when each stream gives its first sample, in the order in which they join, and when the first gap is."""
    begins_ns: dict[Stream, int] = {}
    gap_ns = math.inf
    for item in items_of(recording, ()):
        at_ns = item.clock.at(item.first_missing if isinstance(item, Gap) else item.start)
        begins_ns.setdefault(item.stream, at_ns)
        gap_ns = min(gap_ns, at_ns) if isinstance(item, Gap) else gap_ns
    return begins_ns, gap_ns


def _phases(begins_ns: Mapping[Stream, int], gap_ns: float) -> dict[Stream, int]:
    """Return in which phase each stream joins.

    No event is said before the half minute that it ends in is judged: as long as the first half minute of the first
    stream lasts, and no gap is told, whoever joins might have been there from the beginning.
    """
    until_ns = min(min(begins_ns.values(), default=0) + round(_NOTHING_SAID_S * NS_PER_S), gap_ns)
    phases: dict[Stream, int] = {}
    last, at_once = 0, set[tuple[str, Quantity]]()
    for stream, begin_ns in begins_ns.items():
        name = stream.sensor, stream.quantity
        if last or (phases and (begin_ns >= until_ns or name in at_once)):
            last += 1
        at_once.add(name)
        phases[stream] = last
    return phases


def _openings(opened: list[tuple[Stream, int]], last: int, named: Mapping[Leg, str]) -> Iterator[Opening]:
    scoring: dict[Leg, str] = {}
    for number, (channel, phase) in enumerate(opened):
        name, emg = (channel.sensor, channel.quantity), channel.quantity is Quantity.EMG
        if emg and _claims(channel, named.get(channel.leg)):
            scoring.setdefault(channel.leg, channel.sensor)
        later = (at for other, at in opened[number + 1 :] if (other.sensor, other.quantity) == name)
        scores = emg and scoring.get(channel.leg) == channel.sensor
        yield Opening(channel, phase, next(later, last), scores)


def _claims(channel: Stream, named: str | None) -> bool:
    """Return whether a channel of EMG may score the movements of its leg."""
    return named is None or channel.sensor == named or channel.sensor.startswith(f"{named}.")
