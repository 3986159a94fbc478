"""Polar accelerometers: every frame type and the control point, both ways."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.decoders.polar import POLAR_PMD
from ingest.decoders.polar_control import (
    Op,
    Request,
    Response,
    Result,
    Setting,
    decode_settings,
    encode_settings,
)
from ingest.decoders.polar_delta import decode_delta
from ingest.decoders.polar_frames import Frame, FrameType, Measurement, decode_acc, encode_acc
from ingest.errors import DecodeError
from tests.ingest.logged_sensor import (
    vector,
)

LIMITS = {FrameType.I8: 7, FrameType.I16: 15, FrameType.I24: 23, FrameType.DELTA_G: 15, FrameType.DELTA_MG: 15}


def samples(n_samples: int, seed: int = 0, bits: int = 10) -> np.ndarray:
    rng = np.random.default_rng(seed)
    return rng.integers(-(2**bits), 2**bits, (n_samples, 3))


# --- frames


@pytest.mark.slow
@given(st.data(), st.sampled_from(list(FrameType)), st.integers(0, 2**64 - 1))
def test_every_frame_type_is_read_as_it_was_written(draws: st.DataObject, frame_type: FrameType, last_ns: int) -> None:
    limit = 2 ** LIMITS[frame_type]
    value = st.integers(-limit, limit - 1)
    raw = np.array(draws.draw(st.lists(st.tuples(value, value, value), min_size=1, max_size=30)))
    blocks_of = draws.draw(st.lists(st.integers(1, 9), max_size=4))
    frame = Frame.from_bytes(encode_acc(last_ns, frame_type, raw, blocks=blocks_of))
    assert (frame.measurement, frame.last_ns, frame.frame_type) == (Measurement.ACC, last_ns, frame_type)
    g_per_step = 0.25 if frame_type is FrameType.DELTA_G else 1 / 1000
    factor = 0.25 if frame_type is FrameType.DELTA_G else 1.0
    np.testing.assert_allclose(decode_acc(frame, factor), raw * g_per_step, rtol=1e-6)


def test_a_delta_payload_of_several_widths_that_divide_no_byte_reads_as_by_hand() -> None:
    # Reference (100, -100, 0); one sample of 3-bit differences (1, -1, 3); two of 5 bits (-16, 15, 0), (1, 1, 1).
    three = bytes([0b11_111_001, 0b0])
    five = sum(value % 32 << 5 * n for n, value in enumerate((-16, 15, 0, 1, 1, 1))).to_bytes(4, "little")
    payload = b"\x64\x00\x9c\xff\x00\x00" + b"\x03\x01" + three + b"\x05\x02" + five
    assert decode_delta(payload).tolist() == [[100, -100, 0], [101, -101, 3], [85, -86, 3], [86, -85, 4]]


def test_a_delta_width_of_0_is_no_change() -> None:
    assert decode_delta(b"\x01\x00\x02\x00\x03\x00\x00\x04").tolist() == [[1, 2, 3]] * 5


def test_a_delta_frame_with_a_factor_is_in_g_times_the_factor_and_keeps_its_fraction() -> None:
    frame = Frame.from_bytes(encode_acc(1, FrameType.DELTA_G, np.array([[4096, 1, -1]])))
    np.testing.assert_allclose(decode_acc(frame, 1 / 4096), [[1.0, 1 / 4096, -1 / 4096]])


@pytest.mark.parametrize("cut", range(1, 24))
def test_a_frame_that_ends_early_is_refused_or_shorter_by_whole_blocks(cut: int) -> None:
    whole = encode_acc(1, FrameType.DELTA_MG, samples(6), blocks=[2, 2])
    frame = Frame(Measurement.ACC, 1, FrameType.DELTA_MG, whole[10:-cut])
    try:
        n_samples = len(decode_acc(frame, 1.0))
    except DecodeError:
        return
    assert n_samples in {1, 3, 5}


def test_an_encoder_refuses_numbers_that_do_not_fit() -> None:
    with pytest.raises(ValueError, match="do not fit into 1 bytes"):
        encode_acc(0, FrameType.I8, np.array([[128, 0, 0]]))
    with pytest.raises(ValueError, match="expected 1 to 255"):
        encode_acc(0, FrameType.DELTA_MG, samples(3), blocks=[0])


# --- control point


def test_the_settings_vector_reads_as_the_public_test_says() -> None:
    assert decode_settings(vector("polar_settings")) == {
        Setting.RATE_HZ: (52,),
        Setting.RESOLUTION_BITS: (16,),
        Setting.RANGE: (245, 500, 1000, 2000),
        Setting.CHANNELS: (3,),
    }
    assert encode_settings(decode_settings(vector("polar_settings"))) == vector("polar_settings")


@pytest.mark.slow
@given(
    st.dictionaries(
        st.sampled_from([Setting.RATE_HZ, Setting.RESOLUTION_BITS, Setting.RANGE]),
        st.lists(st.integers(0, 65_535), min_size=1, max_size=5).map(tuple),
    ),
    st.floats(width=32, allow_nan=False),
)
def test_settings_are_read_as_they_were_written(chosen: dict[Setting, tuple[float, ...]], factor: float) -> None:
    both = {**chosen, Setting.FACTOR: (factor,)}
    assert decode_settings(encode_settings(both)) == both


def test_responses_read_as_the_device_sends_them() -> None:
    refused = Response.from_bytes(bytes.fromhex("f001060700"))
    assert (refused.op, refused.measurement, refused.result) == (1, 6, Result.BAD_RESOLUTION)
    accepted = Response(Op.START, Measurement.ACC, Result.OK, {Setting.FACTOR: (0.5,)})
    assert Response.from_bytes(accepted.to_bytes()) == accepted
    request = Request(Op.START, Measurement.ACC, {Setting.RATE_HZ: (52,)})
    assert Request.from_bytes(request.to_bytes()) == request


def test_the_set_up_starts_what_each_sensor_knows() -> None:
    start = POLAR_PMD.setup[5]
    assert start.payload.hex(" ") == "02 02 00 01 34 00 01 01 10 00 02 01 08 00 04 01 03"
    assert start.expect_prefix.hex(" ") == "f0 02 02 00"
    assert start.otherwise[-1].hex(" ") == "02 02 00 01 32 00 01 01 10 00 02 01 02 00"
    assert POLAR_PMD.setup[3].payload.hex(" ") == "01 02"
    assert POLAR_PMD.stop[0].payload.hex(" ") == "03 02"
