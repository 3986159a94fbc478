"""How many intervals between leg movements were how long: the histogram of a night's summary as points."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from detectors.published import LM_INDICES
from ingest.errors import DecodeError
from ingest.schema import NIGHT_INTERVAL, Point
from ingest.unquoted import unquoted

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from ingest.schema import Value

HISTOGRAM = "imi_histogram"


def interval_points(night: Point, summary: Mapping[str, object]) -> Iterator[Point]:
    """Yield one point for each bin of the intervals between candidates for a series.

    Parameters
    ----------
    night : Point
        The point of the whole night.
    summary : mapping
        Its numbers; ``imi_histogram`` is used. It counts combined movements, so that what both legs did is one.

    Raises
    ------
    DecodeError
        If the histogram is none.
    """
    if HISTOGRAM not in summary:
        return
    histogram = summary[HISTOGRAM]
    match histogram:
        case None:
            # A database keeps the bins of an earlier revision that a later one does not overwrite.
            edges: list[Any] = list(np.arange(0.0, LM_INDICES.histogram_to_s, LM_INDICES.histogram_bin_s))
            yield from (_bin(night, edge_s, {"valid": 0}) for edge_s in edges)
        case {"edges_s": [*edges], "counts": [*counts]} if _fit(edges, counts):
            bins = zip(edges, counts, strict=False)
            yield from (_bin(night, edge_s, {"n": float(n), "valid": night.fields["valid"]}) for edge_s, n in bins)
        case _:
            msg = f"{HISTOGRAM} is {unquoted(histogram)}, expected edges_s and one count less"
            raise DecodeError(msg)


def _bin(night: Point, edge_s: float, fields: Mapping[str, Value]) -> Point:
    tags = {**night.tags, "from_s": f"{round(edge_s):03d}"}
    return Point(NIGHT_INTERVAL, tags, {**fields, "revision": night.fields["revision"]}, night.time_ns)


def _fit(edges: list[Any], counts: list[Any]) -> bool:
    numbers = all(isinstance(one, int | float) for one in (*edges, *counts))
    return numbers and len(edges) == len(counts) + 1
