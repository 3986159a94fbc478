"""Which sensors deliver right now, and what was last tried with one that does not."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ingest.night.records import LinkDown, LinkUp, NightStart, Notification, RecoveryStep

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

    from ingest.night.records import Record

# Three rounds of the time pairs, by which a silent night is known to be one.
DELIVERS_WITHIN_NS = 30_000_000_000
MOST_LETTERS = 160


class Presence:
    """Listens to the packet log and says of every sensor whether it delivers.

    Parameters
    ----------
    sensors : mapping of str to collection of str
        Names, and the characteristics that carry samples; with none given, all do.

    Examples
    --------
    >>> presence = Presence({"left": ()})
    >>> str(presence)
    'waiting: left: not heard yet'
    >>> presence.feed([RecoveryStep(0, "left", "unreachable", "no Bluetooth")])
    >>> str(presence)
    'waiting: left: unreachable: no Bluetooth'
    >>> presence.feed([Notification(5, "left", "data", b"")])
    >>> str(presence)
    'recording: left delivers'
    """

    def __init__(self, sensors: Mapping[str, Collection[str]]) -> None:
        self._streams = dict(sensors)
        self._heard_ns: dict[str, int] = {}
        self._why: dict[str, str] = {}
        self._told: set[tuple[str, bool]] = set()
        self._anything = False
        self.latest_ns = 0

    def feed(self, records: Iterable[Record]) -> None:
        """Take new records of the log."""
        for record in records:
            if isinstance(record, NightStart) and record.mono_ns < self.latest_ns:
                # The computer started again, and its monotonic time with it.
                self._heard_ns.clear()
                self.latest_ns = record.mono_ns
            self.latest_ns = max(self.latest_ns, record.mono_ns)
            self._follow(record)

    def _follow(self, record: Record) -> None:
        match record:
            case Notification() if record.sensor in self._streams:
                streams = self._streams[record.sensor]
                if not streams or record.characteristic in streams:
                    self._heard_ns[record.sensor] = record.mono_ns
                    self._why.pop(record.sensor, None)
                    self._anything = True
            case RecoveryStep():
                self._why[record.sensor] = f"{record.step}: {record.detail}"[:MOST_LETTERS]
            case LinkUp():
                self._why[record.sensor] = "connected, nothing sent yet"
            case LinkDown():
                self._heard_ns.pop(record.sensor, None)
                self._why[record.sensor] = f"link lost: {record.reason}"[:MOST_LETTERS]

    def delivers(self, sensor: str) -> bool:
        """Return whether a sensor has sent samples within the last half minute that the log knows of."""
        heard_ns = self._heard_ns.get(sensor)
        return heard_ns is not None and self.latest_ns - heard_ns < DELIVERS_WITHIN_NS

    def news(self) -> list[str]:
        """Return what to tell where no status line is seen: of each sensor its first samples and its first trouble."""
        said = []
        for sensor in self._streams:
            told = (sensor, self.delivers(sensor))
            if told not in self._told and (told[1] or sensor in self._why):
                self._told.add(told)
                said.append(self._of(sensor))
        return said

    def _of(self, sensor: str) -> str:
        if self.delivers(sensor):
            return f"{sensor} delivers"
        return f"{sensor}: {self._why.get(sensor, 'silent' if sensor in self._heard_ns else 'not heard yet')}"

    def __str__(self) -> str:
        """Return one line for all sensors; it says that it records only once a sample came."""
        state = "recording" if self._anything else "waiting"
        return f"{state}: " + " · ".join(map(self._of, self._streams))
