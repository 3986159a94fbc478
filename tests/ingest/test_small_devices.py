"""Thingy:52, PineTime and micro:bit: what their bytes mean, and what becomes of them in a night."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from detectors.signal import Quantity, Unit
from ingest.decoders import microbit, pinetime, thingy52
from ingest.decoders.base import StatusKind
from ingest.decoders.catalogue import DEVICES
from ingest.decoders.layout import Samples
from ingest.decoders.microbit import MicrobitReader
from ingest.decoders.pinetime import PineTimeReader
from ingest.decoders.profile import SetupOp
from ingest.decoders.thingy52 import RawMotion, Thingy52Reader
from ingest.errors import DecodeError
from ingest.night.records import Notification, Record
from tests.ingest.device_nights import device_night, linked, vectors
from tests.ingest.logged_sensor import (
    NS_PER_S,
    PLACEMENT,
    SENSOR,
    blocks,
    decode,
    gaps,
    link_down,
    link_up,
    night_start,
    spans,
    statuses,
)

VECTORS = vectors("small_devices")
INT16 = st.integers(-(2**15), 2**15 - 1)


def vector(name: str) -> tuple[bytes, dict[str, list[float]]]:
    return bytes.fromhex(VECTORS[name]["hex"]), VECTORS[name]["expected"]


def only_samples(said: list[object]) -> list[Samples]:
    assert all(isinstance(each, Samples) for each in said)
    return [each for each in said if isinstance(each, Samples)]


def test_thingy52_is_read_as_its_vector_says() -> None:
    payload, expected = vector("thingy52_raw")
    motion = RawMotion.from_bytes(payload)
    assert motion.acceleration_g == tuple(expected["acc_g"])
    assert motion.rotation_dps == tuple(expected["gyro_dps"])
    assert motion.field_ut == tuple(expected["mag_uT"])
    acceleration, rotation = only_samples([*Thingy52Reader({"fs_hz": 50.0}).notified(thingy52.RAW_UUID, payload)])
    assert (acceleration.layout.quantity, acceleration.layout.unit) == (Quantity.ACCELERATION, Unit.G)
    assert (rotation.layout.quantity, rotation.layout.unit) == (Quantity.ROTATION, Unit.DEGREES_PER_SECOND)
    assert acceleration.data.tolist() == [expected["acc_g"]]
    assert rotation.data.tolist() == [expected["gyro_dps"]]


def test_pinetime_and_microbit_are_read_as_their_vectors_say() -> None:
    payload, expected = vector("infinitime_motion")
    (samples,) = only_samples([*PineTimeReader().notified(pinetime.MOTION_UUID, payload)])
    assert samples.data.tolist() == [expected["g"]]
    payload, expected = vector("microbit_acc")
    (samples,) = only_samples([*MicrobitReader({"fs_hz": 50.0}).notified(microbit.DATA_UUID, payload)])
    np.testing.assert_allclose(samples.data, [expected["g"]], rtol=1e-7)


@settings(max_examples=50)
@given(st.lists(INT16, min_size=9, max_size=9))
def test_what_is_written_is_read_again(counts: list[int]) -> None:
    g = tuple(count / 1024 for count in counts[:3])
    motion = RawMotion(g, tuple(count / 32 for count in counts[3:6]), tuple(count / 16 for count in counts[6:]))
    assert RawMotion.from_bytes(motion.to_bytes()) == motion
    (samples,) = only_samples(
        [*PineTimeReader().notified(pinetime.MOTION_UUID, pinetime.encode_motion((g[0], g[1], g[2])))]
    )
    assert samples.data.tolist() == [list(g)]
    g = tuple(count / 1000 for count in counts[:3])
    (samples,) = only_samples(
        [*MicrobitReader({"fs_hz": 50.0}).notified(microbit.DATA_UUID, microbit.encode_data((g[0], g[1], g[2])))]
    )
    np.testing.assert_allclose(samples.data, [g], rtol=1e-6)


@pytest.mark.parametrize(
    ("name", "uuid", "size"),
    [("thingy52", thingy52.RAW_UUID, 18), ("pinetime", pinetime.MOTION_UUID, 6), ("microbit", microbit.DATA_UUID, 6)],
)
def test_a_packet_of_another_length_is_counted_and_the_next_one_is_read(name: str, uuid: str, size: int) -> None:
    payloads = [bytes(size), b"", bytes(size - 1), bytes(size + 1), bytes(size)]
    sent: list[Record] = [Notification(i * NS_PER_S // 10, SENSOR, uuid, payload) for i, payload in enumerate(payloads)]
    items = device_night(DEVICES[name], sent)
    assert [status.values["count"] for status in statuses(items, StatusKind.MALFORMED)] == [1, 2, 3]
    assert sum(len(block.data) for block in blocks(items) if block.stream.quantity is Quantity.ACCELERATION) >= 2


@pytest.mark.slow
@settings(max_examples=50)
@given(st.sampled_from(["thingy52", "pinetime", "microbit", "metamotion", "witmotion"]), st.data())
def test_a_reader_refuses_bytes_with_its_own_error_only_and_then_knows_no_more_than_before(
    name: str, draws: st.DataObject
) -> None:
    device = DEVICES[name]
    options = device.settled({})
    uuids = [step.characteristic for step in device.profile(options).setup]
    decoder, fresh = device.made(PLACEMENT, options), device.made(PLACEMENT, options)
    decode(linked([]), decoder)
    noise = draws.draw(st.lists(st.tuples(st.sampled_from(uuids), st.binary(max_size=45)), max_size=20))
    for number, (uuid, payload) in enumerate(noise):
        decoder.feed(Notification(number, SENSOR, uuid, payload))
    after: list[Record] = [link_down(50), link_up(60)]
    good: list[Record] = [
        Notification(70 + number, SENSOR, uuid, payload) for number, (uuid, payload) in enumerate(GOOD[name])
    ]
    with_noise = decode([*after, *good], decoder)
    without = decode([night_start(), link_up(60), *good], fresh)
    assert [block.data.tolist() for block in blocks(with_noise)] == [block.data.tolist() for block in blocks(without)]
    assert blocks(without)


GOOD = {
    "thingy52": [(thingy52.RAW_UUID, vector("thingy52_raw")[0])],
    "pinetime": [(pinetime.MOTION_UUID, vector("infinitime_motion")[0])],
    "microbit": [(microbit.DATA_UUID, vector("microbit_acc")[0])],
    "metamotion": [("326a9006-85cb-9195-d9dd-464cfbbae75a", bytes.fromhex("0304000100020003"))],
    "witmotion": [("0000ffe4-0000-1000-8000-00805f9a34fb", vector("wit_61")[0])],
}


@settings(max_examples=20)
@given(st.lists(st.integers(1, 40), min_size=1, max_size=20))
def test_a_watch_that_says_nothing_has_not_moved(pauses: list[int]) -> None:
    times = np.cumsum([0, *pauses])
    sent: list[Record] = [
        Notification(
            int(at) * NS_PER_S // 10, SENSOR, pinetime.MOTION_UUID, pinetime.encode_motion((0, 0, number / 64))
        )
        for number, at in enumerate(times)
    ]
    items = device_night(DEVICES["pinetime"], sent)
    assert gaps(items) == []
    assert spans(items) == [(0, int(times[-1]) + 1)]
    z = np.concatenate([block.data[:, 2] for block in blocks(items)])
    np.testing.assert_array_equal(z, np.repeat(np.arange(len(times)) / 64, [*pauses, 1]).astype(np.float32))
    assert DEVICES["pinetime"].profile({}).silence_timeout_s is None


@pytest.mark.parametrize("fs_hz", [1000 / period_ms for period_ms in microbit.PERIODS_MS])
def test_a_microbit_is_written_one_of_its_eight_periods_and_never_0(fs_hz: float) -> None:
    device = DEVICES["microbit"]
    writes = [s for s in device.profile(device.settled({"fs_hz": fs_hz})).setup if s.op is SetupOp.WRITE]
    assert [(s.characteristic, s.payload) for s in writes] == [
        (microbit.PERIOD_UUID, round(1000 / fs_hz).to_bytes(2, "little"))
    ]
    for refused in (0, 33, 2000):
        with pytest.raises(ValueError, match="fs_hz"):
            device.settled({"fs_hz": refused})


def test_a_reader_leaves_other_characteristics_alone() -> None:
    for reader in (Thingy52Reader({"fs_hz": 50.0}), PineTimeReader(), MicrobitReader({"fs_hz": 50.0})):
        assert reader.notified("other", b"\x01") == []
        assert reader.reply("other", b"", b"\x01") == []
        reader.unlinked()


def test_an_error_says_what_came_and_what_was_expected() -> None:
    with pytest.raises(DecodeError, match="micro:bit accelerometer data has 5 bytes, expected 6"):
        MicrobitReader({"fs_hz": 50.0}).notified(microbit.DATA_UUID, bytes(5))
