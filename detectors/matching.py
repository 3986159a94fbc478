"""Which found event is which true one: one-to-one, by overlap or by onset (science.md 8.1)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from scipy.optimize import linear_sum_assignment
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Matches:
    """What became of two lists of events.

    Parameters
    ----------
    pairs : tuple of (int, int)
        Index in the found list and index in the true list of each match.
    missed : tuple of int
        Indices of true events without a match.
    false : tuple of int
        Indices of found events without a match.
    """

    pairs: tuple[tuple[int, int], ...]
    missed: tuple[int, ...]
    false: tuple[int, ...]


class Fragments(NamedTuple):
    """Where one list has several events and the other has one.

    Parameters
    ----------
    split : tuple of int
        Indices of true events that several found ones overlap.
    merged : tuple of int
        Indices of found events that overlap several true ones.
    """

    split: tuple[int, ...]
    merged: tuple[int, ...]


class _Candidates(NamedTuple):
    """Pairs that may go together and what each is worth, more than 0."""

    rows: NDArray[np.intp]
    columns: NDArray[np.intp]
    worth: NDArray[np.float64]


def match(
    found: NDArray[np.float64], truth: NDArray[np.float64], *, iou_min: float, onset_within: float = np.inf
) -> Matches:
    """Match found events with true ones so that the overlaps add up to the most.

    Parameters
    ----------
    found : ndarray of float, shape (n_found, 2)
        Onset and end of each found event, in any unit.
    truth : ndarray of float, shape (n_true, 2)
        Onset and end of each true event, in the same unit.
    iou_min : float
        Least intersection over union of a match; a pair with exactly this much is one.
    onset_within : float
        Largest distance of the onsets of a match, in the same unit.

    Returns
    -------
    Matches
        Every event is in at most one pair.

    Raises
    ------
    ValueError
        If a list does not have two columns, or `iou_min` is not above 0 and at most 1.

    Notes
    -----
    Events that could go together fall into small groups; each group is solved exactly with the
    Hungarian method, so that a night of thousands of events does not need a matrix of millions.

    Examples
    --------
    >>> match(np.array([[0.0, 2.0], [10.0, 12.0]]), np.array([[0.5, 2.0], [20.0, 21.0]]), iou_min=0.3)
    Matches(pairs=((0, 0),), missed=(1,), false=(1,))
    """
    _check(found, truth)
    if not 0 < iou_min <= 1:
        msg = f"iou_min is {iou_min}, expected more than 0 and at most 1"
        raise ValueError(msg)
    rows, columns = _touching(found, truth)
    overlap = iou(found[rows], truth[columns])
    enough = (overlap >= iou_min) & (np.abs(found[rows, 0] - truth[columns, 0]) <= onset_within)
    return _matches(_Candidates(rows[enough], columns[enough], overlap[enough]), len(found), len(truth))


def match_onsets(found: NDArray[np.float64], truth: NDArray[np.float64], *, tolerance: float) -> Matches:
    """Match found events with true ones that begin at about the same time.

    Parameters
    ----------
    found, truth : ndarray of float, shape (n, 2)
        Onset and end of each event, in any unit.
    tolerance : float
        Largest distance of the onsets of a match, in the same unit; a pair exactly as far apart is one.

    Returns
    -------
    Matches
        As many pairs as can be, and of those the nearest.

    Raises
    ------
    ValueError
        If a list does not have two columns, or `tolerance` is not positive.

    Examples
    --------
    >>> match_onsets(np.array([[1.0, 2.0]]), np.array([[1.04, 1.05], [3.0, 3.1]]), tolerance=0.05)
    Matches(pairs=((0, 0),), missed=(1,), false=())
    """
    _check(found, truth)
    if not tolerance > 0:
        msg = f"tolerance is {tolerance}, expected more than 0"
        raise ValueError(msg)
    distance = np.abs(found[:, None, 0] - truth[None, :, 0])
    rows, columns = np.nonzero(distance <= tolerance)
    # Between 1 and 2: two pairs, however far, are never worth less than one.
    worth = 2.0 - distance[rows, columns] / tolerance
    return _matches(_Candidates(rows, columns, worth), len(found), len(truth))


def match_shares(found: NDArray[np.float64], truth: NDArray[np.float64], *, share_min: float) -> Matches:
    """Match found events with true ones when they share enough of the longer of the two.

    Parameters
    ----------
    found, truth : ndarray of float, shape (n, 2)
        Onset and end of each event, in any unit.
    share_min : float
        Least overlap, as a share of the longer event.

    Returns
    -------
    Matches
        Every event is in at most one pair.

    Raises
    ------
    ValueError
        If a list does not have two columns, or `share_min` is not above 0 and at most 1.

    Examples
    --------
    >>> match_shares(np.array([[0.0, 60.0]]), np.array([[30.0, 100.0]]), share_min=0.5).pairs
    ()
    """
    _check(found, truth)
    if not 0 < share_min <= 1:
        msg = f"share_min is {share_min}, expected more than 0 and at most 1"
        raise ValueError(msg)
    rows, columns = _touching(found, truth)
    one, other = found[rows], truth[columns]
    longer = np.maximum(one[:, 1] - one[:, 0], other[:, 1] - other[:, 0])
    share = (np.minimum(one[:, 1], other[:, 1]) - np.maximum(one[:, 0], other[:, 0])) / longer
    enough = share >= share_min
    return _matches(_Candidates(rows[enough], columns[enough], share[enough]), len(found), len(truth))


def fragments(found: NDArray[np.float64], truth: NDArray[np.float64]) -> Fragments:
    """Find events that one list splits and the other does not.

    Parameters
    ----------
    found, truth : ndarray of float, shape (n, 2)
        Onset and end of each event, in any unit.

    Returns
    -------
    Fragments
        Split true events and merged found ones; most of what human scorers disagree on is of this kind.

    Raises
    ------
    ValueError
        If a list does not have two columns.

    Examples
    --------
    >>> fragments(np.array([[0.0, 1.0], [2.0, 3.0]]), np.array([[0.0, 3.0]]))
    Fragments(split=(0,), merged=())
    """
    _check(found, truth)
    rows, columns = _touching(found, truth)
    return Fragments(_repeated(columns, len(truth)), _repeated(rows, len(found)))


def iou(one: NDArray[np.float64], other: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the intersection over union of spans, pair by pair.

    Parameters
    ----------
    one, other : ndarray of float, shape (n, 2)
        Onsets and ends.

    Returns
    -------
    ndarray of float, shape (n,)
        Between 0 and 1; 0 where both spans are empty.

    Examples
    --------
    >>> float(iou(np.array([[0.0, 3.0]]), np.array([[1.0, 4.0]]))[0])
    0.5
    """
    shared = np.maximum(np.minimum(one[:, 1], other[:, 1]) - np.maximum(one[:, 0], other[:, 0]), 0.0)
    union = (one[:, 1] - one[:, 0]) + (other[:, 1] - other[:, 0]) - shared
    result: NDArray[np.float64] = np.divide(shared, union, out=np.zeros_like(shared), where=union > 0)
    return result


def _check(found: NDArray[np.float64], truth: NDArray[np.float64]) -> None:
    for name, spans in (("found", found), ("truth", truth)):
        if spans.ndim != 2 or spans.shape[1] != 2:  # noqa: PLR2004 - onset and end
            msg = f"{name} has shape {spans.shape}, expected (n, 2): onset and end"
            raise ValueError(msg)


def _touching(found: NDArray[np.float64], truth: NDArray[np.float64]) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Return the pairs that overlap."""
    rows, columns = np.nonzero((found[:, None, 0] < truth[None, :, 1]) & (found[:, None, 1] > truth[None, :, 0]))
    return rows, columns


def _repeated(indices: NDArray[np.intp], size: int) -> tuple[int, ...]:
    return tuple(int(i) for i in np.flatnonzero(np.bincount(indices, minlength=size) > 1))


def _matches(candidates: _Candidates, n_found: int, n_true: int) -> Matches:
    """Solve group by group: events that could go together fall into small ones, most of them of one pair."""
    rows, columns, _ = candidates
    alone = (np.bincount(rows, minlength=1)[rows] == 1) & (np.bincount(columns, minlength=1)[columns] == 1)
    pairs = list(zip(rows[alone].tolist(), columns[alone].tolist(), strict=True))
    for group in _groups(_Candidates(*(one[~alone] for one in candidates)), n_found, n_true):
        pairs += _assigned(*group)
    used_rows, used_columns = {i for i, _ in pairs}, {j for _, j in pairs}
    return Matches(
        tuple(sorted(pairs)),
        tuple(j for j in range(n_true) if j not in used_columns),
        tuple(i for i in range(n_found) if i not in used_rows),
    )


def _groups(candidates: _Candidates, n_found: int, n_true: int) -> Iterator[_Candidates]:
    """Yield what hangs together."""
    rows, columns, worth = candidates
    if not len(rows):
        return
    links = coo_array((np.ones(len(rows)), (rows, columns + n_found)), shape=(n_found + n_true,) * 2)
    _, names = connected_components(links, directed=False)
    order = np.argsort(names[rows], kind="stable")
    cuts = np.flatnonzero(np.diff(names[rows][order])) + 1
    for inside in np.split(order, cuts):
        yield _Candidates(rows[inside], columns[inside], worth[inside])


def _assigned(rows: NDArray[np.intp], columns: NDArray[np.intp], worths: NDArray[np.float64]) -> list[tuple[int, int]]:
    """Solve one group; a pair that is no candidate is worth nothing."""
    names, places = np.unique(rows, return_inverse=True)
    other_names, other_places = np.unique(columns, return_inverse=True)
    worth = np.zeros((len(names), len(other_names)))
    worth[places, other_places] = worths
    chosen = zip(*linear_sum_assignment(worth, maximize=True), strict=True)
    return [(int(names[i]), int(other_names[j])) for i, j in chosen if worth[i, j] > 0]
