"""How two raters agree on each class of one recording, the same whoever of the two is asked first."""

from __future__ import annotations

from math import ceil
from typing import TYPE_CHECKING, Final

import numpy as np

from dashboards.labelling import NOTHING, Agreement
from detectors.evaluate.agreement import tally
from detectors.evaluate.classes import CLASSES, IOU_TEXT, OVERLAP, EventClass
from detectors.evaluate.counting import class_sides, class_spans, together
from detectors.evaluate.marks import Mark, MarkedNight
from detectors.evaluate.presence import NOTHING_CROSSED, SECOND_S, crossed, kappa, marked
from detectors.events import EventKind
from detectors.signal import S_PER_H

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dashboards.labelling import Label
    from detectors.evaluate.counting import ClassSpans
    from detectors.evaluate.presence import Crossed

_NONE: Final = np.empty((0, 2))


def agreements(one: Sequence[Label], other: Sequence[Label], duration_s: float) -> list[Agreement]:
    """Return how two lists of labels agree, by class.

    Parameters
    ----------
    one, other : sequence of Label
        What either of them marked; ``nothing`` is no mark.
    duration_s : float
        Length of the recording, s.

    Returns
    -------
    list of Agreement
        Classes that either of them marked, by name. What is the same event is what ``soleus evaluate`` calls the own
        rule of the class (science.md 8.1), one-to-one; kappa is over seconds and over the legs; `onset_off_s` is the
        median distance of the onsets of what both marked. Where one of them marked nothing of a class, nobody knows
        whether that one looks for it, and neither F1 nor kappa is said.

    Notes
    -----
    Nothing is excused here, as ``soleus evaluate`` excuses a finding that lies on an event of a related class:
    neither of two people is the truth.

    Examples
    --------
    >>> from dashboards.labelling import Label
    >>> one, other = Label("a", "cramp", "left", 10.0, 40.0), Label("b", "cramp", "left", 11.0, 40.0)
    >>> [(agreed.n_both, agreed.f1, agreed.onset_off_s) for agreed in agreements([one], [other], 60.0)]
    [(1, 1.0, 1.0)]
    """
    ours, theirs = (_night(labels, duration_s) for labels in (one, other))
    kinds = sorted({mark.kind for night in (ours, theirs) for mark in night.marks})
    return [_agreement(ours, theirs, _class_of(kind)) for kind in kinds]


def _night(labels: Sequence[Label], duration_s: float) -> MarkedNight:
    marks = (Mark(label.kind, label.leg, label.onset_s, label.end_s) for label in labels if label.kind != NOTHING)
    return MarkedNight(tuple(marks), duration_s / S_PER_H)


def _class_of(kind: str) -> EventClass:
    for one in CLASSES:
        if one.kind == kind:
            return one
    return EventClass(kind, EventKind(kind), OVERLAP, IOU_TEXT)


def _agreement(ours: MarkedNight, theirs: MarkedNight, event_class: EventClass) -> Agreement:
    sides = class_sides(ours, theirs, event_class)
    spans = [class_spans(ours, theirs, event_class, side) for side in sides]
    counts = together(
        [tally(each.found, each.expected, event_class.how, neutral=_NONE, hours=0.0) for each in spans], ours.hours
    )
    seconds = sum((_seconds(each, ceil(ours.hours * S_PER_H / SECOND_S)) for each in spans), NOTHING_CROSSED)
    chance = float(kappa(np.array(seconds.row, dtype=np.float64)))
    n_one, n_other = counts.hits + counts.false, counts.hits + counts.missed
    both_look = n_one > 0 and n_other > 0
    return Agreement(
        kind=event_class.kind.value,
        n_one=n_one,
        n_other=n_other,
        n_both=counts.hits,
        f1=2 * counts.hits / (n_one + n_other) if both_look else None,
        kappa=chance if both_look and np.isfinite(chance) else None,
        onset_off_s=float(np.median(np.abs(counts.onset_errors))) if counts.onset_errors else None,
    )


def _seconds(spans: ClassSpans, n: int) -> Crossed:
    ours, theirs = (marked(one, n, SECOND_S) for one in (spans.found, spans.expected))
    return crossed(ours, theirs, np.ones(n, dtype=bool))
