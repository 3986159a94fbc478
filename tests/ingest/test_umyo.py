"""uMyo: every form of its packets, exact loss by its sample number, and packets that a small MTU cut off."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from detectors.signal import Quantity, Unit
from ingest.decoders.base import StatusKind
from ingest.decoders.layout import Samples
from ingest.decoders.umyo import (
    COUNTER_SPAN,
    FORMS,
    TELEMETRY_UUID,
    UMYO_DEVICE,
    Form,
    Telemetry,
    UmyoReader,
    decode_telemetry,
    encode_telemetry,
)
from ingest.errors import DecodeError
from ingest.night.records import Notification, Record
from tests.ingest.device_nights import device_night, missing, vectors
from tests.ingest.logged_sensor import (
    NS_PER_S,
    SENSOR,
    blocks,
    gaps,
    link_down,
    link_up,
    spans,
    statuses,
)

if TYPE_CHECKING:
    from ingest.decoders.base import Item

VECTORS = vectors("emg_sensors")
INT16 = st.integers(-(2**15), 2**15 - 1)
FS_HZ = 1116.0
S2, S2_PLAIN, SHORT, AUX = FORMS[1], FORMS[4], FORMS[7], FORMS[2]


@st.composite
def packets(draw: st.DrawFn) -> Telemetry:
    form = draw(st.sampled_from(FORMS))
    first = draw(st.integers(0, COUNTER_SPAN - 1)) if form.n_emg else None
    emg = draw(st.lists(INT16, min_size=form.n_emg, max_size=form.n_emg))
    motion = draw(st.lists(INT16, min_size=form.n_motion, max_size=form.n_motion))
    return Telemetry(form, first, tuple(emg), tuple(motion))


def emg_packet(first: int, form: Form = S2) -> bytes:
    values = tuple((first + number) % 20_000 for number in range(form.n_emg))
    return encode_telemetry(Telemetry(form, first, values, (0,) * form.n_motion))


def heard(first: int, mono_ns: int | None = None, form: Form = S2) -> Notification:
    due_ns = round((first + form.n_emg) * NS_PER_S / FS_HZ)
    return Notification(due_ns if mono_ns is None else mono_ns, SENSOR, TELEMETRY_UUID, emg_packet(first, form))


night = partial(device_night, UMYO_DEVICE)


def emg_spans(items: list[Item]) -> list[tuple[int, int]]:
    return spans(block for block in blocks(items) if block.stream.quantity is Quantity.EMG)


def test_the_lengths_are_those_of_the_firmware_and_no_two_are_the_same() -> None:
    assert [form.n_bytes for form in FORMS] == [61, 53, 27, 60, 52, 26, 36, 20]


@pytest.mark.parametrize("name", ["umyo_v2_s1", "umyo_v2_s2"])
def test_emg_is_read_as_its_vector_says(name: str) -> None:
    payload, expected = bytes.fromhex(VECTORS[name]["hex"]), VECTORS[name]["expected"]
    packet = decode_telemetry(payload)
    assert (len(payload), packet.first, list(packet.emg)) == (expected["len"], expected["tsrc"], expected["emg"])
    assert list(packet.motion) == expected.get("quat", [])
    (samples,) = UmyoReader({}).notified(TELEMETRY_UUID, payload)
    assert isinstance(samples, Samples)
    assert (samples.counter, samples.layout.unit, samples.data[:, 0].tolist()) == (1200, Unit.COUNTS, expected["emg"])


def test_motion_is_read_as_its_vector_says() -> None:
    payload, expected = bytes.fromhex(VECTORS["umyo_v2_aux"]["hex"]), VECTORS["umyo_v2_aux"]["expected"]
    packet = decode_telemetry(payload)
    assert list(packet.motion) == [*expected["imu"], *expected["mag"], *expected["quat"]]
    acceleration, rotation = UmyoReader({}).notified(TELEMETRY_UUID, payload)
    assert isinstance(acceleration, Samples)
    assert isinstance(rotation, Samples)
    assert acceleration.data.tolist() == [expected["acc_g"]]
    np.testing.assert_allclose(rotation.data, np.array([[1, 2, 3]]) * 500 / 28572, rtol=1e-6)
    plain = UmyoReader({}).notified(TELEMETRY_UUID, payload[1:])[0]
    assert isinstance(plain, Samples)
    assert plain.data.tolist() == [expected["acc_g"]]


@pytest.mark.slow
@settings(max_examples=40)
@given(packets())
def test_what_is_written_is_read_again(packet: Telemetry) -> None:
    payload = encode_telemetry(packet)
    assert decode_telemetry(payload) == packet
    if packet.first is not None:
        (samples,) = UmyoReader({"uv_per_count": 0.5}).notified(TELEMETRY_UUID, payload)
        assert isinstance(samples, Samples)
        assert samples.layout.unit is Unit.MICROVOLT
        np.testing.assert_array_equal(samples.data[:, 0] * 2, packet.emg)


def test_24_samples_that_are_missing_are_a_gap_of_24() -> None:
    items = night([heard(1200, NS_PER_S), heard(1248, NS_PER_S + 43_000_000)])
    assert gaps(items) == [(1224, 24, "air")]


@pytest.mark.slow
@settings(max_examples=12, deadline=None)
@given(
    st.sets(st.integers(1, 58), max_size=30),
    st.sets(st.integers(0, 59), max_size=5),
    st.sampled_from([0, COUNTER_SPAN - 1200]),
)
def test_the_gaps_are_what_was_left_out_and_twice_is_once(lost: set[int], twice: set[int], origin: int) -> None:
    records: list[Record] = []
    for number in range(60):
        sent_ns = NS_PER_S + round((number + 1) * 24 * NS_PER_S / FS_HZ)
        each = Notification(sent_ns, SENSOR, TELEMETRY_UUID, emg_packet((origin + number * 24) % COUNTER_SPAN))
        records += [] if number in lost else [each] * (1 + (number in twice))
    items = night(records)
    assert missing(items) == [origin + number * 24 + sample for number in sorted(lost) for sample in range(24)]
    assert len(statuses(items, StatusKind.DUPLICATE)) == len(twice - lost)
    for block in blocks(items):
        sent = np.arange(block.start, block.stop) % COUNTER_SPAN
        # Within a packet the values count on from its first sample's number.
        firsts = origin + (np.arange(block.start, block.stop) - origin) // 24 * 24
        expected = (firsts % COUNTER_SPAN + np.arange(block.start, block.stop) - firsts) % 20_000
        np.testing.assert_array_equal(block.data[:, 0], expected, err_msg=str(sent[:3]))


def test_the_number_goes_on_while_the_link_is_lost_and_a_reboot_starts_anew() -> None:
    down, up = link_down(NS_PER_S), link_up(30 * NS_PER_S)
    items = night([heard(960), heard(984), down, up, heard(33_480)])
    assert gaps(items) == [(1008, 33_480 - 1008, "reconnect")]
    items = night([heard(96_000), heard(96_024), down, up, heard(240, 120 * NS_PER_S)])
    assert gaps(items) == [(96_048, None, "end")]
    assert [block.stream.segment for block in blocks(items)] == [0, 0, 1]


@pytest.mark.parametrize("length", [0, 1, 19, 21, 23, 25, 35, 47, 51, 54, 59])
def test_a_packet_that_a_small_mtu_cut_off_is_refused_and_the_reason_said(length: int) -> None:
    with pytest.raises(DecodeError, match="cut off, the MTU must be 55 or more"):
        decode_telemetry(emg_packet(0, FORMS[0])[:length])


@pytest.mark.parametrize("form", [S2, S2_PLAIN, FORMS[0]])
@pytest.mark.parametrize("length", [20, 36])
def test_what_is_left_of_long_packets_is_not_taken_for_short_ones(form: Form, length: int) -> None:
    motion = encode_telemetry(Telemetry(AUX, None, (), tuple(range(13))))
    records: list[Record] = []
    for number in range(50):
        sent_ns = NS_PER_S + number * 21_000_000
        cut = emg_packet(number * 24, form)[:length]
        records.append(Notification(sent_ns, SENSOR, TELEMETRY_UUID, cut))
        if number % 2:
            records.append(Notification(sent_ns, SENSOR, TELEMETRY_UUID, motion[:length]))
    items = night(records)
    emg = [block for block in blocks(items) if block.stream.quantity is Quantity.EMG]
    assert len(emg) <= 1  # nothing tells the first one
    said = statuses(items, StatusKind.MALFORMED)
    assert len(said) >= 49
    assert "cut off" in said[-1].detail


def test_short_packets_are_read_and_their_losses_are_gaps() -> None:
    numbers = [0, 0, 1, 2, 5, 6]
    records: list[Record] = [heard(number * 8, NS_PER_S + number * 7_000_000, SHORT) for number in numbers]
    items = night(records)
    assert gaps(items) == [(24, 16, "air")]
    assert len(statuses(items, StatusKind.DUPLICATE)) == 1
    again: list[Record] = [link_down(NS_PER_S), link_up(2 * NS_PER_S), heard(2400, 3 * NS_PER_S, SHORT)]
    assert emg_spans(night([heard(0, form=SHORT), heard(8, form=SHORT), *again])) == [(0, 16), (2400, 2408)]


def test_a_wrong_format_byte_and_too_many_bytes_are_refused() -> None:
    with pytest.raises(DecodeError, match="begins with 0x01, expected 0x02"):
        decode_telemetry(b"\x01" + emg_packet(0)[1:])
    with pytest.raises(DecodeError, match=r"of 62 bytes, expected 61, 53, 27, 60, 52, 26, 36, 20$"):
        decode_telemetry(bytes(62))


def test_acceleration_and_rotation_come_at_their_nominal_rate() -> None:
    motion = encode_telemetry(Telemetry(AUX, None, (), (0, 0, 16384, 0, 0, 0, *range(7))))
    records: list[Record] = [
        Notification(number * 40_000_000, SENSOR, TELEMETRY_UUID, motion) for number in range(1, 26)
    ]
    items = night(records)
    by_quantity = {block.stream.quantity: block.stream for block in blocks(items)}
    assert set(by_quantity) == {Quantity.ACCELERATION, Quantity.ROTATION}
    assert by_quantity[Quantity.ACCELERATION].fs_hz == 25.0
    assert [status.detail for status in statuses(items, StatusKind.MALFORMED)] == []


def test_other_characteristics_and_replies_say_nothing() -> None:
    assert UmyoReader({}).notified("other", b"\x01") == []
    assert UmyoReader({}).reply(TELEMETRY_UUID, b"", b"\x01") == []


@pytest.mark.parametrize(
    ("step", "is_whole"), [(16, True), (32, True), (24, False), (48, False), ((1 << 16) + 1, False)]
)
def test_a_step_that_no_cut_packet_makes_shows_that_short_packets_are_whole(step: int, *, is_whole: bool) -> None:
    reader = UmyoReader(UMYO_DEVICE.settled({}))
    first, second = (encode_telemetry(Telemetry(FORMS[6], start, (1,) * 16, ())) for start in (0, step))
    assert len(reader.notified(TELEMETRY_UUID, first)) == 1
    if is_whole:
        assert len(reader.notified(TELEMETRY_UUID, second)) == 1
    else:
        with pytest.raises(DecodeError, match="cut off"):
            reader.notified(TELEMETRY_UUID, second)
