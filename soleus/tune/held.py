"""Where the tracks of open nights are held: in files that have no name."""

from __future__ import annotations

import resource
import tempfile
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

# Any number begins at a multiple of its own size.
ALIGNED = 16


def allow_many_files() -> None:
    """Let this process, and those that it starts, open as many files as they may: a night holds about eight."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    # Some systems name a limit that they do not grant.
    with suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))


class HeldInFiles:
    """Hold arrays in files, so that memory holds what is just read; a night of 8 h has about 400 MB of them.

    Examples
    --------
    >>> [held.tolist() for held in HeldInFiles().keep([np.array([1.5]), np.array([], dtype=bool)])]
    [[1.5], []]
    """

    def keep(self, arrays: Sequence[NDArray[Any]]) -> Sequence[NDArray[Any]]:
        """Return arrays with the same values, mapped from a file that is gone with its last reader.

        Parameters
        ----------
        arrays : sequence of ndarray, shape (n,)
            What to hold.

        Returns
        -------
        sequence of ndarray
            The same, read-only.
        """
        if not any(array.nbytes for array in arrays):
            return arrays
        places = []
        # Without a name nothing is left behind, however the process ends.
        with tempfile.TemporaryFile(prefix="soleus-tune-") as file:
            for array in arrays:
                file.write(b"\0" * (-file.tell() % ALIGNED))
                places.append(file.tell())
                file.write(np.ascontiguousarray(array).data)
            file.flush()
            whole = np.asarray(np.memmap(file, np.uint8, "r"))
        return [
            whole[place : place + array.nbytes].view(array.dtype).reshape(array.shape)
            for place, array in zip(places, arrays, strict=True)
        ]
