"""Why an event is one, why a candidate is none, and what would have turned either round."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from detectors.events import Event, Step


@dataclass(frozen=True, slots=True)
class Explanation:
    """The trace of one event or of one rejected candidate.

    Parameters
    ----------
    path : tuple of Step
        Every comparison, in the order in which the rules were applied.
    holds : bool
        Whether all of them held.
    flips : tuple of Step
        What would have turned the decision round: of an event the comparison that held by the
        smallest margin, which alone would have been enough; of a rejected candidate all those that
        did not hold, which would all have been needed.
    """

    path: tuple[Step, ...]
    holds: bool
    flips: tuple[Step, ...]


def explain(event: Event) -> Explanation:
    """Return the trace of an event or of a rejected candidate.

    Parameters
    ----------
    event : Event
        With its ``why``; an event without comparisons (a gap, a marker) has an empty trace.

    Returns
    -------
    Explanation
        Path, outcome and what would have turned it round.

    Examples
    --------
    >>> from detectors.events import Event, EventKind, Step
    >>> from detectors.signal import Leg
    >>> why = (Step("min_s", 0.6, 0.5, held=True), Step("max_lf_hf", 0.1, 2.0, held=True))
    >>> event = Event(EventKind.LEG_MOVEMENT, "shin", Leg.LEFT, 0, 600_000_000, {}, why=why)
    >>> [step.rule for step in explain(event).flips]
    ['min_s']
    """
    failed = tuple(step for step in event.why if not step.held)
    if failed or not event.why:
        return Explanation(event.why, not failed, failed)
    return Explanation(event.why, holds=True, flips=(min(event.why, key=margin),))


def margin(step: Step) -> float:
    """Return by how much a comparison was decided, as a share of its threshold.

    Parameters
    ----------
    step : Step
        One comparison.

    Returns
    -------
    float
        0 or more; where the threshold is 0, the distance itself.

    Examples
    --------
    >>> from detectors.events import Step
    >>> margin(Step("min_s", 0.75, 0.5, held=True))
    0.5
    """
    distance = abs(step.value - step.threshold)
    return distance / abs(step.threshold) if step.threshold else distance
