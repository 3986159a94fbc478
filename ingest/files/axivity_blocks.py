"""The blocks of an Axivity file: verified, dated, and turned into samples."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

from detectors.signal import NS_PER_S, Quantity
from ingest.errors import DecodeError
from ingest.files.device_streams import AXES
from ingest.files.device_timeline import Blocks

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from numpy.typing import NDArray

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
    n_axes : int
        Numbers in a sample: 3 of acceleration; or 3 of rotation, 3 of acceleration and perhaps 3 of the magnetic field.
    packed : bool
        Whether a sample of acceleration has 32 bits in all.
    rate : int
        The code of rate and range.
    acceleration_scale : int
        Counts in 1 g.
    rotation_scale : int
        The range is 8000 °/s, halved so often.
    """

    n_axes: int
    packed: bool
    rate: int
    acceleration_scale: int
    rotation_scale: int

    @property
    def fs_hz(self) -> float:
        """Nominal sampling rate, Hz."""
        return _FASTEST_HZ / (1 << (15 - (self.rate & 0x0F)))

    @property
    def most_samples(self) -> int:
        """As many fit into a block."""
        return _DATA_BYTES // (4 if self.packed else 2 * self.n_axes)


def scan(path: Path, n_blocks: int) -> tuple[Form, Blocks]:
    """Verify every block.

    Parameters
    ----------
    path : Path
        The file.
    n_blocks : int
        How many there are.

    Returns
    -------
    Form
        How they are written.
    Blocks
        When they were read, by the device's clock.

    Raises
    ------
    DecodeError
        If one fails its checksum, has no time, or is not written as the first one.
    """
    form: Form | None = None
    columns: list[tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]] = []
    for first, piece in _pieces(path, 0, n_blocks):
        _expect_blocks(path, first, piece)
        form = form or _form(path, piece[0])
        _expect_same_form(path, first, piece, form)
        columns.append(_readings(path, first, piece, form.fs_hz))
    if form is None:
        raise DecodeError(f"{path}: no block of samples, expected at least one")
    n_samples, read_at, read_ns = (np.concatenate(column) for column in zip(*columns, strict=True))
    return form, Blocks(n_samples, read_at, read_ns)


def _pieces(path: Path, start: int, stop: int) -> Iterator[tuple[int, NDArray[np.void]]]:
    """Yield the blocks ``[start, stop)``, some at a time, each time with the number of the first."""
    with path.open("rb", buffering=0) as file:
        for first in range(start, stop, PIECE_BLOCKS):
            count = min(PIECE_BLOCKS, stop - first)
            stored = os.pread(file.fileno(), count * BLOCK_BYTES, HEADER_BYTES + first * BLOCK_BYTES)
            if len(stored) < count * BLOCK_BYTES:
                raise DecodeError(f"{path}: ends in block {first + len(stored) // BLOCK_BYTES + 1}: the file shrank")
            yield first, np.frombuffer(stored, BLOCK)


def _expect_blocks(path: Path, first: int, piece: NDArray[np.void]) -> None:
    sums = piece.view("<u2").reshape(len(piece), -1).sum(axis=1, dtype=np.uint32) & _WORD_MASK
    bad = np.flatnonzero((piece["magic"] != _BLOCK_MAGIC) | (piece["length"] != _BLOCK_LENGTH) | (sums != 0))
    if not len(bad):
        return
    block, number = piece[bad[0]], first + int(bad[0]) + 1
    begin = block.tobytes()[:4]
    if block["magic"] != _BLOCK_MAGIC or block["length"] != _BLOCK_LENGTH:
        raise DecodeError(f"{path}: block {number} begins with {begin.hex(' ')}, expected 41 58 fc 01")
    raise DecodeError(f"{path}: block {number} has the sum {sums[bad[0]]:#06x}, expected 0: its checksum is wrong")


def _form(path: Path, block: np.void) -> Form:
    """Return how a block is written."""
    n_axes, packing, rate = int(block["form"]) >> 4, int(block["form"]) & 0x0F, int(block["rate"])
    known = (packing == _PACKED and n_axes == ACCELERATION_ALONE) or (packing == _WORDS and n_axes in _AXES_KNOWN)
    if not known:
        raise DecodeError(
            f"{path}: {n_axes} axes in packing {packing}, expected 3 axes in packing 0, or 3, 6 or 9 in packing 2"
        )
    if not rate:
        raise DecodeError(f"{path}: no sampling rate in its blocks, expected firmware that writes one")
    scale = int(block["light_scale"])
    return Form(n_axes, packing == _PACKED, rate, 1 << (8 + (scale >> 13)), (scale >> 10) & 0x07)


def _expect_same_form(path: Path, first: int, piece: NDArray[np.void], form: Form) -> None:
    here = piece[0]
    scales = piece["light_scale"] >> 10
    differs = (piece["form"] != here["form"]) | (piece["rate"] != form.rate) | (scales != scales[0])
    differs |= (piece["n_samples"] > form.most_samples) | (piece["n_samples"] == 0)
    if _form(path, here) != form:
        differs[0] = True
    if differs.any():
        number = first + int(np.argmax(differs)) + 1
        n_samples = int(piece["n_samples"][number - first - 1])
        raise DecodeError(
            f"{path}: block {number} with {n_samples} samples is not written as the first one is, expected the same "
            f"rate, axes and ranges and 1 to {form.most_samples} samples in every block"
        )


def _readings(
    path: Path, first: int, piece: NDArray[np.void], fs_hz: float
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    """Return of some blocks how many samples they hold, and at which sample the clock showed what."""
    fraction = np.where(piece["fraction"] & _FRACTION_TOLD, (piece["fraction"].astype(np.int64) & 0x7FFF) << 1, 0)
    # Firmware that tells fractions moved the place back by them, for programs that do not know fractions (cwa.h).
    read_at = piece["read_at"].astype(np.int64) + ((fraction * int(fs_hz)) >> _FRACTION_SHIFT)
    seconds, valid = _seconds(piece["time"].astype(np.int64))
    if not valid.all():
        number = int(np.argmin(valid))
        raise DecodeError(
            f"{path}: block {first + number + 1} has the time {piece['time'][number]:#010x}, which is none"
        )
    return piece["n_samples"].astype(np.int64), read_at, seconds * NS_PER_S + (fraction * NS_PER_S >> _FRACTION_SHIFT)


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


@dataclass(frozen=True, slots=True)
class CwaMemory:
    """One quantity in the blocks of a file.

    Parameters
    ----------
    path : Path
        The file.
    form : Form
        How blocks are written.
    ends : ndarray of int64
        How many samples there are up to the end of each block.
    first_axis : int
        Which axis of a sample is the x of the quantity.
    unit : float
        What one stored number is worth, in the stream's unit.
    """

    path: Path
    form: Form
    ends: NDArray[np.int64]
    first_axis: int
    unit: float

    def samples(self, start: int, stop: int) -> NDArray[np.float32]:
        """Return the measured samples ``[start, stop)``, shape (n_samples, 3)."""
        if start == stop:
            return np.empty((0, len(AXES)), np.float32)
        low, high = (int(number) for number in np.searchsorted(self.ends, [start, stop - 1], side="right"))
        values = np.concatenate([self._values(piece) for _, piece in _pieces(self.path, low, high + 1)])
        before = int(self.ends[low - 1]) if low else 0
        return values[start - before : stop - before]

    def _values(self, piece: NDArray[np.void]) -> NDArray[np.float32]:
        form = self.form
        if form.packed:
            words = np.ascontiguousarray(piece["data"]).view("<u4")
            # The three numbers have ten bits each, and two bits say by how many they are shifted.
            exponent = (words >> 30)[..., None]
            ten = (words[..., None] >> np.array([0, 10, 20], np.uint32)) & np.uint32(0x3FF)
            numbers = ((ten.astype(np.int32) ^ 0x200) - 0x200) << exponent.astype(np.int32)
        else:
            words = np.ascontiguousarray(piece["data"]).view("<i2")[:, : form.most_samples * form.n_axes]
            numbers = words.reshape(len(piece), form.most_samples, form.n_axes)
            numbers = numbers[..., self.first_axis : self.first_axis + len(AXES)]
        held = np.arange(form.most_samples) < piece["n_samples"][:, None]
        values: NDArray[np.float32] = numbers[held].astype(np.float32) * np.float32(self.unit)
        return values


def memory(path: Path, form: Form, blocks: Blocks, quantity: Quantity) -> CwaMemory:
    """Return one quantity of a file.

    Parameters
    ----------
    path : Path
        The file.
    form : Form
        How its blocks are written.
    blocks : Blocks
        How many samples they hold.
    quantity : Quantity
        Acceleration, or rotation where there is one.

    Returns
    -------
    CwaMemory
        Its samples, in g or °/s.
    """
    ends = np.cumsum(blocks.n_samples)
    if quantity is Quantity.ROTATION:
        # ±32768 is the range, 8000 °/s halved as often as the code says.
        return CwaMemory(path, form, ends, 0, 8000 / (1 << form.rotation_scale) / 32768)
    return CwaMemory(path, form, ends, 0 if form.n_axes == ACCELERATION_ALONE else 3, 1 / form.acceleration_scale)
