"""One class of events in one recording: what was found, what ought to have been, and what counts neither way."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from detectors.evaluate.agreement import Tally, tally
from detectors.evaluate.classes import EPISODE_S
from detectors.evaluate.marks import BOTH, LEGS, joined, spans_of
from detectors.events import EventKind

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from detectors.evaluate.classes import EventClass
    from detectors.evaluate.marks import Mark, MarkedNight

    Spans = NDArray[np.float64]


class ClassSpans(NamedTuple):
    """Onsets and ends, s, each of shape (n, 2): found, expected, and where a finding counts neither way."""

    found: Spans
    expected: Spans
    neutral: Spans


def count_class(found: MarkedNight, truth: MarkedNight, event_class: EventClass, *, all_truth: bool = False) -> Tally:
    """Count one class in one recording.

    Parameters
    ----------
    found, truth : MarkedNight
        What is judged, and what it is judged by.
    event_class : EventClass
        The class, and what is a match.
    all_truth : bool
        Whether every true event ought to be found; else only those that stand clear of the noise.

    Returns
    -------
    Tally
        The counts of the legs together.

    Examples
    --------
    >>> from detectors.evaluate.classes import MOVEMENT
    >>> from detectors.evaluate.marks import Mark, MarkedNight
    >>> one = MarkedNight((Mark("leg_movement", "left", 0.0, 2.0),), hours=1.0)
    >>> other = MarkedNight((Mark("leg_movement", "left", 0.1, 2.0), Mark("leg_movement", "right", 5.0, 6.0)), 1.0)
    >>> counts = count_class(one, other, MOVEMENT)
    >>> counts.hits, counts.missed, counts.false
    (1, 1, 0)
    """
    sides = class_sides(found, truth, event_class)
    parts = [
        tally(*spans[:2], event_class.how, neutral=spans.neutral, hours=0.0)
        for spans in (class_spans(found, truth, event_class, side, all_truth=all_truth) for side in sides)
    ]
    return together(parts, found.judged_h)


def together(parts: list[Tally], hours: float) -> Tally:
    """Add up the counts of several legs of one recording, `hours` long."""
    return Tally(
        hits=sum(part.hits for part in parts),
        missed=sum(part.missed for part in parts),
        false=sum(part.false for part in parts),
        neutral=sum(part.neutral for part in parts),
        split=sum(part.split for part in parts),
        merged=sum(part.merged for part in parts),
        onset_errors=tuple(error for part in parts for error in part.onset_errors),
        end_errors=tuple(error for part in parts for error in part.end_errors),
        hours=hours,
    )


def class_sides(found: MarkedNight, truth: MarkedNight, event_class: EventClass) -> tuple[str | None, ...]:
    """Return the legs that are counted apart; None for both as one, where a list does not tell them apart."""
    told = found.is_sided(event_class.kind) and truth.is_sided(event_class.kind)
    both_looked_at = tuple(leg for leg in found.legs if leg in truth.legs)
    return both_looked_at if event_class.each_leg and told else (None,)


def class_spans(
    found: MarkedNight, truth: MarkedNight, event_class: EventClass, side: str | None, *, all_truth: bool = False
) -> ClassSpans:
    """Return the spans that decide about one class on one leg.

    Parameters
    ----------
    found, truth : MarkedNight
        What is judged, and what it is judged by.
    event_class : EventClass
        The class.
    side : str or None
        The leg; None for all legs, on which what overlaps is one event.
    all_truth : bool
        Whether every true event ought to be found.

    Returns
    -------
    ClassSpans
        Found, expected and neutral ones.
    """
    here = _on(side, found.legs)
    seen = [mark for mark in found.marks if here(mark) and _is(mark, event_class)]
    true = [mark for mark in truth.marks if here(mark)]
    expected = [mark for mark in true if _expected(mark, event_class, found, truth) and (all_truth or mark.clear)]
    taken = {id(mark) for mark in expected}
    excused = [mark for mark in true if id(mark) not in taken and _excuses(mark, event_class)]
    spans = ClassSpans(spans_of(seen), spans_of(expected), spans_of(excused))
    if event_class.kind is EventKind.POSSIBLE_EPISODE and truth.is_simulated:
        spans = spans._replace(expected=spans.expected + np.array([0.0, EPISODE_S]))
    return spans if side is not None else ClassSpans(*map(joined, spans))


def _on(side: str | None, legs: tuple[str, ...]) -> Callable[[Mark], bool]:
    """Return what lies on a leg; for no leg in particular, what is not known to lie on one without a sensor."""
    if side is not None:
        return lambda mark: mark.leg in (side, BOTH)
    others = set(LEGS).difference(legs) if set(legs) <= set(LEGS) else set()
    return lambda mark: mark.leg not in others


def _is(mark: Mark, event_class: EventClass) -> bool:
    return mark.kind == event_class.kind and mark.tier >= event_class.least_tier


def _expected(mark: Mark, event_class: EventClass, found: MarkedNight, truth: MarkedNight) -> bool:
    """Return whether a true event is of the class, as far as the sensors can know."""
    if event_class.causes and truth.is_simulated:
        return mark.cause in event_class.causes
    if event_class.kind is EventKind.LEG_MOVEMENT and truth.is_simulated and not found.has_emg:
        # Without EMG there is a movement only where the leg turns.
        return mark.kind == event_class.kind and mark.angle_deg > 0
    return (
        mark.kind == event_class.kind
        and mark.tier >= event_class.least_tier
        and mark.cause not in event_class.excused_causes
    )


def _excuses(mark: Mark, event_class: EventClass) -> bool:
    same = mark.kind == event_class.kind
    return same or mark.kind in event_class.excused_kinds or mark.cause in event_class.excused_causes
