"""MetaMotion: both accelerometers, every range, single and packed, and the set-up that asks which it is."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from detectors.signal import NS_PER_S
from ingest.decoders.base import StatusKind
from ingest.decoders.layout import Reported, Samples
from ingest.decoders.metamotion import (
    COMMAND_UUID,
    IDENTIFY,
    METAMOTION_DEVICE,
    NOTIFY_UUID,
    PACKED,
    RANGE_CODES,
    SINGLE,
    Chip,
    MetaMotionReader,
    configure_bytes,
    encode_samples,
)
from ingest.decoders.profile import SetupOp
from ingest.errors import DecodeError
from ingest.night.records import Notification, SetupReply
from tests.ingest.device_nights import device_night
from tests.ingest.logged_sensor import SENSOR, blocks, statuses

LSB_PER_G = {2: 16384, 4: 8192, 8: 4096, 16: 2048}


def reader(range_g: float = 8.0, chip: Chip | None = None) -> MetaMotionReader:
    made = MetaMotionReader({"range_g": range_g, "fs_hz": 100.0})
    if chip is not None:
        made.reply(NOTIFY_UUID, IDENTIFY, IDENTIFY + bytes((chip, 0)))
    return made


def samples(made: MetaMotionReader, payload: bytes) -> np.ndarray:
    (said,) = made.notified(NOTIFY_UUID, payload)
    assert isinstance(said, Samples)
    return said.data


@pytest.mark.parametrize(("range_g", "lsb_per_g"), LSB_PER_G.items())
@pytest.mark.parametrize("chip", Chip)
def test_full_scale_of_every_range_single_and_packed(chip: Chip, range_g: int, lsb_per_g: int) -> None:
    one = bytes.fromhex("0304") + np.array([lsb_per_g, -lsb_per_g // 2, -32768], "<i2").tobytes()
    assert samples(reader(range_g, chip), one).tolist() == [[1.0, -0.5, -float(range_g)]]
    packed = bytes((3, {1: 0x1C, 4: 0x05}[chip])) + np.arange(9, dtype="<i2").tobytes()
    np.testing.assert_array_equal(
        samples(reader(range_g, chip), packed), (np.arange(9).reshape(3, 3) / lsb_per_g).astype(np.float32)
    )


@pytest.mark.slow
@settings(max_examples=50)
@given(st.sampled_from(list(Chip)), st.sampled_from([2, 4, 8, 16]), st.booleans(), st.data())
def test_what_is_written_is_read_again(chip: Chip, range_g: int, packed: bool, draws: st.DataObject) -> None:  # noqa: FBT001 - drawn
    n_samples = 3 if packed else 1
    value = st.integers(-32768, 32767)
    drawn = draws.draw(st.lists(value, min_size=3 * n_samples, max_size=3 * n_samples))
    counts = np.array(drawn, np.int16).reshape(n_samples, 3)
    payload = encode_samples(PACKED[chip] if packed else SINGLE, counts)
    np.testing.assert_array_equal(samples(reader(range_g, chip), payload) * LSB_PER_G[range_g], counts)


def test_the_configure_bytes_are_those_of_the_makers_tests() -> None:
    assert configure_bytes(Chip.BMI160, 100.0, 16.0) == bytes.fromhex("0303280c")
    assert configure_bytes(Chip.BMI270, 100.0, 8.0) == bytes.fromhex("0303a802")
    assert {chip: sorted(codes.values()) for chip, codes in RANGE_CODES.items()} == {
        Chip.BMI160: [0x03, 0x05, 0x08, 0x0C],
        Chip.BMI270: [0, 1, 2, 3],
    }


@pytest.mark.parametrize(
    ("chip", "configure", "packed", "stop"),
    [(1, "03032708", "031c01", "031c00"), (4, "0303a702", "030501", "030500")],
)
def test_each_accelerometer_is_given_its_own_bytes_in_the_makers_order(
    chip: int, configure: str, packed: str, stop: str
) -> None:
    profile = METAMOTION_DEVICE.profile(METAMOTION_DEVICE.settled({"fs_hz": 50, "range_g": 8}))
    answer = IDENTIFY + bytes((chip,))
    written = [
        step.payload.hex()
        for step in profile.setup
        if step.op is SetupOp.WRITE and answer.startswith(step.only_after) and step.characteristic == COMMAND_UUID
    ]
    assert written == ["0380", configure, packed, "03020100", "030101"]
    stopped = [step.payload.hex() for step in profile.stop if answer.startswith(step.only_after)]
    assert stopped == ["030100", "03020001", stop]
    identify = profile.setup[1]
    assert (identify.expect_prefix, identify.answered_on) == (IDENTIFY, NOTIFY_UUID)


def test_the_identify_reply_says_which_packed_register_counts() -> None:
    packed = {chip: encode_samples(PACKED[chip], np.ones((3, 3), np.int16)) for chip in Chip}
    for chip, other in ((Chip.BMI160, Chip.BMI270), (Chip.BMI270, Chip.BMI160)):
        told = reader()
        assert len(samples(told, packed[chip])) == len(samples(told, packed[other])) == 3
        (said,) = told.reply(NOTIFY_UUID, IDENTIFY, IDENTIFY + bytes((chip, 0)))
        assert said == Reported(StatusKind.DEVICE, f"accelerometer {chip.name}", {})
        assert len(samples(told, packed[chip])) == 3
        with pytest.raises(DecodeError, match="expected 0304"):
            told.notified(NOTIFY_UUID, packed[other])


@pytest.mark.parametrize("payload", ["0380", "038000", "038007"])
def test_an_identify_reply_of_another_chip_is_refused_and_changes_nothing(payload: str) -> None:
    told = reader(chip=Chip.BMI160)
    with pytest.raises(DecodeError, match="expected 038001"):
        told.reply(NOTIFY_UUID, IDENTIFY, bytes.fromhex(payload))
    assert len(samples(told, encode_samples(0x1C, np.ones((3, 3), np.int16)))) == 3


@pytest.mark.parametrize("payload", ["03", "0304", "030400010002", "03040001000200030004", "031c000100020003"])
def test_a_packet_of_the_wrong_length_is_refused(payload: str) -> None:
    with pytest.raises(DecodeError, match="MetaMotion packet"):
        reader().notified(NOTIFY_UUID, bytes.fromhex(payload))


def test_what_other_modules_say_is_none_of_the_accelerometers() -> None:
    assert reader().notified(NOTIFY_UUID, b"\x13\x05\x00") == []
    assert reader().notified("other", b"\x03") == []
    assert reader().reply("other", b"", b"\x03") == []


def test_a_stream_loses_nothing_when_packets_come_in_bursts_and_says_which_chip_it_has() -> None:
    packets = [encode_samples(0x05, np.full((3, 3), number, np.int16)) for number in range(100)]
    sent = [  # four at a time, as links under load do
        Notification(round((number // 4 * 4 + 5) * 0.03 * NS_PER_S), SENSOR, NOTIFY_UUID, payload)
        for number, payload in enumerate(packets)
    ]
    identified = SetupReply(0, SENSOR, NOTIFY_UUID, IDENTIFY, IDENTIFY + b"\x04\x00")
    items = device_night(METAMOTION_DEVICE, [identified, *sent])
    data = np.concatenate([block.data for block in blocks(items)])
    np.testing.assert_array_equal(data[:, 0] * 4096, np.repeat(np.arange(100), 3))
    assert [status.detail for status in statuses(items, StatusKind.DEVICE)] == ["accelerometer BMI270"]
