"""Polar measurement data (PMD): whole samples and packed differences between samples, both ways."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ingest.errors import DecodeError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

N_AXES = 3
_BITS_PER_BYTE = 8
_MOST_DELTA_BITS = 32


def signed(payload: bytes, width: int, n_channels: int = N_AXES) -> NDArray[np.int64]:
    """Return little-endian signed numbers of `width` bytes, shape (n_samples, n_channels).

    Raises
    ------
    DecodeError
        If there is no sample or the last one is not whole.
    """
    n_samples, rest = divmod(len(payload), width * n_channels)
    if rest or not n_samples:
        msg = f"Polar frame has {len(payload)} bytes of samples, expected a multiple of {width * n_channels}"
        raise DecodeError(msg)
    wide = np.zeros((n_samples * n_channels, 8), dtype=np.uint8)
    wide[:, 8 - width :] = np.frombuffer(payload, dtype=np.uint8).reshape(-1, width)
    numbers: NDArray[np.int64] = wide.view("<i8") >> (64 - _BITS_PER_BYTE * width)
    return numbers.reshape(n_samples, n_channels)


def decode_delta(payload: bytes, resolution_bits: int = 16, n_channels: int = N_AXES) -> NDArray[np.int64]:
    """Return the samples of a delta payload, shape (n_samples, n_channels).

    The first sample stands whole; each block gives a width and a count, and then that many
    differences to the sample before, packed without regard to byte borders. A width of 0 is not
    specified; it is read as no change.

    Raises
    ------
    DecodeError
        If the payload ends inside a block or a width is impossible.
    """
    width = -(-resolution_bits // _BITS_PER_BYTE)
    position = width * n_channels
    pieces = [signed(payload[:position], width, n_channels)]
    while position < len(payload):
        if position + 2 > len(payload):
            msg = f"Polar delta payload of {len(payload)} bytes ends inside the header of a block"
            raise DecodeError(msg)
        bits, n_samples = payload[position], payload[position + 1]
        stop = position + 2 + -(-bits * n_samples * n_channels // _BITS_PER_BYTE)
        if bits > _MOST_DELTA_BITS or stop > len(payload):
            msg = f"Polar delta block of {n_samples} x {bits} bits ends at {stop}, the payload at {len(payload)}"
            raise DecodeError(msg)
        pieces.append(_unpacked(payload[position + 2 : stop], bits, n_samples, n_channels))
        position = stop
    samples: NDArray[np.int64] = np.cumsum(np.concatenate(pieces), axis=0)
    return samples


def _unpacked(packed: bytes, bits: int, n_samples: int, n_channels: int) -> NDArray[np.int64]:
    """Return signed numbers of `bits` bits, lowest bit first."""
    if not bits:
        return np.zeros((n_samples, n_channels), dtype=np.int64)
    flags = np.unpackbits(np.frombuffer(packed, dtype=np.uint8), bitorder="little")[: bits * n_samples * n_channels]
    weights = np.int64(1) << np.arange(bits, dtype=np.int64)
    weights[-1] = -weights[-1]
    numbers: NDArray[np.int64] = (flags.reshape(n_samples, n_channels, bits) * weights).sum(axis=2)
    return numbers


def to_bytes(raw: NDArray[np.integer], width: int) -> bytes:
    """Return little-endian signed numbers of `width` bytes.

    Raises
    ------
    ValueError
        If a number does not fit.
    """
    limit = 1 << (_BITS_PER_BYTE * width - 1)
    if np.any(raw < -limit) or np.any(raw >= limit):
        msg = f"samples from {raw.min()} to {raw.max()} do not fit into {width} bytes"
        raise ValueError(msg)
    wide = np.ascontiguousarray(raw, dtype="<i8").view(np.uint8).reshape(-1, 8)
    return wide[:, :width].tobytes()


def packed(deltas: NDArray[np.int64], blocks: Sequence[int]) -> bytes:
    """Return delta blocks, each as narrow as its differences allow.

    Parameters
    ----------
    deltas : ndarray of int, shape (n_samples, n_channels)
        Differences to the sample before.
    blocks : list of int
        Samples per block; the rest goes into blocks of 255.

    Raises
    ------
    ValueError
        If a block is empty or longer than 255.
    """
    data, start, sizes = b"", 0, iter(blocks)
    while start < len(deltas):
        n_samples = next(sizes, 255)
        if not 0 < n_samples < 256:  # noqa: PLR2004 - the count is one byte
            msg = f"a delta block of {n_samples} samples, expected 1 to 255"
            raise ValueError(msg)
        part = deltas[start : start + n_samples]
        # Bits of the largest magnitude, and one for the sign; ~x has the magnitude bits of a negative x.
        bits = int(np.where(part < 0, ~part, part).max()).bit_length() + 1
        flags = (part[:, :, None] >> np.arange(bits)) & 1
        data += bytes((bits, len(part))) + np.packbits(flags.astype(np.uint8).ravel(), bitorder="little").tobytes()
        start += len(part)
    return data
