"""The streams of an LSP sensor: opened by what it says about itself, renewed when it counts anew."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

from detectors.signal import NS_PER_S
from ingest.clock import ClockFit
from ingest.decoders.base import Item, Placement, StatusKind
from ingest.decoders.lsp_control import Op, Request, Response, Result
from ingest.decoders.lsp_info import Info, InfoFlag, StreamDescriptor
from ingest.decoders.lsp_stream import LspStream
from ingest.decoders.lsp_units import stream_of
from ingest.decoders.outlet import BACKFILL_WINDOW_S, Outlet, lag_ns
from ingest.decoders.segments import Segments
from ingest.errors import DecodeError
from ingest.stream_key import stream_key

if TYPE_CHECKING:
    from collections.abc import Mapping

    from detectors.signal import Stream
    from ingest.decoders.lsp_order import Arrival
    from ingest.decoders.reports import Reports
    from ingest.envelope import ClockQuality
    from ingest.stream_key import StreamKey

_NS_PER_US = 1000
_LEFT_OUT = (StatusKind.MALFORMED, StatusKind.DUPLICATE, StatusKind.LATE)
_CHANGED_FIELD = {Op.SET_RATE: "rate_mhz", Op.SET_SPP: "samples_per_packet", Op.SET_FORMAT: "value_format"}


class LspStreams:
    """The streams of one sensor.

    Parameters
    ----------
    placement : Placement
        Where the sensor is worn.
    reports : Reports
        Makes its statuses.
    window_s : float
        How long a gap waits for packets that are sent again, s.
    """

    def __init__(self, placement: Placement, reports: Reports, window_s: float) -> None:
        self._placement = placement
        self._reports = reports
        self._window_s = window_s
        self._info: Info | None = None
        self._time: tuple[Response, Arrival] | None = None
        self._segment_at_stop: dict[int, int] = {}
        self._segments = Segments()
        self.speed = 1.0
        self.by_id: dict[int, LspStream] = {}

    @property
    def described(self) -> bool:
        """Whether the sensor has said which streams it has."""
        return self._info is not None

    def __getitem__(self, number: int) -> LspStream:
        stream = self.by_id.get(number)
        if stream is None:
            msg = f"LSP data of stream {number}, expected one of {sorted(self.by_id)}"
            raise DecodeError(msg)
        return stream

    @property
    def clocks(self) -> list[tuple[Stream, ClockQuality]]:
        """How well the time of each segment is known, those that are over first."""
        return self._segments.clocks(stream.outlet for stream in self.by_id.values())

    @property
    def n_late(self) -> int:
        """How many samples came too late to be used in this pass."""
        return self._segments.n_late(stream.outlet for stream in self.by_id.values())

    @property
    def n_refilled(self) -> Mapping[StreamKey, int]:
        """How many samples of each stream were sent again in time to fill a gap."""
        return self._segments.n_refilled(stream.outlet for stream in self.by_id.values())

    def take_info(self, info: Info, mono_ns: int) -> list[Item]:
        """Open the streams, or renew those that changed; all of them after a boot."""
        before, self._info = self._info, info
        rebooted = before is not None and before.boot_id != info.boot_id
        if before is not None and not rebooted and before.streams == info.streams:
            return []
        items: list[Item] = []
        if rebooted:
            self._time, self._segment_at_stop = None, {}
            values = {"boot_id": float(info.boot_id)}
            items.append(self._reports.status(StatusKind.REBOOT, mono_ns, "the sensor has booted", values))
        streams, unusable = self._readable(info, mono_ns)
        kept = {
            number: stream
            for number, stream in self.by_id.items()
            if not rebooted and number in streams and self._goes_on(info, streams[number], stream)
        }
        # All others end before any begins: what one of them measured may be what a new one does.
        ended = [
            item for number, each in self.by_id.items() if number not in kept for item in self._close(each, mono_ns)
        ]
        self.by_id = {
            number: kept.get(number) or self._open(info, descriptor) for number, descriptor in streams.items()
        }
        return [*items, *unusable, *ended]

    def _readable(self, info: Info, mono_ns: int) -> tuple[dict[int, StreamDescriptor], list[Item]]:
        """Return the streams that can be read, by their number, and what is said of the others."""
        streams: dict[int, StreamDescriptor] = {}
        items: list[Item] = []
        for descriptor in info.streams:
            number = descriptor.stream_id
            if descriptor.usable and number not in streams:
                streams[number] = descriptor
            else:
                detail = f"stream {number} cannot be read: {descriptor}"
                items.append(self._reports.counted(StatusKind.MALFORMED, mono_ns, detail))
        return streams, items

    def _goes_on(self, info: Info, descriptor: StreamDescriptor, stream: LspStream) -> bool:
        """Tell whether a stream is still what it was; its name goes by the other streams, too."""
        named, _ = stream_of(info, descriptor, self._placement)
        return stream.descriptor == descriptor and stream_key(stream.outlet.stream) == stream_key(named)

    def take_response(self, response: Response, request: bytes, arrival: Arrival) -> list[Item]:
        """Take the sensor's answer to a request.

        Raises
        ------
        DecodeError
            If the request that was logged with it cannot be read, or is not what it answers.
        """
        if response.result != Result.OK:
            return []
        if response.op == Op.GET_TIME:
            self._time = response, arrival
            for stream in self.by_id.values():
                self._tell_time(stream, response, arrival)
        elif response.op == Op.STOP:
            self._segment_at_stop = {number: s.outlet.stream.segment for number, s in self.by_id.items()}
            return [self._reports.status(StatusKind.STOPPED, arrival.mono_ns, "the collector stopped it", {})]
        elif response.op == Op.START:
            return self._start()
        elif response.op in _CHANGED_FIELD and self._info is not None:
            return self.take_info(_changed(self._info, response, Request.from_bytes(request)), arrival.mono_ns)
        return []

    def left_out(self, stream: LspStream, mono_ns: int) -> list[Item]:
        """Say what of a stream was left out since that was said last."""
        new = stream.newly_left_out()
        if not any(new):
            return []
        detail = f"stream {stream.descriptor.stream_id}{stream.why_left_out}"
        return [
            self._reports.counted(kind, mono_ns, detail, n_new)
            for kind, n_new in zip(_LEFT_OUT, new, strict=True)
            if n_new > 0
        ]

    def learn_from_sync(self, stream: LspStream, tick: int, unix_us: int, arrival: Arrival) -> None:
        """Take the time from a sync where the sensor was never asked for it."""
        if self._time is None and unix_us and not stream.started:
            stream.learn_time(tick, self._believed_ns(unix_us, arrival), arrival.utc_ns)

    def _start(self) -> list[Item]:
        """Begin new segments if the sensor was stopped before: it counts anew then, and only then."""
        at_stop, self._segment_at_stop = self._segment_at_stop, {}
        items: list[Item] = []
        for number, stream in self.by_id.items():
            if stream.started and at_stop.get(number) == stream.outlet.stream.segment:
                items += stream.restart()
        return items

    def _close(self, stream: LspStream, mono_ns: int) -> list[Item]:
        """End a stream that is described otherwise from here on, or no more; what still waited in it is told."""
        return [*stream.close(), *self.left_out(stream, mono_ns)]

    def _open(self, info: Info, descriptor: StreamDescriptor) -> LspStream:
        stream, scaling = stream_of(info, descriptor, self._placement)
        floor_ns, before = None, self._segments.newest(stream)
        if before is not None:
            stream = dataclasses.replace(stream, segment=before.stream.segment + 1)
            floor_ns = before.floor_ns
        outlet = Outlet(stream, ClockFit(descriptor.fs_hz, by_arrival=self.speed <= 1.0), floor_ns)
        hold_ns = self._window_s * NS_PER_S if info.flags & InfoFlag.RESEND else 0.0
        opened = LspStream(descriptor, scaling, outlet, tick_hz=info.tick_hz, hold_ns=hold_ns, segments=self._segments)
        if self._time is not None:
            self._tell_time(opened, *self._time)
        return opened

    def _tell_time(self, stream: LspStream, response: Response, arrival: Arrival) -> None:
        stream.learn_time(response.tick, self._believed_ns(response.unix_us, arrival), arrival.utc_ns)

    def _believed_ns(self, unix_us: int, arrival: Arrival) -> int | None:
        """UTC as the sensor knows it, ns, unless it does not know it or is far from the log's."""
        unix_ns = unix_us * _NS_PER_US
        return unix_ns if abs(unix_ns - arrival.utc_ns) <= lag_ns(BACKFILL_WINDOW_S, self.speed) else None


def _changed(info: Info, response: Response, request: Request) -> Info:
    """Return the description of a sensor after one of its streams was changed."""
    if request.op != response.op:
        msg = f"LSP response to {response.op:#04x} was logged with request {request.op:#04x}, expected one op"
        raise DecodeError(msg)
    field = _CHANGED_FIELD[Op(request.op)]
    number, value = request.values
    streams = tuple(
        dataclasses.replace(stream, **{field: value}) if stream.stream_id == number else stream
        for stream in info.streams
    )
    return dataclasses.replace(info, streams=streams)
