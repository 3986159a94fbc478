"""What a night can keep of the events of a plug-in, and what a plug-in may see of a night."""

from __future__ import annotations

import math
from operator import index
from typing import TYPE_CHECKING, Final

from detectors.events import Event, EventQuality, Step, StepRole, is_plugin_name
from detectors.track import Track

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from detectors.annotations import Span
    from detectors.events import EventKind
    from detectors.signal import Gap, Stream

# What a row of the journal or a point of the database says itself, and the person's own word.
_RESERVED: Final = frozenset(
    (
        "site",
        "person",
        "scoring",
        "kind",
        "sensor",
        "leg",
        "time",
        "quality",
        "revision",
        "valid",
        "end_ms",
        "confirmed",
    )
)


def read_only(item: Track | Gap) -> Track | Gap:
    """Return a track whose values cannot be changed: the detectors beside a plug-in read the same ones."""
    if not isinstance(item, Track):
        return item
    values, quality = item.values.view(), item.quality.view()
    values.flags.writeable = quality.flags.writeable = False
    return Track(item.stream, item.clock, item.name, item.start, item.hop, values, quality)


def checked(events: Iterable[Event], kind: EventKind, stream: Stream, within: Span) -> list[Event]:
    """Return events of a plug-in in our own types.

    Parameters
    ----------
    events : iterable of Event
        What it said.
    kind : EventKind
        The kind that its events have.
    stream : Stream
        What it reads.
    within : Span
        Where they may lie, UTC ns.

    Returns
    -------
    list of Event
        With numbers that can be kept and sent, and measures that nobody else holds.

    Raises
    ------
    ValueError, TypeError
        If the night could not keep one of them.
    """
    return [_checked(event, kind, stream, within) for event in events]


def _checked(event: Event, kind: EventKind, stream: Stream, within: Span) -> Event:
    if event.kind is not kind or (event.sensor, event.leg) != (stream.sensor, stream.leg):
        got = f"{event.kind} of {event.sensor} ({event.leg})"
        msg = f"an event is {got}, expected {kind} of {stream.sensor} ({stream.leg})"
        raise ValueError(msg)
    onset_ns, end_ns = index(event.onset_ns), index(event.end_ns)
    if onset_ns < within.onset_ns:
        msg = f"an event begins {(within.onset_ns - onset_ns) / 1e9:.3f} s before what was settled"
        raise ValueError(msg)
    if end_ns > within.end_ns:
        msg = f"an event ends {(end_ns - within.end_ns) / 1e9:.3f} s after what was heard"
        raise ValueError(msg)
    measures, why = _measures(event.measures), tuple(_step(*step) for step in event.why)
    quality, revision = EventQuality(event.quality), index(event.revision)
    return Event(kind, stream.sensor, stream.leg, onset_ns, end_ns, measures, quality, why, revision)


def _measures(measures: Mapping[str, float]) -> dict[str, float]:
    for measure, value in measures.items():
        if measure in _RESERVED or not (is_plugin_name(measure) and math.isfinite(value)):
            msg = f"a measure is {measure!r} = {value}, expected a name like peak_uv and a finite number"
            raise ValueError(msg)
    return {measure: float(value) for measure, value in measures.items()}


def _step(rule: str, value: float, threshold: float, held: object, role: StepRole = StepRole.REQUIRED) -> Step:
    if not (isinstance(rule, str) and math.isfinite(value) and math.isfinite(threshold)):
        msg = f"a step is {rule!r}: {value} against {threshold}, expected a name and finite numbers"
        raise ValueError(msg)
    return Step(rule, float(value), float(threshold), bool(held), StepRole(role))
