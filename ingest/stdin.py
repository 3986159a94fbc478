"""What a process is told by the one that started it: lines on its standard input."""

from __future__ import annotations

import asyncio
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator


async def stdin_lines() -> AsyncGenerator[str]:
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
