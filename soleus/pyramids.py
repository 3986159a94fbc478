"""Lowest and highest samples of a night: written while it is scored, and made once for a night that has none."""

from __future__ import annotations

import fcntl
import subprocess
import sys
import threading
import time
from contextlib import ExitStack
from typing import TYPE_CHECKING

from dashboards.signals import UnreadableLogError
from detectors.signal import SampleBlock
from ingest.night.pyramid import PyramidStore
from ingest.night.pyramid_files import is_whole
from soleus.machine import goes_on
from soleus.night_decoding import NightDecoding, log_pieces, patient_window_s
from soleus.raw_stretch import joined_runs

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from pathlib import Path
    from typing import BinaryIO

    from ingest.night.folder import NightFolder

LOCK = "extremes.lock"
UNREADABLE = "the log of this night cannot be read"
TRY_AGAIN_S = 600.0
WORKER = (sys.executable, "-m", "soleus.workers.extremes")
# A page is asked again by whoever looks at it; no browser waits for minutes.
_PATIENCE_S = 20.0
_LOOK_EVERY_S = 0.1


class PyramidKeeper:
    """Writes the extremes of a night that is scored while it lasts.

    Scoring waits for nobody: if another process is writing them, this one leaves it, and they are made when a page
    asks.

    Parameters
    ----------
    folder : NightFolder
        The night.
    """

    def __init__(self, folder: NightFolder) -> None:
        self._folder = folder
        self._held = ExitStack()
        self._store: PyramidStore | None = None
        file = self._held.enter_context(_lock_of(folder))
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return
        self._store = PyramidStore(folder.extremes_path)

    def take(self, blocks: Iterable[SampleBlock]) -> None:
        """Add samples, each stream's in order, and let readers see them."""
        if self._store is None:
            return
        for block in blocks:
            self._store.append(block)
        self._store.flush()

    def begin_again(self) -> None:
        """Forget what was written: the night is read a second time."""
        if self._store is not None:
            self._store.close()
            self._store = PyramidStore(self._folder.extremes_path)

    def finish(self) -> None:
        """Say that this is the whole night."""
        if self._store is not None:
            self._store.finish(self._folder.packets.stat().st_size)

    def close(self) -> None:
        """Close the files and let others write."""
        with self._held:
            if self._store is not None:
                self._store.close()


class PyramidMaker:
    """Has the extremes of nights made that have none, or not of their whole log; of a running night its scorer does so.

    Parameters
    ----------
    command : sequence of str
        What makes them of the night whose folder is added to it.
    now_s : callable
        Returns a time that only goes on, s.

    Notes
    -----
    A process of its own makes them, so that pages go on; it holds the lock, too. What it failed at is not begun again
    with each look at a page, but :data:`TRY_AGAIN_S` later: there may be room on the disk then.
    """

    def __init__(self, command: Sequence[str] = WORKER, *, now_s: Callable[[], float] = time.monotonic) -> None:
        self._command = command
        self._now_s = now_s
        self._failed: dict[Path, tuple[int, float]] = {}

    def expect(self, folder: NightFolder) -> None:
        """Wait a while for the extremes of a night to be whole; after that what there is is shown.

        Parameters
        ----------
        folder : NightFolder
            The night.

        Raises
        ------
        UnreadableLogError
            If they could not be made of this log.
        """
        if is_whole(folder.extremes_path, folder.packets) or goes_on(folder) or not folder.packets.is_file():
            return
        self._refuse_failed(folder)
        with _lock_of(folder) as file:
            if not _locked(file, time.monotonic() + _PATIENCE_S) or is_whole(folder.extremes_path, folder.packets):
                return
            # Whoever held the lock until now may have failed.
            self._refuse_failed(folder)
            process = subprocess.Popen([*self._command, str(folder.path)], pass_fds=(file.fileno(),))
            # Somebody has to take its last word, also when nobody waits any more.
            waiting = threading.Thread(target=self._await, args=(process, folder), name="extremes", daemon=True)
            waiting.start()
            waiting.join(_PATIENCE_S)
        self._refuse_failed(folder)

    def _await(self, process: subprocess.Popen[bytes], folder: NightFolder) -> None:
        if process.wait() and folder.packets.is_file():
            self._failed[folder.path] = (folder.packets.stat().st_size, self._now_s() + TRY_AGAIN_S)

    def _refuse_failed(self, folder: NightFolder) -> None:
        n_bytes, until_s = self._failed.get(folder.path, (0, 0.0))
        if self._now_s() < until_s and n_bytes == folder.packets.stat().st_size:
            raise UnreadableLogError(UNREADABLE)


def _locked(file: BinaryIO, until_s: float) -> bool:
    """Take the lock, unless another process keeps it for too long."""
    while True:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() >= until_s:
                return False
            time.sleep(_LOOK_EVERY_S)
        else:
            return True


def make_extremes(folder: NightFolder) -> None:
    """Decode the log as the scorer does (once more, with patience, if samples came late) and write its extremes.

    Whoever calls this holds the lock. One piece of the log is in memory at a time.

    Parameters
    ----------
    folder : NightFolder
        The night.

    Raises
    ------
    DecodeError
        If the log cannot be read.
    ConfigError
        If there is no decoder for a sensor.
    """
    info = folder.read_info()
    n_bytes = folder.packets.stat().st_size
    first = NightDecoding(info)
    store = _written(folder, first)
    if first.n_late:
        store.close()
        store = _written(folder, NightDecoding(info, window_s=patient_window_s(info)))
    store.finish(n_bytes)


def _written(folder: NightFolder, decoding: NightDecoding) -> PyramidStore:
    store = PyramidStore(folder.extremes_path)
    with ExitStack() as unless_whole:
        unless_whole.callback(store.close)
        for piece in log_pieces(folder.packets):
            _append(store, (item for record in piece for item in decoding.feed(record)))
            store.flush()
        _append(store, decoding.finish())
        unless_whole.pop_all()
    return store


def _append(store: PyramidStore, items: Iterable[object]) -> None:
    for run in joined_runs(item for item in items if isinstance(item, SampleBlock)):
        store.append(run)


def _lock_of(folder: NightFolder) -> BinaryIO:
    return (folder.path / LOCK).open("ab")
