"""Stretches of time as rows of numbers: how much of many others lies in them, at once."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from detectors.quality.valid_hours import joined

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    from detectors.annotations import Span


class SpanRow:
    """Stretches of time in any order; what overlaps is one.

    Parameters
    ----------
    spans : iterable of Span
        UTC, ns.

    Examples
    --------
    >>> from detectors.annotations import Span
    >>> row = SpanRow([Span(10, 20), Span(40, 50)])
    >>> row.common_ns(np.array([0, 15, 30]), np.array([12, 45, 35])).tolist()
    [2, 10, 0]
    >>> row.holds(np.array([9, 10, 20, 49])).tolist()
    [False, True, False, True]
    """

    def __init__(self, spans: Iterable[Span]) -> None:
        apart = joined(spans, touching_s=0.0)
        self._onset_ns = np.array([span.onset_ns for span in apart], np.int64)
        self._end_ns = np.array([span.end_ns for span in apart], np.int64)
        self._before_ns = np.concatenate(([0], (self._end_ns - self._onset_ns).cumsum()))

    def __bool__(self) -> bool:
        return bool(len(self._onset_ns))

    def common_ns(self, onset_ns: NDArray[np.int64], end_ns: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return how much of each stretch ``[onset, end)`` lies in these, ns."""
        if not self:
            return np.zeros(len(onset_ns), np.int64)
        return self._until_ns(end_ns) - self._until_ns(onset_ns)

    def holds(self, t_ns: NDArray[np.int64]) -> NDArray[np.bool_]:
        """Return which instants lie in one of these."""
        if not self:
            return np.zeros(len(t_ns), np.bool_)
        last = self._onset_ns.searchsorted(t_ns, side="right") - 1
        held: NDArray[np.bool_] = (last >= 0) & (t_ns < self._end_ns[last])
        return held

    def _until_ns(self, t_ns: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return how much of these lies before an instant, ns."""
        begun = self._onset_ns.searchsorted(t_ns, side="right")
        last = np.maximum(begun - 1, 0)
        inside_ns = np.minimum(t_ns, self._end_ns[last]) - self._onset_ns[last]
        whole: NDArray[np.int64] = self._before_ns[last] + np.where(begun > 0, inside_ns, 0)
        return whole
