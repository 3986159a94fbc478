"""From the log records of one sensor to samples, for every kind of sensor that a :class:`Reader` can read.

The reader knows the bytes; everything that is the same for all sensors is here: time, places, gaps, watermarks, and the
promise never to raise on bytes.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Protocol

from detectors.signal import NS_PER_S
from ingest.clock import DevicePair, HostTime
from ingest.decoders.base import Item, Marker, Placement, StatusKind
from ingest.decoders.channel import Channel
from ingest.decoders.layout import Pressed, Reported, Restarted, Said, Samples, StreamLayout
from ingest.decoders.outlet import BACKFILL_WINDOW_S, lag_ns
from ingest.decoders.place import Verdict
from ingest.decoders.profile import LossMode
from ingest.decoders.reports import Reports
from ingest.decoders.segments import Segments
from ingest.decoders.twins import Twins
from ingest.errors import DecodeError
from ingest.night.records import LinkDown, LinkUp, NightStart, Notification, SetupReply, TimePair

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from detectors.signal import Quantity, Stream
    from ingest.envelope import ClockQuality
    from ingest.night.records import Record
    from ingest.stream_key import StreamKey

_UNCOUNTED = (LossMode.RATE_ONLY, LossMode.NONE)
LARGEST_SAMPLE = 1e9
"""No converter says more, in any unit; a float that is larger, or no number, is no sample."""


class Reader(Protocol):
    """What one kind of sensor means by its bytes: a state machine without a clock.

    It raises :class:`ingest.errors.DecodeError` for what it cannot read, and nothing else, and then has changed
    nothing. Characteristics that it does not know it leaves alone.
    """

    def reply(self, characteristic: str, request: bytes, payload: bytes) -> list[Said]:
        """Take a value that was read, or the answer to `request`."""
        ...

    def notified(self, characteristic: str, payload: bytes) -> list[Said]:
        """Take a notification or indication."""
        ...

    def unlinked(self) -> list[Said] | None:
        """Forget what holds within one link only (halves of packets, sums of differences); say what is lost by that."""
        ...


def decoding(reader: Callable[[Mapping[str, float]], Reader]) -> Callable[..., PacketDecoder]:
    """Return what makes the decoder of a kind of sensor, for :class:`ingest.decoders.layout.Device`.

    Parameters
    ----------
    reader : callable of options to Reader
        Makes the reader of one sensor.
    """
    return lambda placement, options, **keywords: PacketDecoder(placement, reader(options), **keywords)


class PacketDecoder:
    """From the log records of one sensor to samples; see :class:`ingest.decoders.base.Decoder`.

    Parameters
    ----------
    placement : Placement
        Where the sensor is worn.
    reader : Reader
        What its bytes mean.
    speed : float
        Seconds of the night per second of the wall clock, until the log says it (`NightStart`).
    backfill_window_s : float
        Together with a healthy link's 2 s, how far the watermark of a silent sensor stays behind the log, s.
    """

    def __init__(
        self,
        placement: Placement,
        reader: Reader,
        *,
        speed: float = 1.0,
        backfill_window_s: float = BACKFILL_WINDOW_S,
    ) -> None:
        self._placement = placement
        self._reader = reader
        self._speed = speed
        self._window_s = backfill_window_s
        self._host = HostTime()
        self._reports = Reports(placement.sensor)
        self._channels: dict[Quantity, Channel] = {}
        self._segments = Segments()
        self._twins = Twins()
        self._latest_ns = 0

    @property
    def clocks(self) -> list[tuple[Stream, ClockQuality]]:
        """How well the time of each segment is known, those that are over first."""
        return self._segments.clocks(channel.outlet for channel in self._channels.values())

    @property
    def n_late(self) -> int:
        """How many samples came too late to be used in this pass."""
        return self._segments.n_late(channel.outlet for channel in self._channels.values())

    @property
    def n_refilled(self) -> Mapping[StreamKey, int]:
        """How many samples of each stream were sent again in time to fill a gap: these sensors send nothing again."""
        return {}

    def feed(self, record: Record) -> list[Item]:
        """Take one record of the log and return what it settles."""
        if isinstance(record, NightStart | TimePair):
            return self._take_time(record)
        if getattr(record, "sensor", None) != self._placement.sensor:
            return []
        self._latest_ns = record.mono_ns
        if isinstance(record, LinkUp | LinkDown):
            return [*self._lose_link(), self._reports.link(record)]
        return self._heard(record) if isinstance(record, Notification | SetupReply) else []

    def _heard(self, record: Notification | SetupReply) -> list[Item]:
        if self._is_twin(record):
            return [self._reports.counted(StatusKind.DUPLICATE, record.mono_ns, "a notification came twice")]
        try:
            said = self._said(record)
        except DecodeError as error:
            return [self._reports.counted(StatusKind.MALFORMED, record.mono_ns, str(error))]
        self._note_length(record, said)
        return [item for each in said for item in self._take(each, record.mono_ns)]

    def finish(self) -> list[Item]:
        """Return what was still waited for; samples are not held back, for these sensors send nothing again."""
        return self._forget()

    def _is_twin(self, record: Notification | SetupReply) -> bool:
        """Tell whether a notification is the one before once more; at speed, arrival does not say that."""
        if isinstance(record, SetupReply) or self._speed > 1.0:
            return False
        return self._twins.is_twin(record.characteristic.lower(), record.payload, record.mono_ns)

    def _note_length(self, record: Notification | SetupReply, said: list[Said]) -> None:
        lengths_s = [
            len(each.data) / each.layout.fs_hz
            for each in said
            if isinstance(each, Samples) and each.layout.counting.mode in _UNCOUNTED
        ]
        if lengths_s:
            self._twins.last(record.characteristic.lower(), round(min(lengths_s) * NS_PER_S))

    def _take_time(self, record: NightStart | TimePair) -> list[Item]:
        self._host.feed(record)
        if isinstance(record, NightStart):
            self._speed = record.speed
            return self._lose_link()  # a collector that was killed did not write that
        lag = lag_ns(self._window_s, self._speed)
        if not math.isfinite(lag):
            return []
        t_ns = self._host.utc_ns(record.mono_ns) - round(lag)
        return [item for channel in self._channels.values() for item in channel.tide(t_ns)]

    def _lose_link(self) -> list[Item]:
        lost = self._forget()
        self._twins.unlinked()
        for channel in self._channels.values():
            channel.lose_link()
        return lost

    def _forget(self) -> list[Item]:
        return [item for each in self._reader.unlinked() or () for item in self._take(each, self._latest_ns)]

    def _said(self, record: Notification | SetupReply) -> list[Said]:
        characteristic = record.characteristic.lower()
        standard = self._reports.standard(characteristic, record.payload)
        said: list[Said] = [] if standard is None else [standard]
        if isinstance(record, SetupReply):
            return said + self._reader.reply(characteristic, record.request, record.payload)
        return said + self._reader.notified(characteristic, record.payload)

    def _take(self, said: Said, mono_ns: int) -> list[Item]:
        match said:
            case Samples():
                return self._take_samples(said, mono_ns) if len(said.data) else []
            case Reported():
                return [self._reports.said(said, mono_ns)]
            case Pressed(label):
                return [Marker(self._placement.sensor, self._host.utc_ns(mono_ns), label)]
            case Restarted(detail):
                layouts = [channel.layout for channel in self._channels.values()]
                closed = [item for layout in layouts for item in self._open(layout)[1]]
                return [*closed, self._reports.status(StatusKind.REBOOT, mono_ns, detail, {})]

    def _take_samples(self, samples: Samples, mono_ns: int) -> list[Item]:
        layout, data = samples.layout, samples.data
        if not (data.max() <= LARGEST_SAMPLE and data.min() >= -LARGEST_SAMPLE):
            detail = f"{layout.quantity.value}: a sample that is no number or above {LARGEST_SAMPLE:g}"
            return [self._reports.counted(StatusKind.MALFORMED, mono_ns, detail)]
        channel = self._channels.get(layout.quantity)
        items: list[Item] = []
        if channel is None or not channel.goes_on(layout):
            channel, items = self._open(layout)
        arrival_ns = self._host.utc_ns(mono_ns)
        place = channel.place(samples, arrival_ns)
        if place.verdict is Verdict.OLD:
            return [*items, self._reports.counted(StatusKind.DUPLICATE, mono_ns, "a packet came late or twice")]
        if place.verdict is Verdict.LATE:
            return [*items, self._reports.counted(StatusKind.LATE, mono_ns, "a change came after its time was over")]
        if place.verdict is Verdict.ANEW:
            channel, closed = self._open(layout)
            items += closed
            place = channel.place(samples, arrival_ns)
        if not samples.usable:
            return items + channel.skip(place, len(data))
        if samples.unix_ns is not None and abs(samples.unix_ns - arrival_ns) <= lag_ns(BACKFILL_WINDOW_S, self._speed):
            channel.outlet.fit.know(DevicePair(place.device_ns, samples.unix_ns))
        items += channel.put(place, data, arrival_ns)
        wrong = channel.wrong_pace(place, len(data), arrival_ns)
        named = (f"{layout.quantity.value}: {each}" for each in wrong)
        return [*items, *(self._reports.status(StatusKind.DEVICE, mono_ns, each, {}) for each in named)]

    def _open(self, layout: StreamLayout) -> tuple[Channel, list[Item]]:
        """Begin a stream or its next segment, unless nothing came of the one before."""
        fresh = Channel(layout, self._placement, is_live=self._speed <= 1.0)
        before, self._channels[layout.quantity] = self._channels.get(layout.quantity), fresh
        if before is None:
            return fresh, []
        fresh.follow(before)
        self._segments.end(before.outlet)
        return fresh, before.outlet.close()
