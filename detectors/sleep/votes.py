"""Two opinions on each half minute: does the leg keep its angle, and how much has it moved."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from detectors.published import KRIPKE_ETH_ANKLE

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from detectors.sleep.criteria import ActivityRule, SleepCriteria
    from detectors.sleep.grid import Motion

_HALF = 0.5


class Votes(NamedTuple):
    """Opinions on consecutive epochs, shape (n_epochs,) each.

    Parameters
    ----------
    known : ndarray of bool
        Whether any leg is known.
    inactive : ndarray of bool
        First vote: every known leg keeps its angle.
    quiet : ndarray of bool
        Second vote: no known leg has moved much.
    """

    known: NDArray[np.bool_]
    inactive: NDArray[np.bool_]
    quiet: NDArray[np.bool_]


def votes(legs: Sequence[Motion], criteria: SleepCriteria) -> Votes:
    """Return both votes on every epoch (science.md 6.1, 6.3).

    Parameters
    ----------
    legs : sequence of Motion
        At least one leg.
    criteria : SleepCriteria
        Thresholds.

    Returns
    -------
    Votes
        One per epoch.

    Notes
    -----
    Two legs sleep if both do: the angle of each has to rest, and the livelier one's activity counts.
    Where one is not known the other decides.
    """
    known = np.stack([leg.known for leg in legs])
    inactive = np.stack([inactive_epochs(leg.angle_deg, len(leg.activity), criteria) for leg in legs])
    activity = np.stack([np.where(leg.known, leg.activity, 0.0) for leg in legs]).max(axis=0)
    resting = np.logical_and.reduce(inactive | ~known, axis=0)
    return Votes(np.logical_or.reduce(known, axis=0), resting, quiet_epochs(activity, criteria))


def inactive_epochs(angle_deg: NDArray[np.float64], n_epochs: int, criteria: SleepCriteria) -> NDArray[np.bool_]:
    """Return where the angle rests: no change of more than `change_deg` for `still_s` (van Hees 2015).

    Parameters
    ----------
    angle_deg : ndarray of float64, shape (n_bins,)
        Angle of one leg; NaN where it is not known.
    n_epochs : int
        Number of epochs.
    criteria : SleepCriteria
        Thresholds.

    Returns
    -------
    ndarray of bool, shape (n_epochs,)
        Whether more than half of an epoch's known bins lie in such a stretch.
    """
    known = np.isfinite(angle_deg)
    resting = np.zeros(len(angle_deg), np.bool_)
    places = np.flatnonzero(known)
    changes = np.flatnonzero(np.abs(np.diff(angle_deg[places])) > criteria.change_deg) + 1
    edges = [0, *changes.tolist(), len(places)]
    for first, stop in pairwise(edges):
        if (stop - first) * criteria.bin_s >= criteria.still_s:
            resting[places[first:stop]] = True
    per_epoch = (n_epochs, -1)
    in_rest: NDArray[np.bool_] = resting.reshape(per_epoch).sum(axis=1) > _HALF * known.reshape(per_epoch).sum(axis=1)
    return in_rest


def quiet_epochs(
    activity: NDArray[np.float64], criteria: SleepCriteria, rule: ActivityRule = KRIPKE_ETH_ANKLE
) -> NDArray[np.bool_]:
    """Return where the weighted activity of the minutes around an epoch is small (Kripke 2010, ankle).

    Parameters
    ----------
    activity : ndarray of float64, shape (n_epochs,)
        Integral of the activity over each epoch, g s.
    criteria : SleepCriteria
        Threshold and gain.
    rule : ActivityRule
        Weights of the minutes.

    Returns
    -------
    ndarray of bool, shape (n_epochs,)
        Whether the sum is at most `wake_sum`.

    Notes
    -----
    The published rule scores minutes. Here the minute of an epoch is the mean of the two minutes
    that it is part of, and the other minutes lie two epochs apart from it. Our activity is measured
    in another band and over another dead band than the published one: `activity_gain` is what made
    movements gave as the ratio of the two.
    """
    padded = np.pad(activity, 1)
    minutes = (padded[:-2] + 2 * padded[1:-1] + padded[2:]) / 2
    before, after = 2 * rule.minutes_before, 2 * (len(rule.weights) - 1 - rule.minutes_before)
    around = np.pad(minutes, (before, after))
    total = np.zeros(len(activity))
    for number, weight in enumerate(rule.weights):
        total += weight * around[2 * number : 2 * number + len(activity)]
    quiet: NDArray[np.bool_] = rule.scale * criteria.activity_gain * total <= criteria.wake_sum
    return quiet
