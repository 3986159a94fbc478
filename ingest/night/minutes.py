"""Battery and link of each sensor, minute by minute, and which single reports are worth a row besides.

A minute is one of the log: what was handed out, lost and said while the collector lived through it. So it is the same
however the log is read, live or later, and samples that came late count in the minute in which they came.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from detectors.signal import NS_PER_S, Gap, GapCause, SampleBlock, Stream
from ingest.clock import HostTime
from ingest.decoders.base import Status, StatusKind
from ingest.night.records import LinkDown, LinkUp, NightStart, Notification

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from ingest.decoders.base import Item
    from ingest.envelope import ClockQuality
    from ingest.night.records import Record

MINUTE_NS = 60 * NS_PER_S
GAUGES = frozenset({"battery_pct", "battery_mv", "queue_pct", "temperature_c", "n_dropped", "rssi_dbm"})
"""What a sensor says again and again; a minute keeps the last word."""
IMPEDANCE = "impedance_"
_CHARGE = "battery_pct"
_FULL_PCT = 100.0
_METERED = frozenset(
    {StatusKind.BATTERY, StatusKind.MALFORMED, StatusKind.DUPLICATE, StatusKind.LATE, StatusKind.IMPEDANCE}
)
_COUNTED_CAUSES = (GapCause.AIR, GapCause.DEVICE, GapCause.RECONNECT, GapCause.MALFORMED)
_REPEATED = frozenset({StatusKind.LEAD_OFF, StatusKind.DEVICE})
MOST_DETAILS = 20
"""A sensor that sends rubbish finds a new way to be wrong with every packet; so many are told."""


@dataclass(slots=True)
class _Minute:
    """One sensor in the current minute."""

    linked: bool = False
    linked_since_ns: int = 0
    linked_ns: int = 0
    heard_ns: int | None = None
    longest_silence_ns: int = 0
    n_notifications: int = 0
    counts: Counter[str] = field(default_factory=Counter)
    gauges: dict[str, float] = field(default_factory=dict)
    since_ns: dict[Stream, int] = field(default_factory=dict)

    def link(self, t_ns: int, *, up: bool) -> None:
        if self.linked:
            self.linked_ns += t_ns - self.linked_since_ns
        self.linked, self.linked_since_ns = up, t_ns

    def hear(self, t_ns: int) -> None:
        self.n_notifications += 1
        if self.heard_ns is not None:
            self.longest_silence_ns = max(self.longest_silence_ns, t_ns - self.heard_ns)
        self.heard_ns = t_ns

    def close(self, start_ns: int, end_ns: int) -> dict[str, float]:
        """Return the minute's numbers and begin the next."""
        self.link(end_ns, up=self.linked)
        duration_ns = end_ns - start_ns
        silence_ns = end_ns - (start_ns if self.heard_ns is None else self.heard_ns)
        expected = sum(
            stream.fs_hz * (end_ns - max(start_ns, since_ns)) / NS_PER_S for stream, since_ns in self.since_ns.items()
        )
        numbers = {
            "minute_s": duration_ns / NS_PER_S,
            "linked_share": self.linked_ns / duration_ns,
            "n_expected": float(round(expected)),
            "n_received": float(self.counts["received"]),
            **{f"n_lost_{cause}": float(self.counts[f"lost_{cause}"]) for cause in _COUNTED_CAUSES},
            "n_duplicate": float(self.counts[StatusKind.DUPLICATE]),
            "n_malformed": float(self.counts[StatusKind.MALFORMED]),
            "n_late": float(self.counts[StatusKind.LATE]),
            "n_lead_off": float(self.counts[StatusKind.LEAD_OFF]),
            "n_device": float(self.counts[StatusKind.DEVICE]),
            "notifications_per_s": self.n_notifications * NS_PER_S / duration_ns,
            "longest_silence_s": max(self.longest_silence_ns, silence_ns) / NS_PER_S,
            **self.gauges,
        }
        self.linked_ns = self.longest_silence_ns = self.n_notifications = 0
        self.counts, self.gauges = Counter(), {}
        return numbers


class HealthMinutes:
    """Sums up what happens to each sensor, minute by minute from the start of the night.

    Parameters
    ----------
    sensors : iterable of str
        What was worn.
    clocks : callable, optional
        Returns how well the time of each segment of each stream is known, those that are over first.

    Notes
    -----
    Minutes in which the collector did not run are left out.
    """

    def __init__(
        self, sensors: Iterable[str], clocks: Callable[[], Iterable[tuple[Stream, ClockQuality]]] = tuple
    ) -> None:
        self._sensors = {sensor: _Minute() for sensor in sensors}
        self._clocks = clocks
        self._host = HostTime()
        self._totals: Counter[tuple[str, StatusKind]] = Counter()
        self._start_ns: int | None = None
        self._now_ns = 0

    def note(self, record: Record) -> list[tuple[Status, int]]:
        """Take a record, before what was made of it; return the minutes that it ends, each with its start, UTC ns."""
        self._host.feed(record)
        before_ns, self._now_ns = self._now_ns, max(self._now_ns, self._host.utc_ns(record.mono_ns))
        if self._start_ns is None:
            self._start_ns = self._now_ns
        ended = []
        if self._now_ns >= self._start_ns + MINUTE_NS:
            ended = self._end(self._start_ns + MINUTE_NS)
            self._start_ns += (self._now_ns - self._start_ns) // MINUTE_NS * MINUTE_NS
            for minute in self._sensors.values():
                minute.linked_since_ns = self._start_ns
        if isinstance(record, NightStart):
            # A collector that was killed did not write that its links were lost.
            for minute in self._sensors.values():
                minute.link(max(before_ns, self._start_ns), up=False)
        self._follow(record)
        return ended

    def take(self, item: Item) -> None:
        """Take what a decoder makes of the record."""
        match item:
            case SampleBlock():
                minute = self._of(item.stream.sensor)
                minute.counts["received"] += len(item.data)
                minute.since_ns.setdefault(item.stream, self._now_ns)
            case Gap() if item.n_missing is not None and item.cause in _COUNTED_CAUSES:
                self._of(item.stream.sensor).counts[f"lost_{item.cause}"] += item.n_missing
            case Gap() if item.cause is GapCause.END:
                self._of(item.stream.sensor).since_ns.pop(item.stream, None)
            case Status():
                self._read(item)

    def finish(self) -> list[tuple[Status, int]]:
        """Return the minute that was not full."""
        start_ns = self._start_ns
        return [] if start_ns is None or self._now_ns <= start_ns else self._end(self._now_ns)

    def _follow(self, record: Record) -> None:
        heard = self._sensors.get(getattr(record, "sensor", ""))
        if heard is None:
            return
        if isinstance(record, LinkUp | LinkDown):
            heard.link(self._now_ns, up=isinstance(record, LinkUp))
        elif isinstance(record, Notification):
            heard.hear(self._now_ns)

    def _read(self, status: Status) -> None:
        minute = self._of(status.sensor)
        if "count" in status.values:
            total = round(status.values["count"])
            minute.counts[status.kind] += total - self._totals[status.sensor, status.kind]
            self._totals[status.sensor, status.kind] = total
        elif status.kind in _REPEATED and not metered(status):
            minute.counts[status.kind] += 1
        minute.gauges.update(readings(status))

    def _end(self, end_ns: int) -> list[tuple[Status, int]]:
        start_ns = self._start_ns
        if start_ns is None:
            return []
        fits = _fits(self._clocks())
        return [
            (Status(sensor, StatusKind.MINUTE, 0, "battery and link", numbers), start_ns)
            for sensor, minute in self._sensors.items()
            for numbers in [{**minute.close(start_ns, end_ns), **fits.get(sensor, {})}]
        ]

    def _of(self, sensor: str) -> _Minute:
        return self._sensors.setdefault(sensor, _Minute())


def _fits(clocks: Iterable[tuple[Stream, ClockQuality]]) -> dict[str, dict[str, float]]:
    """Return the fit of each sensor's clock: that of its stream whose packets scatter most."""
    newest = {(stream.sensor, stream.quantity): quality for stream, quality in clocks}
    fits: dict[str, dict[str, float]] = {}
    for (sensor, _), quality in sorted(newest.items(), key=lambda one: one[1].spread_ms):
        if quality.n_minima:
            fits[sensor] = {"clock_ppm": quality.slope_ppm, "clock_spread_ms": quality.spread_ms}
    return fits


class News:
    """Tells which reports of sensors are worth a row of their own: a change is, a meter that is read again is not.

    Notes
    -----
    A loose electrode comes off and back with every packet. Electrodes off, electrodes back, and each event of the
    device get a row at most once a minute of the log; how often they changed is in the sums of the minute.
    """

    def __init__(self) -> None:
        self._told: set[tuple[str, StatusKind, str]] = set()
        self._n_told: Counter[tuple[str, StatusKind]] = Counter()
        self._minute_of: dict[tuple[str, StatusKind, str, bool], int] = {}

    def is_new(self, status: Status) -> bool:
        """Tell it of the next status."""
        if status.kind not in _METERED and not metered(status):
            return status.kind not in _REPEATED or self._is_first_of_minute(status)
        told = (status.sensor, status.kind, status.detail)
        if told in self._told or self._n_told[told[:2]] >= MOST_DETAILS:
            return False
        self._told.add(told)
        self._n_told[told[:2]] += 1
        return True

    def _is_first_of_minute(self, status: Status) -> bool:
        off = status.kind is StatusKind.LEAD_OFF and _is_off(status)
        said = (status.sensor, status.kind, f"{status.detail} {status.values.get('stream', '')}", off)
        minute = status.mono_ns // MINUTE_NS
        is_first = self._minute_of.get(said) != minute
        self._minute_of[said] = minute
        return is_first


def _is_off(status: Status) -> bool:
    return any(value for name, value in status.values.items() if name.startswith("lead_off"))


def metered(status: Status) -> dict[str, float]:
    """Return what a status reads from a meter: battery, temperature, impedance, signal strength."""
    return {key: value for key, value in status.values.items() if key in GAUGES or key.startswith(IMPEDANCE)}


def readings(status: Status) -> dict[str, float]:
    """Return what of it can be true: some sensors say 255 % or less than nothing where they do not know their charge.

    Examples
    --------
    >>> readings(Status("left", StatusKind.BATTERY, 0, "", {"battery_pct": 255.0, "battery_mv": 3900.0}))
    {'battery_mv': 3900.0}
    """
    read = metered(status)
    if not 0.0 <= read.get(_CHARGE, 0.0) <= _FULL_PCT:
        del read[_CHARGE]
    return read
