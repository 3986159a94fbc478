"""Polar H10, Verity Sense and OH1: the accelerometer, over Polar measurement data (PMD).

Loss shows in the device's clock alone, there is no counter. That clock may be years wrong and
starts anew when the sensor was off, so it is used only within one connection.
"""

from __future__ import annotations

import dataclasses
import math
from typing import TYPE_CHECKING

from detectors.signal import NS_PER_S, GapCause, Quantity, Stream, Unit
from ingest.clock import ClockFit, DevicePair, HostTime
from ingest.decoders.base import Item, Placement, StatusKind
from ingest.decoders.layout import Device, DeviceCard
from ingest.decoders.outlet import BACKFILL_WINDOW_S, Outlet, lag_ns
from ingest.decoders.polar_control import (
    CONTROL_UUID,
    DATA_UUID,
    FEATURES_BYTE,
    RESPONSE_BYTE,
    SERVICE_UUID,
    STOPPED_BYTE,
    Op,
    Request,
    Response,
    Result,
    Setting,
    Settings,
)
from ingest.decoders.polar_frames import Frame, Measurement, decode_acc
from ingest.decoders.profile import DeviceProfile, LossMode, SetupOp, SetupStep
from ingest.decoders.reports import BATTERY_LEVEL_UUID, Reports
from ingest.decoders.segments import Segments
from ingest.errors import DecodeError
from ingest.night.records import LinkDown, LinkUp, NightStart, Notification, SetupReply, TimePair

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from ingest.envelope import ClockQuality
    from ingest.night.records import Record

_STARTS: tuple[Settings, ...] = (
    {Setting.RATE_HZ: (52,), Setting.RESOLUTION_BITS: (16,), Setting.RANGE: (8,), Setting.CHANNELS: (3,)},
    {Setting.RATE_HZ: (50,), Setting.RESOLUTION_BITS: (16,), Setting.RANGE: (8,)},
    {Setting.RATE_HZ: (50,), Setting.RESOLUTION_BITS: (16,), Setting.RANGE: (8,), Setting.CHANNELS: (3,)},
    {Setting.RATE_HZ: (50,), Setting.RESOLUTION_BITS: (16,), Setting.RANGE: (2,)},
)
"""What to start with: Verity Sense, H10, OH1, and an H10 that knows 2 g only; each sensor refuses the others'."""


def _exchange(request: Request, *, otherwise: tuple[bytes, ...] = (), required: bool = False) -> SetupStep:
    expected = bytes((RESPONSE_BYTE, request.op, request.measurement, Result.OK))
    return SetupStep(
        SetupOp.WRITE,
        CONTROL_UUID,
        payload=request.to_bytes(),
        expect_prefix=expected,
        answer_prefix=expected[:2],
        otherwise=otherwise,
        required=required,
    )


_START_REQUESTS = tuple(Request(Op.START, Measurement.ACC, settings) for settings in _STARTS)
_STOP_STEP = _exchange(Request(Op.STOP, Measurement.ACC))

POLAR_PMD = DeviceProfile(
    name="polar-pmd",
    service_uuids=(SERVICE_UUID,),
    setup=(
        SetupStep(SetupOp.SUBSCRIBE, CONTROL_UUID),
        SetupStep(SetupOp.SUBSCRIBE, DATA_UUID),
        SetupStep(SetupOp.READ, CONTROL_UUID, expect_prefix=bytes((FEATURES_BYTE,)), required=False),
        _exchange(Request(Op.GET_SETTINGS, Measurement.ACC)),
        # Only a start that really starts answers with the factor.
        _STOP_STEP,
        _exchange(
            _START_REQUESTS[0],
            otherwise=tuple(request.to_bytes() for request in _START_REQUESTS[1:]),
            required=True,
        ),
        SetupStep(SetupOp.READ, BATTERY_LEVEL_UUID, required=False),
    ),
    stop=(_STOP_STEP,),
    silence_timeout_s=5.0,
    loss_mode=LossMode.DEVICE_TS,
    name_prefixes=("Polar ",),
)

UNIX_OF_POLAR_EPOCH_NS = 946_684_800 * NS_PER_S
"""2000-01-01, from which the device counts, in Unix time."""
_OLD_NS = 10 * NS_PER_S
"""A frame that is older than the last one by less came late or twice; by more, the clock was set."""
_MOST_GAP_NS = 3600 * NS_PER_S
"""The watchdog reconnects long before; a jump by more than this means that the clock was set."""
_TOLERANCE = 0.5
"""A frame that comes this part of its own length late or early does not follow on."""
_LEAST_RATE_NS = 60 * NS_PER_S
_MOST_RATE_ERROR = 0.05
_MOST_RESOLUTION_BITS = 32
_MOST_FACTOR = 1e19
"""Up to this, 64-bit steps make samples that are finite in single precision; real factors are below 1."""


class _Timing:
    """The sampling rate on the device's clock, measured over frames that follow each other."""

    def __init__(self, fs_hz: float) -> None:
        self._nominal_hz = fs_hz
        self._n_samples = 0
        self._elapsed_ns = 0
        self.fs_hz = fs_hz
        self.last_ns: int | None = None

    def take(self, last_ns: int, n_samples: int) -> tuple[int, int]:
        """Take a frame; return how many samples are missing before it, and device time of its first, ns."""
        before, self.last_ns = self.last_ns, last_ns
        first_ns = last_ns - round((n_samples - 1) * NS_PER_S / self.fs_hz)
        if before is None:
            return 0, first_ns
        elapsed_ns = last_ns - before
        length_ns = n_samples * NS_PER_S / self.fs_hz
        if abs(elapsed_ns - length_ns) > _TOLERANCE * length_ns:
            return max(0, round(elapsed_ns * self.fs_hz / NS_PER_S) - n_samples), first_ns
        self._n_samples += n_samples
        self._elapsed_ns += elapsed_ns
        if self._elapsed_ns >= _LEAST_RATE_NS:
            measured_hz = self._n_samples * NS_PER_S / self._elapsed_ns
            if abs(measured_hz / self._nominal_hz - 1) <= _MOST_RATE_ERROR:
                self.fs_hz = measured_hz
        return 0, before + round(elapsed_ns / n_samples)


class PolarDecoder:
    """From the log records of one Polar sensor to samples; see :class:`ingest.decoders.base.Decoder`.

    Rate, resolution and factor come from the logged start command and its response.

    Parameters
    ----------
    placement : Placement
        Where the sensor is worn.
    speed : float
        Seconds of the night per second of the wall clock, until the log says it (`NightStart`).
    backfill_window_s : float
        Together with a healthy link's 2 s, how far the watermark of a silent sensor stays behind
        the log, s; samples older than a watermark that was given are left out.

    Notes
    -----
    Each start is a segment. A frame that does not follow the one before by the device's clock has
    a gap before it, as long as the clock says at the rate measured so far.
    """

    def __init__(
        self, placement: Placement, *, speed: float = 1.0, backfill_window_s: float = BACKFILL_WINDOW_S
    ) -> None:
        self._placement = placement
        self._speed = speed
        self._window_s = backfill_window_s
        self._host = HostTime()
        self._reports = Reports(placement.sensor)
        self._outlet: Outlet | None = None
        self._timing = _Timing(1.0)
        self._factor = 1.0
        self._resolution_bits = 16
        self._link_lost = False
        self._is_started = False
        self._others: set[int] = set()
        self._segments = Segments()

    @property
    def clocks(self) -> list[tuple[Stream, ClockQuality]]:
        """How well the time of each segment is known, those that are over first."""
        return self._segments.clocks([] if self._outlet is None else [self._outlet])

    @property
    def n_late(self) -> int:
        """How many samples came too late to be used in this pass."""
        return self._segments.n_late([] if self._outlet is None else [self._outlet])

    def feed(self, record: Record) -> list[Item]:
        """Take one record of the log and return what it settles."""
        if isinstance(record, NightStart | TimePair):
            return self._take_time(record)
        if getattr(record, "sensor", None) != self._placement.sensor:
            return []
        if isinstance(record, LinkUp | LinkDown):
            self._link_lost, self._is_started = True, False
            return [self._reports.link(record)]
        if not isinstance(record, Notification | SetupReply):
            return []
        try:
            return self._take_payload(record)
        except DecodeError as error:
            return [self._reports.counted(StatusKind.MALFORMED, record.mono_ns, str(error))]

    def finish(self) -> list[Item]:
        """Return nothing: a Polar sensor sends nothing again, so nothing is held back."""
        return []

    def _take_time(self, record: NightStart | TimePair) -> list[Item]:
        self._host.feed(record)
        if isinstance(record, NightStart):
            self._speed = record.speed
            self._link_lost, self._is_started = True, False
            return []
        lag = lag_ns(self._window_s, self._speed)
        if self._outlet is None or not math.isfinite(lag):
            return []
        cause = GapCause.RECONNECT if self._link_lost else GapCause.SILENCE
        return self._outlet.tide(self._host.utc_ns(record.mono_ns) - round(lag), cause)

    def _take_payload(self, record: Notification | SetupReply) -> list[Item]:
        characteristic = record.characteristic.lower()
        if characteristic == CONTROL_UUID:
            return self._take_control(record)
        if characteristic == DATA_UUID:
            return self._take_data(Frame.from_bytes(record.payload), record.mono_ns)
        return self._reports.battery_level(characteristic, record.payload, record.mono_ns)

    def _take_control(self, record: Notification | SetupReply) -> list[Item]:
        if record.payload[:1] == bytes((STOPPED_BYTE,)):
            return [self._reports.status(StatusKind.STOPPED, record.mono_ns, "the sensor stopped by itself", {})]
        if not isinstance(record, SetupReply) or not record.request:
            return []
        response, request = Response.from_bytes(record.payload), Request.from_bytes(record.request)
        if response.measurement != Measurement.ACC:
            return []
        if response.op == Op.STOP and response.result == Result.OK:
            self._is_started = False
        is_running = response.result == Result.ALREADY and not self._is_started
        if response.op == Op.START and (response.result == Result.OK or is_running):
            return self._start({**request.settings, **response.settings})
        return []

    def _start(self, settings: Settings) -> list[Item]:
        """Begin a segment."""
        fs_hz = float(settings.get(Setting.RATE_HZ, (0,))[0])
        if not fs_hz > 0:
            msg = f"Polar start without a sampling rate: {settings}"
            raise DecodeError(msg)
        factor = settings.get(Setting.FACTOR, (1.0,))[0]
        if not 0 < abs(factor) <= _MOST_FACTOR:
            msg = f"Polar factor is {factor}, expected a number that is neither 0 nor above {_MOST_FACTOR:g}"
            raise DecodeError(msg)
        resolution_bits = int(settings.get(Setting.RESOLUTION_BITS, (16,))[0])
        if not 0 < resolution_bits <= _MOST_RESOLUTION_BITS:
            msg = f"Polar resolution is {resolution_bits} bits, expected 1 to {_MOST_RESOLUTION_BITS}"
            raise DecodeError(msg)
        self._factor, self._resolution_bits = factor, resolution_bits
        self._is_started = True
        return self._open(fs_hz)

    def _open(self, fs_hz: float) -> list[Item]:
        self._timing = _Timing(fs_hz)
        fit = ClockFit(fs_hz, by_arrival=self._speed <= 1.0)
        where = self._placement
        axes = ("x", "y", "z")
        stream = Stream(where.sensor, where.leg, where.site, Quantity.ACCELERATION, Unit.G, axes, fs_hz)
        before, self._outlet = self._outlet, Outlet(stream, fit)
        if before is None:
            return []
        if before.expected is None:
            # Nothing came of the segment before, so it never was one.
            self._outlet = Outlet(dataclasses.replace(stream, segment=before.stream.segment), fit, before.floor_ns)
            return []
        stream = dataclasses.replace(stream, segment=before.stream.segment + 1)
        self._outlet = Outlet(stream, fit, before.floor_ns)
        self._segments.end(before)
        return before.close()

    def _take_data(self, frame: Frame, mono_ns: int) -> list[Item]:
        if frame.measurement != Measurement.ACC:
            if frame.measurement in self._others:
                return []
            self._others.add(frame.measurement)
            values = {"measurement": float(frame.measurement)}
            return [self._reports.status(StatusKind.DEVICE, mono_ns, "a measurement that is not decoded", values)]
        if self._outlet is None or not self._is_started:
            msg = "Polar data before the response to a start command"
            raise DecodeError(msg)
        data = decode_acc(frame, self._factor, self._resolution_bits)
        last_ns = frame.last_ns if self._timing.last_ns is None else self._timing.last_ns
        if self._timing.last_ns is not None and -_OLD_NS < frame.last_ns - last_ns <= 0:
            return [self._reports.counted(StatusKind.DUPLICATE, mono_ns, "a frame came late or twice")]
        clock_was_set = not 0 <= frame.last_ns - last_ns <= _MOST_GAP_NS
        items = self._open(self._outlet.stream.fs_hz) if clock_was_set else []
        return [*items, *self._put(self._outlet, frame, data, mono_ns)]

    def _put(self, outlet: Outlet, frame: Frame, data: NDArray[np.float32], mono_ns: int) -> list[Item]:
        arrival_ns = self._host.utc_ns(mono_ns)
        n_missing, first_ns = self._timing.take(frame.last_ns, len(data))
        unix_ns = frame.last_ns + UNIX_OF_POLAR_EPOCH_NS
        if abs(unix_ns - arrival_ns) <= lag_ns(BACKFILL_WINDOW_S, self._speed):
            outlet.fit.know(DevicePair(frame.last_ns, unix_ns))
        start = (outlet.expected or 0) + n_missing
        items = outlet.missing(start, GapCause.AIR)
        self._link_lost = False
        return [*items, *outlet.put(start, data, first_ns, arrival_ns)]


POLAR_DEVICE = Device(
    name=POLAR_PMD.name,
    card=DeviceCard(
        title="Polar Verity Sense, OH1, H10",
        placement="optical armband round the calf or ankle; H10 pod with strap contact",
        modality="acceleration 25 to 416 Hz",
        loss="by the device's clock",
        mtu="231 or more keeps frames whole",
        sources=("polarofficial/polar-ble-sdk",),
        confirmed=("settings and delta frames: public vectors",),
        unconfirmed=("exact START bytes of every model", "delta width 0", "frame MTU"),
    ),
    profile=lambda _options: POLAR_PMD,
    decoder=lambda placement, _options, **keywords: PolarDecoder(placement, **keywords),
    options={},
)
