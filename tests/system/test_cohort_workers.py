"""Recordings scored by Dask on this machine: the same as in one process, also when a worker is lost in the middle."""

from __future__ import annotations

import os
import signal
from typing import TYPE_CHECKING

import dask
import psutil
import pytest

from detectors.criteria import named
from soleus.__main__ import run
from soleus.cohort.cluster import MOST_LOST, Undone, expect_same, local_workers
from soleus.cohort.fulfilling import fulfil
from soleus.cohort.order import Manner, Order, Outcome, versions
from soleus.errors import ConfigError
from tests.soleus.short_cohort import short_cohort
from tests.system.servers import wait_until

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from soleus.cohort.cluster import Workers

pytestmark = pytest.mark.system

MANNER = Manner(named("wasm-2016"), {})
HELD = "night-06.edf"
ENDS_ITS_WORKER = "__import__('os')._exit(1)"
CERTIFICATES = ("distributed.comm.tls.ca-file", *(f"distributed.comm.tls.client.{what}" for what in ("cert", "key")))
LOOPBACK = ("127.0.0.1", "::1")


@pytest.fixture(scope="module")
def recordings(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    return short_cohort(tmp_path_factory.mktemp("cohort"), n=4)


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


def fulfil_held(order: Order) -> Outcome:
    """Fulfil an order; whoever is the first to score the one that is held keeps the result until it is killed."""
    outcome = fulfil(order)
    told = order.path.parent.with_suffix(".held")
    if order.name == HELD and not told.exists():
        writable = told.with_suffix(".written")
        writable.write_text(str(os.getpid()), encoding="ascii")
        writable.rename(told)
        signal.pause()
    return outcome


def process_that_holds(recordings: list[Path]) -> int:
    told = recordings[0].parent.with_suffix(".held")
    wait_until(told.exists, "a worker that has scored")
    return int(told.read_text(encoding="ascii"))


def test_a_worker_that_is_killed_while_it_scores_changes_nothing(
    two: Workers, recordings: list[Path], alone: list[Outcome]
) -> None:
    coming = two.finished(fulfil_held, orders(recordings))
    found = dict([next(coming)])
    lost = process_that_holds(recordings)
    os.kill(lost, signal.SIGKILL)
    found |= dict(coming)
    assert [found[position] for position in range(len(recordings))] == alone
    assert two._client.cluster.scheduler.task_prefixes["fulfil_held"].suspicious == 1
    assert not psutil.pid_exists(lost)


def test_what_ends_its_workers_again_and_again_fails_and_nothing_else_does(two: Workers) -> None:
    found = dict(two.finished(eval, ["1 + 1", ENDS_ITS_WORKER, "2 + 2", "3 + 3"]))
    assert found[1] == Undone(f"ended its worker {MOST_LOST} times, as too little memory or a fault would")
    assert [found[0], found[2], found[3]] == [2, 4, 6]


def test_a_fault_of_the_program_is_a_line_of_its_recording(two: Workers) -> None:
    found = dict(two.finished(eval, ["1 / 0", "1 + 1"]))
    assert found == {0: Undone("a fault of the program, ZeroDivisionError: division by zero"), 1: 2}


def test_scheduler_and_workers_listen_to_this_machine_alone_with_one_thread_each(two: Workers) -> None:
    two._client.wait_for_workers(2)
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
    # One worker, and short: which of several ends first is another test's.
    files = [*map(str, recordings[:2]), str(tmp_path / "missing.edf")]
    printed = []
    for how in ([], ["--workers", "1"]):
        assert run(["score", "--criteria", "wasm-2016", *files, "--format", "json", *how]) == 1
        printed.append(capsys.readouterr())
    assert printed[0] == printed[1]
    assert len(printed[0].out.splitlines()) == len(files)


@pytest.fixture(scope="module")
def elsewhere(two: Workers, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a scheduler with two workers, whose certificates stand in Dask's own configuration."""
    folder = tmp_path_factory.mktemp("certificates")
    security = two._client.security
    files = {"ca-file": security.tls_ca_file, "cert": security.tls_client_cert, "key": security.tls_client_key}
    for name, text in files.items():
        (folder / name).write_text(str(text), encoding="utf-8")
    told = {name: str(folder / file) for name, file in zip(CERTIFICATES, files, strict=True)}
    two._client.wait_for_workers(2)
    with dask.config.set(told):
        yield two._client.scheduler_info()["address"]


def test_a_cluster_prints_and_keeps_what_one_process_does(
    recordings: list[Path], elsewhere: str, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    printed, kept = [], []
    for number, how in enumerate(([], ["--cluster", elsewhere])):
        out = tmp_path / str(number)
        args = ["score", "--criteria", "wasm-2016", *map(str, recordings), "--out", str(out), "--json", *how]
        assert run(args) == 1
        printed.append(capsys.readouterr())
        kept.append({path.relative_to(out): path.read_bytes() for path in out.rglob("*.parquet")})
    assert elsewhere.startswith("tls://")
    assert printed[0] == printed[1]
    assert kept[0] == kept[1]
    assert len(kept[0]) == 2 * len(recordings) - 1


def test_a_scheduler_that_is_not_there_is_one_line_and_exit_2(
    recordings: list[Path], elsewhere: str, capsys: pytest.CaptureFixture[str]
) -> None:
    for address in ("nonsense://x", elsewhere.replace("tls://", "tcp://")):
        assert run(["score", str(recordings[1]), "--cluster", address]) == 2
        printed = capsys.readouterr()
        assert printed.out == ""
        assert printed.err.startswith(f"soleus: --cluster {address}: cannot be reached (")
        assert printed.err.count("\n") == 1


def test_tls_without_certificates_is_one_line_and_exit_2(
    recordings: list[Path], capsys: pytest.CaptureFixture[str]
) -> None:
    with dask.config.set(dict.fromkeys(CERTIFICATES)):
        assert run(["score", str(recordings[1]), "--cluster", "tls://127.0.0.1:9"]) == 2
    assert capsys.readouterr().err.startswith("soleus: --cluster tls://127.0.0.1:9: cannot be reached (TLS expects")


def test_workers_of_another_version_are_refused() -> None:
    expect_same({"tcp://a:1": versions()}, "--cluster tcp://x:1", versions())
    others = (
        {**versions(), "scipy": "1.0"},
        {**versions(), "detector lab_spasm": "1.0"},
        ModuleNotFoundError("No module named 'soleus'"),
    )
    assert versions(["lab_spasm"]) == {**versions(), "detector lab_spasm": "not installed"}
    for found in others:
        with pytest.raises(ConfigError, match=r"worker tcp://b:1 has .*, expected .*: install the same there"):
            expect_same({"tcp://a:1": versions(), "tcp://b:1": found}, "--cluster tcp://x:1", versions())


def test_more_workers_than_the_memory_is_good_for_are_refused() -> None:
    with pytest.raises(ConfigError, match="--workers 100000: leaves 0 MB for each"), local_workers(100000):
        pass
