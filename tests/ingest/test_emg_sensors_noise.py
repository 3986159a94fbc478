"""uMyo, NPG Lite, Ganglion and Myo: no bytes raise, and noise leaves no trace in what comes after."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from detectors.signal import NS_PER_S, Gap, SampleBlock
from ingest.decoders import ganglion, ganglion_reader, myo, npg_lite, umyo
from ingest.decoders.catalogue import DEVICES
from ingest.night.records import Notification, Record, SetupReply
from tests.ingest.logged_sensor import PLACEMENT, SENSOR, decode, link_down, link_up, night_start, time_pair

if TYPE_CHECKING:
    from ingest.decoders.base import Item

HEADS = st.sampled_from([b"", b"\x00", b"\x01", b"\x02", b"\x03", b"\x64", b"\xc8", b"\xc9", b"\xce", b"\xcf"])
LENGTHS = st.sampled_from([0, 1, 5, 16, 19, 20, 26, 27, 36, 52, 53, 60, 61, 70, 130])
SHAPED = st.tuples(HEADS, LENGTHS, st.randoms(use_true_random=False)).map(
    lambda drawn: (drawn[0] + drawn[2].randbytes(drawn[1]))[: drawn[1]]
)
PAYLOADS = st.one_of(st.binary(max_size=300), SHAPED)
EMG = np.arange(24, dtype=np.int16)
VALID = {
    "umyo": (umyo.TELEMETRY_UUID, [b"\x02" + (24 * n).to_bytes(4, "little") + EMG.tobytes() for n in range(3)]),
    "npg-lite": (
        npg_lite.DATA_UUID,
        [
            npg_lite.encode_packet(npg_lite.Packet(10 * n + np.arange(10), np.arange(30).reshape(10, 3) + n))
            for n in range(3)
        ],
    ),
    "ganglion": (
        ganglion_reader.NOTIFY_UUID,
        [bytes(20), *(bytes((n,)) + bytes(17) + bytes((2 * n, 5)) for n in range(1, 4))],
    ),
    "myo": (myo.EMG_UUIDS[0], [bytes(range(n, n + 16)) for n in range(3)]),
}
CHARACTERISTICS = (
    umyo.TELEMETRY_UUID,
    npg_lite.DATA_UUID,
    npg_lite.CONTROL_UUID,
    npg_lite.BATTERY_UUID,
    ganglion_reader.NOTIFY_UUID,
    ganglion_reader.FIRMWARE_UUID,
    ganglion.WRITE_UUID,
    *myo.EMG_UUIDS,
    myo.MOTION_UUID,
)


def samples(items: list[Item]) -> list[tuple[str, int, list[list[float]]]]:
    """What came out, counted from the first sample of each stream."""
    blocks = [item for item in items if isinstance(item, SampleBlock)]
    first = {block.stream.quantity: block.start for block in reversed(blocks)}
    return [
        (block.stream.quantity, block.start - first[block.stream.quantity], block.data.tolist()) for block in blocks
    ]


@pytest.mark.slow
@pytest.mark.parametrize("name", VALID)
@settings(max_examples=25, deadline=None)
@given(noise=st.lists(st.tuples(st.sampled_from(CHARACTERISTICS), st.booleans(), PAYLOADS), max_size=8))
def test_noise_never_raises_and_a_new_link_does_not_know_of_it(name: str, noise: list[tuple[str, bool, bytes]]) -> None:
    device = DEVICES[name]
    uuid, packets = VALID[name]
    records: list[Record] = [night_start(), link_up()]
    for number, (characteristic, is_reply, payload) in enumerate(noise):
        mono_ns = NS_PER_S + number
        records.append(
            SetupReply(mono_ns, SENSOR, characteristic, payload[:4], payload)
            if is_reply
            else Notification(mono_ns, SENSOR, characteristic, payload)
        )
    options = device.settled({"firmware": 2} if name == "ganglion" else {})
    noisy = device.made(PLACEMENT, options)
    items = decode([*records, time_pair(30 * NS_PER_S)], noisy)
    assert all(np.isfinite(item.data).all() for item in items if isinstance(item, SampleBlock))
    assert all(item.n_missing is None or item.n_missing > 0 for item in items if isinstance(item, Gap))
    fresh: list[Record] = [link_down(31 * NS_PER_S), link_up(32 * NS_PER_S)]
    fresh += [Notification(33 * NS_PER_S + n * 20_000_000, SENSOR, uuid, each) for n, each in enumerate(packets)]
    alone = decode([night_start(), *fresh], device.made(PLACEMENT, options))
    assert samples(decode(fresh, noisy)) == samples(alone) != []
