"""The numbers of a scored list of leg movements, each null with a reason where it cannot be known."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from detectors.annotations import Span, stage_at, with_arousal
from detectors.rules import indices
from detectors.rules.scored_movements import apply_rules

if TYPE_CHECKING:
    from collections.abc import Mapping

    from detectors.rules.combined import CombinedMovement
    from detectors.rules.indices import Histogram
    from detectors.rules.scored_movements import ScoredMovements

NO_STAGES = "no sleep stages in the list"
NO_SLEEP_OR_WAKE = "no time in that state"
NO_BREATHING = "no respiratory events in the list"
NO_AROUSALS = "no arousals in the list"
TOO_FEW = "too few movements"


def summarise_movements(scored: ScoredMovements) -> Mapping[str, object]:
    """Return the numbers of a list of movements under one rule set.

    Parameters
    ----------
    scored : ScoredMovements
        Combined movements and series, with the stages, breathing and arousals that were known.

    Returns
    -------
    mapping
        How many movements were ``listed``, counts of combined ones (``lm``, ``clm``, ``plm``,
        ``respiratory``), rates per hour of scored time or of the state in their name
        (``plms_wasm_per_h``: per hour of sleep), periodicity, and the distribution of intervals.
        ``reasons`` says for each null why it is one.
    """
    movements = scored.movements
    summary = {
        "listed": scored.n_listed,
        "lm": len(movements),
        "clm": sum(m.clm for m in movements),
        "plm": sum(m.plm for m in movements),
        "respiratory": sum(m.respiratory for m in movements),
        "series": len(scored.series),
        "mean_series_length": indices.mean_series_length(scored.series),
        "bilateral_percent": indices.bilateral_percent(movements),
        "periodicity_index": indices.periodicity_index(movements),
        **_rates(scored),
        **_intervals(movements),
        "plms_by_hour": indices.plms_by_hour(movements, scored.annotations.stages),
    }
    reasons = {key: _reason(key, scored) for key, value in summary.items() if value is None}
    return {**summary, "reasons": reasons}


def short_name(scored: ScoredMovements) -> str:
    """Return the rule set's name as it stands inside the names of numbers: ``wasm``, ``aasm``."""
    return scored.criteria.name.partition("-")[0]


def associated_with_arousal(movement: CombinedMovement, scored: ScoredMovements) -> bool:
    """Return whether one of a movement's parts is associated with an arousal."""
    spans = (Span(part.onset_ns, part.end_ns) for part in movement.parts)
    return any(with_arousal(span, scored.annotations.arousals, scored.criteria) for span in spans)


def without_respiratory(scored: ScoredMovements) -> ScoredMovements:
    """Return the same list with series built after the respiratory movements were taken out."""
    criteria = replace(scored.criteria, respiratory_excluded=True)
    return apply_rules(scored.parts, criteria, annotations=scored.annotations, losses=scored.losses)


def _rates(scored: ScoredMovements) -> dict[str, object]:
    stages, movements, name = scored.annotations.stages, scored.movements, short_name(scored)
    sleep_h, wake_h = indices.hours_of(stages, awake=False), indices.hours_of(stages, awake=True)
    timed = [m for m in movements if stage_at(m.onset_ns, stages) is not None]
    plms = _asleep([m for m in movements if m.plm], scored)
    plmw = [m for m in movements if m.plm and indices.awake(m.onset_ns, stages)]
    rates: dict[str, object] = {
        "sleep_h": sleep_h if stages else None,
        "wake_h": wake_h if stages else None,
        "lm_per_h": indices.per_hour(len(timed), sleep_h + wake_h),
        "clm_per_h": indices.per_hour(sum(m.clm for m in timed), sleep_h + wake_h),
        f"plms_{name}_per_h": indices.per_hour(len(plms), sleep_h),
        f"plmw_{name}_per_h": indices.per_hour(len(plmw), wake_h),
        f"plms_{name}_nonrespiratory_per_h": None,
        f"plms_{name}_arousal_per_h": None,
        "silms_per_h": indices.per_hour(len(_asleep(indices.short_interval(movements), scored)), sleep_h),
        "isolms_per_h": indices.per_hour(len(_asleep(indices.isolated(movements), scored)), sleep_h),
    }
    if scored.annotations.respiratory:
        others = _asleep([m for m in without_respiratory(scored).movements if m.plm], scored)
        rates[f"plms_{name}_nonrespiratory_per_h"] = indices.per_hour(len(others), sleep_h)
    if scored.annotations.arousals:
        aroused = sum(associated_with_arousal(m, scored) for m in plms)
        rates[f"plms_{name}_arousal_per_h"] = indices.per_hour(aroused, sleep_h)
    return rates


def _asleep(movements: list[CombinedMovement], scored: ScoredMovements) -> list[CombinedMovement]:
    return [m for m in movements if indices.asleep(m.onset_ns, scored.annotations.stages)]


def _intervals(movements: tuple[CombinedMovement, ...]) -> dict[str, object]:
    mean, sd = indices.log_imi_spread(movements)
    return {
        "log_imi_mean": mean,
        "log_imi_sd": sd,
        "imi_mode_s": indices.imi_mode_s(movements),
        "imi_histogram": _drawn(indices.imi_histogram(movements), "edges_s"),
        "imi_log_histogram": _drawn(indices.imi_log_histogram(movements), "edges_ln_s"),
    }


def _drawn(histogram: Histogram, edges: str) -> dict[str, object]:
    return {edges: histogram.edges, "counts": histogram.counts}


def _reason(key: str, scored: ScoredMovements) -> str:
    if not key.endswith("_h"):
        return TOO_FEW
    if not scored.annotations.stages:
        return NO_STAGES
    if "nonrespiratory" in key and not scored.annotations.respiratory:
        return NO_BREATHING
    if "arousal" in key and not scored.annotations.arousals:
        return NO_AROUSALS
    return NO_SLEEP_OR_WAKE
