"""How the running night goes, in one small message that the broker keeps: ``docs/mqtt.md#tonight``."""

from __future__ import annotations

import time
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from detectors.events import EventKind
from detectors.signal import NS_PER_S
from ingest import wire
from ingest.decoders.base import StatusKind
from ingest.guest import Notices
from ingest.night.entries import TopicKind

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from ingest.mqtt import MqttLink, Signal
    from ingest.night.changes import NightName
    from ingest.night.entries import Entry
    from ingest.night.journal import Journal

EVERY_S = 10.0
"""Nobody looks more often, and a retained message costs every listener."""
AT_ONCE = 300
"""Rows that are read in one go: the connection of the relay waits for so long, some 10 ms."""
_COUNTED = ("leg_movement", "cramp_probable", "cramp_possible", "periodic_series")
_TIERS = {2.0: "cramp_probable", 1.0: "cramp_possible"}
# What says something about the signal or comes from a button is no event of the leg.
_NOT_OF_THE_LEG = frozenset({EventKind.NOT_WORN, EventKind.ELECTRODE_OFF, EventKind.SIGNAL_GAP, EventKind.MARKER})


class _Seen(NamedTuple):
    """What is needed of an event; `counted` is empty for a kind that has no count. Later events compare higher."""

    onset_ns: int
    kind: str
    leg: str
    counted: str
    sensor: str


@dataclass(slots=True)
class _Sensor:
    """The last word on a sensor."""

    meters: dict[str, float] = field(default_factory=dict)
    metered_ns: int = -1
    linked: bool | None = None
    linked_ns: int = -1
    linked_share: float | None = None
    minute_ns: int = -1


class Tonight:
    """Adds up a night from the rows of its journal, in whatever order they come.

    Parameters
    ----------
    whose : NightName
        The night.
    since_ns : int
        Its start, UTC ns.
    sensors : sequence of str
        What is worn.

    Notes
    -----
    A row may come again with another revision, or be taken back. What is denied by the person (`confirmed` is 0) is not
    counted, as is not what is stored but not shown (a `cramp` of tier 0).

    Examples
    --------
    >>> from ingest.night.changes import NightName
    >>> Tonight(NightName("p1", "n1", "default"), 5, ["left-shin"]).state()["counts"]["leg_movement"]
    0
    """

    def __init__(self, whose: NightName, since_ns: int, sensors: Sequence[str]) -> None:
        self._whose = whose
        self._since_ns = since_ns
        self._sensors = {name: _Sensor() for name in sensors}
        self._events: dict[str, _Seen] = {}
        self._counts: Counter[tuple[str, str]] = Counter()
        self._ended = False

    def take(self, entries: Iterable[Entry]) -> None:
        """Take the next rows."""
        for entry in entries:
            match entry.topic_kind:
                case TopicKind.EVENT:
                    self._replace(entry.key, _seen(entry.body) if entry.valid else None)
                case TopicKind.HEALTH if entry.valid:
                    self._hear(entry.body)
                case TopicKind.NIGHT:
                    self._ended = entry.valid

    def state(self) -> dict[str, object]:
        """Return the night so far, as `wire.encode_tonight` takes it."""
        newest: dict[str, _Seen] = {}
        for seen in self._events.values():
            newest[seen.sensor] = max(seen, newest.get(seen.sensor, seen))
        return {
            "night": self._whose.night,
            "person": self._whose.person,
            "scoring": self._whose.scoring,
            "since_ns": self._since_ns,
            "ended": self._ended,
            "counts": self._counted(*{sensor for sensor, _ in self._counts}),
            "last_event": _told(max(newest.values(), default=None)),
            "sensors": {
                name: {
                    "battery_pct": sensor.meters.get("battery_pct"),
                    "linked": sensor.linked,
                    "linked_share": sensor.linked_share,
                    "rssi_dbm": sensor.meters.get("rssi_dbm"),
                    "counts": self._counted(name),
                    "last_event": _told(newest.get(name)),
                }
                for name, sensor in self._sensors.items()
            },
        }

    def _counted(self, *sensors: str) -> dict[str, int]:
        return {name: sum(self._counts[sensor, name] for sensor in sensors) for name in _COUNTED}

    def _replace(self, key: str, seen: _Seen | None) -> None:
        before = self._events.pop(key, None)
        if before is not None:
            self._counts[before.sensor, before.counted] -= 1
        if seen is not None:
            whole = seen._replace(sensor=self._worn(seen.sensor))
            self._events[key] = whole
            self._counts[whole.sensor, whole.counted] += 1

    def _worn(self, sensor: str) -> str:
        """Return the sensor that a channel belongs to: channels are named ``left-shin.ch1``."""
        return sensor if sensor in self._sensors else sensor.rpartition(".")[0] or sensor

    def _hear(self, body: Mapping[str, object]) -> None:
        sensor = self._sensors.get(str(body.get("sensor")))
        values, time_ns = body.get("values"), body.get("time_ns")
        if sensor is None or not isinstance(values, dict) or not isinstance(time_ns, int):
            return
        if time_ns >= sensor.metered_ns and not values.keys().isdisjoint({"battery_pct", "rssi_dbm"}):
            sensor.metered_ns = time_ns
            sensor.meters.update(values)
        if body.get("kind") == StatusKind.MINUTE and time_ns >= sensor.minute_ns:
            sensor.minute_ns, sensor.linked_share = time_ns, values.get("linked_share")
            end_ns = time_ns + round(values.get("minute_s", 0.0) * NS_PER_S)
            self._link(sensor, end_ns, linked=bool(sensor.linked_share))
        elif body.get("kind") == StatusKind.AWAY:
            self._link(sensor, time_ns, linked=bool(values.get("is_over")))

    @staticmethod
    def _link(sensor: _Sensor, at_ns: int, *, linked: bool) -> None:
        if at_ns >= sensor.linked_ns:
            sensor.linked, sensor.linked_ns = linked, at_ns


def _seen(body: Mapping[str, object]) -> _Seen | None:
    """Return what is needed of an event; None for one that is not shown, or that this version cannot read."""
    measures, onset_ns, kind = body.get("measures"), body.get("onset_ns"), str(body.get("kind"))
    if not isinstance(measures, dict) or not isinstance(onset_ns, int) or kind in _NOT_OF_THE_LEG:
        return None
    counted = _TIERS.get(measures.get("tier", 0.0), "") if kind == EventKind.CRAMP else kind
    if measures.get("confirmed") == 0.0 or not counted:
        return None
    return _Seen(onset_ns, kind, str(body.get("leg")), counted if counted in _COUNTED else "", str(body.get("sensor")))


def _told(seen: _Seen | None) -> dict[str, object] | None:
    return None if seen is None else {"kind": seen.kind, "leg": seen.leg, "onset_ns": seen.onset_ns}


class TonightTeller:
    """Tells the broker how the night goes, as a guest of the relay.

    Parameters
    ----------
    journal : Journal
        Where the night is read from.
    whose : NightName
        Which night.
    tonight : Tonight
        What adds it up.
    topic : str
        Where it is told.
    clock_s : callable
        Returns a time that only goes on, s.
    """

    subscriptions: Sequence[str] = ()
    fleeting: Sequence[str] = ()

    def __init__(
        self,
        journal: Journal,
        whose: NightName,
        tonight: Tonight,
        topic: str,
        *,
        clock_s: Callable[[], float] = time.monotonic,
    ) -> None:
        self._journal = journal
        self._whose = whose
        self._tonight = tonight
        self._topic = topic
        self._clock_s = clock_s
        self._after = 0
        self._due_s = 0.0
        self._notices = Notices("the state of tonight")

    def take(self, signal: Signal, _link: MqttLink) -> bool:
        """Follow the connection; nothing is for this guest alone."""
        self._notices.follow(signal)
        return False

    def send(self, link: MqttLink) -> None:
        """Tell what changed, if it is time."""
        if self._clock_s() < self._due_s or not self._notices.connected:
            return
        if self._read() == AT_ONCE:
            return
        self._due_s = self._clock_s() + EVERY_S
        self._tell(link)

    def leave(self, link: MqttLink) -> None:
        """Tell the last of it: it stays at the broker until the next night."""
        if not self._notices.connected:
            return
        while self._read() == AT_ONCE:
            pass
        self._tell(link)

    def _read(self) -> int:
        changes = self._journal.changes(self._whose, after=self._after, limit=AT_ONCE)
        self._tonight.take(entry for _, entry in changes)
        if changes:
            self._after = changes[-1][0]
        return len(changes)

    def _tell(self, link: MqttLink) -> None:
        self._notices.put(self._topic, wire.encode_tonight(self._tonight.state()))
        self._notices.send(link)
