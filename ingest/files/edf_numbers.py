"""The stored numbers of EDF (16 bits) and BDF (24 bits), little-endian."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

EDF_BYTES: Final = 2
BDF_BYTES: Final = 3
STORED_RANGE: Final = {EDF_BYTES: (-(1 << 15), (1 << 15) - 1), BDF_BYTES: (1 - (1 << 23), (1 << 23) - 1)}
"""What we store. 24 bits reach evenly to both sides, so that ends rounded to eight characters do not move 0."""
_HOLDER_BYTES: Final = 4


def packed(numbers: NDArray[np.integer], sample_bytes: int) -> NDArray[np.uint8]:
    """Return numbers as bytes.

    Parameters
    ----------
    numbers : ndarray of int, shape (n_records, n_samples)
        In the range of so many bytes.
    sample_bytes : int
        2 or 3.

    Returns
    -------
    ndarray of uint8, shape (n_records, sample_bytes * n_samples)
        Little-endian.
    """
    held = np.ascontiguousarray(numbers, dtype="<i4").view(np.uint8)
    return held.reshape(*numbers.shape, _HOLDER_BYTES)[..., :sample_bytes].reshape(len(numbers), -1)


def unpacked(stored: bytes | memoryview, sample_bytes: int) -> NDArray[np.integer]:
    r"""Return the numbers in bytes: the inverse of :func:`packed`.

    Parameters
    ----------
    stored : bytes
        Whole numbers of so many bytes.
    sample_bytes : int
        2 or 3.

    Returns
    -------
    ndarray of int16 or int32, shape (n_samples,)
        They may not be changed.

    Examples
    --------
    >>> unpacked(b"\xfe\xff\xff\x01\x00\x00", 3).tolist(), unpacked(b"\xfe\xff", 2).tolist()
    ([-2, 1], [-2])
    """
    if sample_bytes == EDF_BYTES:
        return np.frombuffer(stored, dtype="<i2").astype(np.int16, copy=False)
    held = np.zeros((len(stored) // sample_bytes, _HOLDER_BYTES), dtype=np.uint8)
    # At the upper end, so that moving them down again brings the sign along.
    held[:, _HOLDER_BYTES - sample_bytes :] = np.frombuffer(stored, dtype=np.uint8).reshape(-1, sample_bytes)
    moved: NDArray[np.int32] = held.view("<i4")[:, 0].astype(np.int32) >> (8 * (_HOLDER_BYTES - sample_bytes))
    return moved
