"""Recordings scored one after the other or side by side, and told in the order in which they were given."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from soleus.cohort.fulfilling import fulfil
from soleus.cohort.order import Order, Outcome, State

if TYPE_CHECKING:
    from collections.abc import Generator, Iterable, Iterator, Sequence
    from pathlib import Path

    from soleus.cohort.cluster import Undone
    from soleus.cohort.dataset import Dataset
    from soleus.cohort.order import Manner


class Staff(NamedTuple):
    """Who scores: processes on this machine, those of a scheduler, or neither, which is this process.

    Parameters
    ----------
    n_workers : int or None
        Processes to start.
    cluster : str or None
        Address of a scheduler.
    """

    n_workers: int | None = None
    cluster: str | None = None


def outcomes(
    paths: Sequence[Path], manner: Manner, *, staff: Staff, dataset: Dataset | None = None
) -> Generator[Outcome, None, None]:
    """Score recordings.

    Parameters
    ----------
    paths : sequence of Path
        The recordings.
    manner : Manner
        How.
    staff : Staff
        Who scores; never changes a result.
    dataset : Dataset, optional
        Where results are kept as they come; what is done there is not scored again.

    Yields
    ------
    Outcome
        What became of each, in the order of `paths`. With a data set an answer is there and not here.
    """
    held: dict[int, Outcome] = {}
    n_told = 0
    orders = (_order(path, manner, dataset) for path in paths)
    with _finishing(orders, staff, manner) as finished, _bar(len(paths)) as bar:
        for position, result in finished:
            outcome = result if isinstance(result, Outcome) else _undone(paths[position], result)
            if dataset is not None:
                dataset.keep(paths[position], outcome)
                outcome = replace(outcome, answer=None)
            held[position] = outcome
            bar.advance(bar.task_ids[0])
            while n_told in held:
                # Whoever is told may print.
                bar.stop()
                yield held.pop(n_told)
                bar.start()
                n_told += 1


def _order(path: Path, manner: Manner, dataset: Dataset | None) -> Order:
    done = None if dataset is None else dataset.done(path)
    return Order(str(path), path.absolute(), manner, hashed=dataset is not None, done=done)


def _undone(path: Path, undone: Undone) -> Outcome:
    return Outcome(str(path), State.FAILED, reason=f"{path}: {undone.reason}")


@contextmanager
def _finishing(
    orders: Iterable[Order], staff: Staff, manner: Manner
) -> Iterator[Iterator[tuple[int, Outcome | Undone]]]:
    """Give what becomes of orders, with their positions, as it comes."""
    if staff == Staff():
        yield enumerate(map(fulfil, orders))
        return
    # Loaded here: it takes a second, and scoring in this process does without.
    from soleus.cohort.cluster import local_workers, workers_at  # noqa: PLC0415 - see above

    detectors = tuple(one.name for one in manner.criteria.plugins)
    hired = local_workers(staff.n_workers or 1) if staff.cluster is None else workers_at(staff.cluster, detectors)
    with hired as workers:
        yield workers.finished(fulfil, orders)


def _bar(total: int) -> Progress:
    """Return how many recordings are done, shown on stderr where somebody watches."""
    console = Console(stderr=True)
    columns = (TextColumn("recordings"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    bar = Progress(
        *columns, console=console, transient=True, disable=not console.is_terminal, redirect_stdout=False,
        redirect_stderr=False,
    )  # fmt: skip
    bar.add_task("", total=total)
    return bar
