"""The processes of a night are started again when they die, and none outlives its supervisor."""

from __future__ import annotations

import asyncio
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from soleus.supervise import Worker

COUNTING = """
import pathlib, sys
file = pathlib.Path(sys.argv[1])
count = int(file.read_text()) + 1 if file.exists() else 1
file.write_text(str(count))
sys.exit(0 if count == 3 else 1)
"""
DEAF = """
import pathlib, signal, sys, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
pathlib.Path(sys.argv[1]).touch()
while True:
    time.sleep(60)
"""
STARTING = """
import pathlib, sys
pathlib.Path(sys.argv[1]).touch()
sys.stdin.readline()
"""
SUPERVISED = """
import asyncio, pathlib, sys
from soleus.supervise import under_supervision

async def main():
    async with under_supervision() as orders:
        pathlib.Path(sys.argv[1]).write_text("up")
        await orders.stop.wait()
        pathlib.Path(sys.argv[1]).write_text(str(orders.on_purpose))

asyncio.run(main())
"""


async def appears(file: Path) -> None:
    async with asyncio.timeout(60):
        while not file.exists():  # noqa: ASYNC110, ASYNC240 - another process makes it
            await asyncio.sleep(0.01)


@pytest.mark.slow
async def test_a_worker_that_dies_is_started_again_until_it_ends_by_itself(tmp_path: Path) -> None:
    worker = Worker("counting", ("-c", COUNTING, str(tmp_path / "count")), may_finish=True)
    async with asyncio.timeout(60):
        await worker.keep_running()
    assert (tmp_path / "count").read_text() == "3"
    assert worker.restarts == 2


async def test_a_worker_that_is_still_starting_leaves_ctrl_c_to_its_supervisor(tmp_path: Path) -> None:
    worker = Worker("starting", ("-c", STARTING, str(tmp_path / "up")))
    running = asyncio.create_task(worker.keep_running())
    await appears(tmp_path / "up")
    assert worker.process is not None
    worker.process.send_signal(signal.SIGINT)
    async with asyncio.timeout(60):
        await worker.stop()
        await running
    assert worker.obeyed
    assert worker.restarts == 0


async def test_a_worker_that_does_not_hear_is_killed_when_its_grace_is_over(tmp_path: Path) -> None:
    worker = Worker("deaf", ("-c", DEAF, str(tmp_path / "up")), grace_s=0.1)
    running = asyncio.create_task(worker.keep_running())
    await appears(tmp_path / "up")
    async with asyncio.timeout(60):
        await worker.stop()
        await running
    assert worker.process is not None
    assert worker.process.returncode == -9
    assert worker.restarts == 0


async def test_a_worker_that_is_stopped_while_it_waits_to_be_started_again_does_not_come_back() -> None:
    # An end that nobody asked for is a death, whatever the code says.
    worker = Worker("dying", ("-c", "import sys; sys.exit(0)"))
    running = asyncio.create_task(worker.keep_running())
    async with asyncio.timeout(60):
        while not worker.restarts:  # noqa: ASYNC110 - the worker has a count, no event
            await asyncio.sleep(0.01)
        await worker.stop()
        await running
    assert worker.restarts == 1


@pytest.mark.slow
def test_a_worker_ends_when_its_supervisor_is_gone(tmp_path: Path) -> None:
    root = Path(__file__).parents[2]
    worker = subprocess.Popen([sys.executable, "-c", SUPERVISED, str(tmp_path / "up")], stdin=subprocess.PIPE, cwd=root)
    try:
        asyncio.run(appears(tmp_path / "up"))
        assert worker.poll() is None
        assert worker.stdin is not None
        worker.stdin.close()
        assert worker.wait(20) == 0
        assert (tmp_path / "up").read_text() == "False"
    finally:
        worker.kill()
        worker.wait()


@pytest.mark.slow
async def test_a_worker_knows_that_it_was_ended_on_purpose(tmp_path: Path) -> None:
    worker = Worker("supervised", ("-c", SUPERVISED, str(tmp_path / "up")))
    running = asyncio.create_task(worker.keep_running())
    await appears(tmp_path / "up")
    async with asyncio.timeout(60):
        await worker.stop()
        await running
    assert (tmp_path / "up").read_text() == "True"
