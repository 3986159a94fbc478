"""Cramps that a person noted beside contractions that the sensors marked: matched, never merged."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from detectors.diary_match import match_cramps
from detectors.events import EventKind
from detectors.signal import NS_PER_S

if TYPE_CHECKING:
    from collections.abc import Iterable

    from dashboards.diary import DiaryEntry
    from dashboards.weeks import EventSpan
    from detectors.events import Event

CRAMP = "cramp"
MARKER = "marker"
SAME_S = 600.0
"""A press at night and an entry of the morning that lie no further apart are of one cramp."""
_S_PER_MIN = 60


class Counts(NamedTuple):
    """How many cramps were marked and noted, marked alone, and noted alone."""

    both: int
    sensors_only: int
    diary_only: int


class Beside(NamedTuple):
    """Contractions and entries of one night.

    Parameters
    ----------
    both : tuple of pair of Event and DiaryEntry
        Marked by the sensors and noted, in the order of time.
    sensors_only : tuple of Event
        Marked by the sensors alone.
    diary_only : tuple of DiaryEntry
        Noted alone.
    """

    both: tuple[tuple[Event, DiaryEntry], ...]
    sensors_only: tuple[Event, ...]
    diary_only: tuple[DiaryEntry, ...]

    @property
    def counts(self) -> Counts:
        """How many there are of each."""
        return Counts(len(self.both), len(self.sensors_only), len(self.diary_only))


def noted_cramps(diary: Iterable[DiaryEntry]) -> tuple[DiaryEntry, ...]:
    """Return the cramps that a person noted, by button or in the diary.

    Parameters
    ----------
    diary : iterable of DiaryEntry
        What was written, and what buttons said.

    Returns
    -------
    tuple of DiaryEntry
        By time. A press is left out where an entry of the same cramp says more; an entry stands for one press.
    """
    entries = list(diary)
    written = [entry for entry in entries if entry.kind == CRAMP]
    presses = [entry for entry in entries if entry.kind == MARKER and entry.text.strip().casefold() == CRAMP]
    told = {
        j
        for _, j in match_cramps(
            [_span_ns(entry) for entry in written], [_span_ns(press) for press in presses], tolerance_s=SAME_S
        ).both
    }
    alone = [press for j, press in enumerate(presses) if j not in told]
    return tuple(sorted([*written, *alone], key=lambda entry: entry.time_ns))


def beside(events: Iterable[Event], diary: Iterable[DiaryEntry]) -> Beside:
    """Return the contractions of a night beside what was noted of it; what the person denied is left out."""
    marked = [
        event
        for event in events
        if event.kind is EventKind.CRAMP and event.measures.get("tier") and event.measures.get("confirmed") != 0
    ]
    noted = noted_cramps(diary)
    found = match_cramps([(event.onset_ns, event.end_ns) for event in marked], list(map(_span_ns, noted)))
    return Beside(
        tuple((marked[i], noted[j]) for i, j in found.both),
        tuple(marked[i] for i in found.sensor_only),
        tuple(noted[j] for j in found.diary_only),
    )


def beside_counts(spans: Iterable[EventSpan], diary: Iterable[DiaryEntry]) -> Counts:
    """Return how many contractions of one of many nights were noted, and how many cramps were noted alone."""
    marked = [(span.onset_ns, span.end_ns) for span in spans if span.tier and span.confirmed is not False]
    found = match_cramps(marked, list(map(_span_ns, noted_cramps(diary))))
    return Counts(len(found.both), len(found.sensor_only), len(found.diary_only))


def _span_ns(entry: DiaryEntry) -> tuple[int, int]:
    """Return from when to when it was, as far as somebody said; UTC ns."""
    lasted_ns = round(entry.values.get("minutes", 0.0) * _S_PER_MIN * NS_PER_S)
    return entry.time_ns, entry.time_ns + lasted_ns
