"""The list of a night's events and of its notes, ready to print."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, NamedTuple

from dashboards.web import clocktime, wording
from dashboards.web.classes import TEXTS, EventClass, class_of, title_of
from dashboards.web.diary_words import entry_text
from dashboards.web.diary_words import title_of as kind_title
from dashboards.web.filters import Word, word_name
from dashboards.web.night_json import event_id
from detectors.events import EventKind
from detectors.signal import NS_PER_S, Leg

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dashboards.book import NightView
    from dashboards.diary import DiaryEntry
    from dashboards.web.filters import Filters
    from detectors.events import Event

_LEGS = {Leg.BOTH: "both legs", Leg.UNKNOWN: "leg not known"}
WORD_TEXTS = {Word.CONFIRMED: "confirmed by you", Word.DENIED: "denied by you", Word.UNJUDGED: ""}
MARKER = "marker"
_LEFT_OUT = "; cramp-like ones that you denied are not counted, other numbers stay as measured"
_COUNTED = "; the numbers stay as measured"
NEAR_S = 300.0
"""A note is shown with an event that it is not further away from than this."""


class Row(NamedTuple):
    """One event of the list; `shown` is False where a filter leaves it out."""

    id: str
    class_name: str
    title: str
    leg: str
    clock: str
    duration: str
    peak: str
    quality: str
    word: str
    said: str
    shown: bool = True


class Group(NamedTuple):
    """The events of one class."""

    name: str
    heading: str
    rows: tuple[Row, ...]

    @property
    def n_shown(self) -> int:
        """How many of them the filters leave."""
        return sum(row.shown for row in self.rows)


class Chip(NamedTuple):
    """A class that the night has events of, for the legend."""

    name: str
    legend: str
    shown: bool


class NoteRow(NamedTuple):
    """An entry of the diary; `key` is what it is called where it is changed."""

    clock: str
    kind: str
    text: str
    key: str = ""


def row_of(view: NightView, event: Event, *, shown: bool = True) -> Row:
    """Return one event, ready to print."""
    word = word_name(event)
    peaks = (wording.quantity_text(key, event.measures[key]) for key in ("peak_uv", "peak_g") if key in event.measures)
    return Row(
        event_id(event),
        class_of(event) or EventClass.MOVEMENT,
        title_of(event),
        _LEGS.get(event.leg, f"{event.leg} leg"),
        clocktime.clock_text(event.onset_ns, view.card.utc_offset_s, seconds=True),
        clocktime.duration_text(event.duration_s) if event.duration_s else "",
        next(peaks, ""),
        event.quality,
        word,
        WORD_TEXTS[word],
        shown,
    )


def event_groups(view: NightView, filters: Filters) -> list[Group]:
    """Return the list of events by class, in the order of the legend; classes without events are left out."""
    rows: dict[EventClass, list[Row]] = {}
    for event in view.events:
        name = class_of(event)
        if name is not None:
            rows.setdefault(name, []).append(row_of(view, event, shown=filters.shows(event)))
    return [Group(name, text.heading, tuple(rows[name])) for name, text in TEXTS.items() if name in rows]


def chips(view: NightView, filters: Filters) -> list[Chip]:
    """Return the classes that the night has events of."""
    present = {class_of(event) for event in view.events}
    classes = filters.classes
    return [
        Chip(name, text.legend, classes is None or name in classes) for name, text in TEXTS.items() if name in present
    ]


def own_words(view: NightView) -> str:
    """Return what the person said of the events in a sentence; empty where nothing was said."""
    said = Counter(word_name(event) for event in view.events if class_of(event) is not None)
    parts = [
        f"{name} {said[word]}" for word, name in ((Word.CONFIRMED, "confirmed"), (Word.DENIED, "denied")) if said[word]
    ]
    if not parts:
        return ""
    of_cramps = any(event.kind is EventKind.CRAMP and word_name(event) is Word.DENIED for event in view.events)
    return (
        f"Of the events you {' and '.join(parts)}{_LEFT_OUT if of_cramps else _COUNTED if said[Word.DENIED] else ''}."
    )


def note_rows(view: NightView, diary: Sequence[DiaryEntry]) -> list[NoteRow]:
    """Return the diary of a night in words; markers are among its events."""
    offset_s = view.card.utc_offset_s
    return [
        NoteRow(clocktime.clock_text(entry.time_ns, offset_s), kind_title(entry.kind), entry_text(entry), entry.key)
        for entry in diary
        if entry.kind != MARKER
    ]


def is_near(entry: DiaryEntry, event: Event) -> bool:
    """Return whether an entry of the diary may be about an event."""
    apart_ns = max(event.onset_ns - entry.time_ns, entry.time_ns - event.end_ns, 0)
    return apart_ns <= NEAR_S * NS_PER_S
