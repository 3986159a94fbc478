"""The index of a packet log: a zoom decodes minutes, and gets what the whole night would have given."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

import numpy as np
import pytest

from ingest.decoders.lsp import LspDecoder
from ingest.decoders.lsp_control import Op
from ingest.night.folder import NightFolder
from ingest.night.index import current_index, raw
from ingest.night.packets import PacketLogWriter
from tests.ingest.logged_sensor import (
    ACC,
    INFO,
    NS_PER_MS,
    PLACEMENT,
    SENSOR,
    UTC_NS,
    assert_samples_are_their_own,
    at_s,
    beginning,
    blocks,
    decode,
    exchange,
    info_read,
    link_down,
    link_up,
    long_packet,
    spans,
    time_pair,
)

if TYPE_CHECKING:
    from pathlib import Path

    from ingest.night.records import Record

# --- index


def night(folder: NightFolder, minutes: int) -> list[Record]:
    """A night of one accelerometer with a time pair every 10 s and a lost link in its third minute."""
    only_acc = dataclasses.replace(INFO, streams=(ACC,))
    packets = [packet for n in range(minutes * 600) if not 1250 <= n < 1500 for packet in (long_packet(n, stream=ACC),)]
    pairs = [time_pair(at_s(10 * n)) for n in range(minutes * 6)]
    link = [
        link_down(at_s(126)),
        link_up(at_s(149)),
        info_read(only_acc, at_s(149)),
        exchange(Op.START, at_s(149.5), 2),
    ]
    rest = sorted([*packets, *pairs, *link], key=lambda record: record.mono_ns)
    records = [*beginning(only_acc), exchange(Op.GET_TIME, 1, tick=0), *rest]
    with PacketLogWriter(folder.packets) as log:
        for record in records:
            log.append(record)
    return records


@pytest.mark.slow
def test_a_stretch_is_decoded_without_the_night_and_lies_where_the_whole_night_has_it(tmp_path: Path) -> None:
    folder = NightFolder(tmp_path)
    whole = {block.start: block for block in blocks(decode(night(folder, 9)))}
    t0_ns, t1_ns = UTC_NS + at_s(400), UTC_NS + at_s(410)
    stretch = raw(folder, lambda: LspDecoder(PLACEMENT), SENSOR, (t0_ns, t1_ns))
    ((start, stop),) = spans(stretch)
    assert 40_000 - 20 <= start <= 40_000
    assert 41_000 <= stop <= 41_020
    for block in stretch:
        np.testing.assert_array_equal(block.data, whole[block.start].data)
        at_ns = whole[block.start].clock.at(block.start)
        assert abs(block.clock.at(block.start) - at_ns) < 6 * NS_PER_MS
    assert_samples_are_their_own(stretch, ACC)


@pytest.mark.slow
def test_a_stretch_at_the_edge_of_a_gap_has_what_was_received(tmp_path: Path) -> None:
    folder = NightFolder(tmp_path)
    night(folder, 4)
    stretch = raw(folder, lambda: LspDecoder(PLACEMENT), SENSOR, (UTC_NS + at_s(124), UTC_NS + at_s(151)))
    assert [(start <= 12_400, stop >= 15_100) for start, stop in (spans(stretch)[0], spans(stretch)[-1])] == [
        (True, False),
        (False, True),
    ]
    assert [start for start, _ in spans(stretch)][1:] == [15_000]


def test_the_index_grows_with_the_log_and_is_kept(tmp_path: Path) -> None:
    folder = NightFolder(tmp_path)
    records = night(folder, 2)
    first = current_index(folder)
    assert len(first.minutes) == 3
    with PacketLogWriter(folder.packets) as log:
        for number in range(5000, 6000):
            log.append(long_packet(number, stream=ACC))
    grown = current_index(folder)
    assert grown.minutes[:3] == first.minutes
    assert len(grown.minutes) > 3
    assert grown.context == first.context
    assert (
        len(grown.context)
        == sum(type(record).__name__ in {"NightStart", "LinkUp", "SetupReply"} for record in records) + 1
    )
    folder.index_path.unlink()
    assert current_index(folder) == grown
    folder.index_path.write_text('{"minutes": "what"}')
    assert current_index(folder) == grown


def test_a_set_up_that_is_damaged_after_it_was_indexed_is_left_out(tmp_path: Path) -> None:
    folder = NightFolder(tmp_path)
    night(folder, 4)
    start = current_index(folder).context[-1]
    with folder.packets.open("r+b") as log:
        log.seek(start + 20)
        log.write(b"\xff")
    stretch = raw(folder, lambda: LspDecoder(PLACEMENT), SENSOR, (UTC_NS + at_s(200), UTC_NS + at_s(201)))
    assert_samples_are_their_own(stretch, ACC)
    assert stretch


def test_an_index_of_a_longer_log_is_made_again(tmp_path: Path) -> None:
    folder = NightFolder(tmp_path)
    night(folder, 2)
    long = current_index(folder)
    folder.packets.unlink()
    night(folder, 1)
    assert current_index(folder).end < long.end
