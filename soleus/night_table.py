"""The numbers of a night as a table for a person."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rich.table import Table

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

# For programs: their rows would be longer than a screen.
_NOT_PRINTED = frozenset({"reasons", "imi_histogram"})
_TIERS = {1: "possible", 2: "probable"}
BY_ACCELERATION = (
    "Periodic leg movements were counted in acceleration (PLMI_acc): published limits are for EMG and do not apply."
)
VERTICAL = (
    "A leg was vertical for {hours:.1f} h without a step: its wearer sat, or the sensor was mounted with another axis "
    "along the shank, and then posture, times of getting up and the estimate of sleep are wrong."
)
# From here on that is no leg that hangs out of bed for a while, h.
_VERTICAL_H = 1.0
ESTIMATED = "Numbers with _est rest on an estimate of sleep from leg movement. It cannot tell stages of sleep."


def summary_table(summary: Mapping[str, Any]) -> Table:
    """Return the numbers of a night, one per row.

    Parameters
    ----------
    summary : mapping
        As in the JSON of ``soleus score``.

    Returns
    -------
    Table
        What is unknown has its reason in place of a value.
    """
    table = Table("number of the night", "value", box=None)
    for name, value in _rows(summary):
        table.add_row(name, value)
    return table


def summary_notes(summary: Mapping[str, Any]) -> list[str]:
    """Return what has to be said with the numbers of a night.

    Parameters
    ----------
    summary : mapping
        As in the JSON of ``soleus score``.

    Returns
    -------
    list of str
        Whole sentences.
    """
    notes = []
    if summary.get("movement_source") in {"acceleration", "mixed"}:
        notes.append(BY_ACCELERATION)
    if summary.get("sleep_basis") == "estimate":
        notes.append(ESTIMATED)
    if (vertical_h := summary.get("leg_vertical_h") or 0.0) > _VERTICAL_H:
        notes.append(VERTICAL.format(hours=vertical_h))
    return notes


def _rows(summary: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    reasons = summary.get("reasons", {})
    for name, value in summary.items():
        if name in _NOT_PRINTED:
            continue
        if value is None:
            yield name, f"- ({reasons[name]})" if name in reasons else "-"
        elif name == "robustness":
            yield from ((f"{key} with other thresholds", one["text"]) for key, one in value.items() if _is_range(one))
        elif name == "cramps":
            yield from ((f"cramp-like contraction {i}", _contraction(one)) for i, one in enumerate(value, 1))
        elif name.startswith("by_hour"):
            yield f"plms_wasm_per_h {name}", _hours(value)
        elif isinstance(value, dict):
            yield from ((f"{name}.{key}", _shown(one)) for key, one in value.items())
        else:
            yield name, _shown(value)


def _is_range(value: object) -> bool:
    return isinstance(value, dict) and "text" in value


def _contraction(one: Mapping[str, Any]) -> str:
    told = f"{one['leg']}, {one['clock_utc']}, {one['duration_s']:.0f} s, {_TIERS.get(one['tier'], 'stored')}"
    since_min = one["since_sleep_onset_est_min"]
    return told if since_min is None else f"{told}, {since_min:.0f} min after sleep onset (estimate)"


def _hours(hours: Sequence[Mapping[str, Any]]) -> str:
    """Return the rates of all hours; a dash where there was less than half an hour of signal."""
    return "  ".join("-" if hour["plms_wasm_per_h"] is None else f"{hour['plms_wasm_per_h']:.0f}" for hour in hours)


def _shown(value: object) -> str:
    if value is None:
        return "-"
    return f"{value:.4g}" if isinstance(value, float) else str(value)
