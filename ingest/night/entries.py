"""What the journal keeps and the wire carries: entries, what becomes one, and how far they got."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from numbers import Integral, Real
from typing import TYPE_CHECKING, Any, NamedTuple

from detectors.events import Event, EventKind, EventQuality, Step, StepRole
from detectors.signal import Leg
from ingest.errors import DecodeError
from ingest.schema import unknown

if TYPE_CHECKING:
    from detectors.events import Epoch
    from ingest.decoders.base import Marker, Status


class TopicKind(StrEnum):
    """What an entry is about; the last level of its MQTT topic."""

    EVENT = "event"
    EPOCH = "epoch"
    HEALTH = "health"
    NIGHT = "night"
    MARKER = "marker"
    DIARY = "diary"


# The measure of an event that is the person's own word: 1 it was one, 0 it was none. No scoring decides it.
CONFIRMED = "confirmed"
# What is sent of a measure that an earlier revision had, and of a word that was taken back: a database keeps the field
# that it has when a new point comes without it. No measure of an event or an epoch is negative.
NO_LONGER = -1.0

# What a scoring run decides as a whole; health, markers and the diary are facts that no scoring takes back.
SCORED = (TopicKind.EVENT, TopicKind.EPOCH, TopicKind.NIGHT)


class Delivery(StrEnum):
    """Who empties the outbox: a database writer's confirmation, the broker's acknowledgement, or nobody."""

    STORE = "store"
    BROKER = "broker"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Entry:
    """One fact of a night, as it is kept and sent.

    Parameters
    ----------
    topic_kind : TopicKind
        What it is about.
    person, night, scoring : str
        Whose it is, which night's, and which scoring found it.
    key : str
        What makes it the same fact when it comes again.
    revision : int
        The highest revision of a key wins everywhere.
    valid : bool
        False takes the fact back (a tombstone).
    body : mapping
        What JSON can hold; numbers with the unit in their key.

    Raises
    ------
    ValueError
        If the revision is negative.
    """

    topic_kind: TopicKind
    person: str
    night: str
    scoring: str
    key: str
    revision: int
    valid: bool
    body: Mapping[str, object]

    def __post_init__(self) -> None:
        if self.revision < 0:
            msg = f"{self.topic_kind}: revision is {self.revision}, expected 0 or more"
            raise ValueError(msg)


class Waiting(NamedTuple):
    """An entry that waits for delivery.

    `position` rises with every change of a row; `attempt` rises each time a late write of an older revision was
    confirmed, so that only a confirmation of something sent after that write counts.
    """

    position: int
    attempt: int
    published: bool
    entry: Entry


class Confirmation(NamedTuple):
    """A writer's word that the database took a revision, or refused it for good (`accepted` is False, with a reason).

    `person` is whose topic the entry came on: what a sender says of itself could name anybody's entries.
    """

    key: str
    person: str
    revision: int
    attempt: int = 0
    accepted: bool = True
    reason: str = ""


class NightCourse(NamedTuple):
    """What is told of a night beside its numbers: local time less UTC, s, and stretches of sleep and wake.

    Each stretch is its onset and end, UTC ns, and ``asleep``, ``awake`` or ``in doubt``.
    """

    utc_offset_s: int
    sleep: Sequence[tuple[int, int, str]]


class Counts(NamedTuple):
    """How many entries there are and how far they got, counted by their newest revision."""

    entries: int
    published: int
    stored: int
    rejected: int


def event_entry(event: Event, person: str, night: str, scoring: str) -> Entry:
    """Return the entry of an event; measures that are not finite were not measured and are left out."""
    body = {
        "kind": str(event.kind),
        "sensor": event.sensor,
        "leg": str(event.leg),
        "onset_ns": int(event.onset_ns),
        "end_ns": int(event.end_ns),
        "duration_s": event.duration_s,
        "quality": str(event.quality),
        "measures": _finite(event.measures),
        "why": _plain([_step_json(step) for step in event.why]),
    }
    key = _key(TopicKind.EVENT, person, night, scoring, event.kind, event.sensor, event.leg, event.onset_ns)
    return Entry(TopicKind.EVENT, person, night, scoring, key, event.revision, valid=True, body=body)


def event_of(entry: Entry) -> Event:
    """Return the event in an entry: the inverse of :func:`event_entry`.

    Raises
    ------
    DecodeError
        If it is not the entry of an event that this version knows.
    """
    body: Mapping[str, Any] = entry.body
    try:
        return Event(
            EventKind(body["kind"]),
            body["sensor"],
            Leg(body["leg"]),
            int(body["onset_ns"]),
            int(body["end_ns"]),
            {key: float(value) for key, value in body["measures"].items()},
            EventQuality(body["quality"]),
            tuple(_step(*stored) for stored in body["why"]),
            entry.revision,
        )
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        msg = f"{entry.topic_kind}: not an event ({error!r})"
        raise DecodeError(msg) from error


def _step_json(step: Step) -> list[str | float | bool]:
    """Return a comparison as JSON keeps it: rule, value, threshold, held, and its role unless it is required."""
    kept: list[str | float | bool] = [step.rule, float(step.value), float(step.threshold), bool(step.held)]
    return kept if step.role is StepRole.REQUIRED else [*kept, str(step.role)]


def _step(rule: str, value: float | None, limit: float | None, held: bool, role: str = StepRole.REQUIRED) -> Step:  # noqa: FBT001 - as stored
    return Step(rule, _measured(value), _measured(limit), held, StepRole(role))


def epoch_entry(epoch: Epoch, person: str, night: str, scoring: str) -> Entry:
    """Return the entry of an epoch."""
    body = {
        "sensor": epoch.sensor,
        "leg": str(epoch.leg),
        "quantity": str(epoch.quantity),
        "start_ns": int(epoch.start_ns),
        "duration_s": epoch.duration_s,
        "measures": _finite(epoch.measures),
    }
    key = _key(TopicKind.EPOCH, person, night, scoring, epoch.sensor, epoch.leg, epoch.quantity, epoch.start_ns)
    return Entry(TopicKind.EPOCH, person, night, scoring, key, 0, valid=True, body=body)


def night_entry(
    summary: Mapping[str, object],
    person: str,
    night: str,
    scoring: str,
    *,
    span_ns: tuple[int, int],
    course: NightCourse | None = None,
) -> Entry:
    """Return the entry of a night's summary.

    Parameters
    ----------
    summary : mapping
        Keys as in the JSON of ``soleus score``; a number that is not finite becomes null.
    person, night, scoring : str
        Whose summary it is.
    span_ns : tuple of int
        Begin and end of the night, UTC ns.
    course : NightCourse, optional
        What is known of its local time, and of sleep and wake.
    """
    numbers = {name: _plain(value) for name, value in summary.items()}
    body: dict[str, object] = {"start_ns": int(span_ns[0]), "end_ns": int(span_ns[1]), "unknown": unknown(numbers)}
    if course is not None:
        body |= {"utc_offset_s": int(course.utc_offset_s), "sleep": [list(stretch) for stretch in course.sleep]}
    body["summary"] = numbers
    # A night that a later scoring lets begin elsewhere is another point in a database: the old one must be taken back.
    key = _key(TopicKind.NIGHT, person, night, scoring, int(span_ns[0]))
    return Entry(TopicKind.NIGHT, person, night, scoring, key, 0, valid=True, body=body)


def health_entry(status: Status, person: str, night: str, *, time_ns: int) -> Entry:
    """Return the entry of a sensor's status at `time_ns` (UTC); no scoring takes it back."""
    body = {
        "sensor": status.sensor,
        "kind": str(status.kind),
        "time_ns": int(time_ns),
        "detail": status.detail,
        "values": _finite(status.values),
    }
    key = _key(TopicKind.HEALTH, person, night, status.sensor, status.kind, status.detail, time_ns)
    return Entry(TopicKind.HEALTH, person, night, "", key, 0, valid=True, body=body)


def marker_entry(marker: Marker, person: str, night: str) -> Entry:
    """Return the entry of a marker."""
    body = {"sensor": marker.sensor, "time_ns": int(marker.t_ns), "label": marker.label}
    key = _key(TopicKind.MARKER, person, night, marker.sensor, marker.t_ns)
    return Entry(TopicKind.MARKER, person, night, "", key, 0, valid=True, body=body)


def _key(kind: TopicKind, *parts: str | int) -> str:
    """Join what makes a fact the same fact; as JSON, so that no name can run into its neighbour."""
    return json.dumps(
        [str(kind), *(part if isinstance(part, int) else str(part) for part in parts)], ensure_ascii=False
    )


def _finite(measures: Mapping[str, float]) -> dict[str, float]:
    return {str(key): float(value) for key, value in measures.items() if math.isfinite(value)}


def _plain(value: object) -> object:
    """Return a value as JSON can hold it; a number that is not finite becomes null."""
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, Integral):
        return int(value)
    if isinstance(value, Real):
        return float(value) if math.isfinite(value) else None
    if isinstance(value, str):
        return str(value)
    if isinstance(value, Sequence):
        return [_plain(item) for item in value]
    msg = f"{value!r} cannot be kept as JSON"
    raise TypeError(msg)


def _measured(value: float | None) -> float:
    return math.nan if value is None else float(value)
