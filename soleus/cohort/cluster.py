"""Work on several processes or machines; the only place that knows Dask."""

# Most of distributed's own functions say nothing of their types.
# mypy: allow-untyped-calls

from __future__ import annotations

import logging
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing import resource_tracker
from typing import TYPE_CHECKING, Any, Final, TypeVar

import dask
from distributed import Client, LocalCluster, Security, as_completed
from distributed.scheduler import KilledWorker, NoWorkerError
from distributed.system import MEMORY_LIMIT

from soleus.cohort.order import versions
from soleus.errors import ConfigError
from soleus.interrupts import interrupts_held

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from dask.typing import Key

T = TypeVar("T")
R = TypeVar("R")

LOOPBACK: Final = "127.0.0.1"
# A recording that has taken so many workers with it is not given to another one.
MOST_LOST: Final = 3
# What a worker needs to be any good, and the share of the machine's memory that all of them may have.
LEAST_MB: Final = 400
MEMORY_SHARE: Final = 0.8
BYTES_PER_MB: Final = 1_000_000
# So many results may wait for an earlier one, whose order comes first: a night's events are about a megabyte.
AHEAD: Final = 64
AHEAD_PER_WORKER: Final = 4
# A scheduler that does not answer by then is not there, s; workers may still be starting.
CONNECT_S: Final = 10
WORKERS_S: Final = 60

ENDED: Final = frozenset({"finished", "error", "cancelled"})

_LOCAL: Final = {
    # One more than may be lost: the scheduler counts those after the first.
    "distributed.scheduler.allowed-failures": MOST_LOST - 1,
    # A worker has no recording but the one that it scores: else one that kills it counts against the next.
    "distributed.scheduler.worker-saturation": 1.0,
    "distributed.scheduler.work-stealing": False,
    # A busy machine takes its time to start a lost worker again; one that is given up on is not replaced.
    "distributed.deploy.lost-worker-timeout": "1 day",
    # Where none can be started at all the work ends, and is not waited for.
    "distributed.scheduler.no-workers-timeout": "10 minutes",
    # No pages: they would show names of recordings to everybody on this machine.
    "distributed.scheduler.http.routes": [],
    "distributed.worker.http.routes": [],
    # Nothing of a recording goes to a disk; a worker that takes more than its share ends.
    "distributed.worker.memory.target": False,
    "distributed.worker.memory.spill": False,
    "distributed.worker.memory.pause": False,
    "distributed.worker.memory.terminate": 0.95,
    "distributed.worker.profile.enabled": False,
    # One thread each: the workers are the parallel part.
    "distributed.nanny.pre-spawn-environ.OMP_NUM_THREADS": 1,
    "distributed.nanny.pre-spawn-environ.OPENBLAS_NUM_THREADS": 1,
    "distributed.nanny.pre-spawn-environ.MKL_NUM_THREADS": 1,
}


@dataclass(frozen=True, slots=True)
class Undone:
    """Work that came to no end.

    Parameters
    ----------
    reason : str
        Why, as one line.
    """

    reason: str


class Workers:
    """Processes that work for this one, see :func:`local_workers` and :func:`workers_at`.

    Parameters
    ----------
    client : Client
        The connection to their scheduler.
    where : str
        What to call them.
    """

    def __init__(self, client: Client, where: str) -> None:
        self._client = client
        self._where = where

    def finished(self, work: Callable[[T], R], items: Iterable[T]) -> Iterator[tuple[int, R | Undone]]:
        """Do work, and say what it came to as it comes.

        Parameters
        ----------
        work : callable
            Takes one item; can be imported where the workers are.
        items : iterable
            Asked for in order, as there is room.

        Yields
        ------
        position : int
            Of the item.
        result : object or Undone
            What `work` returned, or why it did not.

        Raises
        ------
        ConfigError
            If the scheduler is gone.
        """
        ahead = AHEAD + AHEAD_PER_WORKER * sum(self._client.nthreads().values())
        running: dict[Key, int] = {}
        queue = as_completed(loop=self._client.loop)
        for position, item in enumerate(items):
            # Whoever takes the results may have to keep all that come after the first that is still on its way.
            while running and (queue.has_ready() or position >= min(running.values()) + ahead):
                yield self._next(queue, running)
            future = self._client.submit(work, item, pure=False)
            running[future.key] = position
            queue.add(future)
            del future
        while running:
            yield self._next(queue, running)

    def _next(self, queue: as_completed, running: dict[Key, int]) -> tuple[int, Any]:
        future = next(queue)
        while future.status not in ENDED:
            # What had ended was lost with its worker before it came here, and is done again.
            queue.add(future)
            future = next(queue)
        position = running.pop(future.key)
        if future.status == "cancelled":
            msg = f"{self._where}: the scheduler is gone, expected it to stay until the end"
            raise ConfigError(msg)
        try:
            # It may be lost here as well, and then end its workers for good.
            error = future.exception()
            if error is None:
                return position, future.result()
        except (KilledWorker, NoWorkerError) as lost:
            error = lost
        if isinstance(error, NoWorkerError):
            msg = f"{self._where}: there has been no worker for {error.timeout:.0f} s, expected some until the end"
            raise ConfigError(msg) from error
        return position, Undone(_told(error))


def _told(error: BaseException) -> str:
    if isinstance(error, KilledWorker):
        return f"ended its worker {error.allowed_failures + 1} times, as too little memory or a fault would"
    said = " ".join(str(error).split())
    return f"a fault of the program, {type(error).__name__}: {said}"


@contextmanager
def local_workers(n_workers: int, *, memory_mb: int | None = None) -> Iterator[Workers]:
    """Start processes on this machine.

    Parameters
    ----------
    n_workers : int
        How many.
    memory_mb : int, optional
        What each may have before it is ended; an equal share of the machine's if not given.

    Yields
    ------
    Workers
        The processes. They, and their scheduler, can be reached from this machine only, and only with a key that
        this process keeps to itself.

    Raises
    ------
    ConfigError
        If the machine has too little memory for so many.
    """
    share_mb = memory_mb or int(MEMORY_LIMIT * MEMORY_SHARE / n_workers / BYTES_PER_MB)
    if share_mb < LEAST_MB:
        msg = f"--workers {n_workers}: leaves {share_mb} MB for each, expected at least {LEAST_MB} MB: use fewer"
        raise ConfigError(msg)
    # For as long as they are there: a worker that is lost is started again with the same settings.
    with dask.config.set(_LOCAL):
        # Ctrl-C is for this process, which ends the others in order. What starts a process lets it through again, but
        # for this one, which is started once.
        resource_tracker.ensure_running()
        with interrupts_held():
            cluster = LocalCluster(
                n_workers=n_workers,
                threads_per_worker=1,
                processes=True,
                host=LOOPBACK,
                security=Security.temporary(),
                dashboard_address=None,
                scheduler_kwargs={"dashboard": False, "dashboard_address": f"{LOOPBACK}:0"},
                memory_limit=share_mb * BYTES_PER_MB,
                silence_logs=logging.CRITICAL,
            )
        with cluster, Client(cluster) as client:
            yield Workers(client, f"--workers {n_workers}")


@contextmanager
def workers_at(address: str, detectors: tuple[str, ...] = ()) -> Iterator[Workers]:
    """Connect to the workers of a scheduler that somebody else has started.

    Parameters
    ----------
    address : str
        Its address, ``tls://host:8786`` or ``tcp://host:8786``. Certificates are those of Dask's own configuration.
    detectors : tuple of str
        Names of the detectors of others that are switched on.

    Yields
    ------
    Workers
        Its workers, those that join later among them.

    Raises
    ------
    ConfigError
        If it does not answer, has no worker, or one with other versions than this process has.
    """
    where = f"--cluster {address}"
    try:
        client = Client(address, timeout=CONNECT_S)
    # TypeError: an address with TLS, and no certificates in Dask's configuration.
    except (OSError, ValueError, RuntimeError, TypeError) as error:
        said = " ".join(str(error).split())
        msg = f"{where}: cannot be reached ({said}), expected a Dask scheduler, for example tls://host:8786"
        raise ConfigError(msg) from error
    with client:
        try:
            client.wait_for_workers(1, timeout=WORKERS_S)
        except TimeoutError as error:
            msg = f"{where}: has no worker after {WORKERS_S} s, expected at least one: dask worker {address}"
            raise ConfigError(msg) from error
        expect_same(client.run(versions, detectors, on_error="return"), where, versions(detectors))
        yield Workers(client, where)


def expect_same(found: Mapping[str, object], where: str, expected: Mapping[str, str]) -> None:
    """Refuse workers whose results could be others.

    Parameters
    ----------
    found : mapping of str to object
        By the address of a worker: its :func:`soleus.cohort.order.versions`, or why it has none.
    where : str
        What to call them.
    expected : mapping of str to str
        The versions that this process has.

    Raises
    ------
    ConfigError
        If one has other versions than this process.
    """
    for worker, got in sorted(found.items()):
        if got != expected:
            msg = f"{where}: worker {worker} has {got}, expected {expected}: install the same there"
            raise ConfigError(msg)
