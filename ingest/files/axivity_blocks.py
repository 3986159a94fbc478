"""The blocks of an Axivity file: verified, dated, and turned into samples."""

from __future__ import annotations

import logging
import os
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

from detectors.signal import NS_PER_S, Quantity
from ingest.errors import DecodeError
from ingest.files.device_timeline import Blocks

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from numpy.typing import NDArray

log = logging.getLogger(__name__)
# Layout and scales: Open Movement, Docs/ax3/cwa.h (BSD licence), which the manufacturer names as the specification.
HEADER_BYTES: Final = 1024
BLOCK_BYTES: Final = 512
BLOCK: Final = np.dtype(
    [
        ("magic", "S2"), ("length", "<u2"), ("fraction", "<u2"), ("session", "<u4"), ("sequence", "<u4"),
        ("time", "<u4"), ("light_scale", "<u2"), ("temperature", "<u2"), ("events", "u1"), ("battery", "u1"),
        ("rate", "u1"), ("form", "u1"), ("read_at", "<i2"), ("n_samples", "<u2"), ("data", "u1", (480,)),
        ("checksum", "<u2"),
    ]
)  # fmt: skip
PIECE_BLOCKS: Final = 2048
_BLOCK_MAGIC, _BLOCK_LENGTH = b"AX", 508
_DATA_BYTES = 480
_PACKED, _WORDS = 0, 2
ACCELERATION_ALONE: Final = 3
_AXES_KNOWN: Final = (3, 6, 9)
_FRACTION_TOLD, _FRACTION_SHIFT = 0x8000, 16
_WORD_MASK = 0xFFFF
_FASTEST_HZ: Final = 3200
_UNKNOWN_TIME = 0
_FIRST_YEAR: Final = 2000


class Form(NamedTuple):
    """How the samples of all blocks are written.

    Parameters
    ----------
    code : int
        Number of axes and packing.
    rate : int
        The code of rate and range.
    scales : int
        The codes of what acceleration and rotation are worth, three bits each.
    """

    code: int
    rate: int
    scales: int

    @property
    def n_axes(self) -> int:
        """3 of acceleration; or 3 of rotation, 3 of acceleration and perhaps 3 of the magnetic field."""
        return self.code >> 4

    @property
    def packed(self) -> bool:
        """Whether a sample of acceleration has 32 bits in all."""
        return self.code & 0x0F == _PACKED

    @property
    def fs_hz(self) -> float:
        """Nominal sampling rate, Hz."""
        return _FASTEST_HZ / (1 << (15 - (self.rate & 0x0F)))

    @property
    def most_samples(self) -> int:
        """As many fit into a block."""
        return _DATA_BYTES // (4 if self.packed else 2 * self.n_axes)

    def worth(self, quantity: Quantity) -> float:
        """Return what one stored number is, in g or °/s."""
        if quantity is Quantity.ROTATION:
            # ±32768 is the range, 8000 °/s halved as often as the code says.
            return 8000 / (1 << (self.scales & 0x07)) / 32768
        return 1 / (1 << (8 + (self.scales >> 3)))


class Scanned(NamedTuple):
    """What is in a file.

    Parameters
    ----------
    form : Form
        How its blocks are written.
    blocks : Blocks
        When those that are whole were read, by the device's clock.
    counts : ndarray of int64, shape (n_blocks,)
        How many samples each block holds; 0 of one that is left out.
    """

    form: Form
    blocks: Blocks
    counts: NDArray[np.int64]


def scan(path: Path, n_blocks: int, *, salvage: bool) -> Scanned:
    """Verify every block.

    Parameters
    ----------
    path : Path
        The file.
    n_blocks : int
        How many there are.
    salvage : bool
        Leave out what is damaged.

    Returns
    -------
    Scanned
        What is in it.

    Raises
    ------
    DecodeError
        If a block fails its checksum, has no time, or is not written as the first one, unless it may be left out.
    """
    form: Form | None = None
    columns: list[tuple[NDArray[np.int64], ...]] = []
    counts: list[NDArray[np.int64]] = []
    for first, piece in pieces(path, 0, n_blocks):
        summed = _are_summed(piece)
        if form is None and summed.any():
            form = _form(path, piece[np.argmax(summed)])
        whole = summed & (_seconds(piece["time"].astype(np.int64))[1])
        if form is not None:
            whole &= _are_written(piece, form)
            columns.append(_readings(piece[whole], form.fs_hz))
        if not (whole.all() or salvage):
            number = int(np.argmin(whole))
            raise _refusal(f"{path}: block {first + number + 1}", piece[number], form)
        counts.append(np.where(whole, piece["n_samples"], 0).astype(np.int64))
    if form is None:
        raise DecodeError(f"{path}: no block is whole, expected at least one")
    n_samples, read_at, read_ns = (np.concatenate(column) for column in zip(*columns, strict=True))
    if not len(n_samples):
        raise DecodeError(f"{path}: no block is whole, expected at least one")
    if len(n_samples) < n_blocks:
        log.warning("%s: %d of %d blocks are damaged and left out", path, n_blocks - len(n_samples), n_blocks)
    return Scanned(form, Blocks(n_samples, read_at, read_ns), np.concatenate(counts))


def pieces(path: Path, start: int, stop: int) -> Iterator[tuple[int, NDArray[np.void]]]:
    """Read blocks, some at a time.

    Parameters
    ----------
    path : Path
        The file.
    start, stop : int
        Numbers of blocks.

    Yields
    ------
    int
        The number of the first of some.
    ndarray of `BLOCK`
        Those.

    Raises
    ------
    DecodeError
        If the file became shorter since it was opened.
    """
    with path.open("rb", buffering=0) as file:
        for first in range(start, stop, PIECE_BLOCKS):
            count = min(PIECE_BLOCKS, stop - first)
            stored = os.pread(file.fileno(), count * BLOCK_BYTES, HEADER_BYTES + first * BLOCK_BYTES)
            if len(stored) < count * BLOCK_BYTES:
                raise DecodeError(f"{path}: ends in block {first + len(stored) // BLOCK_BYTES + 1}: the file shrank")
            yield first, np.frombuffer(stored, BLOCK)


def _are_summed(piece: NDArray[np.void]) -> NDArray[np.bool_]:
    whole: NDArray[np.bool_] = (piece["magic"] == _BLOCK_MAGIC) & (piece["length"] == _BLOCK_LENGTH)
    whole &= _sums(piece) == 0
    return whole


def _sums(piece: NDArray[np.void]) -> NDArray[np.uint32]:
    sums: NDArray[np.uint32] = piece.view("<u2").reshape(len(piece), -1).sum(axis=1, dtype=np.uint32)
    return sums & np.uint32(_WORD_MASK)


def _are_written(piece: NDArray[np.void], form: Form) -> NDArray[np.bool_]:
    """Return which blocks are written as the first one is."""
    same = (piece["form"] == form.code) & (piece["rate"] == form.rate) & (piece["light_scale"] >> 10 == form.scales)
    whole: NDArray[np.bool_] = same & (piece["n_samples"] > 0) & (piece["n_samples"] <= form.most_samples)
    return whole


def _refusal(place: str, block: np.void, form: Form | None) -> DecodeError:
    """Return what is wrong with a block."""
    if block["magic"] != _BLOCK_MAGIC or block["length"] != _BLOCK_LENGTH:
        return DecodeError(f"{place} begins with {block.tobytes()[:4].hex(' ')}, expected 41 58 fc 01")
    total = int(_sums(np.array([block], BLOCK))[0])
    if total:
        return DecodeError(f"{place} has the sum {total:#06x}, expected 0: its checksum is wrong")
    if form is not None and not _are_written(np.array([block], BLOCK), form)[0]:
        return DecodeError(
            f"{place} with {block['n_samples']} samples is not written as the first one is, expected the same rate, "
            f"axes and ranges and 1 to {form.most_samples} samples in every block"
        )
    return DecodeError(f"{place} has the time {block['time']:#010x}, which is none")


def _form(path: Path, block: np.void) -> Form:
    """Return how a block is written."""
    form = Form(int(block["form"]), int(block["rate"]), int(block["light_scale"]) >> 10)
    packing = form.code & 0x0F
    known = (packing == _PACKED and form.n_axes == ACCELERATION_ALONE) or (
        packing == _WORDS and form.n_axes in _AXES_KNOWN
    )
    if not known:
        raise DecodeError(
            f"{path}: {form.n_axes} axes in packing {packing}, expected 3 axes in packing 0, or 3, 6 or 9 in packing 2"
        )
    if not form.rate:
        raise DecodeError(f"{path}: no sampling rate in its blocks, expected firmware that writes one")
    return form


def _readings(piece: NDArray[np.void], fs_hz: float) -> tuple[NDArray[np.int64], ...]:
    """Return of some blocks how many samples they hold, and at which sample the clock showed what."""
    fraction = np.where(piece["fraction"] & _FRACTION_TOLD, (piece["fraction"].astype(np.int64) & 0x7FFF) << 1, 0)
    # Firmware that tells fractions moved the place back by them, for programs that do not know fractions (cwa.h).
    read_at = piece["read_at"].astype(np.int64) + ((fraction * int(fs_hz)) >> _FRACTION_SHIFT)
    read_ns = _seconds(piece["time"].astype(np.int64))[0] * NS_PER_S + (fraction * NS_PER_S >> _FRACTION_SHIFT)
    return piece["n_samples"].astype(np.int64), read_at, read_ns


def _seconds(packed: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """Return seconds since 1970 of packed times, and whether there is such a time."""
    month, day = (packed >> 22) & 0x0F, (packed >> 17) & 0x1F
    hour, minute, second = (packed >> 12) & 0x1F, (packed >> 6) & 0x3F, packed & 0x3F
    months = (_FIRST_YEAR - 1970 + (packed >> 26)) * 12 + np.clip(month, 1, 12) - 1
    days = months.astype("M8[M]").astype("M8[D]").astype(np.int64)
    lengths = (months + 1).astype("M8[M]").astype("M8[D]").astype(np.int64) - days
    valid = (packed != _UNKNOWN_TIME) & (month >= 1) & (month <= 12) & (day >= 1) & (day <= lengths)  # noqa: PLR2004 - a year
    valid &= (hour < 24) & (minute < 60) & (second < 60)  # noqa: PLR2004 - a day
    return ((days + day - 1) * 24 + hour) * 3600 + minute * 60 + second, valid
