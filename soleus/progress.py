"""What is seen on stderr while a recording is opened and read."""

from __future__ import annotations

import sys
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, replace
from pathlib import Path, PurePath
from typing import TYPE_CHECKING

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

if TYPE_CHECKING:
    from collections.abc import Callable

    import numpy as np
    from numpy.typing import NDArray

    from detectors.recording import Recording, SampleSource
    from detectors.signal import Clock, Stream

# A shorter recording is scored before a bar could be read.
LONG_S = 3600.0
# Files that are looked through when they are opened, tables and the memory of loggers, take a second from here on.
LARGE_BYTES = 1 << 25


@dataclass(frozen=True, slots=True)
class WatchedSource:
    """A source that says how much of it has been read.

    Parameters
    ----------
    source : SampleSource
        The source itself.
    advance : callable
        Is told the number of samples of each read.
    """

    source: SampleSource
    advance: Callable[[int], None]

    @property
    def stream(self) -> Stream:
        """What is measured."""
        return self.source.stream

    @property
    def clock(self) -> Clock:
        """From sample index to UTC."""
        return self.source.clock

    @property
    def n_samples(self) -> int:
        """Length in samples."""
        return self.source.n_samples

    def read(self, start: int, stop: int) -> NDArray[np.floating]:
        """Return samples ``[start, stop)``, shape (n_samples, n_axes), and say that they were read."""
        self.advance(stop - start)
        return self.source.read(start, stop)


def while_opening(path: Path, console: Console | None = None) -> AbstractContextManager[object]:
    """Return a context that shows on stderr that a large file is being opened, where somebody watches.

    Parameters
    ----------
    path : Path
        The recording; it need not be there.
    console : Console, optional
        Where it is shown; stderr if not given.

    Returns
    -------
    context manager
        What it shows goes away at its end.
    """
    shown = console or Console(stderr=True)
    if not shown.is_terminal or not path.is_file() or path.stat().st_size < LARGE_BYTES:
        return nullcontext()
    return shown.status(f"opening {escape(path.name)}")


def watched(recording: Recording) -> Recording:
    """Return a recording that shows on stderr how far it has been read.

    Parameters
    ----------
    recording : Recording
        What is about to be scored.

    Returns
    -------
    Recording
        The same, with a bar where somebody watches and it takes a while.
    """
    if not sys.stderr.isatty() or recording.duration_s < LONG_S:
        return recording
    bar = Progress(
        TextColumn(PurePath(recording.name).name),
        BarColumn(),
        TimeRemainingColumn(),
        console=Console(stderr=True),
        transient=True,
    )
    task = bar.add_task("", total=sum(source.n_samples for source in recording.sources))
    bar.start()

    def advance(n_samples: int) -> None:
        bar.advance(task, n_samples)
        if bar.finished:
            bar.stop()

    return replace(recording, sources=tuple(WatchedSource(source, advance) for source in recording.sources))
