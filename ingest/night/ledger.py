"""The account of a night: everything that came and everything that did not, from the log and what decoders make of it.

Kept while a night is scored, live or replayed; :mod:`ingest.night.certificate` turns it into the certificate.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from detectors.signal import NS_PER_S, Gap, SampleBlock
from ingest.clock import HostTime
from ingest.decoders.base import Status, StatusKind
from ingest.night.losses import Cause, Loss
from ingest.night.records import LinkDown, LinkUp, NightEnd, NightStart, Notification, RecoveryStep, TimePair
from ingest.night.sensor_ledger import SensorLedger
from ingest.night.stream_ledger import StreamCount, StreamLedger
from ingest.stream_key import stream_key

if TYPE_CHECKING:
    from collections.abc import Iterable

    from detectors.signal import Stream
    from ingest.decoders.base import Item
    from ingest.night.records import Record
    from ingest.stream_key import StreamKey

JUMP_NS = NS_PER_S
"""A wall clock that moved by more against monotonic time was set, or the computer slept."""
STALL_NS = 30 * NS_PER_S
"""The log has a time every 10 s; three of them missing are a computer that stood still."""
TAIL_NS = 15 * NS_PER_S
"""The recorder stops sensors within seconds; one that was silent for longer before the end was not stopped."""

SLEPT, QUEUE_FULL = "computer slept", "queue full"
"""Steps that the recorder logs when the computer woke up, and when it dropped what it could not write."""
_FOR_SECONDS = re.compile(r"for (\d+) s")


@dataclass(frozen=True, slots=True)
class Pause:
    """A stretch in which nothing could be recorded, UTC ns: the program did not run, or the computer stood still."""

    start_ns: int
    end_ns: int
    cause: Cause


@dataclass(frozen=True, slots=True)
class ClockJump:
    """The wall clock moved against monotonic time, by so much, seen at `t_ns` (UTC as the samples have it)."""

    t_ns: int
    by_ns: int


class NightLedger:
    """The account of one night.

    Parameters
    ----------
    sensors : iterable of str
        What was worn; a sensor that was never heard is in the account too.

    Notes
    -----
    Memory grows with the number of losses (26 bytes each), not with the length of the night.
    """

    def __init__(self, sensors: Iterable[str]) -> None:
        self.sensors = {sensor: SensorLedger() for sensor in sensors}
        self.pauses: list[Pause] = []
        self.jumps: list[ClockJump] = []
        self.steps: Counter[str] = Counter()
        self.start_ns: int | None = None
        self.ended = False
        self._streams: dict[StreamKey, StreamLedger] = {}
        self._host = HostTime()
        self._compressed = False
        self._latest_ns = 0
        self._last_mono_ns: int | None = None
        self._ahead_ns: int | None = None

    def note(self, record: Record) -> None:
        """Take a record of the log, before what was made of it."""
        self._host.feed(record)
        t_ns = self._host.utc_ns(record.mono_ns)
        self._watch_time(record, t_ns)
        if isinstance(record, RecoveryStep) and not record.sensor:
            self._take_step(record, t_ns)
        elif isinstance(record, LinkUp | LinkDown | Notification | RecoveryStep) and record.sensor in self.sensors:
            self._follow(record, self.sensors[record.sensor], t_ns)

    def take(self, item: Item) -> None:
        """Take what the decoder of a sensor says."""
        match item:
            case SampleBlock() if len(item.data):
                self._stream(item).put(item)
            case Gap():
                self._stream(item).miss(item)
            case Status():
                ledger = self.sensors.setdefault(item.sensor, SensorLedger())
                ledger.said(item, self._host.utc_ns(item.mono_ns))
                if item.kind is StatusKind.MALFORMED:
                    for stream in self._of(item.sensor):
                        stream.malformed = True

    def expect(self, streams: Iterable[Stream]) -> None:
        """Learn which streams the sensors say that they have; one of which nothing comes is in the account, too."""
        for stream in streams:
            self._of_stream(stream)

    @property
    def span_ns(self) -> tuple[int, int]:
        """Begin and end of the night, UTC ns.

        From the start of the collector to its last record. In a night that was played faster than it lasts, records say
        how fast the computer was, so it is from the first to the last sample of any sensor.
        """
        streams = [stream for stream in self._streams.values() if stream.heard]
        if self._compressed and streams:
            return min(stream.start_ns for stream in streams), max(stream.end_ns for stream in streams)
        start_ns = self._latest_ns if self.start_ns is None else self.start_ns
        return start_ns, max(start_ns, self._latest_ns)

    def counts(self) -> list[StreamCount]:
        """Return the account of each stream, in the order in which they appeared."""
        found = []
        for (sensor, *_), stream in self._streams.items():
            count = stream.count(self.span_ns, self._end_cause(sensor, stream))
            if count.segments:  # a second's pause is not why a stream never came
                losses = tuple(loss._replace(cause=self._cause(loss, sensor)) for loss in count.losses)
                count = replace(count, losses=losses)
            found.append(count)
        return found

    def _end_cause(self, sensor: str, stream: StreamLedger) -> Cause | None:
        """Return why nothing came at the end, or None if the sensor was stopped with the night."""
        ledger = self.sensors[sensor]
        if not ledger.linked and not ledger.ended_on_purpose():
            return Cause.RECONNECT
        return Cause.SILENCE if self.span_ns[1] - stream.end_ns > TAIL_NS else None

    def _cause(self, loss: Loss, sensor: str) -> Cause:
        """Return why samples are missing, now that it is known what came after."""
        sensor_ledger, cause = self.sensors[sensor], loss.cause
        if cause is Cause.AIR and not self._compressed and sensor_ledger.was_away(loss.start_ns, loss.end_ns):
            # What is left of an outage when the sensor has sent a part of it again.
            cause = Cause.RECONNECT
        if cause not in (Cause.RECONNECT, Cause.SILENCE, Cause.DEVICE):
            return cause
        pause = next((p for p in self.pauses if p.start_ns < loss.end_ns and loss.start_ns < p.end_ns), None)
        if pause is not None:
            return pause.cause
        never_back = loss.end_ns >= self.span_ns[1]
        return Cause.BATTERY if sensor_ledger.was_empty(loss.start_ns, None if never_back else loss.end_ns) else cause

    def _watch_time(self, record: Record, t_ns: int) -> None:
        if isinstance(record, NightStart):
            self._compressed = record.speed != 1.0
            if self.start_ns is None:
                self.start_ns = self._latest_ns = record.utc_ns
            else:
                self._begin_again(t_ns)
        elif not self._compressed and self._last_mono_ns is not None and record.mono_ns - self._last_mono_ns > STALL_NS:
            self.pauses.append(Pause(self._latest_ns, t_ns, Cause.SUSPEND))
        if isinstance(record, NightStart | TimePair) and not self._compressed:
            ahead_ns = record.utc_ns - t_ns
            if self._ahead_ns is not None and abs(ahead_ns - self._ahead_ns) > JUMP_NS:
                self.jumps.append(ClockJump(t_ns, ahead_ns - self._ahead_ns))
            self._ahead_ns = ahead_ns
        self._last_mono_ns = record.mono_ns
        self._latest_ns = max(self._latest_ns, t_ns)
        self.ended = isinstance(record, NightEnd)

    def _follow(self, record: LinkUp | LinkDown | Notification | RecoveryStep, sensor: SensorLedger, t_ns: int) -> None:
        """Take what happened to one sensor."""
        match record:
            case LinkUp():
                sensor.link_up(t_ns)
            case LinkDown():
                sensor.link_down(t_ns, record.reason)
                self._lose_link(record.sensor)
            case Notification():
                sensor.heard(t_ns, len(record.payload))
            case RecoveryStep():
                sensor.steps[record.step] += 1
                for stream in self._of(record.sensor) if record.step == QUEUE_FULL else ():
                    stream.unrecorded = True

    def _take_step(self, step: RecoveryStep, t_ns: int) -> None:
        """Take a step that concerns the whole computer."""
        self.steps[step.step] += 1
        slept = _FOR_SECONDS.match(step.detail) if step.step == SLEPT else None
        if slept is not None:
            start_ns = t_ns - int(slept[1]) * NS_PER_S
            if not any(pause.start_ns < t_ns and start_ns < pause.end_ns for pause in self.pauses):
                self.pauses.append(Pause(start_ns, t_ns, Cause.SUSPEND))

    def _begin_again(self, t_ns: int) -> None:
        """Note that the collector began again: until then nothing was recorded, and every link is a new one."""
        self.pauses.append(Pause(self._latest_ns, max(self._latest_ns, t_ns), Cause.COLLECTOR))
        for name, sensor in self.sensors.items():
            if sensor.linked:
                sensor.link_down(self._latest_ns, "the collector began again")
            self._lose_link(name)

    def _lose_link(self, sensor: str) -> None:
        for stream in self._of(sensor):
            stream.link_lost = True

    def _of(self, sensor: str) -> Iterable[StreamLedger]:
        return (stream for (name, *_), stream in self._streams.items() if name == sensor)

    def _stream(self, item: SampleBlock | Gap) -> StreamLedger:
        return self._of_stream(item.stream)

    def _of_stream(self, stream: Stream) -> StreamLedger:
        key = stream_key(stream)
        found = self._streams.get(key)
        if found is None:
            self.sensors.setdefault(key.sensor, SensorLedger())
            origin_ns = self._latest_ns if self.start_ns is None else self.start_ns
            found = self._streams[key] = StreamLedger(stream, origin_ns)
        return found
