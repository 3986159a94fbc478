"""What became of the samples of one stream of a virtual sensor, to the sample: what a test can hold a log against."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ingest.decoders.lsp_packets import LONG_HEADER_BYTES, LONG_TYPE, SHORT_HEADER_BYTES

if TYPE_CHECKING:
    from ingest.decoders.lsp_info import StreamDescriptor


class AirLosses:
    """Samples that the air took, and what came later because it was asked for.

    Examples
    --------
    >>> losses = AirLosses()
    >>> losses.take(100, 200)
    >>> losses.came(150, 300)
    >>> losses.n_lost, losses.n_resent, losses.n_missing
    (100, 50, 50)
    """

    def __init__(self) -> None:
        self._missing: list[tuple[int, int]] = []
        self.n_resent = 0

    @property
    def n_missing(self) -> int:
        """Samples that the air took and that have not come since."""
        return sum(stop - start for start, stop in self._missing)

    @property
    def n_lost(self) -> int:
        """Samples that the air took, whatever became of them later."""
        return self.n_missing + self.n_resent

    def take(self, start: int, stop: int) -> None:
        """Lose samples ``[start, stop)``; some of them may be missing already."""
        self._remove(start, stop)
        if stop > start:
            self._missing.append((start, stop))

    def came(self, start: int, stop: int) -> None:
        """Note that samples which were sent again have arrived."""
        self.n_resent += self._remove(start, stop)

    def take_back(self, start: int) -> None:
        """Forget losses from `start` on: all that is sent anew as if it had never been."""
        self._missing = [(first, min(last, start)) for first, last in self._missing if first < start]

    def _remove(self, start: int, stop: int) -> int:
        """Take samples out of what is missing; return how many were in it."""
        before = self.n_missing
        left = []
        for first, last in self._missing:
            left += [(first, min(last, start)), (max(first, stop), last)]
        self._missing = [(first, last) for first, last in left if first < last]
        return before - self.n_missing


def n_readable(payload: bytes, descriptor: StreamDescriptor) -> int:
    """Return how many samples can be read from a data packet of which the end is missing."""
    is_long = payload[:1] == bytes((LONG_TYPE,))
    n_bytes = len(payload) - (LONG_HEADER_BYTES if is_long else SHORT_HEADER_BYTES)
    n_samples, rest = divmod(max(n_bytes, 0), descriptor.channels * descriptor.value_bytes)
    if rest or not (is_long or n_samples == descriptor.samples_per_short_packet):
        return 0  # a short packet is full, or it is none
    return n_samples
