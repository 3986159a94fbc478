"""How a night ends when a process does not hear, somebody is in a hurry, or the supervisor itself fails."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from ingest.night.packets import read_log
from ingest.night.records import NightEnd, NightStart
from ingest.timebase import Timebase
from soleus.collector import Collector
from soleus.settings import Settings
from soleus.supervise import Worker
from tests.night_log import INFO, write_night
from tests.soleus.test_supervise import DEAF, SUPERVISED, appears

if TYPE_CHECKING:
    from pathlib import Path


def collector_of(path: Path, recorder: Worker, scorer: Worker) -> Collector:
    folder = write_night(path / INFO.night, [NightStart(0, 0, 1.0, "test")])
    return Collector(Settings(data_dir=path), folder, Timebase(), recorder, scorer, Worker("relay", ()))


def ends(collector: Collector) -> list[str]:
    return [record.reason for _, record in read_log(collector.folder.packets) if isinstance(record, NightEnd)]


@pytest.mark.slow
async def test_a_recorder_that_was_killed_on_purpose_gets_its_end_written_and_nobody_waits_who_is_in_a_hurry(
    tmp_path: Path,
) -> None:
    recorder = Worker("recorder", ("-c", DEAF, str(tmp_path / "up")), grace_s=0.1)
    scorer = Worker("scorer", ("-c", DEAF, str(tmp_path / "scoring")), grace_s=0.1)
    collector, hurry = collector_of(tmp_path, recorder, scorer), asyncio.Event()
    running = [asyncio.create_task(worker.keep_running()) for worker in (recorder, scorer)]
    await asyncio.gather(appears(tmp_path / "up"), appears(tmp_path / "scoring"))
    hurry.set()
    async with asyncio.timeout(20):
        assert not await collector.end(hurry)
        assert await collector.end_recording()
        await scorer.stop()
        await asyncio.gather(*running)
    assert ends(collector) == ["recorder killed"]


@pytest.mark.slow
@pytest.mark.parametrize("on_purpose", [True, False])
async def test_a_worker_hears_whether_the_night_is_over(tmp_path: Path, *, on_purpose: bool) -> None:
    worker = Worker("supervised", ("-c", SUPERVISED, str(tmp_path / "up")))
    running = asyncio.create_task(worker.keep_running())
    await appears(tmp_path / "up")
    async with asyncio.timeout(20):
        await worker.stop(on_purpose=on_purpose)
        await running
    assert (tmp_path / "up").read_text() == str(on_purpose)
    assert worker.obeyed is on_purpose
