"""Events, epochs and their keys: what the detectors say about a night."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from itertools import groupby
from operator import attrgetter
from typing import TYPE_CHECKING, Final, NamedTuple, cast

from detectors.signal import NS_PER_S, Leg, Quantity

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence


PLUGIN: Final = "plugin_"
# A tag of every point and a word on pages: long enough for a name, short enough for a line.
MOST_PLUGIN_NAME: Final = 40


class EventKind(StrEnum):
    """The classes of events (science.md 0.4); names are part of the public JSON.

    What a plug-in finds is ``plugin_`` and its name; such a kind is made when it is first read.

    Examples
    --------
    >>> EventKind("plugin_lab_spasm") is EventKind("plugin_lab_spasm"), EventKind("cramp") is EventKind.CRAMP
    (True, True)
    """

    LEG_MOVEMENT = "leg_movement"
    PERIODIC_SERIES = "periodic_series"
    CRAMP = "cramp"
    TONIC = "tonic"
    TWITCH = "twitch"
    BRIEF_JERK = "brief_jerk"
    RHYTHMIC_TRAIN = "rhythmic_train"
    CLONUS = "clonus"
    SHIFT = "shift"
    RESTLESSNESS = "restlessness"
    UPRIGHT = "upright"
    BED_EXIT = "bed_exit"
    AWAKENING = "awakening"
    POSSIBLE_EPISODE = "possible_episode"
    NOT_WORN = "not_worn"
    ELECTRODE_OFF = "electrode_off"
    SIGNAL_GAP = "signal_gap"
    MARKER = "marker"

    @property
    def is_plugin(self) -> bool:
        """Whether a third party's detector found it: ``plugin_`` and the name of the detector."""
        return self.startswith(PLUGIN)

    @classmethod
    def _missing_(cls, value: object) -> EventKind | None:
        """Return the kind of what a plug-in finds: whoever reads a kind takes it like one of ours."""
        if not (isinstance(value, str) and value.startswith(PLUGIN) and is_plugin_name(value.removeprefix(PLUGIN))):
            return None
        kind = str.__new__(cls, value)
        kind._name_, kind._value_ = value.upper(), value
        # The enumeration's own memory, so that the same kind is the same object; listing the kinds does not show it.
        return cast("EventKind", cls._value2member_map_.setdefault(value, kind))


def is_plugin_name(name: str) -> bool:
    """Return whether a plug-in may be called so: lower case letters, digits and ``_``, a letter first.

    Parameters
    ----------
    name : str
        Without ``plugin_``.

    Examples
    --------
    >>> is_plugin_name("lab_spasm"), is_plugin_name("Lab spasm"), EventKind("plugin_lab_spasm").is_plugin
    (True, False, True)
    """
    plain = name.isascii() and name.isidentifier() and name == name.lower() and not name.startswith("_")
    return plain and len(name) <= MOST_PLUGIN_NAME


class EventQuality(StrEnum):
    """Whether the signal under an event can be trusted."""

    GOOD = "good"
    LOW = "low"


class StepRole(StrEnum):
    """What a comparison means for the decision."""

    REQUIRED = "required"
    """It must hold."""

    ALTERNATIVE = "alternative"
    """Of those that follow each other, one must hold, or as many as the count after them asks for."""

    INFORMATION = "information"
    """It describes the event and decides nothing about whether it is one."""


class Step(NamedTuple):
    """One comparison that led to an event: `value` against `threshold`, whether it held, what it decides."""

    rule: str
    value: float
    threshold: float
    held: bool
    role: StepRole = StepRole.REQUIRED


# How many of the alternatives before it held, against how many are asked for.
COUNTS: Final = frozenset({"min_signs", "min_terms"})


class EventKey(NamedTuple):
    """What makes an event the same event; person, night and scoring are added where it is kept."""

    kind: EventKind
    sensor: str
    leg: Leg
    onset_ns: int


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened, half open in time.

    Parameters
    ----------
    kind : EventKind
        Class of the event.
    sensor : str
        Sensor (and channel, where a sensor has several) that it was found on.
    leg : Leg
        Leg that it belongs to.
    onset_ns, end_ns : int
        UTC, ns; ``[onset, end)``.
    measures : mapping of str to float
        Numbers about the event, the unit in the key (``peak_uv``).
    quality : EventQuality
        Whether the signal under it can be trusted.
    why : tuple of Step
        The comparisons that led to it.
    revision : int
        0 when its own span is decided; one more each time a later fact changes a measure. The
        highest revision of a key wins everywhere.

    Raises
    ------
    ValueError
        If the end lies before the onset.
    """

    kind: EventKind
    sensor: str
    leg: Leg
    onset_ns: int
    end_ns: int
    measures: Mapping[str, float]
    quality: EventQuality = EventQuality.GOOD
    why: tuple[Step, ...] = ()
    revision: int = 0

    def __post_init__(self) -> None:
        if self.end_ns < self.onset_ns:
            msg = f"{self.sensor}: {self.kind} ends {self.onset_ns - self.end_ns} ns before its onset"
            raise ValueError(msg)

    def again(self, measures: Mapping[str, float], why: tuple[Step, ...], revision: int | None = None) -> Event:
        """Return the event with other measures and comparisons, and, where it is given, another revision.

        What ``dataclasses.replace`` would make takes twice as long, and a movement is told several times.
        """
        revision = self.revision if revision is None else revision
        span = (self.onset_ns, self.end_ns)
        return Event(self.kind, self.sensor, self.leg, *span, measures, self.quality, why, revision)

    @property
    def key(self) -> EventKey:
        """What makes it the same event."""
        return EventKey(self.kind, self.sensor, self.leg, self.onset_ns)

    @property
    def duration_s(self) -> float:
        """Length, s."""
        return (self.end_ns - self.onset_ns) / NS_PER_S


def holds(why: Iterable[Step]) -> bool:
    """Return whether the comparisons make an event: all that are required, and one of each row of alternatives.

    Parameters
    ----------
    why : iterable of Step
        In the order of the rules.

    Returns
    -------
    bool
        What only describes the event is left aside.

    Examples
    --------
    >>> either = [Step("crossings", 1, 2, held, StepRole.ALTERNATIVE) for held in (False, True)]
    >>> holds(either), holds(either[:1]), holds([*either, Step("min_s", 0.1, 0.5, held=False)])
    (True, False, False)
    """
    steps = tuple(why)
    alternatives = all(sum(step.held for step in row) >= needed for row, needed in alternative_rows(steps))
    return alternatives and all(step.held for step in steps if step.role is StepRole.REQUIRED)


def alternative_rows(why: Sequence[Step]) -> list[tuple[list[Step], int]]:
    """Return each row of alternatives and how many of them must hold; 0 where a count after them decides instead.

    Parameters
    ----------
    why : sequence of Step
        In the order of the rules.

    Returns
    -------
    list of (list of Step, int)
        By the order of the rules.
    """
    rows = [list(steps) for _, steps in groupby(why, key=attrgetter("role"))]
    return [
        (row, 0 if after and after[0].rule in COUNTS else 1)
        for row, after in zip(rows, [*rows[1:], []], strict=False)
        if row[0].role is StepRole.ALTERNATIVE
    ]


def in_order(event: Event) -> tuple[int, str, str, str]:
    """Return the key that puts events in order: by onset, then kind, leg and sensor."""
    return event.onset_ns, event.kind, event.leg, event.sensor


@dataclass(frozen=True, slots=True)
class Epoch:
    """Thirty seconds of one sensor in a few numbers.

    Parameters
    ----------
    sensor : str
        Sensor (and channel, where a sensor has several).
    leg : Leg
        Leg.
    quantity : Quantity
        What it summarises: the EMG or the acceleration of the sensor.
    start_ns : int
        UTC, ns; epochs lie on multiples of `duration_s` from the sensor's first sample.
    duration_s : float
        Length, s.
    measures : mapping of str to float
        Numbers, the unit in the key; a quantity that could not be measured is left out.
    """

    sensor: str
    leg: Leg
    quantity: Quantity
    start_ns: int
    duration_s: float
    measures: Mapping[str, float]


class Stage(StrEnum):
    """Sleep stages as scored by a person (AASM names)."""

    WAKE = "W"
    N1 = "N1"
    N2 = "N2"
    N3 = "N3"
    REM = "R"


class StageSpan(NamedTuple):
    """A stretch of one stage, ``[onset, end)``, UTC ns."""

    onset_ns: int
    end_ns: int
    stage: Stage
