"""From the log records of one sensor to samples, for every kind of sensor that a :class:`Reader` can read.

The reader knows the bytes; everything that is the same for all sensors is here: time, places, gaps, watermarks, and the
promise never to raise on bytes.
"""

from __future__ import annotations

import dataclasses
import math
from typing import TYPE_CHECKING, Protocol

import numpy as np

from detectors.signal import NS_PER_S, GapCause, Quantity, Stream
from ingest.clock import ClockFit, HostTime
from ingest.decoders.base import Item, Marker, Placement, StatusKind
from ingest.decoders.layout import Pressed, Reported, Restarted, Said, Samples, StreamLayout
from ingest.decoders.outlet import BACKFILL_WINDOW_S, Outlet, lag_ns
from ingest.decoders.place import Place, Placer, Verdict
from ingest.decoders.place_counted import LongCountPlacer, ShortCountPlacer
from ingest.decoders.place_uncounted import ArrivalPlacer, ClockPlacer, UncountedPlacer
from ingest.decoders.profile import LossMode
from ingest.decoders.reports import Reports
from ingest.errors import DecodeError
from ingest.night.records import LinkDown, LinkUp, NightStart, Notification, SetupReply, TimePair

if TYPE_CHECKING:
    from ingest.night.records import Record

SHORT_NS = 60 * NS_PER_S
"""A counter that repeats within this time cannot tell long losses alone."""
LONGEST_HOLD_S = 60.0
"""Samples that did not change are repeated in pieces of this length."""


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

    def unlinked(self) -> None:
        """Forget what holds within one link only: halves of packets, sums of differences."""
        ...


class _Channel:
    """One stream: its placer and its outlet, renewed with each segment."""

    def __init__(self, layout: StreamLayout, outlet: Outlet, placing: Placer) -> None:
        self.layout = layout
        self.outlet = outlet
        self.placing = placing
        self.link_lost = False
        self.held: np.ndarray[tuple[int, int], np.dtype[np.float32]] | None = None


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
        self._channels: dict[Quantity, _Channel] = {}

    def feed(self, record: Record) -> list[Item]:
        """Take one record of the log and return what it settles."""
        if isinstance(record, NightStart | TimePair):
            return self._take_time(record)
        if getattr(record, "sensor", None) != self._placement.sensor:
            return []
        if isinstance(record, LinkUp | LinkDown):
            self._lose_link()
            return [self._reports.link(record)]
        if not isinstance(record, Notification | SetupReply):
            return []
        try:
            said = self._said(record)
        except DecodeError as error:
            return [self._reports.counted(StatusKind.MALFORMED, record.mono_ns, str(error))]
        return [item for each in said for item in self._take(each, record.mono_ns)]

    def finish(self) -> list[Item]:
        """Return nothing: these sensors send nothing again, so nothing is held back."""
        return []

    def _take_time(self, record: NightStart | TimePair) -> list[Item]:
        self._host.feed(record)
        if isinstance(record, NightStart):
            self._speed = record.speed
            self._lose_link()  # a collector that was killed did not write that
            return []
        lag = lag_ns(self._window_s, self._speed)
        if not math.isfinite(lag):
            return []
        t_ns = self._host.utc_ns(record.mono_ns) - round(lag)
        items: list[Item] = []
        for channel in self._channels.values():
            cause = GapCause.RECONNECT if channel.link_lost else GapCause.SILENCE
            items += channel.outlet.tide(t_ns, cause)
        return items

    def _lose_link(self) -> None:
        self._reader.unlinked()
        for channel in self._channels.values():
            channel.link_lost, channel.held = True, None

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
            case Reported(kind, detail, values):
                return [self._reports.status(kind, mono_ns, detail, values)]
            case Pressed(label):
                return [Marker(self._placement.sensor, self._host.utc_ns(mono_ns), label)]
            case Restarted(detail):
                closed = [item for channel in self._channels.values() for item in self._renew(channel, channel.layout)]
                return [*closed, self._reports.status(StatusKind.REBOOT, mono_ns, detail, {})]

    def _take_samples(self, samples: Samples, mono_ns: int) -> list[Item]:
        layout = samples.layout
        channel = self._channels.get(layout.quantity)
        items: list[Item] = []
        if channel is None:
            channel = self._channels[layout.quantity] = self._open(layout)
        elif channel.layout != layout or (channel.link_lost and not layout.counting.survives_link):
            items += self._renew(channel, layout)
            channel = self._channels[layout.quantity]
        arrival_ns = self._host.utc_ns(mono_ns)
        place = channel.placing.place(samples, arrival_ns, after_link_loss=channel.link_lost)
        if place.verdict is Verdict.OLD:
            return [*items, self._reports.counted(StatusKind.DUPLICATE, mono_ns, "a packet came late or twice")]
        if place.verdict is Verdict.ANEW:
            items += self._renew(channel, layout)
            channel = self._channels[layout.quantity]
            place = channel.placing.place(samples, arrival_ns, after_link_loss=False)
        return [*items, *self._put(channel, place, samples.data, arrival_ns)]

    def _put(self, channel: _Channel, place: Place, data: np.ndarray, arrival_ns: int) -> list[Item]:
        outlet = channel.outlet
        items: list[Item] = []
        if channel.layout.counting.on_change and channel.held is not None and outlet.expected is not None:
            items += self._hold(channel, place.start, arrival_ns)
        cause = GapCause.RECONNECT if channel.link_lost else GapCause.AIR
        items += outlet.missing(place.start, cause)
        channel.link_lost, channel.held = False, data[-1:]
        return [*items, *outlet.put(place.start, data, place.device_ns, arrival_ns)]

    def _hold(self, channel: _Channel, stop: int, arrival_ns: int) -> list[Item]:
        """Repeat the last sample for the time in which the sensor said nothing because nothing changed."""
        outlet, held = channel.outlet, channel.held
        items: list[Item] = []
        piece = max(1, round(LONGEST_HOLD_S * channel.layout.fs_hz))
        while held is not None and outlet.expected is not None and outlet.expected < stop:
            start, n_samples = outlet.expected, min(piece, stop - outlet.expected)
            device_ns = round(start * NS_PER_S / channel.layout.fs_hz)
            items += outlet.put(start, np.repeat(held, n_samples, axis=0), device_ns, arrival_ns)
        return items

    def _open(self, layout: StreamLayout) -> _Channel:
        where = self._placement
        stream = Stream(where.sensor, where.leg, where.site, layout.quantity, layout.unit, layout.axes, layout.fs_hz)
        return _Channel(layout, Outlet(stream, self._fit(layout)), self._placer(layout))

    def _renew(self, channel: _Channel, layout: StreamLayout) -> list[Item]:
        """Begin the next segment of a stream, unless nothing came of this one."""
        fresh, before = self._open(layout), channel.outlet
        is_empty = before.expected is None
        segment = before.stream.segment + (not is_empty)
        stream = dataclasses.replace(fresh.outlet.stream, segment=segment)
        fresh.outlet = Outlet(stream, fresh.outlet.fit, before.floor_ns)
        self._channels[layout.quantity] = fresh
        return [] if is_empty else before.close()

    def _fit(self, layout: StreamLayout) -> ClockFit:
        return ClockFit(layout.fs_hz, by_arrival=self._speed <= 1.0)

    def _placer(self, layout: StreamLayout) -> Placer:
        counting, is_live = layout.counting, self._speed <= 1.0
        if counting.on_change:
            return ArrivalPlacer(layout.fs_hz)
        if counting.mode is LossMode.DEVICE_TS:
            return ClockPlacer(layout.fs_hz, counting.span)
        if counting.mode in (LossMode.RATE_ONLY, LossMode.NONE):
            return UncountedPlacer(layout.fs_hz, is_live=is_live)
        span = counting.span * counting.samples_per_count
        if 0 < span * NS_PER_S < SHORT_NS * layout.fs_hz:
            return ShortCountPlacer(layout.fs_hz, counting.samples_per_count, span, is_live=is_live)
        return LongCountPlacer(layout.fs_hz, counting.samples_per_count, span)
