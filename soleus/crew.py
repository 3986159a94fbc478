"""Processes that each hold something of their own and do what they are asked, what is urgent first."""

from __future__ import annotations

import multiprocessing
import signal
import time
from concurrent.futures import CancelledError, Future
from contextlib import suppress
from dataclasses import dataclass, field
from multiprocessing import resource_tracker
from multiprocessing.reduction import ForkingPickler
from queue import PriorityQueue
from threading import Event, Lock, Thread
from typing import TYPE_CHECKING, Any, Concatenate, Generic, ParamSpec, TypeVar

from ingest.errors import IngestError
from soleus.errors import ConfigError
from soleus.interrupts import interrupts_held

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from multiprocessing.connection import Connection
    from multiprocessing.process import BaseProcess
    from types import TracebackType

Held = TypeVar("Held")
Answer = TypeVar("Answer")
Given = ParamSpec("Given")

TRIES = 2
"""So often a task is begun: what ends one process by accident does not end the next one, a fault in it does."""
REST_S = 0.25
"""So long after something urgent nothing else is begun: a hand that drags asks again within it, and would wait."""
_URGENT, _IN_TIME, _LAST = range(3)


class WorkerEndedError(Exception):
    """A process ended before it had answered; `code` is that with which it ended, minus the signal that ended it."""

    def __init__(self, code: int | None) -> None:
        super().__init__(f"the process ended with code {code}")
        self.code = code


@dataclass(frozen=True, slots=True)
class _Failed:
    error: Exception


@dataclass(order=True, frozen=True, slots=True)
class _Order:
    """A task in its place; one without a future is the last."""

    rank: int
    number: int
    task: bytes = field(compare=False, default=b"")
    future: Future[Any] | None = field(compare=False, default=None)


class Crew(Generic[Held]):
    """Several processes; each holds what was made in it, and is begun again with that if it dies.

    Parameters
    ----------
    begins : sequence of callable
        One for each process: makes what that one holds; it is called there and must be one that can be sent.
    tries : int
        So often a task is begun before it fails, each time in a new process if the last one died.
    rest_s : float
        How long a process that did something urgent waits for more of it, s.

    Notes
    -----
    A process does one task at a time. It is started when it is asked first. Several threads may ask.

    Examples
    --------
    >>> with Crew([list]) as crew:
    ...     _ = crew.ask(0, list.append, "kept there").result()
    ...     crew.ask(0, list.copy).result()
    ['kept there']
    """

    def __init__(self, begins: Sequence[Callable[[], Held]], *, tries: int = TRIES, rest_s: float = REST_S) -> None:
        self._workers = [_Worker(begin, tries, rest_s) for begin in begins]

    def __enter__(self) -> Crew[Held]:
        """Return itself."""
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        """End the processes."""
        self.close()

    def __len__(self) -> int:
        """Return how many processes there are."""
        return len(self._workers)

    def ask(
        self,
        worker: int,
        task: Callable[Concatenate[Held, Given], Answer],
        /,
        *args: Given.args,
        **kwargs: Given.kwargs,
    ) -> Future[Answer]:
        """Have a task done as soon as its process is free.

        Parameters
        ----------
        worker : int
            In which process.
        task : callable
            What to do with what is held there, and with what is given; both are sent.
        *args, **kwargs
            What is given.

        Returns
        -------
        Future
            What the task returns; `ConfigError`, `IngestError`, `OSError`, `LookupError` or `ValueError` as it raised
            them, also where what the process holds could not be made; :class:`WorkerEndedError` if its process died
            each time. It can be cancelled until it is begun; where the crew has ended it raises `CancelledError`.
        """
        return self._workers[worker].ask(_URGENT, (task, args, kwargs))

    def ask_later(
        self,
        worker: int,
        task: Callable[Concatenate[Held, Given], Answer],
        /,
        *args: Given.args,
        **kwargs: Given.kwargs,
    ) -> Future[Answer]:
        """Have a task done when nothing urgent waits for its process, or did a moment ago; as :meth:`ask`."""
        return self._workers[worker].ask(_IN_TIME, (task, args, kwargs))

    def processes(self) -> list[int]:
        """Return the ids of the processes that run."""
        return [number for one in self._workers if (number := one.process_id) is not None]

    def close(self) -> None:
        """End the processes; what was not done is cancelled, and whoever waits for it goes on at once."""
        for one in self._workers:
            one.close()


class _Worker:
    """One process, and the thread that waits for its answers."""

    def __init__(self, begin: Callable[[], Any], tries: int, rest_s: float) -> None:
        self._begin, self._tries, self._rest_s = begin, tries, rest_s
        self._rests_until_s, self._hurried = 0.0, Event()
        self._orders: PriorityQueue[_Order] = PriorityQueue()
        self._running: tuple[BaseProcess, Connection] | None = None
        self._thread: Thread | None = None
        self._closed, self._lock, self._asking = Event(), Lock(), Lock()
        self._n_asked = 0

    @property
    def process_id(self) -> int | None:
        running = self._running
        return None if running is None else running[0].pid

    def ask(self, rank: int, task: tuple[Any, ...]) -> Future[Any]:
        future: Future[Any] = Future()
        # What cannot be sent is refused here, where it was asked for.
        content = bytes(ForkingPickler.dumps(task))
        with self._asking:
            if self._closed.is_set():
                # Nobody would ever do it.
                _cancel(future)
                return future
            if self._thread is None:
                self._thread = Thread(target=self._go_through, name="crew", daemon=True)
                self._thread.start()
            self._n_asked += 1
            self._orders.put(_Order(rank, self._n_asked, content, future))
            if rank == _URGENT:
                self._hurried.set()
        return future

    def close(self) -> None:
        with self._asking:
            self._closed.set()
            self._orders.put(_Order(_LAST, 0))
            self._hurried.set()
        with self._lock:
            if self._running is not None:
                # What it holds goes with it; one that is stopped (Ctrl-Z) hears of nothing else.
                self._running[0].kill()
        if self._thread is not None:
            self._thread.join()

    def _go_through(self) -> None:
        while (order := self._next()).future is not None:
            if self._closed.is_set():
                _cancel(order.future)
            elif order.future.set_running_or_notify_cancel():
                self._do(order.task, order.future)
            if order.rank == _URGENT:
                self._rests_until_s = time.monotonic() + self._rest_s
        self._end()

    def _next(self) -> _Order:
        """Return what is to be done next, once it is; soon after something urgent that may be more of it."""
        while True:
            self._hurried.clear()
            order = self._orders.get()
            rest_s = 0.0 if self._closed.is_set() else self._rests_until_s - time.monotonic()
            if order.rank != _IN_TIME or rest_s <= 0 or not self._hurried.wait(rest_s):
                return order
            self._orders.put(order)

    def _do(self, task: bytes, future: Future[Any]) -> None:
        code = None
        for _ in range(self._tries):
            try:
                connection = self._connection()
                connection.send_bytes(task)
                answer = connection.recv()
            except (EOFError, OSError):
                # One that dies while it answers leaves a part of a message, which is no error of the connection.
                code = self._end()
                continue
            except RuntimeError as error:
                # A program without a guard around its main part is imported by what it starts, and would start more.
                future.set_exception(error)
                return
            if isinstance(answer, _Failed):
                future.set_exception(answer.error)
            else:
                future.set_result(answer)
            return
        future.set_exception(CancelledError() if self._closed.is_set() else WorkerEndedError(code))

    def _connection(self) -> Connection:
        with self._lock:
            if self._closed.is_set():
                raise ConnectionAbortedError
            if self._running is None:
                # A fork would take over open files and threads of this process.
                context = multiprocessing.get_context("spawn")
                ours, theirs = context.Pipe()
                process = context.Process(target=_work, args=(theirs, self._begin), daemon=True)
                # The tracker, where it is started on the way to the process, lets Ctrl-C through again.
                resource_tracker.ensure_running()
                with interrupts_held():
                    process.start()
                theirs.close()
                self._running = process, ours
            return self._running[1]

    def _end(self) -> int | None:
        """End the process, if there is one, and return the code with which it ended."""
        with self._lock:
            if self._running is None:
                return None
            process, connection = self._running
            self._running = None
            connection.close()
            # One that answers no more may still run.
            process.kill()
            process.join()
            code = process.exitcode
            process.close()
            return code


def _cancel(future: Future[Any]) -> None:
    """Cancel what was not begun, and tell also those who wait for one of several."""
    future.cancel()
    future.set_running_or_notify_cancel()


def _work(connection: Connection, begin: Callable[[], Any]) -> None:
    """Do what is asked for until nobody asks any more."""
    # Ctrl-C goes to every process of the terminal; the one that asks decides what becomes of it.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    held = _answer(lambda make: make(), begin, (), {})
    with suppress(EOFError, ConnectionError):
        while True:
            task, args, kwargs = connection.recv()
            connection.send(held if isinstance(held, _Failed) else _answer(task, held, args, kwargs))


def _answer(task: Callable[..., Any], held: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    try:
        return task(held, *args, **kwargs)
    except (ConfigError, IngestError, OSError, LookupError, ValueError) as error:
        return _Failed(error)
