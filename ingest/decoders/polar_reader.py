"""Polar measurement data (PMD): what the frames of one sensor mean, given what was answered before them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from detectors.signal import NS_PER_S, Quantity, Unit
from ingest.decoders.base import StatusKind
from ingest.decoders.layout import Counting, Reported, Said, Samples, StreamLayout
from ingest.decoders.polar_control import (
    CONTROL_UUID,
    DATA_UUID,
    RESPONSE_BYTE,
    STOPPED_BYTE,
    Op,
    Request,
    Response,
    Result,
    Setting,
    Settings,
)
from ingest.decoders.polar_frames import Frame, FrameType, Measurement, decode_acc, decode_gyro, decode_mag
from ingest.decoders.profile import LossMode
from ingest.errors import DecodeError

if TYPE_CHECKING:
    from collections.abc import Mapping

    import numpy as np
    from numpy.typing import NDArray

UNIX_OF_POLAR_EPOCH_NS = 946_684_800 * NS_PER_S
"""2000-01-01, from which the device counts, in Unix time."""
VERITY_HZ = 52.0
ACC_BITS = 16
OLD_NS = 10 * NS_PER_S
"""A frame that is older than the last one by less came late or twice; by more, the clock was set."""
MOST_GAP_NS = 3600 * NS_PER_S
"""The watchdog reconnects long before; a jump by more than this means that the clock was set."""
TOLERANCE = 0.5
"""A frame that comes this part of its own length late or early does not follow on."""
LEAST_RATE_NS = 60 * NS_PER_S
MOST_RATE_ERROR = 0.05
MOST_RESOLUTION_BITS = 32
MOST_FACTOR = 1e19
"""Up to this, 64-bit steps make samples that are finite in single precision; real factors are below 1."""
_UNITS = {
    Measurement.ACC: (Quantity.ACCELERATION, Unit.G),
    Measurement.GYRO: (Quantity.ROTATION, Unit.DEGREES_PER_SECOND),
}
_BY_CLOCK = Counting(LossMode.DEVICE_TS)


class _Frame(NamedTuple):
    """The newest frame: the device's time of its last and first sample, ns."""

    last_ns: int
    first_ns: int


class FrameTiming:
    """The device's time of the first sample of a frame, which carries that of its last.

    Parameters
    ----------
    fs_hz : float
        Nominal sampling rate, Hz.
    """

    def __init__(self, fs_hz: float) -> None:
        self._nominal_hz = fs_hz
        self._fs_hz = fs_hz
        self._n_samples = 0
        self._elapsed_ns = 0
        self._newest: _Frame | None = None

    def first_ns(self, last_ns: int, n_samples: int) -> int:
        """Take a frame; measures the rate over frames that follow each other."""
        newest = self._newest
        if newest is not None and last_ns == newest.last_ns:
            return newest.first_ns
        first_ns = last_ns - round((n_samples - 1) * NS_PER_S / self._fs_hz)
        if newest is not None:
            elapsed_ns = last_ns - newest.last_ns
            if -OLD_NS < elapsed_ns < 0:
                return first_ns
            if 0 < elapsed_ns <= MOST_GAP_NS:
                soonest_ns = newest.last_ns + round(elapsed_ns / n_samples)
                # Never before the end of the frame before, though the real rate be far above the nominal one.
                first_ns = soonest_ns if self._follows(elapsed_ns, n_samples) else max(first_ns, soonest_ns)
        self._newest = _Frame(last_ns, first_ns)
        return first_ns

    def _follows(self, elapsed_ns: int, n_samples: int) -> bool:
        length_ns = n_samples * NS_PER_S / self._fs_hz
        if abs(elapsed_ns - length_ns) > TOLERANCE * length_ns:
            return False
        self._n_samples += n_samples
        self._elapsed_ns += elapsed_ns
        if self._elapsed_ns >= LEAST_RATE_NS:
            measured_hz = self._n_samples * NS_PER_S / self._elapsed_ns
            if abs(measured_hz / self._nominal_hz - 1) <= MOST_RATE_ERROR:
                self._fs_hz = measured_hz
        return True


@dataclass(frozen=True, slots=True)
class Start:
    """A measurement that runs.

    Parameters
    ----------
    fs_hz : float
        Nominal sampling rate, Hz.
    factor : float or None
        From steps to the unit; None if nobody said it.
    resolution_bits : int
        Width of the first sample of a delta frame.

    Raises
    ------
    DecodeError
        If a value makes no sense.
    """

    fs_hz: float
    factor: float | None
    resolution_bits: int

    def __post_init__(self) -> None:
        if not self.fs_hz > 0:
            msg = f"Polar start with a sampling rate of {self.fs_hz}, expected more than 0 Hz"
            raise DecodeError(msg)
        if self.factor is not None and not 0 < abs(self.factor) <= MOST_FACTOR:
            msg = f"Polar factor is {self.factor}, expected a number that is neither 0 nor above {MOST_FACTOR:g}"
            raise DecodeError(msg)
        if not 0 < self.resolution_bits <= MOST_RESOLUTION_BITS:
            msg = f"Polar resolution is {self.resolution_bits} bits, expected 1 to {MOST_RESOLUTION_BITS}"
            raise DecodeError(msg)

    def layout(self, measurement: Measurement) -> StreamLayout:
        """Return the stream."""
        quantity, unit = _UNITS[measurement]
        return StreamLayout(quantity, unit, ("x", "y", "z"), self.fs_hz, _BY_CLOCK)


class _Running(NamedTuple):
    start: Start
    layout: StreamLayout
    timing: FrameTiming


class PolarReader:
    """What the bytes of one Polar sensor mean; see :class:`ingest.decoders.reading.Reader`.

    Rate, resolution and factor come from the logged start command and its response. A log without any answer of the
    control point, or with the answer to a start that nobody knows, is read by the options, and by 52 Hz and 16 bits
    where they say nothing; the rate is reported then.

    Parameters
    ----------
    options : mapping of str to float
        ``fs_hz``, ``factor``, ``resolution_bits``.
    """

    def __init__(self, options: Mapping[str, float]) -> None:
        self._options = options
        self._running: dict[int, _Running] = {}
        self._was_answered = False
        self._others: set[int] = set()

    def unlinked(self) -> None:
        """Forget what runs."""
        self._running.clear()

    def reply(self, characteristic: str, request: bytes, payload: bytes) -> list[Said]:
        """Take a value that was read, or the answer to a request; to one that nobody knows if it is empty."""
        if characteristic != CONTROL_UUID or (not request and payload[:1] != bytes((RESPONSE_BYTE,))):
            return []
        if payload[:1] == bytes((STOPPED_BYTE,)):
            return self._stopped()
        response = Response.from_bytes(payload)
        asked = Request.from_bytes(request).settings if request else self._assumed_settings()
        if response.measurement not in _UNITS:
            return []
        if not self._was_answered and response.op in (Op.START, Op.STOP):
            # From here on the log says what runs; what was assumed before may not have been so.
            self._was_answered = True
            self._running.clear()
        if response.op == Op.STOP and response.result == Result.OK:
            self._running.pop(response.measurement, None)
        runs_already = response.result == Result.ALREADY and response.measurement not in self._running
        if response.op == Op.START and (response.result == Result.OK or runs_already):
            start = self._run(Measurement(response.measurement), {**asked, **response.settings})
            if not request:
                return [_named(start, "the start that was answered is not known")]
            return [_named(start, "the sensor streamed already")] if runs_already else []
        return []

    def notified(self, characteristic: str, payload: bytes) -> list[Said]:
        """Take a frame, or what the sensor says on its own."""
        if characteristic == CONTROL_UUID:
            return self._stopped() if payload[:1] == bytes((STOPPED_BYTE,)) else []
        if characteristic != DATA_UUID:
            return []
        frame = Frame.from_bytes(payload)
        if frame.measurement not in _UNITS:
            return self._other(frame)
        measurement = Measurement(frame.measurement)
        running = self._running.get(measurement) or self._assumed(measurement)
        data = _samples(frame, running.start)
        is_new = measurement not in self._running
        said: list[Said] = [_named(running.start, "no start was logged")] if is_new else []
        self._running[measurement] = running
        first_ns = running.timing.first_ns(frame.last_ns, len(data))
        return [*said, Samples(running.layout, data, None, first_ns, first_ns + UNIX_OF_POLAR_EPOCH_NS)]

    def _stopped(self) -> list[Said]:
        return [Reported(StatusKind.STOPPED, "the sensor stopped by itself", {})]

    def _run(self, measurement: Measurement, settings: Settings) -> Start:
        factor = settings.get(Setting.FACTOR, (self._options.get("factor", 1.0),))[0]
        resolution_bits = int(settings.get(Setting.RESOLUTION_BITS, (ACC_BITS,))[0])
        start = Start(float(settings.get(Setting.RATE_HZ, (0,))[0]), factor, resolution_bits)
        self._running[measurement] = _Running(start, start.layout(measurement), FrameTiming(start.fs_hz))
        return start

    def _assumed_settings(self) -> Settings:
        """Return what is taken for the settings of a start that nobody knows."""
        rate_hz, bits = self._options.get("fs_hz", VERITY_HZ), self._options.get("resolution_bits", ACC_BITS)
        return {Setting.RATE_HZ: (rate_hz,), Setting.RESOLUTION_BITS: (bits,)}

    def _assumed(self, measurement: Measurement) -> _Running:
        if self._was_answered:
            msg = "Polar data before the response to a start command"
            raise DecodeError(msg)
        assumed = self._assumed_settings()
        bits = int(assumed[Setting.RESOLUTION_BITS][0])
        start = Start(assumed[Setting.RATE_HZ][0], self._options.get("factor"), bits)
        return _Running(start, start.layout(measurement), FrameTiming(start.fs_hz))

    def _other(self, frame: Frame) -> list[Said]:
        if frame.measurement == Measurement.MAG:
            decode_mag(frame, 1.0)
        if frame.measurement in self._others:
            return []
        self._others.add(frame.measurement)
        values = {"measurement": float(frame.measurement)}
        return [Reported(StatusKind.DEVICE, "a measurement that is not kept", values)]


def _named(start: Start, why: str) -> Reported:
    return Reported(StatusKind.DEVICE, f"{start.fs_hz:g} Hz assumed: {why}", {})


def _samples(frame: Frame, start: Start) -> NDArray[np.float32]:
    factor = start.factor
    if factor is None and (frame.measurement == Measurement.GYRO or frame.frame_type == FrameType.DELTA_G):
        msg = f"Polar frame type {frame.frame_type:#04x} without a factor, expected option factor or a logged start"
        raise DecodeError(msg)
    if frame.measurement == Measurement.GYRO:
        return decode_gyro(frame, 1.0 if factor is None else factor)
    return decode_acc(frame, 1.0 if factor is None else factor, start.resolution_bits)
