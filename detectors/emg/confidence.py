"""How sure one can be that a contraction is cramp-like."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

from detectors.events import Step, StepRole

if TYPE_CHECKING:
    from collections.abc import Mapping

    from detectors.emg.cramp_criteria import CrampCriteria

PROBABLE: Final = 2
POSSIBLE: Final = 1
STORED: Final = 0
TIER_RULES: Final = frozenset(
    {
        "cap_without_context",
        "low_quality_factor",
        "possible_min_s",
        "probable_min_s",
        "possible_confidence",
        "probable_confidence",
    }
)
_CONTEXT: Final = ("rest_before", "consequence")
_WEIGHT: Final = "weight_"


def confidence(terms: Mapping[str, float], criteria: CrampCriteria) -> float:
    """Return the weighted mean of the terms that are available.

    Parameters
    ----------
    terms : mapping of str to float
        Terms between 0 and 1 by name: ``duration``, ``amplitude``, ``stationarity``,
        ``cleanliness``, ``profile``, ``muscle``, ``twitches``, ``rest_before``, ``consequence``.
        What is not known is left out.
    criteria : CrampCriteria
        The weights, and the cap where neither context term is known.

    Returns
    -------
    float
        Between 0 and 1.

    Raises
    ------
    ValueError
        If a term has no weight.

    Examples
    --------
    >>> from detectors.proposed.cramp import CRAMP
    >>> confidence({"duration": 1.0, "amplitude": 1.0}, CRAMP)
    0.8
    >>> confidence({"duration": 1.0, "amplitude": 1.0, "rest_before": 1.0}, CRAMP)
    1.0
    """
    weights = {}
    for name in terms:
        weight = getattr(criteria, _WEIGHT + name, None)
        if weight is None:
            msg = f"term {name!r} has no weight, expected a name for which {_WEIGHT}NAME exists"
            raise ValueError(msg)
        weights[name] = weight
    total = math.fsum(weights.values())
    if total == 0:
        return 0.0
    mean = math.fsum(weights[name] * share(value) for name, value in terms.items()) / total
    known_context = any(name in terms for name in _CONTEXT)
    return min(mean, 1.0 if known_context else criteria.cap_without_context)


def tier(sure: float, duration_s: float, criteria: CrampCriteria) -> int:
    """Return how a contraction is shown.

    Parameters
    ----------
    sure : float
        Its confidence.
    duration_s : float
        Its duration, s.
    criteria : CrampCriteria
        The limits.

    Returns
    -------
    int
        2 probable, 1 possible, 0 stored but not shown.

    Examples
    --------
    >>> from detectors.proposed.cramp import CRAMP
    >>> tier(0.8, 60.0, CRAMP), tier(0.8, 12.0, CRAMP), tier(0.8, 10.0, CRAMP), tier(0.4, 60.0, CRAMP)
    (2, 1, 0, 0)
    """
    if duration_s <= criteria.possible_min_s:
        return STORED
    if sure >= criteria.probable_confidence and duration_s >= criteria.probable_min_s:
        return PROBABLE
    return POSSIBLE if sure >= criteria.possible_confidence else STORED


def tier_steps(sure: tuple[float, float], duration_s: float, criteria: CrampCriteria) -> tuple[Step, ...]:
    """Return the comparisons behind the tier; they decide how a contraction is shown, not whether it is one.

    Parameters
    ----------
    sure : (float, float)
        Its confidence before the quality of the signal was looked at, and what it was multiplied by.
    duration_s : float
        Duration of its longest bout, s.
    criteria : CrampCriteria
        The limits.

    Returns
    -------
    tuple of Step
        All for information: the cap that held the confidence back, if one did, the factor of a
        signal that cannot be trusted, if it was used, and the limits of duration and confidence.
    """
    mean, factor = sure
    told = mean * factor
    steps = []
    if mean == criteria.cap_without_context:
        steps.append(Step("cap_without_context", mean, criteria.cap_without_context, held=False))
    if factor < 1.0:
        steps.append(Step("low_quality_factor", factor, 1.0, held=False))
    possible_s, probable_s = criteria.possible_min_s, criteria.probable_min_s
    steps += [
        Step("possible_min_s", duration_s, possible_s, duration_s > possible_s),
        Step("probable_min_s", duration_s, probable_s, duration_s >= probable_s),
        Step("possible_confidence", told, criteria.possible_confidence, told >= criteria.possible_confidence),
        Step("probable_confidence", told, criteria.probable_confidence, told >= criteria.probable_confidence),
    ]
    return tuple(step._replace(role=StepRole.INFORMATION) for step in steps)


def share(value: float, at_zero: float = 0.0, at_one: float = 1.0) -> float:
    """Return where a value lies between two others, 0 to 1.

    Parameters
    ----------
    value : float
        The value.
    at_zero, at_one : float
        Where the result is 0 and 1; either may be the larger one.

    Returns
    -------
    float
        Cut off at 0 and 1.

    Examples
    --------
    >>> share(12.5, 5.0, 20.0), share(0.5, 0.45, 0.30)
    (0.5, 0.0)
    """
    return min(max((value - at_zero) / (at_one - at_zero), 0.0), 1.0)
