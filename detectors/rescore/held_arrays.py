"""Where the values of tracks are held, so that many nights need not fit into memory."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray


class TrackStore(Protocol):
    """Take arrays and give the same values back, held elsewhere."""

    def keep(self, arrays: Sequence[NDArray[Any]]) -> Sequence[NDArray[Any]]:
        """Return arrays with the same values and types as those given, in their order; they may be read-only.

        Parameters
        ----------
        arrays : sequence of ndarray, shape (n,)
            The values and flags of all tracks of one segment.

        Returns
        -------
        sequence of ndarray
            For example views into a memory-mapped file.
        """
        ...


class HeldInMemory:
    """Hold arrays where they are."""

    def keep(self, arrays: Sequence[NDArray[Any]]) -> Sequence[NDArray[Any]]:
        """Return the arrays."""
        return arrays
