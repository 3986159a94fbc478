"""A progress bar over all searches, on stderr."""

from __future__ import annotations

from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Self

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

if TYPE_CHECKING:
    from types import TracebackType

    from soleus.tune.plan import Try


class Watch(AbstractContextManager["Watch"]):
    """Shows how many nights were read, then how many tries are done.

    Parameters
    ----------
    n_nights : int
        Nights to read.
    """

    def __init__(self, n_nights: int) -> None:
        self._bar = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            TimeRemainingColumn(),
            console=Console(stderr=True),
            transient=True,
        )
        self._reading = self._bar.add_task("nights", total=n_nights)
        self._tries = self._bar.add_task("tries", total=None)
        self._scored = 0

    def __enter__(self) -> Self:
        """Show the bars."""
        self._bar.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        """Take the bars away."""
        self._bar.stop()

    def read(self) -> None:
        """Count a night that was read."""
        self._bar.advance(self._reading)

    def expect(self, n_tries: int) -> None:
        """Say how many tries there will be at most."""
        self._bar.update(self._tries, total=n_tries)

    def scored(self) -> None:
        """Count a night that was scored: the first try takes longest, and something must be seen to move."""
        self._scored += 1
        self._bar.update(self._tries, description=f"tries ({self._scored} nights scored)")

    def tried(self, _one: Try) -> None:
        """Count a finished try."""
        self._bar.advance(self._tries)
