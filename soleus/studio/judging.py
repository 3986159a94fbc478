"""What was found in one recording against a list of marks, event by event."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import replace
from math import isfinite, nan
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

from detectors.annotations import asleep
from detectors.evaluate.counting import class_sides, class_spans
from detectors.evaluate.marks import BOTH, LEGS, overlapping, spans_of
from detectors.evaluate.membership import LEAST_S, movements_of, plm_per_h, rule_both
from detectors.events import EventKind
from detectors.rules.moved_row import MovedRow, leg_number
from detectors.rules.scored_movements import apply_rules
from detectors.rules.series import NOTHING_SCORED
from detectors.rules.series_counts import combined_movements
from detectors.signal import NS_PER_S, Leg
from soleus.studio.adding import Row

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from numpy.typing import NDArray

    from detectors.annotations import Annotations
    from detectors.evaluate.classes import EventClass
    from detectors.evaluate.marks import Mark, MarkedNight
    from detectors.rules.series_criteria import SeriesCriteria

    Spans = NDArray[np.float64]

HIT: Final = "hit"
FALSE: Final = "false"
MISSED: Final = "missed"
NEITHER: Final = ""
"""What is judged neither way: a finding where another class lies, a true event that no sensor could see."""


class Judgement(NamedTuple):
    """What became of every event of a class.

    Parameters
    ----------
    found : tuple of (Mark, str)
        What was found, and whether it is a hit or false.
    true : tuple of (Mark, str)
        What the reference marked, and whether it was hit or missed.
    hits, missed, false : int
        How many.
    """

    found: tuple[tuple[Mark, str], ...]
    true: tuple[tuple[Mark, str], ...]
    hits: int
    missed: int
    false: int


class _Due(NamedTuple):
    """What ought to be found on a leg, where a finding counts neither way, and which mark lies in which span."""

    expected: Spans
    neutral: Spans
    places: list[tuple[int, int]]


class Judge:
    """Judges what was found in one recording by one list, again and again.

    Parameters
    ----------
    truth : MarkedNight
        The list.
    event_class : EventClass
        The class, and what is a match.

    Notes
    -----
    What does not depend on what was found is kept: a threshold that is dragged is judged some times a second.
    """

    def __init__(self, truth: MarkedNight, event_class: EventClass) -> None:
        self._truth, self._class, self._bare = truth, event_class, replace(truth, marks=())
        kind, causes = event_class.kind, event_class.causes
        self._true = [mark for mark in truth.marks if mark.kind == kind or mark.cause in causes]
        self._kept: dict[tuple[object, ...], _Due] = {}
        self._index: tuple[tuple[object, ...], float] | None = None

    def judged(self, found: MarkedNight) -> Judgement:
        """Say of every event of the class what became of it.

        Parameters
        ----------
        found : MarkedNight
            What is judged.

        Returns
        -------
        Judgement
            As many hits, missed and false ones as :func:`detectors.evaluate.counting.count_class` counts. Where the
            legs are taken together, what overlaps is one event there, and each of its parts is told here.
        """
        ours: dict[int, str] = {}
        theirs: dict[int, str] = {}
        counts = np.zeros(3, np.int64)
        candidates = of_class(found, self._class)
        for side in class_sides(found, self._truth, self._class):
            due = self._due(found, side)
            own = _on(candidates, side)
            spans = spans_of(own) if side is not None else class_spans(found, self._bare, self._class, side).found
            matches = self._class.how(spans, due.expected)
            false = np.array(matches.false, np.intp)
            wrong = ~overlapping(spans[false], due.neutral)
            said = _states(len(spans), {FALSE: false[wrong], NEITHER: false[~wrong]})
            _tell(ours, _places(own, side, spans), said)
            _tell(theirs, due.places, _states(len(due.expected), {MISSED: matches.missed}))
            counts += (len(matches.pairs), len(matches.missed), int(wrong.sum()))
        shown = [mark for mark in self._true if id(mark) in theirs or mark.kind == self._class.kind]
        return Judgement(
            tuple((mark, ours.get(id(mark), NEITHER)) for mark in candidates),
            tuple((mark, theirs.get(id(mark), NEITHER)) for mark in shown),
            *counts.tolist(),
        )

    def row(self, judgement: Judgement, found: MarkedNight, rules: SeriesCriteria) -> Row:
        """Return what the recording adds.

        Parameters
        ----------
        judgement : Judgement
            What became of its events.
        found : MarkedNight
            What was found.
        rules : SeriesCriteria
            By which both lists become periodic movements.
        """
        truth = self._truth
        around = truth.annotations if truth.annotations != NOTHING_SCORED else found.annotations
        known_legs = set(found.legs) <= set(LEGS)
        unseen = set(LEGS) - set(found.legs) & set(truth.legs) if known_legs else set()
        seen = replace(found, marks=tuple(mark for mark in found.marks if mark.leg not in unseen))
        index, true = index_of(seen, rules, around), self._true_index(found, rules)
        known = isfinite(index)
        compared = known and isfinite(true) and truth.looks_for(EventKind.LEG_MOVEMENT)
        return Row(
            judgement.hits,
            judgement.missed,
            judgement.false,
            found.judged_h,
            index if known else 0.0,
            abs(index - true) if compared else 0.0,
            float(known),
            float(compared),
        )

    def _due(self, found: MarkedNight, side: str | None) -> _Due:
        """Return what ought to be found on a leg."""
        key = side, found.legs, found.has_emg
        if key not in self._kept:
            spans = class_spans(replace(found, marks=()), self._truth, self._class, side)
            places = _places(_on(self._true, side), side, spans.expected)
            self._kept[key] = _Due(spans.expected, spans.neutral, places)
        return self._kept[key]

    def _true_index(self, found: MarkedNight, rules: SeriesCriteria) -> float:
        """Return the index of the list; of the last rules it is kept."""
        key = rules, found.legs, found.has_emg, found.hours
        if self._index is None or self._index[0] != key:
            pair = rule_both(replace(found, marks=()), self._truth, rules)
            self._index = key, plm_per_h(pair.truth, pair.hours)
        return self._index[1]


def unjudged_row(found: MarkedNight, rules: SeriesCriteria) -> Row:
    """Return what a recording adds that is judged by nothing.

    Parameters
    ----------
    found : MarkedNight
        What was found.
    rules : SeriesCriteria
        By which it becomes periodic movements.
    """
    index = index_of(found, rules, found.annotations)
    return Row(index_per_h=index, indexed=1.0) if isfinite(index) else Row()


def of_class(night: MarkedNight, event_class: EventClass) -> list[Mark]:
    """Return the events of a list that are of a class."""
    return [one for one in night.marks if one.kind == event_class.kind and one.tier >= event_class.least_tier]


def index_of(found: MarkedNight, rules: SeriesCriteria, around: Annotations) -> float:
    """Return the periodic leg movements of a list per hour of recording, 1/h; nan for no hours.

    Parameters
    ----------
    found : MarkedNight
        The list.
    rules : SeriesCriteria
        The rules that make movements periodic.
    around : Annotations
        Sleep, breathing and arousals, counted from the start of the recording.
    """
    marks = [mark for mark in found.marks if not mark.in_train]
    if around.respiratory or around.arousals:
        return plm_per_h(apply_rules(movements_of(marks), rules, annotations=around), found.hours)
    sleeping: Callable[[int], bool] | None = None
    if around.stages:
        sleeping = lambda t_ns: asleep(t_ns, around.stages)  # noqa: E731 - it is None elsewhere
    combined = combined_movements(_row_of(marks), rules, (), sleeping)
    return int(np.count_nonzero(combined.plm)) / found.hours if found.hours > 0 else nan


def _row_of(marks: Sequence[Mark]) -> MovedRow:
    """Return the leg movements of a list that are long enough for a series, in order."""
    moved = [mark for mark in marks if mark.kind == EventKind.LEG_MOVEMENT]
    onset_s, end_s = spans_of(moved).T
    legs = np.array([leg_number(_leg_of(mark)) for mark in moved], np.int64)
    onset_ns, end_ns = (np.rint(times_s * NS_PER_S).astype(np.int64) for times_s in (onset_s, end_s))
    row = MovedRow(onset_ns, end_ns, legs, np.ones(len(moved))).of(end_s - onset_s >= LEAST_S)
    return row.of(row.order())


def _leg_of(mark: Mark) -> str:
    """Return the leg as rules take it: of a movement of both it is not known which began."""
    return Leg.UNKNOWN.value if mark.leg == BOTH else mark.leg


def _states(n: int, others: Mapping[str, Sequence[int] | NDArray[np.intp]]) -> list[str]:
    """Return that all of so many are hits, but for others."""
    states = [HIT] * n
    for state, numbers in others.items():
        for number in numbers:
            states[number] = state
    return states


def _on(marks: Sequence[Mark], side: str | None) -> Sequence[Mark]:
    """Return the marks of a leg; all of them where the legs are one."""
    return marks if side is None else [one for one in marks if one.leg in (side, BOTH)]


def _places(marks: Sequence[Mark], side: str | None, spans: Spans) -> list[tuple[int, int]]:
    """Return by its identity in which span each mark lies that lies in one, as it is or, of both legs, as a part."""
    if side is not None:
        exact = {span: at for at, span in enumerate(map(tuple, spans.tolist()))}
        found = ((id(one), exact.get((one.onset_s, one.end_s), -1)) for one in marks)
        return [(one, at) for one, at in found if at >= 0]
    onsets, ends = spans[:, 0].tolist(), spans[:, 1].tolist()
    places = ((one, bisect_right(onsets, one.onset_s) - 1) for one in marks)
    return [(id(one), at) for one, at in places if at >= 0 and one.onset_s < ends[at]]


def _tell(states: dict[int, str], places: Sequence[tuple[int, int]], said: Sequence[str]) -> None:
    """Tell each mark what became of its span; one of both legs is hit if it is on one."""
    for mark, at in places:
        if states.get(mark) != HIT:
            states[mark] = said[at]
