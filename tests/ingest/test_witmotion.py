"""WitMotion: frames that come split or several at once, register answers, and a rate that is set but never stored."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from detectors.signal import Quantity
from ingest.decoders.base import StatusKind
from ingest.decoders.layout import Reported, Said, Samples
from ingest.decoders.profile import SetupOp
from ingest.decoders.witmotion import NOTIFY_UUID, WITMOTION_DEVICE, Motion, Register, WitMotionReader
from ingest.errors import DecodeError
from tests.ingest.device_nights import vectors

VECTOR = vectors("small_devices")["wit_61"]
READ_RATE = bytes.fromhex("ffaa270300")
INT16 = st.integers(-(2**15), 2**15 - 1)
FRAMES = st.builds(
    lambda head, values: head + np.array(values, "<i2").tobytes(),
    st.sampled_from([b"\x55\x61", b"\x55\x71"]),
    st.lists(INT16, min_size=9, max_size=9),
)


def acceleration(said: list[Said]) -> list[list[float]]:
    taken = [each for each in said if isinstance(each, Samples) and each.layout.quantity is Quantity.ACCELERATION]
    return [row for samples in taken for row in samples.data.tolist()]


def frame(number: int) -> bytes:
    return Motion((number / 2048, 0.0, 1.0), (0.0, 0.0, 0.0), (0.0, 0.0, 0.0)).to_bytes()


def test_a_frame_is_read_as_its_vector_says() -> None:
    payload, expected = bytes.fromhex(VECTOR["hex"]), VECTOR["expected"]
    motion = Motion.from_bytes(payload)
    assert motion.acceleration_g == tuple(expected["acc_g"])
    assert motion.rotation_dps == tuple(expected["gyro_dps"])
    assert motion.angle_deg == tuple(expected["angle"])
    said = WitMotionReader({}).notified(NOTIFY_UUID, payload)
    assert acceleration(said) == [expected["acc_g"]]
    np.testing.assert_allclose(said[1].data, [expected["gyro_dps"]], rtol=1e-6)  # type: ignore[union-attr]  # samples


@given(st.lists(INT16, min_size=9, max_size=9), st.integers(0, 2**16 - 1))
def test_what_is_written_is_read_again(counts: list[int], address: int) -> None:
    raw = b"\x55\x61" + np.array(counts, "<i2").tobytes()
    assert Motion.from_bytes(raw).to_bytes() == raw
    register = Register(address, tuple(counts[:8]))
    assert Register.from_bytes(register.to_bytes()) == register


@pytest.mark.slow
@settings(max_examples=50)
@given(st.lists(FRAMES, max_size=8), st.data())
def test_frames_are_the_same_however_notifications_cut_them(frames: list[bytes], draws: st.DataObject) -> None:
    stream = b"".join(frames)
    cuts = sorted(draws.draw(st.lists(st.integers(0, len(stream)), max_size=12)))
    pieces = [stream[a:b] for a, b in zip([0, *cuts], [*cuts, len(stream)], strict=True)]
    reader = WitMotionReader({})
    said = [each for piece in pieces for each in reader.notified(NOTIFY_UUID, piece)]
    expected = [Motion.from_bytes(each).acceleration_g for each in frames if each[1] == 0x61]
    assert acceleration(said) == [list(np.array(row, np.float32)) for row in expected]
    assert not any(isinstance(each, Reported) for each in said)


def test_strange_bytes_are_skipped_up_to_the_next_frame_and_said() -> None:
    reader = WitMotionReader({})
    said = reader.notified(NOTIFY_UUID, b"\x00\x55\x00\x61" + frame(1) + frame(2))
    assert said[0] == Reported(StatusKind.MALFORMED, "4 bytes belong to no frame, expected 5561 or 5571", {"bytes": 4})
    assert [row[0] * 2048 for row in acceleration(said)] == [1, 2]


def test_two_halves_of_different_frames_are_no_frame() -> None:
    reader = WitMotionReader({})
    stream = b"".join(frame(number) for number in range(10))
    pieces = [stream[at : at + 15] for at in range(0, len(stream), 15)]
    lost = 5
    said = [each for at, piece in enumerate(pieces) if at != lost for each in reader.notified(NOTIFY_UUID, piece)]
    numbers = [row[0] * 2048 for row in acceleration(said)]
    # Bytes 75 to 90 are missing: of frames 3 and 4.
    assert numbers == [0, 1, 2, 5, 6, 7, 8, 9]


def test_half_a_frame_does_not_outlive_its_link_and_is_said_to_be_lost() -> None:
    reader = WitMotionReader({})
    reader.notified(NOTIFY_UUID, frame(1)[:11])
    detail = "11 bytes belong to no frame, expected 5561 or 5571"
    assert reader.unlinked() == [Reported(StatusKind.MALFORMED, detail, {"bytes": 11.0})]
    assert reader.unlinked() == []
    said = reader.notified(NOTIFY_UUID, frame(2))
    assert [row[0] * 2048 for row in acceleration(said)] == [2]
    assert not any(isinstance(each, Reported) for each in said)


def test_the_rate_that_the_sensor_answers_is_the_rate_of_what_follows() -> None:
    reader = WitMotionReader({})
    assert reader.notified(NOTIFY_UUID, frame(1))[0].layout.fs_hz == 10.0  # type: ignore[union-attr]  # samples
    answer = Register(0x03, (9, 0, 0, 0, 0, 0, 0, 0)).to_bytes()
    said = reader.reply(NOTIFY_UUID, READ_RATE, answer + frame(2))
    assert said[0] == Reported(StatusKind.DEVICE, "rate 100 Hz", {"fs_hz": 100.0})
    assert said[1].layout.fs_hz == 100.0  # type: ignore[union-attr]  # samples that came with the answer
    reader.unlinked()
    assert reader.notified(NOTIFY_UUID, frame(3))[0].layout.fs_hz == 100.0  # type: ignore[union-attr]  # samples


@pytest.mark.parametrize(
    "answer",
    [b"", b"\x55\x71\x03", Register(0x03, (10,) * 8).to_bytes(), Register(0x03, (1,) * 8).to_bytes(), frame(1)],
)
def test_an_answer_that_is_no_rate_is_refused_and_changes_nothing(answer: bytes) -> None:
    reader = WitMotionReader({"fs_hz": 50.0})
    with pytest.raises(DecodeError, match="WitMotion"):
        reader.reply(NOTIFY_UUID, READ_RATE, answer)
    assert reader.notified(NOTIFY_UUID, frame(3))[0].layout.fs_hz == 50.0  # type: ignore[union-attr]  # samples


def test_the_rate_is_written_when_it_is_asked_for_and_never_stored() -> None:
    for options, commands in (({}, []), ({"fs_hz": 100.0}, ["ffaa6988b5", "ffaa030900"])):
        profile = WITMOTION_DEVICE.profile(WITMOTION_DEVICE.settled(options))
        steps = [step for step in (*profile.setup, *profile.stop) if step.payload]
        told = [command for command in (*commands, "ffaa270300") for _ in range(2)]
        assert [step.payload.hex() for step in steps] == told
        assert [step.op for step in steps] == [SetupOp.WRITE, SetupOp.WRITE_NO_RSP] * (len(told) // 2)
        assert not any(step.payload[2] == 0x00 or step.required for step in steps)


def test_other_characteristics_are_left_alone() -> None:
    assert WitMotionReader({}).notified("other", b"\x01") == []
    assert WitMotionReader({}).reply("other", b"", b"\x01") == []
