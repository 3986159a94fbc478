"""Which place of an exported file holds which sample, known before the first one is written."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from detectors.signal import Gap

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from detectors.signal import Clock, Stream
    from ingest.files.edf_grid import Grid, Run, Span
    from ingest.files.edf_steps import Scale
    from ingest.files.edf_survey import Signal

# How a part of a stream is told; see `planned`.
PLACED, UNPLACED, MISSING = "placed", "unplaced", "missing"


def planned(signal: Signal, labels: Sequence[str], scales: Sequence[Scale], grid: Grid) -> dict[str, Any]:
    """Return what the timing channel says of one stream.

    Parameters
    ----------
    signal : Signal
        The stream, looked through.
    labels : sequence of str
        The channels of its axes.
    scales : sequence of Scale
        What their stored numbers mean.
    grid : Grid
        A new one, that of the file.

    Returns
    -------
    dict
        Plain values. ``parts`` follow each other: ``[PLACED, segment, first, n, place]``,
        ``[UNPLACED, segment, first, n]``, and ``[MISSING, segment, first, n or None, cause, knots in force]``.
    """
    stream, clocks, parts = signal.stream, _Clocks(), _Parts()
    for item in signal.items:
        number = clocks.number(item.stream, item.clock)
        if isinstance(item, Gap):
            parts.add([MISSING, number, item.first_missing, item.n_missing, item.cause.value, len(item.clock.knots)])
            continue
        for kind, first, n_samples, position in told_runs(item, grid.place(item)):
            parts.add([kind, number, first, n_samples, *([position] if kind == PLACED else [])])
    return {
        "sensor": stream.sensor,
        "leg": stream.leg.value,
        "site": stream.site,
        "quantity": stream.quantity.value,
        "unit": stream.unit.value,
        "axes": list(stream.axes),
        "fs_hz": stream.fs_hz,
        "labels": list(labels),
        "scales": [[scale.exact_low, scale.exact_step, scale.factor] for scale in scales],
        "segments": clocks.told(),
        "parts": parts.rows,
    }


def told_runs(span: Span, runs: Sequence[Run]) -> Iterator[tuple[str, int, int, int]]:
    """Yield kind, first index, number and place of the samples of a span, those without a place among them."""
    behind = 0
    for run in runs:
        if run.first > behind:
            yield UNPLACED, span.start + behind, run.first - behind, 0
        yield PLACED, span.start + run.first, run.stop - run.first, run.position
        behind = run.stop
    if span.stop - span.start > behind:
        yield UNPLACED, span.start + behind, span.stop - span.start - behind, 0


def n_unplaced(told: dict[str, Any]) -> int:
    """Return how many stored numbers the samples of a stream have that are in no place."""
    count: int = len(told["axes"]) * sum(part[3] for part in told["parts"] if part[0] == UNPLACED)
    return count


class _Clocks:
    """The segments of a stream, each with the newest clock; knots never change."""

    def __init__(self) -> None:
        self._found: dict[Stream, Clock] = {}

    def number(self, stream: Stream, clock: Clock) -> int:
        held = self._found.get(stream)
        if held is None or len(clock.knots) > len(held.knots):
            self._found[stream] = clock
        return list(self._found).index(stream)

    def told(self) -> list[dict[str, Any]]:
        return [
            {"segment": stream.segment, "fs_hz": stream.fs_hz, "knots": _told(clock)}
            for stream, clock in self._found.items()
        ]


def _told(clock: Clock) -> list[list[float]]:
    return [[knot.index, knot.time_ns, knot.fs_hz] for knot in clock.knots]


class _Parts:
    """Parts of a stream; what goes on as the one before it is one with it."""

    def __init__(self) -> None:
        self.rows: list[list[Any]] = []

    def add(self, part: list[Any]) -> None:
        before = self.rows[-1] if self.rows else None
        if before is not None and before[0] == part[0] != MISSING and self._goes_on(before, part):
            before[3] += part[3]
        else:
            self.rows.append(part)

    @staticmethod
    def _goes_on(before: list[Any], part: list[Any]) -> bool:
        """Return whether indices, and places where there are some, follow each other."""
        n_samples = before[3]
        follows = [index + n_samples for index in (before[2], *before[4:])]
        return before[1] == part[1] and follows == [part[2], *part[4:]]
