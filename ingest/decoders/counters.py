"""Counters that wrap."""

from __future__ import annotations


def unwrap(value: int, bits: int, near: int) -> int:
    """Return the number nearest to `near` whose lowest `bits` bits are `value`.

    Parameters
    ----------
    value : int
        The counter as it was sent.
    bits : int
        Its width.
    near : int
        What is expected.

    Returns
    -------
    int
        At most half a range away from `near`; below it for an old or repeated packet.

    Examples
    --------
    >>> unwrap(2, 16, near=65_535), unwrap(65_534, 16, near=65_540), unwrap(7, 16, near=7)
    (65538, 65534, 7)
    """
    span = 1 << bits
    half = span >> 1
    return near + (value - near + half) % span - half
