"""The log of an ActiGraph device: records with checksums, one second of samples in each."""

from __future__ import annotations

import re
from array import array
from itertools import pairwise
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

from detectors.signal import NS_PER_S
from ingest.errors import DecodeError
from ingest.files.actigraph_archive import LOG
from ingest.files.device_streams import AXES
from ingest.files.device_timeline import Blocks

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from ingest.files.actigraph_archive import Archive

# Layout: github.com/actigraph/GT3X-File-Format (MIT licence), by the manufacturer.
SEPARATOR: Final = 0x1E
HEAD_BYTES: Final = 8
PACKED, WORDS, PARAMETERS = 0, 26, 21
_ACTIVITY = (PACKED, WORDS)
_WHOLE = 0xFF
PIECE_S: Final = 256
PIECES_HELD: Final = 2
_WORD_BYTES = 2 * len(AXES)
_PACKED_BITS, _BYTE_BITS = 12 * len(AXES), 8
_PADDING = re.compile(rb"\0+")


class Log(NamedTuple):
    """What stands where in a log.

    Parameters
    ----------
    kind : int
        How samples are written, `PACKED` or `WORDS`.
    begins : ndarray of int64, shape (n_seconds,)
        Where the samples of each second begin in the log.
    lengths : ndarray of int64, shape (n_seconds,)
        How many bytes they have.
    seconds : ndarray of int64, shape (n_seconds,)
        When, s since 1970 as if the device's clock showed UTC.
    parameters : bytes
        What the device was set up with; empty if that is not told.
    """

    kind: int
    begins: NDArray[np.int64]
    lengths: NDArray[np.int64]
    seconds: NDArray[np.int64]
    parameters: bytes

    @property
    def n_samples(self) -> NDArray[np.int64]:
        """How many samples there are in each second."""
        if self.kind == WORDS:
            return self.lengths // _WORD_BYTES
        return self.lengths * _BYTE_BITS // _PACKED_BITS

    def blocks(self) -> Blocks:
        """Return when they were measured."""
        return Blocks(self.n_samples, np.zeros_like(self.seconds), self.seconds * NS_PER_S)


def scan(archive: Archive, place: str) -> Log:
    """Verify every record of a log.

    Parameters
    ----------
    archive : Archive
        The file.
    place : str
        The file, for the message.

    Returns
    -------
    Log
        Where the samples are.

    Raises
    ------
    DecodeError
        If a record fails its checksum, is cut off, or there are no samples.
    """
    found = _Found(place)
    rest = b""
    for piece in archive.pieces():
        rest = found.take(rest + piece)
    if rest:
        raise DecodeError(f"{place}: {LOG} ends within the record at byte {found.base}, expected a whole one")
    return found.log()


class _Found:
    """What a log was found to hold, so far."""

    def __init__(self, place: str) -> None:
        self.base = 0
        """Where what was not taken yet begins."""
        self._place = place
        self._kind: int | None = None
        self._parameters = b""
        self._begins, self._lengths, self._seconds = array("q"), array("q"), array("q")

    def take(self, stored: bytes) -> bytes:
        """Take all whole records and return the rest."""
        heads = list(self._heads(stored))
        if heads:
            self._expect_sums(stored, heads)
            for begin, stop in heads:
                self._take(stored, begin, stop)
            stop = heads[-1][1]
        else:
            stop = 0
        # Zeros between records are passed over at once, so that what is kept is never longer than a record.
        rest = stored[stop:].lstrip(b"\0")
        self.base += len(stored) - len(rest)
        return rest

    def _heads(self, stored: bytes) -> Iterator[tuple[int, int]]:
        """Yield where each whole record begins and ends."""
        at = 0
        while at < len(stored):
            if stored[at] != SEPARATOR:
                # "There's a rare occurrence where a few extra bytes with 0's can be present between valid records."
                padding = _PADDING.match(stored, at)
                if padding is None:
                    raise DecodeError(
                        f"{self._place}: {LOG} has {stored[at]:#04x} at byte {self.base + at}, expected a record that "
                        f"begins with {SEPARATOR:#04x}"
                    )
                at = padding.end()
                continue
            if at + HEAD_BYTES >= len(stored):
                return
            stop = at + HEAD_BYTES + (stored[at + 6] | stored[at + 7] << 8) + 1
            if stop > len(stored):
                return
            yield at, stop
            at = stop

    def _expect_sums(self, stored: bytes, heads: list[tuple[int, int]]) -> None:
        """Refuse records whose bytes, with their checksum, do not add up."""
        sums = np.concatenate([[0], np.bitwise_xor.accumulate(np.frombuffer(stored, np.uint8))])
        borders = np.array(heads)
        bad = np.flatnonzero((sums[borders[:, 0]] ^ sums[borders[:, 1]]) != _WHOLE)
        if len(bad):
            at = self.base + heads[bad[0]][0]
            raise DecodeError(f"{self._place}: the record at byte {at} of {LOG} fails its checksum")

    def _take(self, stored: bytes, begin: int, stop: int) -> None:
        kind, length = stored[begin + 1], stop - begin - HEAD_BYTES - 1
        if kind == PARAMETERS and not self._parameters:
            self._parameters = stored[begin + HEAD_BYTES : stop - 1]
        # A single byte tells that the device was connected, and is no sample (Activity2.md).
        if kind not in _ACTIVITY or length <= 1:
            return
        # An odd number of packed samples leaves half a byte.
        rest_bits = length * _BYTE_BITS % (_BYTE_BITS * _WORD_BYTES if kind == WORDS else _PACKED_BITS)
        if self._kind not in {None, kind} or rest_bits not in {0, 0 if kind == WORDS else _BYTE_BITS // 2}:
            raise DecodeError(
                f"{self._place}: record {len(self._begins) + 1} of samples, at byte {self.base + begin} of {LOG}, has "
                f"kind {kind} and {length} bytes, expected whole samples in the kind of the first"
            )
        self._kind = kind
        self._begins.append(self.base + begin + HEAD_BYTES)
        self._lengths.append(length)
        self._seconds.append(int.from_bytes(stored[begin + 2 : begin + 6], "little"))

    def log(self) -> Log:
        """Return what was found."""
        if self._kind is None:
            raise DecodeError(f"{self._place}: no samples in {LOG}, expected at least one second")
        begins, lengths, seconds = (
            np.array(column, np.int64) for column in (self._begins, self._lengths, self._seconds)
        )
        return Log(self._kind, begins, lengths, seconds, self._parameters)


class LogMemory:
    """The samples of a log.

    Parameters
    ----------
    archive : Archive
        The file.
    log : Log
        Where they are.
    scale : float
        Counts in 1 g.
    """

    __slots__ = ("_archive", "_ends", "_held", "_log", "_scale")

    def __init__(self, archive: Archive, log: Log, scale: float) -> None:
        self._archive, self._log, self._scale = archive, log, scale
        self._ends = np.cumsum(log.n_samples)
        self._held: dict[int, NDArray[np.float32]] = {}

    def samples(self, start: int, stop: int) -> NDArray[np.float32]:
        """Return the measured samples ``[start, stop)``, shape (n_samples, 3)."""
        if start == stop:
            return np.empty((0, len(AXES)), np.float32)
        first, last = (int(at) // PIECE_S for at in np.searchsorted(self._ends, [start, stop - 1], side="right"))
        before = int(self._ends[first * PIECE_S - 1]) if first else 0
        pieces = [self._piece(number) for number in range(first, last + 1)]
        return np.concatenate(pieces)[start - before : stop - before]

    def _piece(self, number: int) -> NDArray[np.float32]:
        """Return some minutes; the archive goes forward alone, so those that were read last are kept."""
        held = self._held.get(number)
        if held is None:
            held = self._read(slice(number * PIECE_S, (number + 1) * PIECE_S))
            while len(self._held) >= PIECES_HELD:
                del self._held[next(iter(self._held))]
            self._held[number] = held
        return held

    def _read(self, seconds: slice) -> NDArray[np.float32]:
        begins, lengths = self._log.begins[seconds], self._log.lengths[seconds]
        stored = np.frombuffer(self._archive.read(int(begins[0]), int(begins[-1] + lengths[-1])), np.uint8)
        # Seconds of one length are read together; there is nearly always but one.
        cuts = np.flatnonzero(np.diff(lengths, prepend=-1, append=-1))
        numbers = [
            self._numbers(stored[(begins[a:b] - begins[0])[:, None] + np.arange(lengths[a])]) for a, b in pairwise(cuts)
        ]
        values = np.concatenate(numbers).astype(np.float32)
        values *= np.float32(1 / self._scale)
        return values

    def _numbers(self, seconds: NDArray[np.uint8]) -> NDArray[np.int16]:
        """Return the counts of seconds of one length, shape (n_samples, 3)."""
        if self._log.kind == WORDS:
            return np.ascontiguousarray(seconds).view("<i2").reshape(-1, len(AXES))
        n_samples = seconds.shape[1] * _BYTE_BITS // _PACKED_BITS
        threes = np.pad(seconds, ((0, 0), (0, -seconds.shape[1] % 3))).reshape(len(seconds), -1, 3).astype(np.int16)
        pairs = np.stack(
            [threes[..., 0] << 4 | threes[..., 1] >> 4, (threes[..., 1] & 0x0F) << 8 | threes[..., 2]], axis=-1
        )
        twelve = pairs.reshape(len(seconds), -1)[:, : n_samples * len(AXES)].reshape(-1, len(AXES))
        # Stored as y, x, z (Activity.md).
        numbers: NDArray[np.int16] = ((twelve ^ 0x800) - 0x800)[:, [1, 0, 2]]
        return numbers
