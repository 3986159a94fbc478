"""Columns of numbers for a browser: a small JSON header and little-endian float32, in one response.

Layout: 4 bytes header length (unsigned, little-endian), the header (UTF-8 JSON, padded with spaces to a multiple of
4), then the columns one after the other. Each entry of ``columns`` in the header says ``offset`` (bytes from the end
of the header) and ``n`` (values). A value that was not measured is NaN.
"""

from __future__ import annotations

import json
import math
import struct
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

WORD_BYTES = 4
FORMAT_VERSION = 1


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a response.

    Parameters
    ----------
    facts : mapping of str to object
        What the header says about it besides `offset` and `n`; plain JSON values.
    values : ndarray of float, shape (n,)
        The numbers.
    """

    facts: Mapping[str, object]
    values: NDArray[np.floating]


@dataclass(frozen=True, slots=True)
class MinMax:
    """A long signal in few values: the lowest and the highest of each bucket.

    Parameters
    ----------
    low, high : ndarray of float32, shape (n_buckets, n_axes)
        Extremes of each bucket and axis.
    bucket : int
        Samples per bucket; the last one may hold fewer.
    """

    low: NDArray[np.floating] = field(repr=False)
    high: NDArray[np.floating] = field(repr=False)
    bucket: int


def encode(columns: Sequence[Column], facts: Mapping[str, object] | None = None) -> bytes:
    """Return columns and header as one byte string.

    Parameters
    ----------
    columns : sequence of Column
        The columns, in the order in which they are to be drawn.
    facts : mapping of str to object, optional
        Facts about all of them, put at the top of the header.

    Returns
    -------
    bytes
        In the layout that the module describes.

    Examples
    --------
    >>> blob = encode([Column({"name": "tilt_deg"}, np.array([1.0, 2.0]))])
    >>> size = int.from_bytes(blob[:4], "little")
    >>> np.frombuffer(blob[4 + size :], "<f4").tolist()
    [1.0, 2.0]
    """
    entries, parts, offset = [], [], 0
    for column in columns:
        entries.append({**column.facts, "offset": offset, "n": len(column.values)})
        parts.append(np.ascontiguousarray(column.values, dtype="<f4").tobytes())
        offset += len(parts[-1])
    header = json.dumps({**(facts or {}), "version": FORMAT_VERSION, "columns": entries}, allow_nan=False).encode()
    header += b" " * (-len(header) % WORD_BYTES)
    return b"".join((struct.pack("<I", len(header)), header, *parts))


def min_max(data: NDArray[np.floating], n_buckets: int) -> MinMax:
    """Return the extremes of a signal in at most `n_buckets` buckets, so that no peak is lost.

    Parameters
    ----------
    data : ndarray of float, shape (n_samples, n_axes)
        The signal.
    n_buckets : int
        How many buckets at most; 1 or more.

    Returns
    -------
    MinMax
        Lowest and highest value of each bucket.

    Examples
    --------
    >>> reduced = min_max(np.array([[0.0], [5.0], [-1.0], [2.0], [9.0]]), 2)
    >>> reduced.bucket, reduced.low.ravel().tolist(), reduced.high.ravel().tolist()
    (3, [-1.0, 2.0], [5.0, 9.0])
    """
    bucket = max(1, math.ceil(len(data) / n_buckets))
    edges = np.arange(0, len(data), bucket)
    if not len(edges):
        return MinMax(data, data, bucket)
    return MinMax(np.minimum.reduceat(data, edges, axis=0), np.maximum.reduceat(data, edges, axis=0), bucket)
