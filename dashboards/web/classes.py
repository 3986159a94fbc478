"""The classes that the page shows events in: few, each with a name, a lane and a colour."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple

from detectors.events import PLUGIN, EventKind

if TYPE_CHECKING:
    from detectors.events import Event

CONFIRMED = "confirmed"
"""The measure that is the person's own word: 1 it was one, 0 it was none."""
TIER_PROBABLE = 2
TIER_POSSIBLE = 1


class EventClass(StrEnum):
    """What the legend calls an event; the value is also its CSS name."""

    CRAMP_PROBABLE = "cramp-probable"
    CRAMP_POSSIBLE = "cramp-possible"
    SERIES = "series"
    PERIODIC = "periodic"
    MOVEMENT = "movement"
    SUSTAINED = "sustained"
    TWITCH = "twitch"
    POSITION = "position"
    PLUGIN = "plug-in"
    NO_SIGNAL = "no-signal"
    MARKER = "marker"


class ClassText(NamedTuple):
    """How a class is written: in the legend, as a heading of the list, and beside its lane."""

    legend: str
    heading: str
    lane: str


TEXTS = {
    EventClass.CRAMP_PROBABLE: ClassText("Cramp-like, probable", "Cramp-like contractions, probable", "Cramp-like"),
    EventClass.CRAMP_POSSIBLE: ClassText("Cramp-like, possible", "Cramp-like contractions, possible", "Cramp-like"),
    EventClass.SERIES: ClassText("Periodic series", "Series of periodic leg movements", "Periodic"),
    EventClass.PERIODIC: ClassText("Periodic movement", "Periodic leg movements", "Periodic"),
    EventClass.MOVEMENT: ClassText("Other leg movement", "Other leg movements", "Movement"),
    EventClass.SUSTAINED: ClassText("Unsure", "Unsure: please confirm", "Unsure"),
    EventClass.TWITCH: ClassText("Twitch or rhythm", "Twitch-like and rhythmic activity", "Twitch"),
    EventClass.POSITION: ClassText("Shift, restless, up", "Shifts, restlessness and getting up", "Position"),
    EventClass.PLUGIN: ClassText("From a plug-in", "Found by a detector of somebody else's", "Plug-in"),
    EventClass.NO_SIGNAL: ClassText("No valid signal", "Without valid signal", "No signal"),
    EventClass.MARKER: ClassText("Marker", "Markers set by the wearer", "Marker"),
}

KIND_TEXTS = {
    EventKind.LEG_MOVEMENT: "Leg movement",
    EventKind.PERIODIC_SERIES: "Series of periodic leg movements",
    EventKind.CRAMP: "Cramp-like contraction",
    EventKind.TONIC: "Low-level sustained muscle activity",
    EventKind.TWITCH: "Twitch-like activity",
    EventKind.BRIEF_JERK: "Brief leg jerk",
    EventKind.RHYTHMIC_TRAIN: "Rhythmic burst train",
    EventKind.CLONUS: "Clonus-like burst train",
    EventKind.SHIFT: "Leg shift",
    EventKind.RESTLESSNESS: "Restlessness",
    EventKind.UPRIGHT: "Leg vertical",
    EventKind.BED_EXIT: "Out of bed",
    EventKind.AWAKENING: "Awake-like activity",
    EventKind.POSSIBLE_EPISODE: "Possible cramp-like episode",
    EventKind.NOT_WORN: "Sensor not worn",
    EventKind.ELECTRODE_OFF: "Electrode off",
    EventKind.SIGNAL_GAP: "Signal missing",
    EventKind.MARKER: "Marker",
}

_CLASS_OF_KIND = {
    EventKind.PERIODIC_SERIES: EventClass.SERIES,
    EventKind.TONIC: EventClass.SUSTAINED,
    EventKind.POSSIBLE_EPISODE: EventClass.SUSTAINED,
    EventKind.TWITCH: EventClass.TWITCH,
    EventKind.BRIEF_JERK: EventClass.TWITCH,
    EventKind.RHYTHMIC_TRAIN: EventClass.TWITCH,
    EventKind.CLONUS: EventClass.TWITCH,
    EventKind.SHIFT: EventClass.POSITION,
    EventKind.RESTLESSNESS: EventClass.POSITION,
    EventKind.UPRIGHT: EventClass.POSITION,
    EventKind.BED_EXIT: EventClass.POSITION,
    EventKind.AWAKENING: EventClass.POSITION,
    EventKind.NOT_WORN: EventClass.NO_SIGNAL,
    EventKind.ELECTRODE_OFF: EventClass.NO_SIGNAL,
    EventKind.SIGNAL_GAP: EventClass.NO_SIGNAL,
    EventKind.MARKER: EventClass.MARKER,
}


def class_of(event: Event) -> EventClass | None:
    """Return the class that an event is shown in.

    Parameters
    ----------
    event : Event
        Any event.

    Returns
    -------
    EventClass or None
        None for what is stored and not shown: cramp-like candidates of the lowest tier, and weak sustained activity
        that nothing followed.
    """
    if event.kind is EventKind.CRAMP:
        tier = event.measures.get("tier", TIER_POSSIBLE)
        if tier >= TIER_PROBABLE:
            return EventClass.CRAMP_PROBABLE
        return EventClass.CRAMP_POSSIBLE if tier >= TIER_POSSIBLE else None
    if event.kind is EventKind.TONIC and event.measures.get("low") and not event.measures.get("followed"):
        return None
    if event.kind is EventKind.LEG_MOVEMENT:
        return EventClass.PERIODIC if event.measures.get("plm_wasm", 0) else EventClass.MOVEMENT
    return EventClass.PLUGIN if event.kind.is_plugin else _CLASS_OF_KIND[event.kind]


def kind_text(kind: EventKind) -> str:
    """Return what to call a kind of event.

    Parameters
    ----------
    kind : EventKind
        One of ours, or of a plug-in.

    Examples
    --------
    >>> kind_text(EventKind.CRAMP), kind_text(EventKind("plugin_lab_spasm"))
    ('Cramp-like contraction', 'Lab spasm (plug-in)')
    """
    if kind.is_plugin:
        return f"{kind.removeprefix(PLUGIN).replace('_', ' ').capitalize()} (plug-in)"
    return KIND_TEXTS[kind]


def word_of(event: Event) -> bool | None:
    """Return the person's own word on an event: it was one, it was none, or nothing was said (None)."""
    word = event.measures.get(CONFIRMED)
    return None if word is None else bool(word)


def title_of(event: Event) -> str:
    """Return what to call an event in a sentence or a list."""
    name = kind_text(event.kind)
    match class_of(event):
        case EventClass.CRAMP_PROBABLE:
            return f"{name}, probable"
        case EventClass.CRAMP_POSSIBLE:
            return f"{name}, possible"
        case EventClass.PERIODIC:
            return "Periodic leg movement"
        case _:
            return name
