"""The range of an index under other thresholds, and which of them moves it most."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence


def range_of(varied: Sequence[tuple[str, float]], limit_per_h: float) -> dict[str, Any]:
    """Return the range of an index.

    Parameters
    ----------
    varied : sequence of (str, float)
        Which threshold was changed, and the index with it, 1/h; first without a name the index as it is. Several rule
        sets follow each other, each with its own as it is.
    limit_per_h : float
        What they are compared with, 1/h.

    Returns
    -------
    dict
        ``value``, ``low``, ``high``, ``share_above`` the limit, a ``text``, and ``widest``, the threshold that moves
        the index most, empty where none does.

    Examples
    --------
    >>> told = range_of([("", 22.2), ("leg_movement.min_s", 19.0), ("", 27.4), ("wasm.imi_min_s", 14.0)], 15.0)
    >>> told["text"], told["widest"]
    ('22/h (14-27), above 15 in 75 %', 'wasm.imi_min_s')
    """
    rates = [rate for _, rate in varied]
    above = sum(rate > limit_per_h for rate in rates) / len(rates)
    value, low, high = rates[0], min(rates), max(rates)
    text = f"{value:.0f}/h ({low:.0f}-{high:.0f}), above {limit_per_h:g} in {100 * above:.0f} %"
    return {"value": value, "low": low, "high": high, "share_above": above, "text": text, "widest": _widest(varied)}


def _widest(varied: Sequence[tuple[str, float]]) -> str:
    """Return the threshold that moves an index furthest from what it is as it is."""
    as_it_is, moved = 0.0, {"": 0.0}
    for name, rate in varied:
        as_it_is = as_it_is if name else rate
        moved[name] = max(moved.get(name, 0.0), abs(rate - as_it_is))
    return max(moved, key=lambda name: moved[name])
