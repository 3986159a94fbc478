"""What was made of files, for as long as the files stay as they were."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from typing import TYPE_CHECKING, Generic, NamedTuple, TypeAlias, TypeVar

from detectors.signal import NS_PER_S

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Sequence
    from pathlib import Path

Made = TypeVar("Made")

SETTLED_NS = 2 * NS_PER_S
"""A file that changed less than so long ago may change again without a later date: the coarsest clocks count in 2 s."""


class _Signature(NamedTuple):
    """What changes when a file does; the date of the inode changes also where somebody sets the file's own date."""

    inode: int
    n_bytes: int
    modified_ns: int
    changed_ns: int


_Signatures: TypeAlias = tuple[_Signature | None, ...]


class Unchanged(Generic[Made]):
    """Keeps what was made of files, the latest used first; several threads may ask.

    Parameters
    ----------
    most : int
        So many files are kept.
    now_ns : callable
        Returns the time that dates files, UTC ns.

    Examples
    --------
    >>> import pathlib, tempfile
    >>> read = Unchanged(8, now_ns=lambda: time.time_ns() + SETTLED_NS)
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     file = pathlib.Path(folder) / "night.json"
    ...     for text in ("one", "two"):
    ...         _ = file.write_text(text)
    ...         read.of(file, lambda: file.read_text()), read.of(file, lambda: "not asked again")
    ('one', 'one')
    ('two', 'two')
    """

    def __init__(self, most: int, *, now_ns: Callable[[], int] = time.time_ns) -> None:
        self._most = most
        self._now_ns = now_ns
        self._lock = threading.Lock()
        self._kept: OrderedDict[tuple[Path, Hashable], tuple[_Signatures, Made]] = OrderedDict()

    def of(self, path: Path, make: Callable[[], Made], *, part: Hashable = None, beside: Sequence[Path] = ()) -> Made:
        """Return what `make` returns, without asking it again while the file is as it was; what it raises is not kept.

        Parameters
        ----------
        path : Path
            The file; it need not exist.
        make : callable
            Reads it.
        part : hashable
            What of the file is made, where several things are.
        beside : sequence of Path
            Other files that `make` reads, if they are there and hold anything.
        """
        # Looked at before it is read: a change in between is found the next time.
        signatures = (_signature(path), *map(_written, beside))
        key = path, part
        with self._lock:
            kept = self._kept.get(key)
            if kept is not None and kept[0] == signatures:
                self._kept.move_to_end(key)
                return kept[1]
        made = make()
        with self._lock:
            if signatures[0] is None or self._now_ns() - _newest_ns(signatures) < SETTLED_NS:
                self._kept.pop(key, None)
            else:
                self._kept[key] = signatures, made
                self._kept.move_to_end(key)
                while len(self._kept) > self._most:
                    self._kept.popitem(last=False)
        return made


def _written(path: Path) -> _Signature | None:
    """Return what changes when a file is written; who opens the journal of a database makes it, and its owner, anew."""
    found = _signature(path)
    return None if found is None or not found.n_bytes else found._replace(changed_ns=found.modified_ns)


def _newest_ns(signatures: _Signatures) -> int:
    return max(max(found.modified_ns, found.changed_ns) for found in signatures if found is not None)


def _signature(path: Path) -> _Signature | None:
    try:
        found = path.stat()
    except FileNotFoundError:
        return None
    return _Signature(found.st_ino, found.st_size, found.st_mtime_ns, found.st_ctime_ns)
