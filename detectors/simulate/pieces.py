"""What lies in which chunk of a night, so that a chunk is made without looking at the whole plan."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol, TypeVar

if TYPE_CHECKING:
    from collections.abc import Iterable


class Lasting(Protocol):
    """Something with a beginning and an end."""

    @property
    def onset_s(self) -> float:
        """When it begins, s."""
        ...

    @property
    def end_s(self) -> float:
        """When it ends, s."""
        ...


T = TypeVar("T", bound=Lasting)


def by_chunk(items: Iterable[T], chunk_s: float) -> dict[int, list[T]]:
    """Return what lies in each chunk.

    Parameters
    ----------
    items : iterable
        Things with a beginning and an end, in order of time.
    chunk_s : float
        Length of a chunk, s.

    Returns
    -------
    dict of int to list
        From the number of a chunk to what begins before it ends and ends after it begins, in order of time.

    Examples
    --------
    >>> from detectors.simulate.plan import Table
    >>> list(by_chunk([Table(50.0, 70.0, (1.0, 0.0, 0.0))], 60.0))
    [0, 1]
    """
    chunks: dict[int, list[T]] = {}
    for item in items:
        for number in range(int(item.onset_s // chunk_s), int(item.end_s // chunk_s) + 1):
            chunks.setdefault(number, []).append(item)
    return chunks
