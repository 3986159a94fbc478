"""How far each index of a night hangs on its thresholds, for the page."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from dashboards.bench_values import Reach

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

ALWAYS: Final = ("lm_per_h", "clm_per_h", "plms_wasm_per_h", "plms_aasm_per_h")
INDICES: Final = (
    *ALWAYS,
    "plms_per_h",
    "plms_wasm_per_h_est",
    "plms_aasm_per_h_est",
    "plms_per_h_est",
)
_RANGE: Final = "robustness"


def reach(summary: Mapping[str, Any]) -> Sequence[Reach]:
    """Return how far each index of a night hangs on its thresholds.

    Parameters
    ----------
    summary : mapping
        As :func:`detectors.numbers.summary.summarise` returns it.

    Returns
    -------
    sequence of Reach
        One for each index that was varied; where nothing could be, one for each that would have been, and why not.

    Examples
    --------
    >>> reach({"robustness": {"lm_per_h": {"value": 9.0, "low": 7.0, "high": 12.0, "widest": "leg_movement.min_s"}}})
    (Reach(name='lm_per_h', value=9.0, low=7.0, high=12.0, widest='leg_movement.min_s', why=''),)
    """
    told = summary.get(_RANGE)
    if told is None:
        why = summary.get("reasons", {}).get(_RANGE, "")
        return tuple(Reach(name, summary.get(name), None, None, why=why) for name in ALWAYS)
    return tuple(_of(name, told[name]) for name in INDICES if name in told)


def _of(name: str, row: Mapping[str, Any]) -> Reach:
    # Nights that were scored earlier do not say which threshold moves an index most.
    return Reach(name, row["value"], row["low"], row["high"], row.get("widest", ""))
