"""Detectors of others: what one offers, and how it is kept from harming a night.

A plug-in is a class like our own detectors with three things said on it: its name, what it reads, and its numbers.
It is part of the criteria, so that whatever scores with them (live, a file, a search for thresholds, a cohort) has it.
"""

from __future__ import annotations

from dataclasses import dataclass, fields, is_dataclass
from operator import index
from typing import TYPE_CHECKING, Any, Final, Protocol

from detectors.annotations import Span
from detectors.events import MOST_PLUGIN_NAME, PLUGIN, EventKind, is_plugin_name
from detectors.plugin_events import checked, read_only
from detectors.signal import NS_PER_S, Quantity
from detectors.track import Track

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from detectors.chain import Detector
    from detectors.events import Event
    from detectors.signal import Clock, Gap, Stream

    Failed = Callable[[str, str], object]

READABLE: Final = (Quantity.EMG, Quantity.ACCELERATION)
# Everything waits for what could still begin: nothing that a muscle does needs longer to be decided.
MOST_BEHIND_S: Final = 1800.0
# After the last sample of any night.
_NEVER: Final = 2**62
_MOST_SAID: Final = 200
# A filter's delay is taken off by samples, and a clock may be moved between two of them.
_SLACK_NS: Final = NS_PER_S


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
    if not is_dataclass(criteria) or isinstance(criteria, type) or not _is_frozen(criteria):
        msg = f"plug-in {name}: criteria is {criteria!r}, expected its numbers: a frozen dataclass with values"
        raise ValueError(msg)
    values = {one.name: getattr(criteria, one.name) for one in fields(criteria)}
    wrong = [field for field, value in values.items() if not isinstance(value, int | float | str | None)]
    if wrong:
        got = f"{wrong[0]} is {values[wrong[0]]!r}"
        msg = f"plug-in {name}: {got}, expected a number, a word, true or false, or None"
        raise ValueError(msg)
    return Plugin(name, version, Quantity(quantity), detector, criteria)


def _is_frozen(criteria: Any) -> bool:
    """Return whether nobody can change numbers that results are kept for."""
    return bool(criteria.__dataclass_params__.frozen)


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
        self._heard: tuple[Clock, int, int] | None = None
        self._lost: list[tuple[int, int]] = []
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
        self._hear(item)
        return self._tried(lambda: self._fed(detector, read_only(item))) or []

    def finish(self) -> list[Event]:
        """Return the events that were still open."""
        detector = self._detector
        if detector is None:
            return []
        return self._tried(lambda: self._checked(detector.finish())) or []

    def rejected(self) -> list[Event]:
        """Return the candidates that it turned down since the last call."""
        detector = self._detector
        if detector is None:
            return []
        return self._tried(lambda: self._checked(detector.rejected())) or []

    def _hear(self, item: Track | Gap) -> None:
        """Note how far the signal reaches, and where there is none to settle."""
        if isinstance(item, Track):
            begin, end = item.start, item.stop
        else:
            begin = end = item.first_missing + (item.n_missing or 0)
        if self._heard is None:
            self._heard = (item.clock, begin, begin)
            self._lost.append((0, begin))
        _, first, stop = self._heard
        if begin > stop:
            self._lost.append((stop, begin))
        self._heard = (item.clock, first, max(stop, end))

    def _fed(self, detector: Detector, item: Track | Gap) -> list[Event]:
        found = self._checked(detector.feed(item), self._settled)
        self._advance(index(detector.settled))
        return found

    def _advance(self, settled: int) -> None:
        if settled < self._settled:
            msg = f"settled falls from {self._settled} to {settled}"
            raise ValueError(msg)
        stop = 0 if self._heard is None else self._heard[2]
        self._lost = [(begin, end) for begin, end in self._lost if end > settled]
        behind = stop - settled - sum(end - max(begin, settled) for begin, end in self._lost)
        if behind > MOST_BEHIND_S * self._stream.fs_hz:
            msg = f"settled is {settled} after {stop} samples, expected at most {MOST_BEHIND_S / 60:g} min behind"
            raise ValueError(msg)
        self._settled = min(settled, _NEVER)

    def _checked(self, events: Iterable[Event], settled: int | None = None) -> list[Event]:
        if self._heard is None:
            return checked(events, self._plugin.kind, self._stream, Span(0, 0))
        clock, first, stop = self._heard
        begin_ns = clock.at(first) - _SLACK_NS if settled is None else clock.at(settled)
        return checked(events, self._plugin.kind, self._stream, Span(begin_ns, clock.at(stop) + _SLACK_NS))

    def _tried(self, step: Callable[[], Any]) -> Any:
        """Take one step of it; if it fails, this segment goes on without it."""
        try:
            return step()
        except (Exception, SystemExit) as error:  # noqa: BLE001 - another's code may raise anything, and must not end a night
            self._detector = None
            said = " ".join(f"{type(error).__name__}: {error}".split())[:_MOST_SAID]
            self._failed(self._plugin.name, f"{self._stream.sensor}: {said}")
            return None
