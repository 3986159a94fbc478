"""Which question would tell most about which of many scorings is right (query by committee)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

# A person who looks at an event answers otherwise than the best thresholds would about one time in ten.
SLIP: Final = 0.1
# Where the scorings agree so far, an answer tells nothing about them: one of fifty says otherwise.
LEAST_VARIANCE: Final = 0.02
# Two events of the same minute are mostly decided by the same noise.
APART_S: Final = 60.0


class Places(NamedTuple):
    """Where candidates lie: number of the recording, and onset from its start, s; each of shape (n,)."""

    recording: NDArray[np.intp]
    onset_s: NDArray[np.float64]


def belief(n_wrong: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return how likely each scoring is the one that a rater would choose.

    Parameters
    ----------
    n_wrong : ndarray of float, shape (n_scorings,)
        How many of his answers each contradicts.

    Returns
    -------
    ndarray of float, shape (n_scorings,)
        Adds up to 1; all alike before there are answers.

    Examples
    --------
    >>> belief(np.array([0.0, 0.0, 1.0])).round(3).tolist()
    [0.474, 0.474, 0.053]
    """
    likely = np.exp((n_wrong.min() - n_wrong) * np.log((1.0 - SLIP) / SLIP))
    share: NDArray[np.float64] = likely / likely.sum()
    return share


def expected_wrong(votes: NDArray[np.bool_], weights: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return of how many candidates each scoring is expected to be wrong.

    Parameters
    ----------
    votes : ndarray of bool, shape (n_scorings, n_candidates)
        Which scoring finds which candidate.
    weights : ndarray of float, shape (n_scorings,)
        How likely each scoring is the right one.

    Returns
    -------
    ndarray of float, shape (n_scorings,)
        Missed and false ones together.

    Examples
    --------
    >>> expected_wrong(np.array([[True, True], [True, False]]), np.array([0.75, 0.25])).tolist()
    [0.25, 0.75]
    """
    found = weights @ votes
    wrong: NDArray[np.float64] = np.where(votes, 1.0 - found, found).sum(axis=1)
    return wrong


def most_telling(votes: NDArray[np.bool_], weights: NDArray[np.float64], places: Places, n: int) -> list[int]:
    """Return the candidates whose answers together tell most about which scoring is right.

    Parameters
    ----------
    votes : ndarray of bool, shape (n_scorings, n_candidates)
        Which scoring finds which candidate.
    weights : ndarray of float, shape (n_scorings,)
        How likely each scoring is the right one.
    places : Places
        Where the candidates lie; of each minute of a recording at most one is asked about, and a recording gives
        way the more of its candidates were taken.
    n : int
        How many, at most; fewer where the scorings agree about all others.

    Returns
    -------
    list of int
        Numbers of candidates, the most telling first.

    Notes
    -----
    The next one is that about which the scorings disagree most after those before it are answered: the largest
    variance that is left, so that of two candidates that rise and fall with the same threshold one is enough.

    References
    ----------
    Seung HS, Opper M, Sompolinsky H. Query by committee. Proc. COLT 1992:287-294. doi:10.1145/130385.130417. Krause A,
    Singh A, Guestrin C. Near-optimal sensor placements in Gaussian processes. JMLR 2008;9:235-284.

    Examples
    --------
    >>> votes = np.array([[1, 1, 1, 0], [1, 1, 1, 0], [1, 1, 0, 0], [1, 0, 0, 0]], np.bool_)
    >>> places = Places(np.zeros(4, np.intp), np.array([0.0, 100.0, 200.0, 300.0]))
    >>> most_telling(votes, np.full(4, 1 / 4), places, 4)
    [2, 1]
    """
    left = np.sqrt(weights)[:, None] * (votes - weights @ votes)
    free = np.ones(votes.shape[1], np.bool_)
    taken = np.zeros(int(places.recording.max(initial=0)) + 1)
    chosen: list[int] = []
    while len(chosen) < n:
        variance = (left**2).sum(axis=0)
        variance = np.where(free & (variance > LEAST_VARIANCE), variance, 0.0)
        if not variance.any():
            break
        one = int(np.argmax(variance / (1.0 + taken[places.recording] * len(taken) / n)))
        chosen.append(one)
        taken[places.recording[one]] += 1
        free &= apart(places, one)
        asked = left[:, one]
        left = left - np.outer(asked, asked @ left) / (asked @ asked + SLIP * (1.0 - SLIP))
    return chosen


def apart(places: Places, one: int) -> NDArray[np.bool_]:
    """Return which candidates lie in another minute than one of them, or in another recording."""
    near = np.abs(places.onset_s - places.onset_s[one]) < APART_S
    elsewhere: NDArray[np.bool_] = ~(near & (places.recording == places.recording[one]))
    return elsewhere
