"""uMyo by uDevices: EMG of one muscle at about 1.1 kHz with an exact sample number, and an inertial unit.

Nobody has tried this file on a uMyo. Unconfirmed, to be checked on hardware:

- the sampling rate: the firmware's comment says 1116 Hz, its host tools 1150; it is measured, never assumed;
- microvolts per count: nobody publishes it, so the EMG is in counts unless the option ``uv_per_count`` is given;
- the rate of acceleration and rotation: at most one packet in 40 ms, without counter or time;
- acceleration 16 384 per g and rotation 28 572 per 500 degrees per second: from the firmware's settings;
- the forms of 36 and 20 bytes: read in a host tool only. A packet cut off by a small MTU looks like one, so within
  a connection the second must follow the first without loss before more of them are believed;
- that sensors with the older firmware, which only advertise an envelope, cannot be used: they have no service.

Layout: ultimaterobotics/uMyo at d3a14b3, ``uMyo_fw_v3_1``; ultimaterobotics/uf1-tools.
"""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from detectors.signal import Quantity, Unit
from ingest.decoders.layout import Counting, Device, DeviceCard, Samples, StreamLayout
from ingest.decoders.profile import DeviceProfile, LossMode, SetupOp, SetupStep
from ingest.decoders.reading import decoding
from ingest.decoders.standard_steps import STANDARD_STEPS
from ingest.decoders.uncalibrated import EmgScale, emg_options
from ingest.errors import DecodeError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from ingest.decoders.layout import Said

SERVICE_UUID = "93375900-f229-8b49-b397-44b5899b8601"
TELEMETRY_UUID = "fc7a850d-c1a5-f61f-0da7-9995621fbd01"
NOMINAL_HZ = 1116.0
MOTION_HZ = 25.0
COUNTER_SPAN = 1 << 32
LEAST_MTU = 55
"""52 bytes of telemetry and 3 of the attribute protocol."""
G_PER_COUNT = 1 / 16384
DPS_PER_COUNT = 500 / 28572
_XYZ = ("x", "y", "z")
_COUNTER = struct.Struct("<I")
_QUATERNION = 4


class Form(NamedTuple):
    """One form of a telemetry packet, all little-endian.

    Parameters
    ----------
    format_byte : bytes
        What it begins with; empty where the length alone tells.
    n_emg : int
        Samples of EMG after the sample number; 0 for a packet of the inertial unit.
    n_motion : int
        Numbers after them: quaternion, or acceleration, rotation, magnetometer and quaternion.
    """

    format_byte: bytes
    n_emg: int
    n_motion: int

    @property
    def n_bytes(self) -> int:
        """Length of such a packet."""
        return len(self.format_byte) + (_COUNTER.size if self.n_emg else 0) + 2 * (self.n_emg + self.n_motion)


FORMS = (
    Form(b"\x01", 24, _QUATERNION),
    Form(b"\x02", 24, 0),
    Form(b"\x03", 0, 9 + _QUATERNION),
    Form(b"", 24, _QUATERNION),
    Form(b"", 24, 0),
    Form(b"", 0, 9 + _QUATERNION),
    Form(b"", 16, 0),
    Form(b"", 8, 0),
)
"""Every form; no two have the same length."""
_BY_LENGTH = {form.n_bytes: form for form in FORMS}
_LONGEST = max(form.n_emg for form in FORMS)
_SHORT = frozenset(form for form in FORMS if 0 < form.n_emg < _LONGEST)
MOST_STEP = 1 << 16
"""A minute; a sample number that goes on by more began anew, which says nothing about lengths."""


class Telemetry(NamedTuple):
    """What one packet says, in counts.

    Parameters
    ----------
    form : Form
        Its form.
    first : int or None
        Number of its first sample of EMG, modulo 2**32; None without EMG.
    emg : tuple of int
        EMG.
    motion : tuple of int
        Quaternion (w, x, y, z), or acceleration, rotation, magnetometer (x, y, z each) and quaternion.
    """

    form: Form
    first: int | None
    emg: tuple[int, ...]
    motion: tuple[int, ...]


def encode_telemetry(packet: Telemetry) -> bytes:
    """Return the bytes of a packet; the opposite of :func:`decode_telemetry`."""
    head = packet.form.format_byte + (b"" if packet.first is None else _COUNTER.pack(packet.first % COUNTER_SPAN))
    numbers = (*packet.emg, *packet.motion)
    return head + struct.pack(f"<{len(numbers)}h", *numbers)


def decode_telemetry(payload: bytes) -> Telemetry:
    """Read a packet.

    Parameters
    ----------
    payload : bytes
        Of the telemetry characteristic.

    Returns
    -------
    Telemetry
        What it says.

    Raises
    ------
    DecodeError
        If it has the length or the format byte of no form.
    """
    form = _BY_LENGTH.get(len(payload))
    if form is None:
        lengths = ", ".join(str(length) for length in _BY_LENGTH)
        why = f": cut off, the MTU must be {LEAST_MTU} or more" if len(payload) < max(_BY_LENGTH) else ""
        raise DecodeError(f"uMyo packet of {len(payload)} bytes, expected {lengths}{why}")
    if not payload.startswith(form.format_byte):
        raise DecodeError(
            f"uMyo packet of {len(payload)} bytes begins with {payload[0]:#04x}, expected 0x{form.format_byte.hex()}"
        )
    body = payload[len(form.format_byte) :]
    first = None
    if form.n_emg:
        (first,), body = _COUNTER.unpack(body[: _COUNTER.size]), body[_COUNTER.size :]
    numbers = struct.unpack(f"<{form.n_emg + form.n_motion}h", body)
    return Telemetry(form, first, numbers[: form.n_emg], numbers[form.n_emg :])


_EMG_COUNTING = Counting(LossMode.SAMPLE_COUNTER, span=COUNTER_SPAN, survives_link=True)
_BY_RATE = Counting(LossMode.RATE_ONLY)
_ACCELERATION = StreamLayout(Quantity.ACCELERATION, Unit.G, _XYZ, MOTION_HZ, _BY_RATE)
_ROTATION = StreamLayout(Quantity.ROTATION, Unit.DEGREES_PER_SECOND, _XYZ, MOTION_HZ, _BY_RATE)


class UmyoReader:
    """What the bytes of a uMyo mean; see :class:`ingest.decoders.reading.Reader`.

    Parameters
    ----------
    options : mapping of str to float
        ``uv_per_count`` and ``fs_hz``.
    """

    def __init__(self, options: Mapping[str, float]) -> None:
        self._scale = EmgScale(options, NOMINAL_HZ)
        self._emg = self._scale.layout(("ch1",), _EMG_COUNTING)
        self._before_short: int | None = None
        self._short_is_meant = False

    def reply(self, characteristic: str, request: bytes, payload: bytes) -> list[Said]:
        """Return nothing: a uMyo is asked nothing of its own."""
        del characteristic, request, payload
        return []

    def notified(self, characteristic: str, payload: bytes) -> list[Said]:
        """Read a packet of telemetry.

        Raises
        ------
        DecodeError
            If it is none.
        """
        if characteristic != TELEMETRY_UUID:
            return []
        packet = decode_telemetry(payload)
        if packet.first is None:
            accelerations, rotations = packet.motion[:3], packet.motion[3:6]
            return [
                Samples(_ACCELERATION, _row(accelerations, G_PER_COUNT)),
                Samples(_ROTATION, _row(rotations, DPS_PER_COUNT)),
            ]
        if packet.form in _SHORT:
            self._expect_meant(packet.first, len(payload), packet.form.n_emg)
        counts = np.array(packet.emg, dtype=np.int16)[:, np.newaxis]
        return [Samples(self._emg, self._scale.scaled(counts), packet.first)]

    def unlinked(self) -> None:
        """Forget which lengths the link lets through."""
        self._before_short, self._short_is_meant = None, False

    def _expect_meant(self, first: int, n_bytes: int, n_emg: int) -> None:
        """Refuse what a small MTU left of longer packets: those go on by a multiple of their own length only."""
        before, self._before_short = self._before_short, first
        step = 0 if before is None else (first - before) % COUNTER_SPAN
        if self._short_is_meant or not step:
            return
        self._short_is_meant = step % _LONGEST > 0 and step <= MOST_STEP
        if not self._short_is_meant:
            expected = ((before or 0) + n_emg) % COUNTER_SPAN
            raise DecodeError(
                f"uMyo packet of {n_bytes} bytes begins at sample {first}, expected {expected}: cut off, "
                f"the MTU must be {LEAST_MTU} or more"
            )


def _row(counts: tuple[int, ...], per_count: float) -> NDArray[np.float32]:
    return np.array([counts], dtype=np.float32) * np.float32(per_count)


def _profile(_options: Mapping[str, float]) -> DeviceProfile:
    return DeviceProfile(
        name="umyo",
        service_uuids=(SERVICE_UUID,),
        setup=(SetupStep(SetupOp.SUBSCRIBE, TELEMETRY_UUID), *STANDARD_STEPS),
        stop=(),  # it streams as long as somebody listens
        silence_timeout_s=3.0,
        loss_mode=LossMode.SAMPLE_COUNTER,
        name_prefixes=("uMyo",),
    )


UMYO_DEVICE = Device(
    name="umyo",
    card=DeviceCard(
        title="uMyo (uDevices)",
        placement="patch on the tibialis anterior",
        modality="EMG of one muscle at about 1.1 kHz in counts, acceleration and rotation at up to 25 Hz",
        loss="EMG exact, by a sample number that goes on while the link is lost; acceleration by its rate only",
        mtu="55 or more; below, packets are cut off and refused",
        sources=("ultimaterobotics/uMyo", "ultimaterobotics/uf1-tools"),
        confirmed=(),
        unconfirmed=(
            "every layout: read in the firmware's source, never seen on hardware",
            "older firmware only advertises an envelope and has no service: it cannot be recorded",
            "sampling rate (1116 or 1150 Hz): measured each night",
            "microvolts per count: give uv_per_count, or the EMG stays in counts and is not scored",
            "scales and rate of acceleration and rotation",
            "packets of 36 and 20 bytes",
        ),
    ),
    profile=_profile,
    decoder=decoding(UmyoReader),
    options=emg_options(NOMINAL_HZ),
)
