"""Recordings scored by Dask on this machine: the same as in one process, also when a worker is lost in the middle."""

from __future__ import annotations

import os
import signal
from typing import TYPE_CHECKING

import psutil
import pytest

from detectors.criteria import named
from soleus.__main__ import run
from soleus.cohort.cluster import MOST_LOST, Undone, local_workers
from soleus.cohort.fulfilling import fulfil
from soleus.cohort.order import Manner, Order, Outcome
from tests.soleus.short_cohort import short_cohort

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from soleus.cohort.cluster import Workers

pytestmark = pytest.mark.system

MANNER = Manner(named("wasm-2016"), {})
ENDS_ITS_WORKER = "__import__('os')._exit(1)"
LOOPBACK = ("127.0.0.1", "::1")


@pytest.fixture(scope="module")
def recordings(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    return short_cohort(tmp_path_factory.mktemp("cohort"))


@pytest.fixture(scope="module")
def alone(recordings: list[Path]) -> list[Outcome]:
    """What one process makes of them."""
    return [fulfil(order) for order in orders(recordings)]


@pytest.fixture(scope="module")
def two() -> Iterator[Workers]:
    with local_workers(2) as workers:
        yield workers


def orders(recordings: list[Path]) -> list[Order]:
    return [Order(path.name, path, MANNER, hashed=True) for path in recordings]


def stop_one_that_scores(workers: Workers) -> int:
    """Hold a worker in the middle of its recording; return its process."""
    processes = workers._client.run(os.getpid)
    address = next(address for address, keys in workers._client.processing().items() if keys)
    os.kill(processes[address], signal.SIGSTOP)
    # One that had just ended would be followed by the next, which a held worker cannot begin.
    assert workers._client.processing()[address]
    return int(processes[address])


def test_a_worker_that_is_killed_while_it_scores_changes_nothing(
    two: Workers, recordings: list[Path], alone: list[Outcome]
) -> None:
    coming = two.finished(fulfil, orders(recordings))
    found = dict([next(coming)])
    lost = stop_one_that_scores(two)
    os.kill(lost, signal.SIGKILL)
    found |= dict(coming)
    assert [found[position] for position in range(len(recordings))] == alone
    assert two._client.cluster.scheduler.task_prefixes["fulfil"].suspicious == 1
    assert not psutil.pid_exists(lost)


def test_what_ends_its_workers_again_and_again_fails_and_nothing_else_does(two: Workers) -> None:
    found = dict(two.finished(eval, ["1 + 1", ENDS_ITS_WORKER, "2 + 2", "3 + 3"]))
    assert found[1] == Undone(f"ended its worker {MOST_LOST} times, as too little memory or a fault would")
    assert [found[0], found[2], found[3]] == [2, 4, 6]


def test_a_fault_of_the_program_is_a_line_of_its_recording(two: Workers) -> None:
    found = dict(two.finished(eval, ["1 / 0", "1 + 1"]))
    assert found == {0: Undone("a fault of the program, ZeroDivisionError: division by zero"), 1: 2}


def test_scheduler_and_workers_listen_to_this_machine_alone_with_one_thread_each(two: Workers) -> None:
    own = psutil.Process()
    listening = [
        connection.laddr.ip
        for process in (own, *own.children(recursive=True))
        for connection in process.net_connections("tcp")
        if connection.status == psutil.CONN_LISTEN
    ]
    assert listening
    assert set(listening) <= set(LOOPBACK)
    assert two._client.scheduler_info()["address"].startswith("tls://")
    assert set(two._client.nthreads().values()) == {1}
    (threads,) = set(two._client.run(os.getenv, "OPENBLAS_NUM_THREADS").values())
    assert threads == "1"


def test_the_command_prints_with_workers_what_it_prints_without(
    recordings: list[Path], capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    files = [*map(str, recordings), str(tmp_path / "missing.edf")]
    printed = []
    for how in ([], ["--workers", "2"]):
        assert run(["score", "--criteria", "wasm-2016", *files, "--format", "json", *how]) == 1
        printed.append(capsys.readouterr())
    assert printed[0].out == printed[1].out
    assert printed[0].err == printed[1].err
    assert len(printed[0].out.splitlines()) == len(files)
