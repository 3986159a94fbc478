"""What the page *Weeks* shows of each night."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dashboards.book import NightCard
    from dashboards.diary import DiaryEntry
    from detectors.events import EventKind
    from detectors.signal import Leg


@dataclass(frozen=True, slots=True)
class EventSpan:
    """An event without its measures: enough to draw it, and to count it.

    Parameters
    ----------
    kind : EventKind
        What it is.
    leg : Leg
        On which leg.
    onset_ns, end_ns : int
        UTC, ns, half open.
    tier : int
        Of a cramp-like event 2 (probable) or 1 (possible); 0 for every other kind.
    confirmed : bool or None
        The person's own word; None where there is none.
    """

    kind: EventKind
    leg: Leg
    onset_ns: int
    end_ns: int
    tier: int = 0
    confirmed: bool | None = None


@dataclass(frozen=True, slots=True)
class NightFigures:
    """One night among many.

    Parameters
    ----------
    card : NightCard
        Name and times.
    summary : mapping of str to object
        As in :class:`dashboards.book.NightView`.
    spans : tuple of EventSpan
        Events that a page shows, by onset: no cramp of tier 0.
    diary : tuple of DiaryEntry
        By time.
    criteria, version : str
        What it was scored with.
    """

    card: NightCard
    summary: Mapping[str, object]
    spans: tuple[EventSpan, ...] = ()
    diary: tuple[DiaryEntry, ...] = ()
    criteria: str = ""
    version: str = ""
