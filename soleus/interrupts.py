"""Ctrl-C at a moment at which it would only break something."""

from __future__ import annotations

import asyncio
import signal
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from asyncio.subprocess import Process
    from collections.abc import Iterator


@contextmanager
def interrupts_held() -> Iterator[None]:
    """Let Ctrl-C wait until the end of the context, where it comes through.

    A process that is started in it never hears of Ctrl-C: what holds it here is inherited.
    """
    if sys.platform == "win32":
        yield
        return
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        # Not what was held before: two that wait for their processes at once would hold it for good.
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})


async def start_python(*arguments: object, stdin: int | None = None, stdout: int | None = None) -> Process:
    """Start this Python with arguments, as a process that never hears of Ctrl-C.

    Parameters
    ----------
    *arguments : object
        What follows on the command line.
    stdin, stdout : int, optional
        As :func:`asyncio.create_subprocess_exec` has them; those of this process if not given.
    """
    with interrupts_held():
        return await asyncio.create_subprocess_exec(
            sys.executable, *(str(argument) for argument in arguments), stdin=stdin, stdout=stdout
        )
