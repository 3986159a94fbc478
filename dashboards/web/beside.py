"""What the sensors marked beside what was noted, for the page of one night, ready to print."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from dashboards.web import clocktime
from dashboards.web.classes import title_of
from dashboards.web.diary_cramps import beside
from dashboards.web.diary_words import entry_text
from dashboards.web.night_json import event_id

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dashboards.book import NightView
    from dashboards.diary import DiaryEntry
    from detectors.events import Event

_LEGS = frozenset({"left", "right", "both"})


class MarkedCramp(NamedTuple):
    """A contraction: its name in addresses, and what is read of it."""

    id: str
    text: str


class NotedCramp(NamedTuple):
    """A cramp that was noted: what it is called where it is changed, and what is read of it."""

    key: str
    text: str


class BesideRow(NamedTuple):
    """A contraction, an entry, or both of one cramp."""

    marked: MarkedCramp | None
    noted: NotedCramp | None


class BesideGroup(NamedTuple):
    """Rows of one sort.

    Parameters
    ----------
    name, title : str
        Sort, for style and scripts, and as it is read.
    rows : tuple of BesideRow
        In the order of time.
    """

    name: str
    title: str
    rows: tuple[BesideRow, ...]


def beside_groups(view: NightView, diary: Sequence[DiaryEntry]) -> tuple[BesideGroup, ...]:
    """Return what was found by both, by the sensors only and in the diary only.

    Parameters
    ----------
    view : NightView
        The night.
    diary : sequence of DiaryEntry
        What was written of it.

    Returns
    -------
    tuple of BesideGroup
        All three, empty ones as well; nothing where nothing was noted: then there is nothing to compare.
    """
    offset_s = view.card.utc_offset_s
    both, sensors_only, diary_only = beside(view.events, diary)
    if not both and not diary_only:
        return ()
    return (
        BesideGroup(
            "both",
            "Found by both",
            tuple(BesideRow(_marked(event, offset_s), _noted(entry, offset_s)) for event, entry in both),
        ),
        BesideGroup(
            "sensors-only", "Sensors only", tuple(BesideRow(_marked(event, offset_s), None) for event in sensors_only)
        ),
        BesideGroup(
            "diary-only", "Diary only", tuple(BesideRow(None, _noted(entry, offset_s)) for entry in diary_only)
        ),
    )


def _marked(event: Event, offset_s: int) -> MarkedCramp:
    leg = f", {event.leg} leg{'s' if event.leg == 'both' else ''}" if event.leg in _LEGS else ""
    text = f"{clocktime.clock_text(event.onset_ns, offset_s)} {title_of(event)}{leg}"
    return MarkedCramp(event_id(event), text)


def _noted(entry: DiaryEntry, offset_s: int) -> NotedCramp:
    said = entry_text(entry) if entry.key else "by button"
    return NotedCramp(entry.key, f"{clocktime.clock_text(entry.time_ns, offset_s)}{f', {said}' if said else ''}")
