"""Second by second, or epoch by epoch: whether two scorers say the same (science.md 8.2)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from detectors.evaluate.statistics import ratio

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from detectors.evaluate.marks import SleepState

    Spans = NDArray[np.float64]
    Flags = NDArray[np.bool_]

SECOND_S = 1.0
EPOCH_S = 30.0


@dataclass(frozen=True, slots=True)
class Crossed:
    """How often two scorers said yes or no about the same stretches of time.

    Parameters
    ----------
    both, found_only, truth_only, neither : int
        Stretches that both, one, the other, or neither of them marked.
    """

    both: int
    found_only: int
    truth_only: int
    neither: int

    @property
    def n(self) -> int:
        """Stretches that were compared."""
        return self.both + self.found_only + self.truth_only + self.neither

    @property
    def row(self) -> tuple[int, int, int, int]:
        """The four counts in their order."""
        return self.both, self.found_only, self.truth_only, self.neither

    def __add__(self, other: Crossed) -> Crossed:
        """Return the counts of both."""
        return Crossed(*(one + two for one, two in zip(self.row, other.row, strict=True)))


NOTHING_CROSSED = Crossed(0, 0, 0, 0)


def marked(spans: Spans, n: int, epoch_s: float) -> Flags:
    """Return which stretches an event reaches into, however little.

    Parameters
    ----------
    spans : ndarray of float, shape (n_events, 2)
        Onsets and ends ``[onset, end)`` from the start of the recording, s.
    n : int
        How many stretches the recording has.
    epoch_s : float
        Length of each, s.

    Returns
    -------
    ndarray of bool, shape (n,)
        One per stretch ``[k epoch_s, (k + 1) epoch_s)``.

    Examples
    --------
    >>> marked(np.array([[0.9, 2.0]]), 4, 1.0).tolist()
    [True, True, False, False]
    """
    first = np.floor(spans[:, 0] / epoch_s)
    # An event of no length lies somewhere all the same.
    stop = np.maximum(np.ceil(spans[:, 1] / epoch_s), first + 1)
    edges = np.zeros(n + 1, dtype=np.int64)
    np.add.at(edges, np.clip(first, 0, n).astype(np.intp), 1)
    np.subtract.at(edges, np.clip(stop, 0, n).astype(np.intp), 1)
    flags: Flags = np.cumsum(edges[:-1]) > 0
    return flags


def crossed(found: Flags, truth: Flags, counted: Flags) -> Crossed:
    """Count the stretches that are to be counted by what two scorers say of them.

    Parameters
    ----------
    found, truth, counted : ndarray of bool, shape (n,)
        What is judged, what it is judged by, and which stretches count.

    Returns
    -------
    Crossed
        The four counts.
    """
    one, other = found[counted], truth[counted]
    return Crossed(
        int((one & other).sum()), int((one & ~other).sum()), int((~one & other).sum()), int((~one & ~other).sum())
    )


def sleep_flags(sleep: Sequence[SleepState], n: int, epoch_s: float = EPOCH_S) -> tuple[Flags, Flags]:
    """Return in which epochs somebody sleeps, and of which ones that is said at all.

    Parameters
    ----------
    sleep : sequence of SleepState
        Stretches of sleep and wake.
    n : int
        How many epochs there are.
    epoch_s : float
        Their length, s.

    Returns
    -------
    tuple of ndarray of bool, shape (n,)
        Asleep, and known, in the middle of each epoch.
    """
    asleep, known = np.zeros(n, dtype=bool), np.zeros(n, dtype=bool)
    middles_s = (np.arange(n) + 0.5) * epoch_s
    for span in sleep:
        here = (middles_s >= span.onset_s) & (middles_s < span.end_s)
        known |= here
        asleep[here] = span.asleep
    return asleep, known


def kappa(counts: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return Cohen's kappa.

    Parameters
    ----------
    counts : ndarray of float, shape (..., 4)
        Stretches marked by both, by the one, by the other, by neither.

    Returns
    -------
    ndarray of float, shape (...)
        1 for full agreement, 0 for that of chance; nan where one answer alone was ever given.

    References
    ----------
    Cohen J. A coefficient of agreement for nominal scales. Educ Psychol Meas 1960;20:37-46.

    Examples
    --------
    >>> float(kappa(np.array([20.0, 5.0, 10.0, 15.0])))
    0.4
    """
    both, found, truth, neither = np.moveaxis(np.asarray(counts, dtype=np.float64), -1, 0)
    n = both + found + truth + neither
    # Observed minus expected, over one minus expected, each times n squared.
    by_chance = (both + found) * (both + truth) + (neither + found) * (neither + truth)
    above = n * (both + neither) - by_chance
    return ratio(above, n * n - by_chance)


def matthews(counts: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return Matthews' correlation of two yes-or-no scorings.

    Parameters
    ----------
    counts : ndarray of float, shape (..., 4)
        As for `kappa`.

    Returns
    -------
    ndarray of float, shape (...)
        -1 to 1; nan where one of them gave one answer alone.

    References
    ----------
    Matthews BW. Biochim Biophys Acta 1975;405:442-451. doi:10.1016/0005-2795(75)90109-9
    """
    both, found, truth, neither = np.moveaxis(np.asarray(counts, dtype=np.float64), -1, 0)
    spread = (both + found) * (both + truth) * (neither + found) * (neither + truth)
    return ratio(both * neither - found * truth, np.sqrt(spread))


def share(counts: NDArray[np.float64], part: int, other: int) -> NDArray[np.float64]:
    """Return one count over the sum of it and another: sensitivity for (0, 2), specificity for (3, 1)."""
    columns = np.moveaxis(np.asarray(counts, dtype=np.float64), -1, 0)
    return ratio(columns[part], columns[part] + columns[other])
