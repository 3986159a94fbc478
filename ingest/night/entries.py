"""What the journal keeps and the wire carries: entries, and how far they got."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping


class TopicKind(StrEnum):
    """What an entry is about; the last level of its MQTT topic."""

    EVENT = "event"
    EPOCH = "epoch"
    HEALTH = "health"
    NIGHT = "night"
    MARKER = "marker"
    DIARY = "diary"


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
    """A writer's word that the database took a revision, or refused it for good (`accepted` is False)."""

    key: str
    revision: int
    attempt: int = 0
    accepted: bool = True


class Counts(NamedTuple):
    """How many entries there are and how far they got, counted by their newest revision."""

    entries: int
    published: int
    stored: int
    rejected: int
