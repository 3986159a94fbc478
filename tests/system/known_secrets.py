"""Secrets of the tests that are found again wherever they leak: no other text holds this word."""

from __future__ import annotations

import base64
import contextlib
import errno
import os
import re
from pathlib import Path
from stat import S_ISREG
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

# In every password and token that a test makes up.
MARK = "qX7vKr2Wz9"
USERS = ("collector", "store", "grafana", "root", "reader")
# What is generated is long; a shorter word could stand anywhere by chance.
SHORTEST_SECRET = 12
# A secret's own file holds one line and nothing else.
LONGEST_SECRET = 400
# What such a file is called, or the folder that it lies in.
KEEPS = re.compile(r"/secrets/[^/]*$|(?:password|token|secret)[^/]*$")


def password_of(user: str) -> str:
    """Return the password of an account of the tests."""
    return f"{user}-{MARK}-secret"


def needles(folder: Path) -> list[bytes]:
    """Return what no log may hold: the made-up secrets, as a login encodes them, and those in files of their own."""
    logins = (f"{user}:{password_of(user)}".encode() for user in USERS)
    made_up = [MARK.encode(), *(base64.b64encode(login) for login in logins)]
    kept = {text for path in _files(folder) if KEEPS.search(path.as_posix()) and (text := own_text(path))}
    return [*made_up, *sorted(text for text in kept if len(text) >= SHORTEST_SECRET and MARK.encode() not in text)]


def own_text(path: Path) -> bytes | None:
    """Return the secret in a file that holds nothing else; None if it is another file."""
    try:
        text = path.read_bytes().strip() if path.stat().st_size <= LONGEST_SECRET else b" "
    except FileNotFoundError:
        return None
    return None if re.search(rb"\s", text) else text


def leaks(folder: Path, since_s: float = 0.0) -> list[str]:
    """Return where, in the files of a folder that were written since, a secret stands that should not.

    Parameters
    ----------
    folder : Path
        Logs, night folders, journals, whatever a run left.
    since_s : float
        Only files that changed at or after this time.
    """
    wanted = needles(folder)
    return [found for path in _changed(folder, since_s) for found in _leaks_in(path, wanted)]


def _changed(folder: Path, since_s: float) -> Iterator[Path]:
    for path in _files(folder):
        # What lies in a folder of secrets, and in a file that is a secret, is where it belongs.
        if path.parent.name != "secrets" and own_text(path) is None:
            with contextlib.suppress(FileNotFoundError):
                status = path.stat()
                if status.st_size and status.st_mtime >= since_s:
                    yield path


def _files(folder: Path) -> Iterator[Path]:
    # os.walk passes over what goes away meanwhile.
    for parent, _, names in os.walk(folder):
        for path in (Path(parent, name) for name in names):
            with contextlib.suppress(FileNotFoundError):
                if S_ISREG(path.lstat().st_mode):
                    yield path


def _leaks_in(path: Path, wanted: Sequence[bytes]) -> Iterator[str]:
    for start, content in _written(path):
        for number, needle in enumerate(wanted):
            at = content.find(needle)
            if at >= 0:
                yield f"{path}, byte {start + at}: secret number {number}"


def _written(path: Path) -> Iterator[tuple[int, bytes]]:
    """Yield the pieces of a file that were ever written, and where each begins: a database reserves ten times more."""
    with path.open("rb", buffering=0) as file:
        stop = 0
        while (start := _data_from(file.fileno(), stop)) is not None:
            stop = os.lseek(file.fileno(), start, os.SEEK_HOLE)
            yield start, os.pread(file.fileno(), stop - start, start)


def _data_from(number: int, offset: int) -> int | None:
    """Return where an open file has data again, None if there is none behind."""
    try:
        return os.lseek(number, offset, os.SEEK_DATA)
    except OSError as error:
        if error.errno != errno.ENXIO:
            raise
        return None
