"""Every encoder of the Leg Sensor Profile has its decoder, and the vectors hold both to the profile."""

from __future__ import annotations

import struct

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.decoders.counters import unwrap
from ingest.decoders.lsp_control import Op, Request, Response, Result
from ingest.decoders.lsp_info import Format, Info, Kind, StreamDescriptor, UnitCode
from ingest.decoders.lsp_packets import (
    DataHeader,
    PacketFlag,
    Sync,
    decode_header,
    decode_samples,
    decode_sync,
    encode_long,
    encode_short,
    encode_sync,
    quantise,
)
from ingest.decoders.lsp_status import EventPacket, EventType, StatusPacket, encode_event, encode_status
from ingest.errors import DecodeError
from tests.ingest.logged_sensor import ACC, EMG, vector

U8, U16, U32 = st.integers(0, 255), st.integers(0, 2**16 - 1), st.integers(0, 2**32 - 1)
U64 = st.integers(0, 2**64 - 1)
F32 = st.floats(width=32, allow_nan=False)
DESCRIPTORS = st.builds(StreamDescriptor, U8, U8, U8, U8, U32, F32, F32, U8, U8, U8, U8, U16, U16)
INFOS = st.builds(
    Info,
    U16,
    U32,
    U32.filter(bool),
    U16,
    U8,
    U8,
    U32,
    st.lists(DESCRIPTORS, max_size=4).map(tuple),
    st.integers(1, 255),
)
FLAGS = st.sampled_from(
    [PacketFlag.NONE, PacketFlag.LEAD_OFF, PacketFlag.DROPPED, PacketFlag.LEAD_OFF | PacketFlag.DROPPED]
)
LIMITS = {
    Format.I8: (-(2**7), 2**7 - 1),
    Format.I16: (-(2**15), 2**15 - 1),
    Format.I24: (-(2**23), 2**23 - 1),
    Format.I32: (-(2**31), 2**31 - 1),
    Format.U16: (0, 2**16 - 1),
}


@st.composite
def sampled_streams(draw: st.DrawFn, n_samples: int | None = None) -> tuple[StreamDescriptor, np.ndarray]:
    form = draw(st.sampled_from([*LIMITS, Format.F32]))
    channels = draw(st.integers(1, 4))
    stream = StreamDescriptor(
        draw(st.integers(0, 63)), Kind.EMG, channels, form, 500_000, 0.5, 0.0, UnitCode.MICROVOLT, 10
    )
    rows = stream.samples_per_short_packet if n_samples is None else n_samples
    values = F32 if form is Format.F32 else st.integers(*LIMITS[form])
    flat = draw(st.lists(values, min_size=rows * channels, max_size=rows * channels))
    dtype = {Format.F32: "<f4", Format.U16: "<u2"}.get(form, "<i4")
    return stream, np.array(flat, dtype=dtype).reshape(rows, channels)


@pytest.mark.slow
@given(INFOS)
def test_info_is_read_as_it_was_written(info: Info) -> None:
    assert Info.from_bytes(info.to_bytes()) == info


@pytest.mark.slow
@given(sampled_streams(n_samples=7), U16, U32, U32, FLAGS)
def test_a_long_packet_is_read_as_it_was_written(
    sampled: tuple[StreamDescriptor, np.ndarray], seq: int, index: int, tick: int, flags: PacketFlag
) -> None:
    stream, raw = sampled
    header = DataHeader(stream.stream_id, flags, seq, index, tick)
    read, samples = decode_header(encode_long(stream, header, raw))
    assert read == header
    np.testing.assert_array_equal(decode_samples(stream, samples), raw)


@pytest.mark.slow
@given(sampled_streams().filter(lambda sampled: len(sampled[1]) > 0), U16, FLAGS)
def test_a_short_packet_is_read_as_it_was_written(
    sampled: tuple[StreamDescriptor, np.ndarray], seq: int, flags: PacketFlag
) -> None:
    stream, raw = sampled
    header = DataHeader(stream.stream_id, flags, seq, None, None)
    payload = encode_short(stream, header, raw)
    read, samples = decode_header(payload)
    assert read == header
    assert len(payload) <= 20
    np.testing.assert_array_equal(decode_samples(stream, samples), raw)


@given(st.builds(Sync, st.integers(0, 63), U16, U32, U32, U64))
def test_a_sync_is_read_as_it_was_written(sync: Sync) -> None:
    assert decode_sync(encode_sync(sync)) == sync


@given(st.builds(EventPacket, U8, U8, U16, U32, st.integers(-(2**31), 2**31 - 1)))
def test_an_event_is_read_as_it_was_written(event: EventPacket) -> None:
    assert EventPacket.from_bytes(encode_event(event)) == event


@pytest.mark.slow
@given(
    st.builds(
        StatusPacket,
        *(U8, U8, U8, U8, U16, st.integers(-(2**15), 2**15 - 1), U16),
        st.lists(st.none() | st.integers(0, 65_534).map(lambda step: step * 100), max_size=8).map(tuple),
        U8,
    )
)
def test_a_status_is_read_as_it_was_written(status: StatusPacket) -> None:
    assert StatusPacket.from_bytes(encode_status(status)) == status


def test_a_status_saturates_instead_of_wrapping() -> None:
    status = StatusPacket(0, 0, 0, 0, 0, 0, drops=10**6, impedance_ohm=(10**9,))
    read = StatusPacket.from_bytes(encode_status(status))
    assert (read.drops, read.impedance_ohm) == (65_535, (6_553_400,))


@pytest.mark.parametrize(
    ("op", "values"),
    [
        (Op.START, (3,)),
        (Op.STOP, ()),
        (Op.SET_RATE, (0, 500_000)),
        (Op.SET_SPP, (1, 20)),
        (Op.SET_FORMAT, (1, 3)),
        (Op.SET_TIME, (1_790_000_000_000_000,)),
        (Op.GET_TIME, ()),
        (Op.IMPEDANCE_START, (1,)),
        (Op.IMPEDANCE_STOP, (1,)),
        (Op.KEEPALIVE, (60,)),
        (Op.IDENTIFY, ()),
        (Op.RESEND, (0, 12_900, 50)),
        (Op.SET_CONN, (12, 0, 600)),
        (Op.SAVE, ()),
        (Op.RESET, ()),
    ],
)
def test_every_request_is_read_as_it_was_written_and_its_length_is_checked(op: Op, values: tuple[int, ...]) -> None:
    request = Request(op, 0x11, values)
    data = request.to_bytes()
    assert Request.from_bytes(data) == request
    with pytest.raises(DecodeError, match="bytes of parameters"):
        Request.from_bytes(data + b"\0")


def test_a_request_with_an_unknown_op_is_kept_for_the_sensor_to_refuse() -> None:
    assert Request.from_bytes(b"\x7f\x05whatever") == Request(0x7F, 5)


@pytest.mark.slow
@given(st.sampled_from(list(Op)), U8, st.sampled_from(list(Result)), U64, U64)
def test_a_response_is_read_as_it_was_written(op: Op, tid: int, result: Result, tick: int, unix_us: int) -> None:
    has_time = op is Op.GET_TIME and result is Result.OK
    response = Response(op, tid, result, *((tick, unix_us) if has_time else ()))
    assert Response.from_bytes(response.to_bytes()) == response


def test_the_control_point_vectors_read_as_the_profile_says() -> None:
    assert Request.from_bytes(vector("lsp_cp_start")) == Request(Op.START, 17, (3,))
    assert Response(Op.START, 17).to_bytes() == bytes.fromhex("811100")
    assert Request.from_bytes(vector("lsp_cp_rate")) == Request(Op.SET_RATE, 18, (0, 500_000))
    time = Response.from_bytes(vector("lsp_cp_time_rsp"))
    assert (time.tid, time.tick, time.unix_us) == (19, 3_600_123_456, 1_790_000_000_000_000)
    assert len(time.to_bytes()) == 19


def test_the_event_vector_is_the_third_press_of_the_button() -> None:
    event = EventPacket.from_bytes(vector("lsp_event_press"))
    assert event == EventPacket(EventType.PRESS, 0, 3, 3_600_500_000, 1)
    assert encode_event(event) == vector("lsp_event_press")


def test_the_status_vector_reads_as_the_profile_says() -> None:
    status = StatusPacket.from_bytes(vector("lsp_status"))
    assert (status.lead_off_p, status.lead_off_n, status.flags, status.queue) == (1, 0, 1, 200)
    assert (status.battery_mv, status.temperature_cc, status.drops) == (3987, 3105, 12)
    assert status.impedance_ohm == (23_000, None)
    assert encode_status(status) == vector("lsp_status")


@pytest.mark.parametrize(("name", "stream"), [("lsp_long_emg", EMG), ("lsp_long_acc", ACC), ("lsp_short", EMG)])
def test_the_data_vectors_come_out_of_the_encoders(name: str, stream: StreamDescriptor) -> None:
    header, samples = decode_header(vector(name))
    raw = decode_samples(stream, samples)
    encode = encode_short if header.index is None else encode_long
    assert encode(stream, header, raw) == vector(name)


def test_the_long_emg_vector_is_in_microvolt_of_its_scale() -> None:
    header, samples = decode_header(vector("lsp_long_emg"))
    assert (header.seq, header.index, header.tick) == (258, 12_900, 3_600_000_000)
    assert np.multiply(decode_samples(EMG, samples), EMG.scale).tolist() == [[-1, 2], [25, -25], [0, 8191.75]]


def test_short_packets_hold_as_many_samples_as_fit_into_16_bytes() -> None:
    def fit(channels: int, form: Format) -> int:
        return StreamDescriptor(0, 1, channels, form, 1, 1.0, 0.0, 1, 1).samples_per_short_packet

    assert (fit(2, Format.I16), fit(2, Format.I24), fit(3, Format.I16)) == (4, 2, 2)
    assert fit(5, Format.F32) == 0


def test_quantise_rounds_and_saturates_like_a_converter() -> None:
    np.testing.assert_array_equal(quantise(EMG, [[0.1, 0.2], [1e9, -1e9]]), [[0, 1], [32_767, -32_768]])


def test_encoders_refuse_what_cannot_be_read_again() -> None:
    raw = np.zeros((3, 2), dtype="<i2")
    with pytest.raises(ValueError, match="expected 4 in a short packet"):
        encode_short(EMG, DataHeader(0, PacketFlag.NONE, 0, None, None), raw)
    with pytest.raises(ValueError, match="needs an index and a tick"):
        encode_long(EMG, DataHeader(0, PacketFlag.NONE, 0, None, None), raw)
    with pytest.raises(ValueError, match=r"expected \(n_samples, 2\)"):
        encode_long(EMG, DataHeader(0, PacketFlag.NONE, 0, 0, 0), raw[:, :1])
    with pytest.raises(ValueError, match="nothing can be encoded"):
        quantise(StreamDescriptor(0, 1, 1, 99, 1, 1.0, 0.0, 1, 1), [[1.0]])


@given(st.binary(max_size=300))
def test_readers_raise_a_decode_error_or_nothing(data: bytes) -> None:
    readers = (Info.from_bytes, StreamDescriptor.from_bytes, Request.from_bytes, Response.from_bytes)
    for read in (*readers, EventPacket.from_bytes, StatusPacket.from_bytes, decode_header, decode_sync):
        try:
            read(data)
        except DecodeError:
            continue


@given(st.integers(0, 2**40), st.integers(-(2**15), 2**15 - 1), st.sampled_from([16, 32]))
def test_a_counter_is_unwrapped_to_the_nearest_number(near: int, step: int, bits: int) -> None:
    assert unwrap((near + step) % 2**bits, bits, near) == near + step


def test_i24_is_three_bytes_little_endian_with_a_sign() -> None:
    stream = StreamDescriptor(0, Kind.EMG, 1, Format.I24, 1_000_000, 1.0, 0.0, UnitCode.COUNTS, 1)
    assert decode_samples(stream, b"\xff\xff\xff\x00\x00\x80\x01\x00\x00")[:, 0].tolist() == [-1, -(2**23), 1]
    assert struct.unpack("<i", b"\xff\xff\xff\xff") == (-1,)
