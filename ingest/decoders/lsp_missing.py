"""Leg Sensor Profile: which samples of one stream are missing and could be sent again, by packet headers alone.

A sample index that jumps while the sequence numbers go on was lost inside the sensor: nobody can send it again. What
the sequence numbers miss was produced and got lost on the way.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from ingest.decoders.counters import unwrap
from ingest.decoders.lsp_packets import DataHeader, PacketFlag, Sync

if TYPE_CHECKING:
    from ingest.decoders.lsp_info import StreamDescriptor

SEQ_BITS, INDEX_BITS = 16, 32
MOST_PIECES = 256
"""More wanted pieces of one stream than this are forgotten, the oldest first."""
PIECE_S = 1.0
"""One request asks for at most this much, so that what is refused is little, and live packets come in between."""
MOST_COUNT = 0xFFFF


@dataclass(slots=True)
class Piece:
    """Samples to ask for, ``[start, stop)`` on the stream's count.

    Parameters
    ----------
    start, stop : int
        Where they are.
    asked : int
        How often they were asked for.
    not_before_ns : int
        Monotonic time before which they are not asked for (again).
    """

    start: int
    stop: int
    asked: int = 0
    not_before_ns: int = 0


class _Seen(NamedTuple):
    """The packet with the newest samples."""

    seq: int
    stop: int
    is_short: bool


class MissingSamples:
    """What one stream has lost on the way since it was first heard.

    Parameters
    ----------
    descriptor : StreamDescriptor
        The stream as the sensor describes it.
    ring_s : float
        What is older than this is never asked for, s.
    """

    def __init__(self, descriptor: StreamDescriptor, ring_s: float) -> None:
        self.descriptor = descriptor
        self.pieces: list[Piece] = []
        self._sample_bytes = descriptor.channels * descriptor.value_bytes
        self._ring = round(ring_s * descriptor.fs_hz)
        self._most = max(1, min(MOST_COUNT, round(PIECE_S * descriptor.fs_hz)))
        self._newest: _Seen | None = None
        self._base: tuple[int, int] | None = None

    def age_s(self, piece: Piece) -> float:
        """Return how much older than the newest sample a piece begins, s."""
        return (0 if self._newest is None else self._newest.stop - piece.start) / self.descriptor.fs_hz

    def air_bytes(self, piece: Piece) -> int:
        """Return how many bytes of samples a piece is."""
        return (piece.stop - piece.start) * self._sample_bytes

    def forget(self) -> None:
        """Begin anew: the sensor counts from 0 again."""
        self.pieces, self._newest, self._base = [], None, None

    def new_link(self) -> None:
        """Forget where short packets belong; a new link begins with a sync."""
        self._base = None

    def take_sync(self, sync: Sync) -> None:
        """Learn where short packets belong."""
        near = sync.index if self._newest is None else self._newest.stop
        self._base = sync.seq, unwrap(sync.index, INDEX_BITS, near)

    def take(self, header: DataHeader, n_bytes: int) -> None:
        """Take the header of a packet with so many bytes of samples."""
        n_samples, rest = divmod(n_bytes, self._sample_bytes)
        start = self._start(header)
        if rest or not n_samples or start is None:
            return
        stop, newest = start + n_samples, self._newest
        if newest is None or stop < newest.stop - self._ring:
            self.pieces = []  # it counts anew; an older packet of this count cannot come any more
        elif start < newest.stop:
            self._came(start, stop)
            if stop <= newest.stop:
                return
        elif self._was_sent(header, newest):
            self._want(newest.stop, start)
        self._newest = _Seen(header.seq, stop, header.index is None)

    def drop_overwritten(self) -> None:
        """Forget what no sensor keeps any more."""
        if self._newest is not None:
            oldest = self._newest.stop - self._ring
            self.pieces = [piece for piece in self.pieces if piece.start >= oldest]

    def give_up(self, piece: Piece, *, and_older: bool = False) -> None:
        """Ask for a piece no more, nor for what is older and so has gone as well."""
        self.pieces = [
            other for other in self.pieces if other is not piece and not (and_older and other.start < piece.start)
        ]

    def _start(self, header: DataHeader) -> int | None:
        """Return where a packet begins, not wrapped; None for a short one before its sync."""
        if header.index is not None:
            near = header.index if self._newest is None else self._newest.stop
            return unwrap(header.index, INDEX_BITS, near)
        if PacketFlag.DROPPED in header.flags:
            self._base = None
        if self._base is None:
            return None
        base_seq, base_index = self._base
        ahead = unwrap(header.seq, SEQ_BITS, base_seq) - base_seq
        start = base_index + ahead * self.descriptor.samples_per_short_packet
        if ahead > 0:
            self._base = header.seq, start
        return start

    def _was_sent(self, header: DataHeader, newest: _Seen) -> bool:
        """Tell whether packets were sent between the newest and this one; of two forms the numbers say nothing."""
        changed = newest.is_short != (header.index is None)
        return changed or (header.seq - newest.seq) % (1 << SEQ_BITS) != 1

    def _want(self, start: int, stop: int) -> None:
        start = max(start, stop - self._ring)
        self.pieces += [Piece(at, min(at + self._most, stop)) for at in range(start, stop, self._most)]
        del self.pieces[:-MOST_PIECES]

    def _came(self, start: int, stop: int) -> None:
        """Take samples that came late out of what is wanted."""
        left: list[Piece] = []
        for piece in self.pieces:
            if piece.stop <= start or piece.start >= stop:
                left.append(piece)
                continue
            piece.asked = min(piece.asked, 1)  # the sensor still has this stretch
            if piece.stop > stop:
                left.append(Piece(stop, piece.stop, piece.asked, piece.not_before_ns))
            if piece.start < start:
                piece.stop = start
                left.append(piece)
        left.sort(key=lambda piece: piece.start)
        self.pieces = left
