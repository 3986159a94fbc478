"""The agreement over the values of one threshold, as soon as each is known."""

from __future__ import annotations

from collections import deque
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from dashboards.bench_values import CurvePoint
from soleus.studio.adding import Row, totals
from soleus.studio.question import Packed
from soleus.studio.staff import failure_of
from soleus.studio.station import Station

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from concurrent.futures import Future

    from dashboards.bench_values import BenchRecording
    from detectors.criteria import Criteria
    from soleus.studio.question import Question
    from soleus.studio.staff import Staff

_AHEAD: Final = 2
"""So many values are asked for at once, so that no process waits for the next one."""


def curve_points(
    staff: Staff,
    asked: Sequence[tuple[BenchRecording, Question]],
    sets: Sequence[tuple[float, Criteria | None]],
    *,
    is_judged: bool,
) -> Iterator[CurvePoint]:
    """Yield the agreement with each set of thresholds.

    Parameters
    ----------
    staff : Staff
        Who holds the recordings.
    asked : sequence of (BenchRecording, Question)
        What is asked of each.
    sets : sequence of (float, Criteria or None)
        The value of the threshold that moves, and all of them with it; None where it cannot have that value.
    is_judged : bool
        Whether there is a reference.

    Yields
    ------
    CurvePoint
        One for each value, in their order. What was not begun when nobody asks any more is not done.
    """
    waiting: deque[tuple[float, list[Future[Row]]]] = deque()
    left = iter(sets)
    try:
        while True:
            while len(waiting) < _AHEAD and (following := next(left, None)) is not None:
                value, criteria = following
                waiting.append((value, [] if criteria is None else _asked(staff, asked, criteria)))
            if not waiting:
                return
            value, futures = waiting[0]
            rows = [_row(about.key, future) for (about, _), future in zip(asked, futures, strict=bool(futures))]
            yield _point(value, [row for row in rows if row is not None], is_judged=is_judged)
            waiting.popleft()
    finally:
        for _, futures in waiting:
            for future in futures:
                future.cancel()


def _asked(staff: Staff, asked: Sequence[tuple[BenchRecording, Question]], criteria: Criteria) -> list[Future[Row]]:
    packed = Packed(criteria)
    return [staff.ask_later(Station.row, replace(one, criteria=criteria, packed=packed)) for _, one in asked]


def _row(key: str, future: Future[Row]) -> Row | None:
    return None if failure_of(key, future) else future.result()


def _point(value: float, rows: Sequence[Row], *, is_judged: bool) -> CurvePoint:
    told = totals(rows)
    judged = (told["f1"], told["sensitivity"], told["ppv"], told["false_per_h"]) if is_judged else (None,) * 4
    return CurvePoint(value, *judged, told["index_per_h"])
