"""The computer sleeps, or someone sets its clock, in the middle of a night."""

from __future__ import annotations

import asyncio
import time

import pytest

from detectors.signal import NS_PER_S
from ingest.decoders.lsp import LspDecoder
from ingest.inbox import Inbox
from ingest.night.records import LinkUp, NightStart, Record, RecoveryStep, TimePair
from ingest.timebase import Timebase, steady_ns
from ingest.timekeeping import notice_sleep, tell_time
from tests.ingest import logged_sensor as log


class Bench:
    """A clock and a wall clock that a test can move."""

    def __init__(self) -> None:
        self.slept_ns = 0
        self.set_ns = 0
        self.timebase = Timebase(
            clock=lambda: steady_ns() + self.slept_ns, wall=lambda: time.time_ns() + self.slept_ns + self.set_ns
        )


async def learnt(inbox: Inbox, n_records: int) -> list[Record]:
    records: list[Record] = []
    async with asyncio.timeout(5.0):
        while len(records) < n_records:
            await inbox.wait()
            records += inbox.take()
    return records


async def test_a_sleep_is_logged_with_its_length_dated_at_once_and_every_sensor_is_woken() -> None:
    bench, inbox, woken = Bench(), Inbox(), asyncio.Event()
    watching = asyncio.create_task(notice_sleep(inbox, bench.timebase, woken.set, look_every_s=0.01))
    await asyncio.sleep(0)
    bench.slept_ns = 1800 * NS_PER_S
    before_ns = bench.timebase.mono_ns()
    step, pair = await learnt(inbox, 2)
    watching.cancel()
    assert woken.is_set()
    assert step == RecoveryStep(step.mono_ns, "", "computer slept", "for 1800 s")
    assert isinstance(pair, TimePair)
    assert pair.mono_ns >= before_ns


async def test_a_wall_clock_that_is_set_is_logged_and_a_sleep_is_none() -> None:
    bench, inbox = Bench(), Inbox()
    telling = asyncio.create_task(tell_time(inbox, bench.timebase, every_s=0.01))
    await learnt(inbox, 1)
    bench.slept_ns = 600 * NS_PER_S
    assert {type(record) for record in await learnt(inbox, 3)} == {TimePair}
    bench.set_ns = -3600 * NS_PER_S
    records = await learnt(inbox, 3)
    telling.cancel()
    steps = [record for record in records if isinstance(record, RecoveryStep)]
    assert [(step.step, step.detail) for step in steps] == [("wall clock set", "by -3600.0 s; no sample moves")]


@pytest.mark.slow
def test_a_night_with_a_sleep_in_it_has_one_gap_of_the_right_length_and_every_sample_at_its_own_time() -> None:
    awake_s, slept_s = 60, 600
    before = [log.long_packet(number) for number in range(awake_s * 20)]
    after = [log.long_packet(number) for number in range((awake_s + slept_s) * 20, (2 * awake_s + slept_s) * 20)]
    woken_ns = log.at_s(awake_s + slept_s)
    pairs = [log.time_pair(log.at_s(10 * n)) for n in range(awake_s // 10)]
    night: list[Record] = sorted([*before, *pairs], key=lambda record: record.mono_ns)
    night += [
        RecoveryStep(woken_ns, "", "computer slept", f"for {slept_s} s"),
        log.time_pair(woken_ns),
        log.link_down(woken_ns),
        LinkUp(woken_ns, log.SENSOR, 247),
    ]
    items = log.decode([*log.beginning(), *night, *after, log.time_pair(log.at_s(2 * awake_s + slept_s))])
    emg = [block for block in log.blocks(items) if block.stream.fs_hz == 1000.0]
    assert sum(gap.n_missing or 0 for gap in items if type(gap).__name__ == "Gap") == slept_s * 1000
    for block in (emg[0], emg[-1]):
        placed_ns = block.clock.at(block.start) - log.UTC_NS
        assert abs(placed_ns - log.at_s(block.start / 1000)) < 20_000_000


@pytest.mark.slow
def test_a_wall_clock_set_by_an_hour_moves_no_sample_and_neither_does_a_recorder_that_begins_again_after_it() -> None:
    hour_ns = 3600 * NS_PER_S
    packets: list[Record] = [log.long_packet(number) for number in range(900)]
    calm = log.decode([*log.beginning(), *packets])
    set_at, again_at = 300, 600
    set_ns, again_ns = packets[set_at].mono_ns, packets[again_at].mono_ns
    jumped = [
        *log.beginning(),
        *packets[:set_at],
        TimePair(set_ns, log.UTC_NS + set_ns + hour_ns),
        RecoveryStep(set_ns, "", "wall clock set", "by +3600.0 s"),
        *packets[set_at:again_at],
        NightStart(again_ns, log.UTC_NS + again_ns + hour_ns, 1.0, "test"),
        *packets[again_at:],
    ]
    times = [
        [(block.start, block.clock.at(block.start)) for block in log.blocks(items)]
        for items in (calm, log.decode(jumped, LspDecoder(log.PLACEMENT)))
    ]
    assert times[0] == times[1]
