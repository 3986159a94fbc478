"""Movesense (GATT SensorData protocol): acceleration, with rotation if asked for, timed by the sensor in milliseconds.

Nobody has tried this file on a Movesense. Unconfirmed, to be checked on hardware:

- whether the second part of a notification that is larger than the link repeats the time: both are read;
- a first part that happens to hold whole samples looks complete. It is taken so until a second part follows one of
  that length; from then on it is waited for. An MTU of 161 or more keeps notifications whole;
- the answer to HELLO: only that there is one. A sensor whose firmware lacks the protocol does not answer;
- the protocol cannot set the range, it is what the sensor was left at; samples beyond ``range_g`` are refused;
- how many samples a notification holds: taken from its length;
- the clock begins anew when the sensor was off.

Layout: movesense.com/docs/esw/gatt_sensordata_protocol; sensein/movesense-py; EvanKat/movesense_bleak.
"""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from detectors.signal import Quantity, Unit
from ingest.decoders.base import StatusKind
from ingest.decoders.layout import Counting, Device, DeviceCard, DeviceOption, Reported, Said, Samples, StreamLayout
from ingest.decoders.profile import DeviceProfile, LossMode, SetupOp, SetupStep
from ingest.decoders.reading import decoding
from ingest.decoders.standard_steps import STANDARD_STEPS
from ingest.errors import DecodeError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from ingest.decoders.layout import Options

SERVICE_UUID = "34802252-7185-4d5d-b431-630e7050e8f0"
WRITE_UUID = "34800001-7185-4d5d-b431-630e7050e8f0"
NOTIFY_UUID = "34800002-7185-4d5d-b431-630e7050e8f0"

HELLO, SUBSCRIBE, UNSUBSCRIBE = 0x00, 0x01, 0x02
RESULT, DATA, DATA_PART_2, OK = 0x01, 0x02, 0x03, 200
HELLO_REF, DATA_REF = 1, 99
MS2_PER_G = 9.80665
MOST_DPS = 2000.0
BEYOND = 1.1
"""A sample that is this much over its range is garbled."""
NS_PER_MS = 1_000_000
RATES_HZ = (13.0, 26.0, 52.0, 104.0, 208.0, 416.0, 833.0, 1666.0)
RANGES_G = (2.0, 4.0, 8.0, 16.0)
_HEADER = struct.Struct("<BBI")
_TIME_BYTES, _VECTOR_BYTES = 4, 12
_ACC, _GYRO, _MAGN = "acc", "gyro", "magn"
PATHS = {
    "Acc": (_ACC,),
    "Gyro": (_GYRO,),
    "Magn": (_MAGN,),
    "IMU6": (_ACC, _GYRO),
    "IMU6m": (_ACC, _MAGN),
    "IMU9": (_ACC, _GYRO, _MAGN),
}
"""What each path sends: one vector per sample of the first kind, then of the second, and so on."""
_UNITS = {
    _ACC: (Quantity.ACCELERATION, Unit.G, MS2_PER_G),
    _GYRO: (Quantity.ROTATION, Unit.DEGREES_PER_SECOND, 1.0),
}
_HALF = Reported(StatusKind.MALFORMED, "Movesense first part without its second: what both held is lost", {})
_PATH_OF_AXES = {3.0: "Acc", 6.0: "IMU6", 9.0: "IMU9"}
_BY_CLOCK = Counting(LossMode.DEVICE_TS, span=(1 << 32) * NS_PER_MS)


def path_of(name: str, fs_hz: float) -> str:
    """Return the path to subscribe to."""
    return f"/Meas/{name}/{fs_hz:g}"


def encode_request(code: int, ref: int, path: str = "") -> bytes:
    """Return what is written: a code, a number that the answer repeats, and for a subscription its path.

    Examples
    --------
    >>> encode_request(SUBSCRIBE, 99, "/Meas/Acc/52").hex(" ")
    '01 63 2f 4d 65 61 73 2f 41 63 63 2f 35 32'
    """
    return bytes((code, ref)) + path.encode()


def encode_result(ref: int, result: int = OK) -> bytes:
    """Return the answer to a request."""
    return bytes((RESULT, ref)) + result.to_bytes(2, "little")


def encode_data(ref: int, time_ms: int, vectors: Sequence[NDArray[np.floating]]) -> bytes:
    """Return a notification of samples.

    Parameters
    ----------
    ref : int
        Of the subscription.
    time_ms : int
        The sensor's time of the first sample, ms; it wraps at 2**32.
    vectors : sequence of ndarray, shape (n_samples, 3) each
        Acceleration in m/s2, rotation in degrees per second, magnetometer in uT, as the path has them.
    """
    body = b"".join(np.ascontiguousarray(part, dtype="<f4").tobytes() for part in vectors)
    return _HEADER.pack(DATA, ref, time_ms % (1 << 32)) + body


def encode_parts(data: bytes, n_bytes: int, *, repeats_time: bool = False) -> tuple[bytes, ...]:
    """Return a notification as it comes over a link that carries `n_bytes` at once, in one part or two."""
    if len(data) <= n_bytes:
        return (data,)
    time = data[2 : _HEADER.size] if repeats_time else b""
    return data[:n_bytes], bytes((DATA_PART_2, data[1])) + time + data[n_bytes:]


class _Subscription(NamedTuple):
    """What one reference number stands for."""

    kinds: tuple[str, ...]
    fs_hz: float
    sample_bytes: int


class MovesenseReader:
    """What a Movesense's bytes mean; see :class:`ingest.decoders.reading.Reader`.

    Parameters
    ----------
    options : mapping of str to float
        ``fs_hz``, ``axes`` and ``range_g``; a logged subscription says the first two itself.
    """

    def __init__(self, options: Options) -> None:
        self._assumed = _subscription(path_of(_PATH_OF_AXES[options["axes"]], options["fs_hz"]))
        self._most = {_ACC: options["range_g"] * MS2_PER_G * BEYOND, _GYRO: MOST_DPS * BEYOND}
        self._subscriptions: dict[int, _Subscription] = {}
        self._first_parts: dict[int, bytes] = {}
        self._cut_sizes: set[int] = set()
        self._newest_size = 0

    def unlinked(self) -> list[Said]:
        """Forget what looked like halves of notifications, and halves that waited: those are lost."""
        lost: list[Said] = [_HALF] * len(self._first_parts)
        self._first_parts.clear()
        self._cut_sizes.clear()
        return lost

    def reply(self, characteristic: str, request: bytes, payload: bytes) -> list[Said]:
        """Take the answer to a request: a subscription says what its number stands for."""
        if characteristic != NOTIFY_UUID or len(request) <= 1:
            return []
        if request[0] == SUBSCRIBE and payload[:4] == encode_result(request[1]):
            self._subscriptions[request[1]] = _subscription(request[2:].decode("utf-8", errors="replace"))
        return self._result(payload) if payload[:1] == bytes((RESULT,)) and request[0] != HELLO else []

    def notified(self, characteristic: str, payload: bytes) -> list[Said]:
        """Take a notification."""
        if characteristic != NOTIFY_UUID:
            return []
        take = {RESULT: self._result, DATA: self._data, DATA_PART_2: self._second_part}.get(
            payload[0] if payload else -1
        )
        if take is None:
            raise DecodeError(f"Movesense notification begins with {payload[:1].hex() or 'nothing'}, expected 01 to 03")
        return take(payload)

    def _result(self, payload: bytes) -> list[Said]:
        result = int.from_bytes(payload[2:4], "little")
        if result == OK:
            return []
        return [Reported(StatusKind.DEVICE, f"the sensor answered {result}, expected {OK}", {"result": float(result)})]

    def _data(self, payload: bytes) -> list[Said]:
        if len(payload) <= _HEADER.size:
            raise DecodeError(f"Movesense data of {len(payload)} bytes, expected more than {_HEADER.size}")
        _, ref, _ = _HEADER.unpack_from(payload)
        subscription = self._subscriptions.get(ref, self._assumed)
        is_whole = (len(payload) - _HEADER.size) % subscription.sample_bytes == 0
        if is_whole and len(payload) in self._cut_sizes and ref in self._first_parts:
            # Two first parts of whole samples in a row: they were never cut.
            self._cut_sizes.discard(len(payload))
        lost: list[Said] = [_HALF] if ref in self._first_parts else []
        if not is_whole or len(payload) in self._cut_sizes:
            self._first_parts[ref] = payload
            return lost
        said = [*lost, *self._samples(payload, subscription)]
        self._first_parts.pop(ref, None)
        self._newest_size = len(payload)
        return said

    def _second_part(self, payload: bytes) -> list[Said]:
        ref = payload[1] if len(payload) > 1 else 0
        first = self._first_parts.pop(ref, None)
        if first is None:
            self._cut_sizes.add(self._newest_size)
            raise DecodeError("Movesense second part without a first, expected both: the MTU is too small for them")
        subscription = self._subscriptions.get(ref, self._assumed)
        second = payload[2:]
        n_bytes = len(first) - _HEADER.size + len(second)
        if n_bytes % subscription.sample_bytes == _TIME_BYTES and second[:_TIME_BYTES] == first[2 : _HEADER.size]:
            second = second[_TIME_BYTES:]
        return self._samples(first + second, subscription)

    def _samples(self, payload: bytes, subscription: _Subscription) -> list[Said]:
        _, _, time_ms = _HEADER.unpack_from(payload)
        body = payload[_HEADER.size :]
        n_samples, rest = divmod(len(body), subscription.sample_bytes)
        if rest or not n_samples:
            msg = f"Movesense data of {len(body)} bytes, expected a multiple of {subscription.sample_bytes}"
            raise DecodeError(msg)
        vectors = np.frombuffer(body, dtype="<f4").reshape(len(subscription.kinds), n_samples, 3)
        said: list[Said] = []
        for kind, values in zip(subscription.kinds, vectors, strict=True):
            if not (np.abs(values) <= self._most.get(kind, np.inf)).all():
                msg = f"Movesense {kind} of {np.abs(values).max():g}, expected at most {self._most.get(kind):g}"
                raise DecodeError(msg)
            if kind in _UNITS:
                said.append(_of_kind(kind, subscription.fs_hz, values, time_ms * NS_PER_MS))
        return said


def _of_kind(kind: str, fs_hz: float, values: NDArray[np.float32], device_ns: int) -> Samples:
    quantity, unit, per_unit = _UNITS[kind]
    layout = StreamLayout(quantity, unit, ("x", "y", "z"), fs_hz, _BY_CLOCK)
    return Samples(layout, values / np.float32(per_unit), None, device_ns)


def _subscription(path: str) -> _Subscription:
    """Read what a path sends."""
    name, _, rate = path.removeprefix("/Meas/").partition("/")
    kinds = {known.lower(): each for known, each in PATHS.items()}.get(name.lower())
    if kinds is None or not rate.isdecimal() or not 0 < int(rate) <= RATES_HZ[-1]:
        msg = f"Movesense subscription to {path}, expected /Meas/ with one of {', '.join(PATHS)} and a rate in Hz"
        raise DecodeError(msg)
    return _Subscription(kinds, float(rate), _VECTOR_BYTES * len(kinds))


def movesense_profile(options: Options) -> DeviceProfile:
    """Return how to make a Movesense stream what the options say."""
    path = path_of(_PATH_OF_AXES[options["axes"]], options["fs_hz"])
    hello, unsubscribe = encode_request(HELLO, HELLO_REF), encode_request(UNSUBSCRIBE, DATA_REF)
    return DeviceProfile(
        name="movesense",
        service_uuids=(SERVICE_UUID,),
        setup=(
            SetupStep(SetupOp.SUBSCRIBE, NOTIFY_UUID),
            _asked(hello, bytes((RESULT, HELLO_REF)), required=False),
            # A subscription that was left open would be refused as double.
            _asked(unsubscribe, encode_result(DATA_REF), required=False),
            _asked(encode_request(SUBSCRIBE, DATA_REF, path), encode_result(DATA_REF), required=True),
            *STANDARD_STEPS,
        ),
        stop=(SetupStep(SetupOp.WRITE, WRITE_UUID, unsubscribe),),
        silence_timeout_s=5.0,
        loss_mode=LossMode.DEVICE_TS,
        name_prefixes=("Movesense",),
    )


def _asked(payload: bytes, expected: bytes, *, required: bool) -> SetupStep:
    return SetupStep(
        SetupOp.WRITE,
        WRITE_UUID,
        payload,
        expect_prefix=expected,
        answer_prefix=expected[:2],
        answered_on=NOTIFY_UUID,
        required=required,
    )


MOVESENSE_DEVICE = Device(
    name="movesense",
    card=DeviceCard(
        title="Movesense (Active, Medical, Flash)",
        placement="pod on a strap or clip, any site",
        modality="acceleration 13 to 1666 Hz, with rotation if asked for",
        loss="by the device's clock, to the millisecond",
        mtu="161 keeps 12 samples of acceleration whole; two parts are joined",
        sources=(
            "movesense.com/docs/esw/gatt_sensordata_protocol; sensein/movesense-py; EvanKat/movesense_bleak",
            "JonasPrimbs/movesense-ble-ecg-firmware#5: the clock begins anew",
        ),
        confirmed=("requests and acceleration: the maker's description of the protocol",),
        unconfirmed=(
            "second parts of notifications, and whether they repeat the time",
            "the answer to HELLO, and the order of IMU blocks",
            "the range, which the protocol cannot set; that the firmware as sold speaks the protocol",
        ),
    ),
    profile=movesense_profile,
    decoder=decoding(MovesenseReader),
    options={
        "fs_hz": DeviceOption("sampling rate to subscribe to, Hz", 52.0, RATES_HZ),
        "range_g": DeviceOption("range that the sensor is set to, g; samples beyond it are refused", 16.0, RANGES_G),
        "axes": DeviceOption("3 for acceleration, 6 with rotation, 9 with magnetometer", 3.0, tuple(_PATH_OF_AXES)),
    },
)
