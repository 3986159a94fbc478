"""How complete a night is, in one honest line."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from detectors.signal import NS_PER_S, S_PER_H, S_PER_MIN

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from ingest.night.stream_ledger import StreamCount

NOTHING = "nothing was received"


def night_verdict(sensors: Iterable[str], counts: Sequence[StreamCount]) -> str:
    """Return the verdict on a night: that on its least complete stream, and which sensors were never heard.

    Parameters
    ----------
    sensors : iterable of str
        What was worn.
    counts : sequence of StreamCount
        What came.
    """
    silent = [sensor for sensor in sensors if all(count.stream.sensor != sensor for count in counts)]
    told = [f"{sensor}: {NOTHING}" for sensor in silent]
    if counts:
        worst = min(counts, key=share)
        told.append(f"{worst.stream.sensor}, {worst.stream.quantity}: {verdict(worst)}")
    return "; ".join(told) or NOTHING


def sensor_verdict(counts: Sequence[StreamCount]) -> str:
    """Return the verdict on the least complete stream of a sensor."""
    return verdict(min(counts, key=share)) if counts else NOTHING


def verdict(count: StreamCount) -> str:
    """Return the verdict on one stream; a share is rounded down, so that 100 % is everything."""
    rate_hz, gaps = count.rate_hz, count.losses
    part = f"{math.floor(share(count) * 1000) / 10:g} %"
    there, whole = duration_text(count.received / rate_hz), duration_text(count.expected / rate_hz)
    if not gaps:
        return f"{there} of {whole}, {part}; no gap"
    longest = duration_text(max(gap.length_ns for gap in gaps) / NS_PER_S)
    return f"{there} of {whole}, {part}; {len(gaps)} gap{'s' if len(gaps) > 1 else ''}, longest {longest}"


def duration_text(seconds: float) -> str:
    """Return a duration as a person says it, rounded down.

    Examples
    --------
    >>> [duration_text(seconds) for seconds in (0.25, 41.9, 95.0, 28_700.0)]
    ['0.25 s', '41 s', '1 min 35 s', '7 h 58 min']
    """
    seconds = round(seconds, 3)  # what counting in nanoseconds and samples leaves over is no second less
    if seconds < 1:
        return f"{seconds:.2g} s"
    if seconds < S_PER_MIN:
        return f"{math.floor(seconds)} s"
    if seconds < S_PER_H:
        return f"{math.floor(seconds / S_PER_MIN)} min {math.floor(seconds % S_PER_MIN):02d} s"
    return f"{math.floor(seconds / S_PER_H)} h {math.floor(seconds % S_PER_H / S_PER_MIN):02d} min"


def share(count: StreamCount) -> float:
    """Return which part of the samples that were expected came."""
    return count.received / count.expected if count.expected else 0.0
