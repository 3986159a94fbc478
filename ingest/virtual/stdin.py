"""What a process of the bedroom is told: lines on its standard input."""

from __future__ import annotations

import asyncio
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import AsyncIterator


async def stdin_lines() -> AsyncIterator[str]:
    """Yield the lines of standard input until it ends, while everything else goes on.

    Yields
    ------
    str
        One line with its end.
    """
    reader = asyncio.StreamReader()
    transport, _ = await asyncio.get_running_loop().connect_read_pipe(
        lambda: asyncio.StreamReaderProtocol(reader), sys.stdin
    )
    try:
        while line := await reader.readline():
            yield line.decode()
    finally:
        transport.close()
