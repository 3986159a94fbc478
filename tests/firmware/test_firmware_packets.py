"""The firmware's bytes are those of the Python encoders and of the profile's vectors."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.decoders.lsp_control import Op
from ingest.decoders.lsp_info import Format, Info, Kind, StreamDescriptor, UnitCode
from ingest.decoders.lsp_packets import (
    DataHeader,
    PacketFlag,
    Sync,
    decode_header,
    decode_samples,
    encode_long,
    encode_short,
    encode_sync,
)  # fmt: skip
from ingest.decoders.lsp_status import EventPacket, EventType, StatusPacket, encode_event, encode_status
from tests.firmware.compiled_leg import ACC, EMG, INFO, LONG, SHORT, compiler, ramp, samples_of, tick_of
from tests.ingest.logged_sensor import vector

if TYPE_CHECKING:
    from tests.firmware.compiled_leg import CompiledLeg

bytes_2 = st.integers(0, 0xFFFF)
bytes_4 = st.integers(0, 0xFFFFFFFF)
floats = st.floats(width=32, allow_nan=False, allow_infinity=False)
LIMITS = {Format.I8: 2**7, Format.I16: 2**15, Format.I24: 2**23, Format.I32: 2**31}


@st.composite
def descriptors(draw: st.DrawFn, number: int) -> StreamDescriptor:
    return StreamDescriptor(
        number, draw(st.integers(0, 255)), draw(st.integers(1, 8)), draw(st.sampled_from(list(Format))),
        draw(st.integers(1, 2000_000)), draw(floats), draw(floats), draw(st.integers(0, 255)),
        draw(st.integers(1, 255)),
        draw(st.integers(0, 255)), draw(st.integers(0, 255)), draw(bytes_2), draw(bytes_2),
    )  # fmt: skip


@st.composite
def infos(draw: st.DrawFn) -> Info:
    streams = tuple(draw(descriptors(number)) for number in range(draw(st.integers(0, 4))))
    byte = st.integers(0, 255)
    return Info(
        draw(bytes_2), draw(bytes_4), 1_000_000, draw(bytes_2), draw(byte), draw(byte), draw(bytes_4), streams
    )  # fmt: skip


def test_the_info_is_the_profiles_vector(leg: CompiledLeg) -> None:
    assert leg.boot(INFO)
    assert leg.hex("info") == [vector("lsp_info")]


@pytest.mark.slow
@given(infos())
def test_any_info_is_written_as_python_writes_it(leg: CompiledLeg, info: Info) -> None:
    assert leg.boot(info)
    assert leg.hex("info") == [info.to_bytes()]


@pytest.mark.parametrize("value_format", list(Format))
@pytest.mark.parametrize("payload", [LONG, SHORT])
def test_every_format_is_packed_as_python_packs_it(leg: CompiledLeg, value_format: Format, payload: int) -> None:
    stream = StreamDescriptor(0, Kind.EMG, 1, value_format, 10_000, 1.0, 0.0, UnitCode.COUNTS, 16)
    leg.boot(samples_of([stream]))
    leg.tell("link")
    assert leg.ask(Op.START, 1, payload=payload).result == 0
    values = np.array([[0], [1], [-1], [127], [-128], [32767], [-32768], [2**23 - 1], [-(2**23)], [2**31 - 1],
                       [-(2**31)], [5], [65535], [65536], [-5], [7]])  # fmt: skip
    leg.put(0, 0, values)
    data = [packet for packet in leg.send(payload) if packet[0] != 0xA2]
    raw = np.concatenate([decode_samples(stream, decode_header(packet)[1]) for packet in data])
    limit = LIMITS.get(value_format, 2**31)
    low, high = (0, 65535) if value_format is Format.U16 else (-limit, limit - 1)
    assert len(raw) >= 15  # three bytes per value leave the last one for a packet that is not full yet
    expected = np.clip(values, low, high)[: len(raw)]
    np.testing.assert_array_equal(raw, expected.astype(np.float32) if value_format is Format.F32 else expected)


def test_a_long_packet_is_the_one_that_python_makes(leg: CompiledLeg) -> None:
    leg.boot()
    leg.tell("link")
    leg.ask(Op.START, 2)
    leg.put(1, 4_294_200_000, ramp(ACC, 0, 80))
    packets = leg.send()
    expected = [
        encode_long(ACC, DataHeader(1, PacketFlag.NONE, n, 10 * n, tick_of(ACC, 10 * n, 4_294_200_000)),
                    ramp(ACC, 10 * n, 10 * n + 10).astype("<i2"))
        for n in range(8)
    ]  # fmt: skip
    assert packets == expected


def test_short_packets_are_full_and_a_sync_comes_first_and_each_second(leg: CompiledLeg) -> None:
    leg.boot()
    leg.tell("link")
    leg.ask(Op.SET_TIME, 1_790_000_000_000_000, tick=500)
    leg.ask(Op.START, 1, payload=SHORT)
    leg.put(0, 1_000, ramp(EMG, 0, 1_007))
    packets = leg.send(SHORT)
    unix_us = 1_790_000_000_000_000 + 500
    expected = []
    for n in range(251):
        if n % 250 == 0:
            expected.append(encode_sync(Sync(0, n, 4 * n, 1_000 + 4000 * n, unix_us + 4000 * n)))
        header = DataHeader(0, PacketFlag.NONE, n, None, None)
        expected.append(encode_short(EMG, header, ramp(EMG, 4 * n, 4 * n + 4).astype("<i2")))
    assert packets == expected


@pytest.mark.slow
@given(st.integers(1, 9), bytes_4, st.integers(-(2**31), 2**31 - 1))
def test_an_event_is_written_as_python_writes_it(leg: CompiledLeg, kind: int, tick: int, value: int) -> None:
    leg.boot()
    leg.tell("raise", tick + (5 << 32), kind, value)
    boot, event = leg.hex("events")
    assert EventPacket.from_bytes(boot).event_type == EventType.BOOT
    assert event == encode_event(EventPacket(kind, 0, 1, tick, value))


def test_the_press_of_the_profiles_vector(leg: CompiledLeg) -> None:
    leg.boot()
    for number in range(3):
        leg.tell("raise", 3_600_500_000, EventType.PRESS, number - 1)
    assert leg.hex("events")[3] == bytes.fromhex("0100 0300 20459bd6 01000000")


@pytest.mark.slow
@given(
    st.integers(0, 255), st.integers(0, 255), bytes_2, st.integers(-(2**15), 2**15 - 1),
    st.lists(st.none() | st.integers(0, 10_000_000), min_size=2, max_size=2),
)  # fmt: skip
def test_a_status_is_written_as_python_writes_it(
    leg: CompiledLeg, off_p: int, off_n: int, battery_mv: int, temperature_cc: int, ohm: list[int | None]
) -> None:
    leg.boot()
    leg.tell("lead", 0, off_p, off_n)
    leg.tell("battery", 0, battery_mv, 1)
    leg.tell("temperature", temperature_cc)
    for channel, one in enumerate(ohm):
        leg.tell("impedance", channel, 0xFFFFFFFF if one is None else one)
    status = StatusPacket(off_p, off_n, 4, 0, battery_mv, temperature_cc, 0, tuple(ohm))
    assert leg.hex("status") == [encode_status(status)]


def test_a_ring_of_less_than_ten_seconds_is_refused(leg: CompiledLeg) -> None:
    assert not leg.boot(ring_s=9)
    assert leg.boot(ring_s=10)


@pytest.mark.parametrize(
    "broken",
    [dataclasses.replace(EMG, channels=9), dataclasses.replace(EMG, stream_id=1), dataclasses.replace(EMG, channels=0)],
)
def test_a_description_that_cannot_be_is_refused(leg: CompiledLeg, broken: StreamDescriptor) -> None:
    assert not leg.boot(samples_of([broken]))


def test_a_computer_without_a_compiler_is_told_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    with pytest.raises(RuntimeError, match=r"no C compiler .* apt-get install gcc libc6-dev"):
        compiler()
