"""Why an event is one, why a candidate is none, and what would have turned either round."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, NamedTuple

from detectors.events import COUNTS, StepRole, alternative_rows

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from detectors.events import Event, Step

# It is compared with the threshold of another rule, which has other consequences as well.
_WITHOUT_A_SETTING: Final = frozenset({"morphology"})
# A contraction that is too patchy as a whole may be one without its pauses.
_LEADS_ELSEWHERE: Final = frozenset({"min_duty"})
_WHOLE: Final = COUNTS | {"min_bursts", "min_crossings", "min_series", "min_steps"}
_MIN: Final = "min_"
_MAX: Final = "max_"


class Flip(NamedTuple):
    """A comparison that turns the decision round, and the threshold with which it does.

    `to` lies just beyond the value, on the scale of the step: of a threshold above the resting level it
    is a level. None where something was so or not, and no threshold would have changed it.
    """

    step: Step
    to: float | None


@dataclass(frozen=True, slots=True)
class Explanation:
    """The trace of one event or of one rejected candidate.

    Parameters
    ----------
    path : tuple of Step
        Every comparison, in the order in which the rules were applied.
    holds : bool
        Whether it was told.
    flips : tuple of Flip
        What would have turned the decision round: of an event the comparison that was the closest
        among those of which one is enough, or none if there is no such; of a rejected candidate
        everything that stood against it, which would all have been needed.
    """

    path: tuple[Step, ...]
    holds: bool
    flips: tuple[Flip, ...]


def explain(event: Event, *, told: bool) -> Explanation:
    """Return the trace of an event or of a rejected candidate.

    Parameters
    ----------
    event : Event
        With its ``why``; an event without comparisons (a gap, a marker) has an empty trace.
    told : bool
        Whether it is an event of the night, not a rejected candidate.

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
    >>> [flip.step.rule for flip in explain(event, told=True).flips]
    ['min_s']
    """
    flips = _against(event.why) if told else _for(event.why)
    return Explanation(event.why, told, flips)


def margin(flip: Flip) -> float:
    """Return by how much a comparison was decided, as a share of its threshold.

    Parameters
    ----------
    flip : Flip
        One comparison.

    Returns
    -------
    float
        0 or more; infinite where no threshold would have changed it.

    Examples
    --------
    >>> from detectors.events import Step
    >>> margin(Flip(Step("min_s", 0.75, 0.5, held=True), 0.75))
    0.5
    """
    if flip.to is None:
        return math.inf
    return abs(flip.to - flip.step.threshold) / abs(flip.step.threshold)


def flip_of(step: Step) -> Flip:
    """Return with which threshold a comparison would have had the other outcome.

    Parameters
    ----------
    step : Step
        One comparison.

    Returns
    -------
    Flip
        Numbers that can be counted go to the next one that does; others as little as possible.

    Examples
    --------
    >>> from detectors.events import Step
    >>> flip_of(Step("min_steps", 7, 6, held=True)).to, flip_of(Step("upright", 1.0, 0.0, held=False)).to
    (8.0, None)
    """
    value, threshold = float(step.value), float(step.threshold)
    settable = threshold and math.isfinite(threshold) and math.isfinite(value)
    if not settable or step.rule in _WITHOUT_A_SETTING or not _is_consistent(step):
        return Flip(step, None)
    if step.held and step.rule in _LEADS_ELSEWHERE:
        return Flip(step, None)
    up = is_least(step) == step.held
    if step.rule in _WHOLE:
        return Flip(step, value if not step.held else value + (1.0 if up else -1.0))
    return Flip(step, math.nextafter(value, math.inf if up else -math.inf))


def is_least(step: Step) -> bool:
    """Return whether a threshold is a lower one: by the name of its rule, else by what held."""
    if step.rule.startswith((_MIN, _MAX)):
        return step.rule.startswith(_MIN)
    return (step.value >= step.threshold) == step.held


def _is_consistent(step: Step) -> bool:
    """Return whether the outcome follows from the value and the threshold alone."""
    if step.value == step.threshold:
        return True
    return (step.value > step.threshold) == (is_least(step) == step.held)


def _rows(why: Sequence[Step]) -> Iterator[tuple[list[Step], int]]:
    """Return each row of alternatives, and how many of them are asked for."""
    counts = (round(step.threshold) for step in why if step.rule in COUNTS)
    for row, needed in alternative_rows(why):
        yield row, needed or next(counts)


def _against(why: Sequence[Step]) -> tuple[Flip, ...]:
    """Return the closest comparison that alone would have been enough against an event."""
    alone = [step for step in why if step.role is StepRole.REQUIRED and step.held]
    for row, needed in _rows(why):
        held = [step for step in row if step.held]
        alone += held if len(held) == needed else []
    flips = [flip for flip in map(flip_of, alone) if flip.to is not None]
    return (min(flips, key=margin),) if flips else ()


def _for(why: Sequence[Step]) -> tuple[Flip, ...]:
    """Return all that stood against a candidate: what is required, and the closest of the alternatives."""
    counted: list[Step] = []
    flips = [flip_of(step) for step in why if step.role is StepRole.REQUIRED and not step.held]
    for row, needed in _rows(why):
        missing = needed - sum(step.held for step in row)
        nearest = sorted((flip_of(step) for step in row if not step.held), key=margin)
        if missing > 0:
            counted += [step for step in why if step.rule in COUNTS]
            flips += nearest[:missing]
    return tuple(flip for flip in flips if flip.step not in counted)
