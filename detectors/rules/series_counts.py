"""What a rule set counts in a finished night, for trying many thresholds: `RuleEngine` without its events.

The engine follows a live night and says everything about each movement, which costs hundreds of times as much: here
all movements are one row of numbers. A test holds the two against each other on random nights and rules.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from detectors.annotations import nanoseconds
from detectors.rules.series_criteria import ShortInterval

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from numpy.typing import NDArray

    from detectors.annotations import Span
    from detectors.rules.moved_row import MovedRow
    from detectors.rules.series_criteria import SeriesCriteria


class Counted(NamedTuple):
    """What was found: weights of combined movements, of candidates, and onsets and weights of periodic ones."""

    lm: float
    clm: float
    plm: tuple[tuple[int, float], ...]


class Combined(NamedTuple):
    """Movements of both legs that are one, by onset.

    Parameters
    ----------
    onset_ns : ndarray of int64, shape (n_combined,)
        First onset of each, UTC ns.
    clm, plm : ndarray of bool, shape (n_combined,)
        Whether it is a candidate for a series, and whether it belongs to one.
    parts : ndarray of int64, shape (n_parts,)
        Which movements of the row they are made of, those of one behind each other.
    first : ndarray of int64, shape (n_combined,)
        Where among the parts those of each begin.
    """

    onset_ns: NDArray[np.int64]
    clm: NDArray[np.bool_]
    plm: NDArray[np.bool_]
    parts: NDArray[np.int64]
    first: NDArray[np.int64]

    def counted(self, weight: NDArray[np.float64]) -> Counted:
        """Return what they count for, each as much as the largest of its parts.

        Parameters
        ----------
        weight : ndarray of float64, shape (n_movements,)
            What each movement of the row counts for.
        """
        if not len(self.first):
            return Counted(0.0, 0.0, ())
        each = np.maximum.reduceat(weight[self.parts], self.first)
        periodic = zip(self.onset_ns[self.plm].tolist(), each[self.plm].tolist(), strict=True)
        return Counted(_sum(each), _sum(each[self.clm]), tuple(periodic))


def combined_movements(
    row: MovedRow,
    criteria: SeriesCriteria,
    losses: Sequence[Span] = (),
    asleep: Callable[[int], bool] | None = None,
) -> Combined:
    """Apply a rule set to a finished list of movements: combine those of both legs, and find the series.

    Parameters
    ----------
    row : MovedRow
        Movements of both legs by onset, then end and leg.
    criteria : SeriesCriteria
        The rule set; respiratory events are not looked at.
    losses : sequence of Span
        Stretches without signal on any leg, in order and apart from each other.
    asleep : callable, optional
        Says of an instant whether a person scored it as sleep; without it stages do not matter.

    Returns
    -------
    Combined
        The same as :class:`detectors.rules.series.RuleEngine` finds.
    """
    long = np.flatnonzero(row.length_ns >= nanoseconds(criteria.lm_min_s))
    parts, begins = _sorted(_rested(row.of(long), criteria))
    parts = long[parts]
    legs = _Legs.of(row.of(parts), begins)
    groups = _groups(legs, criteria)
    members, first = _sorted(groups)
    onset_ns = legs.onset_ns[members[first]]
    clm = _candidates(legs, members, first, criteria)
    plm = _periodic(onset_ns, clm, criteria, losses, asleep)
    if len(groups) < len(parts):
        groups = np.repeat(groups, _lengths(begins, len(parts)))
        members, first = _sorted(groups)
    return Combined(onset_ns, clm, plm, parts[members], first)


class _Legs(NamedTuple):
    """What the rules call leg movements: each leg from its first movement to its next rest, by onset."""

    onset_ns: NDArray[np.int64]
    end_ns: NDArray[np.int64]
    leg: NDArray[np.int64]

    @classmethod
    def of(cls, row: MovedRow, begins: NDArray[np.int64]) -> _Legs:
        end_ns = np.maximum.reduceat(row.end_ns, begins) if len(begins) else row.end_ns
        return cls(row.onset_ns[begins], end_ns, row.leg[begins])


def _rested(row: MovedRow, criteria: SeriesCriteria) -> NDArray[np.int64]:
    """Return for each movement the first one of its leg since that came to rest."""
    whose = np.arange(len(row.leg))
    gap_ns = nanoseconds(criteria.same_leg_gap_s)
    for leg in range(int(row.leg.max(initial=-1)) + 1):
        own = np.flatnonzero(row.leg == leg)
        until_ns = np.maximum.accumulate(row.end_ns[own])
        begins = np.ones(len(own), np.bool_)
        begins[1:] = row.onset_ns[own[1:]] >= until_ns[:-1] + gap_ns
        whose[own] = own[begins][begins.cumsum() - 1]
    return whose


def _groups(legs: _Legs, criteria: SeriesCriteria) -> NDArray[np.int64]:
    """Return for each leg movement the first one of those that are one with it."""
    groups = np.arange(len(legs.leg))
    some = groups
    if criteria.lm_max_s is not None:
        some = np.flatnonzero(legs.end_ns - legs.onset_ns <= nanoseconds(criteria.lm_max_s))
    if criteria.bilateral_gap_s is not None:
        reach_ns = np.maximum.accumulate(legs.end_ns[some])[:-1] + nanoseconds(criteria.bilateral_gap_s)
    else:
        reach_ns = legs.onset_ns[some][:-1] + nanoseconds(criteria.bilateral_onsets_s or 0.0)
    near = np.flatnonzero(legs.onset_ns[some[1:]] < reach_ns) + 1
    first = _chained(_Legs(*(column[some] for column in legs)), near.tolist(), criteria)
    groups[some] = some[first]
    return groups


def _chained(legs: _Legs, near: Iterable[int], criteria: SeriesCriteria) -> list[int]:
    """Give each leg movement that is near to earlier ones its group, which then reaches further."""
    gap_s, onsets_ns = criteria.bilateral_gap_s, nanoseconds(criteria.bilateral_onsets_s or 0.0)
    gap_ns = 0 if gap_s is None else nanoseconds(gap_s)
    onset_ns, end_ns, leg = (column.tolist() for column in legs)
    first = list(range(len(leg)))
    for at in near:
        begin = first[at - 1]
        others = [number for number in range(begin, at) if leg[number] != leg[at]]
        if not others:
            continue
        if gap_s is None:
            joins = onset_ns[at] - onset_ns[begin] < onsets_ns
        else:
            joins = onset_ns[at] - max(end_ns[number] for number in others) < gap_ns
        if joins:
            first[at] = begin
    return first


def _candidates(
    legs: _Legs, members: NDArray[np.int64], first: NDArray[np.int64], criteria: SeriesCriteria
) -> NDArray[np.bool_]:
    """Return which combined movements may belong to a series."""
    if not len(first):
        return np.zeros(0, np.bool_)
    ended_ns = np.maximum.reduceat(legs.end_ns[members], first)
    duration_ns = ended_ns - legs.onset_ns[members[first]]
    n = _lengths(first, len(members))
    alone_ns, both_s = nanoseconds(criteria.clm_max_s), criteria.bilateral_clm_max_s
    both = np.ones(len(first), np.bool_) if both_s is None else duration_ns <= nanoseconds(both_s)
    if criteria.max_components is not None:
        both &= n <= criteria.max_components
    if criteria.long_component_spoils:
        both &= np.maximum.reduceat((legs.end_ns - legs.onset_ns)[members], first) <= alone_ns
    return np.where(n == 1, duration_ns <= alone_ns, both)


def _periodic(
    onset_ns: NDArray[np.int64],
    clm: NDArray[np.bool_],
    criteria: SeriesCriteria,
    losses: Sequence[Span],
    asleep: Callable[[int], bool] | None,
) -> NDArray[np.bool_]:
    """Return which combined movements belong to a series."""
    least_ns, most_ns = nanoseconds(criteria.imi_min_s), nanoseconds(criteria.imi_max_s)
    some = np.flatnonzero(clm)
    if criteria.sleep_only and asleep is not None:
        some = some[np.fromiter(map(asleep, onset_ns[some].tolist()), np.bool_, len(some))]
    # After a long loss of signal there is no interval to what was before it.
    lost_ns = np.array([loss.onset_ns for loss in losses if loss.end_ns - loss.onset_ns > most_ns], np.int64)
    part = np.searchsorted(lost_ns, onset_ns[some], side="right")
    if criteria.short_imi is ShortInterval.DROPPED:
        kept = _spaced(onset_ns[some], part, least_ns)
        some, part = some[kept], part[kept]
    imi_ns = onset_ns[some[1:]] - onset_ns[some[:-1]]
    same = part[1:] == part[:-1]
    short = same & (imi_ns < least_ns)
    begins, spoils = np.ones(len(some), np.bool_), np.zeros(len(some), np.bool_)
    begins[1:] = short | ~same | (imi_ns > most_ns)
    if criteria.non_clm_ends_series:
        passed = (~clm).cumsum()[some]
        begins[1:] |= passed[1:] > passed[:-1]
    if criteria.short_imi is ShortInterval.ENDS_SERIES:
        spoils[1:] = short
        begins[1:] |= spoils[:-1]
    first = np.flatnonzero(begins)
    n = _lengths(first, len(some))
    periodic = np.zeros(len(clm), np.bool_)
    periodic[some[np.repeat(n >= criteria.min_series, n) & ~spoils]] = True
    return periodic


def _spaced(onset_ns: NDArray[np.int64], part: NDArray[np.int64], least_ns: int) -> list[int]:
    """Return the numbers of what follows the last such one of its part of the night soon enough."""
    kept: list[int] = []
    last: tuple[int, int] | None = None
    for number, (at_ns, here) in enumerate(zip(onset_ns.tolist(), part.tolist(), strict=True)):
        if last is None or here != last[1] or at_ns - last[0] >= least_ns:
            kept.append(number)
            last = (at_ns, here)
    return kept


def _sorted(groups: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the members of groups behind each other, and where those of each begin."""
    members = groups.argsort(kind="stable")
    here = groups[members]
    begins = np.ones(len(here), np.bool_)
    begins[1:] = here[1:] != here[:-1]
    return members, np.flatnonzero(begins)


def _lengths(first: NDArray[np.int64], stop: int) -> NDArray[np.int64]:
    """Return how long the stretches are that begin at some places, each up to the next."""
    lengths = np.empty(len(first), np.int64)
    lengths[:-1], lengths[-1:] = first[1:] - first[:-1], stop - first[-1:]
    return lengths


def _sum(weights: NDArray[np.float64]) -> float:
    """Return the sum, added one after the other as elsewhere: numpy adds by halves, and rounds otherwise."""
    return float(weights.cumsum()[-1]) if len(weights) else 0.0
