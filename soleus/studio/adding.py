"""What several recordings add up to, each number with its interval over subjects."""

from __future__ import annotations

from math import isfinite
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

from dashboards.bench_values import Number
from detectors.evaluate import bootstrap
from detectors.evaluate.agreement import by_subject
from detectors.evaluate.statistics import ratio

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    Sums = NDArray[np.float64]


class Row(NamedTuple):
    """What was counted in one recording, or in several together.

    Parameters
    ----------
    hits, missed, false : float
        Events, as :func:`detectors.evaluate.counting.count_class` counts them.
    hours : float
        Valid time, h; 0 where nothing is judged.
    index_per_h : float
        Periodic leg movements per hour of recording, 1/h.
    off_per_h : float
        How far that lies from the reference, 1/h.
    indexed, compared : float
        In how many recordings the two are known.
    """

    hits: float = 0.0
    missed: float = 0.0
    false: float = 0.0
    hours: float = 0.0
    index_per_h: float = 0.0
    off_per_h: float = 0.0
    indexed: float = 0.0
    compared: float = 0.0

    def without_index(self) -> Row:
        """Return the same of a recording that is too short for an index."""
        return self._replace(index_per_h=0.0, off_per_h=0.0, indexed=0.0, compared=0.0)


def agreement(rows: Sequence[Row], subjects: Sequence[str], *, is_judged: bool) -> tuple[Number, ...]:
    """Return what several recordings are together, each number with its interval over subjects.

    Parameters
    ----------
    rows : sequence of Row
        One for each recording.
    subjects : sequence of str
        Whose it is.
    is_judged : bool
        Whether there is a reference; the index alone is told without one.

    Returns
    -------
    tuple of Number
        ``f1``, ``sensitivity``, ``ppv``, ``false_per_h``, ``index_per_h``, ``index_off_per_h``.
    """
    counts = np.array(rows, dtype=np.float64).reshape(-1, len(Row._fields))
    names = RATIOS if is_judged else ("index_per_h",)
    return tuple(number_of(name, by_subject(*_telling(name, counts, subjects)), RATIOS[name]) for name in names)


def _telling(name: str, counts: Sums, subjects: Sequence[str]) -> tuple[Sums, list[str]]:
    """Return the recordings that say something about a number, and whose they are."""
    which = np.flatnonzero(counts[:, COUNTED.get(name, JUDGED)].any(axis=1)).tolist()
    return counts[which], [subjects[at] for at in which]


def number_of(name: str, counts: Sums, statistic: Callable[[Sums], Sums]) -> Number:
    """Return a number of several subjects together, with its interval where there are several.

    Parameters
    ----------
    name : str
        What it is called.
    counts : ndarray of float, shape (n_subjects, n_counts)
        What was counted, subjects apart.
    statistic : callable
        From sums, shape (n, n_counts), to numbers, shape (n,); nan where there is none.
    """
    value = float(statistic(counts.sum(axis=0, keepdims=True))[0])
    told = [float(one) if isfinite(one) else None for one in (value, *bootstrap(counts, statistic))]
    return Number(name, told[0], told[1], told[2])


def with_reasons(numbers: Sequence[Number], reasons: Sequence[tuple[str, str]]) -> tuple[Number, ...]:
    """Return numbers that say why there is no index of a recording.

    Parameters
    ----------
    numbers : sequence of Number
        From :func:`agreement`.
    reasons : sequence of (str, str)
        For each recording its name, and why it has no index; empty where it has one.

    Examples
    --------
    >>> short = [("a", ""), ("b", "0.2 h of valid signal, an index needs 4 h")]
    >>> with_reasons([Number("index_per_h", 3.0)], short)[0].why
    'unknown for 1 of 2 recordings; b: 0.2 h of valid signal, an index needs 4 h'
    """
    lacking = [f"{name}: {why}" for name, why in reasons if why]
    if not lacking:
        return tuple(numbers)
    many = f"unknown for {len(lacking)} of {len(reasons)} recordings; "
    why = lacking[0] if len(reasons) == 1 else many + lacking[0]
    return tuple(one._replace(why=why) if one.name in INDICES else one for one in numbers)


def totals(rows: Sequence[Row]) -> dict[str, float | None]:
    """Return the numbers of :func:`agreement` without intervals; None where one cannot be said."""
    sums = np.array(rows, dtype=np.float64).reshape(-1, len(Row._fields)).sum(axis=0, keepdims=True)
    values = {name: float(statistic(sums)[0]) for name, statistic in RATIOS.items()}
    return {name: value if isfinite(value) else None for name, value in values.items()}


def _f1(sums: Sums) -> Sums:
    hits, missed, false = sums[:, :3].T
    there = hits + missed
    return ratio(2 * hits, np.where(there > 0, there + hits + false, 0.0))


RATIOS: Final[dict[str, Callable[[Sums], Sums]]] = {
    "f1": _f1,
    "sensitivity": lambda sums: ratio(sums[:, 0], sums[:, 0] + sums[:, 1]),
    "ppv": lambda sums: ratio(sums[:, 0], sums[:, 0] + sums[:, 2]),
    "false_per_h": lambda sums: ratio(sums[:, 2], sums[:, 3]),
    "index_per_h": lambda sums: ratio(sums[:, 4], sums[:, 6]),
    "index_off_per_h": lambda sums: ratio(sums[:, 5], sums[:, 7]),
}
"""From sums of rows, shape (n, 8), to numbers, shape (n,)."""
JUDGED: Final = [Row._fields.index(name) for name in ("hits", "missed", "false", "hours")]
COUNTED: Final = {"index_per_h": [Row._fields.index("indexed")], "index_off_per_h": [Row._fields.index("compared")]}
"""Where a row is 0 of a recording that says nothing about a number; of other numbers that is `JUDGED`."""
INDICES: Final = tuple(COUNTED)
