"""Leg Sensor Profile: what came too late to be used is counted, and each segment's clock is told."""

from __future__ import annotations

import dataclasses
import math
from typing import TYPE_CHECKING

from ingest.decoders.lsp import LspDecoder
from tests.ingest.logged_sensor import (
    EMG,
    INFO,
    PLACEMENT,
    at_s,
    beginning,
    blocks,
    decode,
    info_read,
    link_down,
    link_up,
    long_packet,
    time_pair,
)

if TYPE_CHECKING:
    from ingest.night.records import Record

N = EMG.samples_per_packet
LATE = [*beginning(), *(long_packet(number) for number in range(20) if number not in {5, 6})]
GIVEN_UP = [*LATE, *(long_packet(number) for number in range(20, 300)), long_packet(5), long_packet(6), long_packet(6)]


def test_samples_that_fill_a_gap_that_was_given_up_are_late_and_once() -> None:
    decoder = LspDecoder(PLACEMENT)
    decode(GIVEN_UP, decoder)
    assert decoder.n_late == 2 * N


def test_a_pass_with_a_wider_window_has_no_late_samples() -> None:
    decoder = LspDecoder(PLACEMENT, backfill_window_s=math.inf)
    items = decode(GIVEN_UP, decoder)
    assert decoder.n_late == 0
    assert sum(len(block.data) for block in blocks(items)) == 300 * N


def test_samples_older_than_a_watermark_are_late() -> None:
    decoder = LspDecoder(PLACEMENT)
    silence = [time_pair(at_s(seconds)) for seconds in range(0, 60, 10)]
    decode([*beginning(), long_packet(0), *silence, long_packet(1, latency_ms=55_000)], decoder)
    assert decoder.n_late == N


def test_in_a_compressed_night_a_sensor_that_once_counted_far_ahead_does_not_make_later_samples_late() -> None:
    decoder = LspDecoder(PLACEMENT)
    ahead = dataclasses.replace(long_packet(1, shift=4_000_000), mono_ns=at_s(0.1))
    booted = info_read(dataclasses.replace(INFO, boot_id=7), at_s(301))
    after = dataclasses.replace(long_packet(0), mono_ns=at_s(302))
    items = decode([*beginning(speed=20.0), long_packet(0), ahead, time_pair(at_s(300)), booted, after], decoder)
    assert [(block.stream.segment, block.start) for block in blocks(items)] == [(0, 0), (0, 4_000_050), (1, 0)]
    assert decoder.n_late == 0


def test_each_segment_tells_its_clock_also_when_it_is_over() -> None:
    decoder = LspDecoder(PLACEMENT)
    again: list[Record] = [
        link_down(at_s(16)),
        link_up(at_s(17)),
        info_read(dataclasses.replace(INFO, boot_id=7), at_s(17)),
    ]
    decode([*beginning(), *(long_packet(number) for number in range(300)), *again], decoder)
    told = {(stream.quantity.value, stream.segment): quality for stream, quality in decoder.clocks}
    assert told["emg", 0].n_minima == 2
    assert {segment for _, segment in told} == {0, 1}


def test_samples_that_were_sent_again_in_time_are_counted_apart_from_the_others() -> None:
    decoder = LspDecoder(PLACEMENT)
    decode(
        [*LATE, long_packet(6), long_packet(5), long_packet(5), *(long_packet(number) for number in range(20, 30))],
        decoder,
    )
    assert (sum(decoder.n_refilled.values()), decoder.n_late) == (2 * N, 0)
