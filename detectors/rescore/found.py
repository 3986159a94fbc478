"""What one detector finds in a channel, and which of it lies in bad half minutes."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from detectors.epochs import EpochBuilder
from detectors.parts import emg_kinds, emg_parts, motion_parts, unheard
from detectors.plugin import Failures
from detectors.quality.held_events import marked, placed
from detectors.quality.validity import EpochQuality, ValidTime
from detectors.signal import Quantity
from detectors.track import Track, TrackName

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from detectors.chain import Detector, Parts
    from detectors.criteria import Criteria
    from detectors.events import Epoch, Event
    from detectors.plugin import Failed
    from detectors.quality.held_events import Placed
    from detectors.rescore.plan import Opening
    from detectors.rescore.segments import Piece, Segment

LEADING = {Quantity.EMG: TrackName.ENVELOPE_UV, Quantity.ACCELERATION: TrackName.MOVEMENT_G}


class Found(NamedTuple):
    """What a detector finds in one phase.

    Parameters
    ----------
    events : tuple of Placed
        Events, in the order in which they were found.
    rejected : tuple of Event
        Candidates that a rule turned down.
    settled : int
        Sample before which no later event will begin.
    failed : tuple of (str, str)
        If it is a plug-in that has broken the contract: its name, and how.
    """

    events: tuple[Placed, ...]
    rejected: tuple[Event, ...]
    settled: int
    failed: tuple[tuple[str, str], ...] = ()


def parts_of(criteria: Criteria, opening: Opening, failed: Failed = unheard) -> Parts:
    """Return the features and detectors of a channel."""
    if opening.channel.quantity is Quantity.ACCELERATION:
        return motion_parts(criteria, failed=failed)
    return emg_parts(criteria, scores_movements=opening.scores_movements, failed=failed)


def is_emg(opening: Opening, number: int, kind: Callable[..., Detector]) -> bool:
    """Return whether a detector of a channel is one of ours in EMG."""
    if opening.channel.quantity is not Quantity.EMG:
        return False
    return emg_kinds(scores_movements=opening.scores_movements)[number : number + 1] == (kind,)


def found_in(criteria: Criteria, segment: Segment, opening: Opening, number: int) -> tuple[Found, ...]:
    """Run one detector of a channel over its tracks.

    Parameters
    ----------
    criteria : Criteria
        What the detector reads.
    segment : Segment
        The tracks.
    opening : Opening
        The channel.
    number : int
        Which of its detectors.

    Returns
    -------
    tuple of Found
        One for each phase of the segment.
    """
    failures = Failures()
    detector = parts_of(criteria, opening, failures.note).detectors[number](segment.channel)
    phases: list[Found] = []
    for at, piece in enumerate(segment.pieces):
        events: list[Placed] = []
        rejected: list[Event] = []
        for item in piece.items:
            if fed := detector.feed(item):
                events += placed(fed, item.clock)
            rejected += detector.rejected()
        if at == len(segment.pieces) - 1:
            last = detector.finish()
            events += [] if piece.clock is None else placed(last, piece.clock)
            rejected += detector.rejected()
        phases.append(Found(tuple(events), tuple(rejected), detector.settled, tuple(failures.told.items())))
    return tuple(phases)


class Judged(NamedTuple):
    """Which half minutes of a segment are bad, and what summarises them.

    Parameters
    ----------
    quality : EpochQuality
        All of them, judged.
    until : tuple of int
        Sample before which every half minute was judged at the end of each phase.
    epochs : tuple of tuple of Epoch
        The half minutes that were complete in each phase.
    """

    quality: EpochQuality
    until: tuple[int, ...]
    epochs: tuple[tuple[Epoch, ...], ...]


def judged(criteria: Criteria, segment: Segment) -> Judged:
    """Judge the half minutes of a segment; ``validity`` is used."""
    quality = EpochQuality(segment.channel, criteria.validity)
    builder = EpochBuilder(segment.channel, criteria.validity)
    until: list[int] = []
    epochs: list[tuple[Epoch, ...]] = []
    for piece in segment.pieces:
        complete: list[Epoch] = []
        for item in piece.items:
            quality.feed(item)
            if isinstance(item, Track):
                complete += builder.feed(item)
        until.append(quality.judged)
        epochs.append(tuple(complete))
    quality.finish()
    epochs[-1] += tuple(builder.finish())
    return Judged(quality, tuple(until), tuple(epochs))


class Said(NamedTuple):
    """What the chain of a channel says in one phase.

    Parameters
    ----------
    events : tuple of Event
        Those whose half minutes are judged, of low quality where one of them is bad.
    earliest_ns : int or None
        Onset of the first that is held back at the end of the phase, UTC ns.
    """

    events: tuple[Event, ...]
    earliest_ns: int | None


def said_of(_: Criteria, phases: tuple[Found, ...], known: Judged) -> tuple[Said, ...]:
    """Return the events of one detector in the phases in which it is known how good the signal under them was."""
    said: list[Said] = []
    held: list[Placed] = []
    for found, until in zip(phases, (*known.until[:-1], None), strict=True):
        held += found.events
        ready = [one for one in held if until is None or one.stop <= until]
        held = [] if until is None else [one for one in held if one.stop > until]
        earliest_ns = min((one.event.onset_ns for one in held), default=None)
        said.append(Said(tuple(marked(one, known.quality) for one in ready), earliest_ns))
    return tuple(said)


def valid_time(criteria: Criteria, *segments: Segment) -> ValidTime:
    """Return when a channel gave a signal that can be scored, over all of its segments; ``validity`` is used."""
    first = segments[0].channel
    valid = ValidTime(first.sensor, first.leg, first.quantity, criteria.validity)
    for segment in segments:
        for piece in segment.pieces:
            for track in leading(segment, piece):
                valid.add(track)
    return valid


def leading(segment: Segment, piece: Piece) -> Sequence[Track]:
    """Return the tracks of a phase that have a value for every hop."""
    name = LEADING[segment.channel.quantity]
    return [item for item in piece.items if isinstance(item, Track) and item.name is name]
