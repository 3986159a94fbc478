"""The samples in the blocks of an Axivity file."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from detectors.signal import Quantity
from ingest.files.axivity_blocks import ACCELERATION_ALONE, pieces
from ingest.files.device_streams import AXES

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    from ingest.files.axivity_blocks import Form, Scanned


@dataclass(frozen=True, slots=True)
class CwaMemory:
    """One quantity in the blocks of a file.

    Parameters
    ----------
    path : Path
        The file.
    form : Form
        How blocks are written.
    counts : ndarray of int64
        How many samples each block holds.
    ends : ndarray of int64
        How many there are up to its end.
    first_axis : int
        Which axis of a sample is the x of the quantity.
    unit : float
        What one stored number is worth, in the stream's unit.
    """

    path: Path
    form: Form
    counts: NDArray[np.int64]
    ends: NDArray[np.int64]
    first_axis: int
    unit: float

    def samples(self, start: int, stop: int) -> NDArray[np.float32]:
        """Return the measured samples ``[start, stop)``, shape (n_samples, 3)."""
        if start == stop:
            return np.empty((0, len(AXES)), np.float32)
        low, high = (int(number) for number in np.searchsorted(self.ends, [start, stop - 1], side="right"))
        values = np.concatenate([self._values(first, piece) for first, piece in pieces(self.path, low, high + 1)])
        before = int(self.ends[low - 1]) if low else 0
        return values[start - before : stop - before]

    def _values(self, first: int, piece: NDArray[np.void]) -> NDArray[np.float32]:
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
        held = np.arange(form.most_samples) < self.counts[first : first + len(piece), None]
        values: NDArray[np.float32] = numbers[held].astype(np.float32) * np.float32(self.unit)
        return values


def memory(path: Path, scanned: Scanned, quantity: Quantity) -> CwaMemory:
    """Return one quantity of a file.

    Parameters
    ----------
    path : Path
        The file.
    scanned : Scanned
        What is in it.
    quantity : Quantity
        Acceleration, or rotation where there is one.

    Returns
    -------
    CwaMemory
        Its samples, in g or °/s.
    """
    form, counts = scanned.form, scanned.counts
    comes_second = quantity is Quantity.ACCELERATION and form.n_axes > ACCELERATION_ALONE
    return CwaMemory(path, form, counts, np.cumsum(counts), len(AXES) if comes_second else 0, form.worth(quantity))
