"""Detectors of others: what one offers, and how it is kept from harming a night.

A plug-in is a class like our own detectors with three things said on it: its name, what it reads, and its numbers.
It is part of the criteria, so that whatever scores with them (live, a file, a search for thresholds, a cohort) has it.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, is_dataclass
from typing import TYPE_CHECKING, Any, Final, Protocol

from detectors.events import MOST_PLUGIN_NAME, PLUGIN, Event, EventKind, is_plugin_name
from detectors.signal import Quantity
from detectors.track import Track

if TYPE_CHECKING:
    from collections.abc import Callable

    from detectors.chain import Detector
    from detectors.signal import Gap, Stream

    Failed = Callable[[str, str], object]

READABLE: Final = (Quantity.EMG, Quantity.ACCELERATION)
# Everything waits for what could still begin: nothing that a muscle does needs longer to be decided.
MOST_BEHIND_S: Final = 1800.0
# After the last sample of any night.
_NEVER: Final = 2**62
_MOST_SAID: Final = 200
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


class PluginClass(Protocol):
    """A detector's class that says what it is.

    Attributes
    ----------
    name : str
        Lower case letters, digits and ``_``. Its events are of the kind ``plugin_`` and this name, its numbers are
        ``--set NAME.FIELD=VALUE``.
    quantity : Quantity
        ``Quantity.EMG``: one detector for each channel of EMG; ``Quantity.ACCELERATION``: one for each sensor.
    criteria : dataclass
        Its numbers, as a frozen dataclass; ``__post_init__`` refuses those that contradict each other.
    """

    name: str
    quantity: Quantity
    criteria: Any

    def __call__(self, stream: Stream, criteria: Any, /) -> Detector:
        """Return a detector for one segment of one stream."""
        ...


@dataclass(frozen=True, slots=True)
class Plugin:
    """A third party's detector that is switched on.

    Parameters
    ----------
    name : str
        What it is called.
    version : str
        Version of the distribution that it comes from; empty where it is not known.
    quantity : Quantity
        What it reads.
    detector : PluginClass
        Its class.
    criteria : dataclass
        The numbers in force.
    """

    name: str
    version: str
    quantity: Quantity
    detector: PluginClass
    criteria: Any

    @property
    def kind(self) -> EventKind:
        """The kind of its events."""
        return EventKind(f"{PLUGIN}{self.name}")


def plugin_of(detector: PluginClass, version: str = "") -> Plugin:
    """Return a detector's class as a plug-in with the numbers that it comes with.

    Parameters
    ----------
    detector : PluginClass
        The class.
    version : str
        Version of the distribution that it comes from.

    Returns
    -------
    Plugin
        What ``dataclasses.replace(criteria, plugins=(...,))`` takes.

    Raises
    ------
    ValueError
        If it does not say what a plug-in has to say.
    """
    where = getattr(detector, "__qualname__", repr(detector))
    name, quantity = getattr(detector, "name", None), getattr(detector, "quantity", None)
    criteria = getattr(detector, "criteria", None)
    if not (isinstance(name, str) and is_plugin_name(name)):
        expected = f"at most {MOST_PLUGIN_NAME} lower case letters, digits and '_'"
        msg = f"plug-in {where}: name is {name!r}, expected {expected}"
        raise ValueError(msg)
    if quantity not in READABLE:
        msg = f"plug-in {name}: quantity is {quantity!r}, expected one of {', '.join(READABLE)}"
        raise ValueError(msg)
    if not is_dataclass(criteria) or isinstance(criteria, type):
        msg = f"plug-in {name}: criteria is {criteria!r}, expected its numbers: a frozen dataclass with values"
        raise ValueError(msg)
    return Plugin(name, version, Quantity(quantity), detector, criteria)


class Failures:
    """Which plug-ins broke the contract, and how: the same in whatever order their streams were fed.

    Examples
    --------
    >>> failures = Failures()
    >>> failures.note("lab_spasm", "right: KeyError: 'x'")
    >>> failures.note("lab_spasm", "left: KeyError: 'x'")
    >>> failures.told
    {'lab_spasm': "left: KeyError: 'x'"}
    """

    def __init__(self) -> None:
        self.told: dict[str, str] = {}

    def note(self, name: str, why: str) -> None:
        """Hear of one; of several streams that of the first by its name is told."""
        self.told[name] = min(why, self.told.get(name, why))


class GuardedPlugin:
    """A plug-in's detector for one segment that ends alone when it breaks the contract.

    Parameters
    ----------
    plugin : Plugin
        Which.
    stream : Stream
        What it reads.
    failed : callable
        Is told the plug-in's name and why it ended, in one line.

    Notes
    -----
    What it has found until then stays. The other detectors go on as if it had never been there.
    """

    def __init__(self, plugin: Plugin, stream: Stream, failed: Failed) -> None:
        self._plugin = plugin
        self._stream = stream
        self._failed = failed
        self._stop = 0
        self._settled = 0
        self._detector: Detector | None = None
        self._detector = self._tried(lambda: plugin.detector(stream, plugin.criteria))

    @property
    def settled(self) -> int:
        """Sample index before which no later event will begin."""
        return _NEVER if self._detector is None else self._settled

    def feed(self, item: Track | Gap) -> list[Event]:
        """Take one track or gap, and return the events that it settles."""
        detector = self._detector
        if detector is None:
            return []
        missing = 0 if isinstance(item, Track) else item.first_missing + (item.n_missing or 0)
        self._stop = max(self._stop, item.stop if isinstance(item, Track) else missing)
        since_ns = item.clock.at(self._settled)
        found = self._tried(lambda: _checked(detector.feed(item), self._plugin, self._stream, since_ns))
        self._tried(lambda: self._advance(detector))
        return found or []

    def finish(self) -> list[Event]:
        """Return the events that were still open."""
        detector = self._detector
        if detector is None:
            return []
        return self._tried(lambda: _checked(detector.finish(), self._plugin, self._stream)) or []

    def rejected(self) -> list[Event]:
        """Return the candidates that it turned down since the last call."""
        detector = self._detector
        if detector is None:
            return []
        return self._tried(lambda: _checked(detector.rejected(), self._plugin, self._stream)) or []

    def _advance(self, detector: Detector) -> None:
        settled = detector.settled
        if settled < self._settled:
            msg = f"settled falls from {self._settled} to {settled}"
            raise ValueError(msg)
        if self._stop - settled > MOST_BEHIND_S * self._stream.fs_hz:
            msg = f"settled is {settled} after {self._stop} samples, expected at most {MOST_BEHIND_S / 60:g} min behind"
            raise ValueError(msg)
        self._settled = settled

    def _tried(self, step: Callable[[], Any]) -> Any:
        """Take one step of it; if it fails, this segment goes on without it."""
        try:
            return step()
        except Exception as error:  # noqa: BLE001 - another's code may raise anything, and must not end a night
            self._detector = None
            said = " ".join(f"{type(error).__name__}: {error}".split())[:_MOST_SAID]
            self._failed(self._plugin.name, f"{self._stream.sensor}: {said}")
            return None


def _checked(events: list[Event], plugin: Plugin, stream: Stream, since_ns: int | None = None) -> list[Event]:
    """Return the events of a plug-in, or raise if the night could not keep them."""
    for event in events:
        if event.kind is not plugin.kind or (event.sensor, event.leg) != (stream.sensor, stream.leg):
            got = f"{event.kind} of {event.sensor} ({event.leg})"
            msg = f"an event is {got}, expected {plugin.kind} of {stream.sensor} ({stream.leg})"
            raise ValueError(msg)
        if since_ns is not None and event.onset_ns < since_ns:
            msg = f"an event begins {(since_ns - event.onset_ns) / 1e9:.3f} s before what was settled"
            raise ValueError(msg)
        for measure, value in event.measures.items():
            if measure in _RESERVED or not (is_plugin_name(measure) and math.isfinite(value)):
                msg = f"a measure is {measure!r} = {value}, expected a name like peak_uv and a finite number"
                raise ValueError(msg)
    return events
