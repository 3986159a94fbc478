"""Measures and decisions in words: units, names, and the comparison that led to an event as a sentence."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from detectors.events import Event, Step

_UNITS = (
    ("_per_min", "/min"),
    ("_per_h", "/h"),
    ("_uv", "µV"),
    ("_deg", "°"),
    ("_dps", "°/s"),
    ("_hz", "Hz"),
    ("_min", "min"),
    ("_ms", "ms"),
    ("_s", "s"),
    ("_h", "h"),
    ("_g", "g"),
)
MG_PER_G = 1000.0
_YES_NO = frozenset({"clm", "plm_wasm", "plm_aasm", "moved", "bilateral", "uncertain"})
_LABELS = {
    "clm": "candidate for a series",
    "plm_wasm": "periodic by WASM 2016",
    "plm_aasm": "periodic by AASM",
    "confidence": "confidence, 0 to 1",
    "tier": "tier",
    "n_bouts": "bouts",
    "n_movements": "movements",
    "n_missing": "samples missing",
    "peak_uv": "highest signal intensity",
    "mean_uv": "mean signal intensity",
    "resting_uv": "resting level",
    "imi_s": "time since the movement before",
    "lf_hf_ratio": "low-frequency share (cable or motion)",
    "line_ratio": "mains share",
    "quiet_s": "quiet at the end",
    "shift_deg": "change of orientation",
    "moved": "seen by acceleration as well",
}
# {value} and {threshold} carry their units.
_SENTENCES = {
    "onset_uv": "Rose to {value}; needed {threshold} to begin",
    "offset_uv": "Fell to {value}; ends at {threshold} or less",
    "onset_g": "Rose to {value}; needed {threshold} to begin",
    "offset_g": "Fell to {value}; ends at {threshold} or less",
}


class Reason(NamedTuple):
    """One step of an explanation: the sentence, and whether the comparison held."""

    text: str
    held: bool


class Measure(NamedTuple):
    """One number of an event, ready to print."""

    key: str
    label: str
    text: str


def number_text(value: float) -> str:
    """Return a number with about three digits, never as an exponent.

    Examples
    --------
    >>> [number_text(v) for v in (212.4, 22.44, 0.863, 0.046, 3.0, float("nan"))]
    ['212', '22.4', '0.86', '0.046', '3', 'not measured']
    """
    if not math.isfinite(value):
        return "not measured"
    if value == 0:
        return "0"
    decimals = min(max(1 - math.floor(math.log10(abs(value))), 0), 4)
    if abs(value) >= 10:  # noqa: PLR2004 - two digits before the point leave one after it
        decimals = 0 if abs(value) >= 100 else 1  # noqa: PLR2004 - the same, three digits
    text = f"{value:.{decimals}f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def unit_of(key: str) -> str:
    """Return the unit that a key ends in, or nothing.

    Examples
    --------
    >>> unit_of("peak_uv"), unit_of("plms_wasm_per_h"), unit_of("confidence")
    ('µV', '/h', '')
    """
    return next((unit for suffix, unit in _UNITS if key.endswith(suffix)), "")


def quantity_text(key: str, value: float) -> str:
    """Return a value with the unit of its key.

    Examples
    --------
    >>> quantity_text("peak_uv", 41.23), quantity_text("peak_g", 0.0462), quantity_text("shift_deg", 12)
    ('41.2 µV', '46.2 mg', '12°')
    """
    unit = unit_of(key)
    if unit == "g" and abs(value) < 1:
        return f"{number_text(value * MG_PER_G)} mg"
    space = "" if unit in {"", "°"} else " "
    return f"{number_text(value)}{space}{unit}"


def label_of(key: str) -> str:
    """Return what to call a measure or a rule.

    Examples
    --------
    >>> label_of("peak_uv"), label_of("term_rest_before"), label_of("gap_s")
    ('highest signal intensity', 'confidence term: rest before', 'gap')
    """
    if key in _LABELS:
        return _LABELS[key]
    if key.startswith("term_"):
        return f"confidence term: {key.removeprefix('term_').replace('_', ' ')}"
    stem = next((key.removesuffix(suffix) for suffix, _ in _UNITS if key.endswith(suffix)), key)
    return stem.removeprefix("n_").replace("_", " ")


def reason_of(step: Step) -> Reason:
    """Return one comparison in words.

    Parameters
    ----------
    step : Step
        The comparison.

    Returns
    -------
    Reason
        Which side of the threshold was asked for follows from the value and whether the rule held.

    Examples
    --------
    >>> from detectors.events import Step
    >>> reason_of(Step("onset_uv", 41.2, 9.6, True)).text
    'Rose to 41.2 µV; needed 9.6 µV to begin'
    >>> reason_of(Step("duty", 0.7, 0.85, False)).text
    'Duty was 0.7; at least 0.85 needed'
    """
    value, threshold = quantity_text(step.rule, step.value), quantity_text(step.rule, step.threshold)
    if step.rule in _SENTENCES:
        return Reason(_SENTENCES[step.rule].format(value=value, threshold=threshold), step.held)
    asked = (
        f"at least {threshold} needed"
        if (step.value >= step.threshold) == step.held
        else f"at most {threshold} allowed"
    )
    name = label_of(step.rule)
    return Reason(f"{name[:1].upper()}{name[1:]} was {value}; {asked}", step.held)


def measures_of(event: Event) -> tuple[Measure, ...]:
    """Return the measures of an event, ready to print, confidence terms last."""
    keys = sorted(event.measures, key=lambda key: (key.startswith("term_"), key != "duration_s", key))
    return tuple(Measure(key, label_of(key), _measure_text(key, event.measures[key])) for key in keys)


def _measure_text(key: str, value: float) -> str:
    if key in _YES_NO:
        return "yes" if value else "no"
    return quantity_text(key, value)
