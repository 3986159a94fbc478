"""What a person scored around the leg movements: sleep stages, breathing, arousals."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple, Protocol

from detectors.events import Stage, StageSpan
from detectors.rules.series_criteria import RespiratoryAnchor
from detectors.signal import NS_PER_S, S_PER_H

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from detectors.rules.series_criteria import SeriesCriteria


class Span(NamedTuple):
    """A stretch of time, ``[onset, end)``, UTC ns."""

    onset_ns: int
    end_ns: int


class Stretch(Protocol):
    """Whatever has an onset and an end: an event, a movement, a span."""

    @property
    def onset_ns(self) -> int:
        """Begin, UTC ns."""
        ...

    @property
    def end_ns(self) -> int:
        """End, UTC ns."""
        ...


def span_of(stretch: Stretch) -> Span:
    """Return the time that something takes."""
    return Span(stretch.onset_ns, stretch.end_ns)


def common_ns(first: Stretch, second: Stretch) -> int:
    """Return how long two stretches of time last together, ns.

    Examples
    --------
    >>> common_ns(Span(0, 10), Span(7, 20)), common_ns(Span(0, 5), Span(7, 20))
    (3, 0)
    """
    return max(min(first.end_ns, second.end_ns) - max(first.onset_ns, second.onset_ns), 0)


@dataclass(frozen=True, slots=True)
class Annotations:
    """Scoring of a night that leg sensors cannot measure.

    Parameters
    ----------
    stages : tuple of StageSpan
        Sleep stages by onset, without overlap; empty where nobody scored.
    respiratory : tuple of Span
        Apnoeas and hypopnoeas.
    arousals : tuple of Span
        EEG arousals.

    Raises
    ------
    ValueError
        If the stages overlap or do not follow each other.
    """

    stages: tuple[StageSpan, ...] = ()
    respiratory: tuple[Span, ...] = ()
    arousals: tuple[Span, ...] = ()

    def __post_init__(self) -> None:
        for first, second in zip(self.stages, self.stages[1:], strict=False):
            if second.onset_ns < first.end_ns:
                msg = (
                    f"sleep stage {second.stage} begins at {second.onset_ns / NS_PER_S} s, "
                    f"expected at or after the end of the one before ({first.stage}, {first.end_ns / NS_PER_S} s)"
                )
                raise ValueError(msg)


def nanoseconds(seconds: float) -> int:
    """Return a limit in whole ns, so that times are compared exactly."""
    return round(seconds * NS_PER_S)


def stage_at(t_ns: int, stages: Sequence[StageSpan]) -> Stage | None:
    """Return the sleep stage at one instant.

    Parameters
    ----------
    t_ns : int
        UTC, ns.
    stages : sequence of StageSpan
        Stages by onset, without overlap.

    Returns
    -------
    Stage or None
        The stage; None where nobody scored one.

    Examples
    --------
    >>> night = [StageSpan(0, 30, Stage.WAKE), StageSpan(30, 60, Stage.N2)]
    >>> stage_at(29, night), stage_at(30, night), stage_at(60, night)
    (<Stage.WAKE: 'W'>, <Stage.N2: 'N2'>, None)
    """
    position = bisect_right(stages, t_ns, key=lambda span: span.onset_ns) - 1
    if position < 0 or t_ns >= stages[position].end_ns:
        return None
    return stages[position].stage


def asleep(t_ns: int, stages: Sequence[StageSpan]) -> bool:
    """Return whether an instant lies in scored sleep; unscored time does not."""
    return stage_at(t_ns, stages) not in {None, Stage.WAKE}


def hours_of(stages: Iterable[StageSpan], *, awake: bool) -> float:
    """Return the length of scored sleep, or of scored wake, h."""
    spans_ns = (span.end_ns - span.onset_ns for span in stages if (span.stage is Stage.WAKE) == awake)
    return sum(spans_ns) / NS_PER_S / S_PER_H


def is_respiratory(span: Span, events: Sequence[Span], criteria: SeriesCriteria) -> bool:
    """Return whether some part of a movement reaches into the window around a respiratory event.

    Parameters
    ----------
    span : Span
        Onset and end of the movement.
    events : sequence of Span
        Apnoeas and hypopnoeas.
    criteria : SeriesCriteria
        The window and what it is counted from; both of its edges belong to it.

    Returns
    -------
    bool
        Whether the movement is associated with breathing.
    """
    if not events:
        return False
    before_ns, after_ns = nanoseconds(criteria.respiratory_before_s), nanoseconds(criteria.respiratory_after_s)
    from_end = criteria.respiratory_anchor is RespiratoryAnchor.END
    return any(
        span.onset_ns <= event.end_ns + after_ns
        and span.end_ns >= (event.end_ns if from_end else event.onset_ns) - before_ns
        for event in events
    )


def with_arousal(span: Span, arousals: Iterable[Span], criteria: SeriesCriteria) -> bool:
    """Return whether a movement and an arousal overlap or are less than ``arousal_gap_s`` apart.

    Parameters
    ----------
    span : Span
        Onset and end of the movement.
    arousals : iterable of Span
        EEG arousals.
    criteria : SeriesCriteria
        The rule set.

    Returns
    -------
    bool
        Whether they are associated, whichever came first.
    """
    gap_ns = nanoseconds(criteria.arousal_gap_s)
    return any(span.onset_ns - a.end_ns < gap_ns and a.onset_ns - span.end_ns < gap_ns for a in arousals)
