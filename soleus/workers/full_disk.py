"""A disk that is full is no fault of the program: a worker says so in one line, and its supervisor starts it again."""

from __future__ import annotations

import errno
import logging
import sqlite3
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

log = logging.getLogger(__name__)

NO_ROOM = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
"""No space left on the device, or of the person's share of it, or in a file as long as its file system can hold."""
NO_ROOM_IN_SQLITE = (sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR)
"""SQLite calls it a fault of the disk where what had no room was its index or its log."""
PRIMARY_CODE = 0xFF
CODE = 1


@contextmanager
def noting_a_full_disk() -> Iterator[None]:
    """End this process with one line if there is no room on the disk; any other error goes its way.

    Raises
    ------
    SystemExit
        If there is no room.
    """
    try:
        yield
    except OSError as error:
        if error.errno not in NO_ROOM:
            raise
        _end(error)
    except sqlite3.OperationalError as error:
        if error.sqlite_errorcode & PRIMARY_CODE not in NO_ROOM_IN_SQLITE:
            raise
        _end(error)


def _end(error: Exception) -> None:
    log.warning("the disk takes nothing, ends and is started again: %s", error)
    sys.exit(CODE)
