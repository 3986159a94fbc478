"""Tracks of many nights on the disk, as if they were in memory."""

from __future__ import annotations

import resource
from contextlib import suppress
from tempfile import TemporaryFile
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from numpy.typing import NDArray

# Any type of a track may begin at a multiple of so many bytes.
_ALIGNED = 64


class MappedTracks:
    """Hold tracks in memory-mapped files without a name, which are gone with the last array of them.

    Parameters
    ----------
    folder : Path, optional
        A folder with room: an hour of two legs with EMG at 500 Hz and acceleration takes about 70 MB. If not given,
        that of the system for temporary files.

    Notes
    -----
    A :class:`detectors.rescore.TrackStore`. What is looked at again stays in the memory of the system as long as
    there is room, and nothing has to be written back.

    Examples
    --------
    >>> from pathlib import Path
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     (kept,) = MappedTracks(Path(folder)).keep([np.arange(3.0)])
    >>> kept.tolist()
    [0.0, 1.0, 2.0]
    """

    def __init__(self, folder: Path | None = None) -> None:
        self._folder = folder

    def keep(self, arrays: Sequence[NDArray[Any]]) -> list[NDArray[Any]]:
        """Return arrays with the same values, which are read from the disk when they are looked at.

        Parameters
        ----------
        arrays : sequence of ndarray, shape (n,)
            Values of any type.

        Returns
        -------
        list of ndarray
            Read-only.

        Raises
        ------
        OSError
            If the disk is full.
        """
        if not any(array.nbytes for array in arrays):
            return list(arrays)
        with TemporaryFile(dir=self._folder) as file:
            places: list[int] = []
            for array in arrays:
                file.write(bytes(-file.tell() % _ALIGNED))
                places.append(file.tell())
                file.write(np.ascontiguousarray(array).data)
            file.flush()
            mapped = np.asarray(np.memmap(file, np.uint8, mode="r"))
        pairs = zip(arrays, places, strict=True)
        return [mapped[at : at + array.nbytes].view(array.dtype) for array, at in pairs]


def allow_many_files() -> None:
    """Let this process, and those that it starts, open as many files as they may: a night holds about eight."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    # Some systems name a limit that they do not grant.
    with suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
