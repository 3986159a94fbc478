"""Numbers as text and rows as Markdown, the same in the terminal and on the page."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from detectors.evaluate import Interval, Pooled
    from detectors.evaluate.agreement import Spread

NOTHING = "–"
# Below so many true events the exact interval stands instead of the one over nights.
FEW = 30
MS_PER_S = 1000.0
# Errors below this are told in milliseconds.
SHORT_S = 1.0


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Return a Markdown table whose columns line up."""
    widths = [max(len(row[column]) for row in (head, *rows)) for column in range(len(head))]
    lines = [_line(head, widths), "|" + "|".join("-" * (width + 2) for width in widths) + "|"]
    return "\n".join(lines + [_line(row, widths) for row in rows])


def share(value: float | None, interval: Interval | None = None) -> str:
    """Return a share with its interval."""
    if value is None or math.isnan(value):
        return NOTHING
    if interval is None or math.isnan(interval.low):
        return f"{value:.3f}"
    return f"{value:.3f} ({interval.low:.2f}–{interval.high:.2f})"


def sensitivity(counts: Pooled) -> str:
    """Return how much was found; few events with the exact interval and as k of n."""
    if counts.n_true >= FEW:
        return share(counts.sensitivity, counts.sensitivity_interval)
    if not counts.n_true:
        return NOTHING
    return f"{share(counts.sensitivity, counts.sensitivity_exact)} {counts.hits} of {counts.n_true}"


def false_rate(counts: Pooled) -> str:
    """Return false events per hour; of nothing, the rate that is excluded."""
    if counts.false_excluded_per_h is None:
        return f"{counts.false_per_h:.2f}"
    return f"0 (< {counts.false_excluded_per_h:.3f})" if math.isfinite(counts.false_excluded_per_h) else NOTHING


def error(spread: Spread) -> str:
    """Return the median of an error and its quartiles."""
    if math.isnan(spread.median):
        return NOTHING
    widest = max(abs(spread.median), *(abs(end) for end in spread.quartiles))
    if widest < SHORT_S:
        low, high = (end * MS_PER_S for end in spread.quartiles)
        return f"{spread.median * MS_PER_S:+.0f} ms ({low:+.0f} to {high:+.0f})"
    low, high = spread.quartiles
    return f"{spread.median:+.1f} s ({low:+.1f} to {high:+.1f})"


def _line(cells: Sequence[str], widths: Sequence[int]) -> str:
    return "| " + " | ".join(cell.ljust(width) for cell, width in zip(cells, widths, strict=True)) + " |"
