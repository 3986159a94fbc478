"""Who scores the nights: this process, or several that share them out."""

from __future__ import annotations

import multiprocessing
import signal
from contextlib import AbstractContextManager, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ingest.errors import IngestError
from soleus.errors import ConfigError
from soleus.tune.nights import Bench
from soleus.tune.tradeoff import Counts

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from multiprocessing.connection import Connection
    from multiprocessing.process import BaseProcess

    from detectors.criteria import Criteria
    from soleus.tune.nights import NightSource

    AfterNight = Callable[[], None]


class Alone(AbstractContextManager["Alone"]):
    """Scores every night in this process.

    Parameters
    ----------
    bench : Bench
        The nights.
    after_night : callable
        Is called after each night.
    """

    def __init__(self, bench: Bench, after_night: AfterNight) -> None:
        self._bench = bench
        self._after_night = after_night

    def __call__(self, criteria: Criteria, names: Sequence[str]) -> dict[str, Counts]:
        """Return what was counted, by night."""
        counts = {}
        for name in names:
            counts[name] = self._bench.count(name, criteria)
            self._after_night()
        return counts

    def __exit__(self, *_: object) -> None:
        """Leave nothing behind; there is nothing."""


@dataclass(frozen=True, slots=True)
class _Worker:
    process: BaseProcess
    connection: Connection


class Crew(AbstractContextManager["Crew"]):
    """Several processes; each has nights of its own, whose tracks it keeps.

    Parameters
    ----------
    sources : sequence of NightSource
        The nights.
    criteria : Criteria
        The thresholds that others differ from.
    word : str
        The class of events that is counted.
    n_workers : int
        How many processes.
    n_open : int
        How many nights lie ready at once, in all of them together.
    after_night : callable
        Is called after each night.
    """

    def __init__(
        self,
        sources: Sequence[NightSource],
        criteria: Criteria,
        word: str,
        *,
        n_workers: int,
        n_open: int,
        after_night: AfterNight,
    ) -> None:
        # A fork would take over open files and threads of this process.
        context = multiprocessing.get_context("spawn")
        self._after_night = after_night
        self._workers: list[_Worker] = []
        self._whose: dict[str, _Worker] = {}
        for first in range(min(n_workers, len(sources))):
            share = sources[first::n_workers]
            ours, theirs = context.Pipe()
            each_open = max(1, n_open // n_workers)
            process = context.Process(target=_work, args=(theirs, share, criteria, word, each_open), daemon=True)
            process.start()
            theirs.close()
            worker = _Worker(process, ours)
            self._workers.append(worker)
            self._whose.update(dict.fromkeys((source.name for source in share), worker))

    def __call__(self, criteria: Criteria, names: Sequence[str]) -> dict[str, Counts]:
        """Return what was counted, by night, in the order of `names`."""
        for worker in self._workers:
            # All at once: with one message per night both ends could wait for the other to read. One that has ended
            # is told where its answer is missing.
            with suppress(ConnectionError):
                worker.connection.send(([name for name in names if self._whose[name] is worker], criteria))
        answers = {name: self._answer(name) for name in names}
        for answer in answers.values():
            if isinstance(answer, Exception):
                raise answer
        return {name: answer for name, answer in answers.items() if isinstance(answer, Counts)}

    def __exit__(self, *_: object) -> None:
        """End the processes."""
        for worker in self._workers:
            worker.process.terminate()
            worker.process.join()
            worker.connection.close()

    def _answer(self, name: str) -> Counts | Exception:
        worker = self._whose[name]
        try:
            answer: Counts | Exception = worker.connection.recv()
        except (EOFError, ConnectionError) as error:
            worker.process.join()
            msg = f"{name}: the process that scored it ended with code {worker.process.exitcode}"
            raise ConfigError(msg) from error
        self._after_night()
        return answer


def _work(connection: Connection, sources: Sequence[NightSource], criteria: Criteria, word: str, n_open: int) -> None:
    """Score what is asked for until nobody asks any more."""
    # Ctrl-C goes to every process of the terminal; the one that asks decides what becomes of it.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    bench = Bench(sources, criteria, word, n_open=n_open)
    with suppress(EOFError, ConnectionError):
        while True:
            names, asked = connection.recv()
            for name in names:
                connection.send(_counted(bench, name, asked))


def _counted(bench: Bench, name: str, criteria: Criteria) -> Counts | Exception:
    try:
        return bench.count(name, criteria)
    except (ConfigError, IngestError, OSError) as error:
        return error
