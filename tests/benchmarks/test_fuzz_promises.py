"""The promises of a decoder that the fuzzing holds it to: each is seen to be broken."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from benchmarks.fuzz.fuzzing import MOST_FAULTS, Found
from benchmarks.fuzz.promises import Promises
from detectors.signal import Clock, Gap, GapCause, Knot, Leg, Quantity, SampleBlock, Stream, Unit, Watermark
from ingest.decoders.base import Item, Status, StatusKind
from ingest.decoders.lsp import LspDecoder
from ingest.night.records import LinkDown, Record
from tests.ingest.logged_sensor import PLACEMENT, at_s, beginning, decode, link_down, link_up, long_packet, time_pair

STREAM = Stream("fuzzed", Leg.LEFT, "shin", Quantity.EMG, Unit.MICROVOLT, ("ch1",), 100.0)
NEXT = replace(STREAM, segment=1)
CLOCK = Clock((Knot(0, 0, 100.0),))


def block(start: int, n_samples: int = 10, stream: Stream = STREAM, clock: Clock = CLOCK) -> SampleBlock:
    return SampleBlock(stream, clock, start, np.zeros((n_samples, 1), np.float32))


def valued(value: float) -> SampleBlock:
    return replace(block(10), data=np.full((10, 1), value, np.float32))


def gap(first: int, n_missing: int | None = 5, cause: GapCause = GapCause.AIR) -> Gap:
    return Gap(STREAM, CLOCK, first, n_missing, cause)


def mark(t_ns: int, stream: Stream = STREAM) -> Watermark:
    return Watermark(stream, t_ns)


def counted(count: float, kind: StatusKind = StatusKind.MALFORMED) -> Status:
    return Status("fuzzed", kind, 0, "bad", {"count": count})


def broken(*items: Item) -> list[str]:
    promises = Promises()
    return [each for item in items for each in promises.broken_by(item)]


def test_a_night_as_it_should_be_breaks_no_promise() -> None:
    later = CLOCK.with_knot(Knot(30, 310_000_000, 99.0))
    end = gap(40, None, GapCause.END)
    items = (
        block(0), gap(10), block(15, 5), gap(20, None, GapCause.SILENCE), mark(200_000_000), gap(20, 10),
        block(30, clock=later), replace(end, clock=later), mark(500_000_000, NEXT), block(60, stream=NEXT),
        counted(1), counted(3), counted(1, StatusKind.DUPLICATE),
    )  # fmt: skip
    assert broken(*items) == []


def test_a_night_of_a_leg_sensor_that_sends_again_breaks_none() -> None:
    packets = [long_packet(number) for number in (0, 1, 4, 2, 5, 9, 12)]
    lost: list[Record] = [link_down(at_s(1)), link_up(at_s(2)), time_pair(at_s(60))]
    assert broken(*decode([*beginning(), *packets, *lost, long_packet(700)])) == []


@pytest.mark.parametrize(
    ("items", "said"),
    [
        ((block(0), block(9)), "a block at index 9, expected 10"),
        ((block(0), block(11)), "a block at index 11, expected 10"),
        ((block(0), gap(9)), "a gap (air) at index 9, expected 10"),
        ((block(0), gap(10), block(12)), "a block at index 12, expected 15"),
        ((block(0), gap(10, 0)), "a gap of 0 samples, expected 1 or more"),
        ((block(0, 0),), "a block without samples, expected some"),
        ((gap(0, None, GapCause.END), block(0)), "expected nothing after the end of the segment"),
        ((block(0), valued(np.nan)), "samples from nan to nan, expected numbers within 1e+09"),
        ((block(0), valued(2e9)), "expected numbers within 1e+09"),
        ((block(0), block(10, clock=Clock((Knot(0, -(10**9), 100.0),)))), "expected more knots at its end only"),
        ((block(0), block(10, clock=Clock((Knot(0, -(10**9), 100.0),)))), "a sample at -900000000 ns, expected one"),
        ((block(0, clock=Clock((Knot(0, 0, 1e12),))),), "10 samples from 0 to 0 ns, expected times that rise"),
        ((mark(5), block(0)), "a sample at 0 ns, expected none from before the watermark of 5"),
        ((mark(5), mark(5)), "a watermark of 5 ns after one of 5, expected a later one"),
        ((block(0, stream=NEXT), block(10)), "segment 0 after 1, expected that they count up"),
        ((block(0), block(10, stream=replace(STREAM, fs_hz=50.0))), "expected the same as earlier in this segment"),
        ((counted(2), counted(2)), "the count of what is malformed is 2 after 2, expected more"),
    ],
)  # fmt: skip
def test_a_promise_that_is_broken_is_told(items: tuple[Item, ...], said: str) -> None:
    assert any(said in each for each in broken(*items)), broken(*items)


def test_samples_that_were_late_or_sent_again_are_never_taken_back() -> None:
    promises, decoder = Promises(), LspDecoder(PLACEMENT)
    decode([*beginning(), *(long_packet(number) for number in (0, 3, 1, 4))], decoder)
    assert promises.broken_in_all(decoder) == []
    assert promises.broken_in_all(LspDecoder(PLACEMENT)) == ["0 refilled samples after 50, expected as many or more"]


def test_the_first_few_faults_are_told_with_the_record_that_was_read() -> None:
    found = Found("lsp", 1)
    found.blame(["one", "two"], LinkDown(7, "fuzzed", "x" * 1000))
    found.blame(["three"] * 10, None)
    assert len(found.faults) == MOST_FAULTS
    assert found.faults[0].startswith("one, while it read LinkDown(mono_ns=7, sensor='fuzzed', reason='xxx")
    assert found.faults[-1] == "three, at the end"
