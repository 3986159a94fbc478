"""OpenBCI Ganglion: what the bytes mean over a night; see :mod:`ingest.decoders.ganglion` for the sensor."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

import numpy as np

from detectors.signal import Quantity, Unit
from ingest.decoders.base import StatusKind
from ingest.decoders.ganglion_packets import (
    G_PER_STEP,
    N_CHANNELS,
    SAMPLES_PER_PACKET,
    UV_PER_COUNT,
    PacketId,
    Width,
    decode_fields,
    decode_impedance,
    decode_raw,
    differences,
    values,
)
from ingest.decoders.layout import Counting, Reported, Restarted, Samples, StreamLayout
from ingest.decoders.profile import LossMode
from ingest.decoders.reports import IDENTITY_UUIDS
from ingest.errors import DecodeError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from ingest.decoders.layout import Said

NOTIFY_UUID = "2d30c082-f39f-4ce6-923f-3484ea480596"
FIRMWARE_UUID = next(uuid for uuid, named in IDENTITY_UUIDS.items() if named == "software")
STOPPED_TEXT = "stop running"
FS_HZ, ACCELERATION_HZ = 200.0, 10.0
DIFFERENCES, VALUES = 2, 3
"""Generations of firmware."""
N_TURNS = 100
"""Ids of one width."""
CYCLE_SAMPLES = 1 + N_TURNS * SAMPLES_PER_PACKET
"""From one whole value to the next (firmware 2)."""
_UNKNOWN = np.zeros((SAMPLES_PER_PACKET, N_CHANNELS), dtype=np.float32)
_DECADE = 10
_AXES = ("x", "y", "z")
_CHANNELS = tuple(f"ch{number + 1}" for number in range(N_CHANNELS))
_MOST_TEXT = 1000
"""Bytes; what a sensor says is shorter."""
_LEAVING_OUT = Reported(
    StatusKind.DEVICE, "offset unknown: samples are left out until the next whole value, once a second", {}
)
_REMEMBERED = 8
"""Packets that may come again without being a loss of nearly a whole turn."""


def _emg(fs_hz: float, counting: Counting) -> StreamLayout:
    return StreamLayout(Quantity.EMG, Unit.MICROVOLT, _CHANNELS, fs_hz, counting)


_COUNTING = {
    DIFFERENCES: Counting(LossMode.SAMPLE_COUNTER, span=CYCLE_SAMPLES),
    VALUES: Counting(LossMode.PACKET_COUNTER, span=N_TURNS, samples_per_count=SAMPLES_PER_PACKET),
}
_ACCELERATION = StreamLayout(
    Quantity.ACCELERATION,
    Unit.G,
    _AXES,
    ACCELERATION_HZ,
    Counting(LossMode.SAMPLE_COUNTER, span=N_TURNS // _DECADE),
)


class GanglionReader:
    """What the bytes of a Ganglion mean; see :class:`ingest.decoders.reading.Reader`.

    Parameters
    ----------
    options : mapping of str to float
        ``firmware`` and ``fs_hz``.
    """

    def __init__(self, options: Mapping[str, float]) -> None:
        given = options.get("firmware")
        self._firmware = None if given is None else int(given)
        self._is_given = given is not None
        self._layouts = {
            firmware: _emg(options.get("fs_hz", FS_HZ), counting) for firmware, counting in _COUNTING.items()
        }
        self._has_streamed = False
        self._text = b""
        self._acceleration: list[int] = []
        self._axis_position = 0
        self._position = 0
        self._counts: NDArray[np.int64] | None = None
        self._has_begun = False
        self._n_left_out = 0
        self._recent: deque[bytes] = deque(maxlen=_REMEMBERED)

    def reply(self, characteristic: str, request: bytes, payload: bytes) -> list[Said]:
        """Take the firmware's version, or the answer to a command.

        Raises
        ------
        DecodeError
            If the answer cannot be read.
        """
        del request
        if characteristic == FIRMWARE_UUID and not self._is_given:
            generation = next((chr(byte) for byte in payload if chr(byte).isdigit()), None)
            self._firmware = None if generation is None else VALUES if generation == str(VALUES) else DIFFERENCES
        return self.notified(characteristic, payload)

    def notified(self, characteristic: str, payload: bytes) -> list[Said]:
        """Read a packet.

        Raises
        ------
        DecodeError
            If it is none.
        """
        if characteristic != NOTIFY_UUID:
            return []
        if not payload:
            raise DecodeError("Ganglion packet without a byte")
        packet_id = payload[0]
        if packet_id > PacketId.LAST_TEXT:
            raise DecodeError(f"Ganglion packet with id {packet_id}, expected 0 to {PacketId.LAST_TEXT}")
        if packet_id >= PacketId.TEXT:
            return self._take_text(payload)
        if packet_id >= PacketId.IMPEDANCE_1:
            return [_impedance(payload)]
        said = self._unknown_firmware()
        take = self._take_values if self._firmware == VALUES else self._take_differences
        said += take(payload)
        self._has_streamed = True
        return said

    def unlinked(self) -> list[Said]:
        """Forget everything but the firmware; say how much was left out since the last whole value."""
        said = self._forget()
        self._has_streamed, self._text = False, b""
        return said

    def _forget(self) -> list[Said]:
        said = self._left_out()
        self._counts, self._n_left_out, self._has_begun, self._acceleration = None, 0, False, []
        self._recent.clear()
        return said

    def _unknown_firmware(self) -> list[Said]:
        if self._firmware is not None or self._has_streamed:
            return []
        return [Reported(StatusKind.DEVICE, "firmware unknown, taken for 2; the option firmware says otherwise", {})]

    def _take_text(self, payload: bytes) -> list[Said]:
        self._text = (self._text + payload[1:])[-_MOST_TEXT:]
        if payload[0] != PacketId.LAST_TEXT:
            return []
        text, self._text = self._text.decode("ascii", errors="replace").strip(), b""
        if text == STOPPED_TEXT and self._has_streamed:
            self._has_streamed = False
            return [*self._forget(), Restarted("stopped to be started again")]
        return [Reported(StatusKind.DEVICE, text, {})] if text else []

    def _take_values(self, payload: bytes) -> list[Said]:
        """Read a packet of firmware 3."""
        turn, position = divmod(payload[0], N_TURNS)
        width = _width(payload[0], turn)
        packet = decode_fields(payload, width)
        data = _microvolts(values(packet.fields, width))
        return [Samples(self._layouts[VALUES], data, position), *self._take_axis(position, packet.acceleration)]

    def _take_differences(self, payload: bytes) -> list[Said]:
        """Read a packet of firmware 2."""
        if payload in self._recent:
            return [Reported(StatusKind.DUPLICATE, "a packet came twice", {})]
        layout = self._layouts[DIFFERENCES]
        if not payload[0]:
            counts = decode_raw(payload)
            self._recent.append(payload)
            said, self._n_left_out = self._left_out(), 0
            self._position, self._counts, self._has_begun = 0, counts, True
            return [*said, Samples(layout, _microvolts(counts[np.newaxis]), 0)]
        turn, before = divmod(payload[0] - 1, N_TURNS)
        width = _width(payload[0], turn)
        packet = decode_fields(payload, width)
        self._recent.append(payload)
        follows, self._position = self._position == before, before + 1
        axis = self._take_axis(self._position, packet.acceleration)
        first = 1 + before * SAMPLES_PER_PACKET
        if self._counts is None or not follows:
            said = [] if self._n_left_out else [_LEAVING_OUT]
            self._counts = None
            self._n_left_out += SAMPLES_PER_PACKET
            unknown = [Samples(layout, _UNKNOWN, first, usable=False)] if self._has_begun else []
            return [*said, *unknown, *axis]
        both = self._counts - np.cumsum(differences(packet.fields, width), axis=0)
        self._counts = both[-1]
        return [Samples(layout, _microvolts(both), first), *axis]

    def _left_out(self) -> list[Said]:
        """Say how much was left out before the whole value that came, or that will not come any more."""
        if not self._n_left_out:
            return []
        numbers = {"n_left_out": float(self._n_left_out)}
        return [Reported(StatusKind.DEVICE, "samples left out: offset unknown", numbers)]

    def _take_axis(self, position: int, steps: int | None) -> list[Said]:
        """Put x, y and z of three packets that follow on each other together."""
        decade, axis = divmod(position, _DECADE)
        if steps is None or not 1 <= axis <= len(_AXES):
            return []
        follows = axis > 1 and position == self._axis_position + 1
        self._acceleration, self._axis_position = [*(self._acceleration if follows else []), steps], position
        if axis != len(_AXES) or len(self._acceleration) != axis:
            return []
        row, self._acceleration = np.array([self._acceleration], dtype=np.float32), []
        return [Samples(_ACCELERATION, row * np.float32(G_PER_STEP), decade)]


def _width(packet_id: int, turn: int) -> Width:
    if turn > 1:
        raise DecodeError(f"Ganglion packet with id {packet_id}, expected 0 to 199 of firmware 3")
    return Width.EMG_ONLY if turn else Width.WITH_ACCELERATION


def _microvolts(counts: NDArray[np.int64]) -> NDArray[np.float32]:
    return (counts * UV_PER_COUNT).astype(np.float32)


def _impedance(payload: bytes) -> Reported:
    electrode, ohm = decode_impedance(payload)
    name = "reference" if payload[0] == PacketId.IMPEDANCE_REFERENCE else f"ch{electrode}"
    return Reported(StatusKind.IMPEDANCE, f"electrode {name}", {f"impedance_{name}_ohm": float(ohm)})
