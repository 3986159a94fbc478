"""A described sensor at work: the same :class:`Device` that a sensor with code has."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from detectors.signal import NS_PER_S, Quantity, Unit
from ingest.decoders.layout import Device, DeviceCard, Said, Samples
from ingest.decoders.profile import DeviceProfile, SetupOp, SetupStep
from ingest.decoders.reading import decoding
from ingest.decoders.standard_steps import STANDARD_STEPS
from ingest.decoders.table import Counts, TableDevice, TableStream, TableWrite, TimeOf, full_uuid
from ingest.decoders.table_fields import ByteOrder, SampleLayout, fits, read_number, size_of, write_fields
from ingest.errors import DecodeError

if TYPE_CHECKING:
    from numpy.typing import NDArray


class PacketForm:
    """One form of packet of a described sensor: bytes to samples and back.

    Parameters
    ----------
    stream : TableStream
        Its description.
    """

    def __init__(self, stream: TableStream) -> None:
        self.uuid = stream.uuid
        self.n_bytes = stream.n_bytes
        self.layout = stream.layout
        self._stream = stream
        self._header = stream.header_fields
        self._sample = stream.sample_fields
        self._columns = stream.columns
        self._samples = SampleLayout(self._sample, self._columns, stream.byte_order)
        self._header_bytes, self._sample_bytes = size_of(self._header), size_of(self._sample)
        self._may_be_no_number = any(field.kind.startswith("f") for field in self._columns)
        self._has_magic_samples = any(field.magic for field in self._sample)
        self._counter = stream.placed(stream.counter)
        self._time = stream.placed(stream.time)

    def is_form_of(self, payload: bytes) -> bool:
        """Return whether a packet has the right length and every magic field."""
        if len(payload) != self.n_bytes or not fits(self._header, payload):
            return False
        if not self._has_magic_samples:
            return True
        size, body = self._sample_bytes, payload[self._header_bytes :]
        return all(fits(self._sample, body[at : at + size]) for at in range(0, len(body), size))

    def read(self, payload: bytes) -> Samples:
        """Return the samples of a packet of this form.

        Raises
        ------
        DecodeError
            If a sample is no number.
        """
        stream = self._stream
        sent = self._samples.read(payload[self._header_bytes :])
        if self._may_be_no_number:
            with np.errstate(over="ignore", invalid="ignore"):
                data = (sent * stream.scale + stream.offset).astype(np.float32)
            if not np.isfinite(data).all():
                raise DecodeError(f"a sample of {stream.quantity} is no number that can be kept, expected a finite one")
        else:
            data = (sent * stream.scale + stream.offset).astype(np.float32)
        counter = None if self._counter is None else read_number(payload, self._counter, stream.byte_order)
        return Samples(self.layout, data, counter, self._first_ns(payload))

    def _first_ns(self, payload: bytes) -> int | None:
        """Return the sensor's time of the first sample, ns."""
        if self._time is None:
            return None
        stream = self._stream
        sent_ns = round(read_number(payload, self._time, stream.byte_order) * stream.tick_s * NS_PER_S)
        n_after = stream.repeat - 1 if stream.time_of is TimeOf.LAST else 0
        return sent_ns - round(n_after * NS_PER_S / stream.fs_hz)

    def write(self, data: NDArray[np.float64], *, counter: int = 0, ticks: int = 0) -> bytes:
        """Return samples as a packet of this form: the inverse of :meth:`read`.

        Parameters
        ----------
        data : ndarray of float64, shape (repeat, n_axes)
            In the stream's unit.
        counter : int
            Of the packet, or of its first sample; it wraps as its field does.
        ticks : int
            The sensor's time; it wraps as its field does.

        Raises
        ------
        OverflowError
            If a value does not fit its field.
        """
        stream = self._stream
        axes = [field.name for field in self._columns]
        per_sample = 0 if stream.counts is Counts.PACKETS else 1
        packet = b""
        for number, row in enumerate((data - stream.offset) / stream.scale):
            values = dict(zip(axes, row.tolist(), strict=True))
            if self._counter is not None:
                values[stream.counter] = (counter + number * per_sample) % self._counter.span
            if self._time is not None:
                values[stream.time] = ticks % self._time.span
            header = b"" if number else write_fields(self._header, values, stream.byte_order)
            packet += header + write_fields(self._sample, values, stream.byte_order)
        return packet


class TableReader:
    """What the bytes of a described sensor mean; see :class:`ingest.decoders.reading.Reader`.

    Parameters
    ----------
    table : TableDevice
        Its description.
    """

    def __init__(self, table: TableDevice) -> None:
        self._forms: dict[str, list[PacketForm]] = {}
        for stream in table.streams:
            self._forms.setdefault(stream.uuid, []).append(PacketForm(stream))

    def reply(self, characteristic: str, request: bytes, payload: bytes) -> list[Said]:
        """Take nothing: a description says nothing about replies."""
        del characteristic, request, payload
        return []

    def notified(self, characteristic: str, payload: bytes) -> list[Said]:
        """Take a packet: the samples of every stream that it has the form of."""
        forms = self._forms.get(characteristic, [])
        fitting = [form for form in forms if form.is_form_of(payload)]
        if forms and not fitting:
            lengths = " or ".join(str(size) for size in sorted({form.n_bytes for form in forms}))
            got = f"{len(payload)} bytes that begin with {payload[:4].hex() or 'nothing'}"
            raise DecodeError(
                f"a packet of {got} has no described form, expected {lengths} bytes and every magic field"
            )
        return [form.read(payload) for form in fitting]

    def unlinked(self) -> None:
        """Forget nothing: every packet is whole."""


def table_device(table: TableDevice) -> Device:
    """Return a described sensor as the rest of the program knows sensors.

    Parameters
    ----------
    table : TableDevice
        Its description.

    Returns
    -------
    Device
        Without options: everything stands in the description.
    """
    quantities = dict.fromkeys(f"{stream.quantity} {stream.fs_hz:g} Hz" for stream in table.streams)
    mode = table.streams[0].layout.counting.mode
    card = DeviceCard(
        title=table.name,
        placement="as you wear it",
        modality=", ".join(quantities),
        loss=f"{mode.value.replace('_', ' ')}, as described",
        mtu=str(max(stream.n_bytes for stream in table.streams) + 3),
        sources=("your configuration",),
        confirmed=(),
        unconfirmed=("everything: compare a known movement with what soleus decode says",),
    )
    return Device(
        name=table.name,
        card=card,
        profile=lambda _options: _profile(table),
        decoder=decoding(lambda _options: TableReader(table)),
        options={},
    )


def _profile(table: TableDevice) -> DeviceProfile:
    counting = [stream.layout.counting for stream in table.streams]
    return DeviceProfile(
        name=table.name,
        service_uuids=(full_uuid(table.service, "service"),) if table.service else (),
        setup=(
            *(SetupStep(SetupOp.SUBSCRIBE, uuid) for uuid in table.characteristics),
            *(_write_step(write) for write in table.start),
            *STANDARD_STEPS,
        ),
        stop=tuple(_write_step(write) for write in table.stop),
        silence_timeout_s=None if all(each.on_change for each in counting) else table.silence_s,
        loss_mode=counting[0].mode,
        name_prefixes=(table.name_prefix,) if table.name_prefix else (),
    )


def _write_step(write: TableWrite) -> SetupStep:
    op = SetupOp.WRITE if write.response else SetupOp.WRITE_NO_RSP
    return SetupStep(op, full_uuid(write.write, "write"), write.payload)


def stored_table(stored: object) -> TableDevice | None:
    """Return a description as a night's folder keeps it; None if it keeps none.

    Parameters
    ----------
    stored : object
        What JSON made of :func:`dataclasses.asdict`.

    Raises
    ------
    ValueError
        If it is no description.
    """
    if stored is None:
        return None
    if not isinstance(stored, Mapping):
        raise ValueError(f"a described device is {stored!r}, expected an object")  # noqa: TRY004 - of the file, not of the call
    parts: dict[str, Any] = dict(stored)
    try:
        parts["streams"] = tuple(_stored_stream(stream) for stream in parts["streams"])
        for key in ("start", "stop"):
            parts[key] = tuple(TableWrite(**write) for write in parts[key])
        return TableDevice(**parts)
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError(f"a described device lacks something or says too much: {error!r}") from error


_STORED: dict[str, Callable[[Any], Any]] = {
    "quantity": Quantity,
    "unit": Unit,
    "byte_order": ByteOrder,
    "counts": Counts,
    "time_of": TimeOf,
    "fields": tuple,
    "header": tuple,
    "axes": tuple,
}
"""What JSON cannot hold as it is."""


def _stored_stream(stored: Mapping[str, Any]) -> TableStream:
    parts = {key: _STORED[key](value) if key in _STORED else value for key, value in stored.items()}
    return TableStream(**parts)
