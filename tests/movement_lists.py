"""Leg movements in one line each, in seconds."""

from __future__ import annotations

from typing import TYPE_CHECKING

from detectors.annotations import Annotations, Span
from detectors.events import Stage, StageSpan
from detectors.rules.combined import LegMovement
from detectors.rules.scored_movements import apply_rules
from detectors.signal import NS_PER_S, Leg

if TYPE_CHECKING:
    from collections.abc import Sequence

    from detectors.rules.scored_movements import ScoredMovements
    from detectors.rules.series_criteria import SeriesCriteria


def ns(seconds: float) -> int:
    return round(seconds * NS_PER_S)


def left(onset_s: float, duration_s: float = 2.0) -> LegMovement:
    return LegMovement(ns(onset_s), ns(onset_s) + ns(duration_s), Leg.LEFT, "left")


def right(onset_s: float, duration_s: float = 2.0) -> LegMovement:
    return LegMovement(ns(onset_s), ns(onset_s) + ns(duration_s), Leg.RIGHT, "right")


def every(interval_s: float, n: int, start_s: float = 0.0) -> list[LegMovement]:
    return [left(start_s + k * interval_s) for k in range(n)]


def span(onset_s: float, end_s: float) -> Span:
    return Span(ns(onset_s), ns(end_s))


def stage(onset_s: float, end_s: float, name: Stage) -> StageSpan:
    return StageSpan(ns(onset_s), ns(end_s), name)


def scored(
    criteria: SeriesCriteria,
    movements: Sequence[LegMovement],
    *,
    stages: Sequence[StageSpan] = (),
    respiratory: Sequence[Span] = (),
    arousals: Sequence[Span] = (),
) -> ScoredMovements:
    annotations = Annotations(tuple(stages), tuple(respiratory), tuple(arousals))
    return apply_rules(movements, criteria, annotations=annotations)


def plm_onsets_s(score: ScoredMovements) -> list[float]:
    return [movement.onset_ns / NS_PER_S for movement in score.movements if movement.plm]


def clm_onsets_s(score: ScoredMovements) -> list[float]:
    return [movement.onset_ns / NS_PER_S for movement in score.movements if movement.clm]
