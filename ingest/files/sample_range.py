"""Which samples of a stream may be asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from detectors.signal import Stream


def expect_range(stream: Stream, n_samples: int, start: int, stop: int) -> None:
    """Refuse samples ``[start, stop)`` that do not lie inside a stream.

    Parameters
    ----------
    stream : Stream
        What is measured.
    n_samples : int
        Its length in samples.
    start, stop : int
        Sample indices.

    Raises
    ------
    ValueError
        If they do not.
    """
    if not 0 <= start <= stop <= n_samples:
        msg = f"{stream.sensor}: samples [{start}, {stop}) asked for, expected a range in [0, {n_samples})"
        raise ValueError(msg)
