"""Stretches in which no leg had a signal: the only ones that can hide a movement of a series."""

from __future__ import annotations

from typing import TYPE_CHECKING

from detectors.annotations import Span

if TYPE_CHECKING:
    from detectors.signal import Leg


class CommonLoss:
    """Intersect the losses of the legs that score movements, as time goes on."""

    def __init__(self) -> None:
        self._lost: dict[Leg, list[Span]] = {}
        self._from_ns: int | None = None

    @property
    def n_legs(self) -> int:
        """How many legs are watched."""
        return len(self._lost)

    def watch(self, leg: Leg) -> None:
        """Count a leg among those that score movements."""
        self._lost.setdefault(leg, [])

    def add(self, leg: Leg, onset_ns: int, end_ns: int) -> None:
        """Take a loss of one leg, UTC ns; losses of a leg come in order."""
        self.watch(leg)
        if end_ns > onset_ns:
            self._lost[leg].append(Span(onset_ns, end_ns))

    def up_to(self, horizon_ns: int) -> list[Span]:
        """Return the stretches before `horizon_ns` that all legs lost and that were not returned before."""
        spans = list(self._lost.values())
        common = spans[0] if spans else []
        for other in spans[1:]:
            common = _intersection(common, other)
        fresh = [
            Span(
                span.onset_ns if self._from_ns is None else max(span.onset_ns, self._from_ns),
                min(span.end_ns, horizon_ns),
            )
            for span in common
        ]
        self._from_ns = horizon_ns
        for leg, lost in self._lost.items():
            self._lost[leg] = [span for span in lost if span.end_ns > horizon_ns]
        return [span for span in fresh if span.end_ns > span.onset_ns]


def _intersection(first: list[Span], second: list[Span]) -> list[Span]:
    both = (Span(max(a.onset_ns, b.onset_ns), min(a.end_ns, b.end_ns)) for a in first for b in second)
    return [span for span in both if span.end_ns > span.onset_ns]
