"""Who is held back when: folds of subjects, inside of which there are folds again."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from soleus.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Iterable

LEAST = 2


@dataclass(frozen=True, slots=True)
class Fold:
    """One fold: thresholds are chosen on some subjects and judged on others.

    Parameters
    ----------
    number : int
        From 1.
    chosen_on : tuple of tuple of str
        Subjects that they are chosen on, in the groups of the inner folds.
    held_back : tuple of str
        Subjects that nothing of the choice has seen.

    Raises
    ------
    ValueError
        If a subject is in both, or comes twice.
    """

    number: int
    chosen_on: tuple[tuple[str, ...], ...]
    held_back: tuple[str, ...]

    def __post_init__(self) -> None:
        everybody = [*(one for group in self.chosen_on for one in group), *self.held_back]
        if len(set(everybody)) < len(everybody):
            twice = next(one for one in everybody if everybody.count(one) > 1)
            msg = f"fold {self.number}: subject {twice} comes {everybody.count(twice)} times, expected once"
            raise ValueError(msg)


def dealt(subjects: Iterable[str], n_groups: int, seed: int) -> tuple[tuple[str, ...], ...]:
    """Deal subjects into groups by lot.

    Parameters
    ----------
    subjects : iterable of str
        The subjects, in any order; one that comes several times (several nights) is dealt once.
    n_groups : int
        How many groups.
    seed : int
        Seed of the lot.

    Returns
    -------
    tuple of tuple of str
        The groups, none larger than another by more than one.

    Raises
    ------
    ConfigError
        If there are fewer subjects than groups, or fewer than two groups.

    Examples
    --------
    >>> [len(group) for group in dealt("abcdeabc", 2, seed=1)]
    [3, 2]
    """
    names = sorted(set(subjects))
    if n_groups < LEAST or len(names) < n_groups:
        msg = f"{n_groups} folds of {len(names)} subjects, expected at least {LEAST} folds and a subject in each"
        raise ConfigError(msg)
    order = np.random.default_rng([seed, n_groups, len(names)]).permutation(len(names))
    return tuple(tuple(names[place] for place in sorted(order[first::n_groups])) for first in range(n_groups))


def nested_folds(subjects: Iterable[str], n_outer: int, n_inner: int, seed: int) -> tuple[Fold, ...]:
    """Return the folds of a nested cross-validation.

    Parameters
    ----------
    subjects : iterable of str
        The subjects.
    n_outer : int
        How many folds; each holds back one group, and every subject is held back once.
    n_inner : int
        Into how many groups the others are dealt; fewer where there are not so many subjects.
    seed : int
        Seed of the lots.

    Returns
    -------
    tuple of Fold
        The folds.

    Raises
    ------
    ConfigError
        If there are too few subjects.
    """
    groups = dealt(subjects, n_outer, seed)
    folds = []
    for number, held_back in enumerate(groups, start=1):
        others = [one for group in groups if group is not held_back for one in group]
        folds.append(Fold(number, inner_groups(others, n_inner, seed), held_back))
    return tuple(folds)


def inner_groups(subjects: Iterable[str], n_groups: int, seed: int) -> tuple[tuple[str, ...], ...]:
    """Deal the subjects that thresholds are chosen on; one group where one is asked for or there is one subject."""
    names = sorted(set(subjects))
    n_dealt = min(n_groups, len(names))
    return (tuple(names),) if n_dealt < LEAST else dealt(names, n_dealt, seed)
