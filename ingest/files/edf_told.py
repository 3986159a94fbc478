"""Whether a timing channel says what an export says: a file can be made up, and its checksum with it."""

from __future__ import annotations

import math
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Final

from detectors.signal import NS_PER_S, Clock, Knot
from ingest.files.edf_plan import MISSING, PLACED, UNPLACED

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ingest.files.edf_header import Header

BESIDE_NS: Final = 24 * 3600 * NS_PER_S
"""How far before or behind the file something may lie that it tells of: a link that was lost after the last sample."""
LATEST_NS: Final = 1 << 62
"""The year 2116."""
MOST_INDEX: Final = 1 << 52
MOST_HZ: Final = 1e7
"""A simulated night may be played at many times its speed."""
LEAST_HZ: Final = 0.1
MOST_VALUE: Final = 1e15


def expect_told(told: dict[str, Any], header: Header) -> None:
    """Refuse what no export says, before anything is computed from it.

    Parameters
    ----------
    told : dict
        What :func:`ingest.files.edf_timing.read_timing` returned.
    header : Header
        The header of the file.

    Raises
    ------
    ValueError
        If a value is not of its kind or out of its range; as much time as the file has, and a day on either side, is
        the most that it can tell of.
    LookupError, TypeError
        If something is not there, or is no list.
    """
    start_ns = _whole(told["start_ns"], 0, LATEST_NS)
    _whole(told["n_records"], header.n_records, header.n_records)
    window = (start_ns - BESIDE_NS, start_ns + round(header.n_records * header.record_s * NS_PER_S) + BESIDE_NS)
    begin_ns, end_ns = (_whole(time_ns, *window) for time_ns in told["span_ns"])
    _expect("span_ns", begin_ns <= end_ns)
    _texts([*told["movement_sensors"], *told["movement_sensors"].values()])
    labels = [label for stream in told["streams"] for label in stream["labels"]]
    _expect("labels", 0 < len(labels) == len(set(labels)))
    names = [(stream["sensor"], stream["quantity"]) for stream in told["streams"]]
    _expect("streams", len(names) == len(set(names)))
    for stream in told["streams"]:
        _expect_stream(stream, window)


def _expect_stream(stream: dict[str, Any], window: tuple[int, int]) -> None:
    _texts([stream[name] for name in ("sensor", "site", "leg", "quantity", "unit")])
    _texts([*stream["axes"], *stream["labels"]])
    _expect("axes", 0 < len(stream["axes"]) == len(stream["labels"]) == len(stream["scales"]))
    _number(stream["fs_hz"], LEAST_HZ, MOST_HZ)
    for low, step, factor in stream["scales"]:
        _number(low, -MOST_VALUE, MOST_VALUE)
        _number(step, 1 / MOST_VALUE, MOST_VALUE)
        _number(factor, 1 / MOST_VALUE, MOST_VALUE)
    clocks = [_clock(one, window) for one in stream["segments"]]
    for part in stream["parts"]:
        _expect_part(part, clocks, window)


def _clock(segment: dict[str, Any], window: tuple[int, int]) -> Clock:
    _number(segment["fs_hz"], LEAST_HZ, MOST_HZ)
    _whole(segment["segment"], 0, MOST_INDEX)
    knots = tuple(
        Knot(_whole(index, 0, MOST_INDEX), _whole(time_ns, *window), _number(fs_hz, LEAST_HZ, MOST_HZ))
        for index, time_ns, fs_hz in segment["knots"]
    )
    for before, knot in pairwise(knots):
        _expect("knots", before.index < knot.index and before.time_ns <= knot.time_ns)
    return Clock(knots)


def _expect_part(part: Sequence[Any], clocks: Sequence[Clock], window: tuple[int, int]) -> None:
    kind, segment, first, n_samples, *rest = part
    clock = clocks[_whole(segment, 0, len(clocks) - 1)]
    stop = _whole(first, 0, MOST_INDEX)
    if n_samples is not None or kind != MISSING:
        stop += _whole(n_samples, 0 if kind == MISSING else 1, MOST_INDEX)
    for index in (first, stop):
        _whole(clock.at(index), *window)
    if kind == MISSING:
        cause, n_knots = rest
        _texts([cause])
        _whole(n_knots, 1, len(clock.knots))
    elif kind == PLACED:
        (place,) = rest
        _whole(place, 0, MOST_INDEX)
    else:
        _expect("kind", kind == UNPLACED and not rest)


def _texts(values: Sequence[Any]) -> None:
    for value in values:
        _expect("a text", isinstance(value, str))


def _whole(value: Any, least: int, most: int) -> int:
    _expect("a whole number", type(value) is int and least <= value <= most)
    return int(value)


def _number(value: Any, least: float, most: float) -> float:
    _expect("a number", type(value) in {int, float} and math.isfinite(value) and least <= value <= most)
    return float(value)


def _expect(what: str, is_so: bool) -> None:  # noqa: FBT001 - said in words beside it
    if not is_so:
        msg = f"{what} in the timing channel is not what an export writes"
        raise ValueError(msg)
