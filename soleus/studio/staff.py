"""The processes that hold the recordings, and which of these lie ready in them."""

from __future__ import annotations

import gc
import os
import time
from concurrent.futures import CancelledError, wait
from contextlib import suppress
from functools import partial
from math import inf
from threading import RLock
from typing import TYPE_CHECKING, Concatenate, Final, NamedTuple, ParamSpec, TypeVar

from dashboards.unavailable import EndingError
from soleus.config import ensure_private
from soleus.crew import Crew, WorkerEndedError
from soleus.studio.catalogue import FAILURES, line_of
from soleus.studio.room import NoRoomError, Room
from soleus.studio.station import Station
from soleus.track_store import allow_many_files

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from concurrent.futures import Future
    from pathlib import Path

    from soleus.studio.question import Question
    from soleus.studio.sources import Source

Answer = TypeVar("Answer")
Given = ParamSpec("Given")

MOST_WORKERS: Final = 4
"""More would take the computer away from a night that it collects."""
NICE: Final = 5
"""Where processors are short, a third of what a process gets that is not nice. There is no way back."""
NICE_WITHIN_S: Final = 10.0
PATIENCE_S: Final = 2.0
"""So long a page waits for recordings that are being opened; then it is told which of them are not ready."""
FULL_EACH: Final = 10_000
"""So many times the young are searched for garbage for one time that everything is."""
OPENING: Final = "opening"
READY: Final = ""


class Staff:
    """The processes of a studio; they are started when they are asked first.

    Parameters
    ----------
    room : Path or None
        A folder with room for files without a name; that of the system for temporary files if None.
    n_workers : int, optional
        How many; as many as processors if not given, and four at most.
    patience_s : float
        How long to wait for recordings that are being opened, s.
    is_recording : callable
        Returns whether a night is collected on this computer; from then on the processes give way to it.
    """

    def __init__(
        self,
        room: Path | None,
        n_workers: int | None = None,
        *,
        patience_s: float = PATIENCE_S,
        is_recording: Callable[[], bool] = bool,
    ) -> None:
        n = n_workers or min(MOST_WORKERS, len(os.sched_getaffinity(0)))
        self._crew: Crew[Station] = Crew([partial(begin, room)] * n)
        self._patience_s, self._is_recording, self._seen_s = patience_s, is_recording, -inf
        self._opened: dict[str, _Opening] = {}
        self._whose: dict[str, int] = {}
        # What was opened before anybody can be told of it is noted by the thread that asked, which holds the lock.
        self._lock = RLock()

    def opened(self, sources: Sequence[Source]) -> Mapping[str, str]:
        """Have recordings opened, and say which of them are.

        Parameters
        ----------
        sources : sequence of Source
            The recordings.

        Returns
        -------
        mapping of str to str
            By key: `READY`, `OPENING`, or why one cannot be scored, in one line.
        """
        beside = frozenset(source.key for source in sources)
        asked = [(source.key, self._opening(source, beside)) for source in sources]
        wait([future for _, future in asked], self._patience_s)
        self._give_way()
        return {key: _state(key, future) for key, future in asked}

    def ask(
        self,
        task: Callable[Concatenate[Station, Question, Given], Answer],
        question: Question,
        *args: Given.args,
        **kwargs: Given.kwargs,
    ) -> Future[Answer]:
        """Ask about a recording at once."""
        return self._crew.ask(self._worker(question.source.key), task, question, *args, **kwargs)

    def ask_later(
        self,
        task: Callable[Concatenate[Station, Question, Given], Answer],
        question: Question,
        *args: Given.args,
        **kwargs: Given.kwargs,
    ) -> Future[Answer]:
        """Ask about a recording when nothing else is asked."""
        return self._crew.ask_later(self._worker(question.source.key), task, question, *args, **kwargs)

    def processes(self) -> list[int]:
        """Return the ids of the processes that run."""
        return self._crew.processes()

    def close(self) -> None:
        """End the processes, and with them the files without a name."""
        self._crew.close()

    def _worker(self, key: str) -> int:
        with self._lock:
            return self._whose.setdefault(key, len(self._whose) % len(self._crew))

    def _opening(self, source: Source, beside: frozenset[str]) -> Future[list[str]]:
        worker = self._worker(source.key)
        with self._lock:
            known = self._opened.get(source.key)
            if known is None or known.source != source or (known.beside != beside and known.had_no_room()):
                # Behind what is asked of those that are open.
                future = self._crew.ask_later(worker, Station.open, source, beside)
                known = self._opened[source.key] = _Opening(source, beside, future)
                future.add_done_callback(self._forget_closed)
            return known.future

    def _give_way(self) -> None:
        now_s, processes = time.monotonic(), self.processes()
        if not processes or now_s < self._seen_s + NICE_WITHIN_S:
            return
        self._seen_s = now_s
        if self._is_recording():
            for process in processes:
                # One may have ended, or be nicer.
                with suppress(OSError):
                    os.setpriority(os.PRIO_PROCESS, process, NICE)

    def _forget_closed(self, future: Future[list[str]]) -> None:
        if future.cancelled() or future.exception() is not None:
            return
        with self._lock:
            for key in future.result():
                self._opened.pop(key, None)


class _Opening(NamedTuple):
    """A recording that was asked to be opened, and beside which others."""

    source: Source
    beside: frozenset[str]
    future: Future[list[str]]

    def had_no_room(self) -> bool:
        return self.future.done() and not self.future.cancelled() and isinstance(self.future.exception(), NoRoomError)


def begin(room: Path | None) -> Station:
    """Return what one process holds."""
    allow_many_files()
    # To look through all that lies ready for what refers to itself took 250 ms, at every third look at thirty nights.
    gc.set_threshold(*gc.get_threshold()[:2], FULL_EACH)
    return Station(Room(None if room is None else ensure_private(room)))


def _state(key: str, future: Future[list[str]]) -> str:
    return failure_of(key, future) if future.done() else OPENING


def failure_of(key: str, future: Future[Answer]) -> str:
    """Return why something could not be answered about a recording, in one line; what is no such thing is raised.

    Raises
    ------
    EndingError
        If the staff was closed meanwhile.
    """
    try:
        future.result()
    except FAILURES as error:
        return line_of(error, key)
    except WorkerEndedError as error:
        return f"{key}: {error}, expected it to answer; is there enough memory?"
    except CancelledError:
        msg = "the program is ending, ask again when it runs"
        raise EndingError(msg) from None
    return READY
