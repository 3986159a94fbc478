"""Measures and decisions in words: units, names, and the comparison that led to an event as a sentence."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

from detectors.events import StepRole
from detectors.explain import is_least

if TYPE_CHECKING:
    from detectors.events import Event, Step

_UNITS = (
    ("_uv_s", "µV·s"),
    ("_per_quiet_min", "/min"),
    ("_per_h_est", "/h"),
    ("_percent_est", "%"),
    ("_percent", "%"),
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
_YES_NO = frozenset(
    {
        "clm",
        "plm_wasm",
        "plm_aasm",
        "moved",
        "bilateral",
        "uncertain",
        "major",
        "in_train",
        "in_cramp",
        "with_activation",
        "common_mode",
        "low",
        "followed",
        "with_cramp",
        "transient",
        "alternating",
        "alma",
        "hft",
        "hflm",
        "both_legs",
        "prolonged",
        "continued",
        "long",
    }
)
# In the order in which they are shown.
_LABELS = {
    "duration_s": "duration",
    "peak_uv": "highest signal intensity",
    "peak_g": "strongest movement",
    "p95_uv": "signal intensity, 95th percentile",
    "mean_uv": "mean signal intensity",
    "area_uv_s": "signal intensity over time",
    "resting_uv": "resting level",
    "resting_g": "resting level",
    "ratio": "times the resting level",
    "confidence": "confidence, 0 to 1",
    "n": "movements",
    "n_missing": "samples missing",
    "clm": "candidate for a series",
    "plm_wasm": "periodic by WASM 2016",
    "plm_aasm": "periodic by AASM",
    "bilateral": "with the other leg",
    "imi_s": "time since the movement before",
    "lf_hf": "low-frequency share (cable or motion)",
    "line_ratio": "mains share",
    "duty": "share of the time that was active",
    "modulation": "unsteadiness",
    "rhythm_share": "share of the time with a rhythm",
    "rhythm_prominence": "strength of the rhythm",
    "profile": "slow decay after a fast rise, as a ratio",
    "orientation_change_deg": "change of orientation",
    "shift_deg": "change of orientation",
    "moved": "seen by acceleration as well",
    "moved_peak_g": "strongest movement seen with it",
    "with_activation": "followed by a larger movement",
    "in_train": "part of a rhythmic train",
    "in_cramp": "part of a cramp-like contraction",
    "common_mode": "the same on both legs at the same time",
    "muscle_ratio": "calf against shin, as a ratio",
    "after_twitches": "twitch-like events in the minute after it",
    "followed": "followed by movement or getting up",
    "low": "weak and slow",
    "peak_to_peak_uv": "height from peak to peak",
    "n_potentials": "potentials",
    "width_s": "width",
    "transient": "too slow a signal to tell its shape",
    "rate_hz": "rate",
    "n_bursts": "bursts",
    "alternating": "the legs take turns",
    "both_legs": "both legs",
    "prolonged": "longer than 45 s",
    "emg_active_s": "muscle active for",
    "steps": "steps seen",
    "cadence_hz": "pace of the steps",
    "long": "five minutes or more",
    "uncertain_share": "uncertain share",
    "major": "major",
    "uncertain": "uncertain, as signal is missing inside",
    "band_low_hz": "lower edge of the band",
    "band_high_hz": "upper edge of the band",
}
_SAID_ELSEWHERE = frozenset({"tier", "confirmed"})
_RISE = "Rose to {value}; needed {threshold} to begin"
_FALL = "Fell to {value}; ends at {threshold} or less"
# {value} and {threshold} carry their units; a rule that is not here is named and compared.
_SENTENCES = {
    "onset_uv": _RISE,
    "offset_uv": _FALL,
    "onset_g": _RISE,
    "offset_g": _FALL,
    "min_s": "Lasted {value}; at least {threshold} needed",
    "max_s": "Lasted {value}; from {threshold} on it is no longer called cramp-like",
    "morphology": "Its steady part reached {value} µV; needed more than {threshold} µV",
    "min_crossings": "Crossed the level {value} times; {threshold} needed unless the peak is high",
    "min_peak_g": "Peaked at {value}; {threshold} needed unless the level is crossed repeatedly",
    "possible_min_s": "Its longest part lasted {value}; shown when longer than {threshold}",
    "probable_min_s": "Its longest part lasted {value}; called probable from {threshold} on",
    "possible_confidence": "Confidence {value}; called possible from {threshold} on",
    "probable_confidence": "Confidence {value}; called probable from {threshold} on",
    "cap_without_context": "Confidence held at {threshold}, as nothing around it is known",
    "low_quality_factor": "Confidence multiplied by {value}, as the signal is in doubt",
    "clm_max_s": "Lasted {value}; counts towards a series up to {threshold}",
    "bilateral_clm_max_s": "Both legs together moved for {value}; counts towards a series up to {threshold}",
    "imi_min_s": "Interval {value}; a series has {threshold} or more",
    "imi_max_s": "Interval {value}; a series has {threshold} or less",
    "min_series": "{value} movements; a series has {threshold} or more",
    "min_signs": "{value} signs; {threshold} needed",
    "min_terms": "{value} signs; {threshold} needed",
    "rhythm_share": "Rhythmic for a share of {value}; a strong rhythm for more than {threshold} would rule it out",
}
# What was so or not, in words for either.
_FACTS = {
    "both_legs": ("The other leg moved as well", "The other leg did not move"),
    "in_series": ("Part of a series", "Not part of a series"),
}
_AT_LEAST, _AT_MOST = "min_", "max_"
_ONE_OF_SEVERAL = " (one of several that would do)"


class Reason(NamedTuple):
    """One step of an explanation: the sentence, whether the comparison held, and whether it decides anything."""

    text: str
    held: bool
    decides: bool = True


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
    decimals = decimals_of(value)
    text = f"{value:.{decimals}f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def decimals_of(value: float) -> int:
    """Return how many digits after the point leave about three in all; `value` is finite and not 0."""
    if abs(value) >= 10:  # noqa: PLR2004 - two digits before the point leave one after it
        return 0 if abs(value) >= 100 else 1  # noqa: PLR2004 - the same, three digits
    return min(max(1 - math.floor(math.log10(abs(value))), 0), 4)


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
    >>> reason_of(Step("gap_s", 0.7, 0.85, False)).text
    'Gap was 0.7 s; at least 0.85 s needed'
    """
    value, threshold = quantity_text(step.rule, step.value), quantity_text(step.rule, step.threshold)
    decides = step.role is not StepRole.INFORMATION
    several = _ONE_OF_SEVERAL if step.role is StepRole.ALTERNATIVE else ""
    if step.rule in _FACTS:
        return Reason(f"{_FACTS[step.rule][not step.value]}{several}", step.held, decides)
    if step.rule in _SENTENCES:
        return Reason(_SENTENCES[step.rule].format(value=value, threshold=threshold) + several, step.held, decides)
    asked = f"at least {threshold} needed" if is_least(step) else f"at most {threshold} allowed"
    name = label_of(step.rule.removeprefix(_AT_LEAST).removeprefix(_AT_MOST))
    return Reason(f"{name[:1].upper()}{name[1:]} was {value}; {asked}{several}", step.held, decides)


def measures_of(event: Event) -> tuple[Measure, ...]:
    """Return the measures of an event, ready to print: what matters first, confidence terms last."""
    order = {key: place for place, key in enumerate(_LABELS)}
    keys = sorted(event.measures, key=lambda key: (key.startswith("term_"), order.get(key, len(order)), key))
    shown = (key for key in keys if key not in _SAID_ELSEWHERE)
    return tuple(Measure(key, label_of(key), _measure_text(key, event.measures[key])) for key in shown)


def _measure_text(key: str, value: float) -> str:
    if key in _YES_NO:
        return "yes" if value else "no"
    return quantity_text(key, value)
