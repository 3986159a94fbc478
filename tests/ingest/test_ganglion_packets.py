"""OpenBCI Ganglion: every packet both ways, and the public vectors."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.decoders.ganglion_packets import (
    UV_PER_COUNT,
    Fields,
    Width,
    decode_fields,
    decode_impedance,
    decode_raw,
    differences,
    encode_fields,
    encode_impedance,
    encode_raw,
    encode_text,
    fields_of_differences,
    fields_of_values,
    values,
)
from ingest.errors import DecodeError
from tests.ingest.device_nights import vectors

VECTORS = vectors("emg_sensors")
INT24 = st.integers(-(2**23), 2**23 - 1)
WIDTHS = st.sampled_from(list(Width))


@pytest.mark.parametrize(
    ("name", "width"),
    [("ganglion_18bit_a", Width.WITH_ACCELERATION), ("ganglion_19bit_c", Width.EMG_ONLY)],
)
def test_fields_are_read_as_their_public_vectors_say(name: str, width: Width) -> None:
    area, expected = bytes.fromhex(VECTORS[name]["hex"]), VECTORS[name]["expected"]["deltas"]
    packet = decode_fields((b"\x01" + area).ljust(20, b"\0"), width)
    assert packet.fields.tolist() == expected
    assert differences(packet.fields, width).tolist() == expected
    assert encode_fields(packet)[1 : 1 + width] == area.ljust(width, b"\0")


def test_the_lowest_bit_is_the_sign_of_a_difference_as_the_public_vectors_say() -> None:
    vector = VECTORS["ganglion_scalars"]
    read = [
        int(differences(np.array([int(field, 16) & (1 << bits) - 1]), Width(bits))[0])
        for field, bits in zip(vector["hex"], vector["expected"]["bits"], strict=True)
    ]
    assert read == vector["expected"]["differences"]


def test_impedance_is_read_as_its_public_vector_says() -> None:
    electrode, ohm = decode_impedance(bytes.fromhex(VECTORS["ganglion_impedance"]["hex"]))
    assert (electrode, str(ohm)) == tuple(VECTORS["ganglion_impedance"]["expected"].values())


def test_text_is_cut_into_packets_as_its_public_vector_says() -> None:
    vector = VECTORS["ganglion_text"]
    assert [packet.hex() for packet in encode_text(vector["expected"]["text"] + "\n")] == vector["hex"]


@settings(max_examples=30)
@given(WIDTHS, st.integers(0, 200), st.integers(-128, 127), st.data())
def test_fields_that_are_written_are_read_again(width: Width, packet_id: int, steps: int, draws: st.DataObject) -> None:
    drawn = draws.draw(st.lists(st.integers(0, 2**width - 1), min_size=8, max_size=8))
    packet = Fields(
        packet_id, width, np.array(drawn).reshape(2, 4), steps if width is Width.WITH_ACCELERATION else None
    )
    payload = encode_fields(packet)
    read = decode_fields(payload, width)
    assert len(payload) == 20
    assert (read.packet_id, read.acceleration) == (packet_id, packet.acceleration)
    np.testing.assert_array_equal(read.fields, packet.fields)


@settings(max_examples=30)
@given(WIDTHS, st.data())
def test_differences_lose_at_most_one_count_and_values_their_lowest_bits(width: Width, draws: st.DataObject) -> None:
    limit = 2**width - 2
    wanted = np.array(draws.draw(st.lists(st.integers(-limit, limit), min_size=4, max_size=4)))
    read = differences(fields_of_differences(wanted, width), width)
    assert (np.abs(read - wanted) <= 1).all()
    representable = (wanted % 2 == 1) == (wanted < 0)
    np.testing.assert_array_equal(read[representable], wanted[representable])
    counts = np.array(draws.draw(st.lists(INT24, min_size=4, max_size=4)))
    step = 2 ** (25 - width)
    np.testing.assert_array_equal(values(fields_of_values(counts, width), width), counts // step * step)


@settings(max_examples=30)
@given(st.lists(INT24, min_size=4, max_size=4), st.integers(1, 5), st.integers(0, 10_000_000))
def test_whole_values_and_impedances_that_are_written_are_read_again(
    counts: list[int], electrode: int, ohm: int
) -> None:
    assert len(encode_raw(counts)) == 20
    assert decode_raw(encode_raw(counts)).tolist() == counts
    assert decode_impedance(encode_impedance(electrode, ohm)) == (electrode, ohm)


def test_full_scale_is_15_69_millivolt_and_a_step_of_18_bits_a_quarter_microvolt() -> None:
    assert pytest.approx(15_686, abs=1) == 2**23 * UV_PER_COUNT
    assert pytest.approx(0.24, abs=0.001) == 128 * UV_PER_COUNT


@pytest.mark.parametrize("payload", [b"\xc9", b"\xc9Z1", b"\xc91207", b"\xc9-5Z", b"\xc9" + b"1" * 19 + b"Z"])
def test_an_impedance_without_a_number_is_refused(payload: bytes) -> None:
    if payload == b"\xc9Z1":
        assert decode_impedance(payload) == (1, 0)  # a short circuit is written without a digit
        return
    with pytest.raises(DecodeError, match="expected digits and Z"):
        decode_impedance(payload)


@pytest.mark.parametrize("length", [1, 13, 19, 21])
def test_a_packet_that_is_cut_off_is_refused(length: int) -> None:
    with pytest.raises(DecodeError, match=f"of {length} bytes, expected 20"):
        decode_fields(bytes(length), Width.EMG_ONLY)
    with pytest.raises(DecodeError, match=f"of {length} bytes, expected 20"):
        decode_raw(bytes(length))
