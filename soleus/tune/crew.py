"""Who scores the nights: this process, or several that share them out."""

from __future__ import annotations

from contextlib import AbstractContextManager
from functools import partial
from typing import TYPE_CHECKING

from soleus.crew import Crew as Processes
from soleus.crew import WorkerEndedError
from soleus.errors import ConfigError
from soleus.tune.nights import Bench

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from detectors.criteria import Criteria
    from soleus.tune.nights import NightSource
    from soleus.tune.tradeoff import Counts

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
        n_shares = min(n_workers, len(sources))
        each_open = max(1, n_open // n_workers)
        shares = [sources[first::n_workers] for first in range(n_shares)]
        # What ends the process of one night, such as too little memory, would end the next one as well.
        self._processes = Processes([partial(Bench, one, criteria, word, n_open=each_open) for one in shares], tries=1)
        self._whose = {source.name: number for number, share in enumerate(shares) for source in share}
        self._after_night = after_night

    def __call__(self, criteria: Criteria, names: Sequence[str]) -> dict[str, Counts]:
        """Return what was counted, by night, in the order of `names`."""
        futures = {name: self._processes.ask(self._whose[name], Bench.count, name, criteria) for name in names}
        for name, future in futures.items():
            # Each is waited for, so that none is still being scored when another has failed.
            if isinstance(ended := future.exception(), WorkerEndedError):
                msg = f"{name}: the process that scored it ended with code {ended.code}"
                raise ConfigError(msg) from ended
            self._after_night()
        return {name: future.result() for name, future in futures.items()}

    def __exit__(self, *_: object) -> None:
        """End the processes."""
        self._processes.close()
