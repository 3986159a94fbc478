"""Whatever happens between the firmware and the decoder: what comes out is what was put in, and the rest is a gap."""

from __future__ import annotations

import dataclasses
import math
from dataclasses import field
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.decoders.lsp import LspDecoder
from ingest.decoders.lsp_control import Op
from ingest.decoders.lsp_packets import decode_header, decode_samples
from ingest.decoders.lsp_status import StatusPacket
from tests.firmware.compiled_leg import ACC, EMG, LONG, SHORT, ramp, samples_of, tick_of
from tests.ingest.logged_sensor import (
    PLACEMENT,
    blocks,
    data,
    decode,
    gaps,
    info_read,
    link_down,
    link_up,
    night_start,
)  # fmt: skip

if TYPE_CHECKING:
    from ingest.decoders.base import Item
    from ingest.night.records import Record
    from tests.firmware.compiled_leg import CompiledLeg

pytestmark = pytest.mark.slow

SLOW_EMG = dataclasses.replace(EMG, rate_mhz=100_000, samples_per_packet=20)
SLOW_ACC = dataclasses.replace(ACC, rate_mhz=20_000, samples_per_packet=5)
STREAMS = (SLOW_EMG, SLOW_ACC)
INFO = samples_of(STREAMS)
SYNC = 0xA2


class Put(NamedTuple):
    """Both streams take samples; then some are not taken."""

    ticks_of_50_ms: int
    missed: int


class Send(NamedTuple):
    """Packets are sent; of each of them, whether it gets lost behind the radio."""

    lost: tuple[bool, ...]


class Relink(NamedTuple):
    """Packets are on their way when the link goes; the next link has another MTU."""

    on_the_way: int
    payload: int


@dataclasses.dataclass
class Bench:
    """The firmware at one end, the log at the other."""

    leg: CompiledLeg
    payload: int
    records: list[Record] = field(default_factory=list)
    held: list[int] = field(default_factory=lambda: [0, 0])
    lost: list[bytes] = field(default_factory=list)

    def begin(self) -> None:
        assert self.leg.boot(INFO)
        self.leg.tell("link")
        assert self.leg.ask(Op.START, 3, payload=self.payload).result == 0
        self.records += [night_start(), link_up(mtu=self.payload + 3), info_read(INFO)]

    @property
    def now_ns(self) -> int:
        return 1_000 * tick_of(SLOW_EMG, self.held[0]) + 50_000_000

    def do(self, step: Put | Send | Relink) -> None:
        match step:
            case Put(spans, missed):
                self.put(spans, missed)
            case Send(lost):
                self.send(lost)
            case Relink(on_the_way, payload):
                self.leg.hex("data", self.payload, on_the_way, 1)
                self.relink(payload)

    def put(self, spans: int, missed: int) -> None:
        for number, stream in enumerate(STREAMS):
            n_samples = spans * (5, 1)[number]
            begin = self.held[number]
            self.leg.put(number, tick_of(stream, begin), ramp(stream, begin, begin + n_samples))
            self.held[number] += n_samples
        if missed and self.held[0]:
            self.leg.tell("missed", 0, missed)
            self.held[0] += missed

    def send(self, lost: tuple[bool, ...]) -> None:
        for is_lost in lost:
            for packet in self.leg.send(self.payload, most=1):
                if is_lost and packet[0] != SYNC:
                    self.lost.append(packet)
                else:
                    self.records.append(data(packet, self.now_ns))

    def relink(self, payload: int) -> None:
        self.leg.tell("unlink")
        self.leg.tell("link")
        self.payload = payload
        self.records += [link_down(self.now_ns), link_up(self.now_ns, payload + 3)]

    def end(self, *, ask_again: bool) -> list[Item]:
        """Send what is left, and once more what was lost; decode it all."""
        self.relink(LONG)
        self.records += [data(packet, self.now_ns) for packet in self.leg.send(LONG)]
        if ask_again:
            for packet in self.lost:
                header, samples = decode_header(packet)
                stream = STREAMS[header.stream_id]
                count = len(decode_samples(stream, samples))
                index = header.seq * count if header.index is None else header.index
                assert self.leg.ask(Op.RESEND, header.stream_id, index, count, payload=LONG).result == 0
                (again,) = self.leg.send(LONG)
                same, values = decode_header(again)
                assert (same.seq, same.index, bytes(values)) == (header.seq, index, bytes(samples))
                self.records.append(data(again, self.now_ns))
        return decode(self.records, LspDecoder(PLACEMENT, backfill_window_s=math.inf))


def indices(items: list[Item], quantity: str) -> list[int]:
    """Which samples came out; each has to carry the value of its index."""
    found: list[int] = []
    for block in blocks(items):
        if block.stream.quantity.value != quantity:
            continue
        stream = SLOW_EMG if quantity == "emg" else SLOW_ACC
        expected = ramp(stream, block.start, block.stop) * stream.scale
        np.testing.assert_array_equal(block.data, expected.astype(np.float32))
        assert block.stream.segment == 0
        found += range(block.start, block.stop)
    assert found == sorted(set(found))
    return found


payloads = st.sampled_from([SHORT, 61, 100, LONG])
losses = st.lists(st.booleans(), min_size=1, max_size=12).map(tuple)
relinks = st.builds(Relink, st.integers(0, 16), payloads)


@given(
    payloads, st.lists(st.builds(Put, st.integers(1, 20), st.just(0)) | st.builds(Send, losses) | relinks, max_size=9)
)
def test_every_sample_arrives_if_lost_packets_are_asked_for_again(
    leg: CompiledLeg, payload: int, script: list[Put | Send | Relink]
) -> None:
    bench = Bench(leg, payload)
    bench.begin()
    # The first samples of all arrive: what was sent before a sensor was first heard has no place to be put in.
    for step in [Put(6, 0), Send((False,) * 20), *script]:
        bench.do(step)
    items = bench.end(ask_again=True)
    for quantity, n_held, stream in (("emg", bench.held[0], SLOW_EMG), ("acceleration", bench.held[1], SLOW_ACC)):
        found = indices(items, quantity)
        assert found == list(range(len(found)))
        assert n_held - len(found) < stream.samples_per_packet
    assert gaps(items) == []


@given(payloads, st.lists(st.builds(Put, st.integers(1, 150), st.integers(0, 30)) | st.builds(Send, losses) | relinks))
def test_no_sample_is_made_up_or_misplaced_whatever_is_lost(
    leg: CompiledLeg, payload: int, script: list[Put | Send | Relink]
) -> None:
    bench = Bench(leg, payload)
    bench.begin()
    for step in script:
        bench.do(step)
    items = bench.end(ask_again=False)
    for quantity, n_held in zip(("emg", "acceleration"), bench.held, strict=True):
        assert set(indices(items, quantity)) <= set(range(n_held))


never_lost = st.lists(st.just(value=False), min_size=1, max_size=12).map(tuple)


@given(
    payloads,
    st.lists(
        st.builds(Put, st.integers(1, 150), st.integers(0, 30)) | st.builds(Send, never_lost) | relinks, max_size=12
    ),
)
def test_what_does_not_arrive_is_what_the_status_says_was_dropped(
    leg: CompiledLeg, payload: int, script: list[Put | Send | Relink]
) -> None:
    bench = Bench(leg, payload)
    bench.begin()
    for step in script:
        bench.do(step)
    items = bench.end(ask_again=False)
    n_missing = 0
    for quantity in ("emg", "acceleration"):
        found = indices(items, quantity)
        n_missing += (found[-1] + 1 - len(found)) if found else 0
    assert StatusPacket.from_bytes(leg.hex("status")[0]).drops >= n_missing
    if not any(isinstance(step, Relink) for step in script):
        trailing = sum(bench.held) - sum(len(indices(items, quantity)) for quantity in ("emg", "acceleration"))
        assert StatusPacket.from_bytes(leg.hex("status")[0]).drops <= trailing
