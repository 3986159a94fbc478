"""Room on the disk and in memory for what recordings hold while they lie ready."""

from __future__ import annotations

import shutil
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from detectors.signal import Quantity
from soleus.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Callable

    from detectors.recording import Recording

RESERVE_BYTES: Final = 2_000_000_000
"""What stays free: a night that is recorded meanwhile comes first."""
LEAST_MEMORY_BYTES: Final = 500_000_000
"""Memory that is left alone, as much as three nights that lie ready; without any, the system ends some process."""
# Twice what the tracks of a stream take: while they are measured anew, those before are still there.
_BYTES_PER_STREAM_S: Final = 4600.0
_GB: Final = 1e9
_KIB: Final = 1024
_MEMORY: Final = Path("/proc/meminfo")
_SCORED: Final = (Quantity.EMG, Quantity.ACCELERATION)


class NoRoomError(ConfigError):
    """There is no room for one more recording; the message says how much there is, and where."""


def _free_bytes(folder: Path) -> int:
    return shutil.disk_usage(folder).free


def _memory_bytes() -> int:
    """Return how much memory can be had, without pushing others out; endless where the system does not say."""
    if not _MEMORY.is_file():
        return sys.maxsize
    (line,) = (one for one in _MEMORY.read_text().splitlines() if one.startswith("MemAvailable:"))
    return int(line.split()[1]) * _KIB


@dataclass(frozen=True, slots=True)
class Room:
    """Where recordings that lie ready keep files without a name.

    Parameters
    ----------
    folder : Path or None
        A folder that is there; that of the system for temporary files if None.
    free_bytes : callable
        Returns how much is free there, bytes.
    memory_bytes : callable
        Returns how much memory can be had, bytes.
    """

    folder: Path | None
    free_bytes: Callable[[Path], int] = _free_bytes
    memory_bytes: Callable[[], int] = _memory_bytes

    def expect(self, key: str, n_bytes: float = 0.0) -> None:
        """Do nothing where there is room for one more recording.

        Parameters
        ----------
        key : str
            Which one.
        n_bytes : float
            What it takes, bytes.

        Raises
        ------
        NoRoomError
            If less than that, and `RESERVE_BYTES`, is free, or memory is short.

        Examples
        --------
        >>> Room(Path("/data"), lambda _: 2_100_000_000).expect("night", 5e8)
        Traceback (most recent call last):
          ...
        soleus.studio.room.NoRoomError: night: 2.1 GB free in /data, expected 2.5 GB to keep it open beside ...
        """
        place = self.folder or Path(tempfile.gettempdir())
        free = self.free_bytes(place)
        if free < RESERVE_BYTES + n_bytes:
            needed, reserve = (RESERVE_BYTES + n_bytes) / _GB, RESERVE_BYTES / _GB
            msg = (
                f"{key}: {free / _GB:.1f} GB free in {place}, expected {needed:.1f} GB to keep it open beside "
                f"{reserve:.1f} GB for nights that are recorded; choose fewer recordings, or make room"
            )
            raise NoRoomError(msg)
        memory = self.memory_bytes()
        if memory < LEAST_MEMORY_BYTES:
            msg = (
                f"{key}: {memory / _GB:.1f} GB of memory left, expected {LEAST_MEMORY_BYTES / _GB:.1f} GB for nights "
                "that are recorded; choose fewer recordings"
            )
            raise NoRoomError(msg)


def bytes_of(recording: Recording) -> float:
    """Return about how much the tracks of a recording take on the disk, bytes.

    Parameters
    ----------
    recording : Recording
        EMG and acceleration are scored.
    """
    n_streams = sum(source.stream.quantity in _SCORED for source in recording.sources)
    return _BYTES_PER_STREAM_S * n_streams * recording.duration_s
