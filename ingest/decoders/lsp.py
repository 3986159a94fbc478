"""Leg Sensor Profile version 1: how to make such a sensor stream, and what its packets say."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from ingest.clock import HostTime
from ingest.decoders.base import Item, Placement, StatusKind
from ingest.decoders.layout import Device, DeviceCard
from ingest.decoders.lsp_control import Response
from ingest.decoders.lsp_health import LspHealth
from ingest.decoders.lsp_info import (
    CONTROL_UUID,
    DATA_UUID,
    EVENT_UUID,
    INFO_UUID,
    LARGEST_RAW,
    Info,
)
from ingest.decoders.lsp_order import Arrival
from ingest.decoders.lsp_packets import SYNC_TYPE, PacketFlag, Sync, decode_header, decode_samples, decode_sync
from ingest.decoders.lsp_sensor import LspStreams
from ingest.decoders.lsp_setup import LSP
from ingest.decoders.lsp_status import EventPacket
from ingest.decoders.outlet import BACKFILL_WINDOW_S, lag_ns
from ingest.decoders.reports import Reports
from ingest.errors import DecodeError
from ingest.night.records import LinkDown, LinkUp, NightStart, Notification, SetupReply, TimePair

if TYPE_CHECKING:
    from collections.abc import Mapping

    from detectors.signal import Stream
    from ingest.envelope import ClockQuality
    from ingest.night.records import Record
    from ingest.stream_key import StreamKey

_SYNC = bytes((SYNC_TYPE,))
_ATT_HEADER_BYTES = 3


class LspDecoder:
    """From the log records of one LSP sensor to samples; see :class:`ingest.decoders.base.Decoder`.

    Streams, rates and scales are what the sensor said when it was set up, as the log has it.
    Sample indices are the sensor's own: a sensor that streamed before it was first heard begins
    at its index of that moment.

    Parameters
    ----------
    placement : Placement
        Where the sensor is worn.
    speed : float
        Seconds of the night per second of the wall clock, until the log says it (`NightStart`).
    backfill_window_s : float
        How long a gap waits for packets that the sensor sends again, s of the log.

    Notes
    -----
    **Gaps** are exact: what the sequence numbers miss was lost on the air, what the sample index
    misses beyond that was lost in the sensor, and what is missing after a lost link is the
    link's. Samples behind a gap wait only if the sensor can send again and packets are missing.

    **Watermarks** come only from logged time pairs. A stream that has been silent for longer than
    the window and 2 s has its watermark raised on each pair, after a `Gap` of unknown length.
    Samples older than a watermark that was given (a ring buffer that is emptied after a long
    outage) are left out and belong to the gap, so the same log gives the same events, live and
    replayed. They are in the log: a replay with a wider window uses them, and
    ``backfill_window_s=math.inf`` uses everything, gives no watermark and hands out what lies
    behind a gap that was never filled only at :meth:`finish`.

    **Segments** end when the sensor boots, is stopped and started, or provably counts anew; a
    lost link does not end one.

    **A night played faster than it lasts** is placed by the sensor's own clock (`GET_TIME` or
    sync) at its nominal rate, because arrival says nothing then.
    """

    def __init__(
        self, placement: Placement, *, speed: float = 1.0, backfill_window_s: float = BACKFILL_WINDOW_S
    ) -> None:
        self._placement = placement
        self._window_s = backfill_window_s
        self._host = HostTime()
        self._reports = Reports(placement.sensor)
        self._health = LspHealth(placement.sensor, self._reports)
        self._streams = LspStreams(placement, self._reports, backfill_window_s)
        self._streams.speed = speed
        self._mtu: int | None = None
        self._latest_ns = 0
        self._last_event: EventPacket | None = None

    @property
    def clocks(self) -> list[tuple[Stream, ClockQuality]]:
        """How well the time of each segment is known, those that are over first."""
        return self._streams.clocks

    @property
    def n_late(self) -> int:
        """How many samples came too late to be used in this pass."""
        return self._streams.n_late

    @property
    def n_refilled(self) -> Mapping[StreamKey, int]:
        """How many samples of each stream were sent again in time to fill a gap."""
        return self._streams.n_refilled

    def feed(self, record: Record) -> list[Item]:
        """Take one record of the log and return what it settles."""
        if isinstance(record, NightStart | TimePair):
            return self._take_time(record)
        if getattr(record, "sensor", None) != self._placement.sensor:
            return []
        self._latest_ns = record.mono_ns
        items: list[Item] = []
        for stream in self._streams.by_id.values():
            items += stream.expire(record.mono_ns)
        if isinstance(record, Notification | SetupReply):
            items += self._take_payload(record)
        elif isinstance(record, LinkUp | LinkDown):
            items.append(self._take_link(record))
        return items

    def finish(self) -> list[Item]:
        """Return what was held back; the log is at its end."""
        items: list[Item] = []
        for stream in self._streams.by_id.values():
            items += [*stream.flush(), *self._streams.left_out(stream, self._latest_ns)]
        return items

    def _take_time(self, record: NightStart | TimePair) -> list[Item]:
        self._host.feed(record)
        if isinstance(record, NightStart):
            self._streams.speed = record.speed
            self._lose_link()  # a collector that was killed did not write that
            return []
        lag = lag_ns(self._window_s, self._streams.speed)
        items: list[Item] = []
        for stream in self._streams.by_id.values():
            items += stream.expire(record.mono_ns)
            if math.isfinite(lag):
                items += stream.tide(self._host.utc_ns(record.mono_ns) - round(lag))
        return items

    def _take_link(self, record: LinkUp | LinkDown) -> Item:
        if isinstance(record, LinkUp):
            self._mtu = record.mtu
        else:
            self._lose_link()
        return self._reports.link(record)

    def _lose_link(self) -> None:
        for stream in self._streams.by_id.values():
            stream.link_lost()

    def _take_payload(self, record: Notification | SetupReply) -> list[Item]:
        characteristic = record.characteristic.lower()
        arrival = Arrival(record.mono_ns, self._host.utc_ns(record.mono_ns))
        try:
            if isinstance(record, SetupReply):
                return self._take_reply(record, characteristic, arrival)
            if characteristic == DATA_UUID:
                return self._take_data(record.payload, arrival) if self._streams.described else self._unread(arrival)
            if characteristic == EVENT_UUID:
                return self._take_event(EventPacket.from_bytes(record.payload), arrival)
            return self._health.take(characteristic, record.payload, record.mono_ns)
        except DecodeError as error:
            return [self._reports.counted(StatusKind.MALFORMED, record.mono_ns, str(error))]

    def _take_reply(self, record: SetupReply, characteristic: str, arrival: Arrival) -> list[Item]:
        if characteristic == INFO_UUID:
            return self._streams.take_info(Info.from_bytes(record.payload), record.mono_ns)
        if characteristic == CONTROL_UUID:
            return self._streams.take_response(Response.from_bytes(record.payload), record.request, arrival)
        return self._health.take(characteristic, record.payload, record.mono_ns)

    def _unread(self, arrival: Arrival) -> list[Item]:
        """Count a packet that nobody can read before the sensor has described itself."""
        detail = f"LSP data before Info ({INFO_UUID}): streams, rates and scales are unknown, nothing can be read"
        return [self._reports.counted(StatusKind.MALFORMED, arrival.mono_ns, detail)]

    def _take_data(self, payload: bytes, arrival: Arrival) -> list[Item]:
        if payload[:1] == _SYNC:
            return self._take_sync(decode_sync(payload), arrival)
        header, samples = decode_header(payload)
        stream = self._streams[header.stream_id]
        raw = decode_samples(stream.descriptor, samples)
        if raw.dtype.kind == "f" and not np.all(np.abs(raw) <= LARGEST_RAW):
            msg = f"LSP stream {header.stream_id}: a value that is no number or above {LARGEST_RAW}"
            raise DecodeError(msg)
        # Where nobody logged the link, as in lines given to a decoder, a short packet is one.
        is_full = self._mtu is not None and len(payload) == self._mtu - _ATT_HEADER_BYTES
        if is_full and header.index is not None and len(raw) < stream.descriptor.samples_per_packet:
            msg = f"LSP stream {header.stream_id}: {len(raw)} samples, cut off by an MTU of {self._mtu}"
            raise DecodeError(msg)
        items = [*stream.take(header, raw, arrival), *self._streams.left_out(stream, arrival.mono_ns)]
        off = header.flags is not PacketFlag.NONE and PacketFlag.LEAD_OFF in header.flags
        return [*items, *self._health.lead_off(header.stream_id, arrival.mono_ns, off=off)]

    def _take_sync(self, sync: Sync, arrival: Arrival) -> list[Item]:
        stream = self._streams[sync.stream_id]
        self._streams.learn_from_sync(stream, sync.tick, sync.unix_us, arrival)
        return [*stream.take_sync(sync), *self._streams.left_out(stream, arrival.mono_ns)]

    def _take_event(self, event: EventPacket, arrival: Arrival) -> list[Item]:
        if event == self._last_event:
            return [self._reports.counted(StatusKind.DUPLICATE, arrival.mono_ns, f"event {event.seq} came twice")]
        self._last_event = event
        times = (stream.utc_ns(event.tick) for stream in self._streams.by_id.values())
        t_ns = next((time for time in times if time is not None), arrival.utc_ns)
        return [self._health.event(event, t_ns, arrival.mono_ns)]


LSP_DEVICE = Device(
    name=LSP.name,
    card=DeviceCard(
        title="Leg Sensor Profile (your own firmware)",
        placement="anywhere on the leg",
        modality="EMG and acceleration, as the firmware says",
        loss="exact, by sample index and packet number; lost packets are asked for again",
        mtu="23, or 247 for large packets",
        sources=("this project's profile, version 1",),
        confirmed=("layout: defined here",),
        unconfirmed=("no board has run it yet",),
    ),
    profile=lambda _options: LSP,
    decoder=lambda placement, _options, **keywords: LspDecoder(placement, **keywords),
    options={},
)
