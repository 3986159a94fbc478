"""What a writer did since it last said so: entries, refusals, and how late it was."""

from __future__ import annotations

import time
from collections import deque
from typing import TYPE_CHECKING, Any

import numpy as np

from ingest.schema import DELIVERY, Point

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from ingest.wire import Delivered

REPORT_S = 60.0
# Of more in a minute the newest tell how late a writer is.
MOST_LAGS = 10_000
_NS_PER_S = 1e9


class StoreTally:
    """Counts, and says it once a minute, also when there was nothing: a writer that says nothing is down.

    Parameters
    ----------
    name : str
        The writer's.
    clock_s, now_ns : callable
        Return a time that only goes on, s, and UTC, ns.
    """

    def __init__(
        self,
        name: str,
        *,
        clock_s: Callable[[], float] = time.monotonic,
        now_ns: Callable[[], int] = time.time_ns,
    ) -> None:
        # A report must not fail for a name that no tag can be.
        self._name = "".join(filter(str.isprintable, name)).rstrip("\\")
        self._clock_s = clock_s
        self._now_ns = now_ns
        self._since_s = clock_s()
        self._counts = dict.fromkeys(("n_entries", "n_refused", "n_unreadable"), 0)
        self._lags_s: deque[float] = deque(maxlen=MOST_LAGS)

    @property
    def due_s(self) -> float:
        """In how many seconds the next report is due, at least 0."""
        return max(0.0, self._since_s + REPORT_S - self._clock_s())

    def wrote(self, written: Iterable[Delivered]) -> None:
        """Count what the database took just now; what does not say when it was sent has no lag."""
        now_ns = self._now_ns()
        for delivered in written:
            self._counts["n_entries"] += 1
            if delivered.sent_ns:
                # The clocks of two computers differ by some milliseconds.
                self._lags_s.append(max(0.0, (now_ns - delivered.sent_ns) / _NS_PER_S))

    def set_aside(self, n_refused: int, n_unreadable: int) -> None:
        """Count what the database will never take, and what could not be read."""
        self._counts["n_refused"] += n_refused
        self._counts["n_unreadable"] += n_unreadable

    def report(self) -> Point:
        """Return what was done since the last report that was written."""
        fields: dict[str, Any] = {name: float(count) for name, count in self._counts.items()}
        fields["since_s"] = self._clock_s() - self._since_s
        if self._lags_s:
            median_s, high_s = np.percentile(self._lags_s, (50, 99))
            fields |= {"lag_p50_s": float(median_s), "lag_p99_s": float(high_s)}
        return Point(DELIVERY, {"kind": "writer", "name": self._name}, {**fields, "valid": 1}, self._now_ns())

    def begin_again(self) -> None:
        """Count from now on: the last report was written."""
        self._since_s = self._clock_s()
        self._counts = dict.fromkeys(self._counts, 0)
        self._lags_s.clear()
