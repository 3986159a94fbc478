"""NPG Lite by Upside Down Labs: three or six channels of EMG at 500 Hz from an ESP32-C6.

Nobody has tried this file on an NPG Lite. Unconfirmed, to be checked on hardware:

- microvolts per count: the analogue gain is on the board and not published, so the EMG is in counts (12 bits, the
  middle taken as 0) unless the option ``uv_per_count`` is given;
- the true sampling rate of the converter: 500 Hz is nominal;
- samples that the device drops before it counts them: no packet shows them, only the clock does, over minutes;
- the answer to ``STATUS`` and the battery's percentage: read in the firmware's source.

The counter begins at 0 with each ``START``. So the set-up stops first and waits for ``STOPPED``: what comes after that
is a new segment.

Layout: upsidedownlabs/Chords-Arduino-Firmware, ``NPG-LITE-BLE``; upsidedownlabs/Chords-Python, ``chords_ble.py``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from detectors.signal import GapCause
from ingest.decoders.base import StatusKind
from ingest.decoders.layout import Counting, Device, DeviceCard, Reported, Restarted, Samples
from ingest.decoders.profile import DeviceProfile, LossMode, SetupOp, SetupStep
from ingest.decoders.reading import decoding
from ingest.decoders.standard_steps import STANDARD_STEPS
from ingest.decoders.uncalibrated import EmgScale, emg_options
from ingest.errors import DecodeError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from ingest.decoders.layout import Said

SERVICE_UUID = "4fafc201-1fb5-459e-8fcc-c5c9c331914b"
DATA_UUID = "beb5483e-36e1-4688-b7f5-ea07361b26a8"
CONTROL_UUID = "0000ff01-0000-1000-8000-00805f9b34fb"
BATTERY_UUID = "f633d0ec-46b4-43c1-a39f-1ca06d0602e1"
START, STOP, STATUS = b"START", b"STOP", b"STATUS"
STOPPED = b"STOPPED"
FS_HZ = 500.0
SAMPLES_PER_PACKET = 10
COUNTER_SPAN = 256
MIDDLE = 2048
"""What the converter reads at 0 V."""
MOST_READING = 4095
"""Of 12 bits."""
_PACKETS = {
    channels: np.dtype([("counter", "u1"), ("readings", ">u2", (channels,))])  # ten of these, nothing else
    for channels in (3, 6)
}
_BY_LENGTH = {dtype.itemsize * SAMPLES_PER_PACKET: dtype for dtype in _PACKETS.values()}
_COUNTING = Counting(LossMode.SAMPLE_COUNTER, span=COUNTER_SPAN)


class Packet(NamedTuple):
    """One notification.

    Parameters
    ----------
    counters : ndarray of int, shape (10,)
        Number of each sample, modulo 256.
    counts : ndarray of int, shape (10, 3) or (10, 6)
        Samples around 0, counts.
    """

    counters: NDArray[np.int64]
    counts: NDArray[np.int64]


def encode_packet(packet: Packet) -> bytes:
    """Return the bytes of a notification; the opposite of :func:`decode_packet`."""
    rows = np.zeros(SAMPLES_PER_PACKET, dtype=_PACKETS[packet.counts.shape[1]])
    rows["counter"] = packet.counters % COUNTER_SPAN
    rows["readings"] = packet.counts + MIDDLE
    return rows.tobytes()


def decode_packet(payload: bytes) -> Packet:
    """Read a notification.

    Parameters
    ----------
    payload : bytes
        Of the data characteristic.

    Returns
    -------
    Packet
        Ten samples.

    Raises
    ------
    DecodeError
        If it is cut off, or a reading has more than 12 bits.
    """
    dtype = _BY_LENGTH.get(len(payload))
    if dtype is None:
        lengths = " or ".join(str(length) for length in _BY_LENGTH)
        why = ": cut off, the MTU must be 73 (3 channels) or 133 (6)" if len(payload) < max(_BY_LENGTH) else ""
        raise DecodeError(f"NPG Lite packet of {len(payload)} bytes, expected {lengths}{why}")
    rows = np.frombuffer(payload, dtype)
    readings = rows["readings"].astype(np.int64)
    if readings.max() > MOST_READING:
        raise DecodeError(f"NPG Lite reading of {readings.max()}, expected 0 to {MOST_READING}")
    return Packet(rows["counter"].astype(np.int64), readings - MIDDLE)


class NpgLiteReader:
    """What the bytes of an NPG Lite mean; see :class:`ingest.decoders.reading.Reader`.

    Parameters
    ----------
    options : mapping of str to float
        ``uv_per_count`` and ``fs_hz``.
    """

    def __init__(self, options: Mapping[str, float]) -> None:
        self._scale = EmgScale(options, FS_HZ)
        self._layouts = {
            channels: self._scale.layout(tuple(f"ch{number + 1}" for number in range(channels)), _COUNTING)
            for channels in _PACKETS
        }
        self._has_streamed = False

    def reply(self, characteristic: str, request: bytes, payload: bytes) -> list[Said]:
        """Take the battery, or that it has stopped: the next sample counts anew.

        Raises
        ------
        DecodeError
            If the battery is empty of bytes.
        """
        if characteristic == BATTERY_UUID:
            return [_battery(payload)]
        if characteristic != CONTROL_UUID or request != STATUS or payload != STOPPED or not self._has_streamed:
            return []
        self._has_streamed = False
        return [Restarted("stopped to be started again")]

    def notified(self, characteristic: str, payload: bytes) -> list[Said]:
        """Read a notification.

        Raises
        ------
        DecodeError
            If it is none of this sensor's.
        """
        if characteristic == BATTERY_UUID:
            return [_battery(payload)]
        if characteristic != DATA_UUID:
            return []
        counters, counts = decode_packet(payload)
        data, layout = self._scale.scaled(counts), self._layouts[counts.shape[1]]
        self._has_streamed = True
        (breaks,) = np.nonzero((np.diff(counters) - 1) % COUNTER_SPAN)
        starts, stops = [0, *(breaks + 1)], [*(breaks + 1), len(data)]
        return [
            Samples(
                layout,
                data[start:stop],
                int(counters[start]),
                # Between packets the air is to blame; inside one, only the sensor can have lost something.
                cause=GapCause.DEVICE if start else GapCause.AIR,
            )
            for start, stop in zip(starts, stops, strict=True)
        ]

    def unlinked(self) -> None:
        """Forget that it streamed: a new link is a new segment anyway."""
        self._has_streamed = False


def _battery(payload: bytes) -> Reported:
    if len(payload) != 1:
        raise DecodeError(f"NPG Lite battery of {len(payload)} bytes, expected 1")
    return Reported(StatusKind.BATTERY, "battery", {"battery_pct": float(payload[0])})


def _profile(_options: Mapping[str, float]) -> DeviceProfile:
    stop = SetupStep(SetupOp.WRITE, CONTROL_UUID, payload=STOP)
    return DeviceProfile(
        name="npg-lite",
        service_uuids=(SERVICE_UUID,),
        setup=(
            SetupStep(SetupOp.SUBSCRIBE, DATA_UUID),
            SetupStep(SetupOp.SUBSCRIBE, CONTROL_UUID, required=False),
            SetupStep(SetupOp.SUBSCRIBE, BATTERY_UUID, required=False),
            SetupStep(SetupOp.READ, BATTERY_UUID, required=False),
            *STANDARD_STEPS,
            stop,
            SetupStep(
                SetupOp.WRITE, CONTROL_UUID, payload=STATUS, expect_prefix=STOPPED, timeout_s=2.0, required=False
            ),
            SetupStep(SetupOp.WRITE, CONTROL_UUID, payload=START),
        ),
        stop=(stop,),
        silence_timeout_s=3.0,
        loss_mode=LossMode.SAMPLE_COUNTER,
        name_prefixes=("NPG-Lite-",),
        health_characteristic=BATTERY_UUID,
    )


NPG_LITE_DEVICE = Device(
    name="npg-lite",
    card=DeviceCard(
        title="NPG Lite (Upside Down Labs)",
        placement="box on a strap, electrodes on the leg",
        modality="EMG, 3 or 6 channels at 500 Hz, 12 bits in counts",
        loss="exact up to half a second by a number on each sample; beyond, to the sample if arrival tells the turn",
        mtu="73 for 3 channels, 133 for 6; below, packets are cut off and refused",
        sources=("upsidedownlabs/Chords-Arduino-Firmware", "upsidedownlabs/Chords-Python"),
        confirmed=(),
        unconfirmed=(
            "every layout: read in the firmware's source, never seen on hardware",
            "microvolts per count: give uv_per_count, or the EMG stays in counts and is not scored",
            "true sampling rate of the converter",
            "samples dropped before they are counted",
            "answer to STATUS, battery",
        ),
    ),
    profile=_profile,
    decoder=decoding(NpgLiteReader),
    options=emg_options(FS_HZ),
)
