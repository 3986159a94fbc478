"""All channels together: what the combiner says when it hears of a whole phase at once.

What is said does not depend on how a stream was cut; so a night whose streams are all known from its first sample on
is one step.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from detectors.annotations import Annotations, Span
from detectors.chain import gap_events
from detectors.events import EventKind
from detectors.night.combine import NightCombiner
from detectors.night.presence import alive
from detectors.rescore.found import leading
from detectors.signal import Gap, Quantity

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from detectors.criteria import Criteria
    from detectors.events import Event, EventKey, StageSpan
    from detectors.night.combine import NightFacts
    from detectors.rescore.found import Found, Judged, Said
    from detectors.rescore.plan import Opening, Plan
    from detectors.rescore.segments import Segment
    from detectors.signal import Leg


class Signal(NamedTuple):
    """When a segment gave a signal, and when samples were lost.

    Parameters
    ----------
    heard : tuple of tuple of Span
        Stretches of signal in each phase, UTC ns.
    losses : tuple of tuple of Span
        Stretches without samples.
    gaps : tuple of tuple of Event
        Those that are long enough to be told.
    """

    heard: tuple[tuple[Span, ...], ...]
    losses: tuple[tuple[Span, ...], ...]
    gaps: tuple[tuple[Event, ...], ...]


def signal_of(_: Criteria, segment: Segment) -> Signal:
    """Return when a segment gave a signal; no threshold is used."""
    heard = [tuple(span for track in leading(segment, piece) for span in alive(track)) for piece in segment.pieces]
    lost: list[list[tuple[Span, int | None]]] = [
        [(_span(item), item.n_missing) for item in piece.items if isinstance(item, Gap) and item.n_missing is not None]
        for piece in segment.pieces
    ]
    if segment.lost_after is not None:
        lost[-1].append((segment.lost_after, None))
    gaps = [tuple(e for span, n in spans for e in gap_events(segment.channel, span, n)) for spans in lost]
    return Signal(tuple(heard), tuple(tuple(span for span, _ in spans) for spans in lost), tuple(gaps))


def _span(gap: Gap) -> Span:
    return Span(gap.clock.at(gap.first_missing), gap.clock.at(gap.first_missing + (gap.n_missing or 0)))


@dataclass(frozen=True, slots=True)
class Channel:
    """Everything that is known of one segment of one channel.

    Parameters
    ----------
    opening : Opening
        The channel.
    segment : Segment
        Its tracks.
    signal : Signal
        When there was one.
    judged : Judged
        How good it was.
    found : tuple of tuple of Found
        What each detector found in each phase.
    said : tuple of tuple of Said
        What of it is said in each phase.
    """

    opening: Opening
    segment: Segment
    signal: Signal
    judged: Judged
    found: tuple[tuple[Found, ...], ...]
    said: tuple[tuple[Said, ...], ...]

    def place(self, phase: int) -> int | None:
        """Return where a phase lies among those of the segment; None if it has not begun or has ended."""
        at = phase - self.segment.opens
        return at if 0 <= at < len(self.segment.pieces) else None

    def settled_ns(self, phase: int) -> int | None:
        """Return the time before which no later event begins, as it was known at the end of a phase, UTC ns."""
        at = phase - self.segment.opens
        clock = self.segment.pieces[at].clock
        if clock is None:
            return None
        settled_ns = clock.at(min(phases[at].settled for phases in self.found))
        held_ns = [phases[at].earliest_ns for phases in self.said]
        return min([settled_ns, *(one for one in held_ns if one is not None)])

    def movements(self) -> list[Event]:
        """Return its leg movements."""
        said = (event for phases in self.said for one in phases for event in one.events)
        return [event for event in said if event.kind is EventKind.LEG_MOVEMENT]


@dataclass(slots=True)
class Combined:
    """What all channels together are.

    Parameters
    ----------
    facts : NightFacts
        What the numbers of the night are computed from.
    newest : mapping of EventKey to Event
        The newest revision of every event.
    rejected : list of Event
        Candidates that were turned down, by any part.
    """

    facts: NightFacts
    newest: dict[EventKey, Event] = field(default_factory=dict)
    rejected: list[Event] = field(default_factory=list)


def combined(criteria: Criteria, plan: Plan, channels: Sequence[Channel], stages: tuple[StageSpan, ...]) -> Combined:
    """Combine the channels of a night.

    Parameters
    ----------
    criteria : Criteria
        What :class:`detectors.night.combine.NightCombiner` uses.
    plan : Plan
        When channels join.
    channels : sequence of Channel
        What they said, in the order of `plan.openings`.
    stages : tuple of StageSpan
        Sleep stages scored by a person.

    Returns
    -------
    Combined
        The night.
    """
    combiner = NightCombiner(criteria, Annotations(stages=stages), at_once=True)
    said: list[Event] = []
    rejected: list[Event] = []
    scoring: set[Leg] = set()
    for phase in range(plan.last + 1):
        for channel in channels:
            if channel.opening.phase == phase:
                _open(combiner, channel.opening, scoring)
        here = [(channel, at) for channel in channels if (at := channel.place(phase)) is not None]
        events = [event for channel, at in here for event in _heard(combiner, channel, at, scoring)]
        rejected += [event for channel, at in here for one in channel.found for event in one[at].rejected]
        horizon_ns = None if phase == plan.last else _horizon_ns(channels, phase)
        said += combiner.feed(events, horizon_ns)
    said += combiner.finish()
    rejected += combiner.rejected()
    return Combined(combiner.night(), newest_of(said), rejected)


def newest_of(said: Iterable[Event], before: Mapping[EventKey, Event] | None = None) -> dict[EventKey, Event]:
    """Return the newest revision of every event, said now or `before`; of two that are as new the first."""
    newest = {} if before is None else dict(before)
    for event in said:
        key = event.key
        held = newest.get(key)
        if held is None or event.revision > held.revision:
            newest[key] = event
    return newest


def _open(combiner: NightCombiner, opening: Opening, scoring: set[Leg]) -> None:
    channel = opening.channel
    if channel.quantity is Quantity.ACCELERATION:
        combiner.motion_on(channel.leg, channel.sensor)
        return
    combiner.emg_on(channel.leg, channel.sensor, channel.site, channel.fs_hz)
    if opening.scores_movements:
        scoring.add(channel.leg)
        combiner.movements_from_emg(channel.leg)


def _heard(combiner: NightCombiner, channel: Channel, at: int, scoring: set[Leg]) -> list[Event]:
    """Tell the combiner about the signal of a channel in a phase, and return the events that were said in it."""
    stream, signal = channel.segment.channel, channel.signal
    if signal.heard[at]:
        combiner.heard_in(stream.sensor, stream.quantity, signal.heard[at])
    emg = stream.quantity is Quantity.EMG
    if channel.opening.scores_movements if emg else stream.leg not in scoring:
        for lost in signal.losses[at]:
            combiner.lost(stream.leg, *lost)
    if emg:
        combiner.note(channel.judged.epochs[at])
    return [*signal.gaps[at], *(event for phases in channel.said for event in phases[at].events)]


def _horizon_ns(channels: Sequence[Channel], phase: int) -> int | None:
    """Return the time before which no channel will report any more, as it was known at the end of a phase."""
    settled = [one.settled_ns(phase) for one in channels if one.segment.opens <= phase < one.segment.closes]
    known = [t_ns for t_ns in settled if t_ns is not None]
    return min(known) if known and len(known) == len(settled) else None
