"""A leg sensor that describes its streams anew: each keeps its name and counts its segments up."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

from detectors.signal import SampleBlock
from ingest.decoders.lsp import LspDecoder
from ingest.decoders.lsp_info import Kind
from ingest.stream_key import stream_key
from tests.ingest.logged_sensor import (
    ACC,
    EMG,
    INFO,
    PLACEMENT,
    at_s,
    beginning,
    blocks,
    decode,
    gaps,
    info_read,
    long_packet,
    time_pair,
    watermarks,
)

if TYPE_CHECKING:
    from ingest.night.records import Record

ONLY_ACC = dataclasses.replace(INFO, streams=(ACC,))


def test_a_stream_that_was_left_out_of_one_description_begins_a_new_segment_in_the_next() -> None:
    described = [info_read(ONLY_ACC, at_s(0.11)), info_read(INFO, at_s(0.12))]
    items = decode([*beginning(), long_packet(0), *described, long_packet(2), *described, long_packet(4)])
    assert [(block.stream.segment, block.start) for block in blocks(items)] == [(0, 0), (1, 100), (2, 200)]
    assert gaps(items) == [(50, None, "end"), (150, None, "end")]


def test_no_sample_is_from_before_a_watermark_though_its_stream_was_left_out_of_a_description() -> None:
    decoder = LspDecoder(PLACEMENT)
    described = [info_read(ONLY_ACC, at_s(30)), info_read(INFO, at_s(31))]
    items = decode([*beginning(), long_packet(0), time_pair(at_s(29)), *described], decoder)
    (mark,) = [each for each in watermarks(items) if each.stream.axes == ("ch1", "ch2")]
    late = dataclasses.replace(long_packet(10), mono_ns=at_s(0.6))
    assert blocks(decode([late], decoder)) == []
    assert mark.t_ns > 0
    assert decoder.n_late == EMG.samples_per_packet


def test_a_stream_whose_name_goes_by_another_that_comes_begins_anew_under_its_new_name() -> None:
    second = dataclasses.replace(EMG, stream_id=1)
    alone = dataclasses.replace(INFO, streams=(second,))
    both = dataclasses.replace(INFO, streams=(EMG, second))
    packets: list[Record] = [
        long_packet(0, stream=second),
        info_read(both, at_s(0.11)),
        long_packet(2, stream=second),
        long_packet(2),
    ]
    found = [item for item in decode([*beginning(alone), *packets]) if isinstance(item, SampleBlock)]
    assert second.kind is Kind.EMG
    assert [(stream_key(block.stream).axes, block.stream.segment) for block in found] == [
        (("ch1", "ch2"), 0), (("s1ch1", "s1ch2"), 0), (("ch1", "ch2"), 1),
    ]  # fmt: skip
