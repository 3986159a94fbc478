"""What a set of thresholds costs: the number that the choice goes by, out of what was counted in each night."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from detectors.evaluate import Interval, bootstrap
from detectors.evaluate.agreement import by_subject
from detectors.evaluate.classes import CLASSES, MOVEMENT, PROBABLE, SHOWN, EventClass
from detectors.evaluate.counting import count_class
from detectors.evaluate.membership import plm_per_h, rule_both
from detectors.evaluate.statistics import ratio

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from detectors.evaluate.marks import MarkedNight
    from detectors.rules.series_criteria import SeriesCriteria

    Sums = NDArray[np.float64]

# Classes by the word of the command line; a cramp-like event is one from `possible` on.
BY_WORD: dict[str, EventClass] = {
    **{one.kind.value: one for one in reversed(CLASSES)},
    MOVEMENT.kind.value: MOVEMENT,
    SHOWN.kind.value: SHOWN,
    "cramp_probable": PROBABLE,
}
# More false events than any night holds: finding too little is never made up for by being silent.
FORBIDDEN = 1e6
# A weight so large leaves nothing but sensitivity.
MOST_BETA = 1000.0


class Aim(StrEnum):
    """What is to be as good as possible."""

    F1 = "f1"
    """The harmonic mean of sensitivity and PPV, or F-beta."""
    INDEX = "index"
    """The index of periodic movements of each night: its mean distance from the reference."""
    FALSE = "false"
    """False events per night, among the thresholds that find enough."""


class Counts(NamedTuple):
    """What was counted in one night, or in several together.

    Parameters
    ----------
    hits, missed, false : float
        As in `detectors.evaluate.Tally`.
    nights : float
        How many nights.
    off_per_h : float
        How far the index of periodic movements lies from the reference, 1/h; added up.
    indexed : float
        How many nights have such an index.
    """

    hits: float
    missed: float
    false: float
    nights: float
    off_per_h: float
    indexed: float


class Estimate(NamedTuple):
    """A number and its 95 % interval over subjects; nan where nothing can be said."""

    value: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Tradeoff:
    """The cost of choice.

    Parameters
    ----------
    aim : Aim
        What is to be as good as possible.
    word : str
        The class of events, a key of `BY_WORD`.
    beta : float
        For `Aim.F1`: how many times sensitivity weighs as much as PPV.
    least_sensitivity : float
        For `Aim.FALSE`: the share of the events that must be found, 0 to 1.

    Raises
    ------
    ValueError
        If a number is out of its range.
    """

    aim: Aim = Aim.F1
    word: str = MOVEMENT.kind.value
    beta: float = 1.0
    least_sensitivity: float = 0.9

    def __post_init__(self) -> None:
        if self.word not in BY_WORD:
            msg = f"class is {self.word!r}, expected one of {', '.join(BY_WORD)}"
            raise ValueError(msg)
        if not 0 < self.beta <= MOST_BETA:
            msg = f"beta is {self.beta:g}, expected more than 0 and at most {MOST_BETA:g}"
            raise ValueError(msg)
        if not 0 <= self.least_sensitivity <= 1:
            msg = f"least sensitivity is {self.least_sensitivity:g}, expected 0 to 1"
            raise ValueError(msg)

    @property
    def event_class(self) -> EventClass:
        """The class of events."""
        return BY_WORD[self.word]

    @property
    def words(self) -> str:
        """What is to be as good as possible, in words."""
        by = f"{self.word}, {self.event_class.rule}"
        if self.aim is Aim.INDEX:
            return "smallest mean distance of the index of periodic movements from the reference, 1/h"
        if self.aim is Aim.FALSE:
            return f"fewest false events per night with a sensitivity of at least {self.least_sensitivity:g} ({by})"
        return f"highest {'F1' if self.beta == 1 else f'F{self.beta:g}'} ({by})"

    @property
    def unit(self) -> str:
        """What the number that is told beside the choice is."""
        if self.aim is Aim.INDEX:
            return "1/h from the reference"
        if self.aim is Aim.FALSE:
            return "false per night"
        return "F1" if self.beta == 1 else f"F{self.beta:g}"

    def measured(self, sums: Sums) -> Sums:
        """Return the number that is told, shape (n,), from counts that were added up, shape (n, 6).

        Examples
        --------
        >>> Tradeoff().measured(np.array([[9.0, 1.0, 1.0, 2.0, 0.0, 0.0]])).tolist()
        [0.9]
        """
        hits, missed, false, nights, off_per_h, indexed = sums.T
        if self.aim is Aim.INDEX:
            return ratio(off_per_h, indexed)
        if self.aim is Aim.FALSE:
            return ratio(false, nights)
        weight = self.beta**2
        there = np.where(hits + missed > 0, (1 + weight) * hits + weight * missed + false, 0.0)
        return ratio((1 + weight) * hits, there)

    def cost(self, counts: Sequence[Counts]) -> float:
        """Return what is to be as small as possible, for several nights together; nan where it has no value."""
        sums = np.sum(np.array(counts, dtype=np.float64).reshape(-1, len(Counts._fields)), axis=0, keepdims=True)
        measured = float(self.measured(sums)[0])
        if self.aim is Aim.F1:
            return 1.0 - measured
        if self.aim is Aim.FALSE:
            short = self.least_sensitivity - float(_found(sums)[0])
            # Where there is nothing to find it cannot be said whether enough is found.
            return measured if short <= 0 else FORBIDDEN * (1.0 + short)
        return measured

    def estimate(self, counts: Sequence[Counts], subjects: Sequence[str]) -> Estimate:
        """Return the number of several nights with its interval, subjects drawn again."""
        rows = by_subject(np.array(counts, dtype=np.float64), subjects)
        return _estimated(rows, self.measured)

    def sensitivity(self, counts: Sequence[Counts], subjects: Sequence[str]) -> Estimate:
        """Return the share of the events that was found, whatever the aim, subjects drawn again."""
        return _estimated(by_subject(np.array(counts, dtype=np.float64), subjects), _found)

    def gain(self, counts: Sequence[Counts], others: Sequence[Counts], subjects: Sequence[str]) -> Estimate:
        """Return by how much some counts are better than others of the same nights; more than 0 is better."""
        n = len(Counts._fields)
        rows = by_subject(np.hstack([np.array(counts, dtype=np.float64), np.array(others, dtype=np.float64)]), subjects)
        sign = 1.0 if self.aim is Aim.F1 else -1.0
        return _estimated(rows, lambda sums: sign * (self.measured(sums[:, :n]) - self.measured(sums[:, n:])))


def counted(found: MarkedNight, truth: MarkedNight, event_class: EventClass, rules: SeriesCriteria) -> Counts:
    """Count one night.

    Parameters
    ----------
    found, truth : MarkedNight
        What is judged, and what it is judged by.
    event_class : EventClass
        The class that is counted.
    rules : SeriesCriteria
        By which both lists become periodic movements.

    Returns
    -------
    Counts
        The counts.
    """
    tally = count_class(found, truth, event_class)
    pair = rule_both(found, truth, rules)
    off_per_h = abs(plm_per_h(pair.found, pair.hours) - plm_per_h(pair.truth, pair.hours))
    has_index = truth.looks_for(MOVEMENT.kind) and bool(np.isfinite(off_per_h))
    return Counts(tally.hits, tally.missed, tally.false, 1.0, off_per_h if has_index else 0.0, float(has_index))


def _estimated(rows: Sums, statistic: Callable[[Sums], Sums]) -> Estimate:
    value = float(statistic(rows.sum(axis=0, keepdims=True))[0])
    interval: Interval = bootstrap(rows, statistic)
    # What differs by nothing is 0 and not -0.
    return Estimate(*(number + 0.0 for number in (value, *interval)))


def _found(sums: Sums) -> Sums:
    return ratio(sums[:, 0], sums[:, 0] + sums[:, 1])
