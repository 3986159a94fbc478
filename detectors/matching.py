"""Which found event is which true one: one-to-one, by overlap."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy.optimize import linear_sum_assignment
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

if TYPE_CHECKING:
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


def match(found: NDArray[np.float64], truth: NDArray[np.float64], *, iou_min: float) -> Matches:
    """Match found events with true ones so that the overlaps add up to the most.

    Parameters
    ----------
    found : ndarray of float, shape (n_found, 2)
        Onset and end of each found event, in any unit.
    truth : ndarray of float, shape (n_true, 2)
        Onset and end of each true event, in the same unit.
    iou_min : float
        Least intersection over union of a match; a pair with exactly this much is one.

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
    for name, spans in (("found", found), ("truth", truth)):
        if spans.ndim != 2 or spans.shape[1] != 2:  # noqa: PLR2004 - onset and end
            msg = f"{name} has shape {spans.shape}, expected (n, 2): onset and end"
            raise ValueError(msg)
    if not 0 < iou_min <= 1:
        msg = f"iou_min is {iou_min}, expected more than 0 and at most 1"
        raise ValueError(msg)
    rows, columns, overlap = _candidates(found, truth, iou_min)
    pairs: list[tuple[int, int]] = []
    links = coo_array((np.ones(len(rows)), (rows, columns + len(found))), shape=(len(found) + len(truth),) * 2)
    _, group = connected_components(links, directed=False)
    for number in np.unique(group[rows]):
        inside = group[rows] == number
        pairs += _assigned(rows[inside], columns[inside], overlap[inside])
    used_rows, used_columns = {i for i, _ in pairs}, {j for _, j in pairs}
    return Matches(
        tuple(sorted(pairs)),
        tuple(j for j in range(len(truth)) if j not in used_columns),
        tuple(i for i in range(len(found)) if i not in used_rows),
    )


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


def _candidates(
    found: NDArray[np.float64], truth: NDArray[np.float64], iou_min: float
) -> tuple[NDArray[np.intp], NDArray[np.intp], NDArray[np.float64]]:
    """Return the pairs that overlap enough, and by how much."""
    rows, columns = np.nonzero((found[:, None, 0] < truth[None, :, 1]) & (found[:, None, 1] > truth[None, :, 0]))
    overlap = iou(found[rows], truth[columns])
    enough = overlap >= iou_min
    return rows[enough], columns[enough], overlap[enough]


def _assigned(rows: NDArray[np.intp], columns: NDArray[np.intp], overlap: NDArray[np.float64]) -> list[tuple[int, int]]:
    """Solve one group; a pair that does not overlap enough is worth nothing."""
    names, places = np.unique(rows, return_inverse=True)
    other_names, other_places = np.unique(columns, return_inverse=True)
    worth = np.zeros((len(names), len(other_names)))
    worth[places, other_places] = overlap
    chosen = zip(*linear_sum_assignment(worth, maximize=True), strict=True)
    return [(int(names[i]), int(other_names[j])) for i, j in chosen if worth[i, j] > 0]
