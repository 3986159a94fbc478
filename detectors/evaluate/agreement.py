"""Found events against true ones: counts of one night, and what they add up to."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from detectors.evaluate.statistics import Interval, bootstrap, clopper_pearson, ratio, rule_of_three_per_h
from detectors.matching import fragments

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from detectors.matching import Matches

    Spans = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Tally:
    """What became of one class in one night.

    Parameters
    ----------
    hits, missed, false : int
        True events that were found, that were not, and found events that are nothing.
    neutral : int
        Found events that count neither way.
    split, merged : int
        True events found in pieces, and found events that cover several true ones.
    onset_errors, end_errors : tuple of float
        Found minus true of each hit, s.
    hours : float
        Valid time, h.
    """

    hits: int
    missed: int
    false: int
    neutral: int
    split: int
    merged: int
    onset_errors: tuple[float, ...]
    end_errors: tuple[float, ...]
    hours: float


def tally(
    found: Spans,
    truth: Spans,
    how: Callable[[Spans, Spans], Matches],
    *,
    neutral: Spans,
    hours: float,
) -> Tally:
    """Count one class in one night.

    Parameters
    ----------
    found, truth : ndarray of float, shape (n, 2)
        Onset and end of found events and of the true ones that ought to be found, s.
    how : callable
        What is a match, from found and true spans.
    neutral : ndarray of float, shape (n, 2)
        Where a found event that matches nothing counts neither way: true events that are not
        expected to be found, or not as this class, s.
    hours : float
        Valid time, h.

    Returns
    -------
    Tally
        The counts.

    Examples
    --------
    >>> from functools import partial
    >>> from detectors.matching import match
    >>> found = np.array([[0.0, 2.0], [5.0, 6.0], [9.0, 9.5]])
    >>> counts = tally(found, np.array([[0.1, 2.0]]), partial(match, iou_min=0.3),
    ...                neutral=np.array([[5.5, 7.0]]), hours=1.0)
    >>> counts.hits, counts.missed, counts.false, counts.neutral
    (1, 0, 1, 1)
    """
    matches = how(found, truth)
    left = found[list(matches.false)]
    excused = ((left[:, None, 0] < neutral[None, :, 1]) & (left[:, None, 1] > neutral[None, :, 0])).any(axis=1)
    pieces = fragments(found, truth)
    errors = [found[i] - truth[j] for i, j in matches.pairs]
    return Tally(
        hits=len(matches.pairs),
        missed=len(matches.missed),
        false=int((~excused).sum()),
        neutral=int(excused.sum()),
        split=len(pieces.split),
        merged=len(pieces.merged),
        onset_errors=tuple(float(error[0]) for error in errors),
        end_errors=tuple(float(error[1]) for error in errors),
        hours=hours,
    )


class Spread(NamedTuple):
    """Median and quartiles of an error, s."""

    median: float
    quartiles: Interval


@dataclass(frozen=True, slots=True)
class Pooled:
    """A class over several nights.

    Parameters
    ----------
    nights : tuple of Tally
        One per night.
    subjects : tuple of str
        Whose night each is; intervals are then over people, with all of their nights. Every night is
        another person's if not given.

    Examples
    --------
    >>> night = Tally(9, 1, 0, 0, 0, 0, (0.1,) * 9, (0.0,) * 9, 2.0)
    >>> several = pooled([night, night])
    >>> several.sensitivity, several.false_per_h, several.false_excluded_per_h
    (0.9, 0.0, 0.75)
    """

    nights: tuple[Tally, ...]
    subjects: tuple[str, ...] = ()

    @property
    def hits(self) -> int:
        """True events that were found."""
        return sum(night.hits for night in self.nights)

    @property
    def missed(self) -> int:
        """True events that were not."""
        return sum(night.missed for night in self.nights)

    @property
    def false(self) -> int:
        """Found events that are nothing."""
        return sum(night.false for night in self.nights)

    @property
    def n_true(self) -> int:
        """True events."""
        return self.hits + self.missed

    @property
    def split(self) -> int:
        """True events found in pieces."""
        return sum(night.split for night in self.nights)

    @property
    def merged(self) -> int:
        """Found events that cover several true ones."""
        return sum(night.merged for night in self.nights)

    @property
    def hours(self) -> float:
        """Valid time, h."""
        return sum(night.hours for night in self.nights)

    @property
    def sensitivity(self) -> float | None:
        """Share of the true events that were found; None if there were none."""
        return self.hits / self.n_true if self.n_true else None

    @property
    def ppv(self) -> float | None:
        """Share of the found events that are true; None if there were none."""
        return self.hits / (self.hits + self.false) if self.hits + self.false else None

    @property
    def f1(self) -> float | None:
        """Harmonic mean of the two; None without true events."""
        return 2 * self.hits / (2 * self.hits + self.missed + self.false) if self.n_true else None

    @property
    def false_per_h(self) -> float:
        """False events per valid hour; nan for no hours."""
        return self.false / self.hours if self.hours > 0 else float("nan")

    @property
    def false_per_night(self) -> float:
        """False events per night."""
        return self.false / len(self.nights) if self.nights else float("nan")

    @property
    def false_excluded_per_h(self) -> float | None:
        """Rate that is excluded at 95 % by having found nothing false, 1/h; None where something was."""
        return None if self.false else rule_of_three_per_h(self.hours)

    @property
    def sensitivity_interval(self) -> Interval:
        """95 % interval of the sensitivity: over nights, drawn again."""
        return bootstrap(self._counts(), lambda sums: ratio(sums[:, 0], sums[:, 0] + sums[:, 1]))

    @property
    def sensitivity_exact(self) -> Interval:
        """95 % interval of the sensitivity: of Clopper and Pearson, for few events."""
        return clopper_pearson(self.hits, self.n_true)

    @property
    def ppv_interval(self) -> Interval:
        """95 % interval of the PPV, over nights."""
        return bootstrap(self._counts(), lambda sums: ratio(sums[:, 0], sums[:, 0] + sums[:, 2]))

    @property
    def f1_interval(self) -> Interval:
        """95 % interval of F1, over nights."""
        return bootstrap(self._counts(), lambda sums: ratio(2 * sums[:, 0], 2 * sums[:, 0] + sums[:, 1] + sums[:, 2]))

    @property
    def false_per_h_interval(self) -> Interval:
        """95 % interval of the false events per valid hour, over nights."""
        return bootstrap(self._counts(), lambda sums: ratio(sums[:, 2], sums[:, 3]))

    @property
    def onset_error(self) -> Spread:
        """Found minus true onset of the hits, s."""
        return spread([error for night in self.nights for error in night.onset_errors])

    @property
    def end_error(self) -> Spread:
        """Found minus true end of the hits, s."""
        return spread([error for night in self.nights for error in night.end_errors])

    def _counts(self) -> NDArray[np.float64]:
        rows = [(night.hits, night.missed, night.false, night.hours) for night in self.nights]
        return by_subject(np.array(rows, dtype=np.float64).reshape(-1, 4), self.subjects)


def pooled(nights: Sequence[Tally], subjects: Sequence[str] = ()) -> Pooled:
    """Put the nights of one class together; intervals are over `subjects`, where they are given."""
    return Pooled(tuple(nights), tuple(subjects))


def by_subject(counts: NDArray[np.float64], subjects: Sequence[str]) -> NDArray[np.float64]:
    """Add up the nights of each subject: what an interval over people draws again.

    Parameters
    ----------
    counts : ndarray of float, shape (n_nights, n_counts)
        What was counted in each night.
    subjects : sequence of str
        Whose night each is; empty where every night is another person's.

    Returns
    -------
    ndarray of float, shape (n_subjects, n_counts)
        In the order of the subjects' first nights.

    Examples
    --------
    >>> by_subject(np.array([[1.0], [2.0], [4.0]]), ["a", "b", "a"]).tolist()
    [[5.0], [2.0]]
    """
    if not len(subjects):
        return counts
    number = {name: position for position, name in enumerate(dict.fromkeys(subjects))}
    sums = np.zeros((len(number), counts.shape[1]))
    np.add.at(sums, [number[name] for name in subjects], counts)
    return sums


def spread(errors: Sequence[float]) -> Spread:
    """Return median and quartiles of errors; nan where there are none.

    Examples
    --------
    >>> spread([0.0, 1.0, 2.0])
    Spread(median=1.0, quartiles=Interval(low=0.5, high=1.5))
    """
    if not len(errors):
        return Spread(np.nan, Interval(np.nan, np.nan))
    low, middle, high = np.percentile(errors, [25.0, 50.0, 75.0])
    return Spread(float(middle), Interval(float(low), float(high)))
